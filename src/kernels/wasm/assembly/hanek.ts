// The remainder of a huge number by π/2 (Payne and Hanek 1983). Of x·2/π, x = m·2ᵉ, the bits of 2/π
// that give multiples of 4 are passed over, and the 192 that follow multiplied by m.

import { TABLE } from "./memory";

/** 64 zero bits, then those of 2/π. */
// @ts-ignore: decorator
@inline
function twoOverPi(): usize {
  return TABLE + 3072;
}

export function fillHanek(): void {
  const at = twoOverPi();
  store<u64>(at, 0);
  store<u64>(at, 0xa2f9836e4e441529, 8);
  store<u64>(at, 0xfc2757d1f534ddc0, 16);
  store<u64>(at, 0xdb6295993c439041, 24);
  store<u64>(at, 0xfe5163abdebbc561, 32);
  store<u64>(at, 0xb7246e3a424dd2e0, 40);
  store<u64>(at, 0x06492eea09d1921c, 48);
  store<u64>(at, 0xfe1deb1cb129a73e, 56);
  store<u64>(at, 0xe88235f52ebb4484, 64);
  store<u64>(at, 0xe99c7026b45f7e41, 72);
  store<u64>(at, 0x3991d639835339f4, 80);
  store<u64>(at, 0x9c845f8bbdf9283b, 88);
  store<u64>(at, 0x1ff897ffde05980f, 96);
  store<u64>(at, 0xef2f118b5a0a6d1f, 104);
  store<u64>(at, 0x6d367ecf27cb09b7, 112);
  store<u64>(at, 0x4f463f669e5fea2d, 120);
  store<u64>(at, 0x7527bac7ebe5f17b, 128);
  store<u64>(at, 0x3d0739f78a5292ea, 136);
  store<u64>(at, 0x6bfb5fb11f8d5d08, 144);
  store<u64>(at, 0x56033046fc7b6bab, 152);
  store<u64>(at, 0xf0cfbc209af4361d, 160);
}

/** 64 bits from bit `from` on. */
// @ts-ignore: decorator
@inline
function bitsFrom(from: i32): u64 {
  const at = twoOverPi() + <usize>((from >> 6) << 3);
  const shift = <u64>(from & 63);
  const first = load<u64>(at);
  return shift ? (first << shift) | (load<u64>(at, 8) >> (64 - shift)) : first;
}

/** The upper half of a product. */
function upper(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  return a1 * b1 + (middle >> 32) + ((a0 * b1 + (middle & 0xffffffff)) >> 32);
}

/** Stores the remainder of x, its lower part 16 bytes on, and the quotient mod 4 32 bytes on. */
function reduce(x: f64, at: usize): void {
  const bits = reinterpret<u64>(x);
  const biased = <i32>((bits >> 52) & 0x7ff);
  if (biased == 0x7ff) {
    store<f64>(at, x - x);
    return;
  }
  const m = (bits & 0x000fffffffffffff) | 0x0010000000000000;
  // 2 to the power of biased − 1075, and the bit 63 + i of the table is worth 2^−i
  const from = biased - 1075 + 62;
  const b = bitsFrom(from + 64);
  let high = m * bitsFrom(from) + upper(m, b); // quarters in the upper two bits, mod 4
  let low = m * b;
  const carry = upper(m, bitsFrom(from + 128));
  low += carry;
  if (low < carry) high++;
  let quotient = high >> 62;
  high = (high << 2) | (low >> 62);
  low <<= 2;
  // As a signed fraction of a quarter, to the nearest.
  const negative = <i64>high < 0;
  if (negative) {
    quotient++;
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  const zeros = high ? clz(high) : 64 + clz(low);
  if (zeros >= 64) {
    high = low << (zeros - 64);
    low = 0;
  } else if (zeros) {
    high = (high << zeros) | (low >> (64 - zeros));
    low <<= zeros;
  }
  const unit = reinterpret<f64>((1023 - 64 - zeros) << 52);
  const f = <f64>(high >> 11) * 2048 * unit;
  const g = <f64>(((high & 2047) << 42) | (low >> 22)) * (unit / 4398046511104); // 2⁴²
  // (f + g)·π/2, the product f·π/2 with what it loses (Dekker)
  const quarter = 1.5707963267948966;
  const product = f * quarter;
  const split = f * 134217729;
  const f1 = split - (split - f);
  const f2 = f - f1;
  const q1 = 1.5707963407039642;
  const q2 = -1.3909067675399456e-8;
  const lost = f1 * q1 - product + f1 * q2 + f2 * q1 + f2 * q2;
  const rest = lost + (f * 6.123233995736766e-17 + g * quarter);
  const r = product + rest;
  const sign: f64 = negative != <i64>bits < 0 ? -1 : 1;
  store<f64>(at, sign * r);
  store<f64>(at, sign * (product - r + rest), 16);
  store<u64>(at, <i64>bits < 0 ? 0 - quotient : quotient, 32);
}

/** Replaces the huge lanes of what was got for x by the true values; all three lie at the result. */
export function reduceHuge(x: v128, r: v128, low: v128, count: v128): usize {
  const at = TABLE + 32640;
  v128.store(at, r);
  v128.store(at, low, 16);
  v128.store(at, count, 32);
  v128.store(at, x, 48);
  for (let lane: usize = 0; lane < 16; lane += 8) {
    const value = load<f64>(at + lane, 48);
    if (!(abs(value) < 1647000)) reduce(value, at + lane);
  }
  return at;
}
