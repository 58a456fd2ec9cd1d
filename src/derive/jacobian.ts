import { UsageError } from "../tensor/errors.js";
import { split, sum, term, transpose } from "./algebra.js";
import type { Differentiation } from "./differential.js";
import { commutation, type Expr, eye, type Factor, number, zero } from "./expr.js";
import { hadamard } from "./hadamard.js";
import { diag, kron, vec } from "./known.js";
import { product } from "./product.js";
import { substituted } from "./rewrite.js";

/*
 * The derivative of what is no scalar. A differential that is a sum of terms `L·dX·R`, `L·dXᵀ·R`,
 * `H∘dX` and `B·⟨A, dX⟩` is a matrix times vec(dX), row by row:
 * vec(L·Z·R) = (L ⊗ Rᵀ)·vec(Z), vec(Zᵀ) = K·vec(Z), vec(H∘Z) = diag(vec(H))·vec(Z)
 * (Magnus and Neudecker, Matrix Differential Calculus, chapters 2 and 3, where vec goes column by
 * column).
 */

/** The factor of a scalar `dx` in what is linear in it. */
export function coefficientOf(e: Expr, dx: Expr, pass: Differentiation): Expr {
  const own = new Map<Expr, Expr>();
  const leaf = (d: Expr & { kind: "differential" }): Expr => {
    if (d === dx) return dx;
    const found = own.get(d) ?? term(1, [[dx, 1]], of(pass.expansion(d)));
    own.set(d, found);
    return found;
  };
  const of = (z: Expr): Expr => read(substituted(z, leaf));
  const read = (z: Expr): Expr => {
    if (z === dx) return number(1);
    if (z.kind === "sum") return sum(z.parts.map(read));
    if (!z.hot) return zero(z.rows, z.columns);
    const { c, scalars, body } = split(z);
    const found = scalars.find(([base]) => base === dx);
    if (found === undefined) throw unwritable(z);
    const others = scalars.filter((factor) => factor !== found);
    return term(c, others, body);
  };
  return of(e);
}

/** The matrix `J` of a differential, `vec(dY) = J·vec(dX)`. */
export function jacobianOf(e: Expr, dX: Expr, pass: Differentiation): Expr {
  const n = dX.rows * dX.columns;
  const own = new Map<Expr, Expr>([[dX, eye(n)]]);
  const jacobian = (L: Expr, z: Expr): Expr => product([L, of(z)]);
  /** The row of a scalar. */
  const row = (z: Expr): Expr => {
    const parts = pass.paired(z).map(([leaf, G]) => product([transpose(vec(G)), of(leaf)]));
    return parts.length === 0 ? zero(1, n) : sum(parts);
  };
  const of = (z: Expr): Expr => {
    const m = z.rows * z.columns;
    if (z.kind === "differential") {
      const found = own.get(z) ?? of(pass.expansion(z));
      own.set(z, found);
      return found;
    }
    if (!z.hot) return zero(m, n);
    switch (z.kind) {
      case "sum":
        return sum(z.parts.map(of));
      case "term": {
        const { c, scalars, body } = z;
        if (body?.hot) return term(c, scalars, of(body));
        const hot = scalars.find(([base]) => base.hot) as Factor;
        const rest = scalars.filter((factor) => factor !== hot);
        const last = row(hot[0]);
        return term(c, rest, body === null ? last : product([vec(body), last]));
      }
      case "product": {
        if (m === 1) return row(z);
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
        if (m === 1) return row(z);
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
