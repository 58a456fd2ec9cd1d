import type { Tensor } from "../../index.js";
import type { Optimizer, OptimizerState } from "../../optim/index.js";
import type { FirstOptions, Pass } from "../layer.js";

/** Inputs x and targets y: tensors, or trees of them, that have a row for each case on the first axis. */
export interface Data<X = Tensor, Y = Tensor> {
  readonly x: X;
  readonly y: Y;
}

/** T, which is inferred from here only where nothing else says it. */
type Else<T> = T & {};

/**
 * A model without a layer's name: what makes first parameters, if it does, and what applies them.
 * (A function has a method `apply`, too, which says nothing about the model.)
 */
export interface Applied<P, X = Tensor, O = Tensor> {
  init?(options?: FirstOptions): P;
  apply(params: Else<P>, x: Else<X>, pass?: Pass): Else<O>;
}

/** A model as a function of parameters and inputs. */
export type Applying<P, X = Tensor, O = Tensor> = (params: P, x: X, pass: Pass) => O;

/** What {@link fit} trains: a layer, or what works like one, or a function of parameters and inputs. */
export type Model<P, X = Tensor, O = Tensor> = Applying<P, X, O> | Applied<P, X, O>;

/**
 * A number that tells how good outputs are. Over batches it is averaged, by their rows; NaN says that it is
 * not defined for a batch, which is left out then.
 */
export type Metric<O = Tensor, Y = Tensor> = (output: O, target: Y) => Tensor | number;

/** The loss, without penalty, and each metric. */
export type Scores<M extends string = never> = { readonly [K in "loss" | M]: number };

/** The scores of each epoch. */
export type Series<M extends string = never> = { readonly [K in "loss" | M]: readonly number[] };

/** The scores of each epoch: while training (means over its batches), and after it on the validation data. */
export type History<M extends string = never> = Series<M> & {
  readonly validation?: Series<M> | undefined;
};

/** When training ends before its last epoch. */
export interface EarlyStopping {
  /** After so many epochs without a better score. */
  readonly patience: number;
  /** Which score, of the validation data where there are any; `"loss"` unless given. */
  readonly monitor?: string | undefined;
  /** What is better; for the loss `"lower"`, for a metric it must be said. */
  readonly better?: "lower" | "higher" | undefined;
  /** By how much a score must be better to count; 0 unless given. */
  readonly minDelta?: number | undefined;
  /** Whether the parameters of the best epoch are returned, as they are unless this is false. */
  readonly restoreBest?: boolean | undefined;
}

/** The best epoch so far, where early stopping looks for it. */
export interface Best<P> {
  readonly epoch: number;
  readonly score: number;
  readonly params: P;
}

/** Of each score the sum over rows, and how many these are. */
export type Totals = { readonly [score: string]: readonly [sum: number, rows: number] };

/**
 * All that training needs to go on as if it had not been interrupted: a plain value, which
 * `save` of `tracegrad/io` writes to a file.
 */
export interface Checkpoint<P> {
  readonly params: P;
  readonly optimizer: OptimizerState;
  readonly seed: number;
  /** Of the data, how it is cut into batches, and whether in random order. */
  readonly rows: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Whole epochs done, and batches of the one under way, with the sums of its scores. */
  readonly epoch: number;
  readonly batch: number;
  /** Whether the optimizer found no lower point in its last step on all rows. */
  readonly converged: boolean;
  readonly sums: Totals;
  readonly history: { readonly [score: string]: readonly number[] };
  readonly validation: { readonly [score: string]: readonly number[] };
  readonly best: Best<P> | null;
}

/** What callbacks are told after an epoch. */
export interface EpochInfo<P, M extends string = never> {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly scores: Scores<M>;
  readonly validation: Scores<M> | undefined;
  /** The parameters now. */
  readonly params: P;
  /** What {@link fit} needs to resume from here. */
  checkpoint(): Checkpoint<P>;
}

/** What callbacks are told after a batch. */
export interface BatchInfo<P, M extends string = never> {
  /** Both counted from 1, and how many there are. */
  readonly epoch: number;
  readonly epochs: number;
  readonly batch: number;
  readonly batches: number;
  /** Of this batch alone. */
  readonly scores: Scores<M>;
  readonly params: P;
  checkpoint(): Checkpoint<P>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a callback may return nothing.
type Answer = boolean | void | Promise<boolean | void>;

/** Called on the way, and awaited; `false` ends the training. A function alone is an `onEpoch`. */
export type Callback<P, M extends string = never> =
  | ((info: EpochInfo<P, M>) => Answer)
  | {
      onEpoch?(info: EpochInfo<P, M>): Answer;
      onBatch?(info: BatchInfo<P, M>): Answer;
    };

/** How {@link fit} trains. */
export interface FitOptions<P, X, Y, O, M extends string> {
  /** Of the model's output and the target: a scalar. */
  readonly loss: (output: NoInfer<O>, target: NoInfer<Y>) => Tensor;
  /** Adam with a learning rate of 0.001 unless given. */
  readonly optimizer?: Optimizer | undefined;
  /** Rounds through the data, those before a checkpoint counted; 10 unless given. */
  readonly epochs?: number | undefined;
  /** Rows of a step; 32 unless given, and `"all"` for lbfgs and newton. */
  readonly batchSize?: number | "all" | undefined;
  /**
   * Other data to be scored after each epoch; or a share, or a number of rows, of the data to hold out:
   * random ones, or without `shuffle`, as of a series in time, the last.
   */
  readonly validation?: Data<NoInfer<X>, NoInfer<Y>> | number | undefined;
  readonly metrics?: { readonly [K in M]: Metric<NoInfer<O>, NoInfer<Y>> } | undefined;
  readonly callbacks?: readonly Callback<NoInfer<P>, NoInfer<M>>[] | undefined;
  /** Ends the training after the batch under way; what there is by then is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Of the first parameters, the order of the rows, and dropout; 0 unless given. */
  readonly seed?: number | undefined;
  /** Whether each epoch has another random order of the rows, as it has unless this is false. */
  readonly shuffle?: boolean | undefined;
  /** Added to the loss, such as `l2(1e-4)`. */
  readonly penalty?: ((params: NoInfer<P>) => Tensor) | undefined;
  /** The largest norm of the whole gradient, or the largest size of its entries. */
  readonly clip?:
    | { readonly norm?: number | undefined; readonly value?: number | undefined }
    | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  /** To start from, instead of what the model's `init` gives; a checkpoint has precedence. */
  readonly params?: P | undefined;
  /** A checkpoint to go on from. */
  readonly resume?: Checkpoint<P> | undefined;
  /** A bar with the time left on a terminal; without one, where this is true, a line an epoch. */
  readonly progress?: boolean | undefined;
}

/** Why training ended. */
export type Stopped = "finished" | "early" | "aborted" | "callback" | "converged";

/** What {@link fit} gives. */
export interface Fitted<P, M extends string = never> {
  /** Of the last step, or of the best epoch where early stopping looked for it. */
  readonly params: P;
  readonly history: History<M>;
  /** All epochs done; early stopping, an abort, or a callback; or the optimizer found no lower point. */
  readonly stopped: Stopped;
  /** The best epoch, where early stopping looked for it. */
  readonly best: { readonly epoch: number; readonly score: number } | null;
  /** To train on later. */
  readonly checkpoint: Checkpoint<P>;
}
