// The inverse functions of sine, cosine and tangent, of two float64.

import { madd, TABLE } from "./memory";
import { cubic } from "./vector";

// @ts-ignore: decorator
@unmanaged
class Constants {
  one: v128;
  half: v128;
  sign: v128;
  /** Clears the lower half of the digits. */
  upper: v128;
  /** π/2, π/4 and what they lack. */
  quarter: v128;
  quarterLow: v128;
  eighth: v128;
  eighthLow: v128;
  /** tan(π/8) and tan(3π/8). */
  near: v128;
  far: v128;
  a0: v128;
  a1: v128;
  a2: v128;
  a3: v128;
  a4: v128;
  a5: v128;
  a6: v128;
  a7: v128;
  a8: v128;
  a9: v128;
  a10: v128;
  a11: v128;
  a12: v128;
  t0: v128;
  t1: v128;
  t2: v128;
  t3: v128;
  t4: v128;
  t5: v128;
  t6: v128;
  t7: v128;
  t8: v128;
  t9: v128;
  t10: v128;
  t11: v128;
}

// @ts-ignore: decorator
@inline
function constants(): Constants {
  return changetype<Constants>(TABLE + 3584);
}

export function fillArc(): void {
  const k = constants();
  k.one = f64x2.splat(1);
  k.half = f64x2.splat(0.5);
  k.sign = f64x2.splat(-0.0);
  k.upper = i64x2.splat(-0x100000000);
  k.quarter = f64x2.splat(1.5707963267948966);
  k.quarterLow = f64x2.splat(6.123233995736766e-17);
  k.eighth = f64x2.splat(0.7853981633974483);
  k.eighthLow = f64x2.splat(3.061616997868383e-17);
  k.near = f64x2.splat(0.41421356237309503);
  k.far = f64x2.splat(2.414213562373095);
  k.a0 = f64x2.splat(0.16666666666666669);
  k.a1 = f64x2.splat(0.07499999999998236);
  k.a2 = f64x2.splat(0.044642857146735);
  k.a3 = f64x2.splat(0.030381944109898567);
  k.a4 = f64x2.splat(0.022372174056872376);
  k.a5 = f64x2.splat(0.01735236713720361);
  k.a6 = f64x2.splat(0.013971584927042383);
  k.a7 = f64x2.splat(0.011475619781130712);
  k.a8 = f64x2.splat(0.010345502332521255);
  k.a9 = f64x2.splat(0.005361981822916946);
  k.a10 = f64x2.splat(0.017655843165468765);
  k.a11 = f64x2.splat(-0.015242696951056114);
  k.a12 = f64x2.splat(0.029019861447206276);
  k.t0 = f64x2.splat(-0.3333333333333333);
  k.t1 = f64x2.splat(0.19999999999999815);
  k.t2 = f64x2.splat(-0.14285714285662043);
  k.t3 = f64x2.splat(0.1111111110535222);
  k.t4 = f64x2.splat(-0.09090908762467693);
  k.t5 = f64x2.splat(0.07692296613437857);
  k.t6 = f64x2.splat(-0.06666428837422883);
  k.t7 = f64x2.splat(0.05878971060217554);
  k.t8 = f64x2.splat(-0.05230741839288567);
  k.t9 = f64x2.splat(0.045528137709913694);
  k.t10 = f64x2.splat(-0.03459983066120386);
  k.t11 = f64x2.splat(0.01631605670606153);
}

/** `(arcsin(√z)/√z − 1)/z` for z up to ¼, by a minimax polynomial. */
// @ts-ignore: decorator
@inline
function arcsinRest(k: Constants, z: v128): v128 {
  const z2 = f64x2.mul(z, z);
  const z4 = f64x2.mul(z2, z2);
  const high = madd<f64>(k.a12, z4, cubic<f64>(z, z2, k.a8, k.a9, k.a10, k.a11));
  const middle = madd<f64>(high, z4, cubic<f64>(z, z2, k.a4, k.a5, k.a6, k.a7));
  return madd<f64>(middle, z4, cubic<f64>(z, z2, k.a0, k.a1, k.a2, k.a3));
}

/**
 * Up to ½ by the polynomial; above it `arcsin x = π/2 − 2 arcsin s`, `s = √((1 − x)/2)`, with what s
 * lost: s = d + c, d its upper half. NaN beyond 1.
 */
// @ts-ignore: decorator
@inline
export function asin<T>(x: v128): v128 {
  const k = constants();
  const size = f64x2.abs(x);
  const outer = f64x2.gt(size, k.half);
  const rest = f64x2.mul(f64x2.sub(k.one, size), k.half); // exact
  const z = v128.bitselect(rest, f64x2.mul(x, x), outer);
  const s = v128.bitselect(f64x2.sqrt(rest), size, outer);
  const more = f64x2.mul(f64x2.mul(s, z), arcsinRest(k, z));
  const near = f64x2.add(s, more);
  let far: v128;
  if (sizeof<T>() == 4) far = f64x2.sub(k.quarter, f64x2.add(near, near));
  else {
    const d = v128.and(s, k.upper);
    const c = f64x2.div(
      f64x2.sub(rest, f64x2.mul(d, d)),
      f64x2.pmax(f64x2.add(s, d), f64x2.splat(1e-300)), // not 0/0 at 1
    );
    const half = f64x2.sub(f64x2.add(more, c), k.eighthLow);
    const large = f64x2.sub(k.eighth, f64x2.add(d, d)); // exact
    far = f64x2.add(k.eighth, f64x2.sub(large, f64x2.add(half, half)));
  }
  return v128.or(v128.bitselect(far, near, outer), v128.and(x, k.sign));
}

/** π/2 − arcsin x, without a difference near 1. */
// @ts-ignore: decorator
@inline
export function acos(x: v128): v128 {
  const k = constants();
  const size = f64x2.abs(x);
  const outer = f64x2.gt(size, k.half);
  const rest = f64x2.mul(f64x2.sub(k.one, size), k.half);
  const z = v128.bitselect(rest, f64x2.mul(x, x), outer);
  const s = v128.bitselect(f64x2.sqrt(rest), x, outer);
  const more = f64x2.mul(f64x2.mul(s, z), arcsinRest(k, z));
  const inner = f64x2.sub(k.quarter, f64x2.sub(s, f64x2.sub(k.quarterLow, more)));
  // 2 arcsin s above ½, and π less that below −½
  const half = f64x2.add(s, more);
  const left = f64x2.sub(k.quarter, f64x2.sub(half, k.quarterLow));
  const far = v128.bitselect(left, half, f64x2.lt(x, v128.xor(x, x)));
  return v128.bitselect(f64x2.add(far, far), inner, outer);
}

/** By the polynomial up to tan(π/8), and about π/4 and π/2 by tan's theorem of addition. */
// @ts-ignore: decorator
@inline
export function atan(x: v128): v128 {
  const k = constants();
  const size = f64x2.abs(x);
  const middle = f64x2.gt(size, k.near);
  const outer = f64x2.gt(size, k.far);
  // x, (x − 1)/(x + 1) or −1/x
  const above = v128.bitselect(
    v128.xor(k.one, k.sign),
    v128.bitselect(f64x2.sub(size, k.one), size, middle),
    outer,
  );
  const under = v128.bitselect(
    size,
    v128.bitselect(f64x2.add(size, k.one), k.one, middle),
    outer,
  );
  const t = f64x2.div(above, under);
  const base = v128.bitselect(k.quarter, v128.and(k.eighth, middle), outer);
  const baseLow = v128.bitselect(k.quarterLow, v128.and(k.eighthLow, middle), outer);
  const z = f64x2.mul(t, t);
  const z2 = f64x2.mul(z, z);
  const z4 = f64x2.mul(z2, z2);
  const high = madd<f64>(
    cubic<f64>(z, z2, k.t8, k.t9, k.t10, k.t11),
    z4,
    cubic<f64>(z, z2, k.t4, k.t5, k.t6, k.t7),
  );
  const p = madd<f64>(high, z4, cubic<f64>(z, z2, k.t0, k.t1, k.t2, k.t3));
  const y = f64x2.add(base, f64x2.add(t, madd<f64>(f64x2.mul(t, z), p, baseLow)));
  return v128.or(y, v128.and(x, k.sign));
}
