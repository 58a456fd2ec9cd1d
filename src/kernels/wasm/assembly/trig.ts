// Sine, cosine and tangent of two float64 at a time; of float32 too, which `T` says: then what
// matters to float64 alone is left out. x = n π/2 + r + low with |r| ≤ π/4, and
//
//   sin r = r + r·z·s(z),  cos r = 1 − z/2 + z²·c(z),  z = r²,
//
// s and c minimax polynomials. For float64 π/2 has three parts of 33 bits, whose products with n are
// exact (Cody and Waite), and a fourth: enough bits next to any multiple of π/2. Beyond `limit` the
// bits of 2/π that matter are multiplied by x as whole numbers (hanek.ts).

import { reduceHuge } from "./hanek";
import { madd, TABLE } from "./memory";
import { cubic } from "./vector";

// @ts-ignore: decorator
@unmanaged
class Constants {
  perQuarter: v128;
  round: v128;
  /** −π/2. */
  quarter1: v128;
  quarter2: v128;
  quarter3: v128;
  quarter4: v128;
  limit: v128;
  /** Up to here sin x = tan x = x, and keep the sign of 0. */
  tiny: v128;
  one: v128;
  half: v128;
  bit: v128;
  s0: v128;
  s1: v128;
  s2: v128;
  s3: v128;
  s4: v128;
  s5: v128;
  c0: v128;
  c1: v128;
  c2: v128;
  c3: v128;
  c4: v128;
  c5: v128;
}

// @ts-ignore: decorator
@inline
function constants<T>(): Constants {
  return changetype<Constants>(TABLE + (sizeof<T>() == 4 ? 2048 : 2560));
}

// @ts-ignore: decorator
@inline
function common(k: Constants): void {
  k.perQuarter = f64x2.splat(0.6366197723675814);
  k.round = f64x2.splat(6755399441055744); // 1.5·2⁵²
  k.quarter1 = f64x2.splat(-1.5707963267341256);
  k.limit = f64x2.splat(1647000); // 2²⁰ π/2, nearly
  k.tiny = f64x2.splat(7.450580596923828e-9); // 2⁻²⁷
  k.one = f64x2.splat(1);
  k.half = f64x2.splat(0.5);
  k.bit = i64x2.splat(1);
}

export function fillTrig(): void {
  const f = constants<f32>();
  common(f);
  f.quarter2 = f64x2.splat(-6.077100506506192e-11);
  f.s0 = f64x2.splat(-0.166666641831398);
  f.s1 = f64x2.splat(0.008332747034728527);
  f.s2 = f64x2.splat(-0.00019587505084928125);
  f.c0 = f64x2.splat(0.0416666641831398);
  f.c1 = f64x2.splat(-0.0013888301327824593);
  f.c2 = f64x2.splat(2.454753666825127e-5);
  const d = constants<f64>();
  common(d);
  d.quarter2 = f64x2.splat(-6.07710050359346e-11);
  d.quarter3 = f64x2.splat(-2.912732056084878e-20);
  d.quarter4 = f64x2.splat(-8.4784276603689e-32);
  d.s0 = f64x2.splat(-0.16666666666666666);
  d.s1 = f64x2.splat(0.008333333333330927);
  d.s2 = f64x2.splat(-0.00019841269836724877);
  d.s3 = f64x2.splat(2.7557316084930363e-6);
  d.s4 = f64x2.splat(-2.50511281499847e-8);
  d.s5 = f64x2.splat(1.5917861853805866e-10);
  d.c0 = f64x2.splat(0.041666666666666664);
  d.c1 = f64x2.splat(-0.0013888888888887382);
  d.c2 = f64x2.splat(2.4801587298744435e-5);
  d.c3 = f64x2.splat(-2.755731726062817e-7);
  d.c4 = f64x2.splat(2.0876143942503467e-9);
  d.c5 = f64x2.splat(-1.1382464188417552e-11);
}

export const SIN: i32 = 0;
export const COS: i32 = 1;
export const TAN: i32 = 2;

// @ts-ignore: decorator
@inline
export function trig<T>(op: i32, x: v128): v128 {
  const k = constants<T>();
  let count = madd<f64>(x, k.perQuarter, k.round); // n in the lowest bits
  const n = f64x2.sub(count, k.round);
  let r = madd<f64>(n, k.quarter1, x); // exact
  let low = f64x2.splat(0);
  if (sizeof<T>() == 4) r = madd<f64>(n, k.quarter2, r);
  else {
    // Two sums with what they lose (Knuth's 2Sum).
    const b = f64x2.mul(n, k.quarter2);
    const r1 = f64x2.add(r, b);
    const part1 = f64x2.sub(r1, r);
    const lost1 = f64x2.add(f64x2.sub(r, f64x2.sub(r1, part1)), f64x2.sub(b, part1));
    const c = f64x2.mul(n, k.quarter3);
    const r2 = f64x2.add(r1, c);
    const part2 = f64x2.sub(r2, r1);
    const lost2 = f64x2.add(f64x2.sub(r1, f64x2.sub(r2, part2)), f64x2.sub(c, part2));
    const rest = madd<f64>(n, k.quarter4, f64x2.add(lost1, lost2));
    r = f64x2.add(r2, rest);
    low = f64x2.add(f64x2.sub(r2, r), rest);
  }
  const size = f64x2.abs(x);
  if (v128.any_true(v128.not(f64x2.lt(size, k.limit)))) {
    const at = reduceHuge(x, r, low, count);
    r = v128.load(at);
    low = v128.load(at, 16);
    count = v128.load(at, 32);
  }
  const y = op == TAN ? tangent<T>(k, r, low, count) : wave<T>(k, r, low, count, op == COS);
  return op == COS ? y : v128.bitselect(x, y, f64x2.lt(size, k.tiny));
}

/** What is added to r to give sin r. */
// @ts-ignore: decorator
@inline
function sinRest<T>(k: Constants, r: v128, low: v128, z: v128, z2: v128): v128 {
  const rz = f64x2.mul(r, z);
  if (sizeof<T>() == 4) {
    return f64x2.mul(madd<f64>(madd<f64>(k.s2, z, k.s1), z, k.s0), rz);
  }
  const s2 = madd<f64>(madd<f64>(k.s5, z, k.s4), z2, madd<f64>(k.s3, z, k.s2));
  const s = madd<f64>(s2, z2, madd<f64>(k.s1, z, k.s0));
  return madd<f64>(s, rz, f64x2.mul(low, f64x2.sub(k.one, f64x2.mul(k.half, z))));
}

/** What is added to `head`, 1 − z/2 rounded, to give cos r. */
// @ts-ignore: decorator
@inline
function cosRest<T>(k: Constants, r: v128, low: v128, z: v128, z2: v128, head: v128): v128 {
  if (sizeof<T>() == 4) {
    return f64x2.mul(madd<f64>(madd<f64>(k.c2, z, k.c1), z, k.c0), z2);
  }
  const c2 = madd<f64>(madd<f64>(k.c5, z, k.c4), z2, madd<f64>(k.c3, z, k.c2));
  const c = madd<f64>(c2, z2, madd<f64>(k.c1, z, k.c0));
  const lost = f64x2.sub(f64x2.sub(k.one, head), f64x2.mul(k.half, z));
  return f64x2.add(lost, f64x2.sub(f64x2.mul(c, z2), f64x2.mul(r, low)));
}

/** Sine, or cosine, which is a quarter turn ahead. */
// @ts-ignore: decorator
@inline
function wave<T>(k: Constants, r: v128, low: v128, count: v128, ahead: bool): v128 {
  const z = f64x2.mul(r, r);
  const z2 = f64x2.mul(z, z);
  const head = f64x2.sub(k.one, f64x2.mul(k.half, z));
  const sin = f64x2.add(r, sinRest<T>(k, r, low, z, z2));
  const cos = f64x2.add(head, cosRest<T>(k, r, low, z, z2, head));
  const turns = ahead ? i64x2.add(count, k.bit) : count;
  const odd = i64x2.eq(v128.and(turns, k.bit), k.bit);
  const sign = i64x2.shl(v128.and(turns, i64x2.add(k.bit, k.bit)), 62);
  return v128.xor(v128.bitselect(cos, sin, odd), sign);
}

/** sin/cos, or −cos/sin after an odd number of quarter turns. */
// @ts-ignore: decorator
@inline
function tangent<T>(k: Constants, r: v128, low: v128, count: v128): v128 {
  const z = f64x2.mul(r, r);
  const z2 = f64x2.mul(z, z);
  const head = f64x2.sub(k.one, f64x2.mul(k.half, z));
  const sinLow = sinRest<T>(k, r, low, z, z2);
  const cosLow = cosRest<T>(k, r, low, z, z2, head);
  const sin = f64x2.add(r, sinLow);
  const cos = f64x2.add(head, cosLow);
  const odd = i64x2.eq(v128.and(count, k.bit), k.bit);
  const above = v128.bitselect(f64x2.neg(cos), sin, odd);
  const under = v128.bitselect(sin, cos, odd);
  const y = f64x2.div(above, under);
  if (sizeof<T>() == 4) return y;
  // Corrected for what the two sums lost.
  const sinLost = f64x2.add(f64x2.sub(r, sin), sinLow);
  const cosLost = f64x2.add(f64x2.sub(head, cos), cosLow);
  const aboveLost = v128.bitselect(f64x2.neg(cosLost), sinLost, odd);
  const underLost = v128.bitselect(sinLost, cosLost, odd);
  const off = f64x2.sub(aboveLost, f64x2.mul(y, underLost));
  return f64x2.add(y, f64x2.div(off, under));
}
