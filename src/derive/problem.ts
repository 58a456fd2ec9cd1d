import { name } from "../ops/notation.js";
import { promote } from "../tensor/dtype.js";
import { ShapeError, UsageError } from "../tensor/errors.js";
import { format, type Shape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { Axes } from "./axes.js";
import { Evaluator, flatSize } from "./evaluate.js";
import { type Differential, type Expr, number, symbol } from "./expr.js";
import { Printer } from "./print.js";
import { Symbolic } from "./symbolic.js";

/** The length of an axis: a number or a name, such as 3, `m` or `m·k`. */
export type Length = number | string;

/** A variable of a function that is derived. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly Length[];
  readonly symmetric: boolean;
  /** Numbers for it, where the caller gave some. */
  readonly value: Tensor | null;
}

/** Errors speak of lengths by their names. */
function withNames<T>(axes: Axes, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(error.message.replace(/\d{4,}/g, (n) => axes.label(Number(n))));
  }
}

/** A function of tensors, with symbols for its arguments. */
export class Problem {
  readonly axes = new Axes();
  readonly symbols = new Symbolic(
    (c) => this.#read(c),
    (e) => this.printer().of(e),
    (n) => this.axes.label(n) !== String(n),
    () => this.asWritten,
  );
  /** The shapes of the arguments while they are symbols. */
  readonly shapes: readonly Shape[];
  readonly handles: readonly Tensor[];

  constructor(
    /** What was typed, or null for a function. */
    readonly text: string | null,
    readonly variables: readonly Variable[],
    readonly f: (...args: Tensor[]) => Tensor,
    /** Whether values are printed as the function calculates them, or as their formulas. */
    readonly asWritten = true,
  ) {
    this.shapes = variables.map(({ shape }) => shape.map((length) => this.lengthOf(length)));
    this.handles = variables.map(({ name, symmetric }, i) => {
      const shape = this.shapes[i] as Shape;
      return this.symbols.tensor(symbol(name, ...flatSize(shape), { symmetric }), shape);
    });
  }

  /** What the constants are with other lengths, while the function runs on symbols. */
  #others: { readonly axes: Axes; readonly values: readonly number[]; at: number } | null = null;

  /** A text runs: its numbers are numbers. */
  #literal = false;

  #read(c: number): Expr {
    const others = this.#others;
    if (this.#literal) return number(c);
    if (others === null) return this.axes.read(c);
    const e = this.axes.explain(c, others.values[others.at++] ?? NaN, others.axes);
    if (e !== null) return e;
    throw new UsageError(
      "derive: the function calculates a number from the lengths of its axes in a way that is not " +
        "understood; give the lengths as numbers, such as { args: [[3, 2], [2]] }",
    );
  }

  /** The value of a function for symbols; `run` calls it. */
  traced<T>(run: () => T): T {
    if (this.text !== null || !this.asWritten || this.axes.names.length === 0) {
      this.#literal = true;
      try {
        return withNames(this.axes, run);
      } finally {
        this.#literal = false;
      }
    }
    const axes = this.axes.others();
    const values: number[] = [];
    const symbols = new Symbolic(
      (c) => {
        values.push(c);
        return number(c);
      },
      () => name("1"),
      (n) => axes.label(n) !== String(n),
      () => true,
    );
    const handles = this.variables.map(({ name, shape, symmetric }) => {
      const own = shape.map((length) => this.lengthOf(length, axes));
      return symbols.tensor(symbol(name, ...flatSize(own), { symmetric }), own);
    });
    withNames(axes, () => symbols.during(() => this.f(...handles)));
    this.#others = { axes, values, at: 0 };
    try {
      return withNames(this.axes, run);
    } finally {
      this.#others = null;
    }
  }

  /** What writes formulas of these variables. */
  printer(): Printer {
    const taken = this.variables.map(({ name }) => name);
    return new Printer((n) => this.axes.label(n), taken);
  }

  /** How long an axis is while symbols run, whose name may be a product. */
  lengthOf(length: Length, axes = this.axes): number {
    if (typeof length === "number") return length;
    return length.split("·").reduce((n, name) => {
      const digits = Number(name);
      return n * axes.length(Number.isInteger(digits) ? digits : name);
    }, 1);
  }

  /** Which variable it is, by name or position. */
  position(wrt: string | number): number {
    const at = typeof wrt === "number" ? wrt : this.variables.findIndex(({ name }) => name === wrt);
    if (Number.isInteger(at) && at >= 0 && at < this.variables.length) return at;
    const names = this.variables.map(({ name }) => name).join(", ");
    throw new UsageError(
      `derive: wrt is ${JSON.stringify(wrt)}, which is no variable; these are ${names}` +
        (this.text === null ? " (where a bundler renamed them, give `names`)" : ""),
    );
  }

  /** A formula's value in a tensor's shape, for values of the variables. */
  evaluate(e: Expr, shape: Shape, values: readonly Tensor[]): Tensor {
    return this.evaluator(values).shaped(e, shape);
  }

  /** @param differential values of differentials, where formulas have some */
  evaluator(values: readonly Tensor[], differential?: (e: Differential) => Tensor): Evaluator {
    const at = this.lengths(values);
    const dtype = values.length === 0 ? "float64" : values.map((x) => x.dtype).reduce(promote);
    return new Evaluator({
      of: (name) => {
        const i = this.variables.findIndex((variable) => variable.name === name);
        const value = values[i];
        if (value === undefined) throw new UsageError(`derive: ${name} has no value`);
        return value;
      },
      differential: (e) => {
        if (differential === undefined) throw new UsageError("derive: a differential has no value");
        return differential(e);
      },
      axis: (n) => this.axes.resized(n, at),
      dtype: dtype === "float32" ? "float32" : "float64",
    });
  }

  /** How long the named axes are for these values; a ShapeError where they do not fit. */
  lengths(values: readonly Tensor[]): ReadonlyMap<string, number> {
    const at = new Map<string, number>();
    if (!Array.isArray(values) || values.length > this.variables.length) {
      const names = this.variables.map(({ name }) => name).join(", ");
      throw new UsageError(`a derived function takes one tensor for each variable: ${names}`);
    }
    this.variables.forEach(({ name, shape }, i) => {
      const x = values[i];
      if (!(x instanceof Tensor)) {
        throw new UsageError(
          `a derived function takes ${this.variables.length} tensors ` +
            `(${this.variables.map((v) => v.name).join(", ")}); ${name} is missing`,
        );
      }
      const wanted = shape.length === 0 ? "a scalar" : `[${shape.join(", ")}]`;
      const wrong = (why = ""): ShapeError =>
        new ShapeError(`${name} is ${format(x.shape)}; ${wanted} was wanted${why}`);
      if (x.rank !== shape.length) throw wrong();
      shape.forEach((length, axis) => {
        const n = x.shape[axis] as number;
        if (typeof length === "number") {
          if (n !== length) throw wrong();
        } else if (!length.includes("·")) {
          const before = at.get(length);
          if (before !== undefined && before !== n) throw wrong(`, and ${length} is ${before}`);
          at.set(length, n);
        }
      });
    });
    return at;
  }
}
