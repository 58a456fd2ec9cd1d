import type { Scores } from "./types.js";

/** Sums of scores, each times the rows that it stands for. */
export class Sums {
  readonly #totals: { [name: string]: number };
  /** Under this name the rows are counted. */
  static readonly #rows = "rows of all";

  constructor(start: { readonly [name: string]: number } = {}) {
    this.#totals = { ...start };
  }

  add(scores: { readonly [name: string]: number }, rows: number): void {
    const totals = this.#totals;
    totals[Sums.#rows] = (totals[Sums.#rows] ?? 0) + rows;
    for (const name in scores) {
      totals[name] = (totals[name] ?? 0) + (scores[name] as number) * rows;
    }
  }

  get totals(): { readonly [name: string]: number } {
    return { ...this.#totals };
  }

  means<M extends string>(): Scores<M> {
    const { [Sums.#rows]: rows = 0, ...sums } = this.#totals;
    const means = Object.entries(sums).map(([name, sum]) => [name, sum / rows]);
    return Object.fromEntries(means) as Scores<M>;
  }
}
