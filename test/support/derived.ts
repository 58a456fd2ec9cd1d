import { Evaluator } from "../../src/derive/evaluate.js";
import { type Call, type Expr, partsOf } from "../../src/derive/expr.js";
import { type Derivation, derive, type Formula } from "../../src/derive/index.js";
import { namesOf, parseTree as parse } from "../../src/derive/text/parse.js";
import { add, mul, random, reshape, sub, type Tensor, t } from "../../src/index.js";
import type { Layout } from "../../src/transforms/layout.js";
import type { Case } from "./golden.js";

/** What may stand in a formula as it is: functions that a person writes. */
const functions = new Set(
  (
    "exp log sin cos tan asin acos atan sinh cosh tanh abs sign sigmoid relu softplus sqrt " +
    "logsumexp softmax max greater greaterEqual less lessEqual equal notEqual"
  ).split(" "),
);

/**
 * A text derived with the shapes that a record gives its variables. Matrices that are symmetric there
 * are declared so, unless told not to; but not what is derived by, whose gradient is that of any matrix.
 */
export function derived(
  at: Case,
  text: string,
  wrt: string,
  { declare = true, layout }: { readonly declare?: boolean; readonly layout?: Layout } = {},
): Derivation {
  const names = namesOf(parse(text));
  const shapes = Object.fromEntries(names.map((name) => [name, at.get(name).shape]));
  const kinds = declare ? kindsOf(at, names, wrt) : {};
  return derive(text, { wrt, shapes, kinds, ...(layout === undefined ? {} : { layout }) });
}

/** A text as `derive` writes it down, simplified no further than all formulas are. */
export function written(at: Case, text: string, shape: readonly number[], wrt: string): Formula {
  const names = namesOf(parse(text));
  const { run } = at.program(text, shape);
  // What is derived by does not matter: a scalar that is not there.
  const f = (_: Tensor, ...args: Tensor[]): Tensor =>
    reshape(run(new Map(names.map((name, i) => [name, args[i] as Tensor]))), shape);
  const args = [[], ...names.map((name) => at.get(name).shape)];
  const kinds = kindsOf(at, names, wrt);
  return derive(f, { args, names: ["none", ...names], kinds }).value;
}

function kindsOf(at: Case, names: readonly string[], wrt: string) {
  const symmetric = names.filter((name) => name !== wrt && isSymmetric(at.get(name)));
  return Object.fromEntries(symmetric.map((name) => [name, "symmetric matrix"] as const));
}

function isSymmetric(X: Tensor): boolean {
  const [m, n] = X.shape;
  return X.rank === 2 && m === n && sub(X, t(X)).abs().max().item() === 0;
}

/** The values of a derivation's variables, in their order. */
export function valuesOf(at: Case, { variables }: Derivation): Tensor[] {
  return variables.map(({ name }) => at.get(name));
}

/** How many characters it takes to write a formula, spaces and line ends not counted. */
export function lengthOf(formula: { toString(): string }): number {
  return [...String(formula).replace(/\s/g, "")].length;
}

/** What a formula has that a person would not have written. */
export function leftovers(e: Expr, at: Case): string[] {
  const found = new Set<string>();
  for (const part of everything(e)) {
    if (part.kind === "call" && !isWritten(part)) found.add(`raw ${part.op.name}`);
    if (part.kind === "differential") found.add("a differential");
    if (isUnexpandedSum(part)) found.add("unexpanded sum");
    if (part.kind === "sum") {
      const twins = duplicates(part.parts, at);
      if (twins !== null) found.add(`duplicated term (${twins})`);
    }
  }
  return [...found];
}

/** A function of the list, or a power with a variable exponent. */
function isWritten({ op, args }: Call): boolean {
  if (op.name !== "pow") return functions.has(op.name);
  return [...everything(args[1] as Expr)].some((part) => part.kind === "symbol");
}

/** Every part of a formula once. */
function everything(e: Expr, seen = new Set<Expr>()): Set<Expr> {
  if (!seen.has(e)) {
    seen.add(e);
    for (const part of partsOf(e)) everything(part, seen);
  }
  return seen;
}

/** `𝟏ᵀ·X·𝟏`, which is `sum(X)`. */
function isUnexpandedSum(e: Expr): boolean {
  if (e.kind !== "product") return false;
  const [first, last] = [e.parts[0] as Expr, e.parts.at(-1) as Expr];
  return first.kind === "transpose" && first.of.kind === "ones" && last.kind === "ones";
}

/** Two terms of a sum that are multiples of each other wherever one looks, or null. */
function duplicates(terms: readonly Expr[], at: Case): string | null {
  const points = [0, 1e-3, 2e-3].map((step) => moved(at, step, symmetricOf(terms)));
  for (const [i, a] of terms.entries()) {
    for (const [j, b] of terms.slice(0, i).entries()) {
      const ratios = points.map((of) => ratio(of(a), of(b)));
      const [r] = ratios as [number | null];
      if (r === null || r === 0) continue;
      const same = ratios.every((q) => q !== null && Math.abs(q - r) <= 1e-9 * Math.abs(r));
      if (same) return `terms ${j + 1} and ${i + 1}`;
    }
  }
  return null;
}

/** The names of what is declared symmetric. */
function symmetricOf(formulas: readonly Expr[]): ReadonlySet<string> {
  const all = formulas.flatMap((e) => [...everything(e)]);
  return new Set(
    all.flatMap((e) => (e.kind === "symbol" && e.symmetric && e.rows > 1 ? [e.name] : [])),
  );
}

/** Evaluates formulas near a record's values. */
function moved(at: Case, step: number, symmetric: ReadonlySet<string>): (e: Expr) => Tensor {
  const values = new Map(
    [...at.variables].map(([name, x], i) => {
      const by = mul(random.normal(x.shape, { dtype: "float64", seed: i + 1 }), step);
      return [name, add(x, symmetric.has(name) ? add(by, t(by)) : by)];
    }),
  );
  const numbers = new Evaluator({
    of: (name) => values.get(name) ?? at.get(name),
    differential: ({ tag }) => {
      throw new Error(`a gradient holds the differential ${tag}`);
    },
    axis: (n) => n,
    dtype: "float64",
  });
  return (e) => numbers.of(e);
}

/** The number that `a` is times `b`, or null. */
function ratio(a: Tensor, b: Tensor): number | null {
  const [x, y] = [[...a.data()], [...b.data()]];
  const i = y.reduce<number>((best, v, k) => (Math.abs(v) > Math.abs(y[best] ?? 0) ? k : best), 0);
  const r = (x[i] as number) / (y[i] as number);
  if (!Number.isFinite(r)) return null;
  const off = sub(a, mul(b, r)).abs().max().item();
  return off <= 1e-12 * Math.abs(r * (y[i] as number)) ? r : null;
}
