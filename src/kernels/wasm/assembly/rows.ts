// What the solvers do with rows of numbers.
import { lanes } from "./memory";

/** `c − a·b`, fused in the relaxed module. */
// @ts-ignore: decorator
@inline
export function nmadd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c);
  return v128.sub<T>(c, v128.mul<T>(a, b));
}

/** `n` rounded up to whole vectors. */
// @ts-ignore: decorator
@inline
export function whole<T>(n: i32): i32 {
  return (n + lanes<T>() - 1) & -lanes<T>();
}

/**
 * From row to row of a copy, in elements. Rows of large ones are an odd number of cache lines apart:
 * at powers of two, the lines of a column would all compete for the same few places of the cache.
 */
export function strideOf<T>(n: i32): i32 {
  if (n <= 32) return whole<T>(n);
  const perLine = 64 / <i32>sizeof<T>();
  return (((n + perLine - 1) / perLine) | 1) * perLine;
}

/** Copies rows of `n` elements, filling up to whole vectors with 0. */
export function copyRows<S, T>(m: i32, n: i32, X: usize, ldx: i32, W: usize, ldw: i32): void {
  for (let i = 0; i < m; i++) {
    copyRow<S, T>(n, X + <usize>i * <usize>ldx * sizeof<S>(), W + <usize>i * <usize>ldw * sizeof<T>());
  }
}

export function copyRow<S, T>(n: i32, x: usize, w: usize): void {
  let j = 0;
  if (sizeof<S>() == sizeof<T>()) {
    for (; j + lanes<T>() <= n; j += lanes<T>()) {
      v128.store(w + <usize>j * sizeof<T>(), v128.load(x + <usize>j * sizeof<S>()));
    }
  }
  for (; j < n; j++) store<T>(w + <usize>j * sizeof<T>(), <T>load<S>(x + <usize>j * sizeof<S>()));
}

/** Copies `n` elements of a column of rows that are `ld` elements apart. */
export function copyColumn<S, T>(n: i32, x: usize, ld: i32, w: usize): void {
  const step = <usize>ld * sizeof<S>();
  for (let j = 0; j < n; j++, x += step) store<T>(w + <usize>j * sizeof<T>(), <T>load<S>(x));
}

/** `b − Σ m_p·Y_p` over `count` rows of `Y`, in place; m_p lie `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function subtractRows<T>(
  count: i32,
  m: usize,
  step: usize,
  Y: usize,
  rowY: usize,
  b: usize,
  bytes: usize,
): void {
  let j: usize = 0;
  for (; j + 64 <= bytes; j += 64) {
    let b0 = v128.load(b + j);
    let b1 = v128.load(b + j, 16);
    let b2 = v128.load(b + j, 32);
    let b3 = v128.load(b + j, 48);
    for (let p = 0, at = m, y = Y + j; p < count; p++, at += step, y += rowY) {
      const x = v128.load_splat<T>(at);
      b0 = nmadd<T>(x, v128.load(y), b0);
      b1 = nmadd<T>(x, v128.load(y, 16), b1);
      b2 = nmadd<T>(x, v128.load(y, 32), b2);
      b3 = nmadd<T>(x, v128.load(y, 48), b3);
    }
    v128.store(b + j, b0);
    v128.store(b + j, b1, 16);
    v128.store(b + j, b2, 32);
    v128.store(b + j, b3, 48);
  }
  for (; j < bytes; j += 16) {
    let b0 = v128.load(b + j);
    for (let p = 0, at = m, y = Y + j; p < count; p++, at += step, y += rowY) {
      b0 = nmadd<T>(v128.load_splat<T>(at), v128.load(y), b0);
    }
    v128.store(b + j, b0);
  }
}

// @ts-ignore: decorator
@inline
export function divideRow<T>(b: usize, bytes: usize, d: T): void {
  const x = v128.splat<T>(d);
  for (let j: usize = 0; j < bytes; j += 16) v128.store(b + j, v128.div<T>(v128.load(b + j), x));
}
