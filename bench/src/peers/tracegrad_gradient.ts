import { grad } from "../../../dist/index.js";
import { doubled } from "../random.js";
import type { Inputs, Side } from "../side.js";
import type { Sides } from "../workloads.js";
import { again, factors, logistic, type Problem, quadratic, start } from "./tracegrad.js";

export { start };

/** tracegrad's gradient where the others multiply with the Hessian. */
export const sides: Sides = {
  hvpQuadratic100: (inputs) => gradient(quadratic, inputs),
  hvpQuadratic500: (inputs) => gradient(quadratic, inputs),
  hvpLogistic: (inputs) => gradient(logistic, inputs),
  hvpFactors: (inputs) => gradient(factors, inputs),
};

/** The gradient is timed; what it changes by in the direction, in float64, is the product. */
function gradient<K extends string>(
  problem: (inputs: Inputs<K>) => Problem,
  inputs: Inputs<K>,
): Side {
  const { f, x } = problem(inputs);
  return {
    step: again("gradient", () => grad(f)(x)).step,
    results: again("product", () => difference(problem(doubled(inputs)))).results,
  };
}

/** (∇f(x + h·v) − ∇f(x − h·v)) / 2h */
function difference({ f, x, v }: Problem) {
  const h = 1e-4;
  const at = (distance: number) => grad(f)(x.add(v.mul(distance)));
  return at(h)
    .sub(at(-h))
    .div(2 * h);
}
