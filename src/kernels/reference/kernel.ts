import type { TypedArray } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";

/** An array as a kernel sees it: elements row by row. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: Shape;
}

/**
 * A reference kernel reads its inputs and writes its outputs, which come zeroed and of the right
 * shape. It calculates in double precision; the output's array rounds to its dtype.
 * Shapes have been checked before. Attributes are those of the op, of a type that each kernel
 * names for itself (`never` takes them all).
 */
export type ReferenceKernel = (inputs: NDArray[], outputs: NDArray[], attrs: never) => void;

/** How many matrices lie in a batch `[..., m, n]`, and how big each is. */
export function matrices(shape: Shape): { batch: number; m: number; n: number } {
  const m = shape[shape.length - 2] as number;
  const n = shape[shape.length - 1] as number;
  let batch = 1;
  for (let i = 0; i < shape.length - 2; i++) batch *= shape[i] as number;
  return { batch, m, n };
}
