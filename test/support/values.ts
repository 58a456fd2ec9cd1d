import { expect } from "vitest";
import { grad, type Nested, random, sum, type Tensor, tensor } from "../../src/index.js";

export const f64 = (values: Nested): Tensor => tensor(values, { dtype: "float64" });

/** Repeatable normal numbers in float64. */
export const normal = (shape: number[], seed: number): Tensor =>
  random.normal(shape, { dtype: "float64", seed });

export const list = (x: Tensor): number[] => Array.from(x.data());

/** The elements of `x` are those wanted, to so many decimal places. */
export function close(x: Tensor, wanted: readonly number[], digits = 6): void {
  expect(x.size).toBe(wanted.length);
  list(x).forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i] as number, digits);
  });
}

/** The gradient of v·∇f: what a second derivative looks like in one direction. */
export function second(f: (x: Tensor) => Tensor, v: number[]): (x: Tensor) => Tensor {
  return (x) => grad((y: Tensor) => sum(grad(f)(y).mul(v)))(x);
}

/** The class and the whole message of what `f` throws. */
export function said(f: () => unknown): [unknown, string] {
  try {
    f();
  } catch (error) {
    return [(error as Error).constructor, (error as Error).message];
  }
  return [null, "nothing was thrown"];
}
