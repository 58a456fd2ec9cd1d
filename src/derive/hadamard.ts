import { filled, isPositive, powersKey, sum, term, transpose, turn } from "./algebra.js";
import { isMask } from "./evaluate.js";
import { alike, type Expr, type Factor, intern, isScalar, number, ones, zero } from "./expr.js";
import { diag, diagPart, kron } from "./known.js";
import { diagonal, kronecker, product } from "./product.js";

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
    else if (e.kind === "term" && (Number.isInteger(p) || isPositive(term(e.c, e.scalars, null)))) {
      c *= e.c ** p;
      scalars.push(...e.scalars.map(([s, q]): Factor => [s, p * q]));
      return take(e.body as Expr, p);
    } else if (e.kind === "hadamard" && Number.isInteger(p)) {
      return e.factors.every(([x, q]) => take(x, p * q));
    } else if (!isOnes(e)) {
      if (e.kind === "sum" && e.hot && p === 1) hot = e;
      powers.set(e, (powers.get(e) ?? 0) + p);
    }
    return true;
  };
  if (!factors.every(([e, p]) => take(e, p))) return zero(rows, columns);
  // A comparison is 0 or 1.
  const list = [...powers]
    .filter(([, p]) => p !== 0)
    .map(([e, p]): Factor => [e, p > 1 && isMask(e) ? 1 : p]);
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
  const fewer = turns(turned) + (list.length > 1 ? 1 : 0) < turns(list);
  if (columns > 1 && (rows === 1 || fewer)) {
    return turn(hadamardOf(turned));
  }
  const symmetric = turned.every(([e], i) => e === list[i]?.[0]);
  const cost = list.length - 1 + 2 * list.filter(([, p]) => Math.abs(p) !== 1).length;
  const traits = { rows, columns, parts, cost, symmetric };
  return intern(powersKey(list), { kind: "hadamard", factors: list }, traits);
}
