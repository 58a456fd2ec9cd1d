import type { Notation } from "../core/op.js";
import { infix, name, print } from "../ops/notation.js";
import { UsageError } from "../tensor/errors.js";
import type { Shape } from "../tensor/shape.js";
import type { Layout } from "../transforms/layout.js";
import { Lowering, type Node } from "./code/lowering.js";
import { Lengths, Names } from "./code/names.js";
import { pythonModule, reservedInPython } from "./code/python_module.js";
import { reservedInTypeScript, typeScriptModule } from "./code/typescript_module.js";
import { type Draw, drawFor, lengthOf } from "./code/values.js";
import type { Formula } from "./formula.js";
import type { Problem, Variable } from "./problem.js";

/** A language that code is written in. */
export type Language = "typescript" | "numpy" | "jax";

/** What code is written for. */
export interface Source {
  readonly problem: Problem;
  /** Which variable. */
  readonly at: number;
  readonly layout: Layout;
  readonly title: Notation;
  readonly symbol: Notation;
  /** gradient, Jacobian, derivative, Hessian */
  readonly kind: string;
  readonly value: Formula;
  readonly derivative: Formula;
  /** The shape of the value, and of the derivative in each layout. */
  readonly shape: Shape;
  readonly shapes: Readonly<Record<Layout, Shape>>;
}

/** A variable as a parameter of a function. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly symmetric: boolean;
  /** The names of axes that its shape is the first to tell, by position. */
  readonly tells: readonly (string | null)[];
}

/** What a module is made of, in any language. */
export interface Module {
  /** Lines of comment at its head. */
  readonly head: readonly string[];
  /** What is derived: `f`, or its gradient. */
  readonly of: "f" | "gradient";
  /** What the derivative is called, in words and in names. */
  readonly kind: string;
  readonly id: string;
  readonly layout: Layout;
  readonly names: Names;
  readonly lengths: Lengths;
  readonly parameters: readonly Parameter[];
  readonly at: number;
  /** The axes with the lengths that they have in the check. */
  readonly axes: readonly { readonly name: string; readonly length: number }[];
  /** Random values for which the function is defined. */
  readonly values: Draw;
  readonly value: Node;
  readonly derivative: Node;
}

/**
 * The text of a module that calculates a function and its derivative, and checks itself.
 *
 * @throws UsageError when the language has no function for an op.
 */
export function written(source: Source, language: Language): string {
  if (language === "typescript") return typeScriptModule(plan(source, reservedInTypeScript));
  if (language === "numpy" || language === "jax") {
    return pythonModule(plan(source, reservedInPython), language === "jax");
  }
  throw new UsageError(
    `code: ${JSON.stringify(language)} is no language; "typescript", "numpy" and "jax" are`,
  );
}

function plan(source: Source, reserved: Iterable<string>): Module {
  const { problem, at, layout, title, kind, value, derivative, shape, shapes } = source;
  const names = new Names(reserved);
  const lengths = new Lengths(problem.axes);
  const shapeOf = new Map(
    problem.variables.map(({ name }, i) => [name, problem.shapes[i] as Shape]),
  );
  const own = problem.variables.map(({ name }) => names.of(name, name));
  const axes = problem.axes.names.map((axis, i) => {
    const name = names.fresh(axis);
    return { axis, name, length: lengthOf(i) };
  });
  const parameters = problem.variables.map((variable, i): Parameter => {
    const tells = variable.shape.map((length) => {
      const axis = axes.find((one) => one.axis === length);
      if (axis === undefined || lengths.has(axis.axis)) return null;
      lengths.define(axis.axis, axis.name);
      return axis.name;
    });
    const { symmetric } = variable;
    return { name: own[i] as string, shape: problem.shapes[i] as Shape, symmetric, tells };
  });
  const given = [...problem.variables.map(({ name }) => name), ...problem.axes.names];
  const used = [...own, ...axes.map(({ name }) => name)];
  const renamed = given.flatMap((name, i) =>
    name === used[i] ? [] : [`${name} is called ${used[i]} below`],
  );
  const lowering = new Lowering((name) => shapeOf.get(name) as Shape);
  return {
    ...{
      head: [...head(source), ...renamed],
      kind,
      id: kind.toLowerCase(),
      layout,
      names,
      lengths,
      parameters,
      at,
    },
    of: print(title) === "f" ? "f" : "gradient",
    axes: axes.filter(({ axis }) => lengths.has(axis)),
    values: drawFor(problem, [value.expression, derivative.expression]),
    value: lowering.shaped(value.expression, shape),
    derivative: lowering.shaped(derivative.expression, shapes[layout]),
  };
}

/** What the function and its derivative are, in words and formulas. */
function head({ problem, layout, title, symbol, kind, value, derivative }: Source): string[] {
  const printer = value.printer([derivative]);
  const line = (left: Notation, formula: Formula): string =>
    `${print(left)} = ${print(formula.notation(printer))}`;
  const [f, G] = [line(title, value), line(symbol, derivative)];
  const legend = printer.legend.map((entry) => print(infix("=", name(entry.name), entry.notation)));
  return [
    ...[f, G, ...(legend.length === 0 ? [] : ["where", ...legend.map((line) => `  ${line}`)])],
    "",
    `${kind} in ${layout} layout: ${sizeText(derivative.shape)}`,
    ...problem.variables.map(
      ({ name, shape, symmetric }: Variable) =>
        `${name}: ${sizeText(shape)}${symmetric ? ", symmetric" : ""}`,
    ),
  ];
}

function sizeText(shape: readonly (string | number)[]): string {
  if (shape.length === 0) return "a scalar";
  return shape.length === 1 ? `a vector of ${shape[0]}` : shape.join("×");
}
