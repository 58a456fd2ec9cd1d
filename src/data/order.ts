import { requireSeed } from "../checks/options.js";
import { random } from "../index.js";

/** The seed given, else one from the common stream, so that a program gives the same each time. */
export function seedOf(where: string, seed: number | undefined): number {
  if (seed === undefined) {
    return Math.floor(random.uniform([], { dtype: "float64" }).item() * 2 ** 32);
  }
  requireSeed(where, seed);
  return seed;
}

/** A seed for each of many draws: neighbouring seeds and numbers have nothing in common. */
export function mixed(seed: number, k: number): number {
  let z = (seed ^ Math.imul(k + 1, 0x9e3779b1)) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/** The numbers 0 … n−1, in random order where a seed is given. */
export function order(n: number, seed: number | null): Int32Array {
  if (seed === null) return Int32Array.from({ length: n }, (_, i) => i);
  return random.permutation(n, { seed }).data() as Int32Array;
}
