import { power, sum, term, transpose } from "./algebra.js";
import type { Expr, Factor, Known } from "./expr.js";
import { hadamard } from "./hadamard.js";
import { adj, det, diag, diagPart, kron, norm, total, trace, vec } from "./known.js";
import { opaque } from "./meaning.js";
import { product } from "./product.js";

/** The formula with `f` of each of its parts in their place. */
export function rebuilt(e: Expr, f: (part: Expr) => Expr): Expr {
  const factors = (list: readonly Factor[]): Factor[] => list.map(([base, p]) => [f(base), p]);
  switch (e.kind) {
    case "sum":
      return sum(e.parts.map(f));
    case "product":
      return product(e.parts.map(f));
    case "term":
      return term(e.c, factors(e.scalars), e.body === null ? null : f(e.body));
    case "hadamard":
      return hadamard(factors(e.factors));
    case "transpose":
      return transpose(f(e.of));
    case "power":
      return power(f(e.of), e.exponent);
    case "function":
      return apply(e.name, e.args.map(f));
    case "call":
      return opaque({ ...e, args: e.args.map(f) });
    default:
      return e;
  }
}

/** A function that the algebra knows, of other arguments. */
export function apply(name: Known["name"], args: readonly Expr[]): Expr {
  const [a, b] = args as [Expr, Expr];
  switch (name) {
    case "tr":
      return trace(a);
    case "sum":
      return total(a);
    case "norm":
      return norm(a);
    case "det":
      return det(a);
    case "adj":
      return adj(a);
    case "diag":
      return diag(a);
    case "diagPart":
      return diagPart(a);
    case "kron":
      return kron(a, b);
    case "vec":
      return vec(a);
  }
}

/** Replaces differentials; only the parts that hold one are made anew. */
export function substituted(e: Expr, f: (leaf: Expr & { kind: "differential" }) => Expr): Expr {
  const done = new Map<Expr, Expr>();
  const visit = (x: Expr): Expr => {
    if (!x.hot) return x;
    if (x.kind === "differential") return f(x);
    let out = done.get(x);
    if (out === undefined) {
      out = rebuilt(x, visit);
      done.set(x, out);
    }
    return out;
  };
  return visit(e);
}
