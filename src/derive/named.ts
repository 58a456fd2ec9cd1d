import { sigmoidOp } from "../ops/activation.js";
import { expOp } from "../ops/elementwise.js";
import { softmaxOp } from "../ops/softmax.js";
import { split, sum, term, times, transpose } from "./algebra.js";
import { type Call, type Expr, type Factor, numberOf } from "./expr.js";
import { hadamard, isOnes } from "./hadamard.js";
import { opaque } from "./meaning.js";
import { product } from "./product.js";
import { apply } from "./rewrite.js";

/** Functions that have a name: σ(z) = eᶻ/(1 + eᶻ), softmax(x) = eˣ/sum(eˣ). */
export function named(e: Expr): Expr | null {
  if (e.kind === "hadamard") return sigmoids(e.factors, (list) => hadamard(list));
  if (e.kind === "call" && e.op === (softmaxOp as unknown)) return unshifted(e);
  if (e.kind === "function" && e.name === "tr") return summed(e.args[0] as Expr);
  if (e.kind !== "term") return null;
  const found = sigmoids(e.scalars, (list) => term(e.c, list, e.body));
  return found ?? softmaxes(e) ?? cleared(e);
}

/** `tr(Aᵀ·(B∘C)) = sum(A∘B∘C)`, `tr(Aᵀ·A) = ‖A‖²` */
function summed(e: Expr): Expr | null {
  if (e.kind !== "product" || e.parts.length !== 2) return null;
  const [a, b] = e.parts as [Expr, Expr];
  if (transpose(a) === b) return term(1, [[apply("norm", [b]), 2]], null);
  const entrywise = (x: Expr): boolean =>
    x.kind === "hadamard" || (x.kind === "transpose" && x.of.kind === "hadamard");
  if (!entrywise(a) && !entrywise(b)) return null;
  return apply("sum", [
    hadamard([
      [transpose(a), 1],
      [b, 1],
    ]),
  ]);
}

/** `softmax(x + c·𝟏) = softmax(x)` of a vector. */
function unshifted(e: Call): Expr | null {
  const [x] = e.args as [Expr];
  if (x.kind !== "sum" || x.columns !== 1) return null;
  const parts = x.parts.filter((part) => !isOnes(split(part).body ?? part));
  if (parts.length === x.parts.length || parts.length === 0) return null;
  return opaque({ ...e, args: [sum(parts)] });
}

/** `1/((x/a + y)·a) = 1/(x + a·y)` */
function cleared(e: Expr & { kind: "term" }): Expr | null {
  for (const [base, p] of e.scalars) {
    if (base.kind !== "sum" || Math.abs(p) !== 1) continue;
    const divisor = base.parts
      .flatMap((part) => split(part).scalars)
      .find(([s, q]) => q < 0 && e.scalars.some(([own, r]) => own === s && r === p * -q));
    if (divisor === undefined) continue;
    const [s, q] = divisor;
    const whole = sum(base.parts.map((part) => term(1, [[s, -q]], part)));
    return term(e.c, [...e.scalars, [base, -p], [s, p * q], [whole, p]], e.body);
  }
  return null;
}

function sigmoids(
  factors: readonly Factor[],
  make: (list: readonly Factor[]) => Expr,
): Expr | null {
  for (const [base, p] of factors) {
    if (base.kind !== "sum" || base.parts.length !== 2 || p > -1) continue;
    const e = base.parts.find((part) => isExp(part));
    const one = base.parts.find((part) => part !== e);
    if (e?.kind !== "call" || one === undefined || !(isOnes(one) || numberOf(one) === 1)) continue;
    const [z] = e.args as [Expr];
    const above = factors.some(([own, q]) => own === e && q >= 1);
    const s = sigmoid(e, above ? z : times(-1, z));
    const rest = above ? [[e, -1] as const] : [];
    return make([...factors, [base, 1], ...rest, [s, 1]]);
  }
  return null;
}

function isExp(e: Expr): boolean {
  return e.kind === "call" && e.op === (expOp as unknown);
}

function sigmoid(like: Expr & { kind: "call" }, z: Expr): Expr {
  return opaque({ ...like, op: sigmoidOp, args: [z] });
}

function softmaxes(e: Expr & { kind: "term" }): Expr | null {
  for (const [base, p] of e.scalars) {
    if (p > -1 || base.kind !== "function" || base.name !== "sum") continue;
    const [E] = base.args as [Expr];
    if (E.kind !== "call" || !isExp(E) || E.columns !== 1) continue;
    const s = opaque({
      ...E,
      op: softmaxOp,
      attrs: { axis: -1 },
      shapes: [[E.rows]],
      shape: [E.rows],
    });
    const scalars: Factor[] = [...e.scalars, [base, 1]];
    const body = e.body === null ? null : replaced(e.body, E, s);
    if (body !== null) return term(e.c, scalars, body);
    for (const [i, [own, q]] of scalars.entries()) {
      const next = q === 1 ? replaced(own, E, s) : null;
      if (next !== null) return term(e.c, scalars.with(i, [next, 1]), e.body);
    }
  }
  return null;
}

/** `e` with one factor replaced; null where it has none such. */
function replaced(e: Expr, from: Expr, to: Expr): Expr | null {
  if (e === from) return to;
  switch (e.kind) {
    case "transpose": {
      const inner = replaced(e.of, from, to);
      return inner === null ? null : transpose(inner);
    }
    case "product":
      for (const [i, part] of e.parts.entries()) {
        const inner = replaced(part, from, to);
        if (inner !== null) return product(e.parts.with(i, inner));
      }
      return null;
    case "function": {
      const linear = e.name !== "det" && e.name !== "adj" && e.name !== "norm";
      const inner = linear ? replaced(e.args[0] as Expr, from, to) : null;
      return inner === null ? null : apply(e.name, [inner, ...e.args.slice(1)]);
    }
    case "hadamard":
      for (const [i, [base, p]] of e.factors.entries()) {
        const inner = p >= 1 ? replaced(base, from, to) : null;
        if (inner !== null) return hadamard([...e.factors.with(i, [base, p - 1]), [inner, 1]]);
      }
      return null;
    default:
      return null;
  }
}
