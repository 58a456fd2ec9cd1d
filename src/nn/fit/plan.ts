import { said } from "../../checks/said.js";
import { leaves, leavesLike, random, type Tensor, UsageError } from "../../index.js";
import type { Optimizer } from "../../optim/index.js";
import { partSeed, requireSize } from "../layer.js";
import { rowsAt, rowsFrom } from "./rows.js";
import type { Applied, Checkpoint, Data, FitOptions, Model } from "./types.js";

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
  optimizer: Optimizer,
): Plan {
  const { batchSize = optimizer.whole === true ? "all" : 32, shuffle = true } = options;
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

/** Where training begins: at a checkpoint, which must be one of such a training, or from first parameters. */
export function begin<P, X, Y, O, M extends string>(
  model: Model<P, X, O>,
  optimizer: Optimizer,
  { params, resume, epochs = 10 }: FitOptions<P, X, Y, O, M>,
  { rows, size: batchSize, shuffle }: Plan,
  seed: number,
): Pick<Checkpoint<P>, "params" | "optimizer" | "epoch" | "batch" | "converged" | "best"> {
  if (resume === undefined) {
    const first = params === undefined ? firstOf(model, seed) : params;
    leaves(first, "fit, parameters");
    const state = optimizer.init(first);
    return { params: first, optimizer: state, epoch: 0, batch: 0, converged: false, best: null };
  }
  for (const [name, now] of Object.entries({ rows, batchSize, shuffle, seed })) {
    const then = (resume as unknown as Record<string, unknown>)[name];
    if (then === undefined) throw notCheckpoint(resume, name);
    if (then !== now) throw otherwise(`${name} ${then}`, `it is ${now}`);
  }
  const like = params ?? (hasInit(model) ? model.init({ seed }) : undefined);
  if (like !== undefined) leavesLike(resume.params, like, "fit: resume is of another model");
  if (resume.epoch > epochs) {
    throw new UsageError(
      `fit: resume is after epoch ${resume.epoch}, and epochs is ${epochs}; all epochs are counted`,
    );
  }
  return resume;
}

function notCheckpoint(resume: object, name: string): UsageError {
  const remedy = "checkpoint" in resume ? "pass its .checkpoint" : `it has no ${name}`;
  return new UsageError(`fit: resume is ${said(resume)}, no checkpoint; ${remedy}`);
}

/** A checkpoint has the scores that are kept here, too, else there would be some of a part of the epochs. */
export function requireScoresOf(
  { epoch, history, validation }: Checkpoint<unknown>,
  names: readonly string[],
  validated: boolean,
): void {
  const [then, now] = [Object.keys(history), names].map((list) => list.toSorted().join(", "));
  if (then !== now) throw otherwise(`the scores ${then}`, `there are ${now}`);
  const length = validation.loss?.length ?? 0;
  if (length === (validated ? epoch : 0)) return;
  throw validated
    ? otherwise("no scores of validation data", "there are")
    : otherwise("scores of validation data", "there are none");
}

function otherwise(then: string, now: string): UsageError {
  return new UsageError(`fit: resume has ${then}, and here ${now}; a training goes on as it began`);
}

/** Whether a model makes its first parameters. */
function hasInit<P, X, O>(
  model: Model<P, X, O>,
): model is Applied<P, X, O> & Required<Pick<Applied<P, X, O>, "init">> {
  return typeof model !== "function" && typeof model.init === "function";
}

function firstOf<P, X, O>(model: Model<P, X, O>, seed: number): P {
  if (hasInit(model)) return model.init({ seed });
  throw new UsageError("fit: the model has no init, so params, to start from, were wanted");
}
