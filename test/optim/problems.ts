import { slice, type Tensor, tensor } from "../../src/index.js";

export const f64 = (values: readonly number[]): Tensor => tensor(new Float64Array(values));

/** Rosenbrock's function of n variables, lowest (0) where all are 1. */
export function rosenbrock(x: Tensor): Tensor {
  const a = slice(x, [0], [x.size - 1]);
  const b = slice(x, [1]);
  return b.sub(a.square()).square().mul(100).add(a.sub(1).square()).sum();
}

/** Where it is usually begun. */
export const valley = (n: number): Tensor =>
  f64(Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1)));

/** `f`, and where it was evaluated so far. */
export function watched(f: (x: Tensor) => Tensor): {
  readonly f: (x: Tensor) => Tensor;
  readonly seen: string[];
} {
  const seen: string[] = [];
  return {
    seen,
    f: (x) => {
      seen.push(String(x.data()));
      return f(x);
    },
  };
}
