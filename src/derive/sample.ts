import { add, mul } from "../ops/arithmetic.js";
import { matmul } from "../ops/product.js";
import { t } from "../ops/reshape.js";
import { eye } from "../tensor/create.js";
import { TracegradError } from "../tensor/errors.js";
import { random } from "../tensor/random.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Problem } from "./problem.js";

/** Lengths for named axes, all different, so that a formula with a wrong one does not run. */
const LENGTHS = [3, 4, 2, 5, 6, 7];

/** Kinds of random values, tried in this order until a function is defined there. */
const kinds = ["normal", "positive", "definite"] as const;
type Kind = (typeof kinds)[number];

/** Random values for the arguments, of float64; those that the caller gave stay. */
function values(problem: Problem, kind: Kind, seed: number): Tensor[] {
  const at = new Map(
    problem.axes.names.map((name, i) => [name, LENGTHS[i % LENGTHS.length] as number]),
  );
  return problem.variables.map(({ symmetric, value }, i) => {
    if (value !== null) return value;
    const shape = (problem.shapes[i] as Shape).map((n) => problem.axes.resized(n, at));
    const x = draw(shape, kind, seed * 97 + i);
    return symmetric && kind !== "definite" ? mul(add(x, t(x)), 0.5) : x;
  });
}

function draw(shape: Shape, kind: Kind, seed: number): Tensor {
  const options = { dtype: "float64", seed } as const;
  const square = shape.length === 2 && shape[0] === shape[1];
  if (kind === "normal") return random.normal(shape, options);
  if (kind === "definite" && square) {
    const X = random.normal(shape, options);
    return add(matmul(X, t(X)), eye(shape[0] as number, { dtype: "float64" }));
  }
  return random.uniform(shape, { ...options, low: 0.3, high: 0.9 });
}

/** Where `compare` came to finite numbers: these, or null where it never did. */
export function sampled<T>(
  problem: Problem,
  compare: (values: readonly Tensor[]) => { readonly finite: boolean; readonly found: T },
): T | null {
  for (const kind of kinds) {
    for (const seed of [1, 2]) {
      try {
        const { finite, found } = compare(values(problem, kind, seed));
        if (finite) return found;
      } catch (error) {
        // Not defined there: the logarithm of a negative determinant.
        if (!(error instanceof TracegradError)) throw error;
      }
    }
  }
  return null;
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
