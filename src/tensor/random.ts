import { type DTypeOption, make } from "./create.js";
import { DomainError, UsageError } from "./errors.js";
import { requireOptions } from "./options.js";
import type { Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";
import { describe } from "./tree.js";

/** A stream of uniform numbers in [0, 1). */
export type Generator = () => number;

/** Which stream to draw from: a seed for one of its own, else the common one. */
export interface RandomOption extends DTypeOption {
  readonly seed?: number | undefined;
}

/**
 * A generator of 53-bit uniforms: xoshiro128** (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2021), its state filled from the seed by splitmix32.
 */
export function generator(seed: number): Generator {
  let z = seed >>> 0;
  const split = (): number => {
    z = (z + 0x9e3779b9) >>> 0;
    let t = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    t = Math.imul(t ^ (t >>> 13), 0xc2b2ae35);
    return (t ^ (t >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [split(), split(), split(), split()];
  const next = (): number => {
    const r = Math.imul(b, 5);
    const out = Math.imul((r << 7) | (r >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return out;
  };
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
}

let common = generator(0);

function requireSeed(name: string, seed: unknown): number {
  if (Number.isSafeInteger(seed)) return seed as number;
  throw new UsageError(
    `${name}: seed is ${typeof seed === "number" ? seed : describe(seed)}; a whole number was wanted`,
  );
}

/** What a draw is scaled by is a number: through a tensor no gradient would come. */
function requireNumber(name: string, option: string, value: unknown): void {
  if (typeof value === "number") return;
  throw new UsageError(
    `${name}: ${option} is ${describe(value)}; a number was wanted (what is drawn can be scaled by ` +
      "tensors afterwards)",
  );
}

const NORMAL: readonly string[] = ["mean", "std", "dtype", "seed"];
const UNIFORM: readonly string[] = ["low", "high", "dtype", "seed"];

const streamOf = (name: string, { seed }: RandomOption): Generator =>
  seed === undefined ? common : generator(requireSeed(name, seed));

/** One standard normal number: Marsaglia's polar method, "Generating a normal variable" (1964). */
function gaussian(uniform: Generator): number {
  for (;;) {
    const u = 2 * uniform() - 1;
    const v = 2 * uniform() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** 0 … n−1 in random order (Fisher and Yates). */
export function shuffled(n: number, uniform: Generator): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    const swap = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swap;
  }
  return order;
}

/**
 * Random tensors. Every draw continues one common stream, which starts at seed 0, so that a program
 * gives the same numbers each time; `seed` starts the common stream anew, or gives one call its own.
 * Seeds are whole numbers. Under `vmap` a draw is the same for all entries: draw for all before, and
 * map over what was drawn. No gradient comes through the options: scale what was drawn.
 *
 * @example
 * random.seed(7);
 * random.normal([2, 3]).shape; // [2, 3]
 * random.uniform([2], { low: -1, high: 1, seed: 1 });
 * random.permutation(5).dtype; // "int32"
 */
export const random = {
  /** Starts the common stream anew. */
  seed(seed: number): void {
    common = generator(requireSeed("random.seed", seed));
  },

  /** Independent normal numbers of `mean` 0 and standard deviation `std` 1 unless given. */
  normal(
    shape: Shape,
    options: RandomOption & {
      readonly mean?: number | undefined;
      readonly std?: number | undefined;
    } = {},
  ): Tensor {
    const { mean = 0, std = 1, dtype } = requireOptions("random.normal", options, NORMAL);
    requireNumber("random.normal", "mean", mean);
    requireNumber("random.normal", "std", std);
    if (!(std >= 0)) throw new DomainError(`random.normal: std is ${std}; it must be 0 or more`);
    const uniform = streamOf("random.normal", options);
    return make("random.normal", shape, { dtype }, (data) => {
      for (let i = 0; i < data.length; i++) data[i] = mean + std * gaussian(uniform);
    });
  },

  /** Independent numbers, uniform from `low` 0 up to but not including `high` 1 unless given. */
  uniform(
    shape: Shape,
    options: RandomOption & {
      readonly low?: number | undefined;
      readonly high?: number | undefined;
    } = {},
  ): Tensor {
    const { low = 0, high = 1, dtype } = requireOptions("random.uniform", options, UNIFORM);
    requireNumber("random.uniform", "low", low);
    requireNumber("random.uniform", "high", high);
    if (!(low <= high)) {
      throw new DomainError(
        `random.uniform: low is ${low} and high is ${high}; low must not exceed high`,
      );
    }
    const uniform = streamOf("random.uniform", options);
    return make("random.uniform", shape, { dtype }, (data) => {
      for (let i = 0; i < data.length; i++) {
        // Rounded to float32, a number just below `high` may become `high`: drawn again.
        do data[i] = low + (high - low) * uniform();
        while (data[i] === high && low < high);
      }
    });
  },

  /** The whole numbers 0 … n−1 in random order, as an int32 vector. */
  permutation(n: number, options: { readonly seed?: number | undefined } = {}): Tensor {
    const order = shuffled(
      n,
      streamOf("random.permutation", requireOptions("random.permutation", options, ["seed"])),
    );
    return make("random.permutation", [n], { dtype: "int32" }, (data) => {
      data.set(order);
    });
  },
};
