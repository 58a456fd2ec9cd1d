import { apply } from "../core/apply.js";
import { attributes, defineOp, type Op, type Sample } from "../core/op.js";
import { eye } from "../tensor/create.js";
import { ShapeError } from "../tensor/errors.js";
import { format } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { pad } from "./join.js";
import { call, name } from "./notation.js";
import { matrix } from "./operands.js";
import { broadcastTo, expandDims } from "./reshape.js";
import { uniform } from "./samples.js";

/**
 * The trace `tr X`, the sum of the main diagonal of a square matrix (or of each in a batch).
 *
 * @throws ShapeError when `X` is not square.
 * @example
 * trace([[1, 2], [3, 4]]).item(); // 5
 */
export function trace(X: TensorLike): Tensor {
  return apply(traceOp, { X });
}

export const traceOp = defineOp({
  name: "trace",
  inputs: ["X"],
  outputs: ["y"],
  saves: [],
  dtype: "number",
  shape: ({ X }) => {
    const { batch, m, n } = matrix("trace", X);
    if (m === n) return batch;
    throw new ShapeError(
      `trace: X is ${format(X)}; a square matrix was wanted. ` +
        "sum(diagPart(X)) adds up the diagonal of any",
    );
  },
  // ȳ·tr(dX) = ⟨ȳ·I, dX⟩
  rules: {
    X: {
      linear: (_, ybar, { shapes: { X } }) =>
        diag(broadcastTo(expandDims(ybar, -1), X.slice(0, -1))),
    },
  },
  maps: 2,
  acts: { X: ({ X }) => [{ pairs: eye(X.shape.at(-1) as number, { dtype: X.dtype }) }] },
  notation: ({ X }) => call("tr", X),
  law: "trace is linear",
  samples: () => [
    ...[
      [1, 1],
      [3, 3],
      [2, 3, 3],
      [0, 0],
    ].map((shape) => ({ inputs: { X: uniform(shape) } })),
    {
      inputs: { X: uniform([2, 3]) },
      error:
        "trace: X is [2, 3]; a square matrix was wanted. " +
        "sum(diagPart(X)) adds up the diagonal of any",
    },
    { inputs: { X: uniform([3]) }, error: "trace: X is [3]; a matrix was wanted" },
  ],
});

/**
 * The diagonal matrix with `x` on its diagonal; `[..., n]` gives `[..., n, n]`. The diagonal of a
 * matrix is {@link diagPart}.
 *
 * @throws ShapeError for a scalar.
 * @example
 * diag([1, 2]).toArray(); // [[1, 0], [0, 2]]
 */
export function diag(x: TensorLike): Tensor {
  return apply(diagOp, { x });
}

export const diagOp = defineOp({
  name: "diag",
  inputs: ["x"],
  outputs: ["Y"],
  saves: [],
  dtype: "same",
  shape: ({ x }) => {
    const n = x.at(-1);
    if (n !== undefined) return [...x, n];
    throw new ShapeError("diag: x is []; a vector was wanted");
  },
  // ⟨Ȳ, diag(dx)⟩ = ⟨diagonal of Ȳ, dx⟩
  rules: { x: { linear: (_, Ybar) => diagPart(Ybar) } },
  maps: 1,
  notation: ({ x }) => call("diag", x),
  law: "diag is linear",
  samples: () => [
    ...[[1], [3], [2, 3], [0]].map((shape) => ({ inputs: { x: uniform(shape) } })),
    { inputs: { x: uniform([]) }, error: "diag: x is []; a vector was wanted" },
  ],
});

/**
 * The main diagonal of a matrix, or of each in a batch: `[..., m, n]` gives `[..., min(m, n)]`.
 *
 * @throws ShapeError for a scalar or a vector.
 * @example
 * diagPart([[1, 2], [3, 4]]).toArray(); // [1, 4]
 */
export function diagPart(X: TensorLike): Tensor {
  return apply(diagPartOp, { X });
}

export const diagPartOp = defineOp({
  name: "diagPart",
  inputs: ["X"],
  outputs: ["y"],
  saves: [],
  dtype: "same",
  shape: ({ X }) => {
    const { batch, m, n } = matrix("diagPart", X);
    return [...batch, Math.min(m, n)];
  },
  // ⟨ȳ, diagonal of dX⟩ = ⟨diag(ȳ), dX⟩, with 0 where X is longer or wider than its diagonal.
  rules: {
    X: {
      linear: (_, ybar, { shapes: { X } }) => {
        const { batch, m, n } = matrix("diagPart", X);
        if (m === n) return diag(ybar);
        const none = batch.map(() => [0, 0] as const);
        return pad(diag(ybar), [...none, [0, Math.max(m - n, 0)], [0, Math.max(n - m, 0)]]);
      },
    },
  },
  maps: 2,
  notation: ({ X }) => call("diagPart", X),
  law: "diag is linear",
  samples: () => [
    ...[
      [3, 3],
      [2, 3],
      [4, 2],
      [2, 3, 2],
      [1, 1],
      [0, 2],
    ].map((shape) => ({
      inputs: { X: uniform(shape) },
    })),
    { inputs: { X: uniform([3]) }, error: "diagPart: X is [3]; a matrix was wanted" },
  ],
});

/** The two triangles differ in their name alone. */
function triangle(op: string, again: typeof tril): Op<"X", "Y", { k: number }> {
  return defineOp({
    name: op,
    inputs: ["X"],
    outputs: ["Y"],
    saves: [],
    attrs: attributes<{ k: number }>(),
    dtype: "same",
    shape: ({ X }, { k }) => {
      matrix(op, X);
      if (Number.isInteger(k)) return X;
      throw new ShapeError(`${op}: k is ${k}; a whole number was wanted`);
    },
    // A mask of ones and zeros is symmetric as a map: its own adjoint.
    rules: { X: { linear: (_, Ybar, { attrs }) => again(Ybar, attrs.k) } },
    maps: 2,
    notation: ({ X }, { k }) => (k === 0 ? call(op, X) : call(op, X, name(k))),
    samples: (): Sample<"X", { k: number }>[] => [
      { inputs: { X: uniform([3, 3]) }, attrs: { k: 0 } },
      { inputs: { X: uniform([2, 4]) }, attrs: { k: 1 } },
      { inputs: { X: uniform([2, 4, 3]) }, attrs: { k: -1 } },
      { inputs: { X: uniform([3, 0]) }, attrs: { k: 0 } },
      {
        inputs: { X: uniform([3]) },
        attrs: { k: 0 },
        error: `${op}: X is [3]; a matrix was wanted`,
      },
      {
        inputs: { X: uniform([2, 2]) },
        attrs: { k: 0.5 },
        error: `${op}: k is 0.5; a whole number was wanted`,
      },
    ],
  });
}

/**
 * The lower triangle: elements above diagonal `k` are 0. Diagonal 1 lies above the main one.
 *
 * @throws ShapeError for a scalar or a vector, or a `k` that is not whole.
 * @example
 * tril([[1, 2], [3, 4]]).toArray(); // [[1, 0], [3, 4]]
 */
export function tril(X: TensorLike, k = 0): Tensor {
  return apply(trilOp, { X }, { k });
}

export const trilOp = triangle("tril", tril);

/**
 * The upper triangle: elements below diagonal `k` are 0. Diagonal 1 lies above the main one.
 *
 * @throws ShapeError for a scalar or a vector, or a `k` that is not whole.
 * @example
 * triu([[1, 2], [3, 4]]).toArray(); // [[1, 2], [0, 4]]
 */
export function triu(X: TensorLike, k = 0): Tensor {
  return apply(triuOp, { X }, { k });
}

export const triuOp = triangle("triu", triu);
