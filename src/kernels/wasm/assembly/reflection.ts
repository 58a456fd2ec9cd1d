// Householder's reflections H = I − τ·v·vᵀ; v is a column of a matrix, its first element a 1 that is
// not stored.
import { lanes, madd } from "./memory";
import { nmadd } from "./rows";

/** Between these, the square of a length has neither overflowed nor lost digits. */
const SMALL: f64 = 1e-280;
const LARGE: f64 = 1e300;

/**
 * Makes the reflection that turns the column at `a`, of `count` elements, onto its first axis: leaves
 * there what becomes of its first element, v below, and returns τ. Nothing to do, τ = 0, where
 * nothing is below.
 */
export function reflector<T>(count: i32, a: usize, lda: i32): T {
  const row = <usize>lda * sizeof<T>();
  const end = a + <usize>count * row;
  let below: f64 = 0;
  for (let b = a + row; b < end; b += row) {
    const x = <f64>load<T>(b);
    below += x * x;
  }
  const top = <f64>load<T>(a);
  const square = below + top * top;
  let length = sqrt(square);
  if (!(square > SMALL && square < LARGE) || below < SMALL) {
    if (nothing<T>(a + row, end, row)) return 0;
    length = scaledLength<T>(a, end, row);
  }
  const left = top > 0 ? -length : length; // so that top − left does not cancel
  const divisor = <T>(top - left);
  for (let b = a + row; b < end; b += row) store<T>(b, load<T>(b) / divisor);
  store<T>(a, <T>left);
  return <T>((left - top) / left);
}

function nothing<T>(from: usize, end: usize, row: usize): bool {
  for (let b = from; b < end; b += row) if (load<T>(b) != 0) return false;
  return true;
}

/** The length of a column whose squares are too large or too small; those of NaN and ∞ are NaN. */
function scaledLength<T>(a: usize, end: usize, row: usize): f64 {
  let most: f64 = 0;
  for (let b = a; b < end; b += row) most = max(most, abs(<f64>load<T>(b)));
  let sum: f64 = 0;
  for (let b = a; b < end; b += row) {
    const x = <f64>load<T>(b) / most;
    sum += x * x;
  }
  return most * sqrt(sum);
}

/**
 * Applies H to `Y`: `count` rows of `width` elements (whole vectors), but for the first `skip` of
 * them, less than a vector.
 */
export function reflect<T>(
  count: i32,
  v: usize,
  ldv: i32,
  tau: T,
  Y: usize,
  ldy: i32,
  width: i32,
  skip: i32,
): void {
  if (tau == 0) return;
  const size = sizeof<T>();
  const rowV = <usize>ldv * size;
  const rowY = <usize>ldy * size;
  const t = v128.splat<T>(tau);
  let y = Y;
  const end = Y + <usize>width * size;
  if (skip > 0) {
    oneVector<T>(count, v, rowV, v128.andnot(t, first<T>(skip)), y, rowY);
    y += 16;
  }
  for (; y + 64 <= end; y += 64) fourVectors<T>(count, v, rowV, t, y, rowY);
  for (; y < end; y += 16) oneVector<T>(count, v, rowV, t, y, rowY);
}

/** All bits in the first lanes. */
// @ts-ignore: decorator
@inline
function first<T>(count: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  return i64x2.lt_s(i64x2(0, 1), i64x2.splat(<i64>count));
}

function fourVectors<T>(
  count: i32,
  v: usize,
  rowV: usize,
  tau: v128,
  Y: usize,
  rowY: usize,
): void {
  let s0 = v128.load(Y);
  let s1 = v128.load(Y, 16);
  let s2 = v128.load(Y, 32);
  let s3 = v128.load(Y, 48);
  let x = v + rowV;
  let y = Y + rowY;
  for (let i = 1; i < count; i++, x += rowV, y += rowY) {
    const factor = v128.load_splat<T>(x);
    s0 = madd<T>(factor, v128.load(y), s0);
    s1 = madd<T>(factor, v128.load(y, 16), s1);
    s2 = madd<T>(factor, v128.load(y, 32), s2);
    s3 = madd<T>(factor, v128.load(y, 48), s3);
  }
  s0 = v128.mul<T>(s0, tau);
  s1 = v128.mul<T>(s1, tau);
  s2 = v128.mul<T>(s2, tau);
  s3 = v128.mul<T>(s3, tau);
  v128.store(Y, v128.sub<T>(v128.load(Y), s0));
  v128.store(Y, v128.sub<T>(v128.load(Y, 16), s1), 16);
  v128.store(Y, v128.sub<T>(v128.load(Y, 32), s2), 32);
  v128.store(Y, v128.sub<T>(v128.load(Y, 48), s3), 48);
  x = v + rowV;
  y = Y + rowY;
  for (let i = 1; i < count; i++, x += rowV, y += rowY) {
    const factor = v128.load_splat<T>(x);
    v128.store(y, nmadd<T>(factor, s0, v128.load(y)));
    v128.store(y, nmadd<T>(factor, s1, v128.load(y, 16)), 16);
    v128.store(y, nmadd<T>(factor, s2, v128.load(y, 32)), 32);
    v128.store(y, nmadd<T>(factor, s3, v128.load(y, 48)), 48);
  }
}

function oneVector<T>(
  count: i32,
  v: usize,
  rowV: usize,
  tau: v128,
  Y: usize,
  rowY: usize,
): void {
  let sum = v128.load(Y);
  let x = v + rowV;
  let y = Y + rowY;
  for (let i = 1; i < count; i++, x += rowV, y += rowY) {
    sum = madd<T>(v128.load_splat<T>(x), v128.load(y), sum);
  }
  sum = v128.mul<T>(sum, tau);
  v128.store(Y, v128.sub<T>(v128.load(Y), sum));
  x = v + rowV;
  y = Y + rowY;
  for (let i = 1; i < count; i++, x += rowV, y += rowY) {
    v128.store(y, nmadd<T>(v128.load_splat<T>(x), sum, v128.load(y)));
  }
}
