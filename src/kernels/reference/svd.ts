import type { TypedArray } from "../../tensor/dtype.js";
import { exponentOf, isReversed, notConverged, rotate, rotation, SWEEPS } from "./eigen.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import { nameOf, timesPowerOf2 } from "./lu.js";

/** Beside a largest element of about 1, what is shorter counts as 0: squares are to be held. */
const NOTHING = 2 ** -400;

/** `X = Uᵀ·Diag(s)·V`, with the k singular vectors as rows. */
export interface SVD {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly U: Float64Array;
  readonly s: Float64Array;
  readonly V: Float64Array;
}

/** The rows of `Y` `[k, m]` are made orthogonal by rotations, which `Z` `[k, n]` goes through too. */
function orthogonalize(
  Y: Float64Array,
  m: number,
  Z: Float64Array,
  n: number,
  k: number,
  who: string,
): void {
  const bound = Number.EPSILON * Math.sqrt(m);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < k; p++) {
      for (let q = p + 1; q < k; q++) {
        let [a, x, b] = [0, 0, 0];
        for (let i = 0; i < m; i++) {
          const [y, z] = [Y[p * m + i] as number, Y[q * m + i] as number];
          a += y * y;
          x += y * z;
          b += z * z;
        }
        if (Math.abs(x) <= bound * Math.sqrt(a) * Math.sqrt(b)) continue;
        if (Math.min(a, b) < NOTHING ** 2) continue;
        rotated = true;
        const angle = rotation(a, x, b);
        rotate(Y, p * m, q * m, m, 1, angle);
        rotate(Z, p * n, q * n, n, 1, angle);
      }
    }
    if (!rotated) return;
  }
  throw notConverged(who);
}

function lengthOf(y: Float64Array): number {
  let total = 0;
  for (const x of y) total += x * x;
  return Math.sqrt(total);
}

function negate(x: Float64Array, at: number, n: number): void {
  for (let i = at; i < at + n; i++) x[i] = -(x[i] as number);
}

/** Makes row `row` of `U` a unit vector that is orthogonal to the first `row` ones. */
function complete(U: Float64Array, row: number, m: number): void {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < m; j++) {
    let covered = 0;
    for (let i = 0; i < row; i++) covered += (U[i * m + j] as number) ** 2;
    if (covered < least) [best, least] = [j, covered];
  }
  const u = U.subarray(row * m, (row + 1) * m).fill(0);
  u[best] = 1;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < row; i++) {
      let x = 0;
      for (let j = 0; j < m; j++) x += (U[i * m + j] as number) * (u[j] as number);
      for (let j = 0; j < m; j++) u[j] = (u[j] as number) - x * (U[i * m + j] as number);
    }
    const length = lengthOf(u);
    for (let j = 0; j < m; j++) u[j] = (u[j] as number) / length;
  }
}

/**
 * One-sided Jacobi (Hestenes 1958; Demmel and Veselić 1992): rotations make the columns of a tall
 * matrix orthogonal; their lengths are then the singular values, small ones with as many digits as
 * large ones. A wide one is transposed. Of the matrix that starts at `at`; null where an element is
 * not finite.
 */
export function decomposeSingular(
  X: TypedArray,
  at: number,
  m: number,
  n: number,
  who: string,
): SVD | null {
  const twos = exponentOf(X, at, m * n);
  if (Number.isNaN(twos)) return null;
  const [long, k] = [Math.max(m, n), Math.min(m, n)];
  const Y = new Float64Array(k * long);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const x = timesPowerOf2(X[at + i * n + j] as number, -twos);
      Y[m < n ? i * long + j : j * long + i] = x;
    }
  }
  const Z = new Float64Array(k * k);
  for (let i = 0; i < k; i++) Z[i * (k + 1)] = 1;
  orthogonalize(Y, long, Z, k, k, who);
  const lengths = Float64Array.from({ length: k }, (_, i) =>
    lengthOf(Y.subarray(i * long, (i + 1) * long)),
  );
  const order = Array.from(lengths, (_, i) => i);
  order.sort((i, j) => (lengths[j] as number) - (lengths[i] as number));
  const [L, S] = [new Float64Array(k * long), new Float64Array(k * k)];
  order.forEach((from, to) => {
    const length = lengths[from] as number;
    if (length < NOTHING) {
      lengths[from] = 0;
      complete(L, to, long);
    } else
      for (let i = 0; i < long; i++) L[to * long + i] = (Y[from * long + i] as number) / length;
    S.set(Z.subarray(from * k, (from + 1) * k), to * k);
  });
  const [U, V] = m < n ? [S, L] : [L, S];
  for (let i = 0; i < k; i++) {
    const reversed = isReversed(U, i * m, m, 1);
    if (reversed) negate(U, i * m, m);
    // Vectors of the value 0 have nothing to do with each other.
    const none = lengths[order[i] as number] === 0;
    if (none ? isReversed(V, i * n, n, 1) : reversed) negate(V, i * n, n);
  }
  const s = Float64Array.from(order, (i) => timesPowerOf2(lengths[i] as number, twos));
  return { m, n, k, U, s, V };
}

const svd: ReferenceKernel = ([X], [U, S, Vt]) => {
  const { data: x, shape } = X as NDArray;
  const outputs = [U, S, Vt].map((output) => (output as NDArray).data);
  const [u, s, vt] = outputs as [TypedArray, TypedArray, TypedArray];
  const { batch, m, n } = matrices(shape);
  const k = Math.min(m, n);
  for (let b = 0; b < batch; b++) {
    const found = decomposeSingular(x, b * m * n, m, n, `svd: ${nameOf("X", shape, b)}`);
    if (found === null) {
      u.fill(Number.NaN, b * m * k, (b + 1) * m * k);
      s.fill(Number.NaN, b * k, (b + 1) * k);
      vt.fill(Number.NaN, b * k * n, (b + 1) * k * n);
      continue;
    }
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < k; j++) u[(b * m + i) * k + j] = found.U[j * m + i] as number;
    }
    s.set(found.s, b * k);
    vt.set(found.V, b * k * n);
  }
};

/** The singular value decomposition, by the name of its op. */
export const singular: Record<string, ReferenceKernel> = { svd };
