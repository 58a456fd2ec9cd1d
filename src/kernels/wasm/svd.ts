import { bytesOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { singular as reference } from "../reference/svd.js";
import { byReference } from "./decompose.js";
import { at, type WasmKernel } from "./kernel.js";
import { native, scratch } from "./native.js";

const decomposed = native("svd");

/** Room to decompose an m × n matrix, and for so many numbers more. */
export function singularRoom(m: number, n: number, more = 0): number {
  const k = Math.min(m, n);
  return scratch(8 * (2 * k * (m + n + 32) + 38 * (k + 2) + more));
}

const svd: WasmKernel = (inputs, outputs) => {
  const [X] = inputs as [Tensor];
  const [U, s, Vt] = outputs as [Tensor, Tensor, Tensor];
  const { batch, m, n } = matrices(X.shape);
  const k = Math.min(m, n);
  const work = singularRoom(m, n);
  const size = bytesOf(X.dtype, 1);
  let [x, u, v] = [at(X), at(U), at(Vt)];
  for (let b = 0; b < batch; b++) {
    if (decomposed[X.dtype](m, n, x, u, at(s) + b * k * size, v, work)) {
      return byReference(reference.svd, inputs, outputs);
    }
    x += m * n * size;
    u += m * k * size;
    v += k * n * size;
  }
};

/** The singular value decomposition, by the name of its op. */
export const singular: Readonly<Record<string, WasmKernel>> = { svd };
