import type { Notation } from "../core/op.js";
import { infix, name, print } from "../ops/notation.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { grad } from "../transforms/grad.js";
import { jacobian } from "../transforms/jacobian.js";
import { jvp } from "../transforms/jvp.js";
import type { Layout } from "../transforms/layout.js";
import { transpose } from "./algebra.js";
import { type Language, written } from "./code.js";
import type { Equality } from "./differential.js";
import { type Expr, forget } from "./expr.js";
import { Formula } from "./formula.js";
import { latex } from "./latex.js";
import { Problem, type Variable } from "./problem.js";
import { direction, distance, sampled } from "./sample.js";

/** One step of a derivation: the differential after it, and the law by which it is equal. */
export interface Step {
  readonly law: string;
  readonly formula: Formula;
}

/** What a derivation is made of. */
export interface Derived {
  readonly problem: Problem;
  /** Which variable. */
  readonly at: number;
  readonly layout: Layout;
  /** What the function is called: `f`, or `∇f` of a gradient that is derived again. */
  readonly title: Notation;
  readonly value: Expr;
  /** How it was written, where that is short. */
  readonly written: Notation | null;
  readonly shape: Shape;
  /** The differential as it stands first, and after each law. */
  readonly start: Expr;
  readonly steps: readonly Equality[];
  /** The derivative as the steps give it, and simplified, in the layout `own`. */
  readonly raw: Expr;
  readonly derivative: Expr;
  readonly own: Layout;
  /** The shape of the derivative in each layout. */
  readonly shapes: Readonly<Record<Layout, Shape>>;
  /** What the derivative is called: gradient, Jacobian, derivative, Hessian. */
  readonly kind: string;
  readonly symbol: Notation;
  /** Derives a derivative. */
  readonly again: (problem: Problem, at: number, layout?: Layout) => Derivation;
}

/** What a check found. */
export interface Check {
  /** Whether the formula agrees with the tape. */
  readonly ok: boolean;
  /** The largest difference, relative to the largest element (or to 1); NaN where nothing was finite. */
  readonly error: number;
}

/** Numbers that agree to this are equal. */
const CLOSE = 1e-8;
/** Laws stand to the right of formulas, in a column that is not further out than this. */
const WIDTH = 60;
const SHORT = 200;

/**
 * A derivative as a formula, with the steps that lead to it.
 *
 * @example
 * const d = derive("norm2(X*w-y)^2", { wrt: "w" });
 * String(d.value); // "‖X·w − y‖²"
 * d.steps.length; // 5
 * d.check().ok; // true
 * d.toFunction()(tensor([[1, 2]]), tensor([1, 1]), tensor([1])).toArray(); // [4, 8]
 * String(d.hessian().gradient); // "2·Xᵀ·X"
 */
export class Derivation {
  /** The function. */
  readonly value: Formula;
  /** The gradient of a scalar; of a vector or matrix the Jacobian, by a scalar the derivative. */
  readonly gradient: Formula;
  readonly steps: readonly Step[];
  readonly layout: Layout;

  constructor(private readonly derived: Derived) {
    const { problem, layout, own, value, shape, derivative, shapes, start, steps } = derived;
    this.layout = layout;
    this.value = new Formula(value, problem, shape, this.derived.written);
    const e = layout === own ? derivative : transpose(derivative);
    this.gradient = new Formula(e, problem, shapes[layout]);
    const list = [{ law: "", e: start }, ...steps].map(
      ({ law, e }): Step => ({ law, formula: new Formula(e, problem, []) }),
    );
    this.steps = list.filter(
      ({ formula }, i) => i === 0 || !reads(formula, (list[i - 1] as Step).formula),
    );
  }

  /** What the derivative is called: gradient, Jacobian, derivative or Hessian. */
  get kind(): string {
    return this.derived.kind;
  }

  /** The variables, by name. */
  get variables(): readonly Variable[] {
    return this.derived.problem.variables;
  }

  /** The name of the variable. */
  get wrt(): string {
    return (this.derived.problem.variables[this.derived.at] as Variable).name;
  }

  /** Compares the formula with the tape at values of the variables, random ones unless given. */
  check(values?: readonly Tensor[]): Check {
    const { problem, at, layout } = this.derived;
    const formula = this.gradient.toFunction();
    const compare = (x: readonly Tensor[]) => {
      const own = formula(...x);
      const f = problem.f as (...args: Tensor[]) => Tensor;
      const scalar = f(...x).rank === 0;
      const G = scalar
        ? grad(f, { wrt: at, layout })(...x)
        : jacobian(f, { wrt: at, layout })(...x);
      const truth = G as Tensor;
      const { error, finite } = distance(own, truth);
      return { finite, found: error, truth };
    };
    if (values !== undefined) problem.lengths(values);
    const error = (values === undefined ? sampled(problem, compare) : compare(values).found) ?? NaN;
    return { ok: error <= CLOSE, error };
  }

  /**
   * How far each step's formula is from the differential, at values of the variables (random ones
   * unless given) and in a random direction.
   */
  checkSteps(values?: readonly Tensor[]): readonly number[] {
    const { problem, at } = this.derived;
    const compare = (x: readonly Tensor[]) => {
      const own = x[at] as Tensor;
      const dX = direction(own, (this.variables[at] as Variable).symmetric);
      const along = (f: (v: Tensor) => Tensor): Tensor => jvp(f, [own], [dX])[1];
      const truth = along((v) => problem.f(...x.with(at, v)));
      const tag = `d${this.wrt}`;
      const evaluator = problem.evaluator(x, (e) =>
        e.tag === tag ? dX : along((v) => problem.evaluator(x.with(at, v)).of(e.of)),
      );
      const found = this.steps.map(({ formula }) =>
        distance(evaluator.shaped(formula.expression, truth.shape), truth),
      );
      const finite = found.every((one) => one.finite);
      return { finite, found: found.map((one) => one.error), truth };
    };
    if (values !== undefined) problem.lengths(values);
    const errors = values === undefined ? sampled(problem, compare) : compare(values).found;
    return errors ?? this.steps.map(() => NaN);
  }

  /** Derives the gradient once more: by the same variable, or by `wrt`; in numerator layout unless told. */
  hessian({ wrt, layout }: { readonly wrt?: string; readonly layout?: Layout } = {}): Derivation {
    const { problem, at } = this.derived;
    const f = this.gradient.toFunction();
    forget();
    const again = new Problem(null, problem.variables, f, false);
    return this.derived.again(again, wrt === undefined ? at : problem.position(wrt), layout);
  }

  /** The function of the variables, in their order, that calculates the derivative. */
  toFunction(): (...values: Tensor[]) => Tensor {
    return this.gradient.toFunction();
  }

  /** The text of a module that calculates value and derivative, and checks itself. */
  code(language: Language): string {
    return written({ ...this.derived, value: this.value, derivative: this.gradient }, language);
  }

  /** The whole derivation in Unicode. */
  toString(): string {
    const { title } = this.derived;
    const { write, legend } = this.#lines(print);
    const of = print(title);
    const lines = [`${of} = ${write(this.value)}`, `  ${this.#variables()}`, ""];
    const texts = this.steps.map(({ formula }) => write(formula));
    const width = Math.min(WIDTH, Math.max(...texts.map((text) => [...text].length)));
    this.steps.forEach(({ law }, i) => {
      const text = texts[i] as string;
      const lead = i === 0 ? `d${of}` : " ".repeat([...of].length + 1);
      const pad = " ".repeat(Math.max(0, width - [...text].length));
      lines.push(`${lead} = ${text}${law === "" ? "" : `${pad}   ${law}`}`);
    });
    lines.push("", `${print(this.symbol())} = ${write(this.gradient)}`, `  ${this.#told()}`);
    if (legend.length > 0) lines.push("where", ...legend.map((line) => `  ${line}`));
    return lines.join("\n");
  }

  /** The whole derivation in LaTeX, as an `aligned` environment. */
  latex(): string {
    const { write, legend } = this.#lines(latex);
    const of = latex(this.derived.title);
    const rows = [`${of} &= ${write(this.value)}`];
    this.steps.forEach(({ law, formula }, i) => {
      const lead = i === 0 ? `\\mathrm{d}${of} ` : "";
      rows.push(`${lead}&= ${write(formula)}${law === "" ? "" : ` && \\text{${law}}`}`);
    });
    rows.push(`${latex(this.symbol())} &= ${write(this.gradient)} && \\text{${this.#told()}}`);
    for (const line of legend) rows.push(line.replace("=", "&="));
    return `\\begin{aligned}\n${rows.join(" \\\\\n")}\n\\end{aligned}`;
  }

  /** Writes all formulas with the same names for shared parts, and says what these are. */
  #lines(show: (n: Notation) => string): {
    readonly write: (formula: Formula) => string;
    readonly legend: readonly string[];
  } {
    const steps = this.steps.map(({ formula }) => formula);
    const printer = this.value.printer([...steps, this.gradient]);
    const legend = printer.legend.map((entry) =>
      show(infix("=", name(entry.name), entry.notation)),
    );
    return { write: (formula) => show(formula.notation(printer)), legend };
  }

  #variables(): string {
    const where = this.variables.map(({ name, shape, symmetric }) => {
      return `${name} ${sizeText(shape)}${symmetric ? ", symmetric" : ""}`;
    });
    const constants = this.derived.problem.symbols.constants.map(
      ({ name, value }) => `${name} a constant of the function: ${sizeText(value.shape)}`,
    );
    return [...where, ...constants].join("; ");
  }

  /** The kind, layout and size of the derivative. */
  #told(): string {
    const { shape } = this.gradient;
    const order = shape.length > 2 ? ", elements row by row" : "";
    return `${this.kind} in ${this.layout} layout: ${sizeText(shape)}${order}`;
  }

  /** The name of the derivative, such as `∂f/∂X`. */
  symbol(): Notation {
    return this.derived.symbol;
  }

  /** What `JSON.stringify` writes: the formulas as texts. */
  toJSON(): Readonly<Record<string, unknown>> {
    const steps = this.steps.map(({ law, formula }) => ({ law, formula: String(formula) }));
    const { kind, layout, wrt, value, gradient } = this;
    return { kind, layout, wrt, value: String(value), steps, gradient: String(gradient) };
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Whether two formulas read the same; long ones are not read for that. */
function reads(a: Formula, b: Formula): boolean {
  if (a.expression === b.expression) return true;
  return Math.max(a.expression.cost, b.expression.cost) < SHORT && String(a) === String(b);
}

function sizeText(shape: readonly (string | number)[]): string {
  if (shape.length === 0) return "a scalar";
  return shape.length === 1 ? `a vector of ${shape[0]}` : shape.join("×");
}
