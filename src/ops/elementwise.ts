import { apply } from "../core/apply.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, mul, neg, reciprocal, sqrt, square, sub } from "./arithmetic.js";
import { unary } from "./entrywise.js";
import { call } from "./notation.js";
import { entries } from "./samples.js";

/**
 * `eˣ` entrywise. The matrix exponential is `expm`.
 *
 * @example
 * exp([0, 1]).toArray(); // [1, 2.718…]
 */
export function exp(X: TensorLike): Tensor {
  return apply(expOp, { X });
}

export const expOp = unary({
  name: "exp",
  saves: ["Y"],
  // dY = eˣ ∘ dX = Y ∘ dX
  rule: { slope: ({ Y }) => Y },
  notation: ({ X }) => call("exp", X),
  samples: () => entries(),
});

/**
 * `eˣ − 1` entrywise, accurate for small x.
 *
 * @example
 * expm1(1e-10).item(); // 1e-10
 */
export function expm1(X: TensorLike): Tensor {
  return apply(expm1Op, { X });
}

export const expm1Op = unary({
  name: "expm1",
  saves: ["X"],
  // Not Y + 1, which loses what expm1 keeps when Y is near −1.
  rule: { slope: ({ X }) => exp(X) },
  notation: ({ X }) => call("expm1", X),
  samples: () => entries(),
});

/**
 * The natural logarithm, entrywise; −∞ at 0 and NaN below, as IEEE says.
 *
 * @example
 * log([1, Math.E]).toArray(); // [0, 1]
 */
export function log(X: TensorLike): Tensor {
  return apply(logOp, { X });
}

export const logOp = unary({
  name: "log",
  saves: ["X"],
  rule: { slope: ({ X }) => reciprocal(X) },
  notation: ({ X }) => call("log", X),
  samples: () => entries(0.2, 3),
});

/**
 * `log(1 + x)` entrywise, accurate for small x.
 *
 * @example
 * log1p(1e-10).item(); // 1e-10
 */
export function log1p(X: TensorLike): Tensor {
  return apply(log1pOp, { X });
}

export const log1pOp = unary({
  name: "log1p",
  saves: ["X"],
  rule: { slope: ({ X }) => reciprocal(add(X, 1)) },
  notation: ({ X }) => call("log1p", X),
  samples: () => entries(-0.7, 2),
});

/**
 * The sine, entrywise, of angles in radians.
 *
 * @example
 * sin([0, Math.PI / 2]).toArray(); // [0, 1]
 */
export function sin(X: TensorLike): Tensor {
  return apply(sinOp, { X });
}

export const sinOp = unary({
  name: "sin",
  saves: ["X"],
  rule: { slope: ({ X }) => cos(X) },
  notation: ({ X }) => call("sin", X),
  samples: () => entries(),
});

/**
 * The cosine, entrywise, of angles in radians.
 *
 * @example
 * cos([0, Math.PI]).toArray(); // [1, -1]
 */
export function cos(X: TensorLike): Tensor {
  return apply(cosOp, { X });
}

export const cosOp = unary({
  name: "cos",
  saves: ["X"],
  rule: { slope: ({ X }) => neg(sin(X)) },
  notation: ({ X }) => call("cos", X),
  samples: () => entries(),
});

/**
 * The tangent, entrywise, of angles in radians.
 *
 * @example
 * tan([0, Math.PI / 4]).toArray(); // [0, 1]
 */
export function tan(X: TensorLike): Tensor {
  return apply(tanOp, { X });
}

export const tanOp = unary({
  name: "tan",
  saves: ["Y"],
  // tan′ = 1 + tan²
  rule: { slope: ({ Y }) => add(square(Y), 1) },
  notation: ({ X }) => call("tan", X),
  samples: () => entries(-1.2, 1.2),
});

/**
 * The angle in [−π/2, π/2] with the given sine, in radians; NaN outside [−1, 1].
 *
 * @example
 * asin([0, 1]).toArray(); // [0, 1.570…]
 */
export function asin(X: TensorLike): Tensor {
  return apply(asinOp, { X });
}

export const asinOp = unary({
  name: "asin",
  saves: ["X"],
  // sin Y = X  ⇒  cos Y ∘ dY = dX,  cos Y = √(1 − X²) = √((1 − X)(1 + X)), which cancels less
  rule: { slope: ({ X }) => reciprocal(sqrt(mul(sub(1, X), add(1, X)))) },
  notation: ({ X }) => call("arcsin", X),
  samples: () => entries(-0.9, 0.9),
});

/**
 * The angle in [0, π] with the given cosine, in radians; NaN outside [−1, 1].
 *
 * @example
 * acos([1, 0]).toArray(); // [0, 1.570…]
 */
export function acos(X: TensorLike): Tensor {
  return apply(acosOp, { X });
}

export const acosOp = unary({
  name: "acos",
  saves: ["X"],
  // acos = π/2 − asin
  rule: { slope: ({ X }) => neg(reciprocal(sqrt(mul(sub(1, X), add(1, X))))) },
  notation: ({ X }) => call("arccos", X),
  samples: () => entries(-0.9, 0.9),
});

/**
 * The angle in (−π/2, π/2) with the given tangent, in radians.
 *
 * @example
 * atan([0, 1]).toArray(); // [0, 0.785…]
 */
export function atan(X: TensorLike): Tensor {
  return apply(atanOp, { X });
}

export const atanOp = unary({
  name: "atan",
  saves: ["X"],
  // tan Y = X  ⇒  (1 + X²) ∘ dY = dX
  rule: { slope: ({ X }) => reciprocal(add(square(X), 1)) },
  notation: ({ X }) => call("arctan", X),
  samples: () => entries(),
});

/**
 * The hyperbolic sine `(eˣ − e⁻ˣ) / 2`, entrywise.
 *
 * @example
 * sinh([0, 1]).toArray(); // [0, 1.175…]
 */
export function sinh(X: TensorLike): Tensor {
  return apply(sinhOp, { X });
}

export const sinhOp = unary({
  name: "sinh",
  saves: ["X"],
  rule: { slope: ({ X }) => cosh(X) },
  notation: ({ X }) => call("sinh", X),
  samples: () => entries(),
});

/**
 * The hyperbolic cosine `(eˣ + e⁻ˣ) / 2`, entrywise.
 *
 * @example
 * cosh([0, 1]).toArray(); // [1, 1.543…]
 */
export function cosh(X: TensorLike): Tensor {
  return apply(coshOp, { X });
}

export const coshOp = unary({
  name: "cosh",
  saves: ["X"],
  rule: { slope: ({ X }) => sinh(X) },
  notation: ({ X }) => call("cosh", X),
  samples: () => entries(),
});

/**
 * The hyperbolic tangent, entrywise.
 *
 * @example
 * tanh([0, 1]).toArray(); // [0, 0.761…]
 */
export function tanh(X: TensorLike): Tensor {
  return apply(tanhOp, { X });
}

export const tanhOp = unary({
  name: "tanh",
  saves: ["Y"],
  // tanh′ = 1 − tanh²
  rule: { slope: ({ Y }) => sub(1, square(Y)) },
  notation: ({ X }) => call("tanh", X),
  samples: () => entries(),
});

/**
 * The error function `2/√π ∫₀ˣ e^(−t²) dt`, entrywise.
 *
 * @example
 * erf([0, 1]).toArray(); // [0, 0.842…]
 */
export function erf(X: TensorLike): Tensor {
  return apply(erfOp, { X });
}

export const erfOp = unary({
  name: "erf",
  saves: ["X"],
  rule: { slope: ({ X }) => mul(2 / Math.sqrt(Math.PI), exp(neg(square(X)))) },
  notation: ({ X }) => call("erf", X),
  samples: () => entries(),
});
