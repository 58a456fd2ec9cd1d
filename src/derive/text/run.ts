import { add, div, mul, neg, pow, reciprocal, square, sub } from "../../ops/arithmetic.js";
import { adjugate, det, logdet } from "../../ops/determinant.js";
import { diag, diagPart, trace } from "../../ops/diagonal.js";
import { log } from "../../ops/elementwise.js";
import { matrixPower } from "../../ops/power.js";
import { dot, kron, matmul, outer } from "../../ops/product.js";
import { broadcastTo, reshape, t } from "../../ops/reshape.js";
import { softmax } from "../../ops/softmax.js";
import { inv } from "../../ops/solve.js";
import type { DType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { constant, identity } from "../symbolic.js";
import { isOne, numberOf, type Size, type Unknown } from "./dims.js";
import { functions } from "./functions.js";
import type { Expression } from "./parse.js";
import { type Sizes, wholeNumber } from "./sizes.js";

/**
 * A value while an expression runs: a number that is written there, or a tensor, `[]` where the size
 * is 1 × 1, `[n]` where it is a column or a row of n, else `[m, n]`. Which of these, the sizes say
 * before anything runs, so that values may be symbols.
 */
type Value = Tensor | number;

type Form = "scalar" | "column" | "row" | "matrix";

type Binary = Extract<Expression, { kind: "binary" }>;
type Call = Extract<Expression, { kind: "call" }>;

function formOf(size: Size): Form {
  if (isOne(size)) return "scalar";
  if (numberOf(size.columns) === 1) return "column";
  return numberOf(size.rows) === 1 ? "row" : "matrix";
}

/** Runs an expression on tensors by public ops, in the order in which it is written. */
export class Run {
  constructor(
    private readonly sizes: Sizes,
    private readonly variables: ReadonlyMap<string, Tensor>,
    private readonly dtype: DType,
    private readonly numberOf: (dim: Unknown, of: Expression) => number,
  ) {}

  /** The value of the whole: `[]`, `[n]`, or `[m, n]` (a row is `[1, n]`). */
  whole(): Tensor {
    const { tree } = this.sizes;
    const value = this.tensor(this.visit(tree));
    return this.form(tree) === "row" ? reshape(value, [1, value.size]) : value;
  }

  private form(node: Expression): Form {
    return formOf(this.sizes.of(node));
  }

  private tensor(value: Value): Tensor {
    return typeof value === "number" ? constant(value, [], this.dtype) : value;
  }

  private visit(node: Expression): Value {
    switch (node.kind) {
      case "number":
        return node.value;
      case "name":
        return this.name(node, node.name);
      case "minus": {
        const X = this.visit(node.arg);
        return typeof X === "number" ? -X : neg(X);
      }
      case "transpose": {
        const X = this.visit(node.arg);
        return this.form(node) === "matrix" ? t(X) : X;
      }
      case "binary":
        return this.binary(node);
      case "call":
        return this.call(node);
    }
  }

  private name(node: Expression, name: string): Value {
    const X = this.variables.get(name);
    if (X !== undefined) return this.flat(X, node);
    if (this.form(node) === "scalar") return 1;
    return identity(this.numberOf(this.sizes.of(node).rows, node), this.dtype);
  }

  private binary(node: Binary): Value {
    const { op, left, right } = node;
    const [X, Y] = [this.visit(left), this.visit(right)];
    switch (op) {
      case "+":
        return numeric(X, Y, (x, y) => x + y) ?? add(X, Y);
      case "-":
        return numeric(X, Y, (x, y) => x - y) ?? sub(X, Y);
      case ".*":
        return numeric(X, Y, (x, y) => x * y) ?? mul(X, Y);
      case "*":
        return numeric(X, Y, (x, y) => x * y) ?? this.product(node, X, Y);
      case "/":
      case "./":
        return numeric(X, Y, (x, y) => x / y) ?? div(X, Y);
      default:
        return numeric(X, Y, (x, y) => x ** y) ?? this.power(node, X, Y);
    }
  }

  private product(node: Binary, X: Value, Y: Value): Value {
    const forms = [this.form(node.left), this.form(node.right)];
    if (forms.includes("scalar")) return mul(X, Y);
    const [left, right] = forms;
    if (left === "row" && right === "column") return dot(X, Y);
    // A column is m × 1, so what it can be multiplied by is a row.
    return left === "column" ? outer(X, Y) : matmul(X, Y);
  }

  private power(node: Binary, X: Value, Y: Value): Value {
    const { op, left } = node;
    if (op === ".^" || this.form(left) === "scalar") return Y === 2 ? square(X) : pow(X, Y);
    const k = wholeNumber(node.right) as number; // the sizes let no other pass
    return k === -1 ? inv(X) : matrixPower(X, k);
  }

  private call(node: Call): Value {
    const { name, args } = node;
    const [X, Y] = args.map((arg) => this.visit(arg)) as [Value, Value];
    const [x, y] = args as readonly [Expression, Expression];
    const op = functions.get(name)?.op;
    if (op !== undefined) return op(this.tensor(X));
    const form = this.form(x);
    switch (name) {
      case "softmax":
        return this.flat(softmax(this.flat(this.tensor(X), x, 1)), node);
      case "kron":
        if (form === "scalar" || this.form(y) === "scalar") {
          return numeric(X, Y, (a, b) => a * b) ?? mul(X, Y);
        }
        return this.flat(kron(this.matrix(X, x), this.matrix(Y, y)), node);
      case "diag":
        if (form === "scalar") return X;
        return form === "matrix" ? diagPart(X) : diag(X);
      case "vector":
      case "matrix":
        return this.constant(X, node);
      default:
        return form === "scalar" ? this.ofScalar(name, X) : ofSquare(name, X as Tensor);
    }
  }

  /** `vector(c)` and `matrix(c)`. */
  private constant(c: Value, node: Call): Value {
    const { rows, columns } = this.sizes.of(node);
    const form = this.form(node);
    if (form === "scalar") return c;
    const shape = [rows, columns].filter((dim) => form === "matrix" || numberOf(dim) !== 1);
    const numbers = shape.map((dim) => this.numberOf(dim, node));
    return typeof c === "number" ? constant(c, numbers, this.dtype) : broadcastTo(c, numbers);
  }

  /** Functions of square matrices, of a scalar as 1 × 1. */
  private ofScalar(name: string, x: Value): Value {
    switch (name) {
      case "tr":
      case "det":
        return x;
      case "logdet":
        return log(this.tensor(x));
      case "inv":
        return reciprocal(this.tensor(x));
      default: // adj
        return reshape(adjugate(reshape(this.tensor(x), [1, 1])), []);
    }
  }

  /** With as many axes as its form has, or more. */
  private flat(X: Tensor, node: Expression, least = 0): Tensor {
    const form = this.form(node);
    const rank = Math.max(least, form === "scalar" ? 0 : form === "matrix" ? 2 : 1);
    return X.rank === rank ? X : reshape(X, rank === 0 ? [] : [X.size]);
  }

  private matrix(X: Value, node: Expression): Tensor {
    const value = this.tensor(X);
    const { size } = value;
    const form = this.form(node);
    if (form === "matrix") return value;
    const shape: Shape = form === "column" ? [size, 1] : [1, size];
    return reshape(value, shape);
  }
}

function ofSquare(name: string, X: Tensor): Tensor {
  switch (name) {
    case "tr":
      return trace(X);
    case "det":
      return det(X);
    case "logdet":
      return logdet(X);
    case "inv":
      return inv(X);
    default: // adj
      return adjugate(X);
  }
}

/** The number that two numbers make, or null where one is a tensor. */
function numeric(x: Value, y: Value, f: (x: number, y: number) => number): number | null {
  return typeof x === "number" && typeof y === "number" ? f(x, y) : null;
}
