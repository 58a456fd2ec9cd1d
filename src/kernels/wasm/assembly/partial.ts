// The last elements of a row that fill no vector: loads and stores that do not go beyond them.

/** `count` elements, fewer than a vector holds, in the first lanes; 0 in the others. */
// @ts-ignore: decorator
@inline
export function loadPart<T>(at: usize, count: i32): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(at);
  if (count == 1) return v128.load32_zero(at);
  const v = v128.load64_zero(at);
  return count == 2 ? v : v128.load32_lane(at, v, 2, 8);
}

/** The first `count` lanes. */
// @ts-ignore: decorator
@inline
export function storePart<T>(at: usize, v: v128, count: i32): void {
  if (sizeof<T>() == 8) {
    v128.store64_lane(at, v, 0);
  } else if (count == 1) {
    v128.store32_lane(at, v, 0);
  } else {
    v128.store64_lane(at, v, 0);
    if (count == 3) v128.store32_lane(at, v, 2, 8);
  }
}
