import { isFloat } from "../tensor/dtype.js";
import { DtypeError, ShapeError, UsageError } from "../tensor/errors.js";
import { checkShape, type Shape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { describe } from "../tensor/tree.js";
import { parametersOf } from "../transforms/derivative.js";
import type { Layout } from "../transforms/layout.js";
import { type Length, Problem, type Variable } from "./problem.js";
import { parse } from "./text/program.js";
import type { Kind } from "./text/sizes.js";

/** An argument of a derived function: a tensor, or its shape, such as `"m×n"` or `[3, 2]`. */
export type Argument = Tensor | Shape | string;

export interface DeriveOptions {
  /** The variable, by its name or position; the first unless given. */
  readonly wrt?: string | number | undefined;
  /** Of scalars denominator layout unless given, of Jacobians numerator layout. */
  readonly layout?: Layout | undefined;
  /**
   * What variables are, where their names do not say it, such as `symmetric matrix`. By a symmetric
   * matrix the gradient is that of a general one, at a symmetric one; a Hessian holds along
   * symmetric directions.
   */
  readonly kinds?: Readonly<Record<string, Kind>> | undefined;
  /** The shapes of variables of a text, where they are known. */
  readonly shapes?: Readonly<Record<string, Shape>> | undefined;
}

export interface DeriveFunctionOptions extends Omit<DeriveOptions, "shapes"> {
  readonly args: readonly Argument[];
  /** What the arguments are called; as in the function unless given. */
  readonly names?: readonly string[] | undefined;
}

/** A text as a function of its variables. */
export function fromText(text: string, { kinds, shapes }: DeriveOptions): Problem {
  const read = parse(text, {
    ...(kinds === undefined ? {} : { kinds }),
    ...(shapes === undefined ? {} : { shapes }),
    sizeOf: (axis) => problem.lengthOf(axis),
  });
  const variables = read.variables.map(({ name, kind, rows, columns }): Variable => {
    const shape = kind === "scalar" ? [] : kind === "vector" ? [rows] : [rows, columns];
    return { name, shape, symmetric: kind === "symmetric matrix", value: null };
  });
  const problem: Problem = new Problem(text, variables, (...args) =>
    read.run(new Map(variables.map(({ name }, i) => [name, args[i] as Tensor]))),
  );
  return problem;
}

/** A function with symbols for its arguments. */
export function fromFunction(
  f: (...args: Tensor[]) => Tensor,
  { args, names, kinds = {} }: DeriveFunctionOptions,
): Problem {
  if (typeof f !== "function") {
    throw new UsageError(`derive: f is ${describe(f)}; a text or a function was wanted`);
  }
  if (!Array.isArray(args)) {
    throw new UsageError(
      'derive: a function needs the shapes of its arguments, such as { args: ["m×n", "n"] }',
    );
  }
  if (f.length > args.length) {
    throw new UsageError(
      `derive: the function takes ${f.length} arguments, and args gives ${args.length}`,
    );
  }
  const own = names ?? parametersOf(f, args.length);
  if (own.length !== args.length || new Set(own).size !== own.length) {
    throw new UsageError(
      `derive: names is [${own.join(", ")}]; ${args.length} different names were wanted, one for ` +
        "each argument",
    );
  }
  const stray = Object.keys(kinds).find((name) => !own.includes(name));
  if (stray !== undefined) {
    throw new UsageError(`derive: kinds has ${stray}, which is no argument (${own.join(", ")})`);
  }
  const variables = args.map((arg: Argument, i): Variable => {
    const title = own[i] as string;
    const shape = shapeOf(arg, title);
    const kind = kinds[title];
    const symmetric = kind === "symmetric matrix";
    const isSquare = shape.length === 2 && shape[0] === shape[1];
    const fits = symmetric ? isSquare : kind === ["scalar", "vector", "matrix"][shape.length];
    if (kind !== undefined && !fits) {
      throw new ShapeError(
        `derive: ${title} is [${shape.join(", ")}], but declared ${JSON.stringify(kind)}; known are ` +
          "scalar, vector, matrix and, of square ones, symmetric matrix",
      );
    }
    return { name: title, shape, symmetric, value: arg instanceof Tensor ? arg : null };
  });
  return new Problem(null, variables, (...xs) => {
    try {
      return f(...xs);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new UsageError(
        `derive: the function threw ${error.message}; it is called with a tensor for each of args, not ` +
          "with a tree of them",
        { cause: error },
      );
    }
  });
}

function shapeOf(arg: Argument, name: string): readonly Length[] {
  if (typeof arg === "string") return axesOf(arg);
  if (!(arg instanceof Tensor)) return checkShape(`derive: the argument ${name}`, arg);
  if (isFloat(arg.dtype)) return arg.shape;
  throw new DtypeError(`derive: ${name} is ${arg.dtype}; a formula is of floats`);
}

/** The axes of a shape that is written `m×n`, `m*n` or `m,n`; those of a scalar are nothing. */
function axesOf(text: string): Length[] {
  // An x between single letters or digits is a ×, too.
  const isCross = /^(\d+|[a-wyz])(x(\d+|[a-wyz]))+$/.test(text);
  const parts = text.split(isCross ? "x" : /[×*,\s]+/u).filter((part) => part !== "");
  const kind = parts.find((part) => /^(scalar|vector|matrix|symmetric)$/.test(part));
  if (kind !== undefined) {
    throw new ShapeError(
      `derive: the shape ${JSON.stringify(text)} names the kind ${kind}; kinds are an option: ` +
        `{ args: ["n×n"], kinds: { X: "symmetric matrix" } }`,
    );
  }
  return parts.map((part) => {
    if (/^\d+$/.test(part)) return Number(part);
    if (/^[\p{L}_][\p{L}\p{N}_·]*$/u.test(part)) return part;
    throw new ShapeError(
      `derive: the shape ${JSON.stringify(text)} was not understood; "m×n", "m,n", "3x2", "n" and "" are shapes`,
    );
  });
}
