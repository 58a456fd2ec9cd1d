import { run } from "../core/apply.js";
import { add, div, mul, pow, reciprocal, square } from "../ops/arithmetic.js";
import { cast, equal, where } from "../ops/compare.js";
import { adjugate, det } from "../ops/determinant.js";
import { diag, diagPart, trace } from "../ops/diagonal.js";
import { matrixPower } from "../ops/power.js";
import { kron, matmul } from "../ops/product.js";
import { norm, sum } from "../ops/reduce.js";
import { reshape, t } from "../ops/reshape.js";
import { take } from "../ops/select.js";
import { solve } from "../ops/solve.js";
import { arange, eye } from "../tensor/create.js";
import { isFloat } from "../tensor/dtype.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Call, type Differential, type Expr, isScalar, type Known } from "./expr.js";
import { constant, identity, lengthOf } from "./symbolic.js";

/** What a formula is evaluated with. */
export interface Values {
  /** Of a variable, of any rank. */
  readonly of: (name: string) => Tensor;
  readonly differential: (e: Differential) => Tensor;
  /** How long an axis is here that was so long when the formula was found. */
  readonly axis: (n: number) => number;
  /** That of its constants. */
  readonly dtype: "float32" | "float64";
}

/** Evaluates formulas, each part of them once. Scalars are `[]`, all else has rows and columns. */
export class Evaluator {
  readonly #done = new Map<Expr, Tensor>();

  constructor(private readonly values: Values) {}

  of(e: Expr): Tensor {
    let value = this.#done.get(e);
    if (value === undefined) {
      value = this.#evaluate(e);
      this.#done.set(e, value);
    }
    return value;
  }

  /** The value in a tensor's shape. */
  shaped(e: Expr, shape: Shape): Tensor {
    return reshape(this.of(e), this.#sized(shape));
  }

  #evaluate(e: Expr): Tensor {
    const axis = this.values.axis;
    const { dtype } = this.values;
    switch (e.kind) {
      case "symbol":
        return this.#flat(e.value ?? this.values.of(e.name), e);
      case "differential":
        return this.#flat(this.values.differential(e), e);
      case "zero":
        return constant(0, isScalar(e) ? [] : [axis(e.rows), axis(e.columns)], dtype);
      case "ones":
        return constant(1, [axis(e.rows), 1], dtype);
      case "eye":
        return identity(axis(e.rows), dtype);
      case "size":
        return lengthOf(e.n, axis(e.n), dtype);
      case "commutation": {
        const [m, n] = e.of.map(axis) as [number, number];
        const at = reshape(t(reshape(arange(0, m * n), [m, n])), [m * n]);
        return take(eye(m * n, { dtype }), cast(at, "int32"));
      }
      case "transpose":
        return t(this.of(e.of));
      case "sum":
        return e.parts.map((part) => this.of(part)).reduce((a, b) => add(a, b));
      case "term": {
        let value = constant(e.c, [], dtype);
        for (const [base, p] of e.scalars) value = mul(value, this.#power(base, p));
        if (e.body === null) return value;
        const body = this.of(e.body);
        return e.c === 1 && e.scalars.length === 0 ? body : mul(value, body);
      }
      case "hadamard":
        return this.#hadamard(e.factors);
      case "product":
        return this.#product(e.parts);
      case "power":
        if (e.exponent < 0)
          return solve(this.#powered(e.of, -e.exponent), identity(axis(e.rows), dtype));
        return this.#powered(e.of, e.exponent);
      case "function":
        return this.#known(e);
      case "call":
        return this.#call(e);
    }
  }

  #flat(x: Tensor, e: Expr): Tensor {
    if (isScalar(e)) return reshape(x, []);
    const [rows, columns] = [this.values.axis(e.rows), this.values.axis(e.columns)];
    return reshape(x, [rows, columns]);
  }

  /** Dividing by a norm of 0 gives 0, as the subgradient there is. */
  #power(base: Expr, p: number): Tensor {
    const value = this.of(base);
    if (p === 1) return value;
    if (p === 2) return square(value);
    if (p < 0 && base.kind === "function" && base.name === "norm") {
      const none = equal(value, 0);
      return where(none, 0, pow(where(none, 1, value), p));
    }
    return p === -1 ? reciprocal(value) : pow(value, p);
  }

  #powered(e: Expr, n: number): Tensor {
    return n === 1 ? this.of(e) : matrixPower(this.of(e), n);
  }

  /** A comparison discards elements, however large they are. */
  #hadamard(factors: readonly (readonly [Expr, number])[]): Tensor {
    let value: Tensor | null = null;
    const masks: Tensor[] = [];
    for (const [base, p] of factors) {
      if (isMask(base)) masks.push(this.#called(base as Call));
      else {
        const own = this.#power(base, Math.abs(p));
        if (value === null) value = p < 0 ? reciprocal(own) : own;
        else value = p < 0 ? div(value, own) : mul(value, own);
      }
    }
    const first = value ?? constant(1, [], this.values.dtype);
    return masks.reduce((v, mask) => where(mask, v, 0), first);
  }

  /** From the side that has fewer columns or rows; inverses are solved with, not written out. */
  #product(parts: readonly Expr[]): Tensor {
    const axis = this.values.axis;
    const [first, last] = [parts[0] as Expr, parts.at(-1) as Expr];
    const fromLeft = axis(first.rows) < axis(last.columns);
    const order = fromLeft ? parts : parts.toReversed();
    const value = order
      .slice(1)
      .reduce((Y, part) => this.#times(Y, part, fromLeft), this.of(order[0] as Expr));
    return first.rows === 1 && last.columns === 1 ? reshape(value, []) : value;
  }

  /** `Y·A`, or `A·Y`. */
  #times(Y: Tensor, A: Expr, fromLeft: boolean): Tensor {
    const inverse = inverseOf(A);
    if (inverse === null) return fromLeft ? matmul(Y, this.of(A)) : matmul(this.of(A), Y);
    // Y·A⁻¹ = (A⁻ᵀ·Yᵀ)ᵀ
    const own = this.of(inverse.of);
    const up = inverse.turned !== fromLeft ? t(own) : own;
    return fromLeft ? t(solve(up, t(Y))) : solve(up, Y);
  }

  #known(e: Known): Tensor {
    const [X, Y] = e.args.map((arg) => this.of(arg)) as [Tensor, Tensor];
    switch (e.name) {
      case "tr":
        return trace(X);
      case "sum":
        return sum(X);
      case "norm":
        return norm(X);
      case "det":
        return det(X);
      case "adj":
        return adjugate(X);
      case "diag":
        return diag(reshape(X, [X.size]));
      case "diagPart": {
        const d = diagPart(X);
        return reshape(d, [d.size, 1]);
      }
      case "kron":
        return kron(X, Y);
      case "vec":
        return reshape(X, [X.size, 1]);
    }
  }

  #call(e: Call): Tensor {
    const y = this.#called(e);
    return isFloat(y.dtype) ? y : cast(y, this.values.dtype);
  }

  #called(e: Call): Tensor {
    const inputs = e.args.map((arg, i) => reshape(this.of(arg), this.#sized(e.shapes[i] as Shape)));
    const y = run(e.op, inputs, this.#attributes(e.attrs))[e.output] as Tensor;
    return this.#flat(y, e);
  }

  #sized(shape: Shape): Shape {
    return shape.map(this.values.axis);
  }

  /** Attributes that hold sizes hold those of here. */
  #attributes(attrs: unknown): unknown {
    if (typeof attrs === "number") return Number.isInteger(attrs) ? this.values.axis(attrs) : attrs;
    if (Array.isArray(attrs)) return attrs.map((x) => this.#attributes(x));
    if (typeof attrs !== "object" || attrs === null) return attrs;
    const entries = Object.entries(attrs).map(([k, x]) => [k, this.#attributes(x)]);
    return Object.fromEntries(entries);
  }
}

/** Whether it is a comparison. */
export function isMask(e: Expr): boolean {
  return e.kind === "call" && e.op.dtype === "bool";
}

/** What a factor is the inverse of. */
function inverseOf(e: Expr): { of: Expr; turned: boolean } | null {
  const inner = e.kind === "transpose" ? e.of : e;
  if (inner.kind !== "power" || inner.exponent !== -1) return null;
  return { of: inner.of, turned: e.kind === "transpose" };
}

/** The rows and columns of a tensor's shape. */
export function flatSize(shape: Shape): [rows: number, columns: number] {
  if (shape.length < 2) return [shape[0] ?? 1, 1];
  return [sizeOf(shape.slice(0, -1)), shape.at(-1) as number];
}
