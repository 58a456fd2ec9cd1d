// Comparisons, of rows as in binary.ts. A truth value is a byte, 0 or 1.

const EQUAL: i32 = 0;
const NOT_EQUAL: i32 = 1;
const LESS: i32 = 2;
const LESS_EQUAL: i32 = 3;

// @ts-ignore: decorator
@inline
function compare<T>(op: i32, a: v128, b: v128): v128 {
  if (op == EQUAL) return v128.eq<T>(a, b);
  if (op == NOT_EQUAL) return v128.ne<T>(a, b);
  if (op == LESS) return v128.lt<T>(a, b);
  return v128.le<T>(a, b);
}

/** Four truth values, each in 32 bits, of four elements. */
// @ts-ignore: decorator
@inline
function four<T>(op: i32, manyA: bool, a: usize, manyB: bool, b: usize): v128 {
  const va = manyA ? v128.load(a) : v128.load_splat<T>(a);
  const vb = manyB ? v128.load(b) : v128.load_splat<T>(b);
  const first = compare<T>(op, va, vb);
  if (sizeof<T>() == 4) return first;
  const second = compare<T>(op, manyA ? v128.load(a, 16) : va, manyB ? v128.load(b, 16) : vb);
  return v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, manyA: bool, a: usize, manyB: bool, b: usize, y: usize): void {
  const end = y + n;
  for (; y + 4 <= end; y += 4) {
    const words = i16x8.narrow_i32x4_s(four<T>(op, manyA, a, manyB, b), i32x4.splat(0));
    const bytes = v128.and(i8x16.narrow_i16x8_s(words, words), i8x16.splat(1));
    v128.store32_lane(y, bytes, 0);
    if (manyA) a += 4 * sizeof<T>();
    if (manyB) b += 4 * sizeof<T>();
  }
  for (; y < end; y++) {
    const truth = compare<T>(op, v128.load_splat<T>(a), v128.load_splat<T>(b));
    store<u8>(y, i32x4.extract_lane(truth, 0) & 1);
    if (manyA) a += sizeof<T>();
    if (manyB) b += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline
function rows<T>(
  op: i32, outer: i32, inner: i32,
  a: usize, aOuter: i32, aInner: i32,
  b: usize, bOuter: i32, bInner: i32,
  y: usize,
): void {
  for (; outer > 0; outer--) {
    if (aInner == 0) row<T>(op, inner, false, a, true, b, y);
    else if (bInner == 0) row<T>(op, inner, true, a, false, b, y);
    else row<T>(op, inner, true, a, true, b, y);
    a += <usize>aOuter * sizeof<T>();
    b += <usize>bOuter * sizeof<T>();
    y += inner;
  }
}

export function equal_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(EQUAL, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function equal_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(EQUAL, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function notEqual_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(NOT_EQUAL, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function notEqual_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(NOT_EQUAL, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function less_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(LESS, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function less_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(LESS, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function lessEqual_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(LESS_EQUAL, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function lessEqual_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(LESS_EQUAL, outer, inner, a, ao, ai, b, bo, bi, y);
}
