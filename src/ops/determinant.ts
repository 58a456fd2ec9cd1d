import { apply, applyAll } from "../core/apply.js";
import { defineOp } from "../core/op.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { mul } from "./arithmetic.js";
import { trace } from "./diagonal.js";
import { call, fence } from "./notation.js";
import { alongShape, square } from "./operands.js";
import { matmul } from "./product.js";
import { expandDims, t } from "./reshape.js";
import { exact, squares, uniform, wellConditioned } from "./samples.js";
import { inv } from "./solve.js";

/**
 * The determinant of a square matrix, or of each matrix of a batch `[..., n, n]`. Its gradient goes
 * through {@link adjugate}, so that it is right where the matrix is singular too.
 *
 * @throws ShapeError when the matrices are not square.
 * @example
 * det([[1, 2], [3, 4]]).item(); // -2
 */
export function det(X: TensorLike): Tensor {
  return apply(detOp, { X });
}

export const detOp = defineOp({
  name: "det",
  inputs: ["X"],
  outputs: ["y"],
  saves: ["X"],
  shape: ({ X }) => square("det", X).slice(0, -2),
  rules: {
    // det is linear in each row, with the cofactors as coefficients (Laplace): dy = tr(adj(X)·dX);
    // ȳ·tr(adj(X)·dX) = ⟨ȳ·adj(X)ᵀ, dX⟩
    X: {
      d: ({ X }, dX) => trace(matmul(adjugate(X), dX)),
      adj: ({ X }, ybar) => mul(perMatrix(ybar), t(adjugate(X))),
    },
  },
  maps: 2,
  notation: ({ X }) => call("det", X),
  law: "determinant",
  samples: () => [
    ...squares().map((X) => ({ inputs: { X } })),
    // Ranks n − 1 and n − 2: the gradient is one of rank 1, and 0.
    { inputs: { X: exact([2, 2], 0, 1, 0, 1) } },
    { inputs: { X: exact([3, 3], 1, 2, 3, 2, 4, 6, 1, 1, 1) } },
    { inputs: { X: exact([3, 3], 1, 2, 3, 2, 4, 6, -1, -2, -3) } },
    { inputs: { X: exact([2, 2], 0, 0, 0, 0) } },
    notSquare("det"),
  ],
});

/**
 * The natural logarithm of the determinant, which must be positive, of a square matrix or of each
 * matrix of a batch. Neither large nor small determinants overflow.
 *
 * It is defined wherever an even number of eigenvalues is negative, too. A search over positive
 * definite matrices, as for the likelihood of a normal distribution, may run off there: with
 * `diagPart(cholesky(X)).log().sum().mul(2)` it cannot, as {@link cholesky} refuses all others.
 *
 * @throws ShapeError when the matrices are not square.
 * @throws DomainError when a determinant is negative; {@link slogdet} takes these too.
 * @throws SingularError when a determinant is 0, or so close to it that no digit is left.
 * @example
 * logdet([[2, 1], [1, 1]]).item(); // 0
 */
export function logdet(X: TensorLike): Tensor {
  return apply(logdetOp, { X });
}

export const logdetOp = defineOp({
  name: "logdet",
  inputs: ["X"],
  outputs: ["y"],
  saves: ["X"],
  shape: ({ X }) => square("logdet", X).slice(0, -2),
  rules: {
    // dy = d det(X) / det(X) = tr(X⁻¹·dX);   ȳ·tr(X⁻¹·dX) = ⟨ȳ·X⁻ᵀ, dX⟩
    X: {
      d: ({ X }, dX) => trace(matmul(inv(X), dX)),
      adj: ({ X }, ybar) => mul(perMatrix(ybar), t(inv(X))),
    },
  },
  maps: 2,
  notation: ({ X }) => call("log", call("det", X)),
  law: "log-determinant",
  samples: () => [
    ...squares().map((X) => ({ inputs: { X } })),
    notSquare("logdet"),
    {
      inputs: { X: exact([2, 2], 0, 1, 1, 0) },
      error:
        "logdet: the determinant of X is negative; logdet needs a positive one, slogdet gives " +
        "its sign and the logarithm of its size",
    },
    {
      inputs: { X: exact([2, 2, 2], 1, 0, 0, 1, 1, 1, 1, 1) },
      error: "logdet: X[1] is singular (pivot 2 is 0); its determinant has no logarithm",
    },
  ],
});

/**
 * The sign of the determinant (−1, 0 or 1) and the natural logarithm of its size, of a square
 * matrix or of each matrix of a batch: `det(X) = sign · exp(logabsdet)`, without overflow. A
 * singular matrix has sign 0 and logarithm −∞; there the gradient is a SingularError.
 *
 * @throws ShapeError when the matrices are not square.
 * @example
 * slogdet([[0, 2], [1, 0]]).sign.item(); // -1
 */
export function slogdet(X: TensorLike): { readonly sign: Tensor; readonly logabsdet: Tensor } {
  return applyAll(slogdetOp, { X });
}

export const slogdetOp = defineOp({
  name: "slogdet",
  inputs: ["X"],
  outputs: ["sign", "logabsdet"],
  saves: ["X"],
  shape: ({ X }) => {
    const lead = square("slogdet", X).slice(0, -2);
    return [lead, lead];
  },
  rules: {
    X: {
      sign: { constant: "piecewise constant: it jumps only where the determinant is 0" },
      // As for logdet: d log|y| = dy / y, whatever the sign of y.
      logabsdet: {
        d: ({ X }, dX) => trace(matmul(inv(X), dX)),
        adj: ({ X }, ybar) => mul(perMatrix(ybar), t(inv(X))),
      },
    },
  },
  maps: 2,
  notation: ({ X }) => call("log", fence("|", call("det", X), "|")),
  law: "log-determinant",
  samples: () => [
    ...squares().map((X) => ({ inputs: { X } })),
    { inputs: { X: exact([2, 2], 0.5, 2, 1, -0.3) } },
    notSquare("slogdet"),
  ],
});

/**
 * The adjugate of a square matrix, or of each matrix of a batch: the transposed cofactors, with
 * `X · adjugate(X) = det(X) · I`. It exists, and has derivatives of every order, where `X` is
 * singular too: of rank n − 1 it has rank 1, below that it is 0.
 *
 * @throws ShapeError when the matrices are not square.
 * @example
 * adjugate([[1, 2], [3, 4]]).toArray(); // [[4, -2], [-3, 1]]
 */
export function adjugate(X: TensorLike): Tensor {
  return apply(adjugateOp, { X, Hs: [] });
}

/**
 * The k-th derivative of the adjugate at `X` along `Hs`, `Dᵏadj(X)[H₁, …, H_k]`: with no `Hs` the
 * adjugate itself. One op for all k, because each derivative is another of the same kind.
 */
export const adjugateOp = defineOp({
  name: "adjugate",
  inputs: ["X", "...Hs"],
  outputs: ["Y"],
  saves: ["X", "...Hs"],
  shape: ({ X, Hs }) => alongShape("adjugate", X, Hs),
  rules: {
    // dy = tr(adj(X)·dX) for y = det(X), so ⟨Zᵀ, Dᵏadj(X)[Hs]⟩ = Dᵏ⁺¹det(X)[Hs, Z], which does not
    // change when its arguments change places:
    // ⟨Ȳ, Dᵏ⁺¹adj(X)[Hs, dX]⟩ = Dᵏ⁺²det(X)[Hs, dX, Ȳᵀ] = ⟨Dᵏ⁺¹adj(X)[Hs, Ȳᵀ]ᵀ, dX⟩
    X: {
      d: ({ X, Hs }, dX) => along(X, [...Hs, dX]),
      adj: ({ X, Hs }, Ybar) => t(along(X, [...Hs, t(Ybar)])),
    },
    // Likewise with H_j in the place of dX; Dᵏ is linear in it.
    Hs: {
      linear: ({ X, Hs }, Ybar, { index }) => t(along(X, Hs.with(index, t(Ybar)))),
    },
  },
  maps: 2,
  notation: ({ X, Hs }) =>
    Hs.length === 0 ? call("adj", X) : call(`D${Hs.length > 1 ? Hs.length : ""}adj`, X, ...Hs),
  law: "adjugate",
  samples: () => {
    const singular = exact([3, 3], 1, 2, 3, 2, 4, 6, 1, 1, 1);
    const rank1 = exact([3, 3], 1, 2, 3, 2, 4, 6, -1, -2, -3);
    return [
      ...squares().map((X) => ({ inputs: { X, Hs: [] } })),
      { inputs: { X: exact([2, 2], 0, 1, 0, 1), Hs: [] } },
      { inputs: { X: singular, Hs: [] } },
      { inputs: { X: rank1, Hs: [] } },
      { inputs: { X: uniform([3, 3]), Hs: [uniform([3, 3])] } },
      { inputs: { X: singular, Hs: [uniform([3, 3])] } },
      { inputs: { X: rank1, Hs: [uniform([3, 3]), uniform([3, 3])] } },
      { inputs: { X: wellConditioned(4, 4), Hs: [uniform([4, 4]), uniform([4, 4])] } },
      { inputs: { X: uniform([2, 3, 3]), Hs: [uniform([3, 3]), uniform([2, 3, 3])] } },
      {
        inputs: { X: uniform([2, 3]), Hs: [] },
        error: "adjugate: X is [2, 3]; a square matrix was wanted (the last two sizes equal)",
      },
      {
        inputs: { X: uniform([3, 3]), Hs: [uniform([2, 2])] },
        error: "adjugate: a direction is [2, 2]; matrices of order 3 were wanted, as X is",
      },
    ];
  },
});

/** `Dᵏadj(X)[Hs]` */
function along(X: Tensor, Hs: readonly Tensor[]): Tensor {
  return apply(adjugateOp, { X, Hs });
}

/** One number for each matrix of a batch, as `[..., 1, 1]`. */
function perMatrix(y: Tensor): Tensor {
  return expandDims(expandDims(y, -1), -1);
}

function notSquare(op: string): { inputs: { X: Tensor }; error: string } {
  return {
    inputs: { X: uniform([2, 3]) },
    error: `${op}: X is [2, 3]; a square matrix was wanted (the last two sizes equal)`,
  };
}
