import type { Tensor } from "../tensor/tensor.js";
import { pad } from "./join.js";
import { t } from "./reshape.js";
import { slice } from "./select.js";
import { solveTriangular } from "./solve.js";

/** The first `m` rows and `n` columns of each matrix. */
export function corner(X: Tensor, m: number, n: number): Tensor {
  const lead = X.shape.slice(0, -2);
  if (X.shape.at(-2) === m && X.shape.at(-1) === n) return X;
  return slice(X, [], [...lead, m, n]);
}

/** Its adjoint: `X` with rows of 0 below and columns of 0 on the right, until it is m × n. */
export function enlarge(X: Tensor, m: number, n: number): Tensor {
  const [rows, columns] = X.shape.slice(-2) as [number, number];
  if (rows === m && columns === n) return X;
  const lead = X.shape.slice(0, -2).map(() => [0, 0] as const);
  return pad(X, [...lead, [0, m - rows], [0, n - columns]]);
}

/** `X·U⁻¹ = (U⁻ᵀ·Xᵀ)ᵀ` for an upper triangular `U`. */
export function overUpper(X: Tensor, U: Tensor): Tensor {
  return t(solveTriangular(t(U), t(X)));
}

/** Its adjoint: `X·U⁻ᵀ = (U⁻¹·Xᵀ)ᵀ`. */
export function overUpperT(X: Tensor, U: Tensor): Tensor {
  return t(solveTriangular(U, t(X), { lower: false }));
}
