import { stopGradient, Tensor, tidy, UsageError } from "../../index.js";
import { type Pass, requireKnown, requireSize } from "../layer.js";
import { rowsFrom, rowsOf } from "./rows.js";
import { Sums } from "./sums.js";
import type { Applied, Applying, Data, Metric, Model, Scores } from "./types.js";

/** The function of a model: parameters and inputs to outputs. */
export function applyOf<P, X, O>(
  where: string,
  model: Model<P, X, O>,
): (params: P, x: X, pass: Pass) => O {
  if (typeof model === "function") return model;
  if (typeof model?.apply === "function") return (params, x, pass) => model.apply(params, x, pass);
  throw new UsageError(
    `${where}: the model is none; a layer such as mlp([2, 8, 1]), or a function of ` +
      "(params, x), was wanted",
  );
}

/** The metrics' values for an output, as numbers. */
export function measured<O, Y, M extends string>(
  metrics: { readonly [K in M]: Metric<O, Y> } | undefined,
  output: O,
  target: Y,
): { [K in M]?: number } {
  const out: { [K in M]?: number } = {};
  if (metrics === undefined) return out;
  const held = output instanceof Tensor ? (stopGradient(output) as O) : output;
  for (const name in metrics) {
    const value = metrics[name](held, target);
    out[name] = value instanceof Tensor ? value.item() : value;
  }
  return out;
}

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
  model: Applying<P, X, O>,
  params: P,
  data: Data<X, Y>,
  options: EvaluateOptions<Y, O, M>,
): Scores<M>;
export function evaluate<P, X = Tensor, Y = Tensor, O = Tensor, M extends string = never>(
  model: Applied<P, X, O>,
  params: P,
  data: Data<X, Y>,
  options: EvaluateOptions<Y, O, M>,
): Scores<M>;
export function evaluate<P, X, Y, O, M extends string>(
  model: Model<P, X, O>,
  params: P,
  data: Data<X, Y>,
  options: EvaluateOptions<Y, O, M>,
): Scores<M> {
  const { loss, metrics, batchSize = 1024 } = options;
  requireKnown("evaluate", options, ["loss", "metrics", "batchSize"]);
  requireSize("evaluate: batchSize", batchSize);
  const apply = applyOf("evaluate", model);
  const rows = rowsOf("evaluate: the data", data);
  const sums = new Sums();
  for (let at = 0; at < rows; at += batchSize) {
    const count = Math.min(batchSize, rows - at);
    const scores = tidy(() => {
      const { x, y } = rowsFrom(data, at, count);
      const output = apply(params, x, {});
      return { loss: loss(output, y).item(), ...measured(metrics, output, y) };
    });
    sums.add(scores as Scores<M>, count);
  }
  return sums.means();
}
