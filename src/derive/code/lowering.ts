import { ops } from "../../ops/table.js";
import { UsageError } from "../../tensor/errors.js";
import { broadcast, type Shape, sameShape } from "../../tensor/shape.js";
import { times, transpose } from "../algebra.js";
import { isMask } from "../evaluate.js";
import { type Call, type Expr, type Factor, isScalar, type Known, type Term } from "../expr.js";
import { isOnes } from "../hadamard.js";
import { diagonal, product } from "../product.js";

/*
 * Formulas as programs of tensors. In a formula everything has rows and columns; in a program a
 * scalar is `[]`, a column or a row is `[n]`, and what is a vector repeated need not be written out.
 * Equal steps are one node, so that what is needed twice can be calculated once.
 */

/** One step: an op of the library, by its name, on the results of others. */
export interface Node {
  readonly op: string;
  readonly args: readonly Node[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly shape: Shape;
}

/** A formula's size as the shape of a tensor. */
function shapeOf({ rows, columns }: Expr): Shape {
  if (rows === 1 && columns === 1) return [];
  return columns === 1 ? [rows] : rows === 1 ? [columns] : [rows, columns];
}

const ours = new Set(ops.map(({ op }) => op));

const isNorm = (e: Expr): e is Known => e.kind === "function" && e.name === "norm";

/** Makes the steps of formulas. */
export class Lowering {
  readonly #full = new Map<Expr, Node>();
  readonly #known = new Map<string, Node>();
  readonly #ids = new Map<Node, number>();

  /** @param shapeOf the shape of a variable */
  constructor(private readonly variable: (name: string) => Shape) {}

  /** The value of a formula in the shape of a tensor. */
  shaped(e: Expr, shape: Shape): Node {
    return this.#reshape(this.#of(e), shape);
  }

  #of(e: Expr): Node {
    let node = this.#full.get(e);
    if (node === undefined) {
      node = this.#lower(e);
      if (!sameShape(node.shape, shapeOf(e))) throw new Error(`code: a ${e.kind} of another shape`);
      this.#full.set(e, node);
    }
    return node;
  }

  /** A value that broadcasts to that of a formula: a repeated column is `[n, 1]`, a row `[n]`. */
  #loose(e: Expr): Node {
    if (isOnes(e)) return this.#number(1);
    if (e.kind === "term") return this.#term(e, true);
    if (e.kind !== "product") return this.#of(e);
    const [first, last] = [e.parts[0] as Expr, e.parts.at(-1) as Expr];
    if (isOnes(last) && last.rows === 1) {
      const column = this.#of(product(e.parts.slice(0, -1)));
      return column.shape.length === 0 ? column : this.#column(column);
    }
    if (isOnes(first) && first.columns === 1) return this.#of(product(e.parts.slice(1)));
    return this.#of(e);
  }

  /** Values for one entrywise op: loose ones where the others give the shape. */
  #level(parts: readonly Expr[], shape: Shape): Node[] {
    const nodes = parts.map((part) => this.#loose(part));
    const common = nodes.reduce<Shape | null>((s, n) => s && broadcast(s, n.shape), []);
    if (common !== null && sameShape(common, shape)) return nodes;
    return [this.#of(parts[0] as Expr), ...nodes.slice(1)];
  }

  #lower(e: Expr): Node {
    const shape = shapeOf(e);
    switch (e.kind) {
      case "symbol": {
        const { name, value } = e;
        const own = value === null ? this.variable(name) : value.shape;
        return this.#reshape(this.#node("variable", [], own, { name, constant: value }), shape);
      }
      case "differential":
        throw new Error("code: a differential has no value");
      case "zero":
        return shape.length === 0 ? this.#number(0) : this.#node("full", [], shape, { value: 0 });
      case "ones":
        return this.#node("full", [], shape, { value: 1 });
      case "eye":
        return this.#node("eye", [], shape);
      case "size":
        return this.#node("size", [], [], { n: e.n });
      case "commutation":
        return this.#node("commutation", [], shape, { of: e.of });
      case "transpose":
        return this.#t(this.#of(e.of));
      case "sum":
        return this.#sum(e.parts, shape);
      case "term":
        return this.#term(e, false);
      case "hadamard":
        return this.#hadamard(e.factors, shape);
      case "product":
        return this.#chain(e.parts);
      case "power":
        return this.#node("matrixPower", [this.#of(e.of)], shape, { k: e.exponent });
      case "function":
        return this.#function(e, shape);
      case "call":
        return isMask(e) ? this.#chosen(e, this.#number(1)) : this.#reshape(this.#call(e), shape);
    }
  }

  #node(
    op: string,
    args: readonly Node[],
    shape: Shape,
    attrs: Readonly<Record<string, unknown>> = {},
  ): Node {
    if (op === "matrixPower" && attrs.k === -1) return this.#node("inv", args, shape);
    // Constants have names.
    const told = JSON.stringify({ ...attrs, constant: (attrs.constant ?? null) !== null });
    const key = `${op} ${args.map((arg) => this.#ids.get(arg)).join(" ")} [${shape}] ${told}`;
    let node = this.#known.get(key);
    if (node === undefined) {
      node = { op, args, attrs, shape };
      this.#known.set(key, node);
      this.#ids.set(node, this.#ids.size);
    }
    return node;
  }

  #number(value: number): Node {
    return this.#node("number", [], [], { value });
  }

  /** An entrywise op of two. */
  #binary(op: string, a: Node, b: Node): Node {
    const one = (n: Node): boolean => n.op === "number" && n.attrs.value === 1;
    if ((op === "mul" || op === "div") && one(b)) return a;
    if (op === "mul" && one(a)) return b;
    return this.#node(op, [a, b], broadcast(a.shape, b.shape) as Shape);
  }

  /** An entrywise op of one. */
  #unary(op: string, x: Node): Node {
    return this.#node(op, [x], x.shape);
  }

  #reshape(x: Node, shape: Shape): Node {
    if (sameShape(x.shape, shape)) return x;
    if (x.op === "number") return this.#node("full", [], shape, { value: x.attrs.value });
    const from = x.op === "reshape" ? (x.args[0] as Node) : x;
    if (sameShape(from.shape, shape)) return from;
    return this.#node("reshape", [from], shape, { shape });
  }

  /** A vector as a column. */
  #column(v: Node): Node {
    return this.#node("column", [v], [v.shape[0] as number, 1]);
  }

  #t(x: Node): Node {
    if (x.shape.length < 2) return x;
    return x.op === "t" ? (x.args[0] as Node) : this.#node("t", [x], x.shape.toReversed());
  }

  /** Positive terms stand first. */
  #sum(parts: readonly Expr[], shape: Shape): Node {
    const isNegative = (e: Expr): boolean => e.kind === "term" && e.c < 0;
    const terms = [...parts].sort((a, b) => Number(isNegative(a)) - Number(isNegative(b)));
    const all = terms.some((e) => !isNegative(e));
    const minus = terms.map((e) => all && isNegative(e));
    const bodies = terms.map((e, i) => (minus[i] ? times(-1, e) : e));
    return this.#level(bodies, shape).reduce((a, b, i) =>
      this.#binary(minus[i] ? "sub" : "add", a, b),
    );
  }

  /** Scalars are multiplied first; the body comes last, or is divided by a scalar alone. */
  #term({ c, scalars, body }: Term, loose: boolean): Node {
    const above: Node[] = Math.abs(c) === 1 ? [] : [this.#number(c)];
    const below: Node[] = [];
    for (const [base, p] of scalars) {
      if (p < 0 && isNorm(base)) {
        above.push(this.#power(this.#unary("overNorm", this.#of(base)), -p));
      } else (p < 0 ? below : above).push(this.#power(base, Math.abs(p)));
    }
    const end = body === null ? null : loose ? this.#loose(body) : this.#of(body);
    const mul = (a: Node, b: Node): Node => this.#binary("mul", a, b);
    if (end !== null && (above.length === 0 || below.length === 0)) above.push(end);
    const [first = this.#number(1), ...rest] = above;
    let value = [c === -1 ? this.#negative(first) : first, ...rest].reduce(mul);
    if (below.length > 0) value = this.#binary("div", value, below.reduce(mul));
    return end === null || above.includes(end) ? value : mul(value, end);
  }

  #negative(x: Node): Node {
    return x.op === "number" ? this.#number(-(x.attrs.value as number)) : this.#unary("neg", x);
  }

  /** An entrywise power; the square of a norm needs no root. */
  #power(base: Expr | Node, p: number): Node {
    if ("id" in base && isNorm(base) && p % 2 === 0) {
      return this.#power(this.#squares(base.args[0] as Expr), p / 2);
    }
    const x = "id" in base ? this.#of(base) : base;
    if (p === 1) return x;
    if (p === 2) return this.#unary("square", x);
    return p === 0.5 ? this.#unary("sqrt", x) : this.#binary("pow", x, this.#number(p));
  }

  /** `‖X‖²` */
  #squares(X: Expr): Node {
    const x = this.#of(X);
    if (x.shape.length === 0) return this.#unary("square", x);
    if (x.shape.length === 1) return this.#node("dot", [x, x], []);
    return this.#node("sum", [this.#unary("square", x)], []);
  }

  /** A comparison discards elements, however large they are. */
  #hadamard(factors: readonly Factor[], shape: Shape): Node {
    const masks = factors.map(([base]) => base).filter(isMask) as Call[];
    const list = factors.filter(([base]) => !isMask(base));
    const bases = list.map(([base]) => base);
    // A mask has all its elements.
    const nodes = masks.length > 0 ? bases.map((e) => this.#loose(e)) : this.#level(bases, shape);
    const powers = list.map(([, p], i) => this.#power(nodes[i] as Node, Math.abs(p)));
    const above = powers.filter((_, i) => (list[i]?.[1] as number) > 0);
    const below = powers.filter((_, i) => (list[i]?.[1] as number) < 0);
    const [first = this.#number(1), ...rest] = above;
    let value = rest.reduce((a, b) => this.#binary("mul", a, b), first);
    value = below.reduce((a, b) => this.#binary("div", a, b), value);
    return masks.reduce((v, mask) => this.#chosen(mask, v), value);
  }

  /** `value` where a comparison holds, else 0. */
  #chosen(mask: Call, value: Node): Node {
    const test = this.#reshape(this.#call(mask), shapeOf(mask));
    const shape = broadcast(test.shape, value.shape) as Shape;
    return this.#node("where", [test, value, this.#number(0)], shape);
  }

  /** A chain of matrices, vectors at its ends, or in its middle as a column and a row. */
  #chain(parts: readonly Expr[]): Node {
    const [first, last] = [parts[0] as Expr, parts.at(-1) as Expr];
    if (parts.length === 1) return this.#of(first);
    const cut = parts.findIndex((e, i) => i > 0 && e.rows === 1);
    if (cut > 0) {
      const [a, b] = [this.#chain(parts.slice(0, cut)), this.#chain(parts.slice(cut))];
      if (a.shape.length === 0 || b.shape.length === 0) return this.#binary("mul", a, b);
      return this.#node("outer", [a, b], [...a.shape, ...b.shape]);
    }
    if (first.rows === 1) {
      if (last.columns > 1) return this.#chain(parts.toReversed().map(transpose));
      const rest = this.#chain(parts.slice(1));
      return isOnes(first)
        ? this.#node("sum", [rest], [])
        : this.#node("dot", [this.#of(first), rest], []);
    }
    if (last.columns === 1 || parts.slice(0, -1).some(isInverse)) {
      return parts.slice(0, -2).reduceRight((y, e) => this.#times(e, y), this.#end(parts));
    }
    if (diagonal(first) !== null) return this.#times(first, this.#chain(parts.slice(1)));
    return parts.slice(1).reduce((y, e) => this.#timesRight(y, e), this.#of(first));
  }

  /** The product of the last two of a chain. */
  #end(parts: readonly Expr[]): Node {
    const [A, B] = parts.slice(-2) as [Expr, Expr];
    if (!isOnes(B) || isInverse(A)) {
      return B.columns > 1 && isInverse(B) && !isInverse(A)
        ? this.#timesRight(this.#of(A), B)
        : this.#times(A, this.#of(B));
    }
    const [of, axis] = A.kind === "transpose" ? [A.of, 0] : [A, 1];
    return this.#node("sum", [this.#of(of)], [A.rows], { axis });
  }

  /** `A·Y` */
  #times(A: Expr, Y: Node): Node {
    const scale = diagonal(A);
    if (scale !== null) {
      const v = this.#of(scale);
      return this.#binary("mul", Y.shape.length === 1 ? v : this.#column(v), Y);
    }
    const { base, p, turned } = powerOf(A);
    const alone = p > 1 && (Y.shape.length > 1 || p > 4);
    if (p === 1 || alone) return this.#matmul(this.#of(A), Y);
    const own = turned ? this.#t(this.#of(base)) : this.#of(base);
    let value = Y;
    for (let i = 0; i < Math.abs(p); i++) {
      value = p > 0 ? this.#matmul(own, value) : this.#node("solve", [own, value], value.shape);
    }
    return value;
  }

  /** `Y·A` */
  #timesRight(Y: Node, A: Expr): Node {
    const scale = diagonal(A);
    if (scale !== null) return this.#binary("mul", Y, this.#of(scale));
    if (!isInverse(A)) return this.#matmul(Y, this.#of(A));
    return this.#t(this.#times(transpose(A), this.#t(Y)));
  }

  #matmul(A: Node, B: Node): Node {
    return this.#node("matmul", [A, B], [A.shape[0] as number, ...B.shape.slice(1)]);
  }

  #function({ name, args }: Known, shape: Shape): Node {
    const X = args[0] as Expr;
    switch (name) {
      case "tr":
        return this.#trace(X);
      case "sum":
        return this.#node("sum", [this.#of(X)], []);
      case "norm":
        return isScalar(X)
          ? this.#unary("abs", this.#of(X))
          : this.#node("norm", [this.#of(X)], []);
      case "det":
        return this.#node("det", [this.#of(X)], []);
      case "adj":
        return this.#node("adjugate", [this.#of(X)], shape);
      case "diag":
      case "diagPart":
        return this.#node(name, [this.#of(X)], shape);
      case "kron": {
        const wide = args.map((e) => this.#reshape(this.#of(e), [e.rows, e.columns]));
        const [rows, columns] = args.reduce(([m, n], e) => [m * e.rows, n * e.columns], [1, 1]);
        return this.#reshape(this.#node("kron", wide, [rows, columns]), shape);
      }
      case "vec":
        return this.#reshape(this.#of(X), shape);
    }
  }

  /** `tr(Aᵀ·B)` is the sum of A∘B. */
  #trace(X: Expr): Node {
    const parts = X.kind === "product" ? X.parts : [X];
    const round = (i: number): readonly Expr[] => [...parts.slice(i), ...parts.slice(0, i)];
    const inverse = parts.findIndex(isInverse);
    if (parts.length < 2 || inverse >= 0) {
      return this.#node("trace", [this.#chain(round(Math.max(inverse, 0)))], []);
    }
    const first = [
      parts.findIndex((e) => e.kind === "transpose"),
      parts.findIndex((e) => diagonal(e) === null),
    ].find((i) => i >= 0);
    const [A, ...rest] = round(first ?? 0) as [Expr, ...Expr[]];
    const turned = A.symmetric ? this.#of(A) : this.#t(this.#of(A));
    return this.#node("sum", [this.#binary("mul", turned, this.#chain(rest))], []);
  }

  /** The result of an op that the algebra does not know, in its own shape. */
  #call(e: Call): Node {
    const { op, attrs, args, shapes, shape, output } = e;
    if (!ours.has(op)) {
      throw new UsageError(`code: ${op.name} is an op of your own, which no other program has`);
    }
    const own = (arg: Expr, i: number): Node => {
      const to = shapes[i] as Shape;
      const selects = op.selects[i] === true;
      if (!selects || op.masks !== true) return this.#reshape(this.#of(arg), to);
      if (isMask(arg)) return this.#reshape(this.#call(arg as Call), to);
      return this.#binary("notEqual", this.#reshape(this.#of(arg), to), this.#number(0));
    };
    const nodes = args.map(own);
    const entries = Object.entries((attrs ?? {}) as Record<string, unknown>);
    const given = Object.fromEntries(
      entries.filter(([key, x]) => x !== undefined && (x || key !== "keepDims")),
    );
    if (op.outputs.length === 1) return this.#node(op.name, nodes, shape, given);
    const all = this.#node(op.name, nodes, [], given);
    return this.#node("output", [all], shape, { output, name: op.outputs[output] });
  }
}

/** A factor as a power of a matrix, or of its transpose. */
function powerOf(e: Expr): { readonly base: Expr; readonly p: number; readonly turned: boolean } {
  const inner = e.kind === "transpose" ? e.of : e;
  if (inner.kind !== "power") return { base: e, p: 1, turned: false };
  return { base: inner.of, p: inner.exponent, turned: inner !== e };
}

function isInverse(e: Expr): boolean {
  return powerOf(e).p < 0;
}
