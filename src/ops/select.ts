import { apply } from "../core/apply.js";
import { attributes, defineOp, type Sample } from "../core/op.js";
import { arange, tensor } from "../tensor/create.js";
import { checkDtype, type DType, getDefaultDtype } from "../tensor/dtype.js";
import { DomainError, ShapeError } from "../tensor/errors.js";
import { resolveSlice } from "../tensor/layout.js";
import { requireOptions } from "../tensor/options.js";
import { checkAxis, format, requireList, type Shape, sameShape } from "../tensor/shape.js";
import type { Nested, Tensor, TensorLike } from "../tensor/tensor.js";
import { add, mul } from "./arithmetic.js";
import { asTensor, axisOf, deepened, repeated, shifted } from "./axes.js";
import { pad } from "./join.js";
import { call, name } from "./notation.js";
import { reshape, transpose } from "./reshape.js";
import { uniform } from "./samples.js";

interface Part {
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

/**
 * The part of `X` from `begin` on with the sizes `size`. A negative begin counts from the end, the
 * size −1 reaches to it, and axes left out at the end are taken whole.
 *
 * @throws ShapeError when the part reaches beyond `X`.
 * @example
 * slice([[1, 2, 3], [4, 5, 6]], [0, -2], [-1, 2]).toArray(); // [[2, 3], [5, 6]]
 */
export function slice(
  X: TensorLike,
  begin: readonly number[],
  size: readonly number[] = [],
): Tensor {
  return apply(sliceOp, { X }, { begin, size });
}

export const sliceOp = defineOp({
  name: "slice",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<Part>(),
  dtype: "same",
  shape: ({ X }, { begin, size }) => resolveSlice("slice", X, begin, size).size,
  rules: {
    // ⟨Ȳ, part of dX⟩ = ⟨Ȳ with 0 around it, dX⟩
    X: {
      linear: (_, Ybar, { shapes: { X }, attrs }) => {
        const { begin, size } = resolveSlice("slice", X, attrs.begin, attrs.size);
        const before = (i: number): number => begin[i] as number;
        return pad(
          Ybar,
          X.map((n, i) => [before(i), n - before(i) - (size[i] as number)]),
        );
      },
    },
  },
  maps: ({ X }, { begin, size }, all) => slice(X, [0, ...begin], [all.size, ...size]),
  notation: ({ X }, { begin, size }) => call("slice", X, name(format(begin)), name(format(size))),
  samples: (): Sample<"X", Part>[] => [
    { inputs: { X: uniform([5]) }, attrs: { begin: [1], size: [3] } },
    { inputs: { X: uniform([3, 4]) }, attrs: { begin: [1, -3], size: [-1, 2] } },
    { inputs: { X: uniform([3, 4, 2]) }, attrs: { begin: [-2], size: [] } },
    { inputs: { X: uniform([3, 2]) }, attrs: { begin: [3], size: [0] } },
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { begin: [0, 2], size: [1, 2] },
      error:
        "slice: X is [2, 3], begin is [0, 2] and size is [1, 2]; " +
        "along axis 1 a part of its 3 was wanted",
    },
    {
      inputs: { X: uniform([2]) },
      attrs: { begin: [0, 0], size: [] },
      error:
        "slice: X is [2], begin is [0, 0] and size is []; " +
        "at most one number for each axis was wanted",
    },
  ],
});

/**
 * `X` cut along an axis, the first unless given: into so many equal parts, or into parts of the
 * given sizes.
 *
 * @throws ShapeError when the parts do not make up the axis.
 * @example
 * split([1, 2, 3, 4], 2).map(String); // two tensors of 2
 * split([1, 2, 3], [1, 2])[1]?.toArray(); // [2, 3]
 */
export function split(
  X: TensorLike,
  parts: number | readonly number[],
  options: { readonly axis?: number | undefined } = {},
): Tensor[] {
  const x = asTensor(X);
  const axis = checkAxis("split", axisOf("split", options) ?? 0, x.rank);
  const n = x.shape[axis] as number;
  if (typeof parts !== "number") requireList("split", "parts", parts);
  const sizes = typeof parts === "number" ? equalParts(x.shape, axis, parts) : parts;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== n || sizes.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new ShapeError(
      `split: X is ${format(x.shape)} and parts is ${format(sizes)}; ` +
        `whole sizes that add up to the ${n} of axis ${axis} were wanted`,
    );
  }
  let at = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? at : 0));
    at += size;
    return slice(x, begin, x.shape.with(axis, size));
  });
}

function equalParts(X: Shape, axis: number, parts: number): number[] {
  const size = (X[axis] as number) / parts;
  if (Number.isInteger(size) && Number.isInteger(parts) && parts > 0) {
    return new Array<number>(parts).fill(size);
  }
  throw new ShapeError(
    `split: X is ${format(X)}; axis ${axis} does not divide into ${parts} equal parts, ` +
      "give a list of their sizes",
  );
}

const someIndices = (values: Nested): Tensor => tensor(values, { dtype: "int32" });

/**
 * The parts of `X` with the given indices along an axis, the first unless given. The shape of
 * `indices` takes the place of the axis; negative indices count from its end.
 *
 * @throws ShapeError when the axis does not exist.
 * @throws DomainError when an index is out of range or not whole.
 * @example
 * take([[1, 2], [3, 4], [5, 6]], [2, 0]).toArray(); // [[5, 6], [1, 2]]
 */
export function take(
  X: TensorLike,
  indices: TensorLike,
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  return apply(takeOp, { X, indices }, { axis: axisOf("take", options) ?? 0 });
}

export const takeOp = defineOp({
  name: "take",
  inputs: ["X", "indices"],
  outputs: ["Y"],
  saves: ["indices"],
  attrs: attributes<{ axis: number }>(),
  dtype: "same",
  selects: ["indices"],
  shape: ({ X, indices }, { axis }) =>
    X.toSpliced(checkAxis("take", axis, X.length), 1, ...indices),
  rules: {
    // dY[i] = dX[indices[i]]: each element of Ȳ goes back to where it came from, repeated ones add.
    X: {
      linear: ({ indices }, Ybar, { shapes: { X }, attrs }) => {
        const axis = checkAxis("take", attrs.axis, X.length);
        return scatterAdd(Ybar, indices, X[axis] as number, { axis });
      },
    },
    indices: { constant: "indices select" },
  },
  maps: ({ X, indices }, attrs, { size, has }) => {
    const axis = checkAxis("take", attrs.axis, X.rank - (has.X ? 1 : 0));
    if (!has.indices) return take(X, indices, { axis: axis + 1 });
    if (!has.X) return moved(take(X, indices, { axis }), axis, 1, 0);
    const n = X.shape[axis + 1] as number;
    const first = moved(X, axis + 1, 1, 1);
    const joined = reshape(first, [size * n, ...first.shape.slice(2)]);
    return moved(take(joined, among(indices, n)), indices.rank, axis, 1);
  },
  notation: ({ X, indices }) => call("take", X, indices),
  samples: (): Sample<"X" | "indices", { axis: number }>[] => [
    { inputs: { X: uniform([4]), indices: someIndices([2, 0, 2]) }, attrs: { axis: 0 } },
    {
      inputs: {
        X: uniform([3, 4]),
        indices: someIndices([
          [1, -1],
          [0, 1],
        ]),
      },
      attrs: { axis: 1 },
    },
    { inputs: { X: uniform([2, 3, 2]), indices: someIndices([-2, 0]) }, attrs: { axis: -2 } },
    { inputs: { X: uniform([3, 2]), indices: someIndices(1) }, attrs: { axis: 0 } },
    { inputs: { X: uniform([3, 2]), indices: someIndices([]) }, attrs: { axis: 0 } },
    {
      inputs: { X: uniform([3, 2]), indices: someIndices([0, 3]) },
      attrs: { axis: 0 },
      error: "take: indices holds 3; the size of axis 0 is 3, indices run from -3 to 2",
    },
    {
      inputs: { X: uniform([]), indices: someIndices([0]) },
      attrs: { axis: 0 },
      error: "take: axis 0 does not exist in a tensor of rank 0; a scalar has no axes",
    },
  ],
});

/** Indices into each of several axes of size `n`, as indices into these joined to one. */
function among(indices: Tensor, n: number): Tensor {
  const whole = (count: number): Tensor => arange(0, count, 1, { dtype: "int32" });
  const own = take(whole(n), indices); // negative ones counted from 0, others refused
  return add(own, mul(deepened(whole(indices.shape[0] as number), own.rank - 1), n));
}

/** `X` with `count` axes, from the axis `from` on, at the place `to`. */
function moved(X: Tensor, from: number, count: number, to: number): Tensor {
  if (count === 0 || from === to) return X;
  const perm = X.shape.map((_, i) => i);
  const axes = perm.splice(from, count);
  return transpose(X, perm.toSpliced(to, 0, ...axes));
}

interface Target {
  readonly size: number;
  readonly axis: number;
}

/**
 * The adjoint of {@link take}: 0 along an axis of `size` elements, the first unless given, to which
 * the parts of `X` are added at the given indices. Where an index recurs, all its parts add up. The
 * axis takes the place of the shape of `indices` in `X`.
 *
 * @throws ShapeError when `X` does not have the shape of `indices` from the axis on.
 * @throws DomainError when an index is out of range or not whole.
 * @example
 * scatterAdd([10, 20, 30], [0, 2, 0], 3).toArray(); // [40, 0, 20]
 */
export function scatterAdd(
  X: TensorLike,
  indices: TensorLike,
  size: number,
  options: { readonly axis?: number | undefined } = {},
): Tensor {
  return apply(scatterAddOp, { X, indices }, { size, axis: axisOf("scatterAdd", options) ?? 0 });
}

export const scatterAddOp = defineOp({
  name: "scatterAdd",
  inputs: ["X", "indices"],
  outputs: ["Y"],
  saves: ["indices"],
  attrs: attributes<Target>(),
  dtype: "number",
  selects: ["indices"],
  shape: ({ X, indices }, { size, axis }) => {
    const n = indices.length;
    const at = checkAxis("scatterAdd", axis, Math.max(X.length - n, 0) + 1);
    if (!sameShape(X.slice(at, at + n), indices)) {
      throw new ShapeError(
        `scatterAdd: X is ${format(X)} and indices is ${format(indices)}; ` +
          `from axis ${at} on X must have the shape of indices`,
      );
    }
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(`scatterAdd: size is ${size}; a whole number, 0 or more, was wanted`);
    }
    return X.toSpliced(at, n, size);
  },
  rules: {
    // The adjoint of the adjoint.
    X: {
      linear: ({ indices }, Ybar, { shapes: { Y }, attrs }) =>
        take(Ybar, indices, { axis: checkAxis("scatterAdd", attrs.axis, Y.length) }),
    },
    indices: { constant: "indices select" },
  },
  maps: ({ X, indices }, { size: n, axis }, { size, has }) => {
    if (!has.indices) return scatterAdd(X, indices, n, { axis: shifted(axis) });
    const all = has.X ? X : repeated(X, size);
    const at = 1 + checkAxis("scatterAdd", axis, all.rank - indices.rank + 1);
    const first = moved(all, at, indices.rank - 1, 1);
    const joined = scatterAdd(first, among(indices, n), size * n);
    return moved(reshape(joined, [size, n, ...joined.shape.slice(1)]), 1, 1, at);
  },
  notation: ({ X, indices }) => call("scatterAdd", X, indices),
  samples: (): Sample<"X" | "indices", Target>[] => [
    { inputs: { X: uniform([3]), indices: someIndices([2, 0, 2]) }, attrs: { size: 4, axis: 0 } },
    {
      inputs: {
        X: uniform([3, 2, 2]),
        indices: someIndices([
          [1, -1],
          [0, 1],
        ]),
      },
      attrs: { size: 4, axis: -1 },
    },
    { inputs: { X: uniform([2, 3]), indices: someIndices(1) }, attrs: { size: 2, axis: 1 } },
    {
      inputs: { X: uniform([2]), indices: someIndices([0, 4]) },
      attrs: { size: 4, axis: 0 },
      error: "scatterAdd: indices holds 4; the size of axis 0 is 4, indices run from -4 to 3",
    },
    {
      inputs: { X: uniform([2, 3]), indices: someIndices([0, 1, 2]) },
      attrs: { size: 4, axis: 0 },
      error:
        "scatterAdd: X is [2, 3] and indices is [3]; " +
        "from axis 0 on X must have the shape of indices",
    },
  ],
});

interface Code {
  readonly depth: number;
  readonly dtype: DType;
}

/**
 * A new last axis of size `depth`, 1 at the place that the index names and 0 elsewhere.
 *
 * @throws DomainError when `depth` is not a whole number ≥ 0, or an index is not one below it.
 * @example
 * oneHot([2, 0], 3).toArray(); // [[0, 0, 1], [1, 0, 0]]
 */
export function oneHot(
  indices: TensorLike,
  depth: number,
  options: { readonly dtype?: DType | undefined } = {},
): Tensor {
  const dtype = checkDtype(
    "oneHot",
    requireOptions("oneHot", options, ["dtype"]).dtype ?? getDefaultDtype(),
  );
  return apply(oneHotOp, { indices }, { depth, dtype });
}

export const oneHotOp = defineOp({
  name: "oneHot",
  inputs: ["indices"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<Code>(),
  dtype: ({ dtype }) => dtype,
  selects: ["indices"],
  shape: ({ indices }, { depth }) => {
    if (Number.isInteger(depth) && depth >= 0) return [...indices, depth];
    throw new DomainError(`oneHot: depth is ${depth}; a whole number, 0 or more, was wanted`);
  },
  rules: { indices: { constant: "indices select" } },
  maps: 0,
  notation: ({ indices }, { depth }) => call("oneHot", indices, name(depth)),
  samples: (): Sample<"indices", Code>[] => [
    { inputs: { indices: someIndices([2, 0, 1]) }, attrs: { depth: 3, dtype: "float64" } },
    { inputs: { indices: someIndices([[1], [0]]) }, attrs: { depth: 2, dtype: "float32" } },
    { inputs: { indices: someIndices(1) }, attrs: { depth: 2, dtype: "bool" } },
    {
      inputs: { indices: someIndices([0, 3]) },
      attrs: { depth: 3, dtype: "float64" },
      error: "oneHot: indices holds 3; with depth 3 they run from 0 to 2",
    },
    {
      inputs: { indices: someIndices([0]) },
      attrs: { depth: 1.5, dtype: "float64" },
      error: "oneHot: depth is 1.5; a whole number, 0 or more, was wanted",
    },
  ],
});
