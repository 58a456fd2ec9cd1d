// Logarithms. x = 2ᵏ m with √½ ≤ m < √2, and with f = m − 1 and s = f/(2 + f)
//
//   log m = 2 artanh s = 2s + s·z·p(z), z = s², p a minimax polynomial (its error is below 2⁻⁵⁸ and
//   2⁻²²), written as f − (f²/2 − s·(f²/2 + z·p)): f is exact, and the rest small beside it.

import { vexp } from "./exp";
import { madd, TABLE } from "./memory";
import { cubic, exponent, iadd, igt, signBit } from "./vector";

// @ts-ignore: decorator
@unmanaged
class Constants {
  /** The bits of 1 less those of √½, and those of √½. */
  shift: v128;
  root: v128;
  mantissa: v128;
  /** The bits of 2²³ or 2⁵², which make a number of an integer, and what is then too much. */
  number: v128;
  bias: v128;
  /** Less than `normal` after `first` is added to the bits, as integers, are normal numbers above 0. */
  first: v128;
  normal: v128;
  ln2high: v128;
  ln2low: v128;
  one: v128;
  half: v128;
  two: v128;
  p0: v128;
  p1: v128;
  p2: v128;
  p3: v128;
  p4: v128;
  p5: v128;
  p6: v128;
  p7: v128;
  /** The same of z up to ⅑, for softplus. */
  q0: v128;
  q1: v128;
  q2: v128;
  q3: v128;
  q4: v128;
  q5: v128;
  q6: v128;
  q7: v128;
  q8: v128;
  q9: v128;
  q10: v128;
  q11: v128;
}

// @ts-ignore: decorator
@inline
function constants<T>(): Constants {
  return changetype<Constants>(TABLE + (sizeof<T>() == 4 ? 1024 : 1536));
}

export function fillLog(): void {
  const f = constants<f32>();
  f.shift = i32x4.splat(0x3f800000 - 0x3f3504f3);
  f.root = i32x4.splat(0x3f3504f3);
  f.mantissa = i32x4.splat(0x007fffff);
  f.number = f32x4.splat(8388608);
  f.bias = f32x4.splat(8388608 + 127);
  f.first = i32x4.splat(i32.MIN_VALUE - 0x00800000);
  f.normal = i32x4.splat(i32.MIN_VALUE + 0x7effffff);
  f.ln2high = f32x4.splat(0.693359375);
  f.ln2low = f32x4.splat(-2.12194440e-4);
  f.one = f32x4.splat(1);
  f.half = f32x4.splat(0.5);
  f.two = f32x4.splat(2);
  f.p0 = f32x4.splat(0.6666668653488159);
  f.p1 = f32x4.splat(0.39988696575164795);
  f.p2 = f32x4.splat(0.2958308756351471);
  f.q0 = f32x4.splat(0.6666663885116577);
  f.q1 = f32x4.splat(0.40007784962654114);
  f.q2 = f32x4.splat(0.28231218457221985);
  f.q3 = f32x4.splat(0.26884135603904724);
  const d = constants<f64>();
  d.shift = i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
  d.root = i64x2.splat(0x3fe6a09e667f3bcd);
  d.mantissa = i64x2.splat(0x000fffffffffffff);
  d.number = f64x2.splat(4503599627370496);
  d.bias = f64x2.splat(4503599627370496 + 1023);
  d.first = i64x2.splat(i64.MIN_VALUE - 0x0010000000000000);
  d.normal = i64x2.splat(i64.MIN_VALUE + 0x7fdfffffffffffff);
  d.ln2high = f64x2.splat(0.6931471803691238);
  d.ln2low = f64x2.splat(1.9082149292705877e-10);
  d.one = f64x2.splat(1);
  d.half = f64x2.splat(0.5);
  d.two = f64x2.splat(2);
  d.p0 = f64x2.splat(0.6666666666666666);
  d.p1 = f64x2.splat(0.4000000000000089);
  d.p2 = f64x2.splat(0.28571428570794766);
  d.p3 = f64x2.splat(0.22222222393603783);
  d.p4 = f64x2.splat(0.1818179544827098);
  d.p5 = f64x2.splat(0.15386249681084868);
  d.p6 = f64x2.splat(0.13268516288443394);
  d.p7 = f64x2.splat(0.13089219145858638);
  d.q0 = f64x2.splat(0.6666666666666666);
  d.q1 = f64x2.splat(0.4000000000000002);
  d.q2 = f64x2.splat(0.2857142857142167);
  d.q3 = f64x2.splat(0.22222222223370586);
  d.q4 = f64x2.splat(0.18181818083213352);
  d.q5 = f64x2.splat(0.1538462037159326);
  d.q6 = f64x2.splat(0.13333173852683117);
  d.q7 = f64x2.splat(0.11768050026606786);
  d.q8 = f64x2.splat(0.10479832806576805);
  d.q9 = f64x2.splat(0.09945836244268301);
  d.q10 = f64x2.splat(0.06319620851748518);
  d.q11 = f64x2.splat(0.15255047512093994);
}

/** The lanes that are not normal numbers above 0. */
// @ts-ignore: decorator
@inline
function strange<T>(k: Constants, x: v128): v128 {
  return igt<T>(iadd<T>(x, k.first), k.normal);
}

/** `log x + low` of a normal number above 0 (low is 0 if `plain`); `bias` is what the exponent has. */
// @ts-ignore: decorator
@inline
function logNormal<T>(k: Constants, x: v128, bias: v128, plain: bool, low: v128): v128 {
  const moved = iadd<T>(x, k.shift);
  const e = v128.sub<T>(v128.or(exponent<T>(moved), k.number), bias);
  const m = iadd<T>(v128.and(moved, k.mantissa), k.root);
  const f = v128.sub<T>(m, k.one);
  const s = v128.div<T>(f, v128.add<T>(f, k.two));
  const z = v128.mul<T>(s, s);
  const square = v128.mul<T>(v128.mul<T>(f, f), k.half);
  let p: v128;
  if (sizeof<T>() == 4) p = madd<T>(madd<T>(k.p2, z, k.p1), z, k.p0);
  else {
    const z2 = v128.mul<T>(z, z);
    const z4 = v128.mul<T>(z2, z2);
    const high = cubic<T>(z, z2, k.p4, k.p5, k.p6, k.p7);
    p = madd<T>(high, z4, cubic<T>(z, z2, k.p0, k.p1, k.p2, k.p3));
  }
  const small = plain ? v128.mul<T>(e, k.ln2low) : madd<T>(e, k.ln2low, low);
  const rest = madd<T>(madd<T>(z, p, square), s, small);
  return madd<T>(e, k.ln2high, v128.sub<T>(f, v128.sub<T>(square, rest)));
}

/** `log x` for all x. */
function logSlow<T>(x: v128): v128 {
  const k = constants<T>();
  const zero = v128.splat<T>(<T>0);
  const up = v128.splat<T>(sizeof<T>() == 4 ? <T>16777216 : <T>18014398509481984); // 2²⁴, 2⁵⁴
  const more = v128.splat<T>(sizeof<T>() == 4 ? <T>24 : <T>54);
  const least = v128.splat<T>(
    sizeof<T>() == 4 ? <T>1.1754943508222875e-38 : <T>2.2250738585072014e-308,
  );
  const tiny = v128.lt<T>(x, least);
  const scaled = v128.bitselect(v128.mul<T>(x, up), x, tiny);
  const bias = v128.add<T>(k.bias, v128.and(more, tiny));
  const y = logNormal<T>(k, scaled, bias, true, zero);
  // NaN and ∞ stay as they are; below 0 it is NaN, and at 0 it is −∞
  const finite = v128.lt<T>(x, v128.splat<T>(<T>Infinity));
  const negative = v128.bitselect(v128.splat<T>(<T>NaN), y, v128.lt<T>(x, zero));
  const all = v128.bitselect(v128.splat<T>(<T>-Infinity), negative, v128.eq<T>(x, zero));
  return v128.bitselect(all, x, finite);
}

/** The natural logarithm. */
// @ts-ignore: decorator
@inline
export function vlog<T>(x: v128): v128 {
  const k = constants<T>();
  if (v128.any_true(strange<T>(k, x))) return logSlow<T>(x);
  return logNormal<T>(k, x, k.bias, true, x);
}

/** `log(1 + x)`: the logarithm of the rounded sum u, and what it lacks, as c/u. Keeps the sign of 0. */
// @ts-ignore: decorator
@inline
export function log1p<T>(x: v128): v128 {
  const k = constants<T>();
  const u = v128.add<T>(k.one, x);
  const part = v128.sub<T>(u, k.one);
  const lost = v128.add<T>(v128.sub<T>(k.one, v128.sub<T>(u, part)), v128.sub<T>(x, part));
  const positive = logNormal<T>(k, u, k.bias, false, v128.div<T>(lost, u));
  const y = v128.or(positive, v128.and(x, signBit<T>()));
  const where = strange<T>(k, u);
  return v128.any_true(where) ? v128.bitselect(logSlow<T>(u), y, where) : y;
}

/**
 * `log(1 + eˣ) = max(x, 0) + log(1 + e)`, `e = e^−|x|`: no overflow, and as e ≤ 1 the logarithm takes
 * the same series by itself, `e − s·(e − z·q(z))`, s = e/(2 + e).
 */
// @ts-ignore: decorator
@inline
export function softplus<T>(x: v128): v128 {
  const k = constants<T>();
  const e = vexp<T>(v128.or(x, signBit<T>()));
  const s = v128.div<T>(e, v128.add<T>(e, k.two));
  const z = v128.mul<T>(s, s);
  const z2 = v128.mul<T>(z, z);
  let q = cubic<T>(z, z2, k.q0, k.q1, k.q2, k.q3);
  if (sizeof<T>() == 8) {
    const z4 = v128.mul<T>(z2, z2);
    const high = cubic<T>(z, z2, k.q8, k.q9, k.q10, k.q11);
    q = madd<T>(madd<T>(high, z4, cubic<T>(z, z2, k.q4, k.q5, k.q6, k.q7)), z4, q);
  }
  const tail = v128.sub<T>(e, v128.mul<T>(s, v128.sub<T>(e, v128.mul<T>(z, q))));
  return v128.add<T>(v128.andnot(x, v128.le<T>(x, v128.splat<T>(<T>0))), tail);
}
