import { bytesOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { eigen as reference } from "../reference/eigen.js";
import { matrices } from "../reference/kernel.js";
import { byReference } from "./decompose.js";
import { at, type WasmKernel } from "./kernel.js";
import { native, scratch } from "./native.js";

const decomposed = native("eigh");

const eigh: WasmKernel = (inputs, outputs) => {
  const [A] = inputs as [Tensor];
  const [w, V] = outputs as [Tensor, Tensor];
  const { batch, n } = matrices(A.shape);
  const work = scratch(8 * (2 * n * (n + 16) + 38 * (n + 2)));
  const step = bytesOf(A.dtype, n * n);
  const stepW = bytesOf(A.dtype, n);
  for (let b = 0; b < batch; b++) {
    const to = at(V) + b * step;
    if (decomposed[A.dtype](n, at(A) + b * step, at(w) + b * stepW, to, work)) {
      return byReference(reference.eigh, inputs, outputs);
    }
  }
};

/** Eigenvalues and -vectors, by the name of their op. */
export const eigen: Readonly<Record<string, WasmKernel>> = { eigh };
