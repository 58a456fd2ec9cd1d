import { applyAll } from "../core/apply.js";
import { defineOp } from "../core/op.js";
import { zeros } from "../tensor/create.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, mul, neg, sub } from "./arithmetic.js";
import { overGaps, withDistinct } from "./gaps.js";
import { call } from "./notation.js";
import { matrix } from "./operands.js";
import { matmul } from "./product.js";
import { sum } from "./reduce.js";
import { expandDims, t } from "./reshape.js";
import { spread, uniform } from "./samples.js";

/**
 * The singular value decomposition `X = U·diag(s)·Vt` of a matrix `[..., m, n]`, or of each of a
 * batch, in its reduced form: with k = min(m, n), `U` `[..., m, k]` has orthonormal columns, `s`
 * `[..., k]` descends and is not negative, `Vt` `[..., k, n]` has orthonormal rows. The names are
 * NumPy's for real matrices: `Vt` is the factor as it multiplies, its rows are the right singular
 * vectors. In each column of `U`, of the components nearly as large as the largest in size (to
 * 9/10) the first is positive. A matrix with NaN or ∞ gives NaN.
 *
 * First derivatives of a loss of the singular values alone are right where some coincide, if the
 * loss treats these alike; where one is 0, which is a kink, they are one of the subgradients. Vectors
 * of coinciding values, and of 0 in a matrix that is not square, have no derivative: a loss that
 * depends on them is a DomainError there, and so are second derivatives.
 *
 * @throws ShapeError when `X` is a vector or a scalar.
 * @throws DomainError when a derivative is wanted that coinciding values, or 0, do not allow.
 * @example
 * const { U, s, Vt } = svd([[0, 3], [2, 0], [0, 0]]);
 * s.toArray(); // [3, 2]
 * U.toArray(); // [[1, 0], [0, 1], [0, 0]]
 * Vt.toArray(); // [[0, 1], [1, 0]]
 */
export function svd(X: TensorLike): {
  readonly U: Tensor;
  readonly s: Tensor;
  readonly Vt: Tensor;
} {
  return applyAll(svdOp, { X });
}

export const svdOp = defineOp({
  name: "svd",
  inputs: ["X"],
  outputs: ["U", "s", "Vt"],
  saves: ["U", "s", "Vt"],
  shape: ({ X }) => {
    const { batch, m, n } = matrix("svd", X);
    const k = Math.min(m, n);
    return [
      [...batch, m, k],
      [...batch, k],
      [...batch, k, n],
    ];
  },
  rules: {
    // Townsend, "Differentiating the singular value decomposition", 2016. With S = Diag(s),
    // dU = U·Ω + (I − U·Uᵀ)·dX·V·S⁻¹ and dV = V·Θ + (I − V·Vᵀ)·dXᵀ·U·S⁻¹, Ω and Θ skew,
    // P = Uᵀ·dX·V = Ω·S − S·Θ + dS: on the diagonal P is dS; beside it
    // P + Pᵀ = (Ω + Θ)·S − S·(Ω + Θ) and P − Pᵀ = (Ω − Θ)·S + S·(Ω − Θ), so that
    // Ω = ½(G + H) and Θ = ½(G − H), G_ij = (P + Pᵀ)_ij / (s_j − s_i), H_ij = (P − Pᵀ)_ij / (s_j + s_i).
    X: {
      U: {
        d: ({ U, s, Vt }, dX, { shapes }) => {
          const D = matmul(dX, t(Vt));
          const P = matmul(t(U), D);
          const dU = matmul(U, mul(add(skew(P, s), turn(P, s)), 0.5));
          if (!isTall(shapes.X)) return dU;
          return add(dU, overValues(sub(D, matmul(U, P)), s));
        },
        // ⟨Ū, U·Ω⟩ = ⟨Q, Ω⟩ with Q = Uᵀ·Ū; P ↦ P ± Pᵀ are their own adjoints, so are the quotients.
        adj: ({ U, s, Vt }, Ubar, { shapes }) => {
          const Q = matmul(t(U), Ubar);
          const Xbar = matmul(U, mul(add(skewAdjoint(Q, s), turnAdjoint(Q, s)), 0.5));
          if (!isTall(shapes.X)) return matmul(Xbar, Vt);
          return matmul(add(Xbar, overValues(sub(Ubar, matmul(U, Q)), s)), Vt);
        },
      },
      // ds = diag(Uᵀ·dX·V);   ⟨s̄, ds⟩ = ⟨U·Diag(s̄)·Vᵀ, dX⟩
      s: {
        d: ({ U, s, Vt }, dX, { shapes }) => {
          const [L, R] = both(U, s, Vt, shapes.X);
          return sum(mul(L, matmul(dX, t(R))), { axis: -2 });
        },
        adj: ({ U, s, Vt }, sbar, { shapes }) => {
          const [L, R] = both(U, s, Vt, shapes.X);
          return matmul(mul(L, expandDims(sbar, -2)), R);
        },
      },
      // As for U with Xᵀ in the place of X, which makes Pᵀ of P and Θ of Ω.
      Vt: {
        d: ({ U, s, Vt }, dX, { shapes }) => {
          const D = matmul(t(dX), U);
          const P = matmul(Vt, D);
          const dV = matmul(t(Vt), mul(add(skew(P, s), turn(P, s)), 0.5));
          if (!isWide(shapes.X)) return t(dV);
          return t(add(dV, overValues(sub(D, matmul(t(Vt), P)), s)));
        },
        adj: ({ U, s, Vt }, Vtbar, { shapes }) => {
          const Q = matmul(Vt, t(Vtbar));
          const Xbar = matmul(t(Vt), mul(add(skewAdjoint(Q, s), turnAdjoint(Q, s)), 0.5));
          if (!isWide(shapes.X)) return matmul(U, t(Xbar));
          return matmul(U, t(add(Xbar, overValues(sub(t(Vtbar), matmul(t(Vt), Q)), s))));
        },
      },
    },
  },
  maps: 2,
  notation: ({ X }) => call("svd", X),
  samples: () => [
    ...[
      [1, 1],
      [3, 3],
      [5, 3],
      [3, 5],
      [2, 4, 2],
      [2, 2, 3],
      [3, 1],
      [1, 3],
    ].map((shape) => ({
      inputs: { X: spread(...shape) },
    })),
    ...[
      [0, 0],
      [3, 0],
      [0, 2],
      [0, 2, 2],
    ].map((shape) => ({ inputs: { X: uniform(shape) } })),
    { inputs: { X: uniform([3]) }, error: "svd: X is [3]; a matrix was wanted" },
  ],
});

function isTall(X: Shape): boolean {
  return (X.at(-2) as number) > (X.at(-1) as number);
}

function isWide(X: Shape): boolean {
  return (X.at(-2) as number) < (X.at(-1) as number);
}

/** `(P + Pᵀ)_ij / (s_j − s_i)` */
function skew(P: Tensor, s: Tensor): Tensor {
  return overGaps(add(P, t(P)), s, s, "singular");
}

/** Its adjoint; the entries are divided one by one, so that none that matters cancels before. */
function skewAdjoint(Q: Tensor, s: Tensor): Tensor {
  const G = overGaps(Q, s, s, "singular");
  return add(G, t(G));
}

/** `(P − Pᵀ)_ij / (s_j + s_i)` */
function turn(P: Tensor, s: Tensor): Tensor {
  return overGaps(sub(P, t(P)), neg(s), s, "sums");
}

/** Its adjoint. */
function turnAdjoint(Q: Tensor, s: Tensor): Tensor {
  const H = overGaps(Q, neg(s), s, "sums");
  return sub(H, t(H));
}

/** `M·S⁻¹` */
function overValues(M: Tensor, s: Tensor): Tensor {
  return overGaps(M, zeros(M.shape.slice(0, -1), { dtype: s.dtype }), s, "zeros");
}

/** Both factors, differentiable where the values are distinct, and not 0 in a matrix not square. */
function both(U: Tensor, s: Tensor, Vt: Tensor, X: Shape): [Tensor, Tensor] {
  const zeros = isTall(X) || isWide(X);
  return [withDistinct(U, s, "singular", zeros), withDistinct(Vt, s, "singular", zeros)];
}
