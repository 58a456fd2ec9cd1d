// Softmax, its logarithm and log Σ eˣ of [outer, n, inner] along the middle. With the largest element
// m, e^(x − m) does not overflow; what these come to, at least 1, is added up in float64.

import { high, low, pair, storePair, tile } from "./doubles";
import { extremeColumns, extremeOf, MAX } from "./extreme";
import { vexp, vlog } from "./math";
import { lanes } from "./memory";
import { firstLanes, loadSome, storeSome } from "./partial";

const LOGSUMEXP: i32 = 0;
const SOFTMAX: i32 = 1;
const LOGSOFTMAX: i32 = 2;

/** Rows or columns in a tile: their largest elements come first in its 4 KB, then their sums. */
const TILE: i32 = 128;
// @ts-ignore: decorator
@inline
function sums(): usize {
  return tile() + 2048;
}

/** e^(x − m) of a vector, kept at `to` unless that is 0. */
// @ts-ignore: decorator
@inline
function wholePowers<T>(from: usize, m: v128, to: usize): v128 {
  const e = vexp<T>(v128.sub<T>(v128.load(from), m));
  if (to) v128.store(to, e);
  return e;
}

/** The same of the next of `count` elements; 0 in lanes beyond them. */
// @ts-ignore: decorator
@inline
function powers<T>(from: usize, m: v128, to: usize, count: i32): v128 {
  const whole = count >= lanes<T>();
  let e = v128.sub<T>(loadSome<T>(from, count), m);
  if (!whole) e = v128.and(e, firstLanes<T>(count));
  e = vexp<T>(e);
  if (!whole) e = v128.and(e, firstLanes<T>(count));
  if (to) storeSome<T>(to, e, count);
  return e;
}

/** The result from e^(x − m) or x: times 1/sum, or less m and the logarithm of the sum. */
// @ts-ignore: decorator
@inline
function finish<T>(op: i32, from: usize, to: usize, m: v128, s: v128, count: i32): void {
  if (op == SOFTMAX) storeSome<T>(to, v128.mul<T>(loadSome<T>(to, count), s), count);
  else storeSome<T>(to, v128.sub<T>(v128.sub<T>(loadSome<T>(from, count), m), s), count);
}

/** For all `w` lines of the tile what their sum goes into the result as, in its place. */
// @ts-ignore: decorator
@inline
function turnSums<T>(op: i32, w: i32): void {
  for (let j = 0; j < w; j += 2) {
    const s = v128.load(sums() + (<usize>j << 3));
    const part = op == SOFTMAX ? f64x2.div(f64x2.splat(1), s) : vlog<f64>(s);
    storePair<T>(sums() + <usize>j * sizeof<T>(), part);
  }
}

/** log Σ eˣ = m + log Σ e^(x − m) of `w` lines; ±∞ and NaN are their own answer. */
// @ts-ignore: decorator
@inline
function storeTotals<T>(to: usize, w: i32): void {
  for (let j = 0; j < w; j += 2) {
    const m = pair<T>(tile() + <usize>j * sizeof<T>());
    const total = f64x2.add(m, vlog<f64>(v128.load(sums() + (<usize>j << 3))));
    const finite = f64x2.eq(f64x2.sub(m, m), f64x2.splat(0));
    const y = v128.bitselect(total, m, finite);
    if (j + 1 < w) storePair<T>(to, y);
    else store<T>(to, <T>f64x2.extract_lane(y, 0));
    to += 2 * sizeof<T>();
  }
}

/** Σ e^(x − m) of a row; the powers are kept at `to` unless that is 0. */
// @ts-ignore: decorator
@inline
function sumRow<T>(from: usize, to: usize, n: i32, m: v128): f64 {
  const next: usize = to ? 16 : 0;
  let sum = f64x2.splat(0);
  let i = 0;
  for (; i + 2 * lanes<T>() <= n; i += 2 * lanes<T>()) {
    const e = wholePowers<T>(from, m, to);
    const both = v128.add<T>(e, wholePowers<T>(from + 16, m, to + next));
    sum = f64x2.add(sum, sizeof<T>() == 8 ? both : f64x2.add(low(both), high(both)));
    from += 32;
    to += 2 * next;
  }
  for (; i < n; i += lanes<T>()) {
    const e = powers<T>(from, m, to, n - i);
    sum = f64x2.add(sum, sizeof<T>() == 8 ? e : f64x2.add(low(e), high(e)));
    from += 16;
    to += next;
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** The sums of `w` rows of `n` elements; one function for all ops, as it is long. */
function sumRows<T>(from: usize, to: usize, n: i32, w: i32): void {
  const stride = <usize>n * sizeof<T>();
  for (let j = 0; j < w; j++) {
    const m = v128.load_splat<T>(tile() + <usize>j * sizeof<T>());
    store<f64>(sums() + (<usize>j << 3), sumRow<T>(from, to, n, m));
    from += stride;
    if (to) to += stride;
  }
}

/** The sums of `w` columns of `n` elements. */
function sumColumns<T>(from: usize, to: usize, n: i32, w: i32, stride: usize): void {
  for (let j = 0; j < w; j += 2) v128.store(sums() + (<usize>j << 3), f64x2.splat(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < w; j += lanes<T>()) {
      const at = <usize>j * sizeof<T>();
      const e = powers<T>(from + at, v128.load(tile() + at), to ? to + at : 0, w - j);
      const s = sums() + (<usize>j << 3);
      v128.store(s, f64x2.add(v128.load(s), sizeof<T>() == 8 ? e : low(e)));
      if (sizeof<T>() == 4) v128.store(s, f64x2.add(v128.load(s, 16), high(e)), 16);
    }
    from += stride;
    if (to) to += stride;
  }
}

/** `w` rows of `n` elements, one step for all before the next: they do not wait for each other. */
// @ts-ignore: decorator
@inline
function rows<T>(op: i32, from: usize, to: usize, n: i32, w: i32): void {
  const stride = <usize>n * sizeof<T>();
  for (let j = 0; j < w; j++) {
    const top = extremeOf<T>(MAX, from + <usize>j * stride, n);
    store<T>(tile() + <usize>j * sizeof<T>(), top);
  }
  sumRows<T>(from, op == SOFTMAX ? to : 0, n, w);
  if (op == LOGSUMEXP) return storeTotals<T>(to, w);
  turnSums<T>(op, w);
  for (let j = 0; j < w; j++) {
    const m = v128.load_splat<T>(tile() + <usize>j * sizeof<T>());
    const s = v128.load_splat<T>(sums() + <usize>j * sizeof<T>());
    for (let i = 0; i < n; i += lanes<T>()) {
      const at = <usize>i * sizeof<T>();
      finish<T>(op, from + at, to + at, m, s, n - i);
    }
    from += stride;
    to += stride;
  }
}

/** `w` columns of `n` elements, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function columns<T>(op: i32, from: usize, to: usize, n: i32, w: i32, stride: usize): void {
  extremeColumns<T>(MAX, from, n, w, stride);
  sumColumns<T>(from, op == SOFTMAX ? to : 0, n, w, stride);
  if (op == LOGSUMEXP) return storeTotals<T>(to, w);
  turnSums<T>(op, w);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < w; j += lanes<T>()) {
      const at = <usize>i * stride + <usize>j * sizeof<T>();
      const m = v128.load(tile() + <usize>j * sizeof<T>());
      const s = v128.load(sums() + <usize>j * sizeof<T>());
      finish<T>(op, from + at, to + at, m, s, w - j);
    }
  }
}

// @ts-ignore: decorator
@inline
function along<T>(op: i32, from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  const stride = <usize>inner * sizeof<T>();
  const next = op == LOGSUMEXP ? stride : <usize>n * stride;
  if (inner == 1) {
    const most = n <= 64 ? TILE : 1; // long rows do without, and stay near the processor
    for (let o = 0; o < outer; o += most) {
      const w = min(outer - o, most);
      rows<T>(op, from, to, n, w);
      from += <usize>(n * w) * sizeof<T>();
      to += next * w;
    }
    return;
  }
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c += TILE) {
      const at = <usize>c * sizeof<T>();
      columns<T>(op, from + at, to + at, n, min(inner - c, TILE), stride);
    }
    from += <usize>n * stride;
    to += next;
  }
}

export function softmax_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  along<f32>(SOFTMAX, from, to, outer, n, inner);
}

export function softmax_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  along<f64>(SOFTMAX, from, to, outer, n, inner);
}

export function logSoftmax_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  along<f32>(LOGSOFTMAX, from, to, outer, n, inner);
}

export function logSoftmax_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  along<f64>(LOGSOFTMAX, from, to, outer, n, inner);
}

export function logsumexp_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  along<f32>(LOGSUMEXP, from, to, outer, n, inner);
}

export function logsumexp_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  along<f64>(LOGSUMEXP, from, to, outer, n, inner);
}
