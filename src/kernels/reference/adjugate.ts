import type { TypedArray } from "../../tensor/dtype.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import { substitute, swap, swapRows, timesPowerOf2 } from "./lu.js";
import { batchIndex } from "./product.js";

/*
 * The adjugate and its derivatives, at regular and singular X alike.
 *
 * With complete pivoting X = P·D·Q, where P is a permutation times a unit lower triangle, Q a unit
 * upper triangle times a permutation (both always regular, their entries at most 1), and D is
 * diagonal, with a 0 for each rank that is missing. As adj(P·M·Q) = det(P)·det(Q)·Q⁻¹·adj(M)·P⁻¹,
 *
 *     Dᵏadj(X)[H₁, …] = det(P)·det(Q) · Q⁻¹ · Dᵏadj(D)[P⁻¹·H₁·Q⁻¹, …] · P⁻¹,
 *
 * and for a diagonal D the derivatives are sums of products of minors of the H and of entries of D.
 */

/** `X[rows, cols] = L·D·U`, in one array: L below the diagonal, D on it, U above. */
interface LDU {
  readonly n: number;
  readonly ldu: Float64Array;
  readonly rows: Int32Array;
  readonly cols: Int32Array;
  /** det(P)·det(Q), the signs of both permutations. */
  readonly sign: number;
}

function decompose(X: TypedArray, at: number, n: number): LDU {
  const ldu = Float64Array.from(X.subarray(at, at + n * n));
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  const cols = rows.slice();
  let sign = 1;
  for (let k = 0; k < n; k++) {
    const [row, col] = largest(ldu, n, k);
    if (row !== k) {
      swapRows(ldu, n, k, row);
      swap(rows, k, row);
      sign = -sign;
    }
    if (col !== k) {
      swapCols(ldu, n, k, col);
      swap(cols, k, col);
      sign = -sign;
    }
    const d = ldu[k * (n + 1)] as number;
    if (d === 0) break; // only zeros are left: L and U go on as the identity
    for (let j = k + 1; j < n; j++) ldu[k * n + j] = (ldu[k * n + j] as number) / d;
    for (let i = k + 1; i < n; i++) {
      const x = ldu[i * n + k] as number;
      for (let j = k + 1; j < n; j++) {
        ldu[i * n + j] = (ldu[i * n + j] as number) - x * (ldu[k * n + j] as number);
      }
      ldu[i * n + k] = x / d;
    }
  }
  return { n, ldu, rows, cols, sign };
}

/** Where the largest entry from row and column `k` on lies; NaN counts as the largest. */
function largest(X: Float64Array, n: number, k: number): [row: number, col: number] {
  let [row, col] = [k, k];
  for (let i = k; i < n; i++) {
    for (let j = k; j < n; j++) {
      const x = Math.abs(X[i * n + j] as number);
      if (!(x <= Math.abs(X[row * n + col] as number))) [row, col] = [i, j];
    }
  }
  return [row, col];
}

function swapCols(X: Float64Array, n: number, i: number, j: number): void {
  for (let at = 0; at < n * n; at += n) {
    const held = X[at + i] as number;
    X[at + i] = X[at + j] as number;
    X[at + j] = held;
  }
}

/** Replaces `X` by `L⁻¹·X·U⁻¹` (or, `flipped`, by `U⁻¹·X·L⁻¹`). */
function between({ n, ldu }: LDU, X: Float64Array, flipped: boolean): Float64Array {
  substitute(ldu, 0, n, { lower: !flipped, unitDiagonal: true }, X, n);
  // From the right, row by row: z·T = x, where T is the other triangle.
  for (let at = 0; at < n * n; at += n) {
    for (let step = 0; step < n; step++) {
      const p = flipped ? n - 1 - step : step;
      const z = X[at + p] as number;
      const [from, to] = flipped ? [0, p] : [p + 1, n];
      for (let j = from; j < to; j++) {
        X[at + j] = (X[at + j] as number) - z * (ldu[p * n + j] as number);
      }
    }
  }
  return X;
}

/**
 * `Dᵏadj(D)[H₁, …, H_k]` for D = Diag(d). By the expansion of det(D + t₁H₁ + …) along the diagonal,
 * entry (a, a) is the sum over all R of k indices without a of (the product of the d outside
 * R ∪ {a}) times the mixed minor of the H in rows and columns R; entry (a, b) minus the sum over
 * all S of k − 1 indices without a, b of (the product of the d outside S ∪ {a, b}) times the mixed
 * minor in rows a, S and columns b, S.
 */
function atDiagonal(d: Diagonal, Hs: readonly Float64Array[]): Float64Array {
  const n = d.mantissas.length;
  const k = Hs.length;
  const out = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    out[a * (n + 1)] = overSubsets(d, [a], k, (R) => mixed(Hs, R, R, n));
    for (let b = 0; b < n && k > 0; b++) {
      if (a === b) continue;
      const minor = (S: readonly number[]): number => mixed(Hs, [a, ...S], [b, ...S], n);
      out[a * n + b] = -overSubsets(d, [a, b], k - 1, minor);
    }
  }
  return out;
}

/** Numbers as mantissa · 2^exponent, so that a product of many does not overflow on the way. */
interface Diagonal {
  readonly mantissas: Float64Array;
  readonly exponents: Int32Array;
  /** Of all exponents. */
  readonly sum: number;
}

function scaled(d: Float64Array): Diagonal {
  const exponents = Int32Array.from(d, (x) =>
    x === 0 || !Number.isFinite(x) ? 0 : Math.round(Math.log2(Math.abs(x))),
  );
  const mantissas = d.map((x, i) => timesPowerOf2(x, -(exponents[i] as number)));
  return { mantissas, exponents, sum: exponents.reduce((a, b) => a + b, 0) };
}

/**
 * The sum of (the product of the d outside S and `without`) · `minor(S)` over all S of `size`
 * indices that are not in `without`. Nothing is divided: a d may be 0.
 */
function overSubsets(
  { mantissas, exponents, sum }: Diagonal,
  without: readonly number[],
  size: number,
  minor: (S: readonly number[]) => number,
): number {
  let total = 0;
  const choose = (S: readonly number[], from: number, product: number): void => {
    let outside = product;
    for (let i = from; i < mantissas.length; i++) {
      if (without.includes(i)) continue;
      if (S.length < size) choose([...S, i], i + 1, outside);
      outside *= mantissas[i] as number;
    }
    if (S.length < size) return;
    const inside = [...without, ...S].reduce((twos, i) => twos + (exponents[i] as number), 0);
    total += timesPowerOf2(outside, sum - inside) * minor(S);
  };
  choose([], 0, 1);
  return total;
}

/**
 * The mixed minor: the sum over all ways to take each row from another of the H of the determinant
 * in these rows and columns. By Laplace along the first row.
 */
function mixed(
  Hs: readonly Float64Array[],
  rows: readonly number[],
  cols: readonly number[],
  n: number,
): number {
  if (rows.length === 0) return 1;
  const [row, ...below] = rows as [number, ...number[]];
  let total = 0;
  Hs.forEach((H, h) => {
    const left = Hs.filter((_, i) => i !== h);
    cols.forEach((col, j) => {
      const beside = cols.filter((_, i) => i !== j);
      const x = H[row * n + col] as number;
      total += (j % 2 === 0 ? x : -x) * mixed(left, below, beside, n);
    });
  });
  return total;
}

function derivative(X: LDU, Hs: readonly { data: TypedArray; at: number }[]): Float64Array {
  const { n, ldu, rows, cols, sign } = X;
  const d = Float64Array.from({ length: n }, (_, i) => ldu[i * (n + 1)] as number);
  const inside = Hs.map(({ data, at }) => {
    const H = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        H[i * n + j] = data[at + (rows[i] as number) * n + (cols[j] as number)] as number;
      }
    }
    return between(X, H, false);
  });
  const found = between(X, atDiagonal(scaled(d), inside), true);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      // Adding 0 makes 0 of −0, which printed cofactors should not show.
      out[(cols[i] as number) * n + (rows[j] as number)] = sign * (found[i * n + j] as number) + 0;
    }
  }
  return out;
}

export const adjugate: ReferenceKernel = ([X, ...Hs], [Y]) => {
  const { data, shape } = X as NDArray;
  const { data: y, shape: yShape } = Y as NDArray;
  const { batch, n } = matrices(shape);
  const decomposed = Array.from({ length: batch }, (_, b) => decompose(data, b * n * n, n));
  const lead = yShape.slice(0, -2);
  const ofHs = Hs.map((H) => batchIndex(H.shape, lead));
  batchIndex(shape, lead).forEach((b, at) => {
    const parts = Hs.map((H, h) => ({ data: H.data, at: (ofHs[h]?.[at] as number) * n * n }));
    y.set(derivative(decomposed[b] as LDU, parts), at * n * n);
  });
};
