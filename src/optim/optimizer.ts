import { leaves, leavesLike, rebuild, type Tensor, tidy, zeros } from "../index.js";
import type { Evaluation, Problem } from "./problem.js";
import { type LearningRate, ratesOf } from "./rate.js";
import { type OptimizerState, requireFloats, requireState } from "./state.js";

/** A rule that moves parameters (a tensor or a tree of them) against their gradient. */
export interface Optimizer {
  readonly name: string;
  /** Whether `update` needs the Hessian, too. */
  readonly curvature?: boolean;
  /** Whether the function must be the same in each step: of all data, not of batches. */
  readonly whole?: boolean;
  /**
   * The state before the first step.
   *
   * @throws DtypeError when a parameter is not float32 or float64.
   */
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

/** The step of one parameter: its new value and its new averages; `index` is its place in `leaves`. */
type Step = (
  p: Tensor,
  g: Tensor,
  averages: readonly Tensor[],
  rate: number | Tensor,
  index: number,
) => readonly [p: Tensor, averages: readonly Tensor[]];

/**
 * An optimizer from the step of one parameter, with `averages` running averages each, which begin as
 * `first` gives them. What is the same for all parameters is worked out by `step` once, from the number
 * of the step, counted from 1.
 */
export function optimizer(
  name: string,
  rate: LearningRate,
  averages: number,
  step: (count: number, params: unknown) => Step,
  first: (p: Tensor) => Tensor = zerosLike,
): Optimizer {
  return {
    name,
    init: (params) => {
      const ps = leaves(params, `${name}, parameters`);
      requireFloats(name, ps, params);
      return {
        optimizer: name,
        steps: 0,
        averages: Array.from({ length: averages }, () => ps.map(first)),
      };
    },
    update: (params, gradients, state) =>
      tidy(() => {
        const ps = leaves(params, `${name}, parameters`);
        const gs = leavesLike(gradients, params, `${name}, gradients`);
        requireFloats(name, ps, params);
        requireState(name, averages, ps, state);
        const steps = state.steps + 1;
        const rates = ratesOf(name, rate, params, ps, steps);
        const move = step(steps, params);
        const next: Tensor[] = [];
        const kept: Tensor[][] = state.averages.map(() => []);
        for (let i = 0; i < ps.length; i++) {
          const p = ps[i] as Tensor;
          const known = state.averages.map((average) => average[i] as Tensor);
          const g = likewise(gs[i] as Tensor, p);
          const [moved, after] = move(p, g, known, rates[i] as number | Tensor, i);
          next.push(moved);
          for (let k = 0; k < averages; k++) kept[k]?.push(after[k] as Tensor);
        }
        return [rebuild(params, next, name), { optimizer: name, steps, averages: kept }];
      }),
  };
}

/** Zeros of the shape and dtype of a tensor. */
function zerosLike({ shape, dtype }: Tensor): Tensor {
  return zeros(shape, { dtype });
}

/** The gradient in the dtype of its parameter, so that this keeps its own. */
function likewise(g: Tensor, p: Tensor): Tensor {
  return g.dtype === p.dtype ? g : g.cast(p.dtype);
}

/** One step at a rate; with a rate for each entry, these times a step at rate 1 from 0. */
export function moved<S extends { readonly P: Tensor }>(
  p: Tensor,
  rate: number | Tensor,
  step: (p: Tensor, rate: number) => S,
): S {
  if (typeof rate === "number") return step(p, rate);
  const unit = step(zerosLike(p), 1);
  return { ...unit, P: p.add(unit.P.mul(rate)) };
}
