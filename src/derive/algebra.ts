import {
  alike,
  commutation,
  type Expr,
  eye,
  type Factor,
  intern,
  isScalar,
  numberOf,
  ones,
  zero,
} from "./expr.js";
import { hadamard } from "./hadamard.js";
import { diag, kron, trace } from "./known.js";
import { chain, product } from "./product.js";

/*
 * Terms, sums, transposes and powers of formulas, brought to one form as they are made. Sums that hold
 * a differential are multiplied out; others stay as they were written.
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
export function isPositive(e: Expr): boolean {
  switch (e.kind) {
    case "size":
      return true;
    case "term":
      return e.c > 0 && e.body === null && e.scalars.every(([s]) => isPositive(s));
    case "function":
      return e.name === "norm";
    default:
      return e.kind === "call" && e.op.name === "exp";
  }
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

/** Powers as a key. */
export function powersKey(factors: readonly Factor[]): string {
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

/** `Xᵀ`, pushed in as far as it goes. */
export function transpose(e: Expr): Expr {
  if (e.symmetric) return e;
  let turned = transposes.get(e);
  if (turned === undefined) {
    turned = transposed(e);
    transposes.set(e, turned);
  }
  return turned;
}

const transposes = new WeakMap<Expr, Expr>();

function transposed(e: Expr): Expr {
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

/** `A − B` */
export function minus(a: Expr, b: Expr): Expr {
  if (!alike(a, b)) throw new Error("a difference of formulas of two sizes");
  return sum([a, times(-1, b)]);
}
