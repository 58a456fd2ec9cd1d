import { bracketed, said } from "../../checks/said.js";
import { ShapeError, stopGradient, Tensor, UsageError } from "../../index.js";
import type { Applying, Metric, Model, Scores } from "./types.js";

/** The function of a model: parameters and inputs to outputs. */
export function applyOf<P, X, O>(where: string, model: Model<P, X, O>): Applying<P, X, O> {
  if (typeof model === "function") return model;
  if (typeof model?.apply !== "function") {
    throw new UsageError(
      `${where}: the model is ${said(model)}; a layer such as mlp([2, 8, 1]), or a function of ` +
        "(params, x), was wanted",
    );
  }
  return (params, x, pass) => model.apply(params as P & {}, x as X & {}, pass);
}

/** The loss and the metrics, which plain JavaScript may give in any form. */
export function requireScores(where: string, loss: unknown, metrics: unknown): void {
  if (typeof loss !== "function") {
    throw new UsageError(
      `${where}: the loss is ${said(loss)}; a function such as { loss: mse } was wanted`,
    );
  }
  if (metrics === undefined) return;
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics)) {
    throw new UsageError(
      `${where}: metrics are ${said(metrics)}; functions under their names, as { accuracy }, were wanted`,
    );
  }
  for (const [name, metric] of Object.entries(metrics)) {
    if (typeof metric !== "function") {
      throw new UsageError(`${where}: the metric ${name} is ${said(metric)}, no function`);
    }
    if (name === "loss" || name === "validation") {
      throw new UsageError(
        `${where}: a metric cannot be called ${name}, which the history has already`,
      );
    }
  }
}

/** The loss of an output: a scalar. */
export function lossOf<O, Y>(
  where: string,
  loss: (output: O, target: Y) => Tensor,
  output: O,
  target: Y,
): Tensor {
  const value: unknown = loss(output, target);
  if (value instanceof Tensor && value.rank === 0) return value;
  if (value instanceof Tensor) {
    throw new ShapeError(
      `${where}: the loss is ${bracketed(value.shape)}; a scalar was wanted, such as its mean()`,
    );
  }
  throw new UsageError(
    `${where}: the loss gave ${said(value)}; a scalar tensor was wanted, as mse(output, target) gives`,
  );
}

/** The loss and the metrics of an output, as numbers. */
export function scoresOf<O, Y, M extends string>(
  where: string,
  loss: Tensor,
  metrics: { readonly [K in M]: Metric<O, Y> } | undefined,
  output: O,
  target: Y,
): Scores<M> {
  const scores: { [name: string]: number } = { loss: loss.item() };
  if (metrics !== undefined) {
    const held = output instanceof Tensor ? (stopGradient(output) as O) : output;
    for (const name in metrics) {
      const value: unknown = metrics[name](held, target);
      scores[name] = numberOf(`${where}: the metric ${name}`, value);
    }
  }
  return scores as Scores<M>;
}

function numberOf(where: string, value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof Tensor && value.size === 1) return value.item();
  const remedy = value instanceof Tensor ? ", such as its mean()" : "";
  throw new UsageError(
    `${where} gave ${said(value)}; a number, or a tensor of one, was wanted${remedy}`,
  );
}
