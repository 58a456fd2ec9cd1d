import { bytesOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { defaultRcond, leastSquares as reference } from "../reference/lstsq.js";
import { batchIndex } from "../reference/product.js";
import { byReference } from "./decompose.js";
import { at, type WasmKernel } from "./kernel.js";
import { native } from "./native.js";
import { singularRoom } from "./svd.js";

const inverse = native("pinv");
const prepare = native("lstsq");
const solveWith = native("lstsqWith");

const pinv: WasmKernel = (inputs, outputs, attrs: { rcond: number | null }) => {
  const [X] = inputs as [Tensor];
  const [Y] = outputs as [Tensor];
  const { batch, m, n } = matrices(X.shape);
  const rcond = attrs.rcond ?? defaultRcond(X.dtype, m, n);
  const work = singularRoom(m, n, m * n);
  const step = bytesOf(X.dtype, m * n);
  for (let b = 0, x = at(X), y = at(Y); b < batch; b++, x += step, y += step) {
    if (inverse[X.dtype](m, n, rcond, x, y, work)) {
      return byReference(reference.pinv, inputs, outputs, attrs);
    }
  }
};

const lstsq: WasmKernel = (inputs, outputs, attrs: { rcond: number | null }) => {
  const [A, B] = inputs as [Tensor, Tensor];
  const [Y] = outputs as [Tensor];
  const { dtype } = A;
  const { batch, m, n } = matrices(A.shape);
  const { batch: count, n: k } = matrices(Y.shape);
  const rcond = attrs.rcond ?? defaultRcond(dtype, m, n);
  const work = singularRoom(m, n, (m + n + Math.min(m, n)) * k);
  const stepA = bytesOf(dtype, m * n);
  const stepB = bytesOf(dtype, m * k);
  const stepY = bytesOf(dtype, n * k);
  const single = A.shape.length === 2 && B.shape.length === 2;
  const ofA = single ? null : batchIndex(A.shape, Y.shape.slice(0, -2));
  const ofB = single ? null : batchIndex(B.shape, Y.shape.slice(0, -2));
  for (let a = 0; a < batch; a++) {
    if (prepare[dtype](m, n, rcond, at(A) + a * stepA, work)) {
      return byReference(reference.lstsq, inputs, outputs, attrs);
    }
    for (let y = 0; y < count; y++) {
      if (ofA !== null && ofA[y] !== a) continue;
      const b = at(B) + (ofB === null ? 0 : (ofB[y] as number)) * stepB;
      solveWith[dtype](m, n, k, b, at(Y) + y * stepY);
    }
  }
};

/** The least squares solvers, by the name of their op. */
export const leastSquares: Readonly<Record<string, WasmKernel>> = { pinv, lstsq };
