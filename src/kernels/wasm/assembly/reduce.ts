// Reductions of [outer, n, inner] over the middle: rows where inner is 1, else columns. Sums and
// products accumulate in float64 whatever the dtype; the largest and smallest stay in their own.

import { high, low, pair, storePair, TILE, tile } from "./doubles";

const SUM: i32 = 0;
const SQUARES: i32 = 1;
const PRODUCT: i32 = 2;

/** Elements of a row that are folded with one set of accumulators. */
const PIECE: i32 = 4096;

/** What an element contributes. */
// @ts-ignore: decorator
@inline
function term<T>(op: i32, at: usize): v128 {
  const x = pair<T>(at);
  return op == SQUARES ? f64x2.mul(x, x) : x;
}

// @ts-ignore: decorator
@inline
function join(op: i32, a: v128, b: v128): v128 {
  return op == PRODUCT ? f64x2.mul(a, b) : f64x2.add(a, b);
}

/** The same of one element. */
// @ts-ignore: decorator
@inline
function single<T>(op: i32, sofar: f64, at: usize): f64 {
  const x = <f64>load<T>(at);
  return op == PRODUCT ? sofar * x : op == SQUARES ? sofar + x * x : sofar + x;
}

/** Eight pairs `step` bytes apart, as a tree: the chain of operations stays short. */
// @ts-ignore: decorator
@inline
function eight<T>(op: i32, p: usize, step: usize): v128 {
  const q = p + 4 * step;
  return join(
    op,
    join(op,
      join(op, term<T>(op, p), term<T>(op, p + step)),
      join(op, term<T>(op, p + 2 * step), term<T>(op, p + 3 * step))),
    join(op,
      join(op, term<T>(op, q), term<T>(op, q + step)),
      join(op, term<T>(op, q + 2 * step), term<T>(op, q + 3 * step))),
  );
}

/**
 * The sum of four float32 vectors `step` bytes apart. Long sums of float32 add four numbers as such
 * before they go on in float64: two roundings, no more than the numbers have had themselves, and a
 * quarter of the conversions, which take most of the time.
 */
// @ts-ignore: decorator
@inline
function quad(p: usize, step: usize): v128 {
  return f32x4.add(
    f32x4.add(v128.load(p), v128.load(p + step)),
    f32x4.add(v128.load(p + 2 * step), v128.load(p + 3 * step)),
  );
}

// @ts-ignore: decorator
@inline
function foldPiece<T>(op: i32, p: usize, n: i32): f64 {
  const step = 2 * sizeof<T>();
  const end = p + <usize>n * sizeof<T>();
  let a = f64x2.splat(op == PRODUCT ? 1 : 0);
  let b = a;
  let c = a;
  let d = a;
  if (op == SUM && sizeof<T>() == 4) {
    for (; p + 128 <= end; p += 128) {
      const x = quad(p, 16);
      const y = quad(p + 64, 16);
      a = f64x2.add(a, low(x));
      b = f64x2.add(b, high(x));
      c = f64x2.add(c, low(y));
      d = f64x2.add(d, high(y));
    }
    if (p + 64 <= end) {
      const x = quad(p, 16);
      a = f64x2.add(a, low(x));
      b = f64x2.add(b, high(x));
      p += 64;
    }
  }
  for (; p + 4 * step <= end; p += 4 * step) {
    a = join(op, a, term<T>(op, p));
    b = join(op, b, term<T>(op, p + step));
    c = join(op, c, term<T>(op, p + 2 * step));
    d = join(op, d, term<T>(op, p + 3 * step));
  }
  a = join(op, join(op, a, b), join(op, c, d));
  const x = f64x2.extract_lane(a, 0);
  const y = f64x2.extract_lane(a, 1);
  return foldFew<T>(op, op == PRODUCT ? x * y : x + y, p, end);
}

/** What is left of a row, element by element. */
// @ts-ignore: decorator
@inline
function foldFew<T>(op: i32, total: f64, p: usize, end: usize): f64 {
  for (; p < end; p += sizeof<T>()) total = single<T>(op, total, p);
  return total;
}

/** Long rows go piece by piece, so that errors grow with the root of the length. */
// @ts-ignore: decorator
@inline
function foldRow<T>(op: i32, p: usize, n: i32): f64 {
  let total: f64 = op == PRODUCT ? 1 : 0;
  if (n < 8) return foldFew<T>(op, total, p, p + <usize>n * sizeof<T>());
  for (let i = 0; i < n; i += PIECE) {
    const part = foldPiece<T>(op, p + <usize>i * sizeof<T>(), min(PIECE, n - i));
    total = op == PRODUCT ? total * part : total + part;
  }
  return total;
}

/** Adds eight rows of `w` elements, `stride` bytes apart, to the tile. */
// @ts-ignore: decorator
@inline
function foldEight<T>(op: i32, p: usize, w: i32, stride: usize): void {
  let a = tile();
  let j = 0;
  if (op == SUM && sizeof<T>() == 4) {
    for (; j + 4 <= w; j += 4) {
      const x = quad(p, stride);
      const y = quad(p + 4 * stride, stride);
      v128.store(a, f64x2.add(v128.load(a), f64x2.add(low(x), low(y))));
      v128.store(a, f64x2.add(v128.load(a, 16), f64x2.add(high(x), high(y))), 16);
      a += 32;
      p += 16;
    }
  }
  for (; j + 2 <= w; j += 2) {
    v128.store(a, join(op, v128.load(a), eight<T>(op, p, stride)));
    a += 16;
    p += 2 * sizeof<T>();
  }
  if (j == w) return;
  let s = load<f64>(a);
  for (let k = 0; k < 8; k++) s = single<T>(op, s, p + <usize>k * stride);
  store<f64>(a, s);
}

/** Leaves in the tile what `n` rows of `w` elements, `stride` bytes apart, come to by columns. */
// @ts-ignore: decorator
@inline
function foldColumns<T>(op: i32, from: usize, n: i32, w: i32, stride: usize): void {
  const to = tile();
  const start: f64 = op == PRODUCT ? 1 : 0;
  for (let j = 0; j < w; j += 2) v128.store(to + (<usize>j << 3), f64x2.splat(start));
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    foldEight<T>(op, from, w, stride);
    from += 8 * stride;
  }
  for (; i < n; i++) {
    let p = from;
    let a = to;
    let j = 0;
    for (; j + 2 <= w; j += 2) {
      v128.store(a, join(op, v128.load(a), term<T>(op, p)));
      a += 16;
      p += 2 * sizeof<T>();
    }
    if (j < w) store<f64>(a, single<T>(op, load<f64>(a), p));
    from += stride;
  }
}

/** The norm where the sum of squares may have lost digits or overflowed, as it can in float64. */
function scaledNorm<T>(from: usize, n: i32, stride: usize): f64 {
  let scale: f64 = 0;
  for (let i = 0, p = from; i < n; i++, p += stride) scale = max(scale, abs(<f64>load<T>(p)));
  if (scale == 0 || scale == Infinity) return scale;
  let s: f64 = 0;
  for (let i = 0, p = from; i < n; i++, p += stride) {
    const x = <f64>load<T>(p) / scale;
    s += x * x;
  }
  return scale * sqrt(s);
}

/** What becomes of the accumulated number: the sum over a divisor, the norm, the product. */
// @ts-ignore: decorator
@inline
function finish<T>(op: i32, s: f64, divisor: f64, from: usize, n: i32, stride: usize): T {
  if (op == SUM) return <T>(s / divisor);
  if (op == PRODUCT) return <T>s;
  if ((s > 1e-280 && s < 1e300) || s != s) return <T>sqrt(s);
  return <T>scaledNorm<T>(from, n, stride);
}

// @ts-ignore: decorator
@inline
function fold<T>(
  op: i32, from: usize, to: usize, outer: i32, n: i32, inner: i32, divisor: f64,
): void {
  const stride = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      store<T>(to, finish<T>(op, foldRow<T>(op, from, n), divisor, from, n, stride));
      to += sizeof<T>();
    } else {
      for (let c = 0; c < inner; c += TILE) {
        const w = min(inner - c, TILE);
        const p = from + <usize>c * sizeof<T>();
        foldColumns<T>(op, p, n, w, stride);
        let j = 0;
        if (op == SUM) {
          const d = f64x2.splat(divisor);
          for (; j + 2 <= w; j += 2) {
            storePair<T>(to, f64x2.div(v128.load(tile() + (<usize>j << 3)), d));
            to += 2 * sizeof<T>();
          }
        }
        for (; j < w; j++) {
          const s = load<f64>(tile() + (<usize>j << 3));
          store<T>(to, finish<T>(op, s, divisor, p + <usize>j * sizeof<T>(), n, stride));
          to += sizeof<T>();
        }
      }
    }
    from += <usize>n * stride;
  }
}

export function sum_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32, divisor: f64): void {
  fold<f32>(SUM, from, to, outer, n, inner, divisor);
}

export function sum_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32, divisor: f64): void {
  fold<f64>(SUM, from, to, outer, n, inner, divisor);
}

export function norm_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  fold<f32>(SQUARES, from, to, outer, n, inner, 1);
}

export function norm_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  fold<f64>(SQUARES, from, to, outer, n, inner, 1);
}

export function prod_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  fold<f32>(PRODUCT, from, to, outer, n, inner, 1);
}

export function prod_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  fold<f64>(PRODUCT, from, to, outer, n, inner, 1);
}

/** Running sums along the middle axis. */
// @ts-ignore: decorator
@inline
function cumsum<T>(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  const stride = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c += TILE) {
      const w = min(inner - c, TILE);
      for (let j = 0; j < w; j += 2) v128.store(tile() + (<usize>j << 3), f64x2.splat(0));
      for (let i = 0; i < n; i++) {
        let at = <usize>i * stride + <usize>c * sizeof<T>();
        let a = tile();
        let j = 0;
        for (; j + 2 <= w; j += 2) {
          const s = f64x2.add(v128.load(a), pair<T>(from + at));
          v128.store(a, s);
          storePair<T>(to + at, s);
          a += 16;
          at += 2 * sizeof<T>();
        }
        if (j < w) {
          const s = load<f64>(a) + <f64>load<T>(from + at);
          store<f64>(a, s);
          store<T>(to + at, <T>s);
        }
      }
    }
    from += <usize>n * stride;
    to += <usize>n * stride;
  }
}

// @ts-ignore: decorator
@inline
function cumsumRows<T>(from: usize, to: usize, rows: i32, n: i32): void {
  for (let o = 0; o < rows; o++) {
    let s: f64 = 0;
    for (let i = 0; i < n; i++) {
      s += <f64>load<T>(from);
      store<T>(to, <T>s);
      from += sizeof<T>();
      to += sizeof<T>();
    }
  }
}

export function cumsum_f32(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  if (inner == 1) cumsumRows<f32>(from, to, outer, n);
  else cumsum<f32>(from, to, outer, n, inner);
}

export function cumsum_f64(from: usize, to: usize, outer: i32, n: i32, inner: i32): void {
  if (inner == 1) cumsumRows<f64>(from, to, outer, n);
  else cumsum<f64>(from, to, outer, n, inner);
}

// @ts-ignore: decorator
@inline
function trace<T>(from: usize, to: usize, batch: i32, n: i32): void {
  for (let b = 0; b < batch; b++) {
    let s: f64 = 0;
    for (let i = 0; i < n; i++) s += <f64>load<T>(from + <usize>i * <usize>(n + 1) * sizeof<T>());
    store<T>(to, <T>s);
    from += <usize>n * <usize>n * sizeof<T>();
    to += sizeof<T>();
  }
}

export function trace_f32(from: usize, to: usize, batch: i32, n: i32): void {
  trace<f32>(from, to, batch, n);
}

export function trace_f64(from: usize, to: usize, batch: i32, n: i32): void {
  trace<f64>(from, to, batch, n);
}
