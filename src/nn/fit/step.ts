import { hessian, stopGradient, type Tensor, UsageError, valueAndGrad } from "../../index.js";
import {
  type Curvature,
  clipNorm,
  clipValue,
  type Optimizer,
  type OptimizerState,
} from "../../optim/index.js";
import type { Pass } from "../layer.js";
import { lossOf, scoresOf } from "./scores.js";
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

/**
 * One step of an optimizer on one batch; `look` sees the first output of all, and `failed` is what is
 * thrown where the loss is not finite.
 */
export function stepOf<P, X, Y, O, M extends string>(
  apply: (params: P, x: X, pass: Pass) => O,
  optimizer: Optimizer,
  { loss, metrics, penalty, clip }: FitOptions<P, X, Y, O, M>,
  look: (output: O) => void,
  failed: (loss: number) => Error,
): (before: Carried<P>, batch: Data<X, Y>, pass: Pass) => [after: Carried<P>, told: Told<M>] {
  let isFirst = true;
  return ({ params, state }, { x, y }, pass) => {
    let scores: Scores<M> | undefined;
    const f = (p: P): Tensor => {
      const output = apply(p, x, pass);
      if (isFirst) look(output);
      const value = lossOf("fit", loss, output, y);
      if (isFirst) requireTraced(value);
      isFirst = false;
      // Read while the tape runs: of the same outputs as the gradient, which does not need them.
      scores ??= scoresOf("fit", value, metrics, output, y);
      return penalty === undefined ? value : value.add(penalty(p));
    };
    const [value, raw] = valueAndGrad(f)(params) as [Tensor, P];
    if (!Number.isFinite(value.item())) throw failed(value.item());
    const normed = clip?.norm === undefined ? raw : clipNorm(raw, clip.norm);
    const gradient = clip?.value === undefined ? normed : clipValue(normed, clip.value);
    const curvature = (): Curvature<P> =>
      hessian(f, { form: "operator" })(params) as unknown as Curvature<P>;
    const [moved, next] = optimizer.update(params, gradient, state, {
      f,
      value,
      hessian: optimizer.curvature === true ? curvature() : undefined,
    });
    return [
      { params: moved, state: next },
      { scores: scores as Scores<M>, moved: moved !== params },
    ];
  };
}

/** Through numbers that were read from tensors no gradient comes, and nothing would be learnt. */
function requireTraced(value: Tensor): void {
  if (stopGradient(value) !== value) return;
  throw new UsageError(
    "fit: the loss does not depend on the parameters by way of tensors; numbers read by item, data or " +
      "toArray carry no gradient",
  );
}
