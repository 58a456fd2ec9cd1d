import { requireNames } from "../checks/options.js";
import { DomainError, leaves, type Tensor, tidy, valueAndGrad } from "../index.js";
import {
  type LineSearchOptions,
  lineSearchOptions,
  strongWolfe,
  type Trial,
  whereDefined,
} from "./line_search.js";
import type { Optimizer } from "./optimizer.js";
import { requireProblem } from "./problem.js";
import { foreign, isOf, type OptimizerState, type Pair, requireFloats } from "./state.js";
import { epsilonOf, fromVector, inner, toVector } from "./vector.js";

/**
 * L-BFGS, the quasi-Newton method with limited memory: each step goes along `−H g`, where `H` is what
 * the last `history` steps (10) and the changes of the gradient along them tell of the inverse Hessian
 * (Nocedal and Wright, Numerical Optimization, 2006, algorithms 7.4 and 7.5), as far as a line search
 * for the strong Wolfe conditions says (3.5 and 3.6 there).
 *
 * It evaluates the function along the way, mostly once a step, so `update` needs `{ f, value }` as
 * fourth argument; `minimize` passes it. Where no lower point is found it gives the parameters back as
 * they are. The function must be the same from step to step: train on whole data, not on batches.
 *
 * @throws DomainError when `history` is not a whole number of at least 1, or the constants of the line
 *   search are out of order; at a step, when the value is not finite.
 * @throws UsageError, at a step, without the fourth argument.
 * @example
 * const rosenbrock = (x: Tensor) => {
 *   const [a, b] = split(x, 2) as [Tensor, Tensor];
 *   return b.sub(a.square()).square().mul(100).add(a.sub(1).square()).sum();
 * };
 * const x0 = tensor(new Float64Array([-1.2, 1]));
 * const { x, converged } = minimize(rosenbrock, x0, { optimizer: lbfgs(), tol: 1e-8 });
 * converged; // true
 * x.toArray(); // [1, 1]
 */
export function lbfgs(
  options: {
    readonly history?: number | undefined;
    readonly lineSearch?: LineSearchOptions | undefined;
  } = {},
): Optimizer {
  requireNames("lbfgs", options, ["history", "lineSearch"]);
  const { history = 10 } = options;
  if (!Number.isInteger(history) || history < 1) {
    throw new DomainError(`lbfgs: history is ${history}; a whole number, 1 or more, was wanted`);
  }
  const search = lineSearchOptions("lbfgs", options.lineSearch ?? {});
  return {
    name: "lbfgs",
    whole: true,
    init: (params) => {
      requireFloats("lbfgs", leaves(params, "lbfgs, parameters"), params);
      return after(0, []);
    },
    update: (params, gradients, state, problem) => {
      requireProblem("lbfgs", problem);
      requireFloats("lbfgs", leaves(params, "lbfgs, parameters"), params);
      const value = problem.value.item();
      const both = valueAndGrad(problem.f);
      return tidy(() => {
        const x = toVector(params, params, "lbfgs, parameters");
        const g = toVector(gradients, params, "lbfgs, gradients");
        const known = pairsOf(state, x);
        const steps = state.steps + 1;
        const size = Math.sqrt(inner(g, g));
        if (!Number.isFinite(size)) throw new DomainError("lbfgs: the gradient is not finite");

        /** The point that a line search along `d` finds. */
        const along = (d: Tensor, first: number) => {
          const phi = (step: number) => {
            const at = fromVector(x.add(d.mul(step)), params, "lbfgs");
            const found = whereDefined(() => both(at));
            if (found === null) {
              return { step, value: Number.POSITIVE_INFINITY, slope: Number.NaN, at, next: null };
            }
            const [value, gradient] = found;
            const slope = inner(toVector(gradient, params, "lbfgs"), d);
            return { step, value: value.item(), slope, at, next: { value, gradient } };
          };
          const start: Trial = { step: 0, value, slope: inner(g, d) };
          return strongWolfe(phi, start, first, search, 10 * epsilonOf(x) * Math.abs(value));
        };

        let pairs = known;
        let found = pairs.length > 0 ? along(direction(g, pairs), 1) : null;
        if (found === null) {
          pairs = [];
          found = along(g.neg(), 1 / size);
        }
        if (!found?.next) return [params, after(steps, pairs)];
        const { at, next } = found;
        const s = toVector(at, params, "lbfgs").sub(x);
        const y = toVector(next.gradient, params, "lbfgs").sub(g);
        return [at, after(steps, extended(pairs, s, y, history)), next];
      });
    },
  };
}

/** `−H g` by the two loops of algorithm 7.4, where H starts as γ I with γ = ⟨s, y⟩ / ⟨y, y⟩ (7.20). */
function direction(g: Tensor, pairs: readonly Pair[]): Tensor {
  let q = g.neg();
  const alphas: number[] = [];
  for (const { s, y, sy } of pairs.toReversed()) {
    const alpha = inner(s, q) / sy;
    q = q.sub(y.mul(alpha));
    alphas.unshift(alpha);
  }
  const { y, sy } = pairs.at(-1) as Pair;
  let r = q.mul(sy / inner(y, y));
  pairs.forEach(({ s, y, sy }, i) => {
    r = r.add(s.mul((alphas[i] as number) - inner(y, r) / sy));
  });
  return r;
}

/** The pairs with a new one, which must show that the function bends upwards along the step. */
function extended(pairs: readonly Pair[], s: Tensor, y: Tensor, history: number): readonly Pair[] {
  const sy = inner(s, y);
  const bends = sy > epsilonOf(s) * Math.sqrt(inner(s, s) * inner(y, y));
  return bends ? [...pairs, { s, y, sy }].slice(-history) : pairs;
}

/** The pairs of a state, which must be one of lbfgs for as many parameters. */
function pairsOf(state: OptimizerState, x: Tensor): readonly Pair[] {
  if (!isOf("lbfgs", state)) throw foreign("lbfgs", state);
  const fits = (part: Tensor): boolean => part?.size === x.size && part.dtype === x.dtype;
  if (state.pairs?.every(({ s, y }) => fits(s) && fits(y))) return state.pairs;
  throw foreign("lbfgs", state, `its pairs are not ${x.dtype} vectors of ${x.size} entries`);
}

function after(steps: number, pairs: readonly Pair[]): OptimizerState {
  return { optimizer: "lbfgs", steps, averages: [], pairs };
}
