// Moving elements between places with strides, which count in elements and may be negative or 0.

import { lanes } from "./memory";

/** From so many bytes on, the engine's own copy and its zeroing are faster than a loop. */
const LONG: usize = 512;
/** A pattern is repeated from a piece of about this many bytes, which stays near the processor. */
const NEAR: i32 = 16384;

/** Copies `n` elements that lie side by side; the two places do not overlap. */
// @ts-ignore: decorator
@inline
export function copyRun<T>(from: usize, to: usize, n: i32): void {
  const bytes = (<usize>n) * sizeof<T>();
  if (bytes >= LONG) {
    memory.copy(to, from, bytes);
  } else if (n < lanes<T>()) {
    for (let i: usize = 0; i < bytes; i += sizeof<T>()) store<T>(to + i, load<T>(from + i));
  } else {
    const last = bytes - 16; // the last vector may overlap the one before
    for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
    v128.store(to + last, v128.load(from + last));
  }
}

/** 0 but not −0, whose sign is a bit. */
// @ts-ignore: decorator
@inline
function isZero<T>(value: T): bool {
  if (sizeof<T>() == 4) return reinterpret<u32>(<f32>value) == 0;
  return reinterpret<u64>(<f64>value) == 0;
}

/** Writes `value` to `n` places side by side. */
// @ts-ignore: decorator
@inline
export function fillRun<T>(to: usize, n: i32, value: T): void {
  const bytes = (<usize>n) * sizeof<T>();
  if (n < lanes<T>()) {
    for (let i: usize = 0; i < bytes; i += sizeof<T>()) store<T>(to + i, value);
    return;
  }
  if (bytes >= LONG && isZero<T>(value)) {
    memory.fill(to, 0, bytes);
    return;
  }
  const v = v128.splat<T>(value);
  const last = bytes - 16;
  let i: usize = 0;
  for (; i + 64 <= bytes; i += 64) {
    v128.store(to + i, v);
    v128.store(to + i, v, 16);
    v128.store(to + i, v, 32);
    v128.store(to + i, v, 48);
  }
  for (; i < last; i += 16) v128.store(to + i, v);
  v128.store(to + last, v);
}

/** The `n` elements that end at `from`, last first. */
// @ts-ignore: decorator
@inline
function turnRun<T>(from: usize, to: usize, n: i32): void {
  let i = 0;
  let f = from;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const v = v128.load(f - (16 - sizeof<T>()));
    if (sizeof<T>() == 4) v128.store(to, v128.shuffle<i32>(v, v, 3, 2, 1, 0));
    else v128.store(to, v128.shuffle<i64>(v, v, 1, 0));
    f -= 16;
    to += 16;
  }
  for (; i < n; i++) {
    store<T>(to, load<T>(f));
    f -= sizeof<T>();
    to += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline
function bytesOf<T>(elements: i32): usize {
  return (<usize>elements) * sizeof<T>();
}

/** One line of `n` elements, `f` apart in `from` and `t` apart in `to`. */
// @ts-ignore: decorator
@inline
function copyLine<T>(from: usize, to: usize, n: i32, f: i32, t: i32): void {
  if (t == 1) {
    if (f == 1) return copyRun<T>(from, to, n);
    if (f == 0) return fillRun<T>(to, n, load<T>(from));
    if (f == -1) return turnRun<T>(from, to, n);
  }
  const fromStep = bytesOf<T>(f);
  const toStep = bytesOf<T>(t);
  for (let i = 0; i < n; i++) {
    store<T>(to, load<T>(from));
    from += fromStep;
    to += toStep;
  }
}

/** `n` elements written `times` times, one after the other. */
// @ts-ignore: decorator
@inline
function repeat<T>(from: usize, to: usize, n: i32, times: i32): void {
  const total = n * times;
  copyRun<T>(from, to, n);
  let piece = n;
  for (let done = n; done < total; ) {
    const m = min(piece, total - done);
    copyRun<T>(to, to + bytesOf<T>(done), m);
    done += m;
    if (piece < NEAR / <i32>sizeof<T>()) piece = done;
  }
}

/** Three axes, the innermost first: their sizes `n`, strides `f` in `from` and `t` in `to`. */
// @ts-ignore: decorator
@inline
function copy<T>(
  from: usize, to: usize, n0: i32, n1: i32, n2: i32, f0: i32, f1: i32, f2: i32, t0: i32, t1: i32,
  t2: i32,
): void {
  if (n0 == 0 || n1 == 0) return;
  const repeats = f0 == 1 && f1 == 0 && t0 == 1 && t1 == n0;
  for (let k = 0; k < n2; k++) {
    if (repeats) {
      repeat<T>(from, to, n0, n1);
    } else {
      let f = from;
      let t = to;
      for (let j = 0; j < n1; j++) {
        copyLine<T>(f, t, n0, f0, t0);
        f += bytesOf<T>(f1);
        t += bytesOf<T>(t1);
      }
    }
    from += bytesOf<T>(f2);
    to += bytesOf<T>(t2);
  }
}

/** Of each matrix the elements (i, j) with j ≤ i + k, or with `upper` j ≥ i + k; 0 elsewhere. */
// @ts-ignore: decorator
@inline
function triangle<T>(
  from: usize, to: usize, batch: i32, m: i32, n: i32, k: i32, upper: i32,
): void {
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < m; i++) {
      const cut = max(0, min(n, i + k + 1 - upper));
      const rest = bytesOf<T>(cut);
      if (upper) {
        fillRun<T>(to, cut, 0);
        copyRun<T>(from + rest, to + rest, n - cut);
      } else {
        copyRun<T>(from, to, cut);
        fillRun<T>(to + rest, n - cut, 0);
      }
      from += bytesOf<T>(n);
      to += bytesOf<T>(n);
    }
  }
}

export function copy_f32(
  from: usize, to: usize, n0: i32, n1: i32, n2: i32, f0: i32, f1: i32, f2: i32, t0: i32, t1: i32,
  t2: i32,
): void {
  copy<f32>(from, to, n0, n1, n2, f0, f1, f2, t0, t1, t2);
}

export function copy_f64(
  from: usize, to: usize, n0: i32, n1: i32, n2: i32, f0: i32, f1: i32, f2: i32, t0: i32, t1: i32,
  t2: i32,
): void {
  copy<f64>(from, to, n0, n1, n2, f0, f1, f2, t0, t1, t2);
}

export function triangle_f32(
  from: usize, to: usize, batch: i32, m: i32, n: i32, k: i32, upper: i32,
): void {
  triangle<f32>(from, to, batch, m, n, k, upper);
}

export function triangle_f64(
  from: usize, to: usize, batch: i32, m: i32, n: i32, k: i32, upper: i32,
): void {
  triangle<f64>(from, to, batch, m, n, k, upper);
}
