import { ParseError, type Program, parse } from "../derive/index.js";
import {
  grad,
  jacobian,
  type Layout,
  type Shape,
  ShapeError,
  type Tensor,
  TracegradError,
} from "../index.js";
import { namesIn, only } from "./names.js";
import { allFinite, distance, isClose, type Numbers, sizeOf, transposed } from "./numbers.js";
import { draw, moved, plan, type Spread } from "./random.js";

/** How long the named axes are. */
export type Sizes = ReadonlyMap<string, number>;

/** Values of the variables, and the true derivative there. */
export interface Point {
  readonly spread: Spread;
  readonly values: readonly Tensor[];
  readonly truth: Numbers;
}

/** Lengths of the named axes, with points at which values have them. */
export interface Setting {
  readonly sizes: Sizes;
  readonly points: readonly Point[];
}

/** A point with the value of the claim, null where that is not defined or not finite. */
export interface Pair extends Point {
  readonly claim: Numbers | null;
}

/** Changes values before anything is calculated of them, such as to make them symmetric. */
export type Change = (value: Tensor, i: number) => Tensor;

type Dim = Program["rows"];

/**
 * Lengths of named axes, all different, and none a product of two: a wrong one does not fit. The
 * orders differ, for some expressions are only defined where matrices are tall, or wide.
 */
const LENGTHS = [
  [3, 5, 2, 7, 11, 13, 17],
  [5, 3, 7, 2, 13, 11, 17],
  [17, 13, 11, 7, 5, 3, 2],
  [2, 3, 5, 7, 11, 13, 17],
] as const;

/** In so many of these orders a claim must be right. */
const ORDERS = 2;

/** Values are moved by so much, relatively, to see whether the derivative can be relied on there. */
const MOVED = 1e-9;
/** If it changes by more than this, its digits are lost: a matrix is singular but for rounding. */
const STEADY = 1e-4;

/** A claim about the derivative of an expression by one of its variables. */
export class Question {
  /** Where the variable stands among the variables. */
  readonly at: number;
  readonly names: readonly string[];
  /** Where the claim is compared: first at the first of these. */
  readonly settings: readonly Setting[];

  constructor(
    readonly program: Program,
    readonly wrt: string,
    readonly layout: Layout,
    readonly claim: string,
  ) {
    this.names = program.variables.map(({ name }) => name);
    this.at = this.names.indexOf(wrt);
    this.settings = this.findSettings();
  }

  /** The lengths with which the claim is first compared. */
  get sizes(): Sizes {
    return this.settings[0]?.sizes ?? new Map();
  }

  private findSettings(): Setting[] {
    const { variables, rows, columns } = this.program;
    const dims = [...variables.flatMap((variable) => [variable.rows, variable.columns])];
    const all = [...dims, rows, columns];
    const given = all.filter((dim) => typeof dim === "number");
    const parts = all.flatMap((dim) => (typeof dim === "string" ? dim.split("·") : []));
    const axes = [...new Set(parts.filter((axis) => !/^\d+$/.test(axis)))];
    const zero: Setting[] = [];
    const found: Setting[] = [];
    for (const order of axes.length === 0 ? LENGTHS.slice(0, 1) : LENGTHS) {
      const free = order.filter((length) => !given.includes(length));
      const sizes = new Map(axes.map((axis, i) => [axis, free[i % free.length] as number]));
      const points = this.points(sizes);
      if (points.length === 0) continue;
      // Where the derivative is zero, factors and signs cannot be seen.
      const isZero = points.every(({ truth }) => sizeOf(truth) < 1e-9);
      (isZero ? zero : found).push({ sizes, points });
      if (found.length === ORDERS || zero.length === ORDERS) break;
    }
    return found.length > 0 ? found : zero;
  }

  /** The names in the claim that are no variables of the expression. */
  get strangers(): readonly string[] {
    return namesIn(this.claim).filter((name) => !this.names.includes(name));
  }

  /** The shapes of the variables. */
  shapes(sizes: Sizes): Record<string, Shape> {
    return Object.fromEntries(
      this.program.variables.map(({ name, kind, rows, columns }) => {
        const shape = [rows, columns].map((dim) => lengthOf(dim, sizes));
        return [name, kind === "scalar" ? [] : kind === "vector" ? shape.slice(0, 1) : shape];
      }),
    );
  }

  /** Random values at which the derivative is finite, and keeps its digits. */
  points(sizes: Sizes, change: Change = (value) => value): Point[] {
    const shapes = Object.values(this.shapes(sizes));
    const valuesAt = (spread: Spread, seed: number): Tensor[] =>
      this.program.variables.map(({ kind }, i) => {
        const symmetric = kind === "symmetric matrix";
        return change(draw(shapes[i] as Shape, symmetric, spread, seed * 97 + i), i);
      });
    const truthAt = (values: readonly Tensor[]): Numbers | null =>
      attempted(() => this.derivative(this.program, this.names, values, this.at));
    return plan.flatMap(([spread, wanted]) => {
      const found: Point[] = [];
      for (let seed = 1; seed <= 4 * wanted && found.length < wanted; seed++) {
        const values = valuesAt(spread, seed);
        const truth = truthAt(values);
        if (truth === null) continue;
        const near = truthAt(values.map((x, i) => moved(x, MOVED, seed * 89 + i)));
        if (near === null || distance(near, truth) > STEADY) continue;
        found.push({ spread, values, truth });
      }
      return found;
    });
  }

  /** The points with the values of the claim, or of another; a ShapeError where sizes do not fit. */
  pairs(sizes: Sizes, points: readonly Point[], claim = this.claim): Pair[] {
    const [first] = points;
    if (first === undefined) return [];
    const read = this.read(claim, sizes, first.truth);
    return points.map((point) => {
      const values = new Map(this.names.map((name, i) => [name, point.values[i] as Tensor]));
      return { ...point, claim: attempted(() => numbersOf(read.run(values))) };
    });
  }

  /** Whether a claim is right at all of some points, for the truth or what is made of it. */
  holds(
    sizes: Sizes,
    points: readonly Point[],
    claim = this.claim,
    of: (truth: Numbers) => Numbers = (truth) => truth,
  ): boolean {
    try {
      const pairs = this.pairs(sizes, points, claim);
      return (
        pairs.length > 1 &&
        pairs.every(({ claim, truth }) => claim !== null && isClose(claim, of(truth)))
      );
    } catch (error) {
      if (error instanceof ShapeError || error instanceof ParseError) return false;
      throw error;
    }
  }

  /** Reads a claim at these sizes: of the shape of the derivative or its transpose, or of its own. */
  private read(claim: string, sizes: Sizes, like: Numbers): Program {
    const names = namesIn(claim);
    const kinds = this.program.variables.map(({ name, kind }) => [name, kind] as const);
    const options = {
      kinds: only(Object.fromEntries(kinds), names),
      shapes: only(this.shapes(sizes), names),
    };
    for (const { rows, columns } of [like, transposed(like)]) {
      const shape = columns > 1 ? [rows, columns] : rows > 1 ? [rows] : [];
      try {
        return parse(claim, { ...options, shape });
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
      }
    }
    return parse(claim, options);
  }

  /** The derivative of a program by one of its arguments, from the tape, as a matrix. */
  derivative(
    program: Program,
    names: readonly string[],
    values: readonly Tensor[],
    at: number,
  ): Numbers {
    const f = (...args: Tensor[]): Tensor =>
      program.run(new Map(names.map((name, i) => [name, args[i] as Tensor])));
    const x = values[at] as Tensor;
    const y = f(...values);
    if (y.rank === 0) {
      const G = numbersOf(grad(f, { wrt: at })(...values) as Tensor);
      return this.layout === "denominator" ? G : transposed(G);
    }
    const J = jacobian(f, { wrt: at })(...values) as Tensor;
    // By a scalar it has the shape of the value in both layouts.
    if (x.rank === 0) return numbersOf(J);
    const flat = { rows: y.size, columns: x.size, data: [...J.data()] };
    return this.layout === "numerator" ? flat : transposed(flat);
  }

  /** A shape as it is said: `m×n`, `a vector of n`, `a scalar`. */
  described({ rows, columns }: Numbers): string {
    if (rows === 1 && columns === 1) return "a scalar";
    const [m, n] = [rows, columns].map((length) => this.label(length));
    return columns === 1 ? `a vector of ${m}` : `${m}×${n}`;
  }

  private label(length: number): string {
    const named = [...this.sizes];
    const single = named.find(([, own]) => own === length);
    if (single !== undefined) return single[0];
    for (const [a, p] of named) {
      for (const [b, q] of named) if (p * q === length) return `${a}·${b}`;
    }
    return String(length);
  }
}

/** The value in the expression's own number, or null where it is not defined or not finite. */
function attempted(calculate: () => Numbers): Numbers | null {
  try {
    const found = calculate();
    return allFinite(found) ? found : null;
  } catch (error) {
    // Not defined there, such as the logarithm of a negative determinant.
    if (error instanceof TracegradError && !(error instanceof ShapeError)) return null;
    throw error;
  }
}

export function numbersOf(X: Tensor): Numbers {
  const [rows = 1, columns = 1] = X.shape;
  return { rows, columns, data: [...X.data()] };
}

/** The length of an axis: `m·k` is a product. */
export function lengthOf(dim: Dim, sizes: Sizes): number {
  if (typeof dim === "number") return dim;
  return dim
    .split("·")
    .reduce((product, axis) => product * (sizes.get(axis) ?? (Number(axis) || 1)), 1);
}
