import { apply } from "../core/apply.js";
import { attributes, defineOp, type Op, type Sample } from "../core/op.js";
import { tensor } from "../tensor/create.js";
import { ShapeError, UsageError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import { checkAxes, checkAxis, format, type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { abs, div, mul } from "./arithmetic.js";
import {
  axisOf,
  folds,
  kept,
  ofEach,
  type ReduceOptions,
  type Reduction,
  reduced,
  reducedSize,
  reduction,
  shifted,
} from "./axes.js";
import { cast, equal, where } from "./compare.js";
import { flip } from "./join.js";
import { along, call, fence } from "./notation.js";
import { productOfOthers } from "./others.js";
import { reshape } from "./reshape.js";
import { uniform } from "./samples.js";

/**
 * The sum of the elements over the axes, all unless given; 0 where there are none. Truth values are
 * counted.
 *
 * @throws ShapeError when an axis does not exist.
 * @example
 * sum([[1, 2], [3, 4]]).item(); // 10
 * sum([[1, 2], [3, 4]], { axis: 0 }).toArray(); // [4, 6]
 */
export function sum(X: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply(sumOp, { X }, reduction("sum", options));
}

export const sumOp = defineOp({
  name: "sum",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<Reduction>(),
  dtype: "number",
  shape: ({ X }, attrs) => reduced("sum", X, attrs),
  // ⟨Ȳ, Σ dX⟩ = Σ Ȳ·dX: every element that was summed gets Ȳ, which the sweep repeats.
  rules: { X: { linear: (_, Ybar, { shapes, attrs }) => kept(Ybar, shapes.X, attrs) } },
  maps: ({ X }, attrs) => sum(X, ofEach(attrs, X)),
  acts: { X: ({ X }, { axis }) => [{ sums: checkAxes("sum", axis, X.rank) }] },
  notation: ({ X }, { axis }) => call(along("sum", axis), X),
  law: "the sum is linear",
  samples: () => [
    ...folds(),
    { inputs: { X: uniform([0, 3]) }, attrs: { axis: 0, keepDims: false } },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { axis: 2, keepDims: false },
      error: "sum: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
    },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { axis: [0, -2], keepDims: false },
      error: "sum: axis [0, 0] names the same axis twice",
    },
  ],
});

/**
 * The mean of the elements over the axes, all unless given; NaN where there are none.
 *
 * @throws ShapeError when an axis does not exist.
 * @example
 * mean([[1, 2], [3, 4]], { axis: 1 }).toArray(); // [1.5, 3.5]
 */
export function mean(X: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply(meanOp, { X }, reduction("mean", options));
}

export const meanOp = defineOp({
  name: "mean",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<Reduction>(),
  shape: ({ X }, attrs) => reduced("mean", X, attrs),
  // As for the sum, with 1/n.
  rules: {
    X: {
      linear: (_, Ybar, { shapes: { X }, attrs }) =>
        kept(mul(Ybar, 1 / reducedSize(X, attrs)), X, attrs),
    },
  },
  maps: ({ X }, attrs) => mean(X, ofEach(attrs, X)),
  acts: {
    X: ({ X }, { axis }) => [
      { sums: checkAxes("mean", axis, X.rank) },
      { times: 1 / reducedSize(X.shape, { axis }) },
    ],
  },
  notation: ({ X }, { axis }) => call(along("mean", axis), X),
  law: "the mean is linear",
  samples: () => folds(),
});

/**
 * The product of the elements over the axes, all unless given; 1 where there are none. Its
 * derivatives are right where elements are 0.
 *
 * @throws ShapeError when an axis does not exist.
 * @example
 * prod([[1, 2], [3, 4]]).item(); // 24
 */
export function prod(X: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply(prodOp, { X }, reduction("prod", options));
}

export const prodOp = defineOp({
  name: "prod",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["X"],
  attrs: attributes<Reduction>(),
  dtype: "number",
  shape: ({ X }, attrs) => reduced("prod", X, attrs),
  rules: {
    // dY = Σᵢ (Π_{j≠i} xⱼ) dxᵢ
    X: {
      d: ({ X }, dX, { attrs }) => sum(mul(productOfOthers(X, attrs), dX), attrs),
      adj: ({ X }, Ybar, { attrs }) => mul(productOfOthers(X, attrs), kept(Ybar, X.shape, attrs)),
    },
  },
  maps: ({ X }, attrs) => prod(X, ofEach(attrs, X)),
  notation: ({ X }, { axis }) => call(along("prod", axis), X),
  samples: () => [
    ...folds(),
    { inputs: { X: uniform([5, 2]) }, attrs: { axis: 0, keepDims: false } },
    { inputs: { X: tensor(Float64Array.of(2, 0, 3)) }, attrs: { axis: 0, keepDims: false } },
    { inputs: { X: tensor(Float64Array.of(0, 2, 0, 3)) }, attrs: { axis: 0, keepDims: false } },
    { inputs: { X: uniform([0]) }, attrs: { axis: undefined, keepDims: false } },
  ],
});

/** `max` and `min` differ in their name alone. */
function extreme(op: string, superlative: string, again: typeof max): Op<"X", "Y", Reduction> {
  return defineOp({
    name: op,
    inputs: ["X"],
    outputs: ["Y"],
    saves: ["X", "Y"],
    attrs: attributes<Reduction>(),
    dtype: "same",
    shape: ({ X }, attrs) => {
      requireElements(op, X, attrs.axis, superlative);
      return reduced(op, X, attrs);
    },
    // dY = the mean of dX over the elements that attain Y
    rules: {
      X: {
        d: ({ X, Y }, dX, { attrs }) => sum(mul(share(X, Y, attrs), dX), attrs),
        adj: ({ X, Y }, Ybar, { attrs }) => mul(share(X, Y, attrs), kept(Ybar, X.shape, attrs)),
      },
    },
    maps: ({ X }, attrs) => again(X, ofEach(attrs, X)),
    notation: ({ X }, { axis }) => call(along(op, axis), X),
    samples: () => [
      ...folds(),
      {
        inputs: { X: uniform([0, 3]) },
        attrs: { axis: 0, keepDims: false },
        error: `${op}: X is [0, 3]; axis 0 is empty, so there is no ${superlative} element`,
      },
    ],
  });
}

function requireElements(op: string, X: Shape, axis: Reduction["axis"], superlative: string): void {
  const empty = checkAxes(op, axis, X.length).find((i) => X[i] === 0);
  if (empty === undefined) return;
  throw new ShapeError(
    `${op}: X is ${format(X)}; axis ${empty} is empty, so there is no ${superlative} element`,
  );
}

/** 1 for the element of X that attains Y, 1/n where n of them do, 0 elsewhere. */
function share(X: Tensor, Y: Tensor, attrs: Reduction): Tensor {
  const hits = cast(equal(X, kept(Y, X.shape, attrs)), X.dtype);
  return div(hits, sum(hits, { axis: attrs.axis, keepDims: true }));
}

/**
 * The largest element over the axes, all unless given. Ties share the gradient equally.
 *
 * @throws ShapeError when an axis does not exist or is empty.
 * @example
 * max([[1, 2], [4, 3]], { axis: 1 }).toArray(); // [2, 4]
 */
export function max(X: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply(maxOp, { X }, reduction("max", options));
}

export const maxOp = extreme("max", "largest", max);

/**
 * The smallest element over the axes, all unless given. Ties share the gradient equally.
 *
 * @throws ShapeError when an axis does not exist or is empty.
 * @example
 * min([[1, 2], [4, 3]], { axis: 1 }).toArray(); // [1, 3]
 */
export function min(X: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply(minOp, { X }, reduction("min", options));
}

export const minOp = extreme("min", "smallest", min);

/**
 * The index of the largest element along an axis, as int32; without an axis, its place among all
 * elements row by row. Of equals the first; NaN counts as the largest. It has no derivative.
 *
 * @throws ShapeError when the axis does not exist or is empty.
 * @example
 * argmax([[1, 2], [4, 3]], { axis: 1 }).toArray(); // [1, 0]
 */
export function argmax(
  X: TensorLike,
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  return apply(argmaxOp, { X }, { axis: axisOf("argmax", options) });
}

export const argmaxOp = defineOp({
  name: "argmax",
  inputs: ["X"],
  outputs: ["y"],
  saves: [],
  attrs: attributes<{ axis: number | undefined }>(),
  dtype: "int32",
  shape: ({ X }, { axis }) => {
    requireElements("argmax", X, axis, "largest");
    return reduced("argmax", X, { axis, keepDims: false });
  },
  rules: { X: { constant: "an index is a whole number" } },
  maps: ({ X }, { axis }, { size }) => {
    if (axis !== undefined) return argmax(X, { axis: shifted(axis) });
    return argmax(reshape(X, [size, sizeOf(X.shape.slice(1))]), { axis: 1 });
  },
  notation: ({ X }, { axis }) => call(along("argmax", axis), X),
  samples: (): Sample<"X", { axis: number | undefined }>[] => [
    { inputs: { X: uniform([4]) }, attrs: { axis: 0 } },
    { inputs: { X: uniform([2, 3]) }, attrs: { axis: undefined } },
    { inputs: { X: uniform([2, 3, 4]) }, attrs: { axis: 1 } },
    {
      inputs: { X: uniform([2, 0]) },
      attrs: { axis: 1 },
      error: "argmax: X is [2, 0]; axis 1 is empty, so there is no largest element",
    },
  ],
});

/**
 * The running sum along an axis, which may be left out for a vector.
 *
 * @throws ShapeError when the axis does not exist, or is left out and `X` is not a vector.
 * @example
 * cumsum([1, 2, 3]).toArray(); // [1, 3, 6]
 */
export function cumsum(
  X: TensorLike,
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  return apply(cumsumOp, { X }, { axis: axisOf("cumsum", options) });
}

export const cumsumOp = defineOp({
  name: "cumsum",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<{ axis: number | undefined }>(),
  dtype: "number",
  shape: ({ X }, { axis }) => {
    if (axis === undefined && X.length !== 1) {
      throw new ShapeError(`cumsum: X is ${format(X)}; name the axis, such as { axis: 0 }`);
    }
    checkAxis("cumsum", axis ?? 0, X.length);
    return X;
  },
  // Yᵢ = Σ_{j≤i} Xⱼ, so X̄ⱼ = Σ_{i≥j} Ȳᵢ: the running sum from the other end.
  rules: {
    X: {
      linear: (_, Ybar, { attrs: { axis = 0 } }) => flip(cumsum(flip(Ybar, axis), { axis }), axis),
    },
  },
  maps: ({ X }, { axis = 0 }) => cumsum(X, { axis: shifted(axis) }),
  notation: ({ X }, { axis }) => call(along("cumsum", axis), X),
  samples: (): Sample<"X", { axis: number | undefined }>[] => [
    { inputs: { X: uniform([4]) }, attrs: { axis: undefined } },
    { inputs: { X: uniform([2, 3]) }, attrs: { axis: 0 } },
    { inputs: { X: uniform([2, 3, 2]) }, attrs: { axis: -2 } },
    { inputs: { X: uniform([0]) }, attrs: { axis: 0 } },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { axis: undefined },
      error: "cumsum: X is [2, 3]; name the axis, such as { axis: 0 }",
    },
  ],
});

const NORM: readonly string[] = ["ord", "axis", "keepDims"];

/**
 * The vector norm over the axes, all unless given (so that of a matrix is Frobenius's): `ord` 2 is
 * √Σx², 1 is Σ|x|, Infinity is max|x|. No overflow for large elements. The subgradient at 0 is 0,
 * also where it is differentiated again.
 *
 * @throws ShapeError when an axis does not exist, or is empty and `ord` is Infinity.
 * @throws UsageError for another `ord`.
 * @example
 * norm([3, -4]).item(); // 5
 * norm([3, -4], { ord: 1 }).item(); // 7
 */
export function norm(
  X: TensorLike,
  options: ReduceOptions & { readonly ord?: number | undefined } = {},
): Tensor {
  const { ord = 2, axis, keepDims = false } = requireOptions("norm", options, NORM);
  if (ord === 1) return sum(abs(X), { axis, keepDims });
  if (ord === Infinity) return max(abs(X), { axis, keepDims });
  if (ord === 2) return apply(normOp, { X }, { axis, keepDims });
  throw new UsageError(`norm: ord is ${ord}; 1, 2 and Infinity are known`);
}

export const normOp = defineOp({
  name: "norm",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["X", "Y"],
  attrs: attributes<Reduction>(),
  shape: ({ X }, attrs) => reduced("norm", X, attrs),
  rules: {
    // Y² = Σ X²  ⇒  Y dY = Σ X dX
    X: {
      d: ({ X, Y }, dX, { attrs }) => sum(mul(unit(X, Y, attrs), dX), attrs),
      adj: ({ X, Y }, Ybar, { attrs }) => mul(unit(X, Y, attrs), kept(Ybar, X.shape, attrs)),
    },
  },
  maps: ({ X }, attrs) => norm(X, ofEach(attrs, X)),
  notation: ({ X }) => fence("‖", X, "‖"),
  law: "norm",
  samples: () => [
    ...folds(),
    { inputs: { X: uniform([2, 0]) }, attrs: { axis: 1, keepDims: false } },
    {
      inputs: { X: uniform([2]) },
      attrs: { axis: 1, keepDims: false },
      error: "norm: axis 1 does not exist in a tensor of rank 1; axes run from -1 to 0",
    },
  ],
});

/** X / Y, and 0 where Y is 0: the inner `where` keeps 0/0 out of the derivative, too. */
function unit(X: Tensor, Y: Tensor, attrs: Reduction): Tensor {
  const length = kept(Y, X.shape, attrs);
  const none = equal(length, 0);
  return where(none, 0, div(X, where(none, 1, length)));
}
