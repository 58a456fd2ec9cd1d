import type { AnyOp } from "../core/op.js";
import { reluOp, sigmoidOp } from "../ops/activation.js";
import { greaterOp } from "../ops/compare.js";
import { expOp } from "../ops/elementwise.js";
import { logSoftmaxOp, softmaxOp } from "../ops/softmax.js";
import { split, sum, term, times, transpose } from "./algebra.js";
import { type Call, type Expr, type Factor, numberOf, ones } from "./expr.js";
import { hadamard, isOnes } from "./hadamard.js";
import { opaque } from "./meaning.js";
import { product } from "./product.js";
import { apply } from "./rewrite.js";

/** Functions that have a name: σ(z) = eᶻ/(1 + eᶻ), softmax(x) = eˣ/sum(eˣ). */
export function named(e: Expr): Expr | null {
  if (e.kind === "call") return ofCall(e);
  if (e.kind === "function" && e.name === "diagPart") return rowSums(e.args[0] as Expr);
  if (e.kind === "hadamard") {
    const rows = softmaxRows(e.factors);
    if (rows !== null) return rows;
  }
  if (e.kind === "hadamard") return sigmoids(e.factors, (list) => hadamard(list));
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

/** `exp(logSoftmax(X)) = softmax(X)`, and `relu(X) > 0` where `X > 0`. */
function ofCall(e: Call): Expr | null {
  const [x] = e.args as [Expr];
  if (e.op === (softmaxOp as unknown)) return unshifted(e);
  if (x?.kind !== "call") return null;
  if (isExp(e) && x.op === (logSoftmaxOp as unknown)) {
    const { axis } = x.attrs as { axis: number };
    const last = axis === x.shape.length - 1 ? -1 : axis;
    return opaque({ ...x, op: softmaxOp as AnyOp, attrs: { axis: last } });
  }
  const isPositive = e.op === (greaterOp as unknown) && e.args[1]?.kind === "zero";
  if (!isPositive || x.op !== (reluOp as unknown)) return null;
  return opaque({ ...e, args: [x.args[0] as Expr, e.args[1] as Expr] });
}

/** `diag(A·H) = (A∘Hᵀ)·𝟏`, where H is entrywise. */
function rowSums(X: Expr): Expr | null {
  const last = X.kind === "product" ? (X.parts.at(-1) as Expr) : null;
  if (X.kind !== "product" || (last?.kind !== "sum" && last?.kind !== "hadamard")) return null;
  const A = product(X.parts.slice(0, -1));
  const both = hadamard([
    [A, 1],
    [transpose(last), 1],
  ]);
  return product([both, ones(A.columns)]);
}

/** `exp(X)⊘(exp(X)·𝟏·𝟏ᵀ) = softmax(X)`, row by row. */
function softmaxRows(factors: readonly Factor[]): Expr | null {
  for (const [E, p] of factors) {
    if (!isExp(E) || E.kind !== "call" || p < 1 || E.columns === 1 || E.shape.length !== 2)
      continue;
    const sums = product([E, ones(E.columns), transpose(ones(E.columns))]);
    if (!factors.some(([base, q]) => base === sums && q <= -1)) continue;
    const s = opaque({ ...E, op: softmaxOp as AnyOp, attrs: { axis: -1 } });
    return hadamard([...factors, [E, -1], [sums, 1], [s, 1]]);
  }
  return null;
}

/** `softmax(x + c·𝟏) = softmax(x)`; row by row `softmax(X + v·𝟏ᵀ) = softmax(X)`. */
function unshifted(e: Call): Expr | null {
  const [x] = e.args as [Expr];
  const { axis } = e.attrs as { axis: number };
  if (x.kind !== "sum" || (axis !== -1 && axis !== e.shape.length - 1)) return null;
  const parts = x.parts.filter((part) => {
    const { body } = split(part);
    if (x.columns === 1) return !isOnes(body ?? part);
    return !(body?.kind === "product" && isOnes(body.parts.at(-1) as Expr));
  });
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
