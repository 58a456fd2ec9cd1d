import type { Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ReferenceKernel } from "../reference/kernel.js";
import { heapDevice, view } from "./device.js";
import { allocate, heap, release } from "./heap.js";
import { transposed } from "./kernel.js";
import { native, scratch } from "./native.js";

/**
 * Decomposes a matrix into a {@link block}: `(n, X, block)`. Not 0 if the result is in doubt, because
 * a pivot is (almost) all rounding or because there are NaN. Such an op is left to the reference
 * kernel, which either finds a result or throws the error.
 */
export const decompose = native("decompose");

/** Where the determinant is in a block: mantissa and exponent, in float64. */
export const DETERMINANT = 16;

/** Matrices up to this order stay in their block for the next op; larger ones take too much room. */
const STAYS = 512;

let kept = 0;
let keptBytes = 0;

/** The bytes of a matrix of order `n` with its decomposition and its inverse. */
export const blockBytes = (n: number): number => 8 * n * (3 * n + 70) + 256;

/** A block for a matrix of order `n`, with so many bytes of room behind it. */
export function block(n: number, room = 0): number {
  const bytes = blockBytes(n) + room;
  if (n > STAYS) return forget(scratch(bytes));
  if (bytes > keptBytes) {
    if (kept !== 0) release(kept, keptBytes);
    kept = keptBytes = 0;
    kept = forget(allocate(bytes));
    keptBytes = bytes;
  }
  return kept;
}

/** Marks a block as empty: its matrix has order −1. */
function forget(block: number): number {
  heap.int32()[block / 4] = -1;
  return block;
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
