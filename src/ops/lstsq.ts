import { apply } from "../core/apply.js";
import { attributes, defineOp } from "../core/op.js";
import { DomainError, ShapeError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import { format, type Shape } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, sub } from "./arithmetic.js";
import { infix, power } from "./notation.js";
import { column, leading, matrix, requireMatrices, shapeOf } from "./operands.js";
import { matmul } from "./product.js";
import { reshape, t } from "./reshape.js";
import { spread, uniform } from "./samples.js";

/**
 * What counts as 0: the singular values up to `rcond` times the largest. Left out, `rcond` is the
 * larger of the two sizes times the distance from 1 to the next number of the dtype, as in NumPy's
 * `lstsq` and PyTorch.
 */
export interface RankOptions {
  readonly rcond?: number | undefined;
}

interface Rank {
  readonly rcond: number | null;
}

function rankOf(op: string, options: RankOptions): Rank {
  const { rcond } = requireOptions(op, options, ["rcond"]);
  if (rcond === undefined) return { rcond: null };
  if (typeof rcond === "number" && rcond >= 0) return { rcond };
  throw new DomainError(`${op}: rcond is ${rcond}; a number of at least 0 was wanted`);
}

/** The same options for another op. */
function again({ rcond }: Rank): RankOptions {
  return rcond === null ? {} : { rcond };
}

/**
 * The Moore-Penrose inverse `X⁺` `[..., n, m]` of a matrix `[..., m, n]` of any rank, or of each of
 * a batch: the `Y` with `XYX = X` and `YXY = Y`, where `XY` and `YX` are symmetric. Its derivatives
 * are right as long as the rank stays; where it changes, `X⁺` jumps. Singular values up to `rcond`
 * times the largest count as 0 (by default max(m, n) roundings). A matrix with NaN or ∞ gives NaN.
 * To solve `AX ≈ B`, {@link lstsq} is more accurate and does less work.
 *
 * @throws ShapeError when `X` is a vector or a scalar.
 * @throws DomainError when `rcond` is not a number of at least 0.
 * @example
 * pinv([[1, 0], [0, 2], [0, 0]]).toArray(); // [[1, 0, 0], [0, 0.5, 0]]
 * pinv([[2, 0], [0, 0]]).toArray(); // [[0.5, 0], [0, 0]]
 */
export function pinv(X: TensorLike, options: RankOptions = {}): Tensor {
  return apply(pinvOp, { X }, rankOf("pinv", options));
}

export const pinvOp = defineOp({
  name: "pinv",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["X", "Y"],
  attrs: attributes<Rank>(),
  shape: ({ X }) => {
    const { batch, m, n } = matrix("pinv", X);
    return [...batch, n, m];
  },
  rules: {
    // Golub and Pereyra, "The differentiation of pseudo-inverses", 1973, equation (4.12):
    // dY = −Y·dX·Y + Y·Yᵀ·dXᵀ·(I − X·Y) + (I − Y·X)·dXᵀ·Yᵀ·Y, at constant rank;
    // ⟨Ȳ, dY⟩ = ⟨−Yᵀ·Ȳ·Yᵀ + (I − X·Y)·Ȳᵀ·Y·Yᵀ + Yᵀ·Y·Ȳᵀ·(I − Y·X), dX⟩.
    X: {
      d: ({ X, Y }, dX) => {
        const left = matmul(Y, t(Y));
        const right = matmul(t(Y), Y);
        return add(
          sub(beyond(matmul(left, t(dX)), X, Y), matmul(matmul(Y, dX), Y)),
          matmul(beside(t(dX), X, Y), right),
        );
      },
      adj: ({ X, Y }, Ybar) => {
        const left = matmul(Y, t(Y));
        const right = matmul(t(Y), Y);
        return add(
          sub(matmul(beside(t(Ybar), Y, X), left), matmul(matmul(t(Y), Ybar), t(Y))),
          beyond(matmul(right, t(Ybar)), Y, X),
        );
      },
    },
  },
  maps: 2,
  notation: ({ X }) => power(X, "⁺"),
  law: "pseudoinverse",
  samples: () => [
    ...[
      [1, 1],
      [3, 3],
      [4, 2],
      [2, 4],
      [2, 3, 2],
      [0, 0],
      [2, 0],
      [0, 2, 2],
    ].map((shape) => ({
      inputs: { X: spread(...shape) },
      attrs: { rcond: null },
    })),
    {
      inputs: { X: uniform([3]) },
      attrs: { rcond: null },
      error: "pinv: X is [3]; a matrix was wanted",
    },
  ],
});

/** `M·(I − X·Y)` */
function beyond(M: Tensor, X: Tensor, Y: Tensor): Tensor {
  return sub(M, matmul(matmul(M, X), Y));
}

/** `(I − Y·X)·M` */
function beside(M: Tensor, X: Tensor, Y: Tensor): Tensor {
  return sub(M, matmul(Y, matmul(X, M)));
}

/**
 * The least squares solution: the `X` that makes `‖AX − B‖` smallest, and of several such the
 * smallest one, `A⁺B`. For `A` `[..., m, n]`, tall, wide or of any rank, and `B` `[..., m, k]`,
 * leading axes broadcast; or `B` is a vector `[m]`, and so is then each solution. Its derivatives
 * are right as long as the rank of `A` stays; `rcond` as for {@link pinv}. NaN or ∞ in `A` gives NaN.
 *
 * @throws ShapeError when `A` is no matrix, or `B` has another number of rows.
 * @throws DomainError when `rcond` is not a number of at least 0.
 * @example
 * lstsq([[1, 0], [1, 1], [1, 2]], [1, 3, 5]).toArray(); // [1, 2]
 * lstsq([[1, 1]], [2]).toArray(); // [1, 1]
 */
export function lstsq(A: TensorLike, B: TensorLike, options: RankOptions = {}): Tensor {
  const [a, b] = [shapeOf(A), shapeOf(B)];
  const shape = solutionShape(a, b);
  const attrs = rankOf("lstsq", options);
  if (b.length > 1) return apply(lstsqOp, { A, B }, attrs);
  return reshape(apply(lstsqOp, { A, B: column(B) }, attrs), shape);
}

export const lstsqOp = defineOp({
  name: "lstsq",
  inputs: ["A", "B"],
  outputs: ["Y"],
  saves: ["A", "B", "Y"],
  attrs: attributes<Rank>(),
  shape: ({ A, B }) => {
    requireMatrices("lstsq", { A, B });
    return solutionShape(A, B);
  },
  rules: {
    // Y = A⁺·B with d(A⁺) as for pinv, P = A⁺ and the residual R = B − A·Y = (I − A·A⁺)·B:
    // dY = −P·dA·Y + P·Pᵀ·dAᵀ·R + (I − P·A)·dAᵀ·Pᵀ·Y;   with Z = Pᵀ·Ȳ
    // ⟨Ȳ, dY⟩ = ⟨−Z·Yᵀ + R·(P·Z)ᵀ + Pᵀ·Y·((I − P·A)·Ȳ)ᵀ, dA⟩
    A: {
      d: ({ A, B, Y }, dA, { attrs }) => {
        const P = pinv(A, again(attrs));
        const R = sub(B, matmul(A, Y));
        const inside = sub(matmul(t(P), matmul(t(dA), R)), matmul(dA, Y));
        return add(matmul(P, inside), beside(matmul(t(dA), matmul(t(P), Y)), A, P));
      },
      adj: ({ A, B, Y }, Ybar, { attrs }) => {
        const P = pinv(A, again(attrs));
        const Z = matmul(t(P), Ybar);
        const R = sub(B, matmul(A, Y));
        return add(
          sub(matmul(R, t(matmul(P, Z))), matmul(Z, t(Y))),
          matmul(matmul(t(P), Y), t(beside(Ybar, A, P))),
        );
      },
    },
    B: { linear: ({ A }, Ybar, { attrs }) => lstsq(t(A), Ybar, again(attrs)) },
  },
  maps: 2,
  notation: ({ A, B }) => infix("·", power(A, "⁺"), B),
  samples: () => [
    ...[
      [
        [4, 2],
        [4, 3],
      ],
      [
        [3, 3],
        [3, 1],
      ],
      [
        [2, 4],
        [2, 2],
      ],
      [
        [1, 1],
        [1, 1],
      ],
      [
        [2, 3, 2],
        [2, 3, 2],
      ],
      [
        [2, 3, 2],
        [3, 1],
      ],
      [
        [4, 2],
        [3, 4, 1],
      ],
      [
        [3, 0],
        [3, 2],
      ],
      [
        [0, 2],
        [0, 2],
      ],
    ].map(([a, b]) => ({
      inputs: { A: spread(...(a as number[])), B: uniform(b as number[]) },
      attrs: { rcond: null },
    })),
    {
      inputs: { A: uniform([3, 2]), B: uniform([2, 1]) },
      attrs: { rcond: null },
      error: "lstsq: A is [3, 2] and B is [2, 1]; B must have as many rows as A, 3",
    },
  ],
});

/** The shape of the solution, or a ShapeError. */
function solutionShape(A: Shape, B: Shape): Shape {
  if (A.length < 2) throw new ShapeError(`lstsq: A is ${format(A)}; a matrix was wanted`);
  const [m, n] = A.slice(-2) as [number, number];
  const rows = B.length === 1 ? B[0] : B.at(-2);
  if (rows !== m) {
    throw new ShapeError(
      `lstsq: A is ${format(A)} and B is ${format(B)}; B must have as many rows as A, ${m}`,
    );
  }
  return [...leading("lstsq", A, B), n, ...(B.length === 1 ? [] : [B.at(-1) as number])];
}
