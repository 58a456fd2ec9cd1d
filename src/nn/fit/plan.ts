import { leaves, random, type Tensor, UsageError } from "../../index.js";
import type { Optimizer } from "../../optim/index.js";
import { partSeed, requireKnown, requireSize } from "../layer.js";
import { rowsAt, rowsFrom } from "./rows.js";
import type { Checkpoint, Data, FitOptions, Model } from "./types.js";

/** How the rows of an epoch become batches. */
export interface Plan {
  readonly rows: number;
  readonly size: number;
  readonly shuffle: boolean;
  /** Of an epoch. */
  readonly count: number;
  /** The rows of a batch, which are fewer in the last one. */
  sizeOf(batch: number): number;
  /** The rows of an epoch (counted from 0) in the order in which they come; null: as they are. */
  orderOf(epoch: number): Tensor | null;
  /** A batch in that order. */
  take<X, Y>(data: Data<X, Y>, order: Tensor | null, batch: number): Data<X, Y>;
}

export function planOf(
  options: {
    readonly batchSize?: number | "all" | undefined;
    readonly shuffle?: boolean | undefined;
  },
  rows: number,
  seed: number,
): Plan {
  const { batchSize = 32, shuffle = true } = options;
  if (batchSize !== "all") requireSize("fit: batchSize", batchSize);
  const size = batchSize === "all" ? rows : Math.min(batchSize, rows);
  const sizeOf = (batch: number): number => Math.min(size, rows - batch * size);
  const mixed = shuffle && size < rows; // one batch of all has no order
  return {
    rows,
    size,
    shuffle,
    count: Math.ceil(rows / size),
    sizeOf,
    orderOf: (epoch) =>
      mixed ? random.permutation(rows, { seed: partSeed(seed, 2 * epoch) as number }) : null,
    take: (data, order, batch) =>
      order === null
        ? rowsFrom(data, batch * size, sizeOf(batch))
        : rowsAt(data, order.slice([batch * size], [sizeOf(batch)])),
  };
}

const names = [
  ...[
    "loss",
    "optimizer",
    "epochs",
    "batchSize",
    "validation",
    "metrics",
    "callbacks",
    "signal",
    "seed",
  ],
  ...["shuffle", "penalty", "clip", "earlyStopping", "params", "resume", "progress"],
];

/** What a user of plain JavaScript may get wrong, found before anything begins. */
export function requireOptions<P, X, Y, O, M extends string>(
  options: FitOptions<P, X, Y, O, M>,
): void {
  if (typeof options?.loss !== "function") {
    throw new UsageError("fit: the loss is no function; { loss: mse }, or one like it, was wanted");
  }
  requireKnown("fit", options, names);
  const {
    epochs = 10,
    optimizer,
    metrics = {},
    callbacks = [],
    penalty,
    clip = {},
    seed,
  } = options;
  if (!Number.isInteger(epochs) || epochs < 0) {
    throw new UsageError(`fit: epochs is ${epochs}; a whole number, 0 or more, was wanted`);
  }
  if (seed !== undefined && !Number.isInteger(seed)) {
    throw new UsageError(`fit: seed is ${seed}; a whole number was wanted`);
  }
  if (optimizer !== undefined && typeof optimizer.update !== "function") {
    throw new UsageError(
      "fit: the optimizer is none; make one by calling its function: { optimizer: adam() }",
    );
  }
  for (const [name, metric] of Object.entries(metrics)) {
    if (typeof metric !== "function")
      throw new UsageError(`fit: the metric ${name} is no function`);
    if (name === "loss" || name === "validation") {
      throw new UsageError(`fit: a metric cannot be called ${name}, which the history has already`);
    }
  }
  if (penalty !== undefined && typeof penalty !== "function") {
    throw new UsageError("fit: the penalty is no function; l2(1e-4), or one like it, was wanted");
  }
  requireKnown("fit: clip", clip, ["norm", "value"]);
  if (
    !Array.isArray(callbacks) ||
    callbacks.some((c) => typeof c !== "function" && typeof c !== "object")
  ) {
    throw new UsageError("fit: callbacks are a list of functions, or of { onEpoch, onBatch }");
  }
  for (const callback of callbacks) {
    if (typeof callback === "object")
      requireKnown("fit: callback", callback, ["onEpoch", "onBatch"]);
  }
}

/** Where training begins: at a checkpoint, which must be one of such a training, or from first parameters. */
export function begin<P, X, Y, O, M extends string>(
  model: Model<P, X, O>,
  optimizer: Optimizer,
  { params, resume, epochs = 10, seed }: FitOptions<P, X, Y, O, M>,
  plan: Plan,
): Pick<Checkpoint<P>, "params" | "optimizer" | "epoch" | "batch" | "best"> {
  if (resume === undefined) {
    const first = params ?? firstOf(model, seed ?? 0);
    leaves(first, "fit, parameters");
    return { params: first, optimizer: optimizer.init(first), epoch: 0, batch: 0, best: null };
  }
  if (params !== undefined) {
    throw new UsageError("fit: params and resume exclude each other; a checkpoint has its own");
  }
  const wanted = { rows: plan.rows, batchSize: plan.size, shuffle: plan.shuffle, seed };
  for (const [name, now] of Object.entries(wanted)) {
    const then = (resume as unknown as Record<string, unknown>)[name];
    if (then === now || (name === "seed" && now === undefined && typeof then === "number"))
      continue;
    throw new UsageError(
      then === undefined
        ? `fit: resume is no checkpoint: it has no ${name}`
        : `fit: resume has ${name} ${then}, and here it is ${now}; a training goes on as it began`,
    );
  }
  if (resume.epoch > epochs) {
    throw new UsageError(
      `fit: resume is after epoch ${resume.epoch}, and epochs is ${epochs}; all epochs are counted`,
    );
  }
  return resume;
}

function firstOf<P, X, O>(model: Model<P, X, O>, seed: number): P {
  if (typeof model !== "function" && typeof model.init === "function") return model.init({ seed });
  throw new UsageError("fit: the model has no init, so params, to start from, were wanted");
}
