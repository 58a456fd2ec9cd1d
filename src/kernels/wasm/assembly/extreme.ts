// The largest and smallest of [outer, n, inner] over the middle, in their own dtype. NaN wins.

import { lanes } from "./memory";
import { TILE, tile } from "./doubles";

export const MAX: i32 = 0;
export const MIN: i32 = 1;

// @ts-ignore: decorator
@inline
function isNaNs<T>(x: v128): v128 {
  return v128.ne<T>(x, x);
}

/**
 * The better of each two, NaN where either is. The engine's own max takes twice as long; pmax leaves
 * NaN in the first operand and passes over it in the second, where a mask of ones makes it NaN again.
 */
// @ts-ignore: decorator
@inline
function better<T>(op: i32, a: v128, b: v128): v128 {
  return v128.or(op == MAX ? v128.pmax<T>(a, b) : v128.pmin<T>(a, b), isNaNs<T>(b));
}

/** What every number replaces. */
// @ts-ignore: decorator
@inline
function worst<T>(op: i32): v128 {
  return v128.splat<T>(<T>(op == MAX ? -Infinity : Infinity));
}

/** A vector, or one element in all lanes: comparing single floats makes the engine jump. */
// @ts-ignore: decorator
@inline
function read<T>(at: usize, whole: bool): v128 {
  return whole ? v128.load(at) : v128.splat<T>(load<T>(at));
}

/** The extreme of `n` elements side by side. */
// @ts-ignore: decorator
@inline
export function extremeOf<T>(op: i32, p: usize, n: i32): T {
  const end = p + <usize>n * sizeof<T>();
  let a = worst<T>(op);
  if (n < lanes<T>()) {
    for (; p < end; p += sizeof<T>()) a = better<T>(op, a, read<T>(p, false));
    return v128.extract_lane<T>(a, 0);
  }
  let b = a;
  let c = a;
  let d = a;
  for (; p + 64 <= end; p += 64) {
    a = better<T>(op, a, v128.load(p));
    b = better<T>(op, b, v128.load(p, 16));
    c = better<T>(op, c, v128.load(p, 32));
    d = better<T>(op, d, v128.load(p, 48));
  }
  // To see elements twice does no harm.
  for (; p < end; p += 16) a = better<T>(op, a, v128.load(min(p, end - 16)));
  a = better<T>(op, better<T>(op, a, b), better<T>(op, c, d));
  a = better<T>(op, a, v128.shuffle<i64>(a, a, 1, 0));
  if (sizeof<T>() == 4) a = better<T>(op, a, v128.shuffle<i32>(a, a, 1, 0, 3, 2));
  return v128.extract_lane<T>(a, 0);
}

/** Fills the tile with what every number replaces. */
// @ts-ignore: decorator
@inline
function clearTile<T>(op: i32, w: i32): void {
  const v = worst<T>(op);
  for (let j = 0; j < w; j += lanes<T>()) v128.store(tile() + <usize>j * sizeof<T>(), v);
}

/** The extremes of four rows and of those before, at `a`. */
// @ts-ignore: decorator
@inline
function four<T>(op: i32, a: usize, p: usize, stride: usize, whole: bool): v128 {
  const q = p + 2 * stride;
  const early = better<T>(op, read<T>(p, whole), read<T>(p + stride, whole));
  const late = better<T>(op, read<T>(q, whole), read<T>(q + stride, whole));
  return better<T>(op, read<T>(a, whole), better<T>(op, early, late));
}

/** Leaves in the tile the extremes of `n` rows of `w` elements, `stride` bytes apart, by columns. */
// @ts-ignore: decorator
@inline
export function extremeColumns<T>(op: i32, from: usize, n: i32, w: i32, stride: usize): void {
  clearTile<T>(op, w);
  // Four rows at a time, in the end the last four; of fewer each by itself, four times.
  const count = n < 4 ? 1 : 4;
  const step = n < 4 ? 0 : stride;
  for (let i = 0; i < n; i += count) {
    let p = from + <usize>min(i, n - count) * stride;
    let a = tile();
    let j = 0;
    for (; j + lanes<T>() <= w; j += lanes<T>()) {
      v128.store(a, four<T>(op, a, p, step, true));
      a += 16;
      p += 16;
    }
    for (; j < w; j++) {
      store<T>(a, v128.extract_lane<T>(four<T>(op, a, p, step, false), 0));
      a += sizeof<T>();
      p += sizeof<T>();
    }
  }
}

// @ts-ignore: decorator
@inline
function extreme<T>(op: i32, from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  const stride = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      store<T>(to, extremeOf<T>(op, from, n));
      to += sizeof<T>();
    } else {
      for (let c = 0; c < inner; c += TILE) {
        const w = min(inner - c, TILE);
        extremeColumns<T>(op, from + <usize>c * sizeof<T>(), n, w, stride);
        memory.copy(to, tile(), <usize>w * sizeof<T>());
        to += <usize>w * sizeof<T>();
      }
    }
    from += <usize>n * stride;
  }
}

/** The place of the first `m`, or of the first NaN if `m` is that; it is there. */
// @ts-ignore: decorator
@inline
function placeOf<T>(m: T, p: usize, n: i32): i32 {
  let i = 0;
  if (m != m) {
    while (load<T>(p + <usize>i * sizeof<T>()) == load<T>(p + <usize>i * sizeof<T>())) i++;
    return i;
  }
  const v = v128.splat<T>(m);
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    if (v128.any_true(v128.eq<T>(v128.load(p + <usize>i * sizeof<T>()), v))) break;
  }
  while (load<T>(p + <usize>i * sizeof<T>()) != m) i++;
  return i;
}

/** Which lanes of `x` are larger than those of `m`; NaN is larger than all but NaN. */
// @ts-ignore: decorator
@inline
function larger<T>(x: v128, m: v128): v128 {
  return v128.or(v128.gt<T>(x, m), v128.and(isNaNs<T>(x), v128.eq<T>(m, m)));
}

/** At `to` for each of `w` columns the row of the first of the largest. */
// @ts-ignore: decorator
@inline
function argmaxColumns<T>(from: usize, to: usize, n: i32, w: i32, stride: usize): void {
  clearTile<T>(MAX, w);
  for (let j = 0; j < w; j++) store<i32>(to + (<usize>j << 2), 0);
  for (let i = 0; i < n; i++) {
    const here = i32x4.splat(i);
    let p = from;
    let a = tile();
    let k = to;
    let j = 0;
    for (; j + lanes<T>() <= w; j += lanes<T>()) {
      const x = v128.load(p);
      const m = v128.load(a);
      const wins = larger<T>(x, m);
      v128.store(a, v128.bitselect(x, m, wins));
      if (sizeof<T>() == 4) {
        v128.store(k, v128.bitselect(here, v128.load(k), wins));
      } else {
        const two = v128.shuffle<i32>(wins, wins, 0, 2, 0, 2);
        v128.store64_lane(k, v128.bitselect(here, v128.load64_zero(k), two), 0);
      }
      p += 16;
      a += 16;
      k += 4 * <usize>lanes<T>();
    }
    for (; j < w; j++) {
      if (v128.any_true(larger<T>(read<T>(p, false), read<T>(a, false)))) {
        store<T>(a, load<T>(p));
        store<i32>(k, i);
      }
      p += sizeof<T>();
      a += sizeof<T>();
      k += 4;
    }
    from += stride;
  }
}

// @ts-ignore: decorator
@inline
function argmax<T>(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  const stride = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      store<i32>(to, placeOf<T>(extremeOf<T>(MAX, from, n), from, n));
      to += 4;
    } else {
      for (let c = 0; c < inner; c += TILE) {
        const w = min(inner - c, TILE);
        argmaxColumns<T>(from + <usize>c * sizeof<T>(), to, n, w, stride);
        to += <usize>w << 2;
      }
    }
    from += <usize>n * stride;
  }
}

export function max_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  extreme<f32>(MAX, from, to, outer, n, inner);
}

export function max_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  extreme<f64>(MAX, from, to, outer, n, inner);
}

export function min_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  extreme<f32>(MIN, from, to, outer, n, inner);
}

export function min_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  extreme<f64>(MIN, from, to, outer, n, inner);
}

export function argmax_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  argmax<f32>(from, to, outer, n, inner);
}

export function argmax_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  argmax<f64>(from, to, outer, n, inner);
}

/** Whether all of `n` ≥ 1 elements are equal. NaN is not. */
// @ts-ignore: decorator
@inline
function isUniform<T>(p: usize, n: i32): i32 {
  const end = p + <usize>n * sizeof<T>();
  const first = load<T>(p);
  if (n < lanes<T>()) {
    for (; p < end; p += sizeof<T>()) if (load<T>(p) != first) return 0;
    return 1;
  }
  const all = v128.splat<T>(first);
  for (; p + 64 <= end; p += 64) {
    const a = v128.ne<T>(v128.load(p), all);
    const b = v128.ne<T>(v128.load(p, 16), all);
    const c = v128.ne<T>(v128.load(p, 32), all);
    const d = v128.ne<T>(v128.load(p, 48), all);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return 0;
  }
  for (; p < end; p += 16) {
    if (v128.any_true(v128.ne<T>(v128.load(min(p, end - 16)), all))) return 0;
  }
  return 1;
}

export function uniform_f32(p: usize, n: i32): i32 {
  return isUniform<f32>(p, n);
}

export function uniform_f64(p: usize, n: i32): i32 {
  return isUniform<f64>(p, n);
}
