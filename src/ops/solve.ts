import { apply } from "../core/apply.js";
import { attributes, defineOp } from "../core/op.js";
import { ShapeError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import { format, type Shape } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { neg } from "./arithmetic.js";
import { tril, triu } from "./diagonal.js";
import { call, infix, power } from "./notation.js";
import { column, leading, requireMatrices, shapeOf, square } from "./operands.js";
import { matmul } from "./product.js";
import { reshape, t } from "./reshape.js";
import { exact, squares, uniform, wellConditioned } from "./samples.js";

/**
 * The inverse `X⁻¹` of a square matrix, or of each matrix of a batch `[..., n, n]`. To solve
 * `AX = B`, {@link solve} is more accurate and does less work.
 *
 * @throws ShapeError when the matrices are not square.
 * @throws SingularError when one has no inverse, or is so close to such that no digit is left.
 * @example
 * inv([[2, 1], [1, 1]]).toArray(); // [[1, -1], [-1, 2]]
 */
export function inv(X: TensorLike): Tensor {
  return apply(invOp, { X });
}

export const invOp = defineOp({
  name: "inv",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["Y"],
  shape: ({ X }) => square("inv", X),
  rules: {
    // YX = I  ⇒  dY·X + Y·dX = 0  ⇒  dY = −Y·dX·Y;   ⟨Ȳ, −Y·dX·Y⟩ = ⟨−Yᵀ·Ȳ·Yᵀ, dX⟩
    X: {
      d: ({ Y }, dX) => neg(matmul(matmul(Y, dX), Y)),
      adj: ({ Y }, Ybar) => neg(matmul(matmul(t(Y), Ybar), t(Y))),
    },
  },
  maps: 2,
  notation: ({ X }) => power(X, -1),
  law: "inverse",
  samples: () => [
    ...squares().map((X) => ({ inputs: { X } })),
    {
      inputs: { X: uniform([2, 3]) },
      error: "inv: X is [2, 3]; a square matrix was wanted (the last two sizes equal)",
    },
    {
      inputs: { X: exact([2, 2], 1, 2, 2, 4) },
      error: "inv: X is singular (pivot 2 is 0)",
    },
    {
      inputs: { X: exact([2, 2, 2], 1, 0, 0, 1, 0, 0, 0, 1) },
      error: "inv: X[1] is singular (pivot 1 is 0)",
    },
  ],
});

/**
 * The `X` with `AX = B`, for square `A` `[..., n, n]` and `B` `[..., n, k]`, leading axes
 * broadcast; or `B` is a vector `[n]`, and so is then each solution.
 *
 * @throws ShapeError when `A` is not square or `B` has another number of rows.
 * @throws SingularError when an `A` has no inverse, or is so close to such that no digit is left.
 * @example
 * solve([[2, 1], [1, 3]], [3, 4]).toArray(); // [1, 1]
 */
export function solve(A: TensorLike, B: TensorLike): Tensor {
  const a = shapeOf(A);
  const b = shapeOf(B);
  const shape = solutionShape("solve", "A", square("solve", a, "A"), b);
  if (b.length > 1) return apply(solveOp, { A, B });
  return reshape(apply(solveOp, { A, B: column(B) }), shape);
}

export const solveOp = defineOp({
  name: "solve",
  inputs: ["A", "B"],
  outputs: ["Y"],
  saves: ["A", "Y"],
  shape: ({ A, B }) => {
    requireMatrices("solve", { B });
    return solutionShape("solve", "A", square("solve", A, "A"), B);
  },
  rules: {
    // AY = B  ⇒  dA·Y + A·dY = dB  ⇒  dY = A⁻¹·(dB − dA·Y);
    // ⟨Ȳ, A⁻¹·dB⟩ = ⟨A⁻ᵀ·Ȳ, dB⟩,   ⟨Ȳ, −A⁻¹·dA·Y⟩ = ⟨−A⁻ᵀ·Ȳ·Yᵀ, dA⟩
    A: {
      d: ({ A, Y }, dA) => neg(solve(A, matmul(dA, Y))),
      adj: ({ A, Y }, Ybar) => neg(matmul(solve(t(A), Ybar), t(Y))),
    },
    B: { linear: ({ A }, Ybar) => solve(t(A), Ybar) },
  },
  maps: 2,
  acts: { B: ({ A }) => [{ solves: A }] },
  notation: ({ A, B }) => infix("·", power(A, -1), B),
  law: "inverse",
  samples: () => [
    { inputs: { A: wellConditioned(4, 4), B: uniform([4, 2]) } },
    { inputs: { A: wellConditioned(1, 1), B: uniform([1, 1]) } },
    { inputs: { A: wellConditioned(3, 4, 4), B: uniform([3, 4, 2]) } },
    { inputs: { A: wellConditioned(3, 2, 2), B: uniform([2, 1]) } },
    { inputs: { A: wellConditioned(2, 2), B: uniform([3, 2, 1]) } },
    { inputs: { A: wellConditioned(0, 0), B: uniform([0, 2]) } },
    {
      inputs: { A: uniform([2, 3]), B: uniform([2, 1]) },
      error: "solve: A is [2, 3]; a square matrix was wanted (the last two sizes equal)",
    },
    {
      inputs: { A: uniform([3, 3]), B: uniform([2, 1]) },
      error: "solve: A is [3, 3] and B is [2, 1]; B must have as many rows as A, 3",
    },
    {
      inputs: { A: exact([3, 3], 1, 2, 3, 0, 1, 1, 1, 3, 4), B: uniform([3, 1]) },
      error: "solve: A is singular (pivot 3 is 0)",
    },
  ],
});

/** Which triangle {@link solveTriangular} reads, and whether it takes the diagonal as ones. */
export interface TriangularOptions {
  readonly lower?: boolean | undefined;
  readonly unitDiagonal?: boolean | undefined;
}

/**
 * The `X` with `LX = B`, for a lower triangular `L` (upper with `lower: false`) `[..., n, n]` and
 * `B` `[..., n, k]`, leading axes broadcast; or `B` is a vector `[n]`. The other triangle of `L` is
 * not read, nor its diagonal with `unitDiagonal: true`; the gradient is 0 there.
 *
 * @throws ShapeError when `L` is not square or `B` has another number of rows.
 * @throws SingularError when an entry of the diagonal is 0.
 * @example
 * solveTriangular([[2, 0], [1, 4]], [2, 5]).toArray(); // [1, 1]
 */
export function solveTriangular(
  L: TensorLike,
  B: TensorLike,
  options: TriangularOptions = {},
): Tensor {
  const known = ["lower", "unitDiagonal"];
  const { lower = true, unitDiagonal = false } = requireOptions("solveTriangular", options, known);
  const l = shapeOf(L);
  const b = shapeOf(B);
  const shape = solutionShape("solveTriangular", "L", square("solveTriangular", l, "L"), b);
  const attrs = { lower, unitDiagonal };
  if (b.length > 1) return apply(solveTriangularOp, { L, B }, attrs);
  return reshape(apply(solveTriangularOp, { L, B: column(B) }, attrs), shape);
}

export const solveTriangularOp = defineOp({
  name: "solveTriangular",
  inputs: ["L", "B"],
  outputs: ["Y"],
  saves: ["L", "Y"],
  attrs: attributes<Required<TriangularOptions>>(),
  shape: ({ L, B }) => {
    requireMatrices("solveTriangular", { B });
    return solutionShape("solveTriangular", "L", square("solveTriangular", L, "L"), B);
  },
  rules: {
    // As for solve; only the triangle that is read changes anything: dL there, 0 elsewhere.
    L: {
      d: ({ L, Y }, dL, { attrs }) =>
        neg(solveTriangular(L, matmul(triangle(dL, attrs), Y), attrs)),
      adj: ({ L, Y }, Ybar, { attrs }) =>
        neg(triangle(matmul(solveTransposed(L, Ybar, attrs), t(Y)), attrs)),
    },
    B: { linear: ({ L }, Ybar, { attrs }) => solveTransposed(L, Ybar, attrs) },
  },
  maps: 2,
  notation: ({ L, B }, { lower, unitDiagonal }) =>
    infix("·", power(call(`${lower ? "tril" : "triu"}${unitDiagonal ? "₁" : ""}`, L), -1), B),
  law: "inverse",
  samples: () => {
    const lower = { lower: true, unitDiagonal: false };
    const upper = { lower: false, unitDiagonal: false };
    const unitLower = { lower: true, unitDiagonal: true };
    const unitUpper = { lower: false, unitDiagonal: true };
    return [
      { inputs: { L: wellConditioned(4, 4), B: uniform([4, 2]) }, attrs: lower },
      { inputs: { L: wellConditioned(1, 1), B: uniform([1, 1]) }, attrs: lower },
      { inputs: { L: wellConditioned(3, 3), B: uniform([3, 2]) }, attrs: upper },
      { inputs: { L: wellConditioned(3, 3), B: uniform([3, 1]) }, attrs: unitLower },
      { inputs: { L: wellConditioned(2, 3, 3), B: uniform([2, 3, 2]) }, attrs: unitUpper },
      { inputs: { L: wellConditioned(2, 2), B: uniform([3, 2, 1]) }, attrs: lower },
      { inputs: { L: wellConditioned(0, 0), B: uniform([0, 2]) }, attrs: lower },
      {
        inputs: { L: uniform([2]), B: uniform([2, 1]) },
        attrs: lower,
        error: "solveTriangular: L is [2]; a square matrix was wanted (the last two sizes equal)",
      },
      {
        inputs: { L: exact([2, 2], 1, 5, 1, 0), B: uniform([2, 1]) },
        attrs: lower,
        error: "solveTriangular: L is singular (pivot 2 is 0)",
      },
    ];
  },
});

/** `L⁻ᵀ·B`, where `L` is the triangle that the attributes choose. */
function solveTransposed(L: Tensor, B: Tensor, attrs: Required<TriangularOptions>): Tensor {
  return solveTriangular(t(L), B, { ...attrs, lower: !attrs.lower });
}

/** The entries that are read; 0 elsewhere. */
function triangle(X: Tensor, { lower, unitDiagonal }: Required<TriangularOptions>): Tensor {
  const beside = unitDiagonal ? 1 : 0;
  return lower ? tril(X, -beside) : triu(X, beside);
}

/** The shape of the solution of `AX = B`, which is that of `B` with the leading axes of both. */
function solutionShape(op: string, name: string, A: Shape, B: Shape): Shape {
  const n = A.at(-1) as number;
  const rows = B.length === 1 ? B[0] : B.at(-2);
  if (rows !== n) {
    throw new ShapeError(
      `${op}: ${name} is ${format(A)} and B is ${format(B)}; ` +
        `B must have as many rows as ${name}, ${n}`,
    );
  }
  return [...leading(op, A, B, [name, "B"]), n, ...(B.length === 1 ? [] : [B.at(-1) as number])];
}
