import { apply, applyAll } from "../core/apply.js";
import { attributes, type ByName, defineOp } from "../core/op.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, neg, sub } from "./arithmetic.js";
import { corner, enlarge, overUpper, overUpperT } from "./blocks.js";
import { tril, triu } from "./diagonal.js";
import { call } from "./notation.js";
import { matrix, square } from "./operands.js";
import { matmul } from "./product.js";
import { t } from "./reshape.js";
import { exact, squares, uniform, wellConditioned } from "./samples.js";
import { solveTriangular } from "./solve.js";

/**
 * The LU factors with partial pivoting, `X = P·L·U`, of a matrix of any size or of each matrix of a
 * batch `[..., m, n]`. With k = min(m, n): `P` `[..., m, m]` permutes rows, `L` `[..., m, k]` is
 * lower triangular with ones on its diagonal, and `U` `[..., k, n]` is upper triangular. Every
 * matrix has them; a derivative needs the first min(m − 1, n) columns to be linearly independent.
 *
 * @throws ShapeError when `X` is no matrix.
 * @throws SingularError in the derivative, when those columns are dependent.
 * @example
 * const { P, L, U } = lu([[1, 2], [4, 4]]);
 * L.toArray(); // [[1, 0], [0.25, 1]]
 * U.toArray(); // [[4, 4], [0, 1]]
 * P.toArray(); // [[0, 1], [1, 0]]
 */
export function lu(X: TensorLike): { readonly P: Tensor; readonly L: Tensor; readonly U: Tensor } {
  return applyAll(luOp, { X });
}

export const luOp = defineOp({
  name: "lu",
  inputs: ["X"],
  outputs: ["P", "L", "U"],
  saves: ["P", "L", "U"],
  shape: ({ X }) => {
    const { batch, m, n } = matrix("lu", X);
    const k = Math.min(m, n);
    return [
      [...batch, m, m],
      [...batch, m, k],
      [...batch, k, n],
    ];
  },
  rules: {
    // P stays where no other row becomes the pivot, so with A = Pᵀ·dX: A = dL·U + L·dU.
    // dL is strictly lower, so only its first r = min(m − 1, n) columns change: V, m × r. Let Lᵣ be
    // these columns of L, L₁ and U₁ the leading r × r blocks, B = A·U₁⁻¹ of the first r columns of A.
    // Then B = V + Lᵣ·(dU₁·U₁⁻¹), and with its first r rows L₁⁻¹·B₁ = L₁⁻¹·V₁ + dU₁·U₁⁻¹ is a
    // strictly lower and an upper triangle. So dU₁·U₁⁻¹ = triu(L₁⁻¹·B₁), and
    //   V = B − Lᵣ·triu(L₁⁻¹·B₁);   ⟨V̄, V⟩ = ⟨V̄, B⟩ − ⟨L₁⁻ᵀ·triu(Lᵣᵀ·V̄), B₁⟩
    // Likewise let Lₖ be the first k rows of L, Uᵣ the first r rows of U, C = Lₖ⁻¹·A of the first k
    // rows of A. Then C = N·Uᵣ + dU with the strict triangle N = tril(C₁·U₁⁻¹, −1), C₁ = C[:, :r], and
    //   dU = triu(C − N·Uᵣ);   ⟨Ū, dU⟩ = ⟨Y, C⟩ − ⟨tril(Y·Uᵣᵀ, −1)·U₁⁻ᵀ, C₁⟩,  Y = triu(Ū)
    X: {
      P: { constant: "piecewise constant: it jumps where another row becomes the pivot" },
      L: {
        d: (saved, dX, { shapes }) => {
          const { m, k, r, L, L1, U1 } = blocks(saved, shapes);
          const B = overUpper(matmul(t(saved.P), corner(dX, m, r)), U1);
          const upper = triu(solveTriangular(L1, corner(B, r, r), unit));
          return enlarge(tril(sub(B, matmul(L, upper)), -1), m, k);
        },
        adj: (saved, Lbar, { shapes }) => {
          const { m, n, r, L, L1, U1 } = blocks(saved, shapes);
          const V = corner(tril(Lbar, -1), m, r);
          const upper = solveTriangular(t(L1), triu(matmul(t(L), V)), unitT);
          const B = sub(V, enlarge(upper, m, r));
          return enlarge(matmul(saved.P, overUpperT(B, U1)), m, n);
        },
      },
      U: {
        d: (saved, dX, { shapes }) => {
          const { m, n, k, r, U1 } = blocks(saved, shapes);
          const first = matmul(t(corner(saved.P, m, k)), dX);
          const C = solveTriangular(corner(saved.L, k, k), first, unit);
          const N = tril(overUpper(corner(C, k, r), U1), -1);
          return triu(sub(C, matmul(N, corner(saved.U, r, n))));
        },
        adj: (saved, Ubar, { shapes }) => {
          const { m, n, k, r, U1 } = blocks(saved, shapes);
          const Y = triu(Ubar);
          const N = neg(tril(matmul(Y, t(corner(saved.U, r, n))), -1));
          const C = add(Y, enlarge(overUpperT(N, U1), k, n));
          const first = solveTriangular(t(corner(saved.L, k, k)), C, unitT);
          return matmul(corner(saved.P, m, k), first);
        },
      },
    },
  },
  maps: 2,
  notation: ({ X }) => call("lu", X),
  samples: () => [
    ...squares().map((X) => ({ inputs: { X } })),
    { inputs: { X: uniform([5, 3]) } },
    { inputs: { X: uniform([2, 3, 5]) } },
    { inputs: { X: uniform([2, 4, 2]) } },
    { inputs: { X: uniform([1, 3]) } },
    { inputs: { X: uniform([3, 1]) } },
    { inputs: { X: uniform([0, 3]) } },
    { inputs: { X: uniform([3, 0]) } },
    // Of rank n − 1: U ends in 0, and the derivative exists all the same.
    { inputs: { X: exact([2, 2], 1, 2, 3, 6) } },
    { inputs: { X: uniform([3]) }, error: "lu: X is [3]; a matrix was wanted" },
  ],
});

const unit = { lower: true, unitDiagonal: true };
const unitT = { lower: false, unitDiagonal: true };

/** The sizes of the factors, the first r columns of `L`, and the leading blocks of `L` and `U`. */
function blocks(
  { L, U }: { readonly L: Tensor; readonly U: Tensor },
  shapes: ByName<"X", Shape>,
): { m: number; n: number; k: number; r: number; L: Tensor; L1: Tensor; U1: Tensor } {
  const { m, n } = matrix("lu", shapes.X);
  const r = Math.max(Math.min(m - 1, n), 0);
  const L1 = corner(L, r, r);
  const U1 = apply(regularOp, { T: corner(U, r, r), Ls: [L1] }, { op: "lu", size: Math.max(m, n) });
  return { m, n, k: Math.min(m, n), r, L: corner(L, m, r), L1, U1 };
}

/**
 * An upper triangular factor of `X` as it is, where its diagonal can be divided by: the derivatives
 * of factorizations ask this. An element t_jj is refused that is 0, or all rounding beside what was
 * subtracted to make it: the elements above it, in size, weighted by row j of `L` where it is given.
 * Then column j of `X` is a combination of those before it.
 */
export const regularOp = defineOp({
  name: "regular",
  inputs: ["T", "...Ls"],
  outputs: ["Y"],
  saves: ["T", "...Ls"],
  attrs: attributes<{ readonly op: string; readonly size: number }>(),
  shape: ({ T }) => square("regular", T, "T"),
  rules: {
    T: { d: (_, dT) => dT, adj: (_, Ybar) => Ybar },
    Ls: { constant: "it is only compared with" },
  },
  maps: "alike",
  notation: ({ T }) => T,
  samples: () => {
    const attrs = { op: "qr", size: 3 };
    return [
      { inputs: { T: wellConditioned(3, 3), Ls: [] }, attrs },
      { inputs: { T: wellConditioned(2, 3, 3), Ls: [wellConditioned(2, 3, 3)] }, attrs },
      { inputs: { T: wellConditioned(0, 0), Ls: [] }, attrs },
      {
        inputs: { T: exact([2, 2], 1, 2, 0, 1e-16), Ls: [] },
        attrs,
        error:
          "qr: column 2 of X is a combination of those before it, to working precision; " +
          "there the factors have no derivative",
      },
      {
        inputs: { T: exact([2, 1, 1], 1, 0), Ls: [exact([2, 1, 1], 1, 1)] },
        attrs,
        error:
          "qr: column 1 of X[1] is a combination of those before it, to working precision; " +
          "there the factors have no derivative",
      },
    ];
  },
});
