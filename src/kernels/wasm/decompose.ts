import type { Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ReferenceKernel } from "../reference/kernel.js";
import { heapDevice, view } from "./device.js";
import { transposed } from "./kernel.js";
import { native, scratch } from "./native.js";

/**
 * Decomposes a matrix into a {@link workspace}: `(n, X, work)`. Not 0 if the result is in doubt,
 * because a pivot is (almost) all rounding or because there are NaN. Such an op is left to the
 * reference kernel, which either finds a result or throws the error.
 */
export const decompose = native("decompose");

/** Room to decompose a matrix of order `n` and to solve for `k` right-hand sides. */
export function workspace(n: number, k: number): number {
  return scratch(8 * n * (n + k + 68) + 128);
}

/** Leaves an op to its reference kernel. */
export function byReference(
  kernel: ReferenceKernel | undefined,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attrs: unknown = undefined,
): void {
  const arrays = (list: readonly Tensor[]) =>
    list.map((x) => {
      const storage = x.source as Storage;
      return { shape: x.shape, data: transposed(x) ? heapDevice.read(storage) : view(storage) };
    });
  const results = arrays(outputs);
  for (const { data } of results) data.fill(0);
  (kernel as ReferenceKernel)(arrays(inputs), results, attrs as never);
}
