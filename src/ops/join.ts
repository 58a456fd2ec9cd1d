import { apply } from "../core/apply.js";
import { attributes, defineOp, type Sample } from "../core/op.js";
import { ShapeError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import {
  checkAxes,
  checkAxis,
  format,
  requireList,
  type Shape,
  sameShape,
} from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { asFloat, asTensors, axisOf, repeated, shifted, shiftedAll } from "./axes.js";
import { along, call, name } from "./notation.js";
import { expandDims } from "./reshape.js";
import { uniform } from "./samples.js";
import { slice } from "./select.js";

/** How many elements to add before and after, for each axis. */
export type Paddings = readonly (readonly [before: number, after: number])[];

/**
 * The tensors one after the other along an axis they have, the first unless given.
 *
 * @throws ShapeError when the list is empty, or other sizes than that of the axis differ.
 * @example
 * concat([[1, 2], [3]]).toArray(); // [1, 2, 3]
 */
export function concat(
  Xs: readonly TensorLike[],
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  return apply(concatOp, { Xs: asTensors("concat", Xs) }, { axis: axisOf("concat", options) ?? 0 });
}

export const concatOp = defineOp({
  name: "concat",
  inputs: ["...Xs"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<{ axis: number }>(),
  dtype: "same",
  shape: ({ Xs }, { axis }) => {
    const first = Xs[0];
    if (first === undefined) {
      throw new ShapeError("concat: Xs is empty; one tensor or more was wanted");
    }
    if (first.length === 0) {
      throw new ShapeError("concat: Xs[0] is []; scalars have no axis, stack joins them");
    }
    const at = checkAxis("concat", axis, first.length);
    Xs.forEach((shape, i) => {
      if (shape.length === first.length && sameShape(shape.with(at, 0), first.with(at, 0))) return;
      throw new ShapeError(
        `concat: Xs[0] is ${format(first)} and Xs[${i}] is ${format(shape)}; ` +
          `all sizes but that of axis ${at} must be equal`,
      );
    });
    return first.with(
      at,
      Xs.reduce((n, shape) => n + (shape[at] as number), 0),
    );
  },
  rules: {
    // dY holds dX at the place of X, and 0 elsewhere; its adjoint reads that place.
    Xs: {
      d: (_, dX, { shapes, attrs, index }) => {
        const { at, before, after } = placeOf(shapes.Xs, attrs.axis, index);
        return pad(
          dX,
          dX.shape.map((_, i) => (i === at ? [before, after] : [0, 0])),
        );
      },
      adj: (_, Ybar, { shapes, attrs, index }) => {
        const { at, before } = placeOf(shapes.Xs, attrs.axis, index);
        const X = shapes.Xs[index] as Shape;
        return slice(
          Ybar,
          X.map((_, i) => (i === at ? before : 0)),
          X,
        );
      },
    },
  },
  maps: ({ Xs }, { axis }, { size, has }) =>
    concat(
      Xs.map((X, i) => (has.Xs[i] ? X : repeated(X, size))),
      { axis: shifted(axis) },
    ),
  notation: ({ Xs }) => call("concat", ...Xs),
  law: "concat is linear",
  samples: (): Sample<"...Xs", { axis: number }>[] => [
    { inputs: { Xs: [uniform([2]), uniform([3]), uniform([1])] }, attrs: { axis: 0 } },
    { inputs: { Xs: [uniform([2, 3]), uniform([2, 1])] }, attrs: { axis: -1 } },
    { inputs: { Xs: [uniform([2, 1, 2]), uniform([2, 3, 2])] }, attrs: { axis: 1 } },
    { inputs: { Xs: [uniform([0, 2]), uniform([2, 2])] }, attrs: { axis: 0 } },
    { inputs: { Xs: [uniform([2, 2])] }, attrs: { axis: 0 } },
    {
      inputs: { Xs: [] },
      attrs: { axis: 0 },
      error: "concat: Xs is empty; one tensor or more was wanted",
    },
    {
      inputs: { Xs: [uniform([])] },
      attrs: { axis: 0 },
      error: "concat: Xs[0] is []; scalars have no axis, stack joins them",
    },
    {
      inputs: { Xs: [uniform([2, 3]), uniform([2, 2])] },
      attrs: { axis: 0 },
      error:
        "concat: Xs[0] is [2, 3] and Xs[1] is [2, 2]; " +
        "all sizes but that of axis 0 must be equal",
    },
  ],
});

/** Where tensor `index` lies among the others: the axis, and the sizes before and after it. */
function placeOf(
  Xs: readonly Shape[],
  axis: number,
  index: number,
): { at: number; before: number; after: number } {
  const at = checkAxis("concat", axis, (Xs[index] as Shape).length);
  const sizes = Xs.map((shape) => shape[at] as number);
  const total = (list: number[]): number => list.reduce((n, m) => n + m, 0);
  return { at, before: total(sizes.slice(0, index)), after: total(sizes.slice(index + 1)) };
}

/**
 * Tensors of one shape side by side along a new axis, the first of the result unless given.
 *
 * @throws ShapeError when the list is empty or the shapes differ.
 * @example
 * stack([[1, 2], [3, 4]], { axis: 1 }).toArray(); // [[1, 3], [2, 4]]
 */
export function stack(
  Xs: readonly TensorLike[],
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  const list = asTensors("stack", Xs);
  const first = list[0];
  if (first === undefined) {
    throw new ShapeError("stack: Xs is empty; one tensor or more was wanted");
  }
  const other = list.findIndex((x) => !sameShape(x.shape, first.shape));
  if (other >= 0) {
    throw new ShapeError(
      `stack: Xs[0] is ${format(first.shape)} and Xs[${other}] is ` +
        `${format((list[other] as Tensor).shape)}; all must have the same shape`,
    );
  }
  const axis = checkAxis("stack", axisOf("stack", options) ?? 0, first.rank + 1);
  return concat(
    list.map((x) => expandDims(x, axis)),
    { axis },
  );
}

/**
 * `X` with elements of `value` (0 unless given) added before and after it along each axis.
 *
 * @throws ShapeError when there is not one pair of whole numbers ≥ 0 for each axis.
 * @example
 * pad([1, 2], [[1, 2]]).toArray(); // [0, 1, 2, 0, 0]
 */
export function pad(
  X: TensorLike,
  paddings: Paddings,
  options: { readonly value?: number | undefined } = {},
): Tensor {
  const { value = 0 } = requireOptions("pad", options, ["value"]);
  const x = Number.isInteger(value) ? X : asFloat(X);
  return padded(x, { paddings, value });
}

interface Padding {
  readonly paddings: Paddings;
  readonly value: number;
}

function padded(X: TensorLike, attrs: Padding): Tensor {
  return apply(padOp, { X }, attrs);
}

export const padOp = defineOp({
  name: "pad",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<Padding>(),
  dtype: "same",
  shape: ({ X }, { paddings }) => {
    requireList("pad", "paddings", paddings, "[[1, 1]]");
    const whole = paddings.flat().every((n) => Number.isInteger(n) && n >= 0);
    if (paddings.length !== X.length || !whole) {
      throw new ShapeError(
        `pad: X is ${format(X)} and paddings is ${JSON.stringify(paddings)}; one pair of ` +
          "whole numbers, 0 or more, was wanted for each axis",
      );
    }
    return X.map((n, i) => n + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));
  },
  rules: {
    // The border is constant: dY is dX with 0 around it; its adjoint reads the middle.
    X: {
      d: (_, dX, { attrs }) => pad(dX, attrs.paddings),
      adj: (_, Ybar, { attrs, shapes }) =>
        slice(
          Ybar,
          attrs.paddings.map(([before]) => before),
          shapes.X,
        ),
    },
  },
  maps: ({ X }, { paddings, value }) => padded(X, { paddings: [[0, 0], ...paddings], value }),
  notation: ({ X }, { paddings }) => call("pad", X, name(JSON.stringify(paddings))),
  samples: (): Sample<"X", Padding>[] => [
    { inputs: { X: uniform([3]) }, attrs: { paddings: [[1, 2]], value: 0 } },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: {
        paddings: [
          [0, 1],
          [2, 0],
        ],
        value: 1.5,
      },
    },
    {
      inputs: { X: uniform([2, 1, 3]) },
      attrs: {
        paddings: [
          [1, 1],
          [0, 2],
          [1, 0],
        ],
        value: 0,
      },
    },
    { inputs: { X: uniform([0]) }, attrs: { paddings: [[1, 1]], value: 2 } },
    { inputs: { X: uniform([]) }, attrs: { paddings: [], value: 0 } },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { paddings: [[1, 1]], value: 0 },
      error:
        "pad: X is [2, 3] and paddings is [[1,1]]; one pair of " +
        "whole numbers, 0 or more, was wanted for each axis",
    },
  ],
});

/**
 * `X` in reverse order along the axes, all unless given.
 *
 * @throws ShapeError when an axis does not exist.
 * @example
 * flip([1, 2, 3]).toArray(); // [3, 2, 1]
 */
export function flip(X: TensorLike, axis?: number | readonly number[]): Tensor {
  return apply(flipOp, { X }, { axis });
}

export const flipOp = defineOp({
  name: "flip",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<{ axis: number | readonly number[] | undefined }>(),
  dtype: "same",
  shape: ({ X }, { axis }) => {
    checkAxes("flip", axis, X.length);
    return X;
  },
  // A reversal is symmetric: its own adjoint.
  rules: { X: { linear: (_, Ybar, { attrs }) => flip(Ybar, attrs.axis) } },
  maps: ({ X }, { axis }) => flip(X, shiftedAll(axis, X)),
  notation: ({ X }, { axis }) => call(along("flip", axis), X),
  samples: (): Sample<"X", { axis: number | readonly number[] | undefined }>[] => [
    { inputs: { X: uniform([4]) }, attrs: { axis: undefined } },
    { inputs: { X: uniform([2, 3]) }, attrs: { axis: -1 } },
    { inputs: { X: uniform([2, 3, 2]) }, attrs: { axis: [0, 2] } },
    { inputs: { X: uniform([]) }, attrs: { axis: undefined } },
    {
      inputs: { X: uniform([2]) },
      attrs: { axis: 1 },
      error: "flip: axis 1 does not exist in a tensor of rank 1; axes run from -1 to 0",
    },
  ],
});
