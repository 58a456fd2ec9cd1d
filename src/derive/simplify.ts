import { split, sum, term, times, transpose } from "./algebra.js";
import { alike, type Expr, type Factor, type Known, partsOf } from "./expr.js";
import { hadamard } from "./hadamard.js";
import { named } from "./named.js";
import { product } from "./product.js";
import { apply, rebuilt } from "./rewrite.js";

/** Sums of more terms are not multiplied out. */
const MOST = 48;
/** Longer formulas are left as they are, but for what has a name. */
const LONG = 600;
/** Multiplied out, a formula must be so much shorter to be taken. */
const GAIN = 0.9;

/**
 * The formula as a person would write it: common factors in front, known functions by their names.
 * Of the formula as it was found and the one that is multiplied out first, the shorter one.
 */
export function simplify(e: Expr): Expr {
  const kept = settled(e);
  if (e.cost > LONG) return kept;
  const open = expanded(e);
  if (open === null || open === e) return kept;
  const other = settled(open);
  return other.cost < kept.cost * GAIN ? other : kept;
}

/** Puts a formula in order until nothing changes. */
function settled(e: Expr): Expr {
  let now = e;
  for (let i = 0; i < 8; i++) {
    const next = tidied(now, new Map());
    if (next === now) break;
    now = next;
  }
  return now;
}

function tidied(e: Expr, done: Map<Expr, Expr>): Expr {
  const before = done.get(e);
  if (before !== undefined) return before;
  const inner = partsOf(e).length === 0 ? e : rebuilt(e, (part) => tidied(part, done));
  const out = inner.kind === "sum" ? factored(inner.parts) : (named(inner) ?? inner);
  done.set(e, out);
  return out;
}

/** Everything multiplied out; null where that makes too many terms. */
function expanded(e: Expr): Expr | null {
  try {
    return open(e, new Map());
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

class TooMany extends Error {}

function open(e: Expr, done: Map<Expr, Expr>): Expr {
  const before = done.get(e);
  if (before !== undefined) return before;
  const inner = partsOf(e).length === 0 ? e : rebuilt(e, (part) => open(part, done));
  const out = distributed(inner);
  if (out.kind === "sum" && out.parts.length > MOST) throw new TooMany();
  done.set(e, out);
  return out;
}

function distributed(e: Expr): Expr {
  if (e.kind === "term") {
    const at = e.scalars.findIndex(([base, p]) => base.kind === "sum" && p === 1);
    if (at >= 0) {
      const [base] = e.scalars[at] as Factor;
      const others = e.scalars.toSpliced(at, 1);
      const parts = base.kind === "sum" ? base.parts : [];
      return sum(parts.map((part) => distributed(term(e.c, [...others, [part, 1]], e.body))));
    }
    if (e.body?.kind !== "sum") return e;
    return sum(e.body.parts.map((part) => distributed(term(e.c, e.scalars, part))));
  }
  if (e.kind === "product") {
    const at = e.parts.findIndex((part) => sumIn(part) !== null);
    if (at < 0) return e;
    const parts = sumIn(e.parts[at] as Expr) as readonly Expr[];
    return sum(parts.map((part) => distributed(product(e.parts.with(at, part)))));
  }
  const linear = e.kind === "function" && ["sum", "tr", "diagPart"].includes(e.name);
  if (linear && e.args[0]?.kind === "sum") {
    return sum(e.args[0].parts.map((part) => apply(e.name, [part])));
  }
  if (e.kind === "hadamard") {
    const at = e.factors.findIndex(([base, p]) => base.kind === "sum" && p === 1);
    const base = e.factors[at]?.[0];
    if (base?.kind !== "sum") return e;
    return sum(base.parts.map((part) => distributed(hadamard(e.factors.with(at, [part, 1])))));
  }
  return e;
}

/** The terms of a sum or of a transposed one. */
function sumIn(e: Expr): readonly Expr[] | null {
  if (e.kind === "sum") return e.parts;
  return e.kind === "transpose" && e.of.kind === "sum" ? e.of.parts.map(transpose) : null;
}

/** A sum with what its terms have in common in front of them, where that is shorter. */
function factored(parts: readonly Expr[]): Expr {
  const whole = sum(parts);
  if (whole.kind !== "sum") return whole;
  if (whole.cost > LONG) return inFront(whole);
  let best: { cost: number; common: Handle; rests: Expr[]; others: Expr[] } | null = null;
  const tried = new Set<string>();
  for (const part of whole.parts.slice(0, MOST)) {
    for (const common of handlesOf(part)) {
      if (tried.has(common.key)) continue;
      tried.add(common.key);
      const rests: Expr[] = [];
      const others: Expr[] = [];
      for (const other of whole.parts) {
        const rest = common.rest(other);
        if (rest === null) others.push(other);
        else rests.push(rest);
      }
      if (rests.length < 2) continue;
      const { cost } = sum([common.times(sum(rests)), ...others]);
      if (best === null ? cost <= whole.cost : cost < best.cost)
        best = { cost, common, rests, others };
    }
  }
  if (best === null) return inFront(whole);
  const { common, rests, others } = best;
  return factored([common.times(factored(rests)), ...others]);
}

/** A number that all terms have in common, in front: 2·A + 2·B = 2·(A + B). */
function inFront(e: Expr): Expr {
  if (e.kind !== "sum") return e;
  const numbers = e.parts.map((part) => split(part).c);
  const least = Math.min(...numbers.map(Math.abs));
  const sign = numbers.every((c) => c < 0) ? -1 : 1;
  const equal = numbers.every((c) => Math.abs(c) === least);
  const whole = numbers.every((c) => Number.isInteger(c)) && numbers.every((c) => c % least === 0);
  const c = (equal || whole ? least : 1) * sign;
  return c === 1 ? e : term(c, [], sum(e.parts.map((part) => times(1 / c, part))));
}

/** Something that a term has as a factor. */
interface Handle {
  readonly key: string;
  /** What is left of a term that has it, or null. */
  rest(e: Expr): Expr | null;
  times(rest: Expr): Expr;
}

function handlesOf(e: Expr): Handle[] {
  const { scalars, body } = split(e);
  const handles: Handle[] = scalars.map(([base, p]) => scalarHandle(base, p));
  if (body === null) {
    const linear = scalars.find(([base, p]) => p === 1 && isLinear(base))?.[0];
    return linear === undefined ? handles : [...handles, functionHandle(linear as Known)];
  }
  handles.push(bodyHandle(body));
  if (body.kind === "function" && body.name === "diag") handles.push(diagHandle(body.rows));
  if (body.kind === "hadamard") {
    handles.push(...body.factors.map(([base, p]) => hadamardHandle(base, p)));
  }
  const links = linksOf(body);
  const [first, last] = [links[0] as Expr, links.at(-1) as Expr];
  return [...handles, chainHandle(first, true), chainHandle(last, false)];
}

function linksOf(e: Expr): readonly Expr[] {
  return e.kind === "product" ? e.parts : [e];
}

/** Whether a power `q` has a factor of power `p`. */
function has(q: number, p: number): boolean {
  return Math.sign(q) === Math.sign(p) && Math.abs(q) >= Math.abs(p);
}

function scalarHandle(base: Expr, p: number): Handle {
  return {
    key: `scalar ${base.id} ${p}`,
    rest: (e) => {
      const { c, scalars, body } = split(e);
      const found = scalars.some(([own, q]) => own === base && has(q, p));
      return found ? term(c, [...scalars, [base, -p]], body) : null;
    },
    times: (rest) => term(1, [[base, p]], rest),
  };
}

function isLinear(e: Expr): e is Known {
  return e.kind === "function" && (e.name === "sum" || e.name === "tr");
}

/** `sum(A) + sum(B) = sum(A + B)` */
function functionHandle({ name, args }: Known): Handle {
  const [own] = args as [Expr];
  return {
    key: `function ${name} ${own.rows} ${own.columns}`,
    rest: (e) => {
      const { c, scalars, body } = split(e);
      if (body !== null) return null;
      const fits = ([base, p]: Factor): boolean =>
        p === 1 && isLinear(base) && base.name === name && alike(base.args[0] as Expr, own);
      const found = scalars.find(fits);
      if (found === undefined) return null;
      const others = scalars.filter((factor) => factor !== found);
      return term(c, others, (found[0] as Known).args[0] as Expr);
    },
    times: (rest) => apply(name, [rest]),
  };
}

/** `diag(a) + diag(b) = diag(a + b)` */
function diagHandle(n: number): Handle {
  return {
    key: `diag ${n}`,
    rest: (e) => {
      const { c, scalars, body } = split(e);
      const fits = body?.kind === "function" && body.name === "diag";
      return fits ? term(c, scalars, body.args[0] as Expr) : null;
    },
    times: (rest) => apply("diag", [rest]),
  };
}

/** The same matrix, times several scalars. */
function bodyHandle(own: Expr): Handle {
  return {
    key: `body ${own.id}`,
    rest: (e) => {
      const { c, scalars, body } = split(e);
      return body === own ? term(c, scalars, null) : null;
    },
    times: (rest) => term(1, [[rest, 1]], own),
  };
}

function hadamardHandle(base: Expr, p: number): Handle {
  return {
    key: `hadamard ${base.id} ${p}`,
    rest: (e) => {
      const { c, scalars, body } = split(e);
      if (body === null) return null;
      const factors: readonly Factor[] = body.kind === "hadamard" ? body.factors : [[body, 1]];
      const found = factors.some(([own, q]) => own === base && has(q, p));
      return found ? term(c, scalars, hadamard([...factors, [base, -p]])) : null;
    },
    times: (rest) =>
      hadamard([
        [base, p],
        [rest, 1],
      ]),
  };
}

function chainHandle(link: Expr, left: boolean): Handle {
  return {
    key: `${left ? "left" : "right"} ${link.id}`,
    rest: (e) => {
      const { c, scalars, body } = split(e);
      if (body === null) return null;
      const links = linksOf(body);
      if (links.at(left ? 0 : -1) !== link) return null;
      // No identity for a factor that is all there is, as in x − S·x.
      const others = left ? links.slice(1) : links.slice(0, -1);
      return others.length === 0 ? null : term(c, scalars, product(others));
    },
    times: (rest) => product(left ? [link, rest] : [rest, link]),
  };
}
