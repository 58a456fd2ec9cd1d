import {
  acos,
  adjugate,
  arange,
  asin,
  atan,
  cos,
  cosh,
  det,
  diag,
  diagPart,
  exp,
  eye,
  full,
  inv,
  kron,
  log,
  logsumexp,
  matmul,
  matrixPower,
  max,
  mul,
  neg,
  pow,
  relu,
  reshape,
  sigmoid,
  sign,
  sin,
  sinh,
  softmax,
  softplus,
  sqrt,
  sum,
  type Tensor,
  t,
  take,
  tan,
  tanh,
  trace,
} from "../../src/index.js";

/*
 * Parts of formulas, 2-D, the sizes of which are found from what they are put together with: those of I and
 * 𝟏 are written nowhere.
 */

/** A length: a number, or unknown until it is found equal to another; unknown ones are not 1. */
export interface Length {
  n: number | Length | null;
}
export type Size = readonly [rows: Length, columns: Length];

export interface Part {
  readonly size: Size;
  readonly value: () => Tensor;
}

export const fixed = (n: number): Length => ({ n });
const open = (): Length => ({ n: null });
export const one = fixed(1);

function found(length: Length): Length {
  let at = length;
  while (at.n !== null && typeof at.n === "object") at = at.n;
  return at;
}

function lengthOf(length: Length): number {
  const { n } = found(length);
  if (typeof n !== "number") throw new Error("nothing says how long an axis is");
  return n;
}

export function same(a: Length, b: Length): void {
  const [x, y] = [found(a), found(b)];
  if (x === y) return;
  if (x.n === null && y.n !== 1) x.n = y;
  else if (y.n === null && x.n !== 1) y.n = x;
  else if (x.n !== y.n)
    throw new Error(`an axis of ${x.n ?? "more"} meets one of ${y.n ?? "more"}`);
}

const isOne = (length: Length): boolean => found(length).n === 1;
export const isScalar = ({ size: [rows, columns] }: Part): boolean => isOne(rows) && isOne(columns);

const entrywise: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  ...{ exp, log, sin, cos, tan, sinh, cosh, tanh, sign, relu, softplus, sqrt },
  ...{ σ: sigmoid, arcsin: asin, arccos: acos, arctan: atan },
};
const reduces: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  ...{ sum, det, logsumexp, max, tr: trace },
};

export function constant(c: number): Part {
  return { size: [one, one], value: () => full([1, 1], c, { dtype: "float64" }) };
}

export function ones(): Part {
  const n = open();
  return { size: [n, one], value: () => full([lengthOf(n), 1], 1, { dtype: "float64" }) };
}

export function identity(): Part {
  const n = open();
  return { size: [n, n], value: () => eye(lengthOf(n), { dtype: "float64" }) };
}

export function negative(X: Part): Part {
  return { size: X.size, value: () => neg(X.value()) };
}

export function turned(X: Part): Part {
  return { size: [X.size[1], X.size[0]], value: () => t(X.value()) };
}

export function scalar(X: Part, f: (x: Tensor) => Tensor): Part {
  return { size: [one, one], value: () => reshape(f(X.value()), [1, 1]) };
}

/** Entry by entry; a scalar goes with every entry. */
export function level(a: Part, b: Part, f: (x: Tensor, y: Tensor) => Tensor): Part {
  const value = (): Tensor => f(a.value(), b.value());
  if (isScalar(a)) return { size: b.size, value };
  if (!isScalar(b)) {
    same(a.size[0], b.size[0]);
    same(a.size[1], b.size[1]);
  }
  return { size: a.size, value };
}

export function times(a: Part, b: Part): Part {
  if (isScalar(a) || isScalar(b)) return level(a, b, mul);
  same(a.size[1], b.size[0]);
  return { size: [a.size[0], b.size[1]], value: () => matmul(a.value(), b.value()) };
}

/** A whole power, of a scalar or a square matrix. */
export function whole(X: Part, n: number): Part {
  if (isScalar(X)) return { size: X.size, value: () => pow(X.value(), n) };
  same(...X.size);
  return {
    size: X.size,
    value: () => matrixPower(n < 0 ? inv(X.value()) : X.value(), Math.abs(n)),
  };
}

export function kronecker(a: Part, b: Part, products: Products): Part {
  const size = [0, 1].map((i) => products.of(a.size[i] as Length, b.size[i] as Length));
  return { size: size as [Length, Length], value: () => kron(a.value(), b.value()) };
}

/** The permutation with `K·vec(X) = vec(Xᵀ)` for `X` of so many rows and columns, row by row. */
export function commutation(rows: number, columns: number): Part {
  const n = rows * columns;
  const order = () => reshape(t(reshape(arange(n), [rows, columns])), [n]).cast("int32");
  const value = (): Tensor => take(eye(n, { dtype: "float64" }), order());
  return { size: [fixed(n), fixed(n)], value };
}

/** Lengths that are the product of two others. */
export class Products {
  readonly #list: { readonly a: Length; readonly b: Length; readonly whole: Length }[] = [];

  of(a: Length, b: Length): Length {
    if (isOne(a)) return b;
    if (isOne(b)) return a;
    const whole = open();
    this.#list.push({ a, b, whole });
    return whole;
  }

  /** Finds those of the three that follow from the others, until nothing more does. */
  settle(): void {
    for (const _ of this.#list) {
      for (const { a, b, whole } of this.#list) {
        const [m, n, p] = [a, b, whole].map((length) => found(length).n as number | null);
        if (m && n) same(whole, fixed(m * n));
        else if (m && p) same(b, fixed(p / m));
        else if (n && p) same(a, fixed(p / n));
        else if (p && found(a) === found(b)) same(a, fixed(Math.sqrt(p)));
      }
    }
  }
}

export function applied(f: string, X: Part, products: Products): Part {
  const [rows, columns] = X.size;
  if (f === "vec") {
    const n = products.of(rows, columns);
    return { size: [n, one], value: () => reshape(X.value(), [lengthOf(n), 1]) };
  }
  const own = entrywise[f];
  if (own !== undefined) return { size: X.size, value: () => own(X.value()) };
  const reduced = reduces[f];
  if (reduced !== undefined) {
    if (f === "tr" || f === "det") same(rows, columns);
    return scalar(X, reduced);
  }
  if (f === "softmax") {
    // Of a column, or of each row.
    const axis = () => (lengthOf(columns) === 1 ? 0 : 1);
    return { size: X.size, value: () => softmax(X.value(), { axis: axis() }) };
  }
  if (f === "adj") {
    same(rows, columns);
    return { size: X.size, value: () => adjugate(X.value()) };
  }
  if (f === "diag" && isOne(columns)) {
    return { size: [rows, rows], value: () => diag(reshape(X.value(), [lengthOf(rows)])) };
  }
  if (f === "diag" || f === "diagPart") {
    same(rows, columns);
    const value = (): Tensor => reshape(diagPart(X.value()), [lengthOf(rows), 1]);
    return { size: [rows, one], value };
  }
  throw new Error(`${f} is no known function`);
}
