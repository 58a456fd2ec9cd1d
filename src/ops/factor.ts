import { apply } from "../core/apply.js";
import { defineOp } from "../core/op.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, mul } from "./arithmetic.js";
import { tril } from "./diagonal.js";
import { call } from "./notation.js";
import { square } from "./operands.js";
import { matmul } from "./product.js";
import { t } from "./reshape.js";
import { exact, squares, uniform } from "./samples.js";
import { solveTriangular } from "./solve.js";

/**
 * The Cholesky factor: the lower triangular `L` with positive diagonal and `LLᵀ = A`, of a
 * symmetric positive definite matrix or of each matrix of a batch `[..., n, n]`. `A` is treated as
 * symmetric: where it is not, its symmetric part `½(A + Aᵀ)` is factored, without an error. The
 * gradient is symmetric.
 *
 * @throws ShapeError when the matrices are not square.
 * @throws SingularError when one is not positive definite.
 * @example
 * cholesky([[4, 2], [2, 5]]).toArray(); // [[2, 0], [1, 2]]
 */
export function cholesky(A: TensorLike): Tensor {
  return apply(choleskyOp, { A });
}

export const choleskyOp = defineOp({
  name: "cholesky",
  inputs: ["A"],
  outputs: ["L"],
  saves: ["L"],
  shape: ({ A }) => square("cholesky", A, "A"),
  rules: {
    // Murray, "Differentiation of the Cholesky decomposition", 2016, arXiv:1602.07527, section 3:
    // dA = dL·Lᵀ + L·dLᵀ  ⇒  L⁻¹·dA·L⁻ᵀ = L⁻¹·dL + (L⁻¹·dL)ᵀ, a lower triangle and its transpose,
    // so dL = L·Φ(L⁻¹·dA·L⁻ᵀ);   ⟨L̄, L·Φ(L⁻¹·dA·L⁻ᵀ)⟩ = ⟨L⁻ᵀ·Φ(Lᵀ·L̄)·L⁻¹, dA⟩
    // and both dA and Ā are replaced by their symmetric parts.
    A: {
      d: ({ L }, dA) => matmul(L, phi(rightByInverseT(L, solveTriangular(L, symmetric(dA))))),
      adj: ({ L }, Lbar) =>
        symmetric(rightByInverse(L, leftByInverseT(L, phi(matmul(t(L), Lbar))))),
    },
  },
  maps: 2,
  notation: ({ A }) => call("chol", A),
  law: "Cholesky",
  samples: () => [
    ...squares().map((A) => ({ inputs: { A } })),
    {
      inputs: { A: uniform([2, 3]) },
      error: "cholesky: A is [2, 3]; a square matrix was wanted (the last two sizes equal)",
    },
    {
      inputs: { A: exact([2, 2], 1, 2, 2, 1) },
      error:
        "cholesky: A is not positive definite (pivot 2 is -3); where only rounding makes it so, " +
        "add a small multiple of the identity",
    },
  ],
});

/** `½(X + Xᵀ)` */
function symmetric(X: Tensor): Tensor {
  return mul(add(X, t(X)), 0.5);
}

/** Φ: the lower triangle with its diagonal halved, which is its own adjoint. */
function phi(X: Tensor): Tensor {
  return mul(add(tril(X), tril(X, -1)), 0.5);
}

/** `X·L⁻ᵀ = (L⁻¹·Xᵀ)ᵀ` */
function rightByInverseT(L: Tensor, X: Tensor): Tensor {
  return t(solveTriangular(L, t(X)));
}

/** `L⁻ᵀ·X` */
function leftByInverseT(L: Tensor, X: Tensor): Tensor {
  return solveTriangular(t(L), X, { lower: false });
}

/** `X·L⁻¹ = (L⁻ᵀ·Xᵀ)ᵀ` */
function rightByInverse(L: Tensor, X: Tensor): Tensor {
  return t(leftByInverseT(L, t(X)));
}
