import { requireNames } from "../checks/options.js";
import { DomainError, type Tensor, UsageError } from "../index.js";
import { adam } from "./adaptive.js";
import type { Optimizer } from "./optimizer.js";
import { evaluation } from "./problem.js";
import { largest } from "./vector.js";

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
}

/** The gradient's size that is small enough, if there is one. */
export function requireTolerance(name: string, tol: unknown): void {
  if (tol === undefined || (typeof tol === "number" && tol >= 0)) return;
  throw new UsageError(`${name}: tol is ${String(tol)}; a number of at least 0 was wanted`);
}

/**
 * Minimizes a scalar function from `x0`, a tensor or a tree of tensors, by the steps of an optimizer:
 * Adam with a learning rate of 0.05 unless given.
 *
 * Stops after `steps` steps (1000), when no entry of the gradient exceeds `tol` in size, when the
 * optimizer finds no lower point (lbfgs and newton look for one), or when `onStep` returns false. To
 * maximize, minimize the negative.
 *
 * @throws DomainError when the value stops being finite, which a smaller learning rate prevents;
 *   UsageError when `steps` is not a whole number.
 * @example
 * const f = (x: Tensor) => x.sub(3).square().sum();
 * const { x } = minimize(f, zeros([2]), { optimizer: sgd({ learningRate: 0.1 }), steps: 200 });
 * x.sub(3).abs().max().item() < 1e-4; // true
 */
export function minimize<P>(
  f: (x: P) => Tensor,
  x0: P,
  options: {
    readonly optimizer?: Optimizer;
    readonly steps?: number;
    readonly tol?: number;
    // biome-ignore lint/suspicious/noConfusingVoidType: a callback may return nothing.
    readonly onStep?: (info: StepInfo<P>) => boolean | void;
  } = {},
): Minimum<P> {
  requireNames("minimize", options, ["optimizer", "steps", "tol", "onStep"]);
  const { optimizer = adam({ learningRate: 0.05 }), steps = 1000, tol, onStep } = options;
  if (!Number.isInteger(steps) || steps < 0) {
    throw new UsageError(`minimize: steps is ${steps}; a whole number, 0 or more, was wanted`);
  }
  requireTolerance("minimize", tol);
  if (typeof optimizer?.update !== "function" || typeof optimizer.init !== "function") {
    throw new UsageError(
      "minimize: the optimizer is none; make one by calling its function: { optimizer: newton() }",
    );
  }
  const whole = evaluation(f, optimizer.curvature === true);
  const last = evaluation(f, false);
  let x = x0;
  let at = (steps === 0 ? last : whole)(x);
  let state = optimizer.init(x0);
  let stop = false;
  for (let step = 0; ; ) {
    const { gradient } = at;
    const value = at.value.item();
    if (!Number.isFinite(value)) {
      throw new DomainError(
        `minimize: the value is ${value} after ${step} steps of ${optimizer.name}; a smaller ` +
          "learning rate may help, grad(f, { anomaly: true })(x) names the op that makes it",
      );
    }
    stop ||= step === steps;
    const norm = stop || tol !== undefined ? largest(gradient) : Number.POSITIVE_INFINITY;
    const converged = tol !== undefined && norm <= tol;
    if (stop || converged) return { x, value, steps: step, gradientNorm: norm, converged };
    const evaluate = step + 1 === steps ? last : whole;
    const [moved, next, there] = optimizer.update(x, gradient, state, { f, ...at, evaluate });
    if (moved === x) stop = true;
    else {
      step++;
      state = next;
      x = moved;
      stop = onStep?.({ step, value, gradient, x }) === false;
      at = there ?? evaluate(x);
    }
  }
}
