// Plane rotations of rows of float64, and what else eigen- and singular vectors need of rows.
import { madd } from "./memory";
import { nmadd } from "./rows";

/** 2ᵏ, for −1022 ≤ k ≤ 1023. */
// @ts-ignore: decorator
@inline
export function powerOf2(k: i32): f64 {
  return reinterpret<f64>(<u64>(k + 1023) << 52);
}

/** The sum of both lanes. */
// @ts-ignore: decorator
@inline
export function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** `xᵀy` */
export function dot(n: i32, x: usize, y: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let i = 0;
  for (; i + 8 <= n; i += 8, x += 64, y += 64) {
    s0 = madd<f64>(v128.load(x), v128.load(y), s0);
    s1 = madd<f64>(v128.load(x, 16), v128.load(y, 16), s1);
    s2 = madd<f64>(v128.load(x, 32), v128.load(y, 32), s2);
    s3 = madd<f64>(v128.load(x, 48), v128.load(y, 48), s3);
  }
  let sum = total(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  for (; i < n; i++, x += 8, y += 8) sum += load<f64>(x) * load<f64>(y);
  return sum;
}

/** x to x − s·(y + τ·x), y to y + s·(x − τ·y): c·x − s·y and s·x + c·y, with τ = s / (1 + c). */
export function rotatePair(n: i32, x: usize, y: usize, s: f64, tau: f64): void {
  const vs = f64x2.splat(s);
  const vt = f64x2.splat(tau);
  let i = 0;
  for (; i + 2 <= n; i += 2, x += 16, y += 16) {
    const p = v128.load(x);
    const q = v128.load(y);
    v128.store(x, nmadd<f64>(vs, madd<f64>(vt, p, q), p));
    v128.store(y, madd<f64>(vs, nmadd<f64>(vt, q, p), q));
  }
  if (i < n) {
    const p = load<f64>(x);
    const q = load<f64>(y);
    store<f64>(x, p - s * (q + tau * p));
    store<f64>(y, q + s * (p - tau * q));
  }
}

/** Chains of rotations that are applied together, so that a part of the rows stays in the cache. */
export const CHAINS: i32 = 16;

/**
 * Applies `count` chains to the rows of `Z`. One rotates the rows (i, i + 1) for i = last − 1 down to
 * first: row i + 1 to s·zᵢ + c·zᵢ₊₁, row i to c·zᵢ − s·zᵢ₊₁. `ends` holds (first, last) of each;
 * `turns` (c, s) for each i, the chains `step` bytes apart.
 */
export function rotateChains(
  count: i32,
  ends: usize,
  turns: usize,
  step: usize,
  Z: usize,
  ld: i32,
  width: i32,
): void {
  for (let j = 0; j < width; j += 8) {
    for (let chain = 0; chain < count; chain++) {
      const first = load<i32>(ends + <usize>chain * 8);
      const last = load<i32>(ends + <usize>chain * 8, 4);
      const from = turns + <usize>chain * step;
      const z = Z + (<usize>last * <usize>ld + <usize>j) * 8;
      const row = <usize>ld * 8;
      if (j + 8 <= width) rotateEight(last - first, from + <usize>last * 16, z, row);
      else {
        for (let i = 0; i < width - j; i++) {
          rotateOne(last - first, from + <usize>last * 16, z + <usize>i * 8, row);
        }
      }
    }
  }
}

/** Eight columns; what the next rotation wants of a row stays in registers. */
function rotateEight(count: i32, turns: usize, bottom: usize, row: usize): void {
  let z = bottom;
  let f0 = v128.load(z);
  let f1 = v128.load(z, 16);
  let f2 = v128.load(z, 32);
  let f3 = v128.load(z, 48);
  let turn = turns;
  for (let i = 0; i < count; i++) {
    turn -= 16;
    const c = v128.load64_splat(turn);
    const s = v128.load64_splat(turn, 8);
    const above = z - row;
    const a0 = v128.load(above);
    const a1 = v128.load(above, 16);
    const a2 = v128.load(above, 32);
    const a3 = v128.load(above, 48);
    v128.store(z, madd<f64>(s, a0, f64x2.mul(c, f0)));
    v128.store(z, madd<f64>(s, a1, f64x2.mul(c, f1)), 16);
    v128.store(z, madd<f64>(s, a2, f64x2.mul(c, f2)), 32);
    v128.store(z, madd<f64>(s, a3, f64x2.mul(c, f3)), 48);
    f0 = nmadd<f64>(s, f0, f64x2.mul(c, a0));
    f1 = nmadd<f64>(s, f1, f64x2.mul(c, a1));
    f2 = nmadd<f64>(s, f2, f64x2.mul(c, a2));
    f3 = nmadd<f64>(s, f3, f64x2.mul(c, a3));
    z = above;
  }
  v128.store(z, f0);
  v128.store(z, f1, 16);
  v128.store(z, f2, 32);
  v128.store(z, f3, 48);
}

function rotateOne(count: i32, turns: usize, bottom: usize, row: usize): void {
  let z = bottom;
  let f = load<f64>(z);
  let turn = turns;
  for (let i = 0; i < count; i++) {
    turn -= 16;
    const c = load<f64>(turn);
    const s = load<f64>(turn, 8);
    const a = load<f64>(z - row);
    store<f64>(z, s * a + c * f);
    f = c * a - s * f;
    z -= row;
  }
  store<f64>(z, f);
}

/** −1 where the first of the components nearly as large as the largest is negative, else 1. */
export function signOf(n: i32, x: usize): f64 {
  let most: f64 = 0;
  for (let i = 0; i < n; i++) most = max(most, abs(load<f64>(x + <usize>i * 8)));
  for (let i = 0; i < n; i++) {
    const v = load<f64>(x + <usize>i * 8);
    if (abs(v) >= 0.9 * most) return v < 0 ? -1 : 1;
  }
  return 1;
}

/**
 * Leaves in `order` the indices of `n` numbers, ascending (descending where `sign` is −1). Heaps sort
 * in place; of equal numbers the one that came first stays so.
 */
export function sortedOrder(n: i32, x: usize, order: usize, sign: f64): void {
  for (let i = 0; i < n; i++) store<i32>(order + <usize>i * 4, i);
  for (let i = (n >> 1) - 1; i >= 0; i--) siftDown(i, n, x, order, sign);
  for (let end = n - 1; end > 0; end--) {
    const largest = load<i32>(order);
    store<i32>(order, load<i32>(order + <usize>end * 4));
    store<i32>(order + <usize>end * 4, largest);
    siftDown(0, end, x, order, sign);
  }
}

function siftDown(from: i32, n: i32, x: usize, order: usize, sign: f64): void {
  let i = from;
  const held = load<i32>(order + <usize>i * 4);
  for (;;) {
    let child = 2 * i + 1;
    if (child >= n) break;
    let next = load<i32>(order + <usize>child * 4);
    if (child + 1 < n) {
      const other = load<i32>(order + <usize>child * 4, 4);
      if (comesFirst(next, other, x, sign)) {
        next = other;
        child++;
      }
    }
    if (!comesFirst(held, next, x, sign)) break;
    store<i32>(order + <usize>i * 4, next);
    i = child;
  }
  store<i32>(order + <usize>i * 4, held);
}

// @ts-ignore: decorator
@inline
function comesFirst(i: i32, j: i32, x: usize, sign: f64): bool {
  const a = sign * load<f64>(x + <usize>i * 8);
  const b = sign * load<f64>(x + <usize>j * 8);
  return a < b || (a == b && i < j);
}
