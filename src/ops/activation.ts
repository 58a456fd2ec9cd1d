import { apply } from "../core/apply.js";
import { attributes } from "../core/op.js";
import { requireOptions } from "../tensor/options.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, mul, square, sub } from "./arithmetic.js";
import { cast, greater, where } from "./compare.js";
import { erf, exp } from "./elementwise.js";
import { unary } from "./entrywise.js";
import { call, name } from "./notation.js";
import { entries } from "./samples.js";

/**
 * The logistic function `σ(x) = 1 / (1 + e⁻ˣ)`, entrywise; no overflow for large |x|.
 *
 * @example
 * sigmoid([0, 100]).toArray(); // [0.5, 1]
 */
export function sigmoid(X: TensorLike): Tensor {
  return apply(sigmoidOp, { X });
}

export const sigmoidOp = unary({
  name: "sigmoid",
  saves: ["Y"],
  // σ′ = σ (1 − σ)
  rule: { slope: ({ Y }) => mul(Y, sub(1, Y)) },
  notation: ({ X }) => call("σ", X),
  samples: () => entries(),
});

/**
 * `max(x, 0)` entrywise; the subgradient at 0 is 0.
 *
 * @example
 * relu([-1, 2]).toArray(); // [0, 2]
 */
export function relu(X: TensorLike): Tensor {
  return apply(reluOp, { X });
}

export const reluOp = unary({
  name: "relu",
  saves: ["Y"],
  dtype: "number",
  rule: { slope: ({ Y }) => cast(greater(Y, 0), Y.dtype) },
  notation: ({ X }) => call("relu", X),
  samples: () => entries(),
});

/**
 * `x` for x > 0, else `slope·x` (0.01 unless given); the subgradient at 0 is `slope`.
 *
 * @example
 * leakyRelu([-1, 2], { slope: 0.1 }).toArray(); // [-0.1, 2]
 */
export function leakyRelu(
  X: TensorLike,
  options: { readonly slope?: number | undefined } = {},
): Tensor {
  return apply(
    leakyReluOp,
    { X },
    { slope: requireOptions("leakyRelu", options, ["slope"]).slope ?? 0.01 },
  );
}

export const leakyReluOp = unary({
  name: "leakyRelu",
  saves: ["X"],
  attrs: attributes<{ slope: number }>(),
  rule: { slope: ({ X }, { attrs }) => where(greater(X, 0), cast(1, X.dtype), attrs.slope) },
  notation: ({ X }, { slope }) => call("leakyRelu", X, name(slope)),
  samples: () => [...entries(-2, 2, { slope: 0.1 }), ...entries(-2, 2, { slope: 0.3 })],
});

/**
 * `x` for x > 0, else `eˣ − 1`, entrywise (Clevert et al. 2015, α = 1).
 *
 * @example
 * elu([-1, 2]).toArray(); // [-0.632…, 2]
 */
export function elu(X: TensorLike): Tensor {
  return apply(eluOp, { X });
}

export const eluOp = unary({
  name: "elu",
  saves: ["X", "Y"],
  // eˣ = Y + 1 where X ≤ 0
  rule: { slope: ({ X, Y }) => where(greater(X, 0), cast(1, X.dtype), add(Y, 1)) },
  notation: ({ X }) => call("elu", X),
  samples: () => entries(),
});

/**
 * `x Φ(x)` with the normal distribution function Φ, entrywise (Hendrycks and Gimpel 2016; exact,
 * by erf).
 *
 * @example
 * gelu([0, 1]).toArray(); // [0, 0.841…]
 */
export function gelu(X: TensorLike): Tensor {
  return apply(geluOp, { X });
}

export const geluOp = unary({
  name: "gelu",
  saves: ["X"],
  // (x Φ)′ = Φ + x φ,  Φ(x) = ½ (1 + erf(x/√2)),  φ(x) = e^(−x²/2) / √(2π)
  rule: {
    slope: ({ X }) =>
      add(
        mul(0.5, add(1, erf(mul(X, Math.SQRT1_2)))),
        mul(mul(X, 1 / Math.sqrt(2 * Math.PI)), exp(mul(-0.5, square(X)))),
      ),
  },
  notation: ({ X }) => call("gelu", X),
  samples: () => entries(),
});

/**
 * `log(1 + eˣ)` entrywise, without overflow.
 *
 * @example
 * softplus([0, 100]).toArray(); // [0.693…, 100]
 */
export function softplus(X: TensorLike): Tensor {
  return apply(softplusOp, { X });
}

export const softplusOp = unary({
  name: "softplus",
  saves: ["X"],
  rule: { slope: ({ X }) => sigmoid(X) },
  notation: ({ X }) => call("softplus", X),
  samples: () => entries(),
});
