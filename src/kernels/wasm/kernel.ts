import type { Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * Calculates one op on the heap: reads the inputs at their addresses and writes every element of the
 * outputs at theirs. The inputs are plain values of one float dtype (those that only select keep
 * their own), as the op's shape rule allows.
 */
export type WasmKernel = (
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attrs: never,
) => void;

/**
 * The address of a tensor's elements on the heap; of a {@link transposed} one, that of the matrices
 * it is the transpose of.
 */
export function at(x: Tensor): number {
  return (x.source as Storage).at;
}

/**
 * Whether the elements lie on the heap with the last two axes exchanged: `t` moves nothing, and a
 * kernel that says it takes such inputs reads them as they lie. Others never see one.
 */
export function transposed(x: Tensor): boolean {
  return (x.source as Storage).base !== null;
}
