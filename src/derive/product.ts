import { power, split, sum, term, transpose, turn } from "./algebra.js";
import { type Expr, eye, type Factor, intern, isScalar, numberOf, zero } from "./expr.js";
import { hadamard, isOnes } from "./hadamard.js";
import { det, diag, kron, total } from "./known.js";

/* Chains of matrices: what cancels is cancelled, and scalars stand in front. */

/** The matrix product of a chain whose sizes fit. */
export function product(factors: readonly Expr[]): Expr {
  const scalars: Factor[] = [];
  let c = 1;
  let list: Expr[] = [];
  for (const factor of factors) {
    const { c: own, scalars: powers, body } = split(factor);
    c *= own;
    scalars.push(...powers);
    if (factor.kind === "zero" || c === 0) {
      return zero((factors[0] as Expr).rows, (factors.at(-1) as Expr).columns);
    }
    if (body !== null) list.push(...linksOf(body));
  }
  const hot = list.findIndex((e) => e.kind === "sum" && e.hot);
  if (hot >= 0) {
    const { parts } = list[hot] as Expr & { kind: "sum" };
    return sum(parts.map((part) => term(c, scalars, product(list.with(hot, part)))));
  }
  list = contracted(list);
  const sizes = list.filter(({ kind }) => kind === "term" || kind === "sum" || kind === "zero");
  if (sizes.some(({ kind }) => kind !== "sum")) {
    return term(c, scalars, product(list));
  }
  if (list.length === 0) {
    // Scalars and identities alone.
    const n = (factors.find((f) => !isScalar(f)) ?? factors[0])?.rows ?? 1;
    return term(c, scalars, n === 1 ? null : eye(n));
  }
  return term(c, scalars, cut(list));
}

/** The factors of a chain, of a transposed one too. */
function linksOf(e: Expr): readonly Expr[] {
  if (e.kind === "product") return e.parts;
  if (e.kind !== "transpose" || e.of.kind !== "product") return [e];
  return e.of.parts.toReversed().map(transpose);
}

/** Neighbours that make something simpler are replaced by it. */
function contracted(factors: readonly Expr[]): Expr[] {
  const list: Expr[] = [];
  for (let next of factors) {
    if (next.kind === "eye") continue;
    for (let last = list.at(-1); last !== undefined; last = list.at(-1)) {
      const both = pair(last, next);
      if (both === null) break;
      list.pop();
      next = both;
      if (next.kind === "eye") break;
    }
    if (next.kind === "eye" || numberOf(next) === 1) continue;
    if (next.kind === "product") list.push(...next.parts);
    else list.push(next);
  }
  return cancelled(list);
}

/** `(AB)⁻¹·A·B = I`, whatever stands around it. */
function cancelled(list: Expr[]): Expr[] {
  for (const [i, e] of list.entries()) {
    const inner = e.kind === "transpose" ? e.of : e;
    if (inner.kind !== "power" || inner.exponent !== -1 || inner.of.kind !== "product") continue;
    const parts = e === inner ? inner.of.parts : inner.of.parts.toReversed().map(transpose);
    const n = parts.length;
    for (const from of [i + 1, i - n]) {
      if (from < 0 || !parts.every((part, k) => list[from + k] === part)) continue;
      return contracted(list.toSpliced(Math.min(i, from), n + 1));
    }
  }
  return list;
}

/** The product of two neighbours where it is no chain. */
function pair(a: Expr, b: Expr): Expr | null {
  const [A, p] = base(a);
  const [B, q] = base(b);
  if (A === B && (p < 0 || q < 0 || p + q > 2 || a.kind === "power")) return power(A, p + q);
  if (a.kind === "commutation" && b === transpose(a)) return eye(a.rows);
  const [D, E] = [diagonal(a), diagonal(b)];
  if (D !== null && E !== null)
    return diag(
      hadamard([
        [D, 1],
        [E, 1],
      ]),
    );
  if (D !== null && b.columns === 1)
    return hadamard([
      [D, 1],
      [b, 1],
    ]);
  if (E !== null && a.rows === 1)
    return transpose(
      hadamard([
        [transpose(a), 1],
        [E, 1],
      ]),
    );
  const blocks = kronecker([a, b], (x, y) => x.columns === y.rows);
  if (blocks !== null) return kron(product(blocks[0]), product(blocks[1]));
  const adjugate = (x: Expr, X: Expr): boolean =>
    x.kind === "function" && x.name === "adj" && x.args[0] === X;
  if (adjugate(a, b)) return term(1, [[det(b), 1]], eye(b.rows));
  if (adjugate(b, a)) return term(1, [[det(a), 1]], eye(a.rows));
  // (AXB)⁻¹ of square matrices, beside one of them.
  if (a.kind === "power" && a.exponent === -1 && a.of.kind === "product") {
    const opened = inverses(a.of.parts);
    if (opened?.at(-1) === power(b, -1)) return product(opened.slice(0, -1));
  }
  if (b.kind === "power" && b.exponent === -1 && b.of.kind === "product") {
    const opened = inverses(b.of.parts);
    if (opened?.[0] === power(a, -1)) return product(opened.slice(1));
  }
  return null;
}

/** The left and the right factors of Kronecker products, where these fit each other. */
export function kronecker(
  list: readonly Expr[],
  fits: (x: Expr, y: Expr) => boolean,
): [left: Expr[], right: Expr[]] | null {
  const sides: [Expr[], Expr[]] = [[], []];
  for (const e of list) {
    if (e.kind !== "function" || e.name !== "kron") return null;
    for (const [i, arg] of e.args.entries()) sides[i]?.push(arg);
  }
  const all = sides.every((side) => side.every((e, i) => i === 0 || fits(side[i - 1] as Expr, e)));
  return all ? sides : null;
}

function inverses(parts: readonly Expr[]): Expr[] | null {
  if (parts.some((part) => part.rows !== part.columns)) return null;
  return parts.toReversed().map((part) => power(part, -1));
}

function base(e: Expr): [Expr, number] {
  if (e.kind === "power") return [e.of, e.exponent];
  if (e.kind === "transpose" && e.of.kind === "power") return [transpose(e.of.of), e.of.exponent];
  return [e, e.rows === e.columns ? 1 : 0];
}

/** The vector of a diagonal matrix, or null. */
export function diagonal(e: Expr): Expr | null {
  return e.kind === "function" && e.name === "diag" ? (e.args[0] as Expr) : null;
}

/** A chain without the scalars in its middle: what stands between two sizes 1 is one. */
function cut(list: readonly Expr[]): Expr {
  const pieces: Expr[][] = [[]];
  list.forEach((e, i) => {
    if (i > 0 && e.rows === 1) pieces.push([]);
    (pieces.at(-1) as Expr[]).push(e);
  });
  const first = pieces[0] as Expr[];
  const scalar = (list[0] as Expr).rows === 1;
  if (pieces.length === 1) return scalar && list.at(-1)?.columns === 1 ? form(first) : whole(first);
  const last = pieces.at(-1) as Expr[];
  const inside = pieces.slice(scalar ? 0 : 1, last.at(-1)?.columns === 1 ? undefined : -1);
  const factors = inside.map((piece): Factor => [form(piece), 1]);
  const outer = [...(scalar ? [] : first), ...(last.at(-1)?.columns === 1 ? [] : last)];
  return term(1, factors, outer.length === 0 ? null : whole(outer));
}

/** A chain of at least one matrix. */
function whole(list: readonly Expr[]): Expr {
  if (list.length === 1) return list[0] as Expr;
  const turned = list.toReversed().map(transpose);
  const row = (list[0] as Expr).rows === 1;
  if (row) return turn(whole(turned));
  const symmetric = turned.every((e, i) => e === list[i]);
  return chain("product", list, symmetric);
}

/** A scalar `aᵀ·…·b`: it is its own transpose, so the form with fewer transposes is taken. */
function form(list: readonly Expr[]): Expr {
  if (list.length === 1) return list[0] as Expr;
  const [first, last] = [list[0] as Expr, list.at(-1) as Expr];
  // Sums are written as such: 𝟏ᵀ·x
  if (first.kind === "transpose" && first.of.kind === "ones") {
    return total(product(list.slice(1)));
  }
  if (last.kind === "ones") return total(product(list.slice(0, -1)));
  // In a differential it is shown where it turns.
  if (list.some((e) => e.hot)) return chain("product", list);
  const turned = list.toReversed().map(transpose);
  const turns = (es: readonly Expr[]): number => es.reduce((s, e) => s + e.turns, 0);
  if (turns(turned) < turns(list)) return chain("product", turned);
  if (turns(turned) > turns(list)) return chain("product", list);
  const ids = (es: readonly Expr[]): string => es.map((e) => e.id).join(" ");
  const key = [ids(list), ids(turned)].sort().join(" = ");
  const cost = list.length - 1;
  return intern(key, { kind: "product", parts: list }, { rows: 1, columns: 1, parts: list, cost });
}

/** A chain or a sum as it stands. */
export function chain(kind: "sum" | "product", parts: readonly Expr[], symmetric = false): Expr {
  const ids = parts.map((part) => part.id);
  const key = (kind === "sum" ? ids.sort() : ids).join(" ");
  const rows = (parts[0] as Expr).rows;
  const columns = (parts.at(-1) as Expr).columns;
  const ones = kind === "product" && parts.every(isOnes);
  const own = parts.reduce((sum, part) => sum + part.cost, 0);
  const cost = ones ? 1 - own : kind === "sum" ? parts.length + 1 : parts.length - 1;
  return intern(key, { kind, parts }, { rows, columns, parts, cost, symmetric });
}
