// The error function and the normal distribution, of two float64; of float32 too, which `T` says: its
// polynomials are shorter. Near 0, `erf y = y + y·p(y²)`. Further out, with `u = (y − 3)/(y + 3)`,
//
//   erfc y = √2 e^(−y²) h(u)/y,  h = ¼ + a polynomial,
//
// which holds to all digits however small erfc becomes (after Shepherd and Laframboise 1981). Both
// polynomials are minimax; for the second one y ≤ 28, where erfc is 0.

import { expSum, expTimes } from "./exp";
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
  three: v128;
  root2: v128;
  rootHalf: v128;
  /** φ(0) = 1/√(2π), whole and in two parts, the first of 26 bits. */
  density: v128;
  densityHigh: v128;
  densityLow: v128;
  p0: v128;
  p1: v128;
  p2: v128;
  p3: v128;
  p4: v128;
  p5: v128;
  p6: v128;
  p7: v128;
  p8: v128;
  p9: v128;
  p10: v128;
  p11: v128;
  h0: v128;
  h1: v128;
  h2: v128;
  h3: v128;
  h4: v128;
  h5: v128;
  h6: v128;
  h7: v128;
  h8: v128;
  h9: v128;
  h10: v128;
  h11: v128;
  h12: v128;
  h13: v128;
  h14: v128;
  h15: v128;
  h16: v128;
  h17: v128;
  h18: v128;
  h19: v128;
}

// @ts-ignore: decorator
@inline
function constants<T>(): Constants {
  return changetype<Constants>(TABLE + (sizeof<T>() == 4 ? 4608 : 5632));
}

// @ts-ignore: decorator
@inline
function common(k: Constants): void {
  k.one = f64x2.splat(1);
  k.half = f64x2.splat(0.5);
  k.sign = f64x2.splat(-0.0);
  k.upper = i64x2.splat(-0x8000000);
  k.three = f64x2.splat(3);
  k.root2 = f64x2.splat(1.4142135623730951);
  k.rootHalf = f64x2.splat(0.7071067811865476);
  k.density = f64x2.splat(0.3989422804014327);
  k.densityHigh = f64x2.splat(0.3989422768354416);
  k.densityLow = f64x2.splat(3.5659910885844774e-09);
}

export function fillErf(): void {
  const f = constants<f32>();
  common(f);
  f.p0 = f64x2.splat(0.1283791659068702);
  f.p1 = f64x2.splat(-0.37612627074530525);
  f.p2 = f64x2.splat(0.11283599327981265);
  f.p3 = f64x2.splat(-0.02685440297662003);
  f.p4 = f64x2.splat(0.00518944486801793);
  f.p5 = f64x2.splat(-0.0008019947832688759);
  f.p6 = f64x2.splat(7.885847600789155e-5);
  f.h0 = f64x2.splat(0.12971878200698553);
  f.h1 = f64x2.splat(0.0673916728968488);
  f.h2 = f64x2.splat(-0.10364969699524575);
  f.h3 = f64x2.splat(0.09891068191401386);
  f.h4 = f64x2.splat(-0.06751044304321127);
  f.h5 = f64x2.splat(0.032773595793248185);
  f.h6 = f64x2.splat(-0.009892722013224593);
  f.h7 = f64x2.splat(0.000640295408205895);
  f.h8 = f64x2.splat(0.0008207516859008319);
  f.h9 = f64x2.splat(-0.00026076788150439554);
  const d = constants<f64>();
  common(d);
  d.p0 = f64x2.splat(0.12837916709551256);
  d.p1 = f64x2.splat(-0.37612638903183543);
  d.p2 = f64x2.splat(0.11283791670945159);
  d.p3 = f64x2.splat(-0.02686617064326027);
  d.p4 = f64x2.splat(0.0052239776072865625);
  d.p5 = f64x2.splat(-0.000854832598287394);
  d.p6 = f64x2.splat(0.0001205529510940345);
  d.p7 = f64x2.splat(-1.4924740484580211e-5);
  d.p8 = f64x2.splat(1.6447464712183857e-6);
  d.p9 = f64x2.splat(-1.6208760270995594e-7);
  d.p10 = f64x2.splat(1.3721137893742711e-8);
  d.p11 = f64x2.splat(-7.797685989081661e-10);
  d.h0 = f64x2.splat(0.12971878352167765);
  d.h1 = f64x2.splat(0.06739167937217411);
  d.h2 = f64x2.splat(-0.10364986727104905);
  d.h3 = f64x2.splat(0.09891048376532488);
  d.h4 = f64x2.splat(-0.06750730784012247);
  d.h5 = f64x2.splat(0.03277458551027645);
  d.h6 = f64x2.splat(-0.009913513767766348);
  d.h7 = f64x2.splat(0.0006440489196903374);
  d.h8 = f64x2.splat(0.0008788461053960678);
  d.h9 = f64x2.splat(-0.0002917127088138895);
  d.h10 = f64x2.splat(-5.982654120163707e-5);
  d.h11 = f64x2.splat(4.877733044915808e-5);
  d.h12 = f64x2.splat(4.567870266719559e-6);
  d.h13 = f64x2.splat(-7.860083759519124e-6);
  d.h14 = f64x2.splat(-6.915707934836102e-7);
  d.h15 = f64x2.splat(1.3389713120985736e-6);
  d.h16 = f64x2.splat(1.8708501614374505e-7);
  d.h17 = f64x2.splat(-2.339456941110758e-7);
  d.h18 = f64x2.splat(-3.826326630435178e-8);
  d.h19 = f64x2.splat(3.3954284456581925e-8);
}

/** `erf y / y − 1` near 0, of z = y². */
// @ts-ignore: decorator
@inline
function inner<T>(k: Constants, z: v128): v128 {
  const z2 = f64x2.mul(z, z);
  const z4 = f64x2.mul(z2, z2);
  const low = cubic<f64>(z, z2, k.p0, k.p1, k.p2, k.p3);
  if (sizeof<T>() == 4) return madd<f64>(madd<f64>(k.p6, z2, madd<f64>(k.p5, z, k.p4)), z4, low);
  const high = cubic<f64>(z, z2, k.p8, k.p9, k.p10, k.p11);
  return madd<f64>(madd<f64>(high, z4, cubic<f64>(z, z2, k.p4, k.p5, k.p6, k.p7)), z4, low);
}

/** `h − ¼` further out. */
// @ts-ignore: decorator
@inline
function outer<T>(k: Constants, y: v128): v128 {
  const u = f64x2.div(f64x2.sub(y, k.three), f64x2.add(y, k.three));
  const u2 = f64x2.mul(u, u);
  const u4 = f64x2.mul(u2, u2);
  const h0 = cubic<f64>(u, u2, k.h0, k.h1, k.h2, k.h3);
  const h4 = cubic<f64>(u, u2, k.h4, k.h5, k.h6, k.h7);
  if (sizeof<T>() == 4) {
    return madd<f64>(madd<f64>(madd<f64>(k.h9, u, k.h8), u4, h4), u4, h0);
  }
  const h8 = cubic<f64>(u, u2, k.h8, k.h9, k.h10, k.h11);
  const h12 = cubic<f64>(u, u2, k.h12, k.h13, k.h14, k.h15);
  const h16 = cubic<f64>(u, u2, k.h16, k.h17, k.h18, k.h19);
  const u8 = f64x2.mul(u4, u4);
  const high = madd<f64>(h16, u8, madd<f64>(h12, u4, h8));
  return madd<f64>(high, u8, madd<f64>(h4, u4, h0));
}

/** From 6 on erf rounds to 1. */
// @ts-ignore: decorator
@inline
export function erf<T>(x: v128): v128 {
  const k = constants<T>();
  const y = f64x2.pmin(f64x2.abs(x), f64x2.splat(6));
  const z = f64x2.mul(y, y);
  const near = madd<f64>(y, inner<T>(k, z), y);
  const e = expSum<f64>(f64x2.neg(z), f64x2.splat(0));
  const h = f64x2.add(outer<T>(k, y), f64x2.splat(0.25));
  const rest = f64x2.div(f64x2.mul(f64x2.mul(e, h), k.root2), y);
  const far = f64x2.sub(k.one, rest);
  return v128.or(v128.bitselect(near, far, f64x2.lt(y, k.one)), v128.and(x, k.sign));
}

/**
 * Φ near 0, `½ + x·φ(0) + …`: on the left that is a small difference, so the product with φ(0) is
 * taken in parts.
 */
// @ts-ignore: decorator
@inline
function normal<T>(k: Constants, x: v128, y: v128): v128 {
  const p = inner<T>(k, f64x2.mul(y, y));
  const quarter = f64x2.mul(k.rootHalf, k.half);
  if (sizeof<T>() == 4) return madd<f64>(f64x2.mul(x, quarter), f64x2.add(k.one, p), k.half);
  const upper = v128.and(x, k.upper);
  const large = f64x2.mul(upper, k.densityHigh); // exact
  const head = f64x2.add(k.half, large);
  const lost = f64x2.add(f64x2.sub(k.half, head), large);
  const curved = f64x2.mul(f64x2.mul(x, quarter), f64x2.sub(p, k.p0));
  const lower = f64x2.mul(f64x2.sub(x, upper), k.density);
  const rest = f64x2.add(madd<f64>(upper, k.densityLow, lower), lost);
  return f64x2.add(head, f64x2.add(rest, curved));
}

/**
 * `x Φ(x)`, Φ(x) = (1 + erf(x/√2))/2. Further out from 0 it is −t on the left and x − t on the right,
 * t = |x| erfc(|x|/√2)/2 = e^(−x²/2) h. The square is taken in two parts, or the error of its last
 * digit would be that of e^(−x²/2) many times over.
 */
// @ts-ignore: decorator
@inline
export function gelu<T>(x: v128): v128 {
  const k = constants<T>();
  const size = f64x2.pmin(f64x2.abs(x), f64x2.splat(39.5)); // beyond it t is 0
  const y = f64x2.mul(size, k.rootHalf);
  const near = f64x2.mul(x, normal<T>(k, x, y));
  const upper = v128.and(size, k.upper);
  const square = f64x2.mul(f64x2.mul(upper, upper), k.half); // exact
  const rest = f64x2.mul(f64x2.mul(f64x2.sub(size, upper), f64x2.add(size, upper)), k.half);
  const t = expTimes(f64x2.neg(square), f64x2.neg(rest), outer<T>(k, y));
  const far = f64x2.sub(v128.andnot(x, f64x2.le(x, f64x2.splat(0))), t);
  const signed = v128.or(far, v128.and(x, k.sign)); // −0 where t is 0
  const all = v128.bitselect(near, signed, f64x2.lt(y, f64x2.splat(0.75)));
  // −∞·0, as the formula has it
  return v128.bitselect(f64x2.splat(NaN), all, f64x2.eq(x, f64x2.splat(-Infinity)));
}
