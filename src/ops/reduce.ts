import type { Tensor, TensorLike } from "../tensor/tensor.js";
export function sum(X: TensorLike, options: { axis?: number | readonly number[]; keepDims?: boolean } = {}): Tensor {
  throw new Error("to be written");
}
