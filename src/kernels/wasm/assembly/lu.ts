// LU decomposition with partial pivoting, of a copy whose rows are padded to whole vectors.
// S is the element type that is stored, T the one that is worked in.
import { gemm } from "./gemm";
import { lanes } from "./memory";
import { copyRows, nmadd, strideOf, whole } from "./rows";
import { substitute } from "./triangular";

/** Matrices up to this order are decomposed directly, wider ones in panels of PANEL columns. */
const DIRECT: i32 = 32;
const PANEL: i32 = 16;
/** Columns that are eliminated before the rest of a panel is brought up to date. */
const STRIP: i32 = 4;

/** float32 matrices up to this order are worked in float64. */
const SMALL: i32 = 8;

/*
 * A workspace holds the determinant (a mantissa and an exponent, float64), at SPARE room for a
 * vector, at DOUBLE whether LU is in float64, from ROWS on the order of the rows and the exchanges
 * that led to it (int32), then LU, then what a solver needs.
 */
export const SPARE: usize = 16;
const DOUBLE: usize = 32;
const ROWS: usize = 64;

/** 2^−512 and 2^512 */
const F64_SMALL: f64 = reinterpret<f64>(<i64>(1023 - 512) << 52);
const F64_LARGE: f64 = reinterpret<f64>(<i64>(1023 + 512) << 52);

// @ts-ignore: decorator
@inline
export function isDouble(work: usize): bool {
  return load<i32>(work + DOUBLE) != 0;
}

/** Decomposes in float64, whatever the type. */
export function decomposeDouble<S>(n: i32, X: usize, work: usize): i32 {
  store<i32>(work + DOUBLE, 1);
  return decomposeIn<S, f64>(n, X, work);
}

// @ts-ignore: decorator
@inline
export function rowsIn(work: usize): usize {
  return work + ROWS;
}

// @ts-ignore: decorator
@inline
export function luIn(work: usize, n: i32): usize {
  return work + ROWS + (((<usize>n << 3) + 63) & ~63);
}

/** What is free behind LU. */
export function freeIn(work: usize, n: i32): usize {
  return luIn(work, n) + <usize>n * <usize>strideOf<f64>(n) * 8;
}

function padRows<T>(m: i32, n: i32, W: usize, ldw: i32): void {
  for (let i = 0; i < m; i++) {
    const w = W + <usize>i * <usize>ldw * sizeof<T>();
    for (let j = n; j < whole<T>(n); j++) store<T>(w + <usize>j * sizeof<T>(), 0);
  }
}

/**
 * Decomposes `X` (n × n) into the workspace. Returns 1 where a pivot is (almost) nothing but
 * rounding, or where there are NaN: then the caller looks closer. Of float32, small matrices are
 * worked in float64, so that 3·⅔ − 2 is 0; and so are those that are in doubt in float32.
 */
export function decompose<S>(n: i32, X: usize, work: usize): i32 {
  if (sizeof<S>() == 4) {
    store<i32>(work + DOUBLE, 0);
    if (n > SMALL && !decomposeIn<S, f32>(n, X, work)) return 0;
  }
  return decomposeDouble<S>(n, X, work);
}

function decomposeIn<S, T>(n: i32, X: usize, work: usize): i32 {
  const lu = luIn(work, n);
  const ld = strideOf<T>(n);
  const pivots = rowsIn(work) + (<usize>n << 2);
  copyRows<S, T>(n, n, X, n, lu, ld);
  if (whole<T>(n) != n) padRows<T>(n, n, lu, ld);
  if (n <= DIRECT) panel<T>(n, n, lu, ld, pivots);
  else factor<T>(n, n, lu, ld, pivots);
  const sign = orderRows(n, n, pivots, rowsIn(work));
  determinant<T>(n, sign, lu, ld, work);
  const bound: T = sizeof<T>() == 4 ? <T>(8 * f32.EPSILON) : <T>(8 * f64.EPSILON);
  return hasTiny<T>(n, lu, ld, bound, work + SPARE);
}

/**
 * Decomposes the first `n` columns of `m` rows. By halves (S. Toledo, "Locality of reference in LU
 * decomposition with partial pivoting", 1997): the left columns, what they make of the right ones,
 * and then these. `pivots[k]` is the row that changed places with row k.
 */
export function factor<T>(m: i32, n: i32, A: usize, lda: i32, pivots: usize): void {
  if (n <= PANEL) return panel<T>(m, n, A, lda, pivots);
  const size = sizeof<T>();
  const left = ((n >> 1) + PANEL - 1) & -PANEL;
  const right = n - left;
  factor<T>(m, left, A, lda, pivots);
  const A12 = A + <usize>left * size;
  const A21 = A + <usize>left * <usize>lda * size;
  const A22 = A21 + <usize>left * size;
  exchange<T>(right, A12, lda, pivots, left);
  substitute<T>(1, 0, 1, left, whole<T>(right), A, lda, A12, lda);
  gemm<T>(0, 0, m - left, right, left, -1, A21, lda, A12, lda, 1, A22, lda);
  const lower = pivots + (<usize>left << 2);
  factor<T>(m - left, right, A22, lda, lower);
  exchange<T>(left, A21, lda, lower, right);
  for (let k = 0; k < right; k++) {
    const at = lower + (<usize>k << 2);
    store<i32>(at, load<i32>(at) + left);
  }
}

/** Directly, in strips of STRIP columns: each strip, and what it makes of those to its right. */
function panel<T>(m: i32, n: i32, A: usize, lda: i32, pivots: usize): void {
  const row = <usize>lda * sizeof<T>();
  const width = <usize>whole<T>(n) * sizeof<T>();
  for (let k = 0; k < n; k += STRIP) {
    const end = min(k + STRIP, n);
    for (let j = k; j < end; j++) eliminate<T>(m, j, end, A, row, width, pivots);
    if (end < n) subtractProduct<T>(k, m, A, row, <usize>end * sizeof<T>(), width);
  }
}

/** Column k: finds its pivot, exchanges the rows, and clears what is below it up to column `end`. */
// @ts-ignore: decorator
@inline
function eliminate<T>(
  m: i32,
  k: i32,
  end: i32,
  A: usize,
  row: usize,
  width: usize,
  pivots: usize,
): void {
  const a = A + <usize>k * row;
  const below = A + <usize>m * row;
  const column = <usize>k * sizeof<T>();
  let pivot = a;
  let largest = abs<T>(load<T>(a + column));
  for (let b = a + row; b < below; b += row) {
    const x = abs<T>(load<T>(b + column));
    if (x > largest) {
      largest = x;
      pivot = b;
    }
  }
  store<i32>(pivots + (<usize>k << 2), <i32>((pivot - A) / row));
  if (pivot != a) exchangeRows(a, pivot, width);
  const d = load<T>(a + column);
  if (d == 0) return; // nothing is left below it
  // In the vector that holds column k, the multiplier takes the place of the element.
  const lane = k & (lanes<T>() - 1);
  const first = column & ~15;
  const here = laneIs<T>(lane);
  const tail = v128.andnot(v128.load(a + first), lanesUpTo<T>(lane));
  const last = <usize>whole<T>(end) * sizeof<T>();
  for (let b = a + row; b < below; b += row) {
    const l: T = load<T>(b + column) / d;
    const x = v128.splat<T>(l);
    v128.store(b + first, v128.bitselect(x, nmadd<T>(x, tail, v128.load(b + first)), here));
    for (let j = first + 16; j < last; j += 16) {
      v128.store(b + j, nmadd<T>(x, v128.load(a + j), v128.load(b + j)));
    }
  }
}

/** Columns from `right` on, after a strip that starts at k: first its own rows, then those below. */
function subtractProduct<T>(
  k: i32,
  m: i32,
  A: usize,
  row: usize,
  right: usize,
  width: usize,
): void {
  const size = sizeof<T>();
  const p0 = A + <usize>k * row;
  const p1 = p0 + row;
  const p2 = p1 + row;
  const p3 = p2 + row;
  const left = <usize>k * size;
  const below = A + <usize>m * row;
  const l10 = v128.load_splat<T>(p1 + left);
  const l20 = v128.load_splat<T>(p2 + left);
  const l21 = v128.load_splat<T>(p2 + left + size);
  const l30 = v128.load_splat<T>(p3 + left);
  const l31 = v128.load_splat<T>(p3 + left + size);
  const l32 = v128.load_splat<T>(p3 + left + 2 * size);
  for (let j = right; j < width; j += 16) {
    const u0 = v128.load(p0 + j);
    const u1 = nmadd<T>(l10, u0, v128.load(p1 + j));
    const u2 = nmadd<T>(l21, u1, nmadd<T>(l20, u0, v128.load(p2 + j)));
    const u3 = nmadd<T>(l32, u2, nmadd<T>(l31, u1, nmadd<T>(l30, u0, v128.load(p3 + j))));
    v128.store(p1 + j, u1);
    v128.store(p2 + j, u2);
    v128.store(p3 + j, u3);
    for (let b = p3 + row; b < below; b += row) {
      let x = v128.load(b + j);
      x = nmadd<T>(v128.load_splat<T>(b + left), u0, x);
      x = nmadd<T>(v128.load_splat<T>(b + left + size), u1, x);
      x = nmadd<T>(v128.load_splat<T>(b + left + 2 * size), u2, x);
      x = nmadd<T>(v128.load_splat<T>(b + left + 3 * size), u3, x);
      v128.store(b + j, x);
    }
  }
}

// @ts-ignore: decorator
@inline
function exchangeRows(a: usize, b: usize, width: usize): void {
  for (let j: usize = 0; j < width; j += 16) {
    const held = v128.load(a + j);
    v128.store(a + j, v128.load(b + j));
    v128.store(b + j, held);
  }
}

/** All bits in one lane. */
// @ts-ignore: decorator
@inline
function laneIs<T>(lane: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(lane));
  return i64x2.eq(i64x2(0, 1), i64x2.splat(<i64>lane));
}

/** All bits in the lanes up to one. */
// @ts-ignore: decorator
@inline
function lanesUpTo<T>(lane: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.le_s(i32x4(0, 1, 2, 3), i32x4.splat(lane));
  return i64x2.le_s(i64x2(0, 1), i64x2.splat(<i64>lane));
}

/** Exchanges rows of `A` (of n elements) as the `count` pivots say. */
export function exchange<T>(n: i32, A: usize, lda: i32, pivots: usize, count: i32): void {
  const row = <usize>lda * sizeof<T>();
  const width = <usize>whole<T>(n) * sizeof<T>();
  for (let k = 0; k < count; k++) {
    const pivot = load<i32>(pivots + (<usize>k << 2));
    if (pivot == k) continue;
    exchangeRows(A + <usize>k * row, A + <usize>pivot * row, width);
  }
}

/** The order of `m` rows after `count` exchanges; returns the sign of this permutation. */
export function orderRows(m: i32, count: i32, pivots: usize, rows: usize): i32 {
  let sign = 1;
  for (let k = 0; k < m; k++) store<i32>(rows + (<usize>k << 2), k);
  for (let k = 0; k < count; k++) {
    const pivot = load<i32>(pivots + (<usize>k << 2));
    if (pivot == k) continue;
    const a = rows + (<usize>k << 2);
    const b = rows + (<usize>pivot << 2);
    const held = load<i32>(a);
    store<i32>(a, load<i32>(b));
    store<i32>(b, held);
    sign = -sign;
  }
  return sign;
}

/**
 * The product of the pivots as mantissa · 2^exponent (two float64), which neither overflows nor
 * loses digits below the smallest normal number.
 */
function determinant<T>(n: i32, sign: i32, A: usize, lda: i32, to: usize): void {
  let mantissa = <f64>sign;
  let exponent = 0;
  for (let k = 0; k < n; k++) {
    let pivot = <f64>load<T>(A + <usize>k * <usize>(lda + 1) * sizeof<T>());
    if (abs(pivot) < F64_SMALL) {
      pivot *= F64_LARGE;
      exponent -= 512;
    }
    mantissa *= pivot;
    // The exponent's 11 bits; 2047 marks infinity and NaN, and 0 is 0.
    const bits = reinterpret<i64>(mantissa);
    const biased = <i32>((bits >> 52) & 2047);
    if (biased == 0 || biased == 2047) continue;
    mantissa = reinterpret<f64>((bits & ~(<i64>2047 << 52)) | (<i64>1023 << 52));
    exponent += biased - 1023;
  }
  store<f64>(to, mantissa);
  store<f64>(to + 8, <f64>exponent);
}

/**
 * Whether a pivot u_kk is tiny (or NaN) beside the terms that were subtracted to make it: these are
 * Σ|l_kj·u_jk| with |l| ≤ 1. The entry of the matrix itself, Σ l_kj·u_jk over j ≤ k, adds at most as
 * much again.
 */
export function hasTiny<T>(n: i32, A: usize, lda: i32, bound: T, spare: usize): i32 {
  const size = sizeof<T>();
  const row = <usize>lda * size;
  for (let first = 0; first < n; first += lanes<T>()) {
    let sums = v128.splat<T>(0);
    let a = A + <usize>first * size;
    for (let i = 0; i < first; i++, a += row) sums = v128.add<T>(sums, v128.abs<T>(v128.load(a)));
    v128.store(spare, sums);
    for (let lane = 0; lane < min(lanes<T>(), n - first); lane++) {
      let sum = load<T>(spare + <usize>lane * size);
      let u = a + <usize>lane * size;
      for (let i = 0; i < lane; i++, u += row) sum += abs<T>(load<T>(u));
      const pivot = abs<T>(load<T>(u));
      if (!(pivot > bound * (sum + pivot))) return 1;
    }
  }
  return 0;
}
