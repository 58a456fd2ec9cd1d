import { requireNames } from "../checks/options.js";
import { DomainError, leaves, SingularError, type Tensor, tidy, UsageError } from "../index.js";
import { truncatedCG } from "./conjugate_gradients.js";
import {
  backtrack,
  type LineSearch,
  type LineSearchOptions,
  lineSearchOptions,
  whereDefined,
} from "./line_search.js";
import { denseStep } from "./newton_step.js";
import type { Optimizer } from "./optimizer.js";
import {
  type Curvature,
  type Evaluation,
  evaluation,
  type Problem,
  requireProblem,
} from "./problem.js";
import { type OptimizerState, requireFloats, requireState } from "./state.js";
import { epsilonOf, fromVector, inner, largest, toVector } from "./vector.js";

/** Up to so many parameters the Hessian is written out and factored. */
const DENSE = 512;
/** With more, how many products with the Hessian are spent on a step, and how many before `solve`. */
const PRODUCTS = 200;
const PROBES = 4;

/**
 * Newton's method: `p ← p − H⁻¹ g`, and less far along the same way where the function does not fall
 * enough (backtracking). On a quadratic function it takes one step.
 *
 * Where the Hessian is not positive definite, or less so than rounding can tell, its eigenvalues are
 * modified (Nocedal and Wright, Numerical Optimization, 2006, section 3.4): each λ counts by its size,
 * and as the size of the lowest at least, where this is negative, so that steps lead down, and away
 * from saddles. Those that are only rounding, up to `n ε` times the largest, count as the largest. So
 * nothing moves along ways on which the function is constant, such as parameters that another can
 * replace, or the skew part of a matrix whose symmetric part alone is used: of all minima around a
 * quadratic function's the nearest is found, and what is symmetric remains so, to rounding.
 *
 * With more than 512 parameters the Hessian is not written out: `H.solve` finds the step if it has a
 * structure, else, or where that leads up, conjugate gradients do, truncated where the function bends
 * downwards (algorithm 7.1).
 *
 * `damping` is a μ of which `μ I` is always added to the Hessian (Levenberg); 0 unless given.
 * `lineSearch: false` takes every step whole.
 *
 * `update` needs `{ f, value, hessian }` as fourth argument, with
 * `hessian(f, { form: "operator" })(params)`; `minimize` passes it. Where no lower point is found it
 * gives the parameters back as they are.
 *
 * @throws DomainError when `damping` is negative, or the constants of the line search are out of
 *   order; at a step, when the value is not finite.
 * @throws UsageError, at a step, without the fourth argument.
 * @example
 * const f = (x: Tensor) => x.sub([1, 2]).square().sum().square().add(x.square().sum());
 * const { x, converged, steps } = minimize(f, zeros([2]), { optimizer: newton(), tol: 1e-4 });
 * converged; // true
 * steps < 10; // true
 */
export function newton(
  options: {
    readonly damping?: number | undefined;
    readonly lineSearch?: LineSearchOptions | false | undefined;
  } = {},
): Optimizer {
  requireNames("newton", options, ["damping", "lineSearch"]);
  const { damping = 0, lineSearch = {} } = options;
  if (!(damping >= 0 && Number.isFinite(damping))) {
    throw new DomainError(`newton: damping is ${damping}; a number of at least 0 was wanted`);
  }
  const search = lineSearch === false ? null : lineSearchOptions("newton", lineSearch);
  return {
    name: "newton",
    curvature: true,
    whole: true,
    init: (params) => {
      requireFloats("newton", leaves(params, "newton, parameters"), params);
      return after(0);
    },
    update: (params, gradients, state, problem) => {
      requireProblem("newton", problem);
      requireFloats("newton", leaves(params, "newton, parameters"), params);
      requireState("newton", 0, [], state);
      const H = problem.hessian;
      if (H === undefined) {
        throw new UsageError(
          "newton: it needs the Hessian; pass { f, value, hessian } as fourth argument of update, " +
            'with hessian(f, { form: "operator" })(params), or use minimize, which does',
        );
      }
      const way = tidy(() => {
        const x = toVector(params, params, "newton, parameters");
        const g = toVector(gradients, params, "newton, gradients");
        const p = direction(H, g, params, damping);
        const end = fromVector(x.add(p), params, "newton");
        return { x, p, slope: inner(g, p), end };
      });
      if (Number.isNaN(way.slope)) {
        throw new DomainError(
          "newton: the gradient or the Hessian has entries that are not finite",
        );
      }
      const next = after(state.steps + 1);
      if (search === null) return [way.end, next];
      const found = lower(way, params, gradients, problem, search);
      return [found.x, next, found.next];
    },
  };
}

function after(steps: number): OptimizerState {
  return { optimizer: "newton", steps, averages: [] };
}

/** The way from parameters `x` along `p`, all as vectors. */
interface Way<P> {
  readonly x: Tensor;
  readonly p: Tensor;
  /** ⟨g, p⟩ */
  readonly slope: number;
  /** Where the whole step leads, as a tree. */
  readonly end: P;
}

/** A lower point on the way, with all that is known there; the parameters themselves if there is none. */
function lower<P>(
  { x, p, slope, end }: Way<P>,
  params: P,
  gradients: P,
  { f, value: start, evaluate }: Problem<P>,
  search: LineSearch,
): { readonly x: P; readonly next?: Evaluation<P> | undefined } {
  if (!(slope < 0)) return { x: params };
  const value = start.item();
  const next = whereDefined(() => evaluate?.(end)) ?? undefined;
  const found = { x: end, next };
  const valueAt = (x: P): number =>
    whereDefined(() => tidy(() => f(x)).item()) ?? Number.POSITIVE_INFINITY;
  const there = next?.value.item() ?? valueAt(end);
  const rounding = 10 * epsilonOf(x) * Math.abs(value);
  if (-slope > rounding && there <= value + search.c1 * slope) return found;
  if (there <= value + rounding) {
    // The values do not tell any more, but the gradient may.
    const { gradient } = next ?? evaluation("newton", f, false)(end);
    if (largest(gradient) < largest(gradients) / 2) return found;
  }
  if (-slope <= rounding) return { x: params };
  const phi = (step: number) => {
    const at = tidy(() => fromVector(x.add(p.mul(step)), params, "newton"));
    return { step, value: valueAt(at), at };
  };
  const shorter = backtrack(phi, { step: 0, value, slope }, { step: 1, value: there }, search);
  return { x: shorter === null ? params : shorter.at };
}

/** A step that leads down wherever `g` is not 0. */
function direction<P>(H: Curvature<P>, g: Tensor, like: P, damping: number): Tensor {
  if (g.size <= DENSE) return denseStep(H.matrix({ order: "row" }), g, damping);
  const apply = (d: Tensor): Tensor => {
    const Hd = toVector(H.apply(fromVector(d, like, "newton")), like, "newton");
    return damping === 0 ? Hd : Hd.add(d.mul(damping));
  };
  if (H.structured) {
    // The way to a saddle may lead down, too: a few conjugate gradients tell most of these.
    const { p, bends } = truncatedCG(apply, g, 1e-3, PROBES);
    if (bends) return p;
    const whole = solved(H, g, like, damping);
    if (whole !== null && inner(g, whole) < 0) return whole;
  }
  // As in algorithm 7.1, so that convergence is superlinear.
  const enough = Math.min(0.5, Math.sqrt(Math.sqrt(inner(g, g))));
  return truncatedCG(apply, g, enough, Math.min(2 * g.size, PRODUCTS)).p;
}

/** `−(H + μ I)⁻¹ g`, or null where the operator cannot. */
function solved<P>(H: Curvature<P>, g: Tensor, like: P, mu: number): Tensor | null {
  try {
    return toVector(H.solve(fromVector(g, like, "newton"), { shift: mu }), like, "newton").neg();
  } catch (error) {
    if (error instanceof SingularError || error instanceof UsageError) return null;
    throw error;
  }
}
