// The exponential and what is made of it. x = n ln 2 + r with |r| ≤ ln(2)/2 and eˣ = 2ⁿ eʳ, where
// eʳ = 1 + r + r² q(r), q a minimax polynomial (Remez; its error is below 2⁻⁶⁰ and 2⁻²⁶).

import { madd, TABLE } from "./memory";
import { cubic, iadd, igt, toExponent } from "./vector";

// @ts-ignore: decorator
@unmanaged
class Constants {
  log2e: v128;
  /** Adding it leaves a number rounded to an integer in the lowest bits. */
  round: v128;
  /** −ln 2 in two parts; n times the first is exact. */
  ln2high: v128;
  ln2low: v128;
  /** |x|, as bits, from which on 2ⁿ may not be a normal number. */
  limit: v128;
  magnitude: v128;
  sign: v128;
  one: v128;
  two: v128;
  /** tanh goes no further with 2|x|. */
  most: v128;
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
  /** Those of sinh, for float64 alone. */
  h0: v128;
  h1: v128;
  h2: v128;
  h3: v128;
  h4: v128;
  h5: v128;
  h6: v128;
}

// @ts-ignore: decorator
@inline
function constants<T>(): Constants {
  return changetype<Constants>(TABLE + (sizeof<T>() == 4 ? 0 : 512));
}

export function fillExp(): void {
  const f = constants<f32>();
  f.log2e = f32x4.splat(1.4426950408889634);
  f.round = f32x4.splat(12582912); // 1.5·2²³
  f.ln2high = f32x4.splat(-0.693359375);
  f.ln2low = f32x4.splat(2.12194440e-4);
  f.limit = i32x4.splat(reinterpret<i32>(<f32>87));
  f.magnitude = i32x4.splat(0x7fffffff);
  f.sign = f32x4.splat(-0.0);
  f.one = f32x4.splat(1);
  f.two = f32x4.splat(2);
  f.most = f32x4.splat(18.5);
  f.q0 = f32x4.splat(0.5);
  f.q1 = f32x4.splat(0.16666576266288757);
  f.q2 = f32x4.splat(0.04166637361049652);
  f.q3 = f32x4.splat(0.008363199420273304);
  f.q4 = f32x4.splat(0.0013941149227321148);
  const d = constants<f64>();
  d.log2e = f64x2.splat(1.4426950408889634);
  d.round = f64x2.splat(6755399441055744); // 1.5·2⁵²
  d.ln2high = f64x2.splat(-0.6931471803691238);
  d.ln2low = f64x2.splat(-1.9082149292705877e-10);
  d.limit = i64x2.splat(reinterpret<i64>(<f64>708));
  d.magnitude = i64x2.splat(0x7fffffffffffffff);
  d.sign = f64x2.splat(-0.0);
  d.one = f64x2.splat(1);
  d.two = f64x2.splat(2);
  d.most = f64x2.splat(39);
  d.q0 = f64x2.splat(0.5);
  d.q1 = f64x2.splat(0.1666666666666667);
  d.q2 = f64x2.splat(0.041666666666666685);
  d.q3 = f64x2.splat(0.008333333333326119);
  d.q4 = f64x2.splat(0.0013888888888874368);
  d.q5 = f64x2.splat(0.00019841269874877347);
  d.q6 = f64x2.splat(2.4801587347412214e-5);
  d.q7 = f64x2.splat(2.7557255328813043e-6);
  d.q8 = f64x2.splat(2.7557252842183324e-7);
  d.q9 = f64x2.splat(2.5105246537293977e-8);
  d.q10 = f64x2.splat(2.0921613133581942e-9);
  d.h0 = f64x2.splat(0.16666666666666666);
  d.h1 = f64x2.splat(0.008333333333333299);
  d.h2 = f64x2.splat(0.0001984126984132424);
  d.h3 = f64x2.splat(2.7557319191363643e-6);
  d.h4 = f64x2.splat(2.505211769941287e-8);
  d.h5 = f64x2.splat(1.6057679312223042e-10);
  d.h6 = f64x2.splat(7.746188979486805e-13);
}

/** x / ln 2 rounded to an integer n, with `round` added to it. */
// @ts-ignore: decorator
@inline
function quotient<T>(k: Constants, x: v128): v128 {
  return madd<T>(x, k.log2e, k.round);
}

/** `e^(x + low − n ln 2) − 1`; `plain` says that low is 0, which saves adding it. */
// @ts-ignore: decorator
@inline
function reduced<T>(k: Constants, x: v128, n: v128, plain: bool, low: v128): v128 {
  const high = madd<T>(n, k.ln2high, x); // exact
  const rest = plain ? v128.mul<T>(n, k.ln2low) : madd<T>(n, k.ln2low, low);
  const r = sizeof<T>() == 4 && plain ? madd<T>(n, k.ln2low, high) : v128.add<T>(high, rest);
  const r2 = v128.mul<T>(r, r);
  if (sizeof<T>() == 4) {
    const q = madd<T>(cubic<T>(r, r2, k.q1, k.q2, k.q3, k.q4), r, k.q0);
    return madd<T>(q, r2, r);
  }
  const r4 = v128.mul<T>(r2, r2);
  const q8 = madd<T>(k.q10, r2, madd<T>(k.q9, r, k.q8));
  const q4 = madd<T>(q8, r4, cubic<T>(r, r2, k.q4, k.q5, k.q6, k.q7));
  const q = madd<T>(q4, r4, cubic<T>(r, r2, k.q0, k.q1, k.q2, k.q3));
  const lost = v128.add<T>(v128.sub<T>(high, r), rest); // what r lacks
  return v128.add<T>(r, madd<T>(q, r2, lost));
}

/** Where 2ⁿ might be denormal or not finite, or x is NaN. */
// @ts-ignore: decorator
@inline
function beyond<T>(k: Constants, x: v128): v128 {
  return igt<T>(v128.and(x, k.magnitude), k.limit);
}

/** `exp(x + low)·scale` for all x (low not NaN or infinite): 2ⁿ is multiplied by in two parts. */
export function expSlow<T>(x: v128, low: v128, scale: T): v128 {
  const k = constants<T>();
  // pmin and pmax let NaN in x through.
  const least = v128.splat<T>(sizeof<T>() == 4 ? <T>-105 : <T>-747);
  const most = v128.splat<T>(sizeof<T>() == 4 ? <T>90 : <T>712);
  const inside = v128.pmax<T>(v128.pmin<T>(x, most), least);
  const n = v128.sub<T>(quotient<T>(k, inside), k.round);
  const p = v128.add<T>(reduced<T>(k, inside, n, false, low), k.one);
  const half = madd<T>(n, v128.splat<T>(<T>0.5), k.round);
  const rest = v128.add<T>(v128.sub<T>(n, v128.sub<T>(half, k.round)), k.round);
  const first = iadd<T>(toExponent<T>(half), k.one);
  const second = iadd<T>(toExponent<T>(rest), k.one);
  const scaled = v128.mul<T>(v128.mul<T>(p, v128.splat<T>(scale)), first);
  return v128.mul<T>(scaled, second);
}

// @ts-ignore: decorator
@inline
function expOf<T>(x: v128, plain: bool, low: v128): v128 {
  const k = constants<T>();
  if (v128.any_true(beyond<T>(k, x))) return expSlow<T>(x, low, <T>1);
  const t = quotient<T>(k, x);
  const p = v128.add<T>(reduced<T>(k, x, v128.sub<T>(t, k.round), plain, low), k.one);
  return iadd<T>(p, toExponent<T>(t));
}

/** `exp(x + low)`, where low is small beside x. */
// @ts-ignore: decorator
@inline
export function expSum<T>(x: v128, low: v128): v128 {
  return expOf<T>(x, false, low);
}

/** `exp(x + low)·(¼ + d)` of two float64, less rounded than the product would be. */
// @ts-ignore: decorator
@inline
export function expTimes(x: v128, low: v128, d: v128): v128 {
  const k = constants<f64>();
  const quarter = f64x2.splat(0.25);
  const factor = f64x2.add(quarter, d);
  if (v128.any_true(beyond<f64>(k, x))) return f64x2.mul(expSlow<f64>(x, low, 1), factor);
  const t = quotient<f64>(k, x);
  const p = reduced<f64>(k, x, f64x2.sub(t, k.round), false, low);
  const y = f64x2.add(quarter, madd<f64>(p, factor, d));
  return f64x2.mul(y, iadd<f64>(toExponent<f64>(t), k.one));
}

/** `eˣ`. */
// @ts-ignore: decorator
@inline
export function vexp<T>(x: v128): v128 {
  return expOf<T>(x, true, v128.splat<T>(<T>0));
}

/** `eˣ − 1` where 2ⁿ is a normal number: 2ⁿ (eʳ − 1) + (2ⁿ − 1). Positive for x = −0. */
// @ts-ignore: decorator
@inline
function less1<T>(k: Constants, x: v128): v128 {
  const t = quotient<T>(k, x);
  const p = reduced<T>(k, x, v128.sub<T>(t, k.round), true, x);
  const power = iadd<T>(toExponent<T>(t), k.one);
  return madd<T>(power, p, v128.sub<T>(power, k.one));
}

/** `y` with the sign of `x`, where they differ in nothing but a zero's. */
// @ts-ignore: decorator
@inline
function signed<T>(k: Constants, y: v128, x: v128): v128 {
  return v128.or(y, v128.and(x, k.sign));
}

function expm1Slow<T>(x: v128, y: v128, where: v128): v128 {
  const below = v128.lt<T>(x, v128.splat<T>(<T>0));
  const exp = expSlow<T>(x, v128.splat<T>(<T>0), <T>1);
  return v128.bitselect(v128.bitselect(v128.splat<T>(<T>-1), exp, below), y, where);
}

// @ts-ignore: decorator
@inline
export function expm1<T>(x: v128): v128 {
  const k = constants<T>();
  const y = signed<T>(k, less1<T>(k, x), x);
  const where = beyond<T>(k, x);
  return v128.any_true(where) ? expm1Slow<T>(x, y, where) : y;
}

/** `tanh |x| = t/(t + 2)` with `t = e^(2|x|) − 1`; from `most` on it rounds to 1. */
// @ts-ignore: decorator
@inline
export function tanh<T>(x: v128): v128 {
  const k = constants<T>();
  const size = v128.and(x, k.magnitude);
  const t = less1<T>(k, v128.pmin<T>(v128.add<T>(size, size), k.most));
  const sum = v128.add<T>(t, k.two);
  const y = v128.div<T>(t, sum);
  if (sizeof<T>() == 4) return signed<T>(k, y, x);
  // Corrected for what the sum lost (where it matters), times 1/sum = (1 − y)/2.
  const exact = v128.lt<T>(t, v128.splat<T>(<T>4503599627370496));
  const lost = v128.and(v128.sub<T>(t, v128.sub<T>(sum, k.two)), exact);
  const share = v128.mul<T>(v128.mul<T>(y, v128.sub<T>(k.one, y)), v128.splat<T>(<T>0.5));
  return signed<T>(k, v128.sub<T>(y, v128.mul<T>(lost, share)), x);
}

/** With `e = e^−|x|`, which does not overflow: 1/(1 + e) or e/(1 + e). */
// @ts-ignore: decorator
@inline
export function sigmoid<T>(x: v128): v128 {
  const k = constants<T>();
  const e = vexp<T>(v128.or(x, k.sign));
  const below = v128.lt<T>(x, v128.splat<T>(<T>0));
  const sum = v128.add<T>(k.one, e);
  const y = v128.div<T>(v128.bitselect(e, k.one, below), sum);
  if (sizeof<T>() == 4) return y;
  // Corrected for what the sum lost, times 1/sum, which is y or 1 − y.
  const lost = v128.sub<T>(e, v128.sub<T>(sum, k.one));
  const share = v128.mul<T>(y, v128.bitselect(v128.sub<T>(k.one, y), y, below));
  return v128.sub<T>(y, v128.mul<T>(lost, share));
}

/** x above 0, else `eˣ − 1`. */
// @ts-ignore: decorator
@inline
export function elu<T>(x: v128): v128 {
  const zero = v128.splat<T>(<T>0);
  return v128.bitselect(x, expm1<T>(v128.pmin<T>(x, zero)), v128.gt<T>(x, zero));
}

/** `eˣ/2`, which does not overflow before sinh and cosh do. */
// @ts-ignore: decorator
@inline
function halfExp(x: v128): v128 {
  const k = constants<f64>();
  const none = f64x2.splat(0);
  if (v128.any_true(beyond<f64>(k, x))) return expSlow<f64>(x, none, 0.5);
  return f64x2.mul(vexp<f64>(x), k.q0);
}

/** `(eˣ + e⁻ˣ)/2` of two float64, with `h = e^|x|/2`: h + 1/(4h). */
// @ts-ignore: decorator
@inline
export function cosh(x: v128): v128 {
  const k = constants<f64>();
  const h = halfExp(v128.and(x, k.magnitude));
  return f64x2.add(h, f64x2.div(f64x2.splat(0.25), h));
}

/** Likewise `h − 1/(4h)`, and below 1 `x + x³p(x²)`, a minimax polynomial (error below 2⁻⁶¹). */
// @ts-ignore: decorator
@inline
export function sinh(x: v128): v128 {
  const k = constants<f64>();
  const size = v128.and(x, k.magnitude);
  const h = halfExp(size);
  const far = f64x2.sub(h, f64x2.div(f64x2.splat(0.25), h));
  const z = f64x2.mul(x, x);
  const z2 = f64x2.mul(z, z);
  const p4 = madd<f64>(k.h6, z2, madd<f64>(k.h5, z, k.h4));
  const p = madd<f64>(p4, f64x2.mul(z2, z2), cubic<f64>(z, z2, k.h0, k.h1, k.h2, k.h3));
  const near = madd<f64>(f64x2.mul(size, z), p, size);
  return signed<f64>(k, v128.bitselect(near, far, f64x2.lt(size, k.one)), x);
}
