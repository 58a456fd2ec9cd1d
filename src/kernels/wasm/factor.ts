import { bytesOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { factor as reference } from "../reference/factor.js";
import { matrices } from "../reference/kernel.js";
import { byReference } from "./decompose.js";
import { at, type WasmKernel } from "./kernel.js";
import { native, scratch } from "./native.js";

const factored = native("cholesky");

const cholesky: WasmKernel = (inputs, outputs) => {
  const [A] = inputs as [Tensor];
  const [L] = outputs as [Tensor];
  const { batch, n } = matrices(A.shape);
  const work = scratch(8 * n * (n + 32));
  const step = bytesOf(A.dtype, n * n);
  for (let b = 0, a = at(A), l = at(L); b < batch; b++, a += step, l += step) {
    if (factored[A.dtype](n, a, l, work)) return byReference(reference.cholesky, inputs, outputs);
  }
};

/** The factorizations, by the name of their op. */
export const factoring: Readonly<Record<string, WasmKernel>> = { cholesky };
