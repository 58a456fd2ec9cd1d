// Loads and stores that stop where a row does, before the vector is full.

import { lanes } from "./memory";

/** `count` elements, fewer than a vector holds, in the first lanes; 0 in the others. */
// @ts-ignore: decorator
@inline
function loadPart<T>(at: usize, count: i32): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(at);
  if (count == 1) return v128.load32_zero(at);
  const v = v128.load64_zero(at);
  return count == 2 ? v : v128.load32_lane(at, v, 2, 8);
}

/** The first `count` lanes. */
// @ts-ignore: decorator
@inline
function storePart<T>(at: usize, v: v128, count: i32): void {
  if (sizeof<T>() == 8) {
    v128.store64_lane(at, v, 0);
  } else if (count == 1) {
    v128.store32_lane(at, v, 0);
  } else {
    v128.store64_lane(at, v, 0);
    if (count == 3) v128.store32_lane(at, v, 2, 8);
  }
}

/** The next of `count` elements that are left; 0 in lanes beyond them. */
// @ts-ignore: decorator
@inline
export function loadSome<T>(at: usize, count: i32): v128 {
  return count < lanes<T>() ? loadPart<T>(at, count) : v128.load(at);
}

/** Stores as many lanes as are left. */
// @ts-ignore: decorator
@inline
export function storeSome<T>(at: usize, v: v128, count: i32): void {
  if (count < lanes<T>()) storePart<T>(at, v, count);
  else v128.store(at, v);
}

/** Ones in the first `count` lanes. */
// @ts-ignore: decorator
@inline
export function firstLanes<T>(count: i32): v128 {
  if (sizeof<T>() == 4) return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  return i64x2.lt_s(i64x2(0, 1), i64x2.splat(count));
}
