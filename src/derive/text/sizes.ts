import { ShapeError } from "../../tensor/errors.js";
import type { Shape } from "../../tensor/shape.js";
import {
  close,
  compatible,
  type Dim,
  isOne,
  known,
  Names,
  numberOf,
  one,
  open,
  type Product,
  root,
  type Size,
  settle,
  type Unknown,
  unify,
} from "./dims.js";
import { functions } from "./functions.js";
import { type Expression, walk } from "./parse.js";
import { atPlace } from "./place.js";

/**
 * The sizes of all parts of an expression, by unification: `vector(c)`, `matrix(c)` and `eye` take
 * theirs from what stands around them. Everything has rows and columns here: a vector of n is
 * n × 1, a scalar 1 × 1 (and so is what a product makes 1 × 1).
 */

/** What a variable is. A symmetric matrix is square; that it is symmetric is known to no op. */
export type Kind = "scalar" | "vector" | "matrix" | "symmetric matrix";

/** What is known of a variable before the expression is looked at. */
export interface Declared {
  readonly kind: Kind;
  readonly shape?: Shape;
}

/** Sizes that do not fit; the message names the operator, its operands, and where it stands. */
export class SizeError extends ShapeError {
  override name = "SizeError";

  constructor(
    message: string,
    /** The two numbers of rows or columns that should be equal. */
    readonly clash: readonly [Dim, Dim],
  ) {
    super(message);
  }
}

type Binary = Extract<Expression, { kind: "binary" }>;
type Call = Extract<Expression, { kind: "call" }>;

/** An expression with the size of each of its parts. */
export class Sizes {
  /** Sizes that are products of two others, of Kronecker products. */
  readonly products: Product[] = [];
  private readonly sizes = new Map<Expression, Size>();
  private readonly variables = new Map<string, Size>();
  /** Without numbers `vector(1)` is no scalar, as a variable that is a vector is none. */
  private readonly plural: boolean;

  /** @throws SizeError where the variables do not fit the expression. */
  constructor(
    private readonly text: string,
    readonly tree: Expression,
    declared: ReadonlyMap<string, Declared>,
  ) {
    this.plural = ![...declared.values()].some(({ shape }) => shape !== undefined);
    for (const [name, variable] of declared) this.variables.set(name, sizeOfVariable(variable));
    walk(tree, (node) => {
      this.sizes.set(node, this.infer(node));
    });
    this.follow(settle(this.products) ?? close(this.products));
  }

  /** The size of a part, or of the whole. */
  of(part: Expression = this.tree): Size {
    return this.sizes.get(part) as Size;
  }

  ofVariable(name: string): Size {
    return this.variables.get(name) as Size;
  }

  /** Tells the size of the whole, from which open sizes may follow; a SizeError if it differs. */
  expect(shape: Shape): this {
    const [m, n] = twoDimensional(shape).map(known) as [Unknown, Unknown];
    const what = () => `${this.shown(this.tree)}; ${m.value}×${n.value} was expected`;
    this.same(this.of(), { rows: m, columns: n }, this.tree.at, what);
    this.follow(settle(this.products));
    return this;
  }

  /** Names for open sizes: those of matrices first, of square ones and vectors, of all else. */
  names(): Names {
    const names = new Names(this.products, new Set(this.variables.keys()));
    const sizes = [...this.variables.values()];
    const isTwo = ({ rows, columns }: Size) => numberOf(rows) !== 1 && numberOf(columns) !== 1;
    const isSquare = ({ rows, columns }: Size) => root(rows) === root(columns);
    for (const size of sizes) if (isTwo(size) && !isSquare(size)) names.add(size);
    for (const size of sizes) if (isTwo(size)) names.add(size);
    for (const size of sizes) names.add(size);
    walk(this.tree, (node) => {
      const size = this.sizes.get(node);
      if (size !== undefined) names.add(size);
    });
    return names;
  }

  /** A part as it is written, with its size. */
  private shown(node: Expression): string {
    const { rows, columns } = this.of(node);
    const names = this.names();
    const size = isOne({ rows, columns })
      ? "a scalar"
      : `${names.show(rows)}×${names.show(columns)}`;
    return `${this.written(node)} is ${size}`;
  }

  private written({ at, end }: Expression): string {
    return this.text.slice(at, end);
  }

  private fail(at: number, what: string, a: Unknown, b: Unknown): never {
    const names = this.names();
    throw new SizeError(atPlace(this.text, at, what), [names.show(a), names.show(b)]);
  }

  private equal(a: Unknown, b: Unknown, at: number, what: () => string): void {
    if (!compatible(a, b)) this.fail(at, what(), a, b);
    unify(a, b);
  }

  /** Makes two sizes equal; both ways must fit before either is set. */
  private same(a: Size, b: Size, at: number, what: () => string): void {
    if (!compatible(a.rows, b.rows)) this.fail(at, what(), a.rows, b.rows);
    if (!compatible(a.columns, b.columns)) this.fail(at, what(), a.columns, b.columns);
    unify(a.rows, b.rows);
    this.equal(a.columns, b.columns, at, what);
  }

  private follow(failed: Product | null): void {
    if (failed === null) return;
    const { of, a, b } = failed;
    const names = new Names([], new Set(this.variables.keys()));
    const [p, x, y] = [of, a, b].map((dim) => names.show(dim));
    const what = `no sizes fit the Kronecker product: ${p} would be ${x} times ${y}`;
    const call = this.callOf(failed) ?? this.tree;
    this.fail(call.at, what, of, numberOf(a) === null ? b : a);
  }

  private callOf({ of }: Product): Expression | undefined {
    return [...this.sizes].find(([, { rows, columns }]) => rows === of || columns === of)?.[0];
  }

  private infer(node: Expression): Size {
    switch (node.kind) {
      case "number":
        return one;
      case "name":
        return this.variables.get(node.name) ?? squareOf(open());
      case "minus":
        return this.of(node.arg);
      case "transpose": {
        const { rows, columns } = this.of(node.arg);
        return { rows: columns, columns: rows };
      }
      case "call":
        return this.call(node);
      case "binary":
        return this.binary(node);
    }
  }

  private binary(node: Binary): Size {
    const { op, sign, left, right } = node;
    const [L, R] = [this.of(left), this.of(right)];
    const both = () => `${this.shown(left)} and ${this.shown(right)}`;
    switch (op) {
      case "*": {
        if (isOne(L)) return R;
        if (isOne(R)) return L;
        this.equal(L.columns, R.rows, sign, () => `${both()}; ${this.unmatched(node)}`);
        return { rows: L.rows, columns: R.columns };
      }
      case "/": {
        const what = () =>
          `${this.shown(right)}; / divides by a scalar (./ divides entrywise, ` +
          "A*inv(B) is the quotient of matrices)";
        this.same(R, one, sign, what);
        return L;
      }
      case "^":
        return this.power(node, L, R);
      case ".^": {
        const what = () => `${both()}; the exponent of .^ is a scalar, or of the size of the base`;
        if (!isOne(R)) this.same(L, R, sign, what);
        return L;
      }
      default: {
        const what = () => `${both()}; ${op} takes operands of one size${this.lift(node)}`;
        this.same(L, R, sign, what);
        return L;
      }
    }
  }

  /** `c^d` of scalars, or a whole power of a square matrix. */
  private power({ sign, left, right }: Binary, L: Size, R: Size): Size {
    const what = () =>
      `${this.shown(right)}; the exponent of ^ is a scalar${
        this.written(right) === "T" ? " (a transpose is written X')" : " (.^ is entrywise)"
      }`;
    this.same(R, one, sign, what);
    if (isOne(L)) return one;
    this.equal(L.rows, L.columns, sign, () => {
      const [base, exponent] = [this.written(left), this.written(right)];
      return (
        `${this.shown(left)}; ^ is the power of a scalar or a square matrix, ` +
        `the entrywise power is written ${base}.^${exponent}`
      );
    });
    if (wholeNumber(right) === null) {
      const shown = `${this.shown(left)}, and ${this.written(right)} is no whole number`;
      const what = `${shown}; a matrix has whole powers only (the entrywise power is .^)`;
      this.fail(right.at, what, L.rows, one.rows);
    }
    return L;
  }

  private call({ name, args, at }: Call): Size {
    const [first, second] = args.map((arg) => this.of(arg)) as [Size, Size];
    const [X] = args as readonly [Expression];
    const square = () =>
      this.equal(
        first.rows,
        first.columns,
        at,
        () =>
          `${this.shown(X)}; ${name} takes a square matrix${name === "diag" ? " or a vector" : ""}`,
      );
    switch (functions.get(name)?.size) {
      case "entrywise":
        return first;
      case "reduces":
        return one;
      case "square to scalar":
        square();
        return one;
      case "square to square":
        square();
        return first;
      case "vector to vector":
        this.equal(
          first.columns,
          one.columns,
          at,
          () => `${this.shown(X)}; ${name} takes a vector`,
        );
        return first;
      case "diag":
        if (numberOf(first.columns) === 1) return squareOf(first.rows);
        square();
        return { rows: first.rows, columns: one.columns };
      case "kron": {
        const size = { rows: open(), columns: open() };
        this.products.push({ of: size.rows, a: first.rows, b: second.rows });
        this.products.push({ of: size.columns, a: first.columns, b: second.columns });
        this.follow(settle(this.products));
        return size;
      }
      default: // vector and matrix
        this.same(first, one, at, () => `${this.shown(X)}; ${name} takes a scalar`);
        return { rows: open(this.plural), columns: name === "vector" ? one.columns : open() };
    }
  }

  /** What does not match in a product, and what was perhaps meant. */
  private unmatched({ left, right }: Binary): string {
    const [L, R] = [this.of(left), this.of(right)];
    const [x, y] = [left, right].map((node) => this.written(node));
    if (numberOf(L.columns) === 1 && numberOf(R.columns) === 1) {
      return `write ${x}'*${y} for the inner product, ${x}*${y}' for the outer, ${x}.*${y} entrywise`;
    }
    const turned =
      compatible(L.columns, R.columns) && numberOf(R.rows) !== 1 ? ` (with ${y}' they would)` : "";
    return `the columns of ${x} and the rows of ${y} must match${turned}`;
  }

  /** How a scalar is written where a vector or matrix is wanted. */
  private lift({ left, right }: Binary): string {
    const [L, R] = [this.of(left), this.of(right)];
    if (isOne(L) === isOne(R)) return "";
    const [constant, other] = isOne(L) ? [left, R] : [right, L];
    const f = numberOf(other.columns) === 1 ? "vector" : "matrix";
    return `; write ${f}(${this.written(constant)}) for one that has ${this.written(constant)} everywhere`;
  }
}

/** `[]` is 1 × 1 and `[n]` a column. */
export function twoDimensional(shape: Shape): [rows: number, columns: number] {
  return [shape[0] ?? 1, shape[1] ?? 1];
}

/** The whole number that an exponent is written as, or null where it is anything else. */
export function wholeNumber(node: Expression): number | null {
  if (node.kind === "minus") {
    const k = wholeNumber(node.arg);
    return k === null ? null : 0 - k;
  }
  return node.kind === "number" && Number.isSafeInteger(node.value) ? node.value : null;
}

function squareOf(n: Unknown): Size {
  return { rows: n, columns: n };
}

function sizeOfVariable({ kind, shape }: Declared): Size {
  if (shape !== undefined) {
    const [m, n] = twoDimensional(shape);
    return { rows: known(m), columns: known(n) };
  }
  switch (kind) {
    case "scalar":
      return one;
    case "vector":
      return { rows: open(true), columns: one.columns };
    case "matrix":
      return { rows: open(true), columns: open(true) };
    case "symmetric matrix":
      return squareOf(open(true));
  }
}
