import {
  adamStep,
  DomainError,
  leaves,
  leavesLike,
  momentumStep,
  rebuild,
  type Tensor,
  tidy,
  UsageError,
  zeros,
} from "../index.js";
import type { Evaluation, Problem } from "./problem.js";
import { type LearningRate, ratesOf } from "./rate.js";

/** A step `s`, the change `y` of the gradient along it, and `⟨s, y⟩`; trees are taken as vectors. */
export interface Pair {
  readonly s: Tensor;
  readonly y: Tensor;
  readonly sy: number;
}

/** What an optimizer remembers between steps: how many there were, and its running averages. */
export interface OptimizerState {
  readonly steps: number;
  /** For each kind of average one tensor for each parameter. */
  readonly averages: readonly (readonly Tensor[])[];
  /** The last steps, the oldest first, where the optimizer learns the curvature from them. */
  readonly pairs?: readonly Pair[];
}

/** A rule that moves parameters (a tensor or a tree of them) against their gradient. */
export interface Optimizer {
  readonly name: string;
  /** Whether `update` needs the Hessian, too. */
  readonly curvature?: boolean;
  /** The state before the first step. */
  init(params: unknown): OptimizerState;
  /**
   * One step: the new parameters and the new state. Nothing is changed in place.
   *
   * Optimizers that evaluate the function or need its Hessian get them by `problem`. Where they
   * evaluated it at the new parameters, `next` says what came, so that nobody need do it again; and
   * where they found no better parameters, those returned are the same object that came.
   *
   * @throws UsageError or ShapeError when the gradients have not the form of the parameters, the
   *   state is another's, or `problem` lacks what is needed.
   */
  update<P>(
    params: P,
    gradients: P,
    state: OptimizerState,
    problem?: Problem<P>,
  ): [params: P, state: OptimizerState, next?: Evaluation<P> | undefined];
}

/** The step of one parameter: its new value and its new averages. */
type Step = (
  p: Tensor,
  g: Tensor,
  averages: readonly Tensor[],
  rate: number | Tensor,
  step: number,
) => [p: Tensor, averages: Tensor[]];

/** An optimizer from the step of one parameter, with `averages` running averages each. */
function optimizer(name: string, rate: LearningRate, averages: number, step: Step): Optimizer {
  return {
    name,
    init: (params) => ({
      steps: 0,
      averages: Array.from({ length: averages }, () =>
        leaves(params, name).map((p) => zeros(p.shape, { dtype: p.dtype })),
      ),
    }),
    update: (params, gradients, state) =>
      tidy(() => {
        const ps = leaves(params, `${name}, parameters`);
        const gs = leavesLike(gradients, params, `${name}, gradients`);
        requireOwnState(name, averages, ps, state);
        const rates = ratesOf(name, rate, params, ps);
        const steps = state.steps + 1;
        const next = ps.map((p, i) =>
          step(
            p,
            gs[i] as Tensor,
            state.averages.map((average) => average[i] as Tensor),
            rates[i] as number | Tensor,
            steps,
          ),
        );
        return [
          rebuild(
            params,
            next.map(([p]) => p),
            name,
          ),
          { steps, averages: state.averages.map((_, k) => next.map(([, a]) => a[k] as Tensor)) },
        ];
      }),
  };
}

function isLike({ shape }: Tensor, p: Tensor | undefined): boolean {
  return (
    shape === p?.shape || (shape.length === p?.rank && shape.every((n, i) => n === p.shape[i]))
  );
}

/** A state belongs to its optimizer and to the parameters it was made for. */
function requireOwnState(
  name: string,
  averages: number,
  params: readonly Tensor[],
  state: OptimizerState,
): void {
  const fits =
    state?.averages?.length === averages &&
    state.averages.every(
      (list) =>
        list.length === params.length && list.every((average, i) => isLike(average, params[i])),
    );
  if (fits) return;
  throw new UsageError(
    `${name}: the state is not one of ${name} for these parameters; ` +
      "start with init(params), and pass on what update returns",
  );
}

function within(where: string, value: number, low: number, high: number): number {
  if (value >= low && value < high) return value;
  throw new DomainError(
    `${where} is ${value}; a number from ${low} up to but not ${high} was wanted`,
  );
}

/** One step at a rate; with a rate for each entry, these times a step at rate 1 from 0. */
function moved<S extends { readonly P: Tensor }>(
  p: Tensor,
  rate: number | Tensor,
  step: (p: Tensor, rate: number) => S,
): S {
  if (typeof rate === "number") return step(p, rate);
  const unit = step(zeros(p.shape, { dtype: p.dtype }), 1);
  return { ...unit, P: p.add(unit.P.mul(rate)) };
}

/**
 * Gradient descent: `p ← p − η g`.
 *
 * @throws DomainError, at a step, when the learning rate is not finite; ShapeError when it has
 *   another shape than the parameter.
 * @example
 * const x = tensor([1, 2]);
 * const descent = sgd({ learningRate: 0.5 });
 * const [next] = descent.update(x, tensor([2, -2]), descent.init(x));
 * next.toArray(); // [0, 3]
 */
export function sgd({ learningRate }: { readonly learningRate: LearningRate }): Optimizer {
  return optimizer("sgd", learningRate, 0, (p, g, _, rate) => [p.sub(g.mul(rate)), []]);
}

/**
 * Gradient descent with momentum: `v ← μ v + g`, `p ← p − η v` (Polyak 1964; μ 0.9 unless given).
 *
 * @throws DomainError when `momentum` lies outside [0, 1).
 * @example
 * const f = (x: Tensor) => x.square().sum();
 * const optimizer = momentum({ learningRate: 0.05, momentum: 0.5 });
 * minimize(f, tensor([1, 2]), { optimizer, steps: 200 }).value < 1e-9; // true
 */
export function momentum(options: {
  readonly learningRate: LearningRate;
  readonly momentum?: number;
}): Optimizer {
  const mu = within("momentum: momentum", options.momentum ?? 0.9, 0, 1);
  return optimizer("momentum", options.learningRate, 1, (p, g, averages, rate) => {
    const [v] = averages as [Tensor];
    const { P, V } = moved(p, rate, (p, rate) => momentumStep(p, g, v, { momentum: mu, rate }));
    return [P, [V]];
  });
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1): steps of the running mean of the gradient over the root
 * of the running mean of its square, both corrected for their start at 0.
 *
 * @throws DomainError when `beta1` or `beta2` lies outside [0, 1).
 * @example
 * const f = (x: Tensor) => x.square().sum();
 * const optimizer = adam({ learningRate: 0.05 });
 * minimize(f, tensor([1, 2]), { optimizer, steps: 500 }).value < 1e-6; // true
 */
export function adam(
  options: {
    readonly learningRate?: LearningRate;
    readonly beta1?: number;
    readonly beta2?: number;
    readonly epsilon?: number;
  } = {},
): Optimizer {
  const beta1 = within("adam: beta1", options.beta1 ?? 0.9, 0, 1);
  const beta2 = within("adam: beta2", options.beta2 ?? 0.999, 0, 1);
  const epsilon = options.epsilon ?? 1e-8;
  // Of the step that was asked for last, since all parameters ask for the same.
  let at = 0;
  let root = 1;
  let correction = 1;
  return optimizer("adam", options.learningRate ?? 1e-3, 2, (p, g, averages, rate, step) => {
    const [m, v] = averages as [Tensor, Tensor];
    // η m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), the corrections taken together.
    if (at !== step) {
      at = step;
      root = Math.sqrt(1 - beta2 ** step);
      correction = root / (1 - beta1 ** step);
    }
    const { P, M, V } = moved(p, rate, (p, rate) => {
      const numbers = { beta1, beta2, rate: rate * correction, epsilon: epsilon * root };
      return adamStep(p, g, m, v, numbers);
    });
    return [P, [M, V]];
  });
}
