import { apply } from "../core/apply.js";
import { attributes, defineOp, type Sample } from "../core/op.js";
import { ShapeError } from "../tensor/errors.js";
import { invertPerm, resolvePerm, resolveShape, swapLast } from "../tensor/layout.js";
import {
  broadcast,
  checkAxes,
  checkAxis,
  checkShape,
  format,
  type Shape,
  sameShape,
} from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { asTensor, deepened, shifted } from "./axes.js";
import { call, name, power } from "./notation.js";
import { uniform } from "./samples.js";

/**
 * The transpose `Xᵀ` of a matrix, or of each matrix in a batch: the last two axes swapped.
 *
 * @throws ShapeError for a scalar or a vector, which has no transpose.
 * @example
 * t([[1, 2], [3, 4]]).toArray(); // [[1, 3], [2, 4]]
 */
export function t(X: TensorLike): Tensor {
  return apply(tOp, { X });
}

export const tOp = defineOp({
  name: "t",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  dtype: "same",
  transposes: true,
  shape: ({ X }) => {
    if (X.length >= 2) return swapLast(X.length).map((axis) => X[axis] as number);
    throw new ShapeError(
      `t: X is ${format(X)}; a matrix was wanted. For a vector use outer(x, y) for x·yᵀ, ` +
        "dot(x, y) for xᵀ·y, or reshape(x, [1, n]) for a row",
    );
  },
  // ⟨Ȳ, dXᵀ⟩ = tr(Ȳᵀ·dXᵀ) = ⟨Ȳᵀ, dX⟩
  rules: { X: { linear: (_, Ybar) => t(Ybar) } },
  maps: 2,
  acts: { X: () => ["transpose"] },
  notation: ({ X }) => power(X, "T"),
  law: "transpose",
  samples: () => [
    ...[
      [2, 3],
      [3, 2, 4],
      [1, 3],
      [0, 2],
    ].map((shape) => ({ inputs: { X: uniform(shape) } })),
    {
      inputs: { X: uniform([3]) },
      error:
        "t: X is [3]; a matrix was wanted. For a vector use outer(x, y) for x·yᵀ, " +
        "dot(x, y) for xᵀ·y, or reshape(x, [1, n]) for a row",
    },
  ],
});

/**
 * The axes of `X` in the order `perm`; all reversed where it is left out, as in NumPy.
 *
 * @throws ShapeError when `perm` does not name each axis once.
 * @example
 * transpose(zeros([2, 3, 4]), [1, 0, 2]).shape; // [3, 2, 4]
 */
export function transpose(X: TensorLike, perm?: readonly number[]): Tensor {
  return apply(transposeOp, { X }, { perm });
}

export const transposeOp = defineOp({
  name: "transpose",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<{ perm: readonly number[] | undefined }>(),
  dtype: "same",
  shape: ({ X }, { perm }) =>
    resolvePerm("transpose", perm, X.length).map((axis) => X[axis] as number),
  // A permutation is orthogonal: its adjoint is its inverse.
  rules: {
    X: {
      linear: (_, Ybar, { shapes, attrs }) =>
        transpose(Ybar, invertPerm(resolvePerm("transpose", attrs.perm, shapes.X.length))),
    },
  },
  maps: ({ X }, { perm }) => {
    const own = resolvePerm("transpose", perm, X.rank - 1);
    return transpose(X, [0, ...own.map(shifted)]);
  },
  acts: {
    X: ({ X }, { perm }) => {
      const first = resolvePerm("transpose", perm, X.rank)[0];
      return [X.rank === 2 && first === 1 ? "transpose" : "shape"];
    },
  },
  notation: ({ X }, { perm }) =>
    perm === undefined ? call("transpose", X) : call("transpose", X, name(format(perm))),
  law: "transpose",
  samples: () => [
    { inputs: { X: uniform([2, 3, 4]) }, attrs: { perm: [1, 2, 0] } },
    { inputs: { X: uniform([2, 3, 4]) }, attrs: { perm: undefined } },
    { inputs: { X: uniform([2, 1, 3, 2]) }, attrs: { perm: [-1, 0, 2, 1] } },
    { inputs: { X: uniform([]) }, attrs: { perm: undefined } },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { perm: [0, 0] },
      error: "transpose: perm is [0, 0]; each axis of a tensor of rank 2 was wanted once",
    },
  ],
});

/**
 * The elements of `X` in their order, row by row, under another shape. One size may be −1: it is
 * worked out from the others.
 *
 * @throws ShapeError when `shape` does not hold as many elements.
 * @example
 * reshape([1, 2, 3, 4], [2, -1]).toArray(); // [[1, 2], [3, 4]]
 */
export function reshape(X: TensorLike, shape: Shape): Tensor {
  return apply(reshapeOp, { X }, { shape });
}

export const reshapeOp = defineOp({
  name: "reshape",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<{ shape: Shape }>(),
  dtype: "same",
  view: true,
  shape: ({ X }, { shape }) => resolveShape("reshape", X, shape),
  rules: { X: { linear: (_, Ybar, { shapes }) => reshape(Ybar, shapes.X) } },
  maps: ({ X }, { shape }, { size }) =>
    reshape(X, [size, ...resolveShape("reshape", X.shape.slice(1), shape)]),
  acts: { X: () => ["shape"] },
  notation: ({ X }, { shape }) => call("reshape", X, name(format(shape))),
  samples: (): Sample<"X", { shape: Shape }>[] => [
    { inputs: { X: uniform([2, 3]) }, attrs: { shape: [3, 2] } },
    { inputs: { X: uniform([2, 3]) }, attrs: { shape: [3, -1, 1] } },
    { inputs: { X: uniform([]) }, attrs: { shape: [1, 1] } },
    { inputs: { X: uniform([0, 2]) }, attrs: { shape: [3, 0] } },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { shape: [4, 2] },
      error: "reshape: X is [2, 3], which holds 6; the shape [4, 2] holds 8",
    },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { shape: [4, -1] },
      error:
        "reshape: X is [2, 3], which holds 6; no whole size in place of −1 " +
        "makes [4, -1] hold as many",
    },
  ],
});

/**
 * A new axis of size 1 at place `axis` of the result (negative: from its end).
 *
 * @throws ShapeError when the result has no such axis.
 * @example
 * expandDims([1, 2], 0).shape; // [1, 2]
 * expandDims([1, 2], -1).shape; // [2, 1]
 */
export function expandDims(X: TensorLike, axis: number): Tensor {
  const x = asTensor(X);
  const at = checkAxis("expandDims", axis, x.rank + 1);
  return reshape(x, x.shape.toSpliced(at, 0, 1));
}

/**
 * `X` without its axes of size 1: all of these, or those named.
 *
 * @throws ShapeError when a named axis does not exist or has another size.
 * @example
 * squeeze([[1, 2]]).shape; // [2]
 */
export function squeeze(X: TensorLike, axis?: number | readonly number[]): Tensor {
  const x = asTensor(X);
  const axes = checkAxes("squeeze", axis, x.rank);
  const wide = axis === undefined ? undefined : axes.find((i) => x.shape[i] !== 1);
  if (wide !== undefined) {
    throw new ShapeError(
      `squeeze: X is ${format(x.shape)}; axis ${wide} has size ${x.shape[wide]}, ` +
        "and only axes of size 1 can be dropped",
    );
  }
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || !axes.includes(i)),
  );
}

/**
 * `X` repeated along new leading axes and axes of size 1 until it has `shape`, as NumPy does.
 *
 * @throws ShapeError when `X` does not broadcast to `shape`.
 * @example
 * broadcastTo([1, 2], [2, 2]).toArray(); // [[1, 2], [1, 2]]
 */
export function broadcastTo(X: TensorLike, shape: Shape): Tensor {
  return apply(broadcastToOp, { X }, { shape });
}

export const broadcastToOp = defineOp({
  name: "broadcastTo",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<{ shape: Shape }>(),
  dtype: "same",
  shape: ({ X }, { shape }) => {
    const to = checkShape("broadcastTo", shape);
    const common = broadcast(X, to);
    if (common !== null && sameShape(common, to)) return to;
    throw new ShapeError(
      `broadcastTo: X is ${format(X)} and shape is ${format(to)}; aligned at the right, each ` +
        "size of X must be 1 or that of shape",
    );
  },
  // ⟨Ȳ, dY⟩ with dY repeating dX: the sweep sums Ȳ over the repeated axes.
  rules: { X: { linear: (_, Ybar) => Ybar } },
  maps: ({ X }, { shape }, { size }) =>
    broadcastTo(deepened(X, shape.length + 1 - X.rank), [size, ...shape]),
  acts: { X: () => ["shape"] },
  notation: ({ X }, { shape }) => call("broadcast", X, name(format(shape))),
  law: "broadcasting is linear",
  samples: (): Sample<"X", { shape: Shape }>[] => [
    { inputs: { X: uniform([]) }, attrs: { shape: [2, 3] } },
    { inputs: { X: uniform([3]) }, attrs: { shape: [2, 3] } },
    { inputs: { X: uniform([2, 1, 3]) }, attrs: { shape: [2, 2, 4, 3] } },
    { inputs: { X: uniform([2, 3]) }, attrs: { shape: [2, 3] } },
    { inputs: { X: uniform([1]) }, attrs: { shape: [0] } },
    {
      inputs: { X: uniform([2]) },
      attrs: { shape: [2, 3] },
      error:
        "broadcastTo: X is [2] and shape is [2, 3]; aligned at the right, each " +
        "size of X must be 1 or that of shape",
    },
  ],
});
