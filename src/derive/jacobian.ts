import { UsageError } from "../tensor/errors.js";
import { split, sum, term, transpose } from "./algebra.js";
import type { Differentiation } from "./differential.js";
import { commutation, type Expr, eye, type Factor, number, zero } from "./expr.js";
import { hadamard } from "./hadamard.js";
import { diag, kron, vec } from "./known.js";
import { product } from "./product.js";

/*
 * The derivative of what is no scalar. A differential that is a sum of terms `L·dX·R`, `L·dXᵀ·R`,
 * `H∘dX` and `B·⟨A, dX⟩` is a matrix times vec(dX), row by row:
 * vec(L·Z·R) = (L ⊗ Rᵀ)·vec(Z), vec(Zᵀ) = K·vec(Z), vec(H∘Z) = diag(vec(H))·vec(Z)
 * (Magnus and Neudecker, Matrix Differential Calculus, chapters 2 and 3, where vec goes column by
 * column).
 */

/** The factor of a scalar `dx` in what is linear in it. */
export function coefficientOf(e: Expr, dx: Expr): Expr {
  if (e === dx) return number(1);
  if (e.kind === "sum") return sum(e.parts.map((part) => coefficientOf(part, dx)));
  if (!e.hot) return zero(e.rows, e.columns);
  const { c, scalars, body } = split(e);
  const own = scalars.find(([base]) => base === dx);
  if (own === undefined) throw unwritable(e);
  return term(
    c,
    scalars.filter((factor) => factor !== own),
    body,
  );
}

/** The matrix `J` of a differential, `vec(dY) = J·vec(dX)`. */
export function jacobianOf(e: Expr, dX: Expr, pass: Differentiation): Expr {
  const n = dX.rows * dX.columns;
  const jacobian = (L: Expr, z: Expr): Expr => product([L, of(z)]);
  const of = (z: Expr): Expr => {
    const m = z.rows * z.columns;
    if (z === dX) return eye(n);
    if (!z.hot) return zero(m, n);
    switch (z.kind) {
      case "sum":
        return sum(z.parts.map(of));
      case "term": {
        const { c, scalars, body } = z;
        if (body?.hot) return term(c, scalars, of(body));
        const hot = scalars.find(([base]) => base.hot) as Factor;
        const rest = scalars.filter((factor) => factor !== hot);
        const row = transpose(vec(pass.traced(hot[0]).gradient));
        return term(c, rest, body === null ? row : product([vec(body), row]));
      }
      case "product": {
        if (m === 1) return transpose(vec(pass.traced(z).gradient));
        const k = z.parts.findIndex((part) => part.hot);
        const part = z.parts[k] as Expr;
        const [left, right] = [z.parts.slice(0, k), z.parts.slice(k + 1)];
        if (part.kind === "function" && part.name === "diag") {
          // diag(v)·r = r∘v, and rᵀ·diag(v) = (r∘v)ᵀ
          const v = part.args[0] as Expr;
          const r = right.length === 0 ? null : product(right);
          if (r?.columns === 1) return jacobian(product([...left, diag(r)]), v);
          const l = left.length === 0 ? null : product(left);
          if (l?.rows === 1) return jacobian(transpose(product([diag(l), ...right])), v);
        }
        const L = left.length === 0 ? eye(part.rows) : product(left);
        const R = right.length === 0 ? eye(part.columns) : product(right);
        return product([kron(L, transpose(R)), of(part)]);
      }
      case "transpose":
        return product([commutation(z.of.rows, z.of.columns), of(z.of)]);
      case "hadamard": {
        const hot = z.factors.find(([base]) => base.hot) as Factor;
        const rest = z.factors.filter((factor) => factor !== hot);
        return product([diag(vec(hadamard(rest))), of(hot[0])]);
      }
      case "function":
        if (m === 1) return transpose(vec(pass.traced(z).gradient));
        throw unwritable(z);
      default:
        throw unwritable(z);
    }
  };
  return of(e);
}

function unwritable(e: Expr): UsageError {
  const where = e.kind === "call" ? e.op.name : e.kind === "function" ? e.name : e.kind;
  return new UsageError(
    `derive: this derivative is no sum of products of matrices (it ends at ${where}); jacobian and ` +
      "hessian calculate it",
  );
}
