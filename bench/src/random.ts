import type { Values } from "./side.js";

/** Seeded random inputs (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 up to but not 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let z = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Numbers between −`limit` and `limit`. */
  uniform(shape: readonly number[], limit = 1): Values {
    const values = zeros(shape);
    return { shape, data: values.data.map(() => limit * (2 * this.next() - 1)) };
  }

  /** The initial weights of a layer (Glorot and Bengio 2010). */
  weights(inputs: number, outputs: number): Values {
    return this.uniform([inputs, outputs], Math.sqrt(6 / (inputs + outputs)));
  }

  /** Rows with a 1 at a random place and 0 elsewhere. */
  oneHot(rows: number, classes: number): Values {
    const values = zeros([rows, classes]);
    for (let i = 0; i < rows; i++) values.data[i * classes + Math.floor(this.next() * classes)] = 1;
    return values;
  }
}

export function zeros(shape: readonly number[]): Values {
  return { shape, data: new Float32Array(shape.reduce((size, n) => size * n, 1)) };
}
