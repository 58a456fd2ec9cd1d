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

/** The address of a tensor's elements on the heap. */
export function at(x: Tensor): number {
  return (x.source as Storage).at;
}
