import type { Expression } from "./expression.js";

/**
 * The sizes of all parts of an expression, by unification: `vector(c)`, `matrix(c)` and `eye` take
 * theirs from what stands around them. Everything has rows and columns here: a vector of n is
 * n × 1, a scalar 1 × 1 (and so is what a product makes 1 × 1).
 */

/** Two sizes that must be equal and are not. */
export class SizeError extends Error {
  override name = "SizeError";
}

/** A number of rows or columns, once it is known; `same` leads to the one it was found equal to. */
interface Dim {
  value: number | null;
  same: Dim | null;
}

export interface Size {
  readonly rows: Dim;
  readonly columns: Dim;
}

const known = (value: number): Dim => ({ value, same: null });
const open = (): Dim => ({ value: null, same: null });
const scalar: Size = { rows: known(1), columns: known(1) };

function root(dim: Dim): Dim {
  return dim.same === null ? dim : root(dim.same);
}

export function numberOf(dim: Dim): number | null {
  return root(dim).value;
}

function unify(a: Dim, b: Dim, where: string): void {
  const p = root(a);
  const q = root(b);
  if (p === q) return;
  if (p.value !== null && q.value !== null) {
    if (p.value !== q.value) throw new SizeError(`${where}: ${p.value} vs ${q.value}`);
  } else if (p.value === null) p.same = q;
  else q.same = p;
}

function isScalar({ rows, columns }: Size): boolean {
  return numberOf(rows) === 1 && numberOf(columns) === 1;
}

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));
// softplus is not of the grammar, but how log(1 + exp(x)) is written so that it cannot overflow.
const entrywise = set(
  "exp log sin cos tan arcsin arccos arctan tanh abs sign relu sigmoid softmax softplus",
);
const toScalar = set("sum norm1 norm2 logsumexp max");
const squareToScalar = set("tr det logdet");
const squareToSquare = set("inv adj");

/** An expression with the size of each of its parts. */
export class Sized {
  private readonly sizes = new Map<Expression, Size>();
  /** Dimensions that are products of two others, of Kronecker products. */
  private readonly products: { readonly of: Dim; readonly a: Dim; readonly b: Dim }[] = [];

  /** @throws SizeError where the sizes of the variables do not fit the expression. */
  constructor(
    readonly tree: Expression,
    private readonly variables: ReadonlyMap<string, readonly number[]>,
  ) {
    this.visit(tree);
    this.settle();
  }

  /** Tells the size of the whole, from which open sizes may follow; a SizeError if it differs. */
  expect(shape: readonly number[]): this {
    const { rows, columns } = this.sizes.get(this.tree) as Size;
    const [m, n] = twoDimensional(shape);
    // Both must fit before either is set: what does not fit is left as it was.
    if ((numberOf(rows) ?? m) !== m || (numberOf(columns) ?? n) !== n) {
      const shown = [numberOf(rows), numberOf(columns)].map((x) => x ?? "?").join("x");
      throw new SizeError(`the whole: ${shown} vs ${m}x${n}`);
    }
    unify(rows, known(m), "the whole");
    unify(columns, known(n), "the whole");
    this.settle();
    return this;
  }

  /** The rows and columns of a part (of the whole, unless told). */
  sizeOf(part: Expression = this.tree): [rows: number, columns: number] {
    const { rows, columns } = this.sizes.get(part) as Size;
    const [m, n] = [numberOf(rows), numberOf(columns)];
    if (m !== null && n !== null) return [m, n];
    throw new SizeError(`the size of ${describe(part)} does not follow from its context`);
  }

  private settle(): void {
    for (let going = true; going; ) {
      going = false;
      for (const { of, a, b } of this.products) {
        const [p, x, y] = [numberOf(of), numberOf(a), numberOf(b)];
        if (x !== null && y !== null) {
          unify(of, known(x * y), "kron");
          going ||= p === null;
        } else if (p !== null && (x ?? y) !== null) {
          const other = (x ?? y) as number;
          if (p % other !== 0) throw new SizeError(`kron: ${p} is no multiple of ${other}`);
          unify(x === null ? a : b, known(p / other), "kron");
          going = true;
        }
      }
    }
  }

  private visit(node: Expression): Size {
    const size = this.infer(node);
    this.sizes.set(node, size);
    return size;
  }

  private infer(node: Expression): Size {
    switch (node.kind) {
      case "number":
        return scalar;
      case "name":
        return this.name(node.name);
      case "minus":
        return this.visit(node.arg);
      case "transpose": {
        const { rows, columns } = this.visit(node.arg);
        return { rows: columns, columns: rows };
      }
      case "call":
        return this.call(
          node.name,
          node.args.map((arg) => this.visit(arg)),
        );
      case "binary":
        return this.binary(node.op, this.visit(node.left), this.visit(node.right));
    }
  }

  private name(name: string): Size {
    const shape = this.variables.get(name);
    if (shape !== undefined) {
      const [rows, columns] = twoDimensional(shape);
      return { rows: known(rows), columns: known(columns) };
    }
    if (name !== "eye") throw new SizeError(`${name} is not among the variables`);
    const n = open();
    return { rows: n, columns: n };
  }

  private binary(op: string, left: Size, right: Size): Size {
    switch (op) {
      case "*":
        if (isScalar(left)) return right;
        if (isScalar(right)) return left;
        unify(left.columns, right.rows, "*");
        return { rows: left.rows, columns: right.columns };
      case "/":
        equal(right, scalar, "the divisor of /");
        return left;
      case "^":
        equal(left, scalar, "the base of ^");
        equal(right, scalar, "the exponent of ^");
        return scalar;
      case ".^":
        if (!isScalar(right)) equal(left, right, op);
        return left;
      default:
        equal(left, right, op);
        return left;
    }
  }

  private call(name: string, args: readonly Size[]): Size {
    const [first, second] = args as [Size, Size];
    const wanted = name === "kron" ? 2 : 1;
    if (args.length !== wanted) {
      throw new SizeError(`${name} takes ${wanted} argument(s), ${args.length} came`);
    }
    if (entrywise.has(name)) return first;
    if (toScalar.has(name)) return scalar;
    if (squareToScalar.has(name) || squareToSquare.has(name)) {
      unify(first.rows, first.columns, name);
      return squareToScalar.has(name) ? scalar : first;
    }
    switch (name) {
      case "diag":
        if (numberOf(first.columns) === 1) return { rows: first.rows, columns: first.rows };
        unify(first.rows, first.columns, name);
        return { rows: first.rows, columns: known(1) };
      case "kron": {
        const size = { rows: open(), columns: open() };
        this.products.push({ of: size.rows, a: first.rows, b: second.rows });
        this.products.push({ of: size.columns, a: first.columns, b: second.columns });
        this.settle();
        return size;
      }
      case "vector":
        equal(first, scalar, "the argument of vector");
        return { rows: open(), columns: known(1) };
      case "matrix":
        equal(first, scalar, "the argument of matrix");
        return { rows: open(), columns: open() };
      default:
        throw new SizeError(`${name} is not a function of the grammar`);
    }
  }
}

function equal(a: Size, b: Size, where: string): void {
  unify(a.rows, b.rows, where);
  unify(a.columns, b.columns, where);
}

/** `[]` is 1 × 1 and `[n]` a column. */
export function twoDimensional(shape: readonly number[]): [rows: number, columns: number] {
  return [shape[0] ?? 1, shape[1] ?? 1];
}

function describe(part: Expression): string {
  return part.kind === "call" || part.kind === "name" ? part.name : `the ${part.kind}`;
}
