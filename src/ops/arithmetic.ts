import { apply } from "../core/apply.js";
import { attributes } from "../core/op.js";
import { constant } from "../tensor/create.js";
import { DomainError } from "../tensor/errors.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { asFloat } from "./axes.js";
import { cast, equal, greater, greaterEqual, lessEqual, where } from "./compare.js";
import { log } from "./elementwise.js";
import { binary, passes, unary } from "./entrywise.js";
import { call, fence, infix, name, power, prefix } from "./notation.js";
import { entries, pairs } from "./samples.js";

/**
 * `A + B`, broadcast.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * add([1, 2], 10).toArray(); // [11, 12]
 */
export function add(A: TensorLike, B: TensorLike): Tensor {
  return apply(addOp, { A, B });
}

export const addOp = binary({
  name: "add",
  saves: [],
  dtype: "number",
  rules: { A: passes, B: passes },
  acts: { A: () => ["shape"], B: () => ["shape"] },
  notation: ({ A, B }) => infix("+", A, B),
  law: "sum rule",
  samples: () => pairs(),
});

/**
 * `A − B`, broadcast.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * sub([1, 2], 10).toArray(); // [-9, -8]
 */
export function sub(A: TensorLike, B: TensorLike): Tensor {
  return apply(subOp, { A, B });
}

export const subOp = binary({
  name: "sub",
  saves: [],
  dtype: "number",
  rules: {
    A: passes,
    B: { d: (_, dB) => neg(dB), adj: (_, Ybar) => neg(Ybar) },
  },
  acts: { A: () => ["shape"], B: () => ["shape", { times: -1 }] },
  notation: ({ A, B }) => infix("−", A, B),
  law: "sum rule",
  samples: () => pairs(),
});

/**
 * The Hadamard product `A ∘ B`, broadcast. The matrix product is {@link matmul}.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * mul([1, 2], [3, 4]).toArray(); // [3, 8]
 */
export function mul(A: TensorLike, B: TensorLike): Tensor {
  return apply(mulOp, { A, B });
}

export const mulOp = binary({
  name: "mul",
  saves: ["A", "B"],
  dtype: "number",
  // d(A ∘ B) = B ∘ dA + A ∘ dB
  rules: {
    A: { slope: ({ B }) => B },
    B: { slope: ({ A }) => A },
  },
  acts: { A: ({ B }) => [{ times: B }], B: ({ A }) => [{ times: A }] },
  notation: ({ A, B }) => infix("∘", A, B),
  law: "product rule",
  samples: () => pairs(),
});

/**
 * `A / B` entrywise, broadcast. Division by 0 gives ±∞ or NaN, as IEEE says.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * div([1, 2], 4).toArray(); // [0.25, 0.5]
 */
export function div(A: TensorLike, B: TensorLike): Tensor {
  return apply(divOp, { A, B });
}

export const divOp = binary({
  name: "div",
  saves: ["B", "Y"],
  // YB = A  ⇒  dY ∘ B + Y ∘ dB = dA
  rules: {
    A: { slope: ({ B }) => reciprocal(B) },
    B: { slope: ({ B, Y }) => neg(div(Y, B)) },
  },
  acts: { A: ({ B }) => [{ times: reciprocal(B) }] },
  notation: ({ A, B }) => infix("⊘", A, B),
  law: "quotient rule",
  samples: () => pairs([-2, 2], [0.5, 2]),
});

/**
 * `−X`
 *
 * @example
 * neg([1, -2]).toArray(); // [-1, 2]
 */
export function neg(X: TensorLike): Tensor {
  return apply(negOp, { X });
}

export const negOp = unary({
  name: "neg",
  saves: [],
  dtype: "number",
  rule: { linear: (_, Ybar) => neg(Ybar) },
  acts: { X: () => [{ times: -1 }] },
  notation: ({ X }) => prefix("−", X),
  law: "sum rule",
  samples: () => entries(),
});

/**
 * `A^B` entrywise, broadcast. A negative base with a fractional exponent gives NaN, as IEEE says.
 * Where the base is 0 the derivative with respect to the exponent is taken as 0.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * pow([1, 2, 3], 2).toArray(); // [1, 4, 9]
 */
export function pow(A: TensorLike, B: TensorLike): Tensor {
  return apply(powOp, { A, B });
}

export const powOp = binary({
  name: "pow",
  saves: ["A", "B", "Y"],
  rules: {
    // d(a^b) = b a^(b−1) da; the constant a⁰ has slope 0 also at a = 0, where a^(−1) is not finite.
    A: {
      slope: ({ A, B }) => {
        const flat = mul(cast(equal(A, 0), A.dtype), cast(equal(B, 0), A.dtype));
        return mul(B, pow(A, where(flat, 1, sub(B, 1))));
      },
    },
    // d(a^b) = a^b log(a) db
    B: {
      slope: ({ A, Y }) => {
        const zero = equal(A, 0);
        return mul(where(zero, 0, Y), log(where(zero, 1, A)));
      },
    },
  },
  notation: ({ A, B }) => power(A, B),
  law: "power rule",
  samples: () => pairs([0.5, 2], [-2, 2]),
});

/**
 * `√X` entrywise. Its slope at 0 is ∞, as IEEE says; {@link norm} is safe there.
 *
 * @example
 * sqrt([4, 9]).toArray(); // [2, 3]
 */
export function sqrt(X: TensorLike): Tensor {
  return apply(sqrtOp, { X });
}

export const sqrtOp = unary({
  name: "sqrt",
  saves: ["Y"],
  // Y ∘ Y = X  ⇒  2Y ∘ dY = dX
  rule: { slope: ({ Y }) => div(0.5, Y) },
  notation: ({ X }) => power(X, infix("/", name(1), name(2))),
  law: "power rule",
  samples: () => entries(0.2, 3),
});

/**
 * `X ∘ X`
 *
 * @example
 * square([1, -2]).toArray(); // [1, 4]
 */
export function square(X: TensorLike): Tensor {
  return apply(squareOp, { X });
}

export const squareOp = unary({
  name: "square",
  saves: ["X"],
  dtype: "number",
  rule: { slope: ({ X }) => mul(X, 2) },
  notation: ({ X }) => power(X, "∘2"),
  law: "power rule",
  samples: () => entries(),
});

/**
 * `1 / X` entrywise.
 *
 * @example
 * reciprocal([2, 4]).toArray(); // [0.5, 0.25]
 */
export function reciprocal(X: TensorLike): Tensor {
  return apply(reciprocalOp, { X });
}

export const reciprocalOp = unary({
  name: "reciprocal",
  saves: ["Y"],
  // YX = 1  ⇒  dY ∘ X + Y ∘ dX = 0
  rule: { slope: ({ Y }) => neg(square(Y)) },
  notation: ({ X }) => infix("⊘", name(1), X),
  law: "power rule",
  samples: () => entries(0.3, 3),
});

/**
 * `|X|` entrywise; the subgradient at 0 is 0.
 *
 * @example
 * abs([-1, 2]).toArray(); // [1, 2]
 */
export function abs(X: TensorLike): Tensor {
  return apply(absOp, { X });
}

export const absOp = unary({
  name: "abs",
  saves: ["X"],
  dtype: "number",
  rule: { slope: ({ X }) => sign(X) },
  notation: ({ X }) => fence("|", X, "|"),
  samples: () => entries(),
});

/**
 * −1, 0 or 1 for each element.
 *
 * @example
 * sign([-3, 0, 2]).toArray(); // [-1, 0, 1]
 */
export function sign(X: TensorLike): Tensor {
  return apply(signOp, { X });
}

export const signOp = unary({
  name: "sign",
  saves: [],
  dtype: "number",
  rule: { constant: "piecewise constant: its derivative is 0 wherever it exists" },
  notation: ({ X }) => call("sign", X),
  samples: () => entries(),
});

/**
 * The larger of each two elements, broadcast. Ties share the gradient equally.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * maximum([1, 5], 3).toArray(); // [3, 5]
 */
export function maximum(A: TensorLike, B: TensorLike): Tensor {
  return apply(maximumOp, { A, B });
}

export const maximumOp = binary({
  name: "maximum",
  saves: ["A", "B"],
  dtype: "number",
  rules: {
    A: { slope: ({ A, B }) => share(A, B) },
    B: { slope: ({ A, B }) => share(B, A) },
  },
  notation: ({ A, B }) => call("max", A, B),
  samples: () => pairs(),
});

/**
 * The smaller of each two elements, broadcast. Ties share the gradient equally.
 *
 * @throws ShapeError when the shapes do not broadcast.
 * @example
 * minimum([1, 5], 3).toArray(); // [1, 3]
 */
export function minimum(A: TensorLike, B: TensorLike): Tensor {
  return apply(minimumOp, { A, B });
}

export const minimumOp = binary({
  name: "minimum",
  saves: ["A", "B"],
  dtype: "number",
  rules: {
    A: { slope: ({ A, B }) => share(B, A) },
    B: { slope: ({ A, B }) => share(A, B) },
  },
  notation: ({ A, B }) => call("min", A, B),
  samples: () => pairs(),
});

/** 1 where A > B, ½ where they are equal, 0 elsewhere. */
function share(A: Tensor, B: Tensor): Tensor {
  return where(equal(A, B), constant(0.5, A.dtype), cast(greater(A, B), A.dtype));
}

/**
 * Each element of `X`, or `low` or `high` where it lies beyond them. The gradient passes where
 * `low ≤ X ≤ high`.
 *
 * @throws DomainError when `low` exceeds `high`.
 * @example
 * clip([-2, 0.5, 2], 0, 1).toArray(); // [0, 0.5, 1]
 */
export function clip(X: TensorLike, low: number, high: number): Tensor {
  if (!(low <= high)) {
    throw new DomainError(`clip: low is ${low} and high is ${high}; low must not exceed high`);
  }
  const whole = [low, high].every((bound) => Number.isInteger(bound) || !Number.isFinite(bound));
  return apply(clipOp, { X: whole ? X : asFloat(X) }, { low, high });
}

export const clipOp = unary({
  name: "clip",
  saves: ["X"],
  attrs: attributes<{ low: number; high: number }>(),
  dtype: "number",
  rule: {
    slope: ({ X }, { attrs: { low, high } }) =>
      mul(cast(greaterEqual(X, low), X.dtype), cast(lessEqual(X, high), X.dtype)),
  },
  notation: ({ X }, { low, high }) => call("clip", X, name(low), name(high)),
  samples: () => entries(-2, 2, { low: -1, high: 0.5 }),
});
