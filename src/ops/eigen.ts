import { applyAll } from "../core/apply.js";
import { defineOp } from "../core/op.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, mul } from "./arithmetic.js";
import { overGaps, withDistinct } from "./gaps.js";
import { call } from "./notation.js";
import { square } from "./operands.js";
import { matmul } from "./product.js";
import { sum } from "./reduce.js";
import { expandDims, t } from "./reshape.js";
import { exact, spread, uniform } from "./samples.js";

export { distinctOp, overGapsOp } from "./gaps.js";

/**
 * The eigenvalues `w` `[..., n]`, ascending, and orthonormal eigenvectors, the columns of `V`
 * `[..., n, n]`, of a symmetric matrix or of each matrix of a batch: `A = V·diag(w)·Vᵀ`. `A` is
 * treated as symmetric: where it is not, its symmetric part `½(A + Aᵀ)` is decomposed, without an
 * error. The gradient is symmetric. In each column of `V`, of the components nearly as large as the
 * largest in size (to 9/10) the first is positive. A matrix with NaN or ∞ gives NaN.
 *
 * First derivatives of a loss of the eigenvalues alone are right where some coincide, if the loss
 * treats these alike. Vectors of coinciding eigenvalues have no derivative: a loss that depends on
 * them is a DomainError there, and so are second derivatives.
 *
 * @throws ShapeError when the matrices are not square.
 * @throws DomainError when a derivative is wanted that coinciding eigenvalues do not allow.
 * @example
 * const { w, V } = eigh([[2, 1], [1, 2]]);
 * w.toArray(); // [1, 3]
 * V.toArray(); // [[0.7071…, 0.7071…], [-0.7071…, 0.7071…]]
 */
export function eigh(A: TensorLike): { readonly w: Tensor; readonly V: Tensor } {
  return applyAll(eighOp, { A });
}

export const eighOp = defineOp({
  name: "eigh",
  inputs: ["A"],
  outputs: ["w", "V"],
  saves: ["w", "V"],
  shape: ({ A }) => [square("eigh", A, "A").slice(0, -1), A],
  rules: {
    // Giles, "An extended collection of matrix derivative results", 2008, section 3.1.
    // A·V = V·Diag(w) and VᵀV = I, so dV = V·Ω with a skew Ω;
    // dA·V + A·dV = dV·Diag(w) + V·Diag(dw)  ⇒  Vᵀ·dA·V = Ω·Diag(w) − Diag(w)·Ω + Diag(dw).
    A: {
      // On the diagonal: dw = diag(Vᵀ·dA·V);
      // ⟨w̄, dw⟩ = ⟨V·Diag(w̄)·Vᵀ, dA⟩
      w: {
        d: ({ w, V }, dA) => {
          const Q = withDistinct(V, w, "eigenvalues");
          return sum(mul(Q, matmul(symmetric(dA), Q)), { axis: -2 });
        },
        adj: ({ w, V }, wbar) => {
          const Q = withDistinct(V, w, "eigenvalues");
          return matmul(mul(Q, expandDims(wbar, -2)), t(Q));
        },
      },
      // Beside it: Ω_ij = (Vᵀ·dA·V)_ij / (w_j − w_i), an entrywise product, its own adjoint;
      // ⟨V̄, V·Ω⟩ = ⟨V·(Vᵀ·V̄ / gaps)·Vᵀ, dA⟩, of which the symmetric part counts.
      V: {
        d: ({ w, V }, dA) =>
          matmul(V, overGaps(matmul(t(V), matmul(symmetric(dA), V)), w, w, "eigenvalues")),
        adj: ({ w, V }, Vbar) =>
          symmetric(matmul(matmul(V, overGaps(matmul(t(V), Vbar), w, w, "eigenvalues")), t(V))),
      },
    },
  },
  maps: 2,
  notation: ({ A }) => call("eigh", A),
  samples: () => [
    ...[
      [1, 1],
      [4, 4],
      [3, 3, 3],
      [2, 1, 2, 2],
      [0, 0],
      [0, 2, 2],
    ].map((shape) => ({
      inputs: { A: spread(...shape) },
    })),
    { inputs: { A: exact([3, 3], 2, -1, 0, -1, 2, -1, 0, -1, 2) } },
    {
      inputs: { A: uniform([2, 3]) },
      error: "eigh: A is [2, 3]; a square matrix was wanted (the last two sizes equal)",
    },
  ],
});

/** `½(X + Xᵀ)` */
function symmetric(X: Tensor): Tensor {
  return mul(add(X, t(X)), 0.5);
}
