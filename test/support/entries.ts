import { expect } from "vitest";
import { type DType, stack, type Tensor, tensor } from "../../src/index.js";
import { close, list } from "./values.js";

/** What lies along the first axis, one by one. */
export function entries(xs: Tensor): Tensor[] {
  return Array.from({ length: xs.shape[0] as number }, (_, i) =>
    xs.slice([i], [1]).reshape(xs.shape.slice(1)),
  );
}

/** What `vmap` must equal: `f` on one entry of the first axis after the other. */
export function looped(f: (x: Tensor) => Tensor): (xs: Tensor) => Tensor {
  return (xs) => stack(entries(xs).map(f));
}

/** Of one shape and dtype, with the same elements to so many decimal places. */
export function same(got: Tensor, want: Tensor, digits = 12): void {
  expect(got.shape).toEqual(want.shape);
  expect(got.dtype).toBe(want.dtype);
  close(got, list(want), digits);
}

/** A matrix of so many columns. */
export function rows(columns: number, values: number[], dtype: DType = "float64"): Tensor {
  return tensor(values, { dtype, shape: [values.length / columns, columns] });
}
