import {
  alike,
  commutation,
  type Expr,
  eye,
  type Factor,
  intern,
  isScalar,
  number,
  numberOf,
  ones,
  zero,
} from "./expr.js";
import { det, diag, diagPart, kron, total, trace } from "./known.js";

/*
 * Sums, products, powers and transposes of formulas, brought to one form as they are made. Sums that
 * hold a differential are multiplied out; others stay as they were written.
 */

/** A formula as a number times powers of scalars times a body; the body of a scalar is null. */
export function split(e: Expr): { c: number; scalars: readonly Factor[]; body: Expr | null } {
  if (e.kind === "term") return e;
  if (isScalar(e)) return { c: 1, scalars: [[e, 1]], body: null };
  return { c: 1, scalars: [], body: e };
}

/** `c · Πᵢ sᵢ^pᵢ · body` */
export function term(c: number, scalars: readonly Factor[], body: Expr | null): Expr {
  const [rows, columns] = body === null ? [1, 1] : [body.rows, body.columns];
  if (c === 0 || body?.kind === "zero") return zero(rows, columns);
  const hot = scalars.find(([base, p]) => base.kind === "sum" && base.hot && p === 1);
  if (hot !== undefined) {
    const [base] = hot;
    const others = scalars.filter((factor) => factor !== hot);
    const parts = base.kind === "sum" ? base.parts : [];
    return sum(parts.map((part) => term(c, [[part, 1], ...others], body)));
  }
  if (body?.kind === "sum" && body.hot) return sum(body.parts.map((x) => term(c, scalars, x)));
  let coefficient = c;
  let rest = body;
  const powers = new Map<Expr, number>();
  const take = (base: Expr, p: number): boolean => {
    if (base.kind === "zero" && p > 0) return false;
    const inner = numberOf(base) !== null || base.kind === "term" ? opened(base, p) : null;
    if (inner === null) powers.set(base, (powers.get(base) ?? 0) + p);
    else {
      coefficient *= inner.c;
      return inner.scalars.every(([b, q]) => take(b, q));
    }
    return true;
  };
  if (!scalars.every(([base, p]) => take(base, p))) return zero(rows, columns);
  if (rest !== null && (rest.kind === "term" || isScalar(rest))) {
    const inner = split(rest);
    coefficient *= inner.c;
    if (!inner.scalars.every(([base, p]) => take(base, p))) return zero(rows, columns);
    rest = inner.body;
  }
  const factors = [...powers].filter(([, p]) => p !== 0);
  return atInverse(coefficient, factors, rest) ?? termOf(coefficient, factors, rest);
}

function termOf(c: number, scalars: readonly Factor[], body: Expr | null): Expr {
  if (scalars.length === 0 && body !== null && c === 1) return body;
  const [only] = scalars;
  if (body === null && c === 1 && scalars.length === 1 && only?.[1] === 1) return only[0];
  const [rows, columns] = body === null ? [1, 1] : [body.rows, body.columns];
  const key = `${c} ${powersKey(scalars)} ${body?.id ?? ""}`;
  const parts = [...scalars.map(([base]) => base), ...(body === null ? [] : [body])];
  const cost = (Math.abs(c) === 1 ? 0.5 : 1) + scalars.filter(([, p]) => p !== 1).length;
  const symmetric = body?.symmetric ?? true;
  return intern(key, { kind: "term", c, scalars, body }, { rows, columns, parts, cost, symmetric });
}

/** `(c·s^p·…)^q` opened, where that holds for all values. */
function opened(e: Expr, q: number): { c: number; scalars: Factor[] } | null {
  if (e.kind !== "term" || e.body !== null) return null;
  if (!Number.isInteger(q) && (e.c < 0 || !e.scalars.every(([s]) => isPositive(s)))) {
    return null;
  }
  return { c: e.c ** q, scalars: e.scalars.map(([s, p]) => [s, p * q] as const) };
}

/** Never negative, whatever the values are. */
function isPositive(e: Expr): boolean {
  if (e.kind === "size") return true;
  if (e.kind === "function") return e.name === "norm";
  return e.kind === "call" && e.op.name === "exp";
}

/** `adj(X) / det(X) = X⁻¹` */
function atInverse(c: number, scalars: readonly Factor[], body: Expr | null): Expr | null {
  for (const factor of scalars) {
    const [base, p] = factor;
    if (base.kind !== "function" || base.name !== "det" || p > -1) continue;
    const X = base.args[0] as Expr;
    const lowered = scalars.flatMap((other): Factor[] => {
      if (other !== factor) return [other];
      return p === -1 ? [] : [[base, p + 1]];
    });
    if (body !== null) {
      const found = without(body, X);
      if (found !== null) return term(c, lowered, found);
    }
    for (const [i, other] of lowered.entries()) {
      const found = other[1] === 1 ? without(other[0], X) : null;
      if (found !== null) return term(c, lowered.with(i, [found, 1]), body);
    }
  }
  return null;
}

/** `e` with `X⁻¹` in the place of one factor `adj(X)`; null where there is none. */
function without(e: Expr, X: Expr): Expr | null {
  switch (e.kind) {
    case "function": {
      const [arg] = e.args as [Expr];
      if (e.name === "adj" && arg === X) return power(X, -1);
      const inside = e.name === "tr" ? without(arg, X) : null;
      return inside === null ? null : trace(inside);
    }
    case "transpose": {
      const inside = without(e.of, X);
      return inside === null ? null : transpose(inside);
    }
    case "product":
      for (const [i, part] of e.parts.entries()) {
        const inside = without(part, X);
        if (inside !== null) return product(e.parts.with(i, inside));
      }
      return null;
    default:
      return null;
  }
}

function powersKey(factors: readonly Factor[]): string {
  return factors
    .map(([base, p]) => `${base.id}^${p}`)
    .sort()
    .join(" ");
}

/** `c·e` */
export function times(c: number, e: Expr): Expr {
  return c === 1 ? e : term(c, [], e);
}

/** A scalar times a formula. */
export function scaled(s: Expr, e: Expr): Expr {
  return term(1, [[s, 1]], e);
}

/** A number as a matrix that has it everywhere. */
export function filled(c: Expr, rows: number, columns: number): Expr {
  return scaled(c, product([ones(rows), transpose(ones(columns))]));
}

/** The sum of formulas of one size; terms that differ by a number are one. */
export function sum(parts: readonly Expr[]): Expr {
  const [first] = parts;
  if (first === undefined) throw new Error("a sum of nothing has no size");
  const { rows, columns } = first;
  const terms = new Map<Expr, number>();
  const take = (e: Expr, c: number): void => {
    if (e.kind === "zero") return;
    if (e.kind === "sum") for (const part of e.parts) take(part, c);
    else if (e.kind === "term") {
      const rest = termOf(1, e.scalars, e.body);
      // A number in front of a sum alone is multiplied out only with the terms it meets.
      if (rest.kind === "sum" && parts.length > 1) take(rest, c * e.c);
      else terms.set(rest, (terms.get(rest) ?? 0) + c * e.c);
    } else terms.set(e, (terms.get(e) ?? 0) + c);
  };
  for (const part of parts) take(part, 1);
  const list = [...terms].filter(([, c]) => c !== 0).map(([rest, c]) => times(c, rest));
  if (list.length === 0) return zero(rows, columns);
  if (list.length === 1) return list[0] as Expr;
  const turned = list.map(transpose);
  const turns = (es: readonly Expr[]): number => es.reduce((s, e) => s + e.turns, 0);
  // A sum that holds a differential stays open, to be multiplied out.
  const row = rows === 1 && columns > 1;
  if (!list.some((e) => e.hot) && (row || (columns > 1 && turns(turned) + 1 < turns(list)))) {
    return turn(chain("sum", turned));
  }
  const ids = (es: readonly Expr[]): string =>
    es
      .map((e) => e.id)
      .sort()
      .join(" ");
  return chain("sum", list, rows === columns && ids(turned) === ids(list));
}

function chain(kind: "sum" | "product", parts: readonly Expr[], symmetric = false): Expr {
  const ids = parts.map((part) => part.id);
  const key = (kind === "sum" ? ids.sort() : ids).join(" ");
  const rows = (parts[0] as Expr).rows;
  const columns = (parts.at(-1) as Expr).columns;
  const cost = kind === "sum" ? parts.length + 1 : parts.length - 1;
  return intern(key, { kind, parts }, { rows, columns, parts, cost, symmetric });
}

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
  return list;
}

/** The product of two neighbours where it is no chain. */
function pair(a: Expr, b: Expr): Expr | null {
  const [A, p] = base(a);
  const [B, q] = base(b);
  if (A === B && (p < 0 || q < 0 || p + q > 2 || a.kind === "power")) return power(A, p + q);
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
function kronecker(
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

function diagonal(e: Expr): Expr | null {
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
  const turned = list.toReversed().map(transpose);
  const turns = (es: readonly Expr[]): number => es.reduce((s, e) => s + e.turns, 0);
  if (turns(turned) < turns(list)) return chain("product", turned);
  if (turns(turned) > turns(list)) return chain("product", list);
  const ids = (es: readonly Expr[]): string => es.map((e) => e.id).join(" ");
  const key = [ids(list), ids(turned)].sort().join(" = ");
  const cost = list.length - 1;
  return intern(key, { kind: "product", parts: list }, { rows: 1, columns: 1, parts: list, cost });
}

/** `Xᵀ`, pushed in as far as it goes. */
export function transpose(e: Expr): Expr {
  if (e.symmetric) return e;
  switch (e.kind) {
    case "zero":
      return zero(e.columns, e.rows);
    case "transpose":
      return e.of;
    case "commutation":
      return commutation(e.of[1], e.of[0]);
    case "function":
      return e.name === "kron" ? kron(...(e.args.map(transpose) as [Expr, Expr])) : turn(e);
    case "term":
      return term(e.c, e.scalars, e.body === null ? null : transpose(e.body));
    case "sum":
      return sum(e.parts.map(transpose));
    case "product":
      return product(e.parts.toReversed().map(transpose));
    case "hadamard":
      return hadamard(e.factors.map(([base, p]) => [transpose(base), p]));
    default:
      return turn(e);
  }
}

/** A transpose that stays. */
export function turn(e: Expr): Expr {
  if (e.symmetric) return e;
  const traits = { rows: e.columns, columns: e.rows, parts: [e], cost: 0.5 };
  return intern(String(e.id), { kind: "transpose", of: e }, traits);
}

/** The formula or its transpose, whichever takes fewer transposes, and whether it was turned. */
export function upright(e: Expr): { e: Expr; turned: boolean } {
  const other = transpose(e);
  return other.turns < e.turns ? { e: other, turned: true } : { e, turned: false };
}

/** `A^n` of a square matrix, `A⁻¹` for −1; of a scalar its power. */
export function power(e: Expr, n: number): Expr {
  if (isScalar(e)) return term(1, [[e, n]], null);
  if (n === 0) return eye(e.rows);
  if (n === 1) return e;
  if (e.kind === "eye") return e;
  if (e.kind === "power") return power(e.of, e.exponent * n);
  if (e.kind === "term") {
    const scalars = e.scalars.map(([s, p]): Factor => [s, p * n]);
    return term(e.c ** n, scalars, power(e.body as Expr, n));
  }
  if (e.kind === "function" && e.name === "diag") return diag(hadamard([[e.args[0] as Expr, n]]));
  if (e.kind === "function" && e.name === "kron" && e.args.every((x) => x.rows === x.columns)) {
    return kron(...(e.args.map((x) => power(x, n)) as [Expr, Expr]));
  }
  const { e: up, turned } = upright(e);
  const { rows, columns, symmetric } = up;
  const fields = { kind: "power", of: up, exponent: n } as const;
  const made = intern(`${up.id} ${n}`, fields, { rows, columns, symmetric, parts: [up] });
  return turned ? turn(made) : made;
}

/** The Hadamard product of entrywise powers; scalars are factors in front. */
export function hadamard(factors: readonly Factor[]): Expr {
  const matrix = factors.find(([e]) => !isScalar(e))?.[0];
  if (matrix === undefined) return term(1, factors, null);
  const { rows, columns } = matrix;
  let c = 1;
  let hot: Expr | null = null;
  const scalars: Factor[] = [];
  const powers = new Map<Expr, number>();
  const take = (e: Expr, p: number): boolean => {
    if (e.kind === "zero" && p > 0) return false;
    if (isScalar(e)) scalars.push([e, p]);
    else if (e.kind === "term" && (Number.isInteger(p) || e.c > 0)) {
      c *= e.c ** p;
      scalars.push(...e.scalars.map(([s, q]): Factor => [s, p * q]));
      return take(e.body as Expr, p);
    } else if (e.kind === "hadamard" && (Number.isInteger(p) || e.factors.length > 1)) {
      return e.factors.every(([x, q]) => take(x, p * q));
    } else if (!isOnes(e)) {
      if (e.kind === "sum" && e.hot && p === 1) hot = e;
      powers.set(e, (powers.get(e) ?? 0) + p);
    }
    return true;
  };
  if (!factors.every(([e, p]) => take(e, p))) return zero(rows, columns);
  const list = [...powers].filter(([, p]) => p !== 0);
  const spread = hot as Expr | null;
  if (spread?.kind === "sum") {
    const others = list.filter(([e]) => e !== spread);
    return term(c, scalars, sum(spread.parts.map((e) => hadamard([[e, 1], ...others]))));
  }
  if (list.length === 0) return term(c, scalars, filled(number(1), rows, columns));
  const [only] = list;
  if (list.length === 1 && only?.[1] === 1) return term(c, scalars, only[0]);
  return term(c, scalars, special(list) ?? blockwise(list) ?? hadamardOf(list));
}

/** All elements are 1. */
export function isOnes(e: Expr): boolean {
  if (e.kind === "ones" || (e.kind === "transpose" && e.of.kind === "ones")) return true;
  return e.kind === "product" && e.parts.length === 2 && e.parts.every(isOnes);
}

/** (A ⊗ B)∘(C ⊗ D) = (A∘C) ⊗ (B∘D) of equal blocks. */
function blockwise(list: readonly Factor[]): Expr | null {
  const sides = kronecker(
    list.map(([e]) => e),
    alike,
  );
  if (sides === null) return null;
  const powers = (side: readonly Expr[]): Expr =>
    hadamard(side.map((e, i): Factor => [e, list[i]?.[1] as number]));
  return kron(powers(sides[0]), powers(sides[1]));
}

/** With a diagonal matrix, or with a column or row repeated, it is a product. */
function special(list: readonly Factor[]): Expr | null {
  for (const factor of list) {
    const [e, p] = factor;
    const others = list.filter((other) => other !== factor);
    const d = e.kind === "eye" ? ones(e.rows) : diagonal(e);
    if (d !== null && p > 0) {
      const rest = others.map(([x, q]): Factor => [diagPart(x), q]);
      return diag(hadamard([[d, p], ...rest]));
    }
    if (e.kind !== "product" || e.parts.length !== 2) continue;
    const [a, b] = e.parts as [Expr, Expr];
    if (a.columns !== 1 || !(isOnes(a) || isOnes(b))) continue;
    const v = isOnes(b) ? a : transpose(b);
    const powered = hadamard([[v, p]]);
    if (others.length === 0) {
      return isOnes(b) ? product([powered, b]) : product([a, transpose(powered)]);
    }
    const rest = hadamard(others);
    return isOnes(b) ? product([diag(powered), rest]) : product([rest, diag(powered)]);
  }
  return null;
}

function hadamardOf(list: readonly Factor[]): Expr {
  const parts = list.map(([e]) => e);
  const { rows, columns } = parts[0] as Expr;
  const turned = list.map(([e, p]): Factor => [transpose(e), p]);
  const turns = (fs: readonly Factor[]): number => fs.reduce((s, [e]) => s + e.turns, 0);
  if ((rows === 1 && columns > 1) || turns(turned) + 1 < turns(list)) {
    return turn(hadamardOf(turned));
  }
  const symmetric = turned.every(([e], i) => e === list[i]?.[0]);
  const cost = list.length - 1 + 2 * list.filter(([, p]) => Math.abs(p) !== 1).length;
  const traits = { rows, columns, parts, cost, symmetric };
  return intern(powersKey(list), { kind: "hadamard", factors: list }, traits);
}

/** `A − B` */
export function minus(a: Expr, b: Expr): Expr {
  if (!alike(a, b)) throw new Error("a difference of formulas of two sizes");
  return sum([a, times(-1, b)]);
}
