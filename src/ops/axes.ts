import type { Sample } from "../core/op.js";
import { adopt, tensor } from "../tensor/create.js";
import { getDefaultDtype, isFloat } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import { checkAxes, reducedShape, type Shape, sizeOf } from "../tensor/shape.js";
import { Tensor, type TensorLike } from "../tensor/tensor.js";
import { describe } from "../tensor/tree.js";
import { cast } from "./compare.js";
import { broadcastTo, reshape } from "./reshape.js";
import { uniform } from "./samples.js";

/** Which axes a reduction goes over (all unless given), and whether they stay with size 1. */
export interface ReduceOptions {
  readonly axis?: number | readonly number[] | undefined;
  readonly keepDims?: boolean | undefined;
}

/** The attributes of a reduction. */
export interface Reduction {
  readonly axis: number | readonly number[] | undefined;
  readonly keepDims: boolean;
}

export function reduction(op: string, options: ReduceOptions): Reduction {
  const { axis, keepDims = false } = requireOptions(op, options, REDUCTION);
  return { axis, keepDims };
}

const AXIS: readonly string[] = ["axis"];
const REDUCTION: readonly string[] = ["axis", "keepDims"];

/** The axis that options name, if they do. */
export function axisOf(
  op: string,
  options: { readonly axis?: number | undefined },
): number | undefined {
  return requireOptions(op, options, AXIS).axis;
}

/** Whole numbers and truth values as floats, where a fraction comes to them. */
export function asFloat(X: TensorLike): TensorLike {
  return X instanceof Tensor && !isFloat(X.dtype) ? cast(X, getDefaultDtype()) : X;
}

/** The shape that a reduction leaves of `X`. */
export function reduced(op: string, X: Shape, { axis, keepDims }: Reduction): Shape {
  return reducedShape(X, checkAxes(op, axis, X.length), keepDims);
}

/** A reduction's result (or its cotangent) so that it broadcasts against `X` again. */
export function kept(Y: Tensor, X: Shape, { axis, keepDims }: Reduction): Tensor {
  const axes = checkAxes("reshape", axis, X.length);
  // Leading axes need not be put back: broadcasting aligns at the right.
  return keepDims || axes.every((a, i) => a === i) ? Y : reshape(Y, reducedShape(X, axes, true));
}

/*
 * For what is done to each of several tensors that lie along one more axis in front, as under `vmap`.
 */

/** An axis of each, as an axis of all. */
export function shifted(axis: number): number {
  return axis < 0 ? axis : axis + 1;
}

/** Likewise several; all of them where none is given. */
export function shiftedAll(axis: Reduction["axis"], { rank }: Tensor): readonly number[] {
  if (axis === undefined) return Array.from({ length: rank - 1 }, (_, i) => i + 1);
  return [axis].flat().map(shifted);
}

/** The same reduction of each. */
export function ofEach({ axis, keepDims }: Reduction, X: Tensor): Reduction {
  return { axis: shiftedAll(axis, X), keepDims };
}

/** Each with so many axes of size 1 before its own. */
export function deepened(X: Tensor, count: number): Tensor {
  if (count <= 0) return X;
  return reshape(X, X.shape.toSpliced(1, 0, ...new Array<number>(count).fill(1)));
}

/** So many that are all alike. */
export function repeated(X: Tensor, size: number): Tensor {
  return broadcastTo(X, [size, ...X.shape]);
}

/** How many elements go into each one of the result. */
export function reducedSize(X: Shape, { axis }: Pick<Reduction, "axis">): number {
  return sizeOf(checkAxes("reduce", axis, X.length).map((i) => X[i] as number));
}

/** A tensor, for functions that must know its shape. */
export function asTensor(X: TensorLike): Tensor {
  return X instanceof Tensor ? X : tensor(X);
}

/** A list of tensors; numbers and arrays take the dtype of the tensors among them. */
export function asTensors(op: string, Xs: readonly TensorLike[]): Tensor[] {
  if (!Array.isArray(Xs)) {
    throw new UsageError(`${op}: Xs is ${describe(Xs)}; a list of tensors was wanted`);
  }
  const dtypes = Xs.flatMap((X) => (X instanceof Tensor ? [X.dtype] : []));
  return Xs.map((X) => (X instanceof Tensor ? X : adopt(`${op}: an entry of Xs`, X, dtypes)));
}

/** Samples of a reduction: all axes, one, several, kept, of size 1. */
export function folds(): Sample<"X", Reduction>[] {
  const one = (shape: Shape, axis?: number | readonly number[], keepDims = false) => ({
    inputs: { X: uniform(shape) },
    attrs: { axis, keepDims },
  });
  return [
    one([]),
    one([4]),
    one([2, 3]),
    one([2, 3], 0),
    one([2, 3], -1),
    one([2, 3, 4], [0, 2]),
    one([2, 3, 4], 1, true),
    one([3, 1, 2], [1], true),
    one([2, 3], []),
  ];
}
