// Powers of two float64 (of float32 too, which `T` says: there a plain logarithm will do), as
// e^(b log a). An error of the logarithm counts b log a ≤ 745 times over, so it has two parts of 53
// bits: with a = 2ᵏ m, f = m − 1, s = f/(2 + f) and z = s²
//
//   log a = k ln 2 + 2s + 2s·z·(⅓ + z·p(z)),
//
// where p, a minimax polynomial, needs one part only. Products are exact by Dekker's splitting.

import { expSum } from "./exp";
import { vlog } from "./log";
import { madd, TABLE } from "./memory";
import { easyPower } from "./unary";
import { cubic, igt } from "./vector";

// @ts-ignore: decorator
@unmanaged
class Constants {
  one: v128;
  two: v128;
  zero: v128;
  infinity: v128;
  /** The smallest normal number, and 2⁵⁴, which brings the denormal ones up. */
  least: v128;
  up: v128;
  upTwos: v128;
  shift: v128;
  root: v128;
  mantissa: v128;
  number: v128;
  bias: v128;
  ln2high: v128;
  ln2low: v128;
  third: v128;
  thirdLow: v128;
  split: v128;
  /** No larger exponent gives another result; nor does a larger logarithm of the result. */
  mostExponent: v128;
  mostLog: v128;
  sign: v128;
  magnitude: v128;
  p0: v128;
  p1: v128;
  p2: v128;
  p3: v128;
  p4: v128;
  p5: v128;
  p6: v128;
  p7: v128;
}

// @ts-ignore: decorator
@inline
function constants(): Constants {
  return changetype<Constants>(TABLE + 6656);
}

export function fillPow(): void {
  const k = constants();
  k.one = f64x2.splat(1);
  k.two = f64x2.splat(2);
  k.zero = f64x2.splat(0);
  k.infinity = f64x2.splat(Infinity);
  k.least = f64x2.splat(2.2250738585072014e-308);
  k.up = f64x2.splat(18014398509481984);
  k.upTwos = f64x2.splat(54);
  k.shift = i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
  k.root = i64x2.splat(0x3fe6a09e667f3bcd);
  k.mantissa = i64x2.splat(0x000fffffffffffff);
  k.number = f64x2.splat(4503599627370496);
  k.bias = f64x2.splat(4503599627370496 + 1023);
  k.ln2high = f64x2.splat(0.6931471805598903);
  k.ln2low = f64x2.splat(5.497923018708371e-14);
  k.third = f64x2.splat(0.3333333333333333);
  k.thirdLow = f64x2.splat(1.850371707708594e-17);
  k.split = f64x2.splat(134217729); // 2²⁷ + 1
  k.mostExponent = f64x2.splat(1.1805916207174113e21); // 2⁷⁰
  k.mostLog = f64x2.splat(800);
  k.sign = f64x2.splat(-0.0);
  k.magnitude = i64x2.splat(0x7fffffffffffffff);
  k.p0 = f64x2.splat(0.2);
  k.p1 = f64x2.splat(0.14285714285714687);
  k.p2 = f64x2.splat(0.11111111110825665);
  k.p3 = f64x2.splat(0.09090909168161204);
  k.p4 = f64x2.splat(0.07692297436112117);
  k.p5 = f64x2.splat(0.0666740459764946);
  k.p6 = f64x2.splat(0.0585306253692953);
  k.p7 = f64x2.splat(0.0586212948823126);
}

/** The upper half of the digits (Veltkamp). */
// @ts-ignore: decorator
@inline
function upper(k: Constants, a: v128): v128 {
  const c = f64x2.mul(a, k.split);
  return f64x2.sub(c, f64x2.sub(c, a));
}

/** `a·b − p`, p the rounded product, from the upper halves of both (Dekker). */
// @ts-ignore: decorator
@inline
function lost(a: v128, aUpper: v128, b: v128, bUpper: v128, p: v128): v128 {
  const aLower = f64x2.sub(a, aUpper);
  const bLower = f64x2.sub(b, bUpper);
  const first = f64x2.sub(f64x2.mul(aUpper, bUpper), p);
  const cross = f64x2.add(f64x2.mul(aUpper, bLower), f64x2.mul(aLower, bUpper));
  return f64x2.add(f64x2.add(first, cross), f64x2.mul(aLower, bLower));
}

/** `e^(b·log a)` of numbers a > 0, in full precision. */
// @ts-ignore: decorator
@inline
function fine(k: Constants, a: v128, more: v128, b: v128): v128 {
  const moved = i64x2.add(a, k.shift);
  const e = f64x2.sub(v128.or(i64x2.shr_u(moved, 52), k.number), f64x2.add(k.bias, more));
  const f = f64x2.sub(i64x2.add(v128.and(moved, k.mantissa), k.root), k.one);
  // s + sLow = f/(d + dLow), d = 2 + f
  const d = f64x2.add(k.two, f);
  const dLow = f64x2.sub(f, f64x2.sub(d, k.two));
  const inverse = f64x2.div(k.one, d);
  const s = f64x2.mul(f, inverse);
  const sUpper = upper(k, s);
  const sd = f64x2.mul(s, d);
  const sdLost = lost(s, sUpper, d, upper(k, d), sd);
  const left = f64x2.sub(f64x2.sub(f64x2.sub(f, sd), sdLost), f64x2.mul(s, dLow));
  const sLow = f64x2.mul(left, inverse);
  // z + zLow
  const z = f64x2.mul(s, s);
  const twoS = f64x2.add(s, s);
  const zLow = f64x2.add(lost(s, sUpper, s, sUpper, z), f64x2.mul(twoS, sLow));
  // q + qLow = ⅓ + z·p(z)
  const z2 = f64x2.mul(z, z);
  const high = cubic<f64>(z, z2, k.p4, k.p5, k.p6, k.p7);
  const p = madd<f64>(high, f64x2.mul(z2, z2), cubic<f64>(z, z2, k.p0, k.p1, k.p2, k.p3));
  const zp = f64x2.mul(z, p);
  const q = f64x2.add(k.third, zp);
  const qLow = f64x2.add(f64x2.add(f64x2.sub(k.third, q), zp), k.thirdLow);
  // c + cLow = z·q
  const c = f64x2.mul(z, q);
  const cLost = lost(z, upper(k, z), q, upper(k, q), c);
  const cLow = f64x2.add(cLost, f64x2.add(f64x2.mul(z, qLow), f64x2.mul(zLow, q)));
  // t + tLow = 2s·c
  const t = f64x2.mul(twoS, c);
  const tLost = lost(twoS, f64x2.add(sUpper, sUpper), c, upper(k, c), t);
  const twoLow = f64x2.add(sLow, sLow);
  const tLow = f64x2.add(tLost, f64x2.add(f64x2.mul(twoS, cLow), f64x2.mul(twoLow, c)));
  // l + lLow = k·ln 2 + 2s + t: each is small beside the one before, unless it is 0.
  const whole = f64x2.mul(e, k.ln2high); // exact
  const l1 = f64x2.add(whole, twoS);
  const lost1 = sumLost(whole, twoS, l1);
  const l2 = f64x2.add(l1, t);
  const lost2 = sumLost(l1, t, l2);
  const small = f64x2.add(f64x2.add(tLow, twoLow), f64x2.mul(e, k.ln2low));
  const rest = f64x2.add(f64x2.add(lost1, lost2), small);
  const l = f64x2.add(l2, rest);
  const lLow = f64x2.add(f64x2.sub(l2, l), rest);
  // b·l, kept to where it matters
  const exponent = f64x2.pmax(f64x2.pmin(b, k.mostExponent), f64x2.neg(k.mostExponent));
  const y = f64x2.mul(exponent, l);
  const yLost = lost(exponent, upper(k, exponent), l, upper(k, l), y);
  const yLow = f64x2.add(yLost, f64x2.mul(exponent, lLow));
  return expSum<f64>(y, v128.and(yLow, f64x2.lt(v128.and(y, k.magnitude), k.mostLog)));
}

/** What `sum = a + b` lost (Knuth). */
// @ts-ignore: decorator
@inline
function sumLost(a: v128, b: v128, sum: v128): v128 {
  const part = f64x2.sub(sum, a);
  return f64x2.add(f64x2.sub(a, f64x2.sub(sum, part)), f64x2.sub(b, part));
}

// @ts-ignore: decorator
@inline
function positive<T>(k: Constants, a: v128, more: v128, b: v128): v128 {
  if (sizeof<T>() == 8) return fine(k, a, more, b);
  const exponent = f64x2.pmax(f64x2.pmin(b, k.mostExponent), f64x2.neg(k.mostExponent));
  return expSum<f64>(f64x2.mul(exponent, vlog<f64>(a)), k.zero);
}

/** For all bases: as IEEE says, but that any power of 1 is 1, and (−1)^±∞ too. */
function powSlow<T>(a: v128, b: v128): v128 {
  const k = constants();
  const size = v128.and(a, k.magnitude);
  const none = f64x2.eq(size, k.zero);
  const endless = f64x2.eq(size, k.infinity);
  const unknown = f64x2.ne(a, a);
  const tiny = f64x2.lt(size, k.least);
  const up = v128.bitselect(f64x2.mul(size, k.up), size, tiny);
  const base = v128.bitselect(k.one, up, v128.or(v128.or(none, endless), unknown));
  let y = positive<T>(k, base, v128.and(k.upTwos, tiny), b);
  const falls = f64x2.lt(b, k.zero);
  y = v128.bitselect(v128.bitselect(k.infinity, k.zero, falls), y, none);
  y = v128.bitselect(v128.bitselect(k.zero, k.infinity, falls), y, endless);
  // Of negative bases, −0 and −∞ among them: odd powers are negative, fractional ones NaN
  const negative = igt<f64>(k.zero, a);
  const whole = f64x2.eq(f64x2.trunc(b), b);
  const half = f64x2.mul(b, f64x2.splat(0.5));
  const odd = v128.andnot(whole, f64x2.eq(f64x2.trunc(half), half));
  y = v128.xor(y, v128.and(v128.and(odd, negative), k.sign));
  const finite = v128.not(v128.or(none, endless));
  const wild = v128.or(unknown, v128.andnot(v128.and(negative, finite), whole));
  y = v128.bitselect(f64x2.splat(NaN), y, v128.or(wild, f64x2.ne(b, b)));
  return v128.bitselect(k.one, y, v128.or(f64x2.eq(a, k.one), f64x2.eq(b, k.zero)));
}

/** `aᵇ` of two float64, or of two float32 as float64. */
function power<T>(a: v128, b: v128): v128 {
  const k = constants();
  if (i64x2.all_true(f64x2.eq(b, k.two))) return f64x2.mul(a, a);
  if (i64x2.all_true(f64x2.eq(b, k.one))) return a;
  const plain = v128.and(f64x2.ge(a, k.least), f64x2.lt(a, k.infinity));
  if (!i64x2.all_true(v128.and(plain, f64x2.eq(b, b)))) return powSlow<T>(a, b);
  return positive<T>(k, a, k.zero, b);
}

/** One or two elements. */
// @ts-ignore: decorator
@inline
function part<T>(single: bool, at: usize): v128 {
  if (sizeof<T>() == 8) return single ? v128.load64_splat(at) : v128.load(at);
  return f64x2.promote_low_f32x4(single ? v128.load32_splat(at) : v128.load64_zero(at));
}

/** Rows as in binary.ts. */
// @ts-ignore: decorator
@inline
function rows<T>(
  outer: i32, inner: i32,
  a: usize, aOuter: i32, aInner: i32,
  b: usize, bOuter: i32, bInner: i32,
  y: usize,
): void {
  for (; outer > 0; outer--) {
    const easy = aInner && !bInner && easyPower<T>(inner, a, y, <f64>load<T>(b));
    for (let i = easy ? inner : 0; i < inner; i += 2) {
      const last = i + 1 == inner;
      const p = a + <usize>(i * aInner) * sizeof<T>();
      const q = b + <usize>(i * bInner) * sizeof<T>();
      const x = last || aInner == 0 ? part<T>(true, p) : part<T>(false, p);
      const e = last || bInner == 0 ? part<T>(true, q) : part<T>(false, q);
      let z = power<T>(x, e);
      if (sizeof<T>() == 4) z = f32x4.demote_f64x2_zero(z);
      const to = y + <usize>i * sizeof<T>();
      if (last) v128.store_lane<T>(to, z, 0);
      else if (sizeof<T>() == 8) v128.store(to, z);
      else v128.store64_lane(to, z, 0);
    }
    a += <usize>aOuter * sizeof<T>();
    b += <usize>bOuter * sizeof<T>();
    y += <usize>inner * sizeof<T>();
  }
}

export function pow_f32(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f32>(outer, inner, a, ao, ai, b, bo, bi, y);
}
export function pow_f64(
  outer: i32, inner: i32, a: usize, ao: i32, ai: i32, b: usize, bo: i32, bi: i32, y: usize,
): void {
  rows<f64>(outer, inner, a, ao, ai, b, bo, bi, y);
}
