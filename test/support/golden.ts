import { readFileSync } from "node:fs";
import { namesOf, parseTree } from "../../src/derive/text/parse.js";
import { type Program, parse } from "../../src/derive/text/program.js";
import {
  type DType,
  grad,
  jvp,
  type Nested,
  reshape,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
} from "../../src/index.js";

/** What all records have. */
export interface GoldenBase {
  readonly id: string;
  readonly expr: string;
  readonly wrt: string;
  readonly variables: Readonly<Record<string, { shape: readonly number[]; values: Nested }>>;
  readonly rtol: number;
  readonly scale?: number;
  readonly hard?: string | null;
}

/** A record of `seeds.json` or `cookbook.json`; the README beside them explains each field. */
export interface GoldenRecord extends GoldenBase {
  readonly value: number;
  readonly gradient: Nested;
  readonly closed_form: string | null;
  readonly literal_float64_fails?: boolean;
  readonly nonsmooth?: Nonsmooth;
  readonly structure?: {
    readonly kind: "symmetric" | "skew" | "lower";
    readonly projected_gradient: Nested;
    readonly cookbook_gradient?: Nested;
  };
  readonly more_gradients?: readonly {
    readonly wrt: string;
    readonly gradient: Nested;
    readonly closed_form: string | null;
  }[];
  readonly identity?: { readonly sides: readonly string[]; readonly value: Nested };
  readonly differential?: {
    readonly of: string;
    readonly direction: Readonly<Record<string, string>>;
    readonly closed_form: string | null;
    readonly value: Nested;
  };
  readonly printed?: Printed;
  readonly jacobian?: {
    readonly of: string;
    readonly wrt: string;
    readonly numerator: Nested;
    readonly denominator: Nested;
    readonly closed_form_numerator: string;
    readonly closed_form_denominator: string;
  };
  readonly hessian?: {
    readonly of: string;
    readonly wrt: string;
    readonly closed_form: string;
    readonly value: Nested;
  };
  readonly argmin?: {
    readonly of: string;
    readonly variable: string;
    readonly closed_form: string;
    readonly value: Nested;
  };
  readonly steps?: {
    readonly alpha: number;
    readonly y_next: Nested;
    readonly alpha_diag: Nested;
    readonly y_next_diag: Nested;
  };
  readonly complex?: Readonly<Record<string, Nested>> & { max_abs_difference_of_printed: number };
}

/** A right-hand side as a source text prints it, and what it is worth. */
export interface Printed {
  readonly expr: string;
  readonly compared_with: "gradient" | "value" | "differential";
  readonly verdict: string;
  readonly max_abs_difference: number | null;
}

/** The subgradients at a kink: a box of entries, or the image of a ball. */
export type Nonsmooth =
  | { readonly type: "box"; readonly lo: Nested; readonly hi: Nested; readonly sum?: number }
  | {
      readonly type: "ball_image";
      readonly center: Nested;
      readonly matrix: readonly (readonly number[])[];
      readonly radius: number;
    };

/** A record of `hessians.json`; the closed form is n × n, `wrt` flattened row by row. */
export interface HessianRecord extends GoldenBase {
  readonly value: number;
  readonly gradient: Nested;
  readonly hessian: Nested;
  readonly hessian_shape: readonly number[];
  readonly direction: Nested;
  readonly hvp: Nested;
  readonly closed_form_gradient: string | null;
  readonly closed_form_hessian: string | null;
}

/** A record of `jacobians.json`. */
export interface JacobianRecord extends GoldenBase {
  readonly value: Nested;
  readonly value_shape: readonly number[];
  readonly jacobian: Nested;
  readonly jacobian_colmajor?: Nested;
  readonly closed_form_colmajor: string | null;
  readonly jvp_direction: Nested;
  readonly jvp: Nested;
  readonly vjp_direction: Nested;
  readonly vjp: Nested;
}

/** All records of a file of `test/golden`; a file that lost some is an error. */
export function load<R extends GoldenBase>(name: string): readonly R[] {
  const url = new URL(`../golden/${name}.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, "utf8")) as {
    readonly count: number;
    readonly records: readonly R[];
  };
  if (file.records.length !== file.count) throw new Error(`${name}: ${file.count} records wanted`);
  return file.records;
}

/** The numbers of nested arrays, row by row. */
export function flat(values: Nested): number[] {
  return typeof values === "number" ? [values] : values.flatMap(flat);
}

export function shapeOf(values: Nested): number[] {
  return typeof values === "number" ? [] : [values.length, ...shapeOf(values[0] as Nested)];
}

/** `max|got − want| / max(scale, max|want|)`; a number that is not finite is infinitely far. */
export function distance(got: Nested, want: Nested, scale = 1): number {
  const [a, b] = [flat(got), flat(want)];
  if (String(shapeOf(got)) !== String(shapeOf(want))) {
    throw new Error(`the shape is [${shapeOf(got)}], but [${shapeOf(want)}] was wanted`);
  }
  const size = Math.max(scale, ...b.map(Math.abs));
  const off = Math.max(0, ...b.map((x, i) => Math.abs((a[i] as number) - x)));
  return Number.isFinite(off) ? off / size : Number.POSITIVE_INFINITY;
}

/** A record's variables as tensors, and what can be asked of its expressions. */
export class Case {
  readonly variables: ReadonlyMap<string, Tensor>;
  private readonly shapes: ReadonlyMap<string, readonly number[]>;

  constructor(
    readonly record: GoldenBase,
    dtype: DType,
  ) {
    const entries = Object.entries(record.variables);
    this.variables = new Map(entries.map(([k, v]) => [k, tensor(v.values, { dtype })]));
    this.shapes = new Map(entries.map(([k, v]) => [k, v.shape]));
  }

  get(name: string): Tensor {
    const x = this.variables.get(name);
    if (x === undefined) throw new Error(`${this.record.id}: there is no variable ${name}`);
    return x;
  }

  /** The expression with the shapes of the record, and perhaps that of the whole. */
  program(text: string, shape?: readonly number[]): Program {
    const own = namesOf(parseTree(text)).map((name) => [name, this.shapes.get(name)] as const);
    const shapes = Object.fromEntries(own.flatMap(([k, s]) => (s === undefined ? [] : [[k, s]])));
    return parse(text, shape === undefined ? { shapes } : { shapes, shape });
  }

  /** The rows and columns of an expression. */
  size(text: string): [rows: number, columns: number] {
    const { rows, columns } = this.program(text);
    if (typeof rows === "number" && typeof columns === "number") return [rows, columns];
    throw new Error(`${this.record.id}: the size of ${text} is ${rows}×${columns}`);
  }

  /** The expression as a function of some variables (the others keep their values). */
  function(text: string, of: readonly string[], shape: readonly number[]) {
    const { run } = this.program(text, shape);
    return (...args: Tensor[]): Tensor => {
      const own = new Map(this.variables);
      of.forEach((name, i) => {
        own.set(name, args[i] as Tensor);
      });
      return reshape(run(own), shape);
    };
  }

  /** The value of an expression that has this shape. */
  value(text: string, shape: readonly number[]): Nested {
    return this.function(text, [], shape)().toArray();
  }

  /** The value and gradient of a scalar expression, after `change` of the variable. */
  gradient(text: string, wrt: string, change = (x: Tensor) => x): [value: number, G: Nested] {
    const f = this.function(text, [wrt], []);
    const [value, G] = valueAndGrad((x: Tensor) => f(change(x)))(this.get(wrt));
    return [value.item(), G.toArray()];
  }

  /** The directional derivative along variables that are named by variables. */
  differential(text: string, direction: Readonly<Record<string, string>>, shape: number[]): Nested {
    const of = Object.keys(direction);
    const tangents = Object.values(direction).map((name) => this.get(name));
    const f = this.function(text, of, shape);
    const [, dy] = jvp(
      f,
      of.map((name) => this.get(name)),
      tangents,
    );
    return dy.toArray();
  }

  /** The Jacobian, m × n, a row for each entry of the value. */
  jacobian(text: string, wrt: string): number[][] {
    return rows(this.function(text, [wrt], this.size(text)), this.get(wrt));
  }

  /** The Hessian as an n × n matrix, by the gradient of the gradient. */
  hessian(text: string, wrt: string): number[][] {
    return rows(grad(this.function(text, [wrt], [])), this.get(wrt));
  }
}

/** The Jacobian by one pullback for each entry of the value. */
function rows(f: (x: Tensor) => Tensor, x: Tensor): number[][] {
  const [y, pull] = vjp(f, x);
  return Array.from({ length: y.size }, (_, i) => {
    const unit = new Float64Array(y.size);
    unit[i] = 1;
    const [row] = pull(tensor(unit, { dtype: y.dtype, shape: y.shape }));
    return flat(row.toArray());
  });
}

/** How far a gradient is from the set of subgradients. */
export function outside(G: Nested, set: Nonsmooth): number {
  const g = flat(G);
  if (g.some((x) => !Number.isFinite(x))) return Number.POSITIVE_INFINITY;
  if (set.type === "box") {
    const [lo, hi] = [flat(set.lo), flat(set.hi)];
    const off = g.map((x, i) => Math.max((lo[i] as number) - x, x - (hi[i] as number), 0));
    const total = g.reduce((a, b) => a + b, 0);
    return Math.max(...off, set.sum === undefined ? 0 : Math.abs(total - set.sum));
  }
  // The nearest point c + M u with |u| ≤ radius, by projected gradient steps.
  const { matrix, radius } = set;
  const center = flat(set.center);
  const u = new Array<number>(matrix[0]?.length ?? 0).fill(0);
  const rate = 1 / (flat(matrix).reduce((s, x) => s + x * x, 0) || 1);
  const residual = () =>
    g.map((x, i) => {
      const row = matrix[i] as readonly number[];
      return x - (center[i] as number) - row.reduce((s, m, j) => s + m * (u[j] as number), 0);
    });
  for (let step = 0; step < 10_000; step++) {
    const r = residual();
    u.forEach((x, j) => {
      u[j] = x + rate * r.reduce((s, e, i) => s + e * (matrix[i]?.[j] as number), 0);
    });
    const shrink = Math.min(1, radius / (Math.hypot(...u) || radius));
    u.forEach((x, j) => {
      u[j] = x * shrink;
    });
  }
  return Math.max(...residual().map(Math.abs));
}
