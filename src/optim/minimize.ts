import { requireNames, requireOptimizer } from "../checks/options.js";
import { said } from "../checks/said.js";
import { DomainError, type Tensor, tidy, UsageError } from "../index.js";
import { adam } from "./adaptive.js";
import type { Optimizer } from "./optimizer.js";
import { evaluation } from "./problem.js";
import { notFinite, requireCallback, requireFunction, requireStart } from "./start.js";
import { epsilonOf, fromVector, largest, toVector } from "./vector.js";

/** What `onStep` is told after each step. */
export interface StepInfo<P> {
  /** Counted from 1. */
  readonly step: number;
  /** The function and its gradient before the step. */
  readonly value: number;
  readonly gradient: P;
  /** The parameters after it. */
  readonly x: P;
}

/** What {@link minimize} found. */
export interface Minimum<P> {
  readonly x: P;
  /** The function at `x`. */
  readonly value: number;
  readonly steps: number;
  /** The largest entry of the gradient at `x`, in size. */
  readonly gradientNorm: number;
  /** Whether that is within `tol`; without a `tol`, false. */
  readonly converged: boolean;
  /**
   * Why it ended: `"converged"`, as above; `"steps"`, all are done; `"stuck"`, the optimizer found no
   * lower point, as where rounding hides it; `"callback"`, `onStep` returned false; `"unbounded"`,
   * instead of the two before that, where the value has run off towards −∞.
   */
  readonly stopped: "converged" | "steps" | "stuck" | "unbounded" | "callback";
}

/** How many steps there may be, and the gradient's size that is small enough, if there is one. */
export function requireLimits(name: string, steps: unknown, tol: unknown): void {
  if (!(Number.isInteger(steps) && (steps as number) >= 0)) {
    throw new UsageError(`${name}: steps is ${said(steps)}; a whole number, 0 or more, was wanted`);
  }
  if (tol === undefined || (typeof tol === "number" && tol >= 0)) return;
  throw new UsageError(`${name}: tol is ${said(tol)}; a number of at least 0 was wanted`);
}

/**
 * Minimizes a scalar function from `x0`, a tensor or a tree of tensors, by the steps of an optimizer:
 * Adam with a learning rate of 0.05 unless given.
 *
 * Stops after `steps` steps (1000), when no entry of the gradient exceeds `tol` in size, when the
 * optimizer finds no lower point (lbfgs and newton look for one), or when `onStep` returns false;
 * `stopped` tells which. To maximize, minimize the negative.
 *
 * A function of positive definite matrices should refuse all others, so that steps do not leave them:
 * as `cholesky` does, but not `logdet`, which is finite wherever an even number of eigenvalues is
 * negative, and there has no bound. So write `diagPart(cholesky(P)).log().sum().mul(2)` for `logdet(P)`.
 *
 * @throws DomainError when the value or the gradient is not finite at the start, or the value stops
 *   being so, which a smaller learning rate prevents; UsageError when `f`, `x0` or an option is not
 *   what it should be; DtypeError when a tensor of `x0` is not float32 or float64; ShapeError when `f`
 *   gives no scalar.
 * @example
 * const f = (x: Tensor) => x.sub(3).square().sum();
 * const { x } = minimize(f, zeros([2]), { optimizer: sgd({ learningRate: 0.1 }), steps: 200 });
 * x.sub(3).abs().max().item() < 1e-4; // true
 */
export function minimize<P>(
  f: (x: P) => Tensor,
  x0: P,
  options: {
    readonly optimizer?: Optimizer | undefined;
    readonly steps?: number | undefined;
    readonly tol?: number | undefined;
    // biome-ignore lint/suspicious/noConfusingVoidType: a callback may return nothing.
    readonly onStep?: ((info: StepInfo<P>) => boolean | void) | undefined;
  } = {},
): Minimum<P> {
  requireNames("minimize", options, ["optimizer", "steps", "tol", "onStep"]);
  const { optimizer = adam({ learningRate: 0.05 }), steps = 1000, tol, onStep } = options;
  requireLimits("minimize", steps, tol);
  requireOptimizer("minimize", optimizer, "lbfgs");
  requireCallback("minimize", onStep);
  requireFunction("minimize", "f", f, "a scalar");
  requireStart("minimize", x0);
  const whole = evaluation("minimize", f, optimizer.curvature === true);
  const last = evaluation("minimize", f, false);
  let x = x0;
  let at = (steps === 0 ? last : whole)(x);
  const first = at.value.item();
  let state = optimizer.init(x0);
  let stopped: Minimum<P>["stopped"] | null = null;
  for (let step = 0; ; ) {
    const { gradient } = at;
    const value = at.value.item();
    if (!Number.isFinite(value)) {
      throw step === 0 ? atStart(x0, `f is ${value}`) : later(value, step, optimizer);
    }
    if (step === steps) stopped ??= "steps";
    const isAsked = step === 0 || stopped !== null || tol !== undefined;
    const norm = isAsked ? largest(gradient) : Number.POSITIVE_INFINITY;
    if (step === 0 && stopped === null && !Number.isFinite(norm)) {
      throw atStart(x0, "the gradient of f has entries that are not finite");
    }
    const converged = tol !== undefined && norm <= tol;
    if (converged) stopped = "converged";
    if (stopped !== null) {
      const isOpen = stopped === "steps" || stopped === "stuck";
      if (isOpen && hasRunOff(f, x0, first, x, value)) stopped = "unbounded";
      return { x, value, steps: step, gradientNorm: norm, converged, stopped };
    }
    const evaluate = step + 1 === steps ? last : whole;
    const [moved, next, there] = optimizer.update(x, gradient, state, { f, ...at, evaluate });
    if (moved === x) stopped = "stuck";
    else {
      step++;
      state = next;
      x = moved;
      if (onStep?.({ step, value, gradient, x }) === false) stopped = "callback";
      at = there ?? evaluate(x);
    }
  }
}

const ANOMALY = "grad(f, { anomaly: true })(x) names the op that makes it";

function atStart(x0: unknown, what: string): DomainError {
  return notFinite("minimize", x0, what, `; ${ANOMALY}`);
}

function later(value: number, step: number, { name, whole }: Optimizer): DomainError {
  const rate = whole === true ? "" : "a smaller learning rate may help, ";
  const why = value < 0 ? "the function seems to have no lower bound, " : rate;
  return new DomainError(
    `minimize: the value is ${value} after ${step} steps of ${name}; ${why}${ANOMALY}`,
  );
}

/**
 * Whether the function has no bound on the way from `x0` to `x`: the value has fallen so far that half of
 * the digits of the first are lost, and as much farther on it has fallen in proportion.
 */
function hasRunOff<P>(f: (x: P) => Tensor, x0: P, first: number, x: P, value: number): boolean {
  return tidy(() => {
    const from = toVector(x0, x0, "minimize");
    const far = 1 / Math.sqrt(epsilonOf(from));
    if (!(value < -far * (1 + Math.abs(first)))) return false;
    const beyond = from.add(toVector(x, x0, "minimize").sub(from).mul(far));
    try {
      return f(fromVector(beyond, x0, "minimize")).item() < (value * far) / 2;
    } catch {
      return false; // it has no value there
    }
  });
}
