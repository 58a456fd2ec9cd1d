import { add, mul } from "../ops/arithmetic.js";
import { matmul } from "../ops/product.js";
import { t } from "../ops/reshape.js";
import { eye } from "../tensor/create.js";
import { isFloat } from "../tensor/dtype.js";
import { TracegradError } from "../tensor/errors.js";
import { random } from "../tensor/random.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Problem, Variable } from "./problem.js";
import { numerically } from "./symbolic.js";

/** Lengths for named axes, all different, so that a formula with a wrong one does not run. */
const LENGTHS = [
  [3, 4, 2, 5, 6, 7],
  [6, 5, 4, 3, 2, 7],
];

/** Kinds of random values, tried until a function is defined there, and well-conditioned. */
const kinds = ["normal", "positive", "definite", "small"] as const;
type Kind = (typeof kinds)[number];

/** A change of the values by this must not change results by more than that. */
const CHANGE = 1e-11;
const STABLE = 1e-7;

/** Random values for the arguments, of float64; those that the caller gave stay. */
function values(problem: Problem, kind: Kind, lengths: readonly number[]): Tensor[] {
  const at = new Map(
    problem.axes.names.map((name, i) => [name, lengths[i % lengths.length] as number]),
  );
  return problem.variables.map(({ symmetric, value }, i) => {
    if (value !== null) return value;
    const shape = (problem.shapes[i] as Shape).map((n) => problem.axes.resized(n, at));
    return draw(shape, kind, symmetric, 97 + i);
  });
}

function draw(shape: Shape, kind: Kind, symmetric: boolean, seed: number): Tensor {
  const options = { dtype: "float64", seed } as const;
  const square = shape.length === 2 && shape[0] === shape[1];
  if (kind === "definite" && square) {
    const X = random.normal(shape, options);
    return add(matmul(X, t(X)), eye(shape[0] as number, { dtype: "float64" }));
  }
  const X =
    kind === "normal" || kind === "small"
      ? random.normal(shape, { ...options, std: kind === "small" ? 0.05 : 1 })
      : random.uniform(shape, { ...options, low: 0.3, high: 0.9 });
  return symmetric ? mul(add(X, t(X)), 0.5) : X;
}

/** A random direction for a variable, which symmetric ones leave symmetric. */
export function direction(like: Tensor, symmetric: boolean, seed = 5): Tensor {
  return draw(like.shape, "normal", symmetric && like.rank === 2, seed);
}

/** What was compared: how far it is apart, where, and whether the numbers are finite. */
export interface Compared<T> {
  readonly finite: boolean;
  readonly found: T;
  /** The numbers that the others are compared with. */
  readonly truth: Tensor;
}

/** Compares at random values where the function is defined and stable; null where it never is. */
export function sampled<T>(
  problem: Problem,
  compare: (values: readonly Tensor[]) => Compared<T>,
): T | null {
  return numerically(() => {
    let tiny: Compared<T> | null = null;
    for (const kind of kinds) {
      for (const lengths of problem.axes.names.length > 1 ? LENGTHS : LENGTHS.slice(0, 1)) {
        const found = attempt(problem, values(problem, kind, lengths), compare);
        if (found !== null && isTiny(found.truth)) tiny ??= found;
        else if (found !== null) return found.found;
      }
    }
    return tiny === null ? null : tiny.found;
  });
}

/** Whether everything underflows: then a comparison says nothing, if it can be had elsewhere. */
function isTiny(x: Tensor): boolean {
  return x.data().every((value: number) => Math.abs(value) < 1e-50);
}

function attempt<T>(
  problem: Problem,
  at: readonly Tensor[],
  compare: (values: readonly Tensor[]) => Compared<T>,
): Compared<T> | null {
  try {
    const here = compare(at);
    if (!here.finite) return null;
    const near = at.map((x, i) => {
      const { symmetric } = problem.variables[i] as Variable;
      return isFloat(x.dtype) ? add(x, mul(direction(x, symmetric, 31 + i), CHANGE)) : x;
    });
    const { error, finite } = distance(compare(near).truth, here.truth);
    return finite && error < STABLE ? here : null;
  } catch (error) {
    // Not defined there: the logarithm of a negative determinant.
    if (error instanceof TracegradError) return null;
    throw error;
  }
}

/** How far two tensors are apart, relative to the second, and whether both are finite. */
export function distance(a: Tensor, b: Tensor): { error: number; finite: boolean } {
  const [x, y] = [a.data(), b.data()];
  let [off, scale] = [0, 1];
  for (let i = 0; i < y.length; i++) {
    const [p, q] = [x[i] as number, y[i] as number];
    if (!Number.isFinite(p) || !Number.isFinite(q)) return { error: Infinity, finite: false };
    off = Math.max(off, Math.abs(p - q));
    scale = Math.max(scale, Math.abs(q));
  }
  return { error: off / scale, finite: true };
}
