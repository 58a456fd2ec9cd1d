import { bytesOf } from "../../tensor/dtype.js";
import { sameShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import type { Triangle } from "../reference/lu.js";
import { batchIndex } from "../reference/product.js";
import { solvers } from "../reference/solve.js";
import { block, blockBytes, byReference, decompose } from "./decompose.js";
import { at, transposed, type WasmKernel } from "./kernel.js";
import { native, scratch } from "./native.js";

const inverse = native("inverse");
const solveWith = native("solveKept");
const substitute = native("solveTriangular");

const inv: WasmKernel = (inputs, outputs) => {
  const [X] = inputs as [Tensor];
  const [Y] = outputs as [Tensor];
  const { batch, n } = matrices(X.shape);
  const kept = block(n);
  const step = bytesOf(X.dtype, n * n);
  for (let b = 0, x = at(X), y = at(Y); b < batch; b++, x += step, y += step) {
    if (inverse[X.dtype](n, x, y, kept)) return byReference(solvers.inv, inputs, outputs);
  }
};

/** Which matrix of each input belongs to each of the result; null where they come in order. */
function pairing(inputs: readonly Tensor[], shape: readonly number[]): Int32Array[] | null {
  const lead = shape.slice(0, -2);
  if (inputs.every((x) => sameShape(x.shape.slice(0, -2), lead))) return null;
  return inputs.map((x) => batchIndex(x.shape, lead));
}

const solve: WasmKernel = (inputs, outputs) => {
  const [A, B] = inputs as [Tensor, Tensor];
  const [Y] = outputs as [Tensor];
  const { batch, n } = matrices(A.shape);
  const { batch: count, n: k } = matrices(Y.shape);
  const { dtype } = A;
  const transA = +transposed(A);
  const transB = +transposed(B);
  const kept = block(n, 8 * n * (k + 3));
  const room = kept + blockBytes(n);
  const stepA = bytesOf(dtype, n * n);
  const stepB = bytesOf(dtype, n * k);
  const pairs = A.shape.length === 2 && B.shape.length === 2 ? null : pairing(inputs, Y.shape);
  for (let a = 0; a < batch; a++) {
    if (decompose[dtype](n, at(A) + a * stepA, kept)) {
      return byReference(solvers.solve, inputs, outputs);
    }
    if (pairs === null) {
      solveWith[dtype](transA, transB, n, k, at(B) + a * stepB, at(Y) + a * stepB, kept, room);
      continue;
    }
    const [ofA, ofB] = pairs as [Int32Array, Int32Array];
    for (let y = 0; y < count; y++) {
      if (ofA[y] !== a) continue;
      const b = at(B) + (ofB[y] as number) * stepB;
      solveWith[dtype](transA, transB, n, k, b, at(Y) + y * stepB, kept, room);
    }
  }
};

const solveTriangular: WasmKernel = (inputs, outputs, attrs: Triangle) => {
  const [L, B] = inputs as [Tensor, Tensor];
  const [y] = outputs as [Tensor];
  const { dtype } = L;
  const transL = +transposed(L);
  const transB = +transposed(B);
  const lower = +attrs.lower;
  const unit = +attrs.unitDiagonal;
  const { batch: count, m: n, n: k } = matrices(y.shape);
  const work = scratch(8 * n * (k + 3));
  const stepL = bytesOf(dtype, n * n);
  const stepB = bytesOf(dtype, n * k);
  const pairs = L.shape.length === 2 && B.shape.length === 2 ? null : pairing(inputs, y.shape);
  for (let i = 0; i < count; i++) {
    const l = at(L) + stepL * (pairs?.[0]?.[i] ?? i);
    const b = at(B) + stepB * (pairs?.[1]?.[i] ?? i);
    const to = at(y) + i * stepB;
    if (substitute[dtype](lower, unit, transL, transB, n, k, l, b, to, work)) {
      return byReference(solvers.solveTriangular, inputs, outputs, attrs);
    }
  }
};

/** The solvers, by the name of their op. */
export const solving: Readonly<Record<string, WasmKernel>> = { inv, solve, solveTriangular };
