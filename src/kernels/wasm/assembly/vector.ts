// What the functions of math share: bits as integers of the lanes' size, and polynomials.

import { madd } from "./memory";

/** `a + b` as integers. */
// @ts-ignore: decorator
@inline
export function iadd<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.add(a, b) : i64x2.add(a, b);
}

/** `a > b` as signed integers. */
// @ts-ignore: decorator
@inline
export function igt<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.gt_s(a, b) : i64x2.gt_s(a, b);
}

/** The integer of a lane moved up to where the exponent is: that of 2ⁿ, less its bias. */
// @ts-ignore: decorator
@inline
export function toExponent<T>(n: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.shl(n, 23) : i64x2.shl(n, 52);
}

/** The exponent of a positive number, as an integer. */
// @ts-ignore: decorator
@inline
export function exponent<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.shr_u(x, 23) : i64x2.shr_u(x, 52);
}

/** The same in every lane, given for either type; as integers. */
// @ts-ignore: decorator
@inline
export function bits<T>(f32bits: i32, f64bits: i64): v128 {
  return sizeof<T>() == 4 ? i32x4.splat(f32bits) : i64x2.splat(f64bits);
}

// @ts-ignore: decorator
@inline
export function signBit<T>(): v128 {
  return bits<T>(i32.MIN_VALUE, i64.MIN_VALUE);
}

/** `c0 + c1 x + c2 x² + c3 x³`, in two steps side by side (Estrin's scheme); `x2` is x². */
// @ts-ignore: decorator
@inline
export function cubic<T>(x: v128, x2: v128, c0: v128, c1: v128, c2: v128, c3: v128): v128 {
  return madd<T>(madd<T>(c3, x, c2), x2, madd<T>(c1, x, c0));
}
