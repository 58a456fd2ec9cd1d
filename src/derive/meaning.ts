import { type AnyOp, byName, type Notation } from "../core/op.js";

import { name } from "../ops/notation.js";
import { broadcastToOp } from "../ops/reshape.js";
import { type DType, isFloat } from "../tensor/dtype.js";
import { type Shape, sameShape } from "../tensor/shape.js";
import {
  filled,
  minus,
  power,
  scaled,
  split,
  sum,
  term,
  times,
  transpose,
  turn,
  upright,
} from "./algebra.js";
import { flatSize, isMask } from "./evaluate.js";
import {
  alike,
  type Expr,
  intern,
  isScalar,
  number,
  numberOf,
  ones,
  partsOf,
  size,
} from "./expr.js";
import { hadamard, isOnes } from "./hadamard.js";
import { adj, det, diag, diagPart, kron, norm, total, trace } from "./known.js";
import { product } from "./product.js";

/*
 * What an op means in the algebra of formulas: its notation says so. `A·B`, `Xᵀ`, `tr(X)` are known
 * signs; what has another notation stays the op that it is, applied to formulas.
 */

/** One application of an op to formulas, as an op is recorded on a tape. */
export interface Application {
  readonly op: AnyOp;
  readonly attrs: unknown;
  readonly args: readonly Expr[];
  readonly shapes: readonly Shape[];
  /** The shape of output `output`. */
  readonly shape: Shape;
  readonly output: number;
}

/** The formula of an op's output. */
export function meaning(a: Application): Expr {
  if (a.op.view) return reshaped(a) ?? opaque(a);
  const found = a.op.outputs.length === 1 ? new Reader(a).read() : null;
  return (found === null ? null : fitting(found, a.shape)) ?? opaque(a);
}

/** A formula of a vector is a column. */
function fitting(e: Expr, shape: Shape): Expr | null {
  const [rows, columns] = flatSize(shape);
  if (e.rows === rows && e.columns === columns) return e;
  return e.rows === columns && e.columns === rows && (rows === 1 || columns === 1)
    ? transpose(e)
    : null;
}

/** The elements in their order under another shape: the same, where rows and columns are. */
function reshaped({ args, shape }: Application): Expr | null {
  return fitting(args[0] as Expr, shape);
}

/** An op that the algebra does not know. */
export function opaque(a: Application): Expr {
  const { op, attrs, args, shapes, shape, output } = a;
  // What holds a differential is linear in it.
  const at = args.findIndex((arg) => arg.hot && (arg.kind === "sum" || arg.kind === "term"));
  const arg = args[at];
  if (arg !== undefined) {
    const inner = (part: Expr): Expr => opaque({ ...a, args: args.with(at, part) });
    if (arg.kind === "sum") return sum(arg.parts.map(inner));
    if (arg.kind === "term" && arg.body !== null) return term(arg.c, arg.scalars, inner(arg.body));
  }
  const [rows, columns] = flatSize(shape);
  if (args.some((x) => x.hot && x.kind === "zero")) return number(0);
  if (op.maps === 0 && args.length === 1 && shape.length === 2) {
    const { e, turned } = upright(args[0] as Expr);
    if (turned)
      return turn(
        opaque({ ...a, args: [e], shapes: [shape.toReversed()], shape: shape.toReversed() }),
      );
  }
  const key = [op.name, output, JSON.stringify(attrs) ?? "", ...shapes.map((s) => `[${s}]`)];
  const fields = { kind: "call", op, attrs, args, shapes, shape, output } as const;
  const symmetric = op.maps === 0 && args.length === 1 && args[0]?.symmetric === true;
  const traits = { rows, columns, parts: args, symmetric };
  return intern(
    `${key.join(" ")} ${args.map((x) => x.id).join(" ")} ${serial(op)}`,
    fields,
    traits,
  );
}

/** Ops of users may share a name. */
const serials = new WeakMap<AnyOp, number>();
let last = 0;
function serial(op: AnyOp): number {
  const known = serials.get(op) ?? ++last;
  serials.set(op, known);
  return known;
}

/** A formula in the shape of what it is broadcast to. */
function lifted(e: Expr, from: Shape, to: Shape): Expr {
  const [rows, columns] = flatSize(to);
  if (
    e.rows === rows &&
    e.columns === columns &&
    (from.length === to.length || rows * columns === e.rows * e.columns)
  ) {
    if (from.length < 2 === to.length < 2 || isScalar(e)) return e;
  }
  if (isScalar(e)) return filled(e, rows, columns);
  if (to.length === 2 && from.length <= 2) {
    const row = from.length === 1 ? transpose(e) : e;
    if (row.rows === rows && row.columns === columns) return row;
    if (row.rows === 1 && row.columns === columns) return product([ones(rows), row]);
    if (row.columns === 1 && row.rows === rows) return product([row, transpose(ones(columns))]);
  }
  const attrs = { shape: to };
  return opaque({ op: broadcastToOp, attrs, args: [e], shapes: [from], shape: to, output: 0 });
}

/** Reads an op's notation as a formula. */
class Reader {
  readonly #args = new Map<Notation, Expr>();
  readonly #wide: boolean;

  constructor(private readonly a: Application) {
    // Leading axes map: the signs of matrices would mean something else.
    this.#wide = [a.shape, ...a.shapes].some((shape) => shape.length > 2);
  }

  read(): Expr | null {
    const { op, attrs, args, shapes, shape } = this.a;
    const entrywise = op.maps === 0;
    if (this.#wide && !entrywise && !isSumOfAll(this.a)) return null;
    const names = args.map((arg, i) => {
      const n = name(`${i}`);
      const from = shapes[i] as Shape;
      const same = sameShape(from, shape) || isScalar(arg) || !entrywise;
      this.#args.set(n, same ? arg : lifted(arg, from, shape));
      return n;
    });
    return this.#of(op.notation(byName(op, names) as never, attrs));
  }

  #of(n: Notation): Expr | null {
    const own = this.#args.get(n);
    if (own !== undefined) return own;
    if (n.kind === "power") return this.#power(n);
    if (n.text === "broadcast") {
      const { args, shapes, shape } = this.a;
      return lifted(args[0] as Expr, shapes[0] as Shape, shape);
    }
    const parts: Expr[] = [];
    if (n.kind === "name") {
      const c = Number(n.text);
      return n.text !== "" && Number.isFinite(c) ? number(c) : null;
    }
    for (const part of n.parts) {
      const e = this.#of(part);
      if (e === null) return null;
      parts.push(e);
    }
    const [a, b] = parts as [Expr, Expr];
    if (n.kind === "prefix") return n.text === "−" ? times(-1, a) : null;
    if (n.kind === "fence") return n.text === "‖‖" && isSumOfAll(this.a) ? norm(a) : null;
    return n.kind === "infix" ? this.#infix(n.text, a, b) : this.#call(n.text, parts);
  }

  #infix(sign: string, a: Expr, b: Expr): Expr | null {
    switch (sign) {
      case "+":
        return sum(this.#level(a, b));
      case "−":
        return minus(...this.#level(a, b));
      case "∘":
        return hadamard([
          [a, 1],
          [b, 1],
        ]);
      case "⊘":
        return hadamard([
          [a, 1],
          [b, -1],
        ]);
      case "·":
        return a.columns === b.rows ? product([a, b]) : null;
      case "⊗":
        return kron(a, b);
      default: // a comparison, known where both sides are the same
        if (a !== b) return null;
        return filled(number("=≥≤".includes(sign) ? 1 : 0), ...flatSize(this.a.shape));
    }
  }

  /** Two terms of one size. */
  #level(a: Expr, b: Expr): [Expr, Expr] {
    if (alike(a, b)) return [a, b];
    if (isScalar(a)) return [filled(a, b.rows, b.columns), b];
    return [a, filled(b, a.rows, a.columns)];
  }

  #power({ parts }: Notation): Expr | null {
    const [base, exponent] = parts as [Notation, Notation];
    const X = this.#of(base);
    if (X === null) return null;
    const given = this.#args.get(exponent);
    if (given !== undefined) {
      const p = constantOf(given);
      if (p === null) return this.#raised(X, given);
      return isScalar(X) && !isScalar(given) ? null : hadamard([[X, p]]);
    }
    if (exponent.kind === "infix") {
      const [over, under] = exponent.parts.map((n) => Number(n.text)) as [number, number];
      return hadamard([[X, over / under]]);
    }
    if (exponent.text === "T") return transpose(X);
    const entrywise = exponent.text.startsWith("∘");
    const p = Number(entrywise ? exponent.text.slice(1) : exponent.text);
    if (Number.isNaN(p)) return null;
    if (entrywise) return hadamard([[X, p]]);
    return X.rows === X.columns && Number.isInteger(p) ? power(X, p) : null;
  }

  /** `X^∘a`: an exponent that is the same everywhere is a scalar. */
  #raised(X: Expr, given: Expr): Expr | null {
    const { c, scalars, body } = split(given);
    if (body === null || !isOnes(body) || isScalar(X)) return null;
    const { shapes } = this.a;
    const args = [X, term(c, scalars, null)];
    return opaque({ ...this.a, args, shapes: [shapes[0] as Shape, []] });
  }

  #call(f: string, parts: readonly Expr[]): Expr | null {
    const [a, b, c] = parts as [Expr, Expr, Expr];
    switch (f) {
      case "tr":
        return trace(a);
      case "det":
        return this.a.op.name === "det" ? det(a) : null;
      case "adj":
        return adj(a);
      case "diag":
        return diag(a);
      case "diagPart":
        return a.rows === a.columns ? diagPart(a) : null;
      case "where":
        return chosen(a, b, c, this.a.shape);
      case "sum":
        return total(a);
      case "mean":
        return mean(total(a), a, []);
    }
    const { dtype } = (this.a.attrs ?? {}) as { dtype?: DType };
    if (f === dtype) return isFloat(dtype) || isMask(a) ? a : null; // a cast
    const along = /^(sum|mean)([₋₀₁,]+)$/.exec(f);
    return along === null ? null : this.#along(along[1] as string, a);
  }

  /** The sum over the rows or the columns of a matrix; its shape says which. */
  #along(f: string, a: Expr): Expr | null {
    const [from] = this.a.shapes as [Shape];
    const axes = [(this.a.attrs as { axis: number | readonly number[] }).axis].flat();
    const over = axes.map((axis) => (axis < 0 ? axis + from.length : axis));
    if (over.length === from.length) return f === "sum" ? total(a) : mean(total(a), a, []);
    if (over.length === 0) return a;
    const whole =
      over[0] === 0 ? product([transpose(a), ones(a.rows)]) : product([a, ones(a.columns)]);
    return f === "sum" ? whole : mean(whole, a, over);
  }
}

/** The number that a formula is everywhere, or null. */
function constantOf(e: Expr): number | null {
  if (e.kind === "zero") return 0;
  const { c, scalars, body } = split(e);
  if (body === null) return numberOf(e);
  return scalars.length === 0 && isOnes(body) ? c : null;
}

/** `whole` divided by the number of elements that were added. */
function mean(whole: Expr, of: Expr, axes: readonly number[]): Expr {
  const over = axes.length === 0 ? [of.rows, of.columns] : axes[0] === 0 ? [of.rows] : [of.columns];
  return over.reduce((e, n) => scaled(term(1, [[size(n), -1]], null), e), whole);
}

/** Whether an op makes one number of all elements. */
function isSumOfAll({ shape, op, attrs }: Application): boolean {
  const { axis } = (attrs ?? {}) as { axis?: unknown };
  return shape.length === 0 && axis === undefined && ["sum", "mean", "norm"].includes(op.name);
}

/**
 * `where(test, A, B)`. A formula is read at values that do not happen to be equal; the remaining
 * choices between a value and 0 are products with the comparison.
 */
function chosen(test: Expr, A: Expr, B: Expr, shape: Shape): Expr | null {
  const known = constantOf(test);
  const lift = (e: Expr): Expr =>
    isScalar(e) && shape.length > 0 ? filled(e, ...flatSize(shape)) : e;
  if (known !== null) return lift(known === 0 ? B : A);
  if (test.kind === "call" && test.op.name === "greater") {
    const [, least] = test.args as [Expr, Expr];
    if (constantOf(least) === -Infinity) return lift(A);
  }
  if (holds(test, "equal")) return lift(B);
  if (holds(test, "notEqual")) return lift(A);
  if (!isMask(test)) return null;
  const mask = isScalar(test) ? test : lift(test);
  const one = isScalar(test) ? number(1) : lift(number(1));
  if (numberOf(B) === 0 || B.kind === "zero")
    return hadamard([
      [mask, 1],
      [lift(A), 1],
    ]);
  if (numberOf(A) === 0 || A.kind === "zero") {
    const other = minus(one, mask);
    return hadamard([
      [other, 1],
      [lift(B), 1],
    ]);
  }
  return null;
}

/** Whether it is such a comparison, or a product with one. */
function holds(test: Expr, op: string): boolean {
  if (test.kind === "call") {
    // A maximum is equal to an element.
    const [a, b] = test.args as [Expr, Expr];
    return test.op.name === op && !holdsPart(a, b) && !holdsPart(b, a);
  }
  return op === "equal" && factorsOf(test).some((e) => holds(e, op));
}

function holdsPart(e: Expr, part: Expr): boolean {
  const seen = new Set<Expr>();
  const visit = (x: Expr): boolean => {
    if (x === part) return true;
    if (seen.has(x)) return false;
    seen.add(x);
    return partsOf(x).some(visit);
  };
  return constantOf(part) === null && visit(e);
}

function factorsOf(e: Expr): readonly Expr[] {
  if (e.kind === "hadamard") return e.factors.map(([base]) => base);
  return e.kind === "term" ? [...e.scalars.map(([base]) => base), ...(e.body ? [e.body] : [])] : [];
}
