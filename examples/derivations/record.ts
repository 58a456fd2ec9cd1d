/** The formulas of four source texts, with numbers, and what the engine makes of them. */
import { readFileSync } from "node:fs";
import { type Nested, reshape, type Shape, type Tensor, tensor } from "tracegrad";
import { type Derivation, derive, parse } from "tracegrad/derive";
import { type Matrix, matrix, tensorOf, times, turned } from "./matrix.js";

export type Kind = "scalar" | "vector" | "matrix" | "symmetric matrix";
export type Layout = "numerator" | "denominator";

/** One formula of a text; test/golden/README.md explains the fields. */
export interface Source {
  readonly id: string;
  readonly quote: string;
  readonly status: string;
  readonly expr: string;
  readonly wrt: string;
  readonly variables: Readonly<
    Record<string, { readonly kind: Kind; readonly shape: Shape; readonly values: Nested }>
  >;
  readonly gradient: Nested;
  readonly closed_form: string;
  readonly rtol: number;
  readonly more_gradients?: readonly { readonly wrt: string; readonly gradient: Nested }[];
  readonly printed?: {
    readonly expr: string;
    readonly compared_with: "gradient" | "value" | "differential";
    readonly verdict: string;
    readonly max_abs_difference: number | null;
  };
  readonly identity?: { readonly sides: readonly string[]; readonly value: Nested };
  readonly differential?: {
    readonly of: string;
    readonly direction: Readonly<Record<string, string>>;
    readonly closed_form: string;
    readonly value: Nested;
  };
  readonly jacobian?: {
    readonly of: string;
    readonly wrt: string;
    readonly numerator: Nested;
    readonly closed_form_numerator: string;
    readonly closed_form_denominator: string;
  };
  readonly hessian?: { readonly of: string; readonly wrt: string; readonly closed_form: string };
  readonly argmin?: {
    readonly of: string;
    readonly variable: string;
    readonly closed_form: string;
  };
}

const file = new URL("../../test/golden/seeds.json", import.meta.url);

/** All of them. */
export const sources = (JSON.parse(readFileSync(file, "utf8")) as { records: readonly Source[] })
  .records;

/** A formula's variables as float64 tensors, and what the engine derives of its expressions. */
export class Case {
  constructor(readonly source: Source) {}

  get(name: string): Tensor {
    const found = this.source.variables[name];
    if (found === undefined) throw new Error(`${this.source.id} has no variable ${name}`);
    return tensor(found.values, { dtype: "float64" });
  }

  /** The same with one more variable, a vector or a matrix. */
  with(name: string, { rows, columns, numbers }: Matrix): Case {
    const kind = columns === 1 ? "vector" : "matrix";
    const shape = columns === 1 ? [rows] : [rows, columns];
    const values = tensorOf({ rows, columns, numbers }, shape).toArray();
    const { source } = this;
    const variables = { ...source.variables, [name]: { kind, shape, values } as const };
    return new Case({ ...source, variables });
  }

  derive(text: string, wrt: string, layout?: Layout): Derivation {
    const kinds = Object.fromEntries(
      this.names(text).map((name) => [name, this.source.variables[name]?.kind ?? "matrix"]),
    );
    return derive(text, { wrt, kinds, ...(layout === undefined ? {} : { layout }) });
  }

  /** The names in an expression, other than those of functions. */
  names(text: string): string[] {
    const words = [...text.matchAll(/\b[A-Za-z]\w*\b(?!\()/g)].map(([name]) => name);
    return [...new Set(words)].filter((name) => name !== "eye");
  }

  /** The numbers for the variables of a derivation, in their order. */
  valuesOf(derivation: Derivation): Tensor[] {
    return derivation.variables.map(({ name }) => this.get(name));
  }

  /** The value of an expression, perhaps one that follows the size of something else. */
  value(text: string, size?: Pick<Matrix, "rows" | "columns">): Matrix {
    const names = this.names(text);
    const shapes = Object.fromEntries(names.map((name) => [name, this.get(name).shape]));
    const shape = size === undefined ? {} : { shape: [size.rows, size.columns] };
    const program = parse(text, { shapes, ...shape });
    const numbers = program.run(new Map(names.map((name) => [name, this.get(name)])));
    const { rows, columns } = size ?? program;
    return { ...matrix(numbers), rows: Number(rows), columns: Number(columns) };
  }

  /** The gradient, by the derived formula, in denominator layout. */
  gradient(text = this.source.expr, wrt = this.source.wrt): Matrix {
    const found = this.derive(text, wrt);
    return matrix(found.toFunction()(...this.valuesOf(found)));
  }

  /** The Jacobian by the derived formula: a row for each element of the value, or their transpose. */
  jacobian(text: string, wrt: string, layout: Layout = "numerator"): Matrix {
    const found = this.derive(text, wrt);
    const J = found.toFunction()(...this.valuesOf(found));
    const n = this.get(wrt).size;
    const rows = matrix(reshape(J, [J.size / n, n]));
    return layout === "numerator" ? rows : turned(rows);
  }

  /** The second derivative by the derived formula. */
  hessian(text: string, wrt: string): Matrix {
    const found = this.derive(text, wrt).hessian();
    const H = found.toFunction()(...this.valuesOf(found));
    const n = this.get(wrt).size;
    return matrix(reshape(H, [n, n]));
  }

  /** The differential in the direction of other variables, by the derived formulas. */
  differential(text: string, direction: Readonly<Record<string, string>>): Matrix {
    const { rows, columns } = this.value(text);
    const parts = Object.entries(direction).map(([name, along]) => {
      const J = this.jacobian(text, name);
      const dx = { rows: J.columns, columns: 1, numbers: matrix(this.get(along)).numbers };
      return times(J, dx) as Matrix;
    });
    const numbers = (parts[0] as Matrix).numbers.map((_, i) =>
      parts.reduce((sum, part) => sum + (part.numbers[i] as number), 0),
    );
    return { rows, columns, numbers };
  }
}
