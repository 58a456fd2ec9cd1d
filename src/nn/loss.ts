import {
  DomainError,
  leaves,
  logSoftmax,
  maximum,
  oneHot,
  ShapeError,
  softplus,
  Tensor,
  UsageError,
  where,
} from "../index.js";
import { requireKnown } from "./layer.js";

/** How the losses of the rows become one: their mean (unless given), their sum, or not at all. */
export interface LossOptions {
  readonly reduction?: "mean" | "sum" | "none";
}

function reduced(name: string, rows: Tensor, { reduction = "mean" }: LossOptions): Tensor {
  if (reduction === "mean") return rows.mean();
  if (reduction === "sum") return rows.sum();
  if (reduction === "none") return rows;
  throw new UsageError(
    `${name}: reduction is ${String(reduction)}; "mean", "sum" or "none" was wanted`,
  );
}

const list = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** Output and target of one shape. Broadcasting, [n, 1] with [n] to [n, n], would be a silent mistake. */
function requireAlike(name: string, output: Tensor, target: Tensor): void {
  requireTensors(name, output, target);
  const { shape } = output;
  if (shape.length === target.rank && shape.every((n, i) => n === target.shape[i])) return;
  const remedy =
    output.size === target.size ? `, such as target.reshape(${list(shape)})` : ", row by row";
  throw new ShapeError(
    `${name}: output is ${list(shape)} and target is ${list(target.shape)}; ` +
      `equal shapes were wanted${remedy}`,
  );
}

function requireTensors(name: string, output: unknown, target: unknown): void {
  if (output instanceof Tensor && target instanceof Tensor) return;
  const which = output instanceof Tensor ? "target" : "output";
  throw new UsageError(`${name}: ${which} is no tensor; make one by tensor(${which})`);
}

/** What is wrong with every option but those known, and no reduction. */
const known = ["reduction"];

/**
 * The mean squared error, `mean((output − target)²)`; both of one shape.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * mse(tensor([1, 2]), tensor([0, 4])).item(); // 2.5
 */
export function mse(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireKnown("mse", options, known);
  requireAlike("mse", output, target);
  return reduced("mse", output.sub(target).square(), options);
}

/**
 * The mean absolute error, `mean(|output − target|)`; both of one shape.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * mae(tensor([1, 2]), tensor([0, 4])).item(); // 1.5
 */
export function mae(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireKnown("mae", options, known);
  requireAlike("mae", output, target);
  return reduced("mae", output.sub(target).abs(), options);
}

/**
 * Huber's loss: with `r = output − target`, `½ r²` where `|r| ≤ δ` and `δ (|r| − ½ δ)` beyond, so that
 * outliers pull no harder than δ, which is 1 unless given (Huber, "Robust estimation of a location
 * parameter", 1964).
 *
 * @throws ShapeError when the shapes differ; DomainError when delta is not positive.
 * @example
 * huber(tensor([0.5, 3]), tensor([0, 0]), { reduction: "none" }).toArray(); // [0.125, 2.5]
 */
export function huber(
  output: Tensor,
  target: Tensor,
  options: LossOptions & { readonly delta?: number } = {},
): Tensor {
  const { delta = 1 } = options;
  requireKnown("huber", options, [...known, "delta"]);
  requireAlike("huber", output, target);
  if (!(delta > 0)) throw new DomainError(`huber: delta is ${delta}; it must be more than 0`);
  const size = output.sub(target).abs();
  const inside = size.clip(0, delta); // c = min(|r|, δ):  c (|r| − ½ c)
  return reduced("huber", inside.mul(size.sub(inside.mul(0.5))), options);
}

/**
 * The binary cross entropy of logits: `−y log σ(z) − (1 − y) log(1 − σ(z))` for the output z and the
 * target y, 0 or 1 or a probability between; both of one shape. It is found as
 * `y softplus(−z) + (1 − y) softplus(z)`, which keeps its digits for logits of any size.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * bce(tensor([0, 100, -100]), tensor([1, 1, 1]), { reduction: "none" }).toArray(); // [0.693…, 0, 100]
 */
export function bce(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireKnown("bce", options, known);
  requireAlike("bce", output, target);
  const y = target.cast(output.dtype);
  const rows = y.mul(softplus(output.neg())).add(y.neg().add(1).mul(softplus(output)));
  return reduced("bce", rows, options);
}

/**
 * The probabilities that a target names: those of labels, of one axis less than the output, are 1 at the
 * label and else 0; a target of the output's shape has them itself.
 */
function probabilities(name: string, output: Tensor, target: Tensor): Tensor {
  requireTensors(name, output, target);
  const { shape } = output;
  const classes = shape.at(-1) ?? 0;
  const fits = (want: readonly number[]): boolean =>
    target.rank === want.length && want.every((n, i) => n === target.shape[i]);
  if (shape.length > 0 && fits(shape)) return target.cast(output.dtype);
  if (shape.length > 0 && fits(shape.slice(0, -1))) {
    return oneHot(target, classes, { dtype: output.dtype });
  }
  throw new ShapeError(
    `${name}: output is ${list(shape)} and target is ${list(target.shape)}; scores for each class on ` +
      `the last axis, and labels ${list(shape.slice(0, -1))} or probabilities ${list(shape)}, were wanted`,
  );
}

/**
 * The cross entropy of logits: `−Σ p log softmax(z)` over the last axis of the output z, and its mean over
 * the rows. The target has labels 0 … k−1, of one axis less, or the probabilities p, of the same
 * shape. `labelSmoothing` moves that share of each target to all classes alike (Szegedy et al. 2016).
 *
 * @throws ShapeError when the shapes do not fit; DomainError when a label is no class, or the smoothing
 *   lies outside [0, 1).
 * @example
 * const logits = tensor([[2, 0], [0, 1000]]);
 * crossEntropy(logits, tensor([0, 1], { dtype: "int32" })).item(); // 0.0634…
 * crossEntropy(logits, tensor([[1, 0], [0, 1]])).item(); // 0.0634…
 */
export function crossEntropy(
  output: Tensor,
  target: Tensor,
  options: LossOptions & { readonly labelSmoothing?: number } = {},
): Tensor {
  const { labelSmoothing: share = 0 } = options;
  requireKnown("crossEntropy", options, [...known, "labelSmoothing"]);
  if (!(share >= 0 && share < 1)) {
    throw new DomainError(
      `crossEntropy: labelSmoothing is ${share}; a number from 0 up to but not 1 was wanted`,
    );
  }
  const p = probabilities("crossEntropy", output, target);
  const wanted = share === 0 ? p : p.mul(1 - share).add(share / (output.shape.at(-1) as number));
  return reduced("crossEntropy", minusDot(wanted, logSoftmax(output, { axis: -1 })), options);
}

/**
 * The negative log-likelihood of log-probabilities, such as `logSoftmax` gives: `−log p` of the class
 * that the target names, as for {@link crossEntropy}.
 *
 * @throws ShapeError when the shapes do not fit; DomainError when a label is no class.
 * @example
 * const p = tensor([[0.5, 0.5], [0.25, 0.75]]);
 * nll(p.log(), tensor([0, 1], { dtype: "int32" })).item(); // 0.490…
 */
export function nll(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireKnown("nll", options, known);
  return reduced("nll", minusDot(probabilities("nll", output, target), output), options);
}

/** `−Σ p l` over the last axis, where 0 · (−∞), of a class that is neither likely nor meant, is 0. */
function minusDot(p: Tensor, l: Tensor): Tensor {
  return where(p.equal(0), 0, p.mul(l)).sum({ axis: -1 }).neg();
}

/**
 * The hinge loss of scores, `max(0, 1 − y s)` for the output s (Cortes and Vapnik 1995). The target y is 1 where
 * it is positive, and −1 elsewhere, so that classes may be called 1 and 0, or 1 and −1.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * hinge(tensor([2, 0.5, -1]), tensor([1, 1, 0]), { reduction: "none" }).toArray(); // [0, 0.5, 0]
 */
export function hinge(output: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  requireKnown("hinge", options, known);
  requireAlike("hinge", output, target);
  const against = where(target.greater(0), output.neg(), output); // −y s
  return reduced("hinge", maximum(against.add(1), 0), options);
}

/** Which of the parameters a penalty is for. */
export interface PenaltyOptions {
  /** All of them unless given; `(p) => p.rank > 1` leaves out biases. */
  readonly where?: (p: Tensor, i: number) => boolean;
}

/**
 * The L1 penalty `strength · Σ |p|`, as a function of parameters, a tensor or a tree of them: for `fit`'s
 * `penalty`, or to add to a loss.
 *
 * @throws DomainError when the strength is negative.
 * @example
 * l1(0.1)({ W: tensor([[1, -2]]), b: tensor([3]) }).item(); // 0.6
 */
export function l1(strength: number, options: PenaltyOptions = {}): (params: unknown) => Tensor {
  return penalty("l1", strength, options, (p) => p.abs().sum());
}

/**
 * The L2 penalty `strength · Σ p²`, as a function of parameters, a tensor or a tree of them: for `fit`'s
 * `penalty`, or to add to a loss. (`adamw` shrinks weights without it.)
 *
 * @throws DomainError when the strength is negative.
 * @example
 * l2(0.1, { where: (p) => p.rank > 1 })({ W: tensor([[1, -2]]), b: tensor([3]) }).item(); // 0.5
 */
export function l2(strength: number, options: PenaltyOptions = {}): (params: unknown) => Tensor {
  return penalty("l2", strength, options, (p) => p.square().sum());
}

function penalty(
  name: string,
  strength: number,
  options: PenaltyOptions,
  size: (p: Tensor) => Tensor,
): (params: unknown) => Tensor {
  requireKnown(name, options, ["where"]);
  if (!(strength >= 0 && Number.isFinite(strength))) {
    throw new DomainError(`${name}: strength is ${strength}; a number of at least 0 was wanted`);
  }
  return (params) => {
    const chosen = leaves(params, `${name}, parameters`).filter(options.where ?? (() => true));
    const [first, ...rest] = chosen.map(size);
    if (first === undefined) throw new UsageError(`${name}: there are no parameters to penalise`);
    return rest.reduce((sum, part) => sum.add(part), first).mul(strength);
  };
}
