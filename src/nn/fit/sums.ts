import type { Scores, Totals } from "./types.js";

/** Sums of scores, each times the rows that it stands for. A metric that is NaN is not defined for its rows. */
export class Sums {
  readonly #totals: Map<string, readonly [sum: number, rows: number]>;

  constructor(from: Totals = {}) {
    this.#totals = new Map(Object.entries(from));
  }

  add(scores: { readonly [score: string]: number }, rows: number): void {
    for (const name in scores) {
      const score = scores[name] as number;
      const [sum, before] = this.#totals.get(name) ?? [0, 0];
      const defined = name === "loss" || !Number.isNaN(score);
      this.#totals.set(name, defined ? [sum + score * rows, before + rows] : [sum, before]);
    }
  }

  get totals(): Totals {
    return Object.fromEntries(this.#totals);
  }

  means<M extends string>(): Scores<M> {
    const means = [...this.#totals].map(([name, [sum, rows]]) => [name, sum / rows]);
    return Object.fromEntries(means) as Scores<M>;
  }
}
