// Two broadcast arrays combined element by element: `outer` rows of `inner` elements. In a row an
// operand has an element for each (inner step 1) or one alone (0); its outer step, in elements, leads
// from row to row.

const ADD: i32 = 0;
const SUB: i32 = 1;
const MUL: i32 = 2;
const DIV: i32 = 3;
const MAXIMUM: i32 = 4;
const MINIMUM: i32 = 5;

// @ts-ignore: decorator
@inline
function combine<T>(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return v128.add<T>(a, b);
  if (op == SUB) return v128.sub<T>(a, b);
  if (op == MUL) return v128.mul<T>(a, b);
  if (op == DIV) return v128.div<T>(a, b);
  if (op == MAXIMUM) return v128.max<T>(a, b); // lets NaN of either through, and 0 is above -0
  return v128.min<T>(a, b);
}

// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, manyA: bool, a: usize, manyB: bool, b: usize, y: usize): void {
  const va = v128.load_splat<T>(a);
  const vb = v128.load_splat<T>(b);
  const end = y + <usize>n * sizeof<T>();
  for (; y + 64 <= end; y += 64) {
    v128.store(y, combine<T>(op, manyA ? v128.load(a) : va, manyB ? v128.load(b) : vb));
    v128.store(y, combine<T>(op, manyA ? v128.load(a, 16) : va, manyB ? v128.load(b, 16) : vb), 16);
    v128.store(y, combine<T>(op, manyA ? v128.load(a, 32) : va, manyB ? v128.load(b, 32) : vb), 32);
    v128.store(y, combine<T>(op, manyA ? v128.load(a, 48) : va, manyB ? v128.load(b, 48) : vb), 48);
    if (manyA) a += 64;
    if (manyB) b += 64;
  }
  for (; y + 16 <= end; y += 16) {
    v128.store(y, combine<T>(op, manyA ? v128.load(a) : va, manyB ? v128.load(b) : vb));
    if (manyA) a += 16;
    if (manyB) b += 16;
  }
  for (; y < end; y += sizeof<T>()) {
    v128.store_lane<T>(y, combine<T>(op, v128.load_splat<T>(a), v128.load_splat<T>(b)), 0);
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
    y += <usize>inner * sizeof<T>();
  }
}

export function add_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(ADD, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function add_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(ADD, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function sub_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(SUB, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function sub_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(SUB, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function mul_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(MUL, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function mul_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(MUL, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function div_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(DIV, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function div_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(DIV, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function maximum_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(MAXIMUM, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function maximum_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(MAXIMUM, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function minimum_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(MINIMUM, outer, inner, a, ao, ai, b, bo, bi, y);
}
export function minimum_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(MINIMUM, outer, inner, a, ao, ai, b, bo, bi, y);
}
