import type { Notation } from "../core/op.js";
import { infix, name, print } from "../ops/notation.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Expr } from "./expr.js";
import { latex } from "./latex.js";
import type { Printer } from "./print.js";
import type { Problem } from "./problem.js";

/**
 * A formula of the variables of a function, which prints itself, and runs.
 *
 * @example
 * const { gradient } = derive("a'*X*b", { wrt: "X" });
 * String(gradient); // "a·bᵀ"
 * gradient.latex(); // "a\\,b^{\\top}"
 * gradient.shape.join("×"); // "m×n"
 */
export class Formula {
  constructor(
    /** The formula as a tree. */
    readonly expression: Expr,
    private readonly problem: Problem,
    /** The shape of its value while the variables are symbols. */
    private readonly axes: Shape,
    /** How it was written, where it is not to be printed as the formula that was made of it. */
    private readonly as: Notation | null = null,
  ) {}

  /** The lengths of the axes of its value, by the names that they have: `["m", "n"]`. */
  get shape(): readonly string[] {
    return this.axes.map((n) => this.problem.axes.label(n));
  }

  /** In Unicode; what is long and stands in it twice has a name, which is explained below. */
  toString(): string {
    const printer = this.printer();
    const legend = printer.legend.map((entry) => `\n  ${entry.name} = ${print(entry.notation)}`);
    return print(this.notation(printer)) + (legend.length === 0 ? "" : `\nwhere${legend.join("")}`);
  }

  /** In LaTeX, for math mode. */
  latex(): string {
    const printer = this.printer();
    const whole = latex(this.notation(printer));
    if (printer.legend.length === 0) return whole;
    const legend = printer.legend.map((entry) =>
      latex(infix("=", name(entry.name), entry.notation)),
    );
    return `${whole} \\quad \\text{where} \\quad ${legend.join(",\\; ")}`;
  }

  /** What writes this formula, and others beside it, with the same names for shared parts. */
  printer(others: readonly Formula[] = []): Printer {
    const all = [this, ...others].map((formula) => formula.expression);
    return this.problem.printer().share(all);
  }

  /** The formula as a tree of signs. */
  notation(printer: Printer = this.printer()): Notation {
    return this.as ?? printer.of(this.expression);
  }

  /** A function of tensors, one for each variable in their order. */
  toFunction(): (...values: Tensor[]) => Tensor {
    return (...values) => this.problem.evaluate(this.expression, this.axes, values);
  }

  /** What `JSON.stringify` writes. */
  toJSON(): string {
    return this.toString();
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
