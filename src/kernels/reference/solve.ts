import type { TypedArray } from "../../tensor/dtype.js";
import { DomainError, SingularError } from "../../tensor/errors.js";
import { adjugate } from "./adjugate.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import {
  decompose,
  type LU,
  nameOf,
  requireRegular,
  substitute,
  type Triangle,
  timesPowerOf2,
} from "./lu.js";
import { batchIndex } from "./product.js";

const unitLower: Triangle = { lower: true, unitDiagonal: true };
const upper: Triangle = { lower: false, unitDiagonal: false };

/** `X⁻¹·B` for the rows of `B` `[n, k]` that start at `at`. */
export function solveWith({ n, lu, rows }: LU, B: TypedArray, at: number, k: number): Float64Array {
  const Y = new Float64Array(n * k);
  rows.forEach((from, i) => {
    Y.set(B.subarray(at + from * k, at + (from + 1) * k), i * k);
  });
  substitute(lu, 0, n, unitLower, Y, k);
  substitute(lu, 0, n, upper, Y, k);
  return Y;
}

const inv: ReferenceKernel = ([X], [Y]) => {
  const { data, shape } = X as NDArray;
  const { batch, n } = matrices(shape);
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * (n + 1)] = 1;
  for (let b = 0, at = 0; b < batch; b++, at += n * n) {
    const lu = decompose(data, at, n);
    requireRegular(lu, data, at, `inv: ${nameOf("X", shape, b)}`);
    (Y as NDArray).data.set(solveWith(lu, identity, 0, n), at);
  }
};

const solve: ReferenceKernel = ([A, B], [Y]) => {
  const { data: a, shape: aShape } = A as NDArray;
  const { data: b, shape: bShape } = B as NDArray;
  const { data: y, shape } = Y as NDArray;
  const { batch, n } = matrices(aShape);
  const { n: k } = matrices(bShape);
  const decomposed = Array.from({ length: batch }, (_, i) => {
    const lu = decompose(a, i * n * n, n);
    requireRegular(lu, a, i * n * n, `solve: ${nameOf("A", aShape, i)}`);
    return lu;
  });
  const ofA = batchIndex(aShape, shape.slice(0, -2));
  const ofB = batchIndex(bShape, shape.slice(0, -2));
  ofA.forEach((i, at) => {
    y.set(solveWith(decomposed[i] as LU, b, (ofB[at] as number) * n * k, k), at * n * k);
  });
};

const solveTriangular: ReferenceKernel = ([L, B], [Y], attrs: Triangle) => {
  const { data: l, shape: lShape } = L as NDArray;
  const { data: b, shape: bShape } = B as NDArray;
  const { data: y, shape } = Y as NDArray;
  const { batch, n } = matrices(lShape);
  const { n: k } = matrices(bShape);
  for (let at = 0; at < batch && !attrs.unitDiagonal; at++) {
    for (let i = 0; i < n; i++) {
      if (l[at * n * n + i * (n + 1)] !== 0) continue;
      const who = nameOf("L", lShape, at);
      throw new SingularError(`solveTriangular: ${who} is singular (pivot ${i + 1} is 0)`);
    }
  }
  const ofL = batchIndex(lShape, shape.slice(0, -2));
  const ofB = batchIndex(bShape, shape.slice(0, -2));
  ofL.forEach((i, at) => {
    const from = (ofB[at] as number) * n * k;
    const part = Float64Array.from(b.subarray(from, from + n * k));
    substitute(l, i * n * n, n, attrs, part, k);
    y.set(part, at * n * k);
  });
};

/** The product of the pivots. Rescaled on the way, it overflows only where the result does. */
function determinant({ n, lu, sign }: LU): number {
  let product = sign;
  let twos = 0;
  for (let i = 0; i < n; i++) {
    product *= lu[i * (n + 1)] as number;
    const size = Math.abs(product);
    if (size > 2 ** 512) [product, twos] = [product * 2 ** -512, twos + 512];
    else if (size < 2 ** -512 && size > 0) [product, twos] = [product * 2 ** 512, twos - 512];
  }
  return timesPowerOf2(product, twos);
}

/** The sign of the determinant, and the logarithm of its size as a sum of logarithms. */
function signAndLog({ n, lu, sign }: LU): [sign: number, log: number] {
  let log = 0;
  let total = sign;
  for (let i = 0; i < n; i++) {
    total *= Math.sign(lu[i * (n + 1)] as number);
    log += Math.log(Math.abs(lu[i * (n + 1)] as number));
  }
  return [total, log];
}

const det: ReferenceKernel = ([X], [y]) => {
  const { data, shape } = X as NDArray;
  const { batch, n } = matrices(shape);
  const out = (y as NDArray).data;
  for (let b = 0; b < batch; b++) out[b] = determinant(decompose(data, b * n * n, n));
};

const slogdet: ReferenceKernel = ([X], [sign, logabsdet]) => {
  const { data, shape } = X as NDArray;
  const { batch, n } = matrices(shape);
  for (let b = 0; b < batch; b++) {
    const [s, log] = signAndLog(decompose(data, b * n * n, n));
    (sign as NDArray).data[b] = s;
    (logabsdet as NDArray).data[b] = log;
  }
};

const logdet: ReferenceKernel = ([X], [y]) => {
  const { data, shape } = X as NDArray;
  const { batch, n } = matrices(shape);
  for (let b = 0; b < batch; b++) {
    const lu = decompose(data, b * n * n, n);
    const who = nameOf("X", shape, b);
    const consequence = "; its determinant has no logarithm";
    requireRegular(lu, data, b * n * n, `logdet: ${who}`, consequence);
    const [sign, log] = signAndLog(lu);
    if (sign < 0) {
      throw new DomainError(
        `logdet: the determinant of ${who} is negative; logdet needs a positive one, ` +
          "slogdet gives its sign and the logarithm of its size",
      );
    }
    (y as NDArray).data[b] = log;
  }
};

/** The solvers and determinants, by the name of their op. */
export const solvers: Record<string, ReferenceKernel> = {
  inv,
  solve,
  solveTriangular,
  det,
  logdet,
  slogdet,
  adjugate,
};
