import { lanes, madd, PACK } from "./memory";
import { put, stride, tiles } from "./tile";

/** Elements to a piece of a long sum: each float32 sum stays short, and keeps its digits. */
const PIECE: i32 = 2048;

/** The sums over the lanes of four vectors (of two, the first ones, for float64). */
// @ts-ignore: decorator
@inline
function totals<T>(a: v128, b: v128, c: v128, d: v128): v128 {
  if (sizeof<T>() == 8) {
    return v128.add<T>(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3));
  }
  const ac = v128.add<T>(v128.shuffle<f32>(a, c, 0, 4, 1, 5), v128.shuffle<f32>(a, c, 2, 6, 3, 7));
  const bd = v128.add<T>(v128.shuffle<f32>(b, d, 0, 4, 1, 5), v128.shuffle<f32>(b, d, 2, 6, 3, 7));
  return v128.add<T>(v128.shuffle<f32>(ac, bd, 0, 4, 1, 5), v128.shuffle<f32>(ac, bd, 2, 6, 3, 7));
}

/** y[i] = the inner product of x with row i, for four rows. */
function fourDots<T>(k: i32, x: usize, rows: usize, row: usize, y: usize): void {
  const zero = v128.splat<T>(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  const row1 = rows + row;
  const row2 = row1 + row;
  const row3 = row2 + row;
  const whole = <usize>(k & ~(lanes<T>() - 1)) * sizeof<T>();
  let at: usize = 0;
  for (; at < whole; at += 16) {
    const u = v128.load(x + at);
    a = madd<T>(u, v128.load(rows + at), a);
    b = madd<T>(u, v128.load(row1 + at), b);
    c = madd<T>(u, v128.load(row2 + at), c);
    d = madd<T>(u, v128.load(row3 + at), d);
  }
  v128.store(y, totals<T>(a, b, c, d));
  if (sizeof<T>() == 8) v128.store(y, totals<T>(c, d, c, d), 16);
  const end = <usize>k * sizeof<T>();
  const s = sizeof<T>();
  for (; at < end; at += s) {
    const u = load<T>(x + at);
    store<T>(y, load<T>(y) + u * load<T>(rows + at));
    store<T>(y + s, load<T>(y + s) + u * load<T>(row1 + at));
    store<T>(y + 2 * s, load<T>(y + 2 * s) + u * load<T>(row2 + at));
    store<T>(y + 3 * s, load<T>(y + 3 * s) + u * load<T>(row3 + at));
  }
}

/** The inner product, in four sums at a time. */
export function inner<T>(k: i32, x: usize, y: usize): T {
  const zero = v128.splat<T>(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  const n = lanes<T>();
  let i = 0;
  for (; i + 4 * n <= k; i += 4 * n, x += 64, y += 64) {
    a = madd<T>(v128.load(x), v128.load(y), a);
    b = madd<T>(v128.load(x, 16), v128.load(y, 16), b);
    c = madd<T>(v128.load(x, 32), v128.load(y, 32), c);
    d = madd<T>(v128.load(x, 48), v128.load(y, 48), d);
  }
  for (; i + n <= k; i += n, x += 16, y += 16) a = madd<T>(v128.load(x), v128.load(y), a);
  a = v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d));
  let sum = v128.extract_lane<T>(totals<T>(a, zero, zero, zero), 0);
  for (; i < k; i++, x += sizeof<T>(), y += sizeof<T>()) sum += load<T>(x) * load<T>(y);
  return sum;
}

/** y = alpha·M·x + beta·y by the inner products of x with the n rows of M. */
export function rowsTimes<T>(
  n: i32,
  k: i32,
  alpha: T,
  M: usize,
  row: usize,
  x: usize,
  stepX: usize,
  beta: T,
  y: usize,
): void {
  const size = sizeof<T>();
  for (let from = 0; from < k; from += PIECE) {
    const piece = min(PIECE, k - from);
    let u = x + <usize>from * stepX;
    if (stepX != size) {
      for (let p: usize = 0; p < <usize>piece; p++) {
        store<T>(PACK + 64 + p * size, load<T>(u + p * stepX));
      }
      u = PACK + 64;
    }
    let m = M + <usize>from * size;
    let i = 0;
    for (; i + 4 <= n; i += 4, m += 4 * row) {
      fourDots<T>(piece, u, m, row, PACK);
      put<T>(1, 4, PACK, alpha, beta, y + <usize>i * size, 0);
    }
    for (; i < n; i++, m += row) {
      store<T>(PACK, inner<T>(piece, u, m));
      put<T>(1, 1, PACK, alpha, beta, y + <usize>i * size, 0);
    }
    beta = 1;
  }
}

/** The sums over k of x·(eight vectors of the rows of M). */
function strip<T>(k: i32, x: usize, stepX: usize, M: usize, row: usize, y: usize): void {
  const zero = v128.splat<T>(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  let e = zero;
  let f = zero;
  let g = zero;
  let h = zero;
  for (const end = M + <usize>k * row; M < end; M += row, x += stepX) {
    const u = sizeof<T>() == 4 ? v128.load32_splat(x) : v128.load64_splat(x);
    a = madd<T>(u, v128.load(M), a);
    b = madd<T>(u, v128.load(M, 16), b);
    c = madd<T>(u, v128.load(M, 32), c);
    d = madd<T>(u, v128.load(M, 48), d);
    e = madd<T>(u, v128.load(M, 64), e);
    f = madd<T>(u, v128.load(M, 80), f);
    g = madd<T>(u, v128.load(M, 96), g);
    h = madd<T>(u, v128.load(M, 112), h);
  }
  v128.store(y, a);
  v128.store(y, b, 16);
  v128.store(y, c, 32);
  v128.store(y, d, 48);
  v128.store(y, e, 64);
  v128.store(y, f, 80);
  v128.store(y, g, 96);
  v128.store(y, h, 112);
}

/** y = alpha·xᵀ·M + beta·y, strip by strip of the n columns of M. */
export function timesRows<T>(
  n: i32,
  k: i32,
  alpha: T,
  x: usize,
  stepX: usize,
  M: usize,
  row: usize,
  beta: T,
  y: usize,
): void {
  const size = sizeof<T>();
  const two = 2 * lanes<T>();
  for (let from = 0; from < k; from += PIECE / 4) {
    const piece = min(PIECE / 4, k - from);
    const u = x + <usize>from * stepX;
    let m = M + <usize>from * row;
    let to = y;
    let j = 0;
    for (; j + 4 * two <= n; j += 4 * two, m += 128, to += 128) {
      strip<T>(piece, u, stepX, m, row, PACK);
      put<T>(1, 4 * two, PACK, alpha, beta, to, 0);
    }
    stride(piece, 0, stepX, row);
    while (j + lanes<T>() <= n) {
      const columns = j + two <= n ? two : lanes<T>();
      tiles<T>(1, columns, u, m, alpha, beta, to, 0, PACK);
      j += columns;
      m += <usize>columns * size;
      to += <usize>columns * size;
    }
    for (; j < n; j++, m += size, to += size) {
      let sum: T = 0;
      for (let p: usize = 0; p < <usize>piece; p++) {
        sum += load<T>(u + p * stepX) * load<T>(m + p * row);
      }
      store<T>(to, beta == 0 ? alpha * sum : alpha * sum + beta * load<T>(to));
    }
    beta = 1;
  }
}
