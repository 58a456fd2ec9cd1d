import { split, sum, term, times, transpose, turn, upright } from "./algebra.js";
import {
  type Expr,
  eye,
  type Factor,
  intern,
  isScalar,
  type Known,
  number,
  ones,
  size,
  zero,
} from "./expr.js";
import { hadamard, isOnes } from "./hadamard.js";
import { product } from "./product.js";

/*
 * The functions that the algebra knows: what is linear passes numbers and differentials, and what does
 * not change under a transpose takes the form with fewer of them.
 */

/** A function as it stands. */
function made(name: Known["name"], args: readonly Expr[], rows: number, columns: number): Expr {
  const symmetric = rows === columns && (name === "diag" || args.every((e) => e.symmetric));
  const key = `${name} ${args.map((e) => e.id).join(" ")}`;
  const fields = { kind: "function", name, args } as const;
  return intern(key, fields, { rows, columns, parts: args, symmetric });
}

/** A linear function `f` of a matrix: numbers come out, sums that hold a differential part. */
function linear(e: Expr, f: (body: Expr) => Expr): Expr {
  if (e.kind === "sum" && e.hot) return sum(e.parts.map((part) => linear(part, f)));
  if (e.kind !== "term") return f(e);
  return term(e.c, e.scalars, f(e.body as Expr));
}

/** `tr X` */
export function trace(e: Expr): Expr {
  if (isScalar(e)) return e;
  return linear(e, (X) => {
    if (X.kind === "zero") return zero(1, 1);
    if (X.kind === "eye") return size(X.rows);
    if (X.kind === "function" && X.name === "diag") return total(X.args[0] as Expr);
    if (X.kind === "function" && X.name === "kron") {
      return product(X.args.map((A) => trace(A)));
    }
    if (X.kind === "product") return cyclic(X.parts);
    return made("tr", [X.hot ? X : upright(X).e], 1, 1);
  });
}

/** `tr(Mᵀ·Z)`, of columns `mᵀ·z`, as it stands, whatever else could be made of it. */
export function innerAsWritten(M: Expr, Z: Expr): Expr {
  const { c, scalars, body } = split(M);
  if (isScalar(Z) || body === null) return product([M, Z]);
  const links = (e: Expr): readonly Expr[] => (e.kind === "product" ? e.parts : [e]);
  const list = [...links(upturned(body)), ...links(Z)].filter((e) => e.kind !== "eye");
  const rows = Z.columns;
  if (rows === 1 && list.length > 1) {
    const usual = product(list);
    const same = usual.kind === "product" && usual.parts.every((e, i) => e === list[i]);
    if (same) return term(c, scalars, usual);
  }
  const chain =
    list.length === 1
      ? (list[0] as Expr)
      : intern(
          `as written ${list.map((e) => e.id).join(" ")}`,
          { kind: "product", parts: list },
          { rows, columns: rows, parts: list },
        );
  return term(c, scalars, rows === 1 ? chain : made("tr", [chain], 1, 1));
}

/** The transpose of a chain as a chain. */
function upturned(e: Expr): Expr {
  if (e.kind !== "product") return transpose(e);
  const parts = e.parts.toReversed().map(transpose);
  const fields = { kind: "product", parts } as const;
  const key = `as written ${parts.map((part) => part.id).join(" ")}`;
  return intern(key, fields, { rows: e.columns, columns: e.rows, parts });
}

/** The trace of a chain, which does not change when the chain is turned round, or transposed. */
function cyclic(parts: readonly Expr[]): Expr {
  const vector = parts.findIndex((e) => e.rows === 1);
  if (vector >= 0) return product([...parts.slice(vector), ...parts.slice(0, vector)]);
  if (parts.some((e) => e.hot)) return made("tr", [product(parts)], 1, 1);
  // Neighbours across the ends may contract.
  for (let i = 1; i < parts.length; i++) {
    const round = product([...parts.slice(i), ...parts.slice(0, i)]);
    if (round.kind !== "product" || round.parts.length < parts.length) return trace(round);
  }
  const turned = parts.toReversed().map(transpose);
  const turns = (es: readonly Expr[]): number => es.reduce((s, e) => s + e.turns, 0);
  const shown = turns(turned) < turns(parts) ? turned : parts;
  const rounds = (es: readonly Expr[]): string[] =>
    es.map((_, i) => [...es.slice(i), ...es.slice(0, i)].map((e) => e.id).join(" "));
  const key = `tr ${[...rounds(parts), ...rounds(turned)].sort()[0]}`;
  const chain = product(shown);
  const fields = { kind: "function", name: "tr", args: [chain] } as const;
  return intern(key, fields, { rows: 1, columns: 1, parts: [chain] });
}

/** The sum of all elements. */
export function total(e: Expr): Expr {
  if (isScalar(e)) return e;
  return linear(e, (X) => {
    if (X.kind === "zero") return zero(1, 1);
    if (X.kind === "eye" || X.kind === "ones") return size(X.rows);
    if (X.kind === "function" && X.name === "diag") return total(X.args[0] as Expr);
    if (X.kind === "function" && X.name === "kron") return product(X.args.map((A) => total(A)));
    if (X.kind === "hadamard") {
      const found = innerProduct(X.factors);
      if (found !== null) return found;
    }
    if (X.kind === "product") {
      const at = X.parts.findIndex((part) => part.rows === 1);
      if (at > 0) {
        const [left, right] = [X.parts.slice(0, at), X.parts.slice(at)];
        return product([total(product(left)), total(product(right))]);
      }
      const [first, last] = [X.parts[0] as Expr, X.parts.at(-1) as Expr];
      if (first.kind === "function" && first.name === "diag" && X.columns === 1) {
        return product([transpose(first.args[0] as Expr), ...X.parts.slice(1)]);
      }
      if (last.kind === "ones") return total(product(X.parts.slice(0, -1)));
    }
    return made("sum", [X.hot ? X : upright(X).e], 1, 1);
  });
}

/** `sum(Z∘Z) = ‖Z‖²`, `sum(x∘y) = xᵀ·y`, and `sum(H∘dZ) = tr(Hᵀ·dZ)` in a differential. */
function innerProduct(factors: readonly Factor[]): Expr | null {
  const [first, second] = factors as [Factor, Factor?];
  if (second === undefined) return first[1] === 2 ? term(1, [[norm(first[0]), 2]], null) : null;
  const hot = factors.find(([base]) => base.hot);
  if (hot !== undefined) {
    const H = hadamard(factors.filter((factor) => factor !== hot));
    const both = product([transpose(H), hot[0]]);
    return hot[0].columns === 1 ? both : trace(both);
  }
  if (factors.length > 2 || first[1] !== 1 || second[1] !== 1) return null;
  return first[0].columns === 1 ? product([transpose(first[0]), second[0]]) : null;
}

/** `det X` */
export function det(X: Expr): Expr {
  if (isScalar(X)) return X;
  if (X.kind === "eye") return number(1);
  return made("det", [upright(X).e], 1, 1);
}

/** The Frobenius norm `‖X‖`. */
export function norm(X: Expr): Expr {
  if (X.kind === "zero") return zero(1, 1);
  const { c, scalars, body } = split(X);
  if (body === null || scalars.length > 0) return made("norm", [X], 1, 1);
  return times(Math.abs(c), made("norm", [upright(body).e], 1, 1));
}

/** The adjugate, with `adj(X)·X = det(X)·I`. */
export function adj(X: Expr): Expr {
  if (isScalar(X)) return number(1);
  if (X.kind === "eye") return X;
  const { e, turned } = upright(X);
  const f = made("adj", [e], e.rows, e.columns);
  return turned ? turn(f) : f;
}

/** The diagonal matrix of a vector. */
export function diag(v: Expr): Expr {
  if (isScalar(v)) return v;
  return linear(v.columns === 1 ? v : transpose(v), (x) => {
    if (x.kind === "zero") return zero(x.rows, x.rows);
    if (x.kind === "ones") return eye(x.rows);
    return made("diag", [x], x.rows, x.rows);
  });
}

/** The diagonal of a matrix, as a column. */
export function diagPart(e: Expr): Expr {
  if (isScalar(e)) return e;
  const n = Math.min(e.rows, e.columns);
  return linear(e, (X): Expr => {
    if (X.kind === "zero") return zero(n, 1);
    if (X.kind === "eye" || isOnes(X)) return ones(n);
    if (X.kind === "function" && X.name === "diag") return X.args[0] as Expr;
    if (X.rows !== X.columns) return made("diagPart", [X], n, 1);
    if (X.kind === "hadamard") {
      return hadamard(X.factors.map(([f, p]): Factor => [diagPart(f), p]));
    }
    if (X.kind === "product") {
      const at = X.parts.findIndex((part) => part.rows === 1);
      if (at > 0) {
        const right = transpose(product(X.parts.slice(at)));
        return hadamard([
          [product(X.parts.slice(0, at)), 1],
          [right, 1],
        ]);
      }
      const out = scaledBy(X.parts[0] as Expr, X.parts.slice(1));
      const back = out ?? scaledBy(X.parts.at(-1) as Expr, X.parts.slice(0, -1));
      if (back !== null) return back;
    }
    return made("diagPart", [upright(X).e], n, 1);
  });
}

/** The diagonal of `diag(v)·Y`, or of `Y·diag(v)`. */
function scaledBy(end: Expr, rest: readonly Expr[]): Expr | null {
  if (end.kind !== "function" || end.name !== "diag") return null;
  return hadamard([
    [end.args[0] as Expr, 1],
    [diagPart(product(rest)), 1],
  ]);
}

/** The Kronecker product `A ⊗ B`. */
export function kron(A: Expr, B: Expr): Expr {
  if (isScalar(A)) return product([A, B]);
  if (isScalar(B)) return product([B, A]);
  return linear(A, (a) =>
    linear(B, (b) => {
      const [rows, columns] = [a.rows * b.rows, a.columns * b.columns];
      if (a.kind === "zero" || b.kind === "zero") return zero(rows, columns);
      if (a.kind === "eye" && b.kind === "eye") return eye(rows);
      return made("kron", [a, b], rows, columns);
    }),
  );
}

/** The elements of a matrix row by row, as a column. */
export function vec(e: Expr): Expr {
  if (e.columns === 1) return e;
  if (e.rows === 1) return transpose(e);
  return linear(e, (X) => {
    const n = X.rows * X.columns;
    if (X.kind === "zero") return zero(n, 1);
    if (isOnes(X)) return ones(n);
    return made("vec", [X], n, 1);
  });
}
