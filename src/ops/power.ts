import { apply } from "../core/apply.js";
import { attributes, defineOp } from "../core/op.js";
import { UsageError } from "../tensor/errors.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, mul, neg } from "./arithmetic.js";
import { call, power } from "./notation.js";
import { alongShape, square } from "./operands.js";
import { matmul } from "./product.js";
import { t } from "./reshape.js";
import { exact, squares, uniform, wellConditioned } from "./samples.js";
import { inv } from "./solve.js";

/**
 * The matrix power `Xᵏ` for a whole number `k`, of a square matrix or of each matrix of a batch
 * `[..., n, n]`: `X·X·…` by repeated squaring, the identity for 0, a power of the inverse for
 * negative `k`. The entrywise power is {@link pow}.
 *
 * @throws ShapeError when the matrices are not square.
 * @throws UsageError when `k` is not a whole number.
 * @throws SingularError when `k` is negative and a matrix has no inverse.
 * @example
 * matrixPower([[1, 1], [0, 1]], 5).toArray(); // [[1, 5], [0, 1]]
 */
export function matrixPower(X: TensorLike, k: number): Tensor {
  return apply(matrixPowerOp, { X }, { k });
}

export const matrixPowerOp = defineOp({
  name: "matrixPower",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["X"],
  attrs: attributes<{ readonly k: number }>(),
  shape: ({ X }, { k }) => {
    if (Number.isSafeInteger(k)) return square("matrixPower", X);
    throw new UsageError(`matrixPower: k is ${k}; a whole number was wanted`);
  },
  rules: {
    // dY = Σ Xⁱ·dX·Xʲ over i + j = k − 1;   ⟨Ȳ, Xⁱ·dX·Xʲ⟩ = ⟨(Xᵀ)ⁱ·Ȳ·(Xᵀ)ʲ, dX⟩: the same sum, of Xᵀ.
    // For k < 0 it is that of X⁻¹, with d(X⁻¹) = −X⁻¹·dX·X⁻¹.
    X: {
      d: ({ X }, dX, { attrs }) => along(X, dX, attrs.k),
      adj: ({ X }, Ybar, { attrs }) => along(t(X), Ybar, attrs.k),
    },
  },
  maps: 2,
  notation: ({ X }, { k }) => power(X, k),
  law: "power rule",
  samples: () => [
    ...[0, 1, 2, 5, -1, -3].map((k) => ({ inputs: { X: wellConditioned(3, 3) }, attrs: { k } })),
    ...squares().map((X) => ({ inputs: { X }, attrs: { k: 3 } })),
    { inputs: { X: exact([3, 3], 0, 1, 2, 0, 0, 3, 0, 0, 0) }, attrs: { k: 2 } }, // nilpotent
    {
      inputs: { X: uniform([2, 3]) },
      attrs: { k: 2 },
      error: "matrixPower: X is [2, 3]; a square matrix was wanted (the last two sizes equal)",
    },
    {
      inputs: { X: uniform([2, 2]) },
      attrs: { k: 0.5 },
      error: "matrixPower: k is 0.5; a whole number was wanted",
    },
    {
      inputs: { X: exact([2, 2], 1, 2, 2, 4) },
      attrs: { k: -2 },
      error: "matrixPower: X is singular (pivot 2 is 0)",
    },
  ],
});

/** The derivative of `Xᵏ` along `H`. */
function along(X: Tensor, H: Tensor, k: number): Tensor {
  if (k === 0) return mul(H, 0);
  if (k > 0) return powerAlong(X, H, k)[1];
  const Y = inv(X);
  return powerAlong(Y, neg(matmul(matmul(Y, H), Y)), -k)[1];
}

/** `Xᵏ` and its derivative along `H`, k ≥ 1, by d(Z·Z) = dZ·Z + Z·dZ for Z = X^⌊k/2⌋. */
function powerAlong(X: Tensor, H: Tensor, k: number): [Tensor, Tensor] {
  if (k === 1) return [X, H];
  const [Z, dZ] = powerAlong(X, H, Math.floor(k / 2));
  const [Y, dY] = [matmul(Z, Z), add(matmul(dZ, Z), matmul(Z, dZ))];
  return k % 2 === 0 ? [Y, dY] : [matmul(Y, X), add(matmul(dY, X), matmul(Y, H))];
}

/**
 * The matrix exponential `exp(X) = I + X + X²/2! + …` of a square matrix, or of each matrix of a
 * batch `[..., n, n]`, by scaling and squaring. The entrywise one is {@link exp}.
 *
 * @throws ShapeError when the matrices are not square.
 * @example
 * expm([[0, 1], [0, 0]]).toArray(); // [[1, 1], [0, 1]]
 */
export function expm(X: TensorLike): Tensor {
  return apply(expmOp, { X, Hs: [] });
}

/**
 * The k-th derivative of the exponential at `X` along `Hs`, `Dᵏexp(X)[H₁, …, H_k]`: with no `Hs`
 * the exponential itself. One op for all k, because each derivative is another of the same kind.
 */
export const expmOp = defineOp({
  name: "expm",
  inputs: ["X", "...Hs"],
  outputs: ["Y"],
  saves: ["X", "...Hs"],
  shape: ({ X, Hs }) => alongShape("expm", X, Hs),
  rules: {
    // d tr(exp X) = tr(exp(X)·dX), since the trace lets factors go round. So ⟨Zᵀ, Dᵏexp(X)[Hs]⟩ =
    // Dᵏ⁺¹(tr exp)(X)[Hs, Z], which does not change when its arguments change places:
    // ⟨Ȳ, Dᵏ⁺¹exp(X)[Hs, dX]⟩ = Dᵏ⁺²(tr exp)(X)[Hs, dX, Ȳᵀ] = ⟨Dᵏ⁺¹exp(X)[Hs, Ȳᵀ]ᵀ, dX⟩
    X: {
      d: ({ X, Hs }, dX) => expmAlong(X, [...Hs, dX]),
      adj: ({ X, Hs }, Ybar) => t(expmAlong(X, [...Hs, t(Ybar)])),
    },
    // Likewise with H_j in the place of dX; Dᵏ is linear in it.
    Hs: {
      linear: ({ X, Hs }, Ybar, { index }) => t(expmAlong(X, Hs.with(index, t(Ybar)))),
    },
  },
  maps: 2,
  notation: ({ X, Hs }) =>
    Hs.length === 0 ? call("exp", X) : call(`D${Hs.length > 1 ? Hs.length : ""}exp`, X, ...Hs),
  law: "matrix exponential",
  samples: () => [
    ...squares().map((X) => ({ inputs: { X, Hs: [] } })),
    { inputs: { X: exact([3, 3], 0, 1, 2, 0, 0, 3, 0, 0, 0), Hs: [] } }, // nilpotent
    { inputs: { X: exact([2, 2], 1, 1, 0, 1), Hs: [] } }, // defective
    { inputs: { X: exact([2, 2], 0, 0, 0, 0), Hs: [] } },
    { inputs: { X: uniform([3, 3], -4, 4), Hs: [] } }, // squared several times
    { inputs: { X: uniform([3, 3]), Hs: [uniform([3, 3])] } },
    { inputs: { X: uniform([2, 2]), Hs: [uniform([2, 2]), uniform([2, 2])] } },
    { inputs: { X: uniform([2, 3, 3]), Hs: [uniform([3, 3])] } },
    {
      inputs: { X: uniform([2, 3]), Hs: [] },
      error: "expm: X is [2, 3]; a square matrix was wanted (the last two sizes equal)",
    },
    {
      inputs: { X: uniform([3, 3]), Hs: [uniform([2, 2])] },
      error: "expm: a direction is [2, 2]; matrices of order 3 were wanted, as X is",
    },
  ],
});

/** `Dᵏexp(X)[Hs]` */
function expmAlong(X: Tensor, Hs: readonly Tensor[]): Tensor {
  return apply(expmOp, { X, Hs });
}
