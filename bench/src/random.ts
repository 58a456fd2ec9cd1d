import type { Inputs, Numbers, Values } from "./side.js";

/** Seeded random inputs (mulberry32). */
export class Random {
  #state: number;

  constructor(
    seed: number,
    readonly dtype: "float32" | "float64" = "float32",
  ) {
    this.#state = seed;
  }

  /** A number from 0 up to but not 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let z = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number, shape: readonly number[]): Values {
    const size = shape.reduce((product, n) => product * n, 1);
    const data = this.dtype === "float32" ? new Float32Array(size) : new Float64Array(size);
    for (let i = 0; i < size; i++) data[i] = low + (high - low) * this.next();
    return { shape, data };
  }

  /** Numbers between −`limit` and `limit`. */
  uniform(shape: readonly number[], limit = 1): Values {
    return this.between(-limit, limit, shape);
  }

  /**
   * A matrix that is not symmetric, of small condition and positive determinant: its eigenvalues lie
   * around 2√n, at most some 0.6√n away (the circular law: entries of variance 1/3).
   */
  regular(n: number): Values {
    const values = this.uniform([n, n]);
    for (let i = 0; i < n; i++) values.data[i * (n + 1)] = 2 * Math.sqrt(n) + this.next();
    return values;
  }

  /** The initial weights of a layer (Glorot and Bengio 2010). */
  weights(inputs: number, outputs: number): Values {
    return this.uniform([inputs, outputs], Math.sqrt(6 / (inputs + outputs)));
  }

  /** Numbers that are 0 or 1, as with a coin. */
  coins(shape: readonly number[]): Values {
    const values = this.between(0, 1, shape);
    values.data.forEach((x, i) => {
      values.data[i] = Math.round(x);
    });
    return values;
  }

  /** Rows with a 1 at a random place and 0 elsewhere. */
  oneHot(rows: number, classes: number): Values {
    const values = zeros([rows, classes]);
    for (let i = 0; i < rows; i++) values.data[i * classes + Math.floor(this.next() * classes)] = 1;
    return values;
  }
}

/** The same numbers in float64. */
export function doubled<K extends string>(inputs: Inputs<K>): Inputs<K> {
  return inAll(inputs, (data) => new Float64Array(data));
}

/** The same numbers rounded to float32. */
export function rounded<K extends string>(inputs: Inputs<K>): Inputs<K> {
  return inAll(inputs, (data) => new Float32Array(data));
}

function inAll<K extends string>(inputs: Inputs<K>, f: (data: Numbers) => Numbers): Inputs<K> {
  const one = ([name, { shape, data }]: [string, Values]) => [name, { shape, data: f(data) }];
  return Object.fromEntries(Object.entries<Values>(inputs).map(one));
}

export function zeros(shape: readonly number[]): Values {
  return { shape, data: new Float32Array(shape.reduce((size, n) => size * n, 1)) };
}
