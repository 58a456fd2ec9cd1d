// Float64 at work for either dtype: accumulators, and elements on their way to and from them.

import { TABLE } from "./memory";

/** Columns are gone through in tiles of this many, whose accumulators are kept at `tile()`. */
export const TILE: i32 = 512;

// @ts-ignore: decorator
@inline
export function tile(): usize {
  return TABLE + 32768;
}

/** Two elements side by side, as float64. */
// @ts-ignore: decorator
@inline
export function pair<T>(at: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(at);
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** Stores two float64 side by side, rounded to `T`. */
// @ts-ignore: decorator
@inline
export function storePair<T>(at: usize, x: v128): void {
  if (sizeof<T>() == 8) v128.store(at, x);
  else v128.store64_lane(at, f32x4.demote_f64x2_zero(x), 0);
}

/** The first two numbers of a float32 vector as float64. */
// @ts-ignore: decorator
@inline
export function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** The last two. */
// @ts-ignore: decorator
@inline
export function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
}
