import { apply } from "../core/apply.js";
import { attributes, defineOp, type Op } from "../core/op.js";
import { checkDtype, type DType } from "../tensor/dtype.js";
import { broadcastAll } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { binary, unary } from "./entrywise.js";
import { call, infix } from "./notation.js";
import { entries, pairs, uniform } from "./samples.js";

const jump = { constant: "a truth value has no derivative" };

/** The six comparisons differ in their name and sign alone. */
function comparison(name: string, sign: string): Op<"A" | "B", "Y", unknown> {
  return binary({
    name,
    saves: [],
    dtype: "bool",
    rules: { A: jump, B: jump },
    notation: ({ A, B }) => infix(sign, A, B),
    samples: () => pairs(),
  });
}

/**
 * `A = B` entrywise, broadcast, as bool.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * equal([1, 2], 2).toArray(); // [0, 1]
 */
export function equal(A: TensorLike, B: TensorLike): Tensor {
  return apply(equalOp, { A, B });
}

export const equalOp = comparison("equal", "=");

/**
 * `A ≠ B` entrywise, broadcast, as bool.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * notEqual([1, 2], 2).toArray(); // [1, 0]
 */
export function notEqual(A: TensorLike, B: TensorLike): Tensor {
  return apply(notEqualOp, { A, B });
}

export const notEqualOp = comparison("notEqual", "≠");

/**
 * `A < B` entrywise, broadcast, as bool.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * less([1, 2], 2).toArray(); // [1, 0]
 */
export function less(A: TensorLike, B: TensorLike): Tensor {
  return apply(lessOp, { A, B });
}

export const lessOp = comparison("less", "<");

/**
 * `A ≤ B` entrywise, broadcast, as bool.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * lessEqual([1, 3], 2).toArray(); // [1, 0]
 */
export function lessEqual(A: TensorLike, B: TensorLike): Tensor {
  return apply(lessEqualOp, { A, B });
}

export const lessEqualOp = comparison("lessEqual", "≤");

/**
 * `A > B` entrywise, broadcast, as bool.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * greater([1, 3], 2).toArray(); // [0, 1]
 */
export function greater(A: TensorLike, B: TensorLike): Tensor {
  return apply(greaterOp, { A, B });
}

export const greaterOp = comparison("greater", ">");

/**
 * `A ≥ B` entrywise, broadcast, as bool.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * greaterEqual([1, 2], 2).toArray(); // [0, 1]
 */
export function greaterEqual(A: TensorLike, B: TensorLike): Tensor {
  return apply(greaterEqualOp, { A, B });
}

export const greaterEqualOp = comparison("greaterEqual", "≥");

/**
 * `A` where `condition` is not 0, else `B`; all three broadcast. The gradient goes only to the
 * branch taken: infinite slopes and NaN of entrywise ops in the other do no harm, however far back
 * they arise. Where NaN goes through a product or a sum to the branch not taken, take it out before:
 * `where(ok, where(ok, x, 1).log(), 0)`.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * where([1, 0], [1, 2], 0).toArray(); // [1, 0]
 * const root = (x: Tensor) => where(x.greater(0), x.sqrt(), 0).sum();
 * grad(root)(tensor([4, 0, -1])).toArray(); // [0.25, 0, 0]
 */
export function where(condition: TensorLike, A: TensorLike, B: TensorLike): Tensor {
  return apply(whereOp, { condition, A, B });
}

export const whereOp = defineOp({
  name: "where",
  inputs: ["condition", "A", "B"],
  outputs: ["Y"],
  saves: ["condition"],
  dtype: "same",
  selects: ["condition"],
  masks: true,
  shape: ({ condition, A, B }) => broadcastAll("where", { condition, A, B }),
  rules: {
    condition: { constant: "a condition selects" },
    A: {
      d: ({ condition }, dA) => where(condition, dA, 0),
      adj: ({ condition }, Ybar) => where(condition, Ybar, 0),
    },
    B: {
      d: ({ condition }, dB) => where(condition, 0, dB),
      adj: ({ condition }, Ybar) => where(condition, 0, Ybar),
    },
  },
  maps: 0,
  acts: {
    A: ({ condition, A }) => [{ times: cast(condition, A.dtype) }],
    B: ({ condition, B }) => [{ times: where(condition, cast(0, B.dtype), 1) }],
  },
  notation: ({ condition, A, B }) => call("where", condition, A, B),
  samples: () => [
    { inputs: { condition: greater(uniform([2, 3]), 0), A: uniform([2, 3]), B: uniform([2, 3]) } },
    { inputs: { condition: greater(uniform([3]), 0), A: uniform([2, 1]), B: uniform([]) } },
    {
      inputs: { condition: greater(uniform([3]), 0), A: uniform([2, 2]), B: uniform([]) },
      error:
        "where: condition is [3] and A is [2, 2] and B is []; these do not broadcast " +
        "(aligned at the right, two sizes must be equal or one of them 1)",
    },
  ],
});

/**
 * The same values in another dtype. Whole numbers and truth values have no gradient, so none comes
 * back through a cast to `int32` or `bool`; a cast to `int32` drops the fraction.
 *
 * @throws DtypeError for a name that is not a dtype.
 * @example
 * cast([1.5, 2], "int32").toArray(); // [1, 2]
 */
export function cast(X: TensorLike, dtype: DType): Tensor {
  return apply(castOp, { X }, { dtype: checkDtype("cast", dtype) });
}

export const castOp = unary({
  name: "cast",
  saves: [],
  attrs: attributes<{ dtype: DType }>(),
  dtype: ({ dtype }) => dtype,
  // The sweep brings every cotangent back to its input's dtype.
  rule: { linear: (_, Ybar) => Ybar },
  acts: { X: () => ["shape"] },
  notation: ({ X }, { dtype }) => call(dtype, X),
  samples: () => [
    ...entries(-2, 2, { dtype: "float64" as const }),
    ...entries(-2, 2, { dtype: "int32" as const }),
  ],
});
