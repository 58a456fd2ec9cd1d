// Choosing elements by indices. An axis of size n has `outer` parts before it, each of n lines of
// `inner` elements. The kernels give 0, and write nothing, where an index is out of range.

import { lanes } from "./memory";
import { copyRun, fillRun } from "./move";

// @ts-ignore: decorator
@inline
function indexAt(indices: usize, i: i32): i32 {
  return load<i32>(indices + ((<usize>i) << 2));
}

/** Whether all indices lie in −low … n−1. */
// @ts-ignore: decorator
@inline
function inRange(indices: usize, count: i32, low: i32, n: i32): bool {
  let beyond = 0;
  for (let i = 0; i < count; i++) {
    beyond |= i32(<u32>(indexAt(indices, i) + low) >= <u32>(low + n));
  }
  return beyond == 0;
}

// @ts-ignore: decorator
@inline
function take<T>(
  from: usize, indices: usize, to: usize, outer: i32, n: i32, inner: i32, count: i32,
): i32 {
  if (!inRange(indices, count, n, n)) return 0;
  const line = (<usize>inner) * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < count; i++) {
      const index = indexAt(indices, i);
      const at = from + (<usize>(index < 0 ? index + n : index)) * line;
      if (inner == 1) store<T>(to, load<T>(at));
      else copyRun<T>(at, to, inner);
      to += line;
    }
    from += (<usize>n) * line;
  }
  return 1;
}

/** The sum, in double precision, of the elements at `from` in the lines of a list. */
// @ts-ignore: decorator
@inline
function sumOne<T>(from: usize, line: usize, next: usize, first: i32): T {
  let sum: f64 = 0;
  for (let i = first; i >= 0; i = indexAt(next, i)) sum += <f64>load<T>(from + (<usize>i) * line);
  return <T>sum;
}

/** The same for four elements side by side. */
// @ts-ignore: decorator
@inline
function sumFour<T>(from: usize, line: usize, next: usize, first: i32, to: usize): void {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  for (let i = first; i >= 0; i = indexAt(next, i)) {
    const at = from + (<usize>i) * line;
    if (sizeof<T>() == 4) {
      const v = v128.load(at);
      a = f64x2.add(a, f64x2.promote_low_f32x4(v));
      b = f64x2.add(b, f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)));
    } else {
      a = f64x2.add(a, v128.load(at));
      b = f64x2.add(b, v128.load(at, 16));
    }
  }
  if (sizeof<T>() == 4) {
    const low = f32x4.demote_f64x2_zero(a);
    v128.store(to, v128.shuffle<i64>(low, f32x4.demote_f64x2_zero(b), 0, 2));
  } else {
    v128.store(to, a);
    v128.store(to, b, 16);
  }
}

/**
 * Each line of the result is the sum of the lines of `from` with its index. They are found by lists
 * (`heads` of the first line by index, `next` by line, −1 ends), so every element is summed up in
 * a register, in the order of the lines, and written once.
 */
// @ts-ignore: decorator
@inline
function scatterAdd<T>(
  from: usize, indices: usize, to: usize, outer: i32, n: i32, inner: i32, count: i32, next: usize,
  heads: usize,
): i32 {
  if (!inRange(indices, count, n, n)) return 0;
  memory.fill(heads, 255, (<usize>n) << 2);
  for (let i = count - 1; i >= 0; i--) {
    const index = indexAt(indices, i);
    const head = heads + ((<usize>(index < 0 ? index + n : index)) << 2);
    store<i32>(next + ((<usize>i) << 2), load<i32>(head));
    store<i32>(head, i);
  }
  const line = (<usize>inner) * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    for (let index = 0; index < n; index++) {
      const first = indexAt(heads, index);
      if (first < 0) {
        fillRun<T>(to, inner, 0);
      } else {
        let k = 0;
        for (; k + 4 <= inner; k += 4) {
          const shift = (<usize>k) * sizeof<T>();
          sumFour<T>(from + shift, line, next, first, to + shift);
        }
        for (; k < inner; k++) {
          const shift = (<usize>k) * sizeof<T>();
          store<T>(to + shift, sumOne<T>(from + shift, line, next, first));
        }
      }
      to += line;
    }
    from += (<usize>count) * line;
  }
  return 1;
}

// @ts-ignore: decorator
@inline
function oneHot<T>(indices: usize, to: usize, count: i32, depth: i32): i32 {
  if (!inRange(indices, count, 0, depth)) return 0;
  fillRun<T>(to, count * depth, 0);
  for (let i = 0; i < count; i++) {
    store<T>(to + (<usize>(i * depth + indexAt(indices, i))) * sizeof<T>(), 1);
  }
  return 1;
}

export function take_f32(
  from: usize, indices: usize, to: usize, outer: i32, n: i32, inner: i32, count: i32,
): i32 {
  return take<f32>(from, indices, to, outer, n, inner, count);
}

export function take_f64(
  from: usize, indices: usize, to: usize, outer: i32, n: i32, inner: i32, count: i32,
): i32 {
  return take<f64>(from, indices, to, outer, n, inner, count);
}

export function scatterAdd_f32(
  from: usize, indices: usize, to: usize, outer: i32, n: i32, inner: i32, count: i32, next: usize,
  heads: usize,
): i32 {
  return scatterAdd<f32>(from, indices, to, outer, n, inner, count, next, heads);
}

export function scatterAdd_f64(
  from: usize, indices: usize, to: usize, outer: i32, n: i32, inner: i32, count: i32, next: usize,
  heads: usize,
): i32 {
  return scatterAdd<f64>(from, indices, to, outer, n, inner, count, next, heads);
}

export function oneHot_f32(indices: usize, to: usize, count: i32, depth: i32): i32 {
  return oneHot<f32>(indices, to, count, depth);
}

export function oneHot_f64(indices: usize, to: usize, count: i32, depth: i32): i32 {
  return oneHot<f64>(indices, to, count, depth);
}
