import { apply, applyAll } from "../core/apply.js";
import { type ByName, defineOp } from "../core/op.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, neg, sub } from "./arithmetic.js";
import { corner, enlarge, overUpper, overUpperT } from "./blocks.js";
import { tril, triu } from "./diagonal.js";
import { regularOp } from "./lu.js";
import { call } from "./notation.js";
import { matrix } from "./operands.js";
import { matmul } from "./product.js";
import { t } from "./reshape.js";
import { squares, uniform } from "./samples.js";

/**
 * The reduced QR factors `X = Q·R` of a matrix of any size or of each matrix of a batch
 * `[..., m, n]`. With k = min(m, n): `Q` `[..., m, k]` has orthonormal columns, `R` `[..., k, n]` is
 * upper triangular and its diagonal is not negative, so that the factors are unique where the first
 * k columns of `X` are linearly independent, and only there they have a derivative. (LAPACK, and so
 * NumPy, leaves the signs of the rows of `R` open.)
 *
 * @throws ShapeError when `X` is no matrix.
 * @throws SingularError in the derivative, when the first k columns are dependent.
 * @example
 * const { Q, R } = qr([[3, 1], [4, 3]]);
 * R.toArray(); // [[5, 3], [0, 1]]
 * Q.toArray(); // [[0.6, -0.8], [0.8, 0.6]]
 */
export function qr(X: TensorLike): { readonly Q: Tensor; readonly R: Tensor } {
  return applyAll(qrOp, { X });
}

export const qrOp = defineOp({
  name: "qr",
  inputs: ["X"],
  outputs: ["Q", "R"],
  saves: ["Q", "R"],
  shape: ({ X }) => {
    const { batch, m, n } = matrix("qr", X);
    const k = Math.min(m, n);
    return [
      [...batch, m, k],
      [...batch, k, n],
    ];
  },
  rules: {
    // As Roberts & Roberts, "QR and LQ decomposition matrix backpropagation algorithms for square,
    // wide, and deep matrices", 2020, arXiv:2009.10071, with one formula for all sizes. R₁ is the
    // leading k × k block of R, and E = dX[:, :k]·R₁⁻¹. In these columns dX = dQ·R + Q·dR says
    //   E = dQ + Q·T,  T = dR₁·R₁⁻¹ upper,   and  C = Qᵀ·E = Ω + T,  Ω = Qᵀ·dQ = −Ωᵀ from QᵀQ = I,
    // so Ω and C agree below the diagonal: Ω = skew(C), T = C − Ω = fold(C). Then
    //   dQ = E − Q·fold(C);   ⟨Q̄, dQ⟩ = ⟨Q̄ − Q·fold*(Qᵀ·Q̄), E⟩
    //   dR = Qᵀ·dX − Ω·R;     ⟨R̄, dR⟩ = ⟨Q·Y, dX⟩ − ⟨skew*(Y·Rᵀ), C⟩, Y = triu(R̄)
    X: {
      Q: {
        d: ({ Q, R }, dX, { shapes }) => {
          const { m, k, R1 } = blocks(R, shapes);
          const E = overUpper(corner(dX, m, k), R1);
          const C = matmul(t(Q), E);
          const fold = add(triu(C), t(tril(C, -1)));
          return sub(E, matmul(Q, fold));
        },
        adj: ({ Q, R }, Qbar, { shapes }) => {
          const { m, n, R1 } = blocks(R, shapes);
          const C = matmul(t(Q), Qbar);
          const fold = add(triu(C), t(triu(C, 1)));
          return enlarge(overUpperT(sub(Qbar, matmul(Q, fold)), R1), m, n);
        },
      },
      R: {
        d: ({ Q, R }, dX, { shapes }) => {
          const { k, R1 } = blocks(R, shapes);
          const dR = matmul(t(Q), dX);
          const lower = tril(overUpper(corner(dR, k, k), R1), -1);
          return triu(sub(dR, matmul(sub(lower, t(lower)), R)));
        },
        adj: ({ Q, R }, Rbar, { shapes }) => {
          const { n, k, R1 } = blocks(R, shapes);
          const Y = triu(Rbar);
          const Z = matmul(Y, t(R));
          const C = neg(tril(sub(Z, t(Z)), -1));
          return matmul(Q, add(Y, enlarge(overUpperT(C, R1), k, n)));
        },
      },
    },
  },
  maps: 2,
  notation: ({ X }) => call("qr", X),
  samples: () => [
    ...squares().map((X) => ({ inputs: { X } })),
    { inputs: { X: uniform([5, 3]) } },
    { inputs: { X: uniform([2, 3, 5]) } },
    { inputs: { X: uniform([2, 4, 2]) } },
    { inputs: { X: uniform([1, 3], 0.5) } },
    { inputs: { X: uniform([3, 1]) } },
    { inputs: { X: uniform([0, 3]) } },
    { inputs: { X: uniform([3, 0]) } },
    { inputs: { X: uniform([3]) }, error: "qr: X is [3]; a matrix was wanted" },
  ],
});

/** The sizes of the factors, and the leading block of `R`, which can be divided by. */
function blocks(
  R: Tensor,
  shapes: ByName<"X", Shape>,
): { m: number; n: number; k: number; R1: Tensor } {
  const { m, n } = matrix("qr", shapes.X);
  const k = Math.min(m, n);
  const attrs = { op: "qr", size: Math.max(m, n) };
  return { m, n, k, R1: apply(regularOp, { T: corner(R, k, k), Ls: [] }, attrs) };
}
