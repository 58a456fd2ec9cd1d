import type { TypedArray } from "../../tensor/dtype.js";
import { SingularError } from "../../tensor/errors.js";
import { type Shape, stridesOf } from "../../tensor/shape.js";

/** `X` with its rows in the order `rows` is `LU`: unit `L` below the diagonal of `lu`, `U` above. */
export interface LU {
  /** How many columns there are. */
  readonly n: number;
  readonly lu: Float64Array;
  readonly rows: Int32Array;
  /** The sign of the permutation. */
  readonly sign: number;
}

/**
 * The LU decomposition with partial pivoting of the matrix of `n` columns, and as many rows unless
 * `m` is given, that starts at `at`.
 */
export function decompose(X: TypedArray, at: number, n: number, m = n): LU {
  const lu = Float64Array.from(X.subarray(at, at + m * n));
  const rows = Int32Array.from({ length: m }, (_, i) => i);
  let sign = 1;
  for (let k = 0; k < Math.min(m, n); k++) {
    let pivot = k;
    for (let i = k + 1; i < m; i++) {
      if (Math.abs(lu[i * n + k] as number) > Math.abs(lu[pivot * n + k] as number)) pivot = i;
    }
    if (pivot !== k) {
      swapRows(lu, n, k, pivot);
      swap(rows, k, pivot);
      sign = -sign;
    }
    const d = lu[k * n + k] as number;
    if (d === 0) continue; // nothing is left below it
    for (let i = k + 1; i < m; i++) {
      const l = (lu[i * n + k] as number) / d;
      lu[i * n + k] = l;
      for (let j = k + 1; j < n; j++) {
        lu[i * n + j] = (lu[i * n + j] as number) - l * (lu[k * n + j] as number);
      }
    }
  }
  return { n, lu, rows, sign };
}

/**
 * Refuses a matrix without an inverse: one with a pivot of 0, or so small beside the terms that
 * were subtracted to make it that rounding is all it consists of.
 */
export function requireRegular(
  { n, lu, rows }: LU,
  X: TypedArray,
  at: number,
  who: string,
  consequence = "",
): void {
  for (let k = 0; k < n; k++) {
    const pivot = Math.abs(lu[k * n + k] as number);
    let terms = Math.abs(X[at + (rows[k] as number) * n + k] as number);
    for (let j = 0; j < k; j++) {
      terms += Math.abs((lu[k * n + j] as number) * (lu[j * n + k] as number));
    }
    if (pivot === 0)
      throw new SingularError(`${who} is singular (pivot ${k + 1} is 0)${consequence}`);
    if (pivot <= Number.EPSILON * terms && Number.isFinite(terms)) {
      throw new SingularError(
        `${who} is singular to working precision (pivot ${k + 1} is ${pivot.toPrecision(2)} in size, ` +
          `which is all rounding)${consequence}`,
      );
    }
  }
}

/** How messages call the matrix `index` of a batch: `X`, or `X[1, 0]`. */
export function nameOf(name: string, shape: Shape, index: number): string {
  const lead = shape.slice(0, -2);
  if (lead.length === 0) return name;
  const at = stridesOf(lead).map((step, i) => Math.floor(index / step) % (lead[i] as number));
  return `${name}[${at.join(", ")}]`;
}

/** Which triangle to read, and whether its diagonal counts as ones. */
export interface Triangle {
  readonly lower: boolean;
  readonly unitDiagonal: boolean;
}

/** Replaces `Y` `[n, k]` by `T⁻¹·Y`, where `T` is a triangle of the matrix that starts at `at`. */
export function substitute(
  T: TypedArray,
  at: number,
  n: number,
  { lower, unitDiagonal }: Triangle,
  Y: Float64Array,
  k: number,
): void {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const [from, to] = lower ? [0, i] : [i + 1, n];
    for (let p = from; p < to; p++) {
      const x = T[at + i * n + p] as number;
      for (let j = 0; j < k; j++) {
        Y[i * k + j] = (Y[i * k + j] as number) - x * (Y[p * k + j] as number);
      }
    }
    if (unitDiagonal) continue;
    const d = T[at + i * n + i] as number;
    for (let j = 0; j < k; j++) Y[i * k + j] = (Y[i * k + j] as number) / d;
  }
}

export function swap(list: Int32Array, i: number, j: number): void {
  const held = list[i] as number;
  list[i] = list[j] as number;
  list[j] = held;
}

export function swapRows(X: Float64Array, n: number, i: number, j: number): void {
  for (let p = 0; p < n; p++) {
    const held = X[i * n + p] as number;
    X[i * n + p] = X[j * n + p] as number;
    X[j * n + p] = held;
  }
}

/** x · 2ⁿ in two steps: 2ⁿ by itself may overflow where the product does not. */
export function timesPowerOf2(x: number, n: number): number {
  const half = Math.trunc(n / 2);
  return x * 2 ** half * 2 ** (n - half);
}
