import {
  FRACTION,
  NOT_NEGATIVE,
  POSITIVE,
  requireNames,
  requireNumber,
} from "../checks/options.js";
import { bracketed, said } from "../checks/said.js";
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
import { requireTensor, sameShape } from "./layer.js";

/** How the losses of the rows become one: their mean (unless given), their sum, or not at all. */
export interface LossOptions {
  readonly reduction?: "mean" | "sum" | "none" | undefined;
}

function reduced(name: string, rows: Tensor, reduction: LossOptions["reduction"] = "mean"): Tensor {
  if (reduction === "mean") return rows.mean();
  if (reduction === "sum") return rows.sum();
  if (reduction === "none") return rows;
  throw new UsageError(
    `${name}: reduction is ${said(reduction)}; "mean", "sum" or "none" was wanted`,
  );
}

/** Output and target of one shape. Broadcasting, [n, 1] with [n] to [n, n], would be a silent mistake. */
export function requireAlike(name: string, output: Tensor, target: Tensor): void {
  requireTensors(name, output, target);
  if (sameShape(output.shape, target.shape)) return;
  const remedy =
    output.size === target.size
      ? `, such as target.reshape(${bracketed(output.shape)})`
      : ", row by row";
  throw new ShapeError(
    `${name}: output is ${bracketed(output.shape)} and target is ${bracketed(target.shape)}; ` +
      `equal shapes were wanted${remedy}`,
  );
}

export function requireTensors(name: string, output: unknown, target: unknown): void {
  requireTensor(`${name}: output`, output);
  requireTensor(`${name}: target`, target);
}

/** What most losses have for options. */
const known = ["reduction"];

/**
 * The mean squared error, `mean((output − target)²)`; both of one shape.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * mse(tensor([1, 2]), tensor([0, 4])).item(); // 2.5
 */
export function mse(output: Tensor, target: Tensor, options?: LossOptions): Tensor {
  requireNames("mse", options, known);
  requireAlike("mse", output, target);
  return reduced("mse", output.sub(target).square(), options?.reduction);
}

/**
 * The mean absolute error, `mean(|output − target|)`; both of one shape.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * mae(tensor([1, 2]), tensor([0, 4])).item(); // 1.5
 */
export function mae(output: Tensor, target: Tensor, options?: LossOptions): Tensor {
  requireNames("mae", options, known);
  requireAlike("mae", output, target);
  return reduced("mae", output.sub(target).abs(), options?.reduction);
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
  options: LossOptions & { readonly delta?: number | undefined } = {},
): Tensor {
  requireNames("huber", options, [...known, "delta"]);
  requireAlike("huber", output, target);
  const { delta = 1, reduction } = options;
  requireNumber("huber: delta", delta, POSITIVE);
  const size = output.sub(target).abs();
  const inside = size.clip(0, delta); // c = min(|r|, δ):  c (|r| − ½ c)
  return reduced("huber", inside.mul(size.sub(inside.mul(0.5))), reduction);
}

/**
 * The binary cross entropy of logits: `−y log σ(z) − (1 − y) log(1 − σ(z))` for the output z and the
 * target y, 0 or 1 or a probability between; both of one shape. It is found as
 * `y softplus(−z) + (1 − y) softplus(z)`, which keeps its digits for logits of any size. Whether all
 * targets lie in [0, 1] is looked at by `fit` and `evaluate`, not here.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * bce(tensor([0, 100, -100]), tensor([1, 1, 1]), { reduction: "none" }).toArray(); // [0.693…, 0, 100]
 */
export function bce(output: Tensor, target: Tensor, options?: LossOptions): Tensor {
  requireNames("bce", options, known);
  requireAlike("bce", output, target);
  const y = asFloats(target, output);
  const rows = y.mul(softplus(output.neg())).add(y.neg().add(1).mul(softplus(output)));
  return reduced("bce", rows, options?.reduction);
}

/**
 * `−Σ p l` over the last axis, for the probabilities p that a target names: those of labels, of one axis
 * less than l, are 1 at the label and else 0; a target of the shape of l has them itself. `smoothing`
 * moves that share of them to all classes alike.
 */
function minusDot(name: string, l: Tensor, target: Tensor, smoothing = 0): Tensor {
  const classes = l.shape.at(-1) as number;
  const named = target.rank < l.rank ? oneHotOf(name, target, classes) : target;
  if (named !== target && smoothing === 0) return where(named, l, 0).sum({ axis: -1 }).neg();
  let p = asFloats(named, l);
  if (smoothing > 0) p = p.mul(1 - smoothing).add(smoothing / classes);
  // 0 · (−∞), of a class that is neither likely nor meant, is 0.
  return where(p.equal(0), 0, p.mul(l)).sum({ axis: -1 }).neg();
}

/** A target in floats: in those of the output, if it has them. */
function asFloats(target: Tensor, { dtype }: Tensor): Tensor {
  return target.cast(dtype === "float64" ? dtype : "float32");
}

/** Where the label of each row is, of so many classes. */
export function oneHotOf(name: string, labels: Tensor, classes: number): Tensor {
  try {
    return oneHot(labels, classes, { dtype: "bool" });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(`${name}, labels of ${classes} classes: ${error.message}`);
  }
}

/** Scores for each class on the last axis, and a target that fits them. */
function requireClasses(name: string, output: Tensor, target: Tensor): void {
  requireTensors(name, output, target);
  const { shape } = output;
  const rows = shape.slice(0, -1);
  const fits = sameShape(target.shape, shape) || sameShape(target.shape, rows);
  if (shape.length > 0 && fits) return;
  const other = shape.length > 0 && sameShape(target.shape.slice(0, -1), shape);
  const turned = other ? ` (the output comes first: ${name}(output, target))` : "";
  throw new ShapeError(
    `${name}: output is ${bracketed(shape)} and target is ${bracketed(target.shape)}; ` +
      `scores for each class on the last axis, and labels ${bracketed(rows)} or probabilities ` +
      `${bracketed(shape)}, were wanted${turned}`,
  );
}

/**
 * The cross entropy of logits: `−Σ p log softmax(z)` over the last axis of the output z, and its mean over
 * the rows. The target has labels 0 … k−1, of one axis less, or the probabilities p, of the same
 * shape. `labelSmoothing` moves that share of each target to all classes alike (Szegedy et al. 2016).
 *
 * @throws ShapeError when the shapes do not fit, or there is one class alone; DomainError when a label is no
 *   class, or the smoothing lies outside [0, 1).
 * @example
 * const logits = tensor([[2, 0], [0, 1000]]);
 * crossEntropy(logits, tensor([0, 1], { dtype: "int32" })).item(); // 0.0634…
 * crossEntropy(logits, tensor([[1, 0], [0, 1]])).item(); // 0.0634…
 */
export function crossEntropy(
  output: Tensor,
  target: Tensor,
  options: LossOptions & { readonly labelSmoothing?: number | undefined } = {},
): Tensor {
  requireNames("crossEntropy", options, [...known, "labelSmoothing"]);
  requireClasses("crossEntropy", output, target);
  const { labelSmoothing = 0, reduction } = options;
  requireNumber("crossEntropy: labelSmoothing", labelSmoothing, FRACTION);
  if (output.shape.at(-1) === 1) {
    throw new ShapeError(
      `crossEntropy: output is ${bracketed(output.shape)}, scores of one class, which is always right; ` +
        "scores of two or more were wanted, or bce, for one logit a row",
    );
  }
  const l = logSoftmax(output, { axis: -1 });
  return reduced("crossEntropy", minusDot("crossEntropy", l, target, labelSmoothing), reduction);
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
export function nll(output: Tensor, target: Tensor, options?: LossOptions): Tensor {
  requireNames("nll", options, known);
  requireClasses("nll", output, target);
  return reduced("nll", minusDot("nll", output, target), options?.reduction);
}

/**
 * The hinge loss of scores, `max(0, 1 − y s)` for the output s (Cortes and Vapnik 1995). The target y is 1 where
 * it is positive, and −1 elsewhere, so that classes may be called 1 and 0, or 1 and −1.
 *
 * @throws ShapeError when the shapes differ, even where they would broadcast.
 * @example
 * hinge(tensor([2, 0.5, -1]), tensor([1, 1, 0]), { reduction: "none" }).toArray(); // [0, 0.5, 0]
 */
export function hinge(output: Tensor, target: Tensor, options?: LossOptions): Tensor {
  requireNames("hinge", options, known);
  requireAlike("hinge", output, target);
  const against = where(target.greater(0), output.neg(), output); // −y s
  return reduced("hinge", maximum(against.add(1), 0), options?.reduction);
}

/**
 * Refuses targets that a loss cannot mean, such as −1 for `bce`. `fit` and `evaluate` look at all data
 * when the first output is there: the losses themselves run in every step.
 */
export function requireTargets(
  where: string,
  loss: unknown,
  output: unknown,
  target: unknown,
): void {
  if (!(output instanceof Tensor && target instanceof Tensor) || target.size === 0) return;
  const least = (): number => target.min().item();
  if (loss === bce && target.dtype !== "bool" && (least() < 0 || target.max().item() > 1)) {
    throw new DomainError(
      `${where}: y goes from ${least()} to ${target.max().item()}; bce takes 0, 1 and probabilities ` +
        "between (hinge takes −1 and 1, mse numbers of any size)",
    );
  }
  const hasClasses = loss === crossEntropy || loss === nll;
  if (!hasClasses || !isFloat(target) || target.rank === 0 || target.rank < output.rank) return;
  const off = target.sum({ axis: -1 }).sub(1).abs().max().item();
  if (least() >= 0 && off <= 1e-3) return;
  const why = least() < 0 ? `one is ${least()}` : `a sum is off 1 by ${off}`;
  throw new DomainError(
    `${where}: rows of y are no probabilities: ${why}; ` +
      `${loss === nll ? "nll" : "crossEntropy"} takes labels, one-hot rows, and rows that sum to 1`,
  );
}

const isFloat = ({ dtype }: Tensor): boolean => dtype === "float32" || dtype === "float64";

/** Which of the parameters a penalty is for. */
export interface PenaltyOptions {
  /** All of them unless given; `(p) => p.rank > 1` leaves out biases. */
  readonly where?: ((p: Tensor, i: number) => boolean) | undefined;
}

/**
 * The L1 penalty `strength · Σ |p|`, as a function of parameters, a tensor or a tree of them: for `fit`'s
 * `penalty`, or to add to a loss. Gradient steps come near to 0 by it, not to 0 itself; for that, each is
 * followed by a shrinkage, `p.sign().mul(p.abs().sub(rate * strength).maximum(0))`.
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
  requireNumber(`${name}: strength`, strength, NOT_NEGATIVE);
  requireNames(name, options, ["where"]);
  const { where = () => true } = options;
  if (typeof where !== "function") {
    throw new UsageError(`${name}: where is ${said(where)}; a function of a parameter was wanted`);
  }
  return (params) => {
    const chosen = leaves(params, `${name}, parameters`).filter(where);
    const [first, ...rest] = chosen.map(size);
    if (first === undefined) throw new UsageError(`${name}: there are no parameters to penalise`);
    return rest.reduce((sum, part) => sum.add(part), first).mul(strength);
  };
}
