import { DomainError, hessian, type Tensor, valueAndGrad } from "../../index.js";
import {
  type Curvature,
  clipNorm,
  clipValue,
  type Optimizer,
  type OptimizerState,
} from "../../optim/index.js";
import type { Pass } from "../layer.js";
import { measured } from "./evaluate.js";
import type { Data, FitOptions, Scores } from "./types.js";

/** What training carries from step to step. */
export interface Carried<P> {
  readonly params: P;
  readonly state: OptimizerState;
}

/** What a step tells: the scores of its batch, and whether the optimizer moved the parameters. */
export interface Told<M extends string> {
  readonly scores: Scores<M>;
  readonly moved: boolean;
}

/** One step of an optimizer on one batch. */
export function stepOf<P, X, Y, O, M extends string>(
  apply: (params: P, x: X, pass: Pass) => O,
  optimizer: Optimizer,
  { loss, metrics, penalty, clip }: FitOptions<P, X, Y, O, M>,
): (before: Carried<P>, batch: Data<X, Y>, pass: Pass) => [after: Carried<P>, told: Told<M>] {
  return ({ params, state }, { x, y }, pass) => {
    let scores: object = {};
    const f = (p: P, noted?: (output: O, value: Tensor) => void): Tensor => {
      const output = apply(p, x, pass);
      const value = loss(output, y);
      noted?.(output, value);
      return penalty === undefined ? value : value.add(penalty(p));
    };
    // The scores are read while the tape runs: they are of the same outputs, and no gradient needs them.
    const noting = (p: P): Tensor =>
      f(p, (output, value) => {
        scores = { loss: value.item(), ...measured(metrics, output, y) };
      });
    const [value, raw] = valueAndGrad(noting)(params) as [Tensor, P];
    if (!Number.isFinite(value.item())) {
      throw new DomainError(`the loss is ${value.item()}`);
    }
    const normed = clip?.norm === undefined ? raw : clipNorm(raw, clip.norm);
    const gradient = clip?.value === undefined ? normed : clipValue(normed, clip.value);
    const alone = (p: P): Tensor => f(p);
    const curved = optimizer.curvature === true;
    const [moved, next] = optimizer.update(params, gradient, state, {
      f: alone,
      value,
      hessian: curved
        ? (hessian(alone, { form: "operator" })(params) as unknown as Curvature<P>)
        : undefined,
    });
    return [
      { params: moved, state: next },
      { scores: scores as Scores<M>, moved: moved !== params },
    ];
  };
}
