// Choosing by truth values, of a byte each: rows as in binary.ts.

/** All bits of each lane whose byte at `at` is not 0. */
// @ts-ignore: decorator
@inline
function mask<T>(at: usize): v128 {
  const none = i32x4.splat(0);
  if (sizeof<T>() == 4) {
    const bytes = v128.load32_zero(at);
    return i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), none);
  }
  const words = i16x8.extend_low_i8x16_u(v128.load16_lane(at, none, 0));
  return i64x2.ne(i64x2.extend_low_i32x4_u(i32x4.extend_low_i16x8_u(words)), none);
}

// @ts-ignore: decorator
@inline
function row<T>(
  n: i32,
  c: usize, cStep: i32,
  a: usize, aStep: i32,
  b: usize, bStep: i32,
  y: usize,
): void {
  const lanes: usize = 16 / sizeof<T>();
  const va = v128.load_splat<T>(a);
  const vb = v128.load_splat<T>(b);
  const vc = i8x16.ne(v128.load8_splat(c), i8x16.splat(0));
  const end = y + <usize>n * sizeof<T>();
  for (; y + 16 <= end; y += 16) {
    const which = cStep ? mask<T>(c) : vc;
    v128.store(y, v128.bitselect(aStep ? v128.load(a) : va, bStep ? v128.load(b) : vb, which));
    c += <usize>cStep * lanes;
    a += <usize>aStep << 4;
    b += <usize>bStep << 4;
  }
  for (; y < end; y += sizeof<T>()) {
    store<T>(y, load<u8>(c) ? load<T>(a) : load<T>(b));
    c += <usize>cStep;
    a += <usize>aStep * sizeof<T>();
    b += <usize>bStep * sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline
function rows<T>(
  outer: i32, inner: i32,
  c: usize, cOuter: i32, cInner: i32,
  a: usize, aOuter: i32, aInner: i32,
  b: usize, bOuter: i32, bInner: i32,
  y: usize,
): void {
  for (; outer > 0; outer--) {
    row<T>(inner, c, cInner, a, aInner, b, bInner, y);
    c += cOuter;
    a += <usize>aOuter * sizeof<T>();
    b += <usize>bOuter * sizeof<T>();
    y += <usize>inner * sizeof<T>();
  }
}

export function where_f32(
  outer: i32, inner: i32,
  c: usize, co: i32, ci: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32,
  y: usize,
): void {
  rows<f32>(outer, inner, c, co, ci, a, ao, ai, b, bo, bi, y);
}
export function where_f64(
  outer: i32, inner: i32,
  c: usize, co: i32, ci: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32,
  y: usize,
): void {
  rows<f64>(outer, inner, c, co, ci, a, ao, ai, b, bo, bi, y);
}
