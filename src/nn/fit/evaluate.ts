import { requireNames } from "../../checks/options.js";
import { type Tensor, tidy } from "../../index.js";
import { requireSize } from "../layer.js";
import { requireTargets } from "../loss.js";
import { rowsFrom, rowsOf } from "./rows.js";
import { applyOf, lossOf, requireScores, scoresOf } from "./scores.js";
import { Sums } from "./sums.js";
import type { Data, Metric, Model, Scores } from "./types.js";

/** What {@link evaluate} asks of a model. */
export interface EvaluateOptions<Y, O, M extends string> {
  readonly loss: (output: NoInfer<O>, target: NoInfer<Y>) => Tensor;
  readonly metrics?: { readonly [K in M]: Metric<NoInfer<O>, NoInfer<Y>> } | undefined;
  /** Rows at a time; 1024 unless given. */
  readonly batchSize?: number | undefined;
}

/**
 * The loss and the metrics of a model for data, with dropout and the like switched off: means over
 * batches, weighted by their rows.
 *
 * @throws UsageError when data have no x and y; ShapeError when their rows do not match.
 * @example
 * const model = dense(2, 1);
 * const params = { W: tensor([[1], [1]]), b: tensor([0]) };
 * const data = { x: tensor([[1, 2], [3, 4]]), y: tensor([[3], [8]]) };
 * evaluate(model, params, data, { loss: mse, metrics: { mae } }); // {"loss":0.5,"mae":0.5}
 */
export function evaluate<P, X = Tensor, Y = Tensor, O = Tensor, M extends string = never>(
  model: Model<P, X, O>,
  params: P,
  data: Data<X, Y>,
  options: EvaluateOptions<Y, O, M>,
): Scores<M> {
  const apply = applyOf("evaluate", model);
  const rows = rowsOf("evaluate: the data", data);
  requireNames("evaluate", options, ["loss", "metrics", "batchSize"]);
  const { loss, metrics, batchSize = 1024 } = options ?? {};
  requireScores("evaluate", loss, metrics);
  requireSize("evaluate: batchSize", batchSize);
  const sums = new Sums();
  for (let at = 0; at < rows; at += batchSize) {
    const count = Math.min(batchSize, rows - at);
    const scores = tidy(() => {
      const { x, y } = rowsFrom(data, at, count);
      const output = apply(params, x, {});
      if (at === 0) requireTargets("evaluate: the data", loss, output, data.y);
      return scoresOf("evaluate", lossOf("evaluate", loss, output, y), metrics, output, y);
    });
    sums.add(scores, count);
  }
  return sums.means();
}
