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
