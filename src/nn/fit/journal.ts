import { Sums } from "./sums.js";
import type { Checkpoint, History, Scores } from "./types.js";

type Lists = { readonly [score: string]: number[] };

const copied = (lists: { readonly [score: string]: readonly number[] }): Lists =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]));

/** The scores of a training: of each epoch so far, and the sums of the one under way. */
export class Journal<M extends string> {
  readonly #train: Lists;
  readonly #validation: Lists;
  #sums: Sums;

  constructor(names: readonly string[], from?: Checkpoint<unknown>) {
    const empty = Object.fromEntries(names.map((name) => [name, []]));
    this.#train = copied(from?.history ?? empty);
    this.#validation = copied(from?.validation ?? empty);
    this.#sums = new Sums(from?.sums);
  }

  /** A batch of so many rows is done. */
  add(scores: Scores<M>, rows: number): void {
    this.#sums.add(scores, rows);
  }

  /** The scores of the epoch under way. */
  get means(): Scores<M> {
    return this.#sums.means();
  }

  /** An epoch is done. */
  close(validation: Scores<M> | undefined): void {
    write(this.#train, this.means);
    if (validation !== undefined) write(this.#validation, validation);
    this.#sums = new Sums();
  }

  /** What a checkpoint keeps. */
  get kept(): Pick<Checkpoint<unknown>, "history" | "validation" | "sums"> {
    const [history, validation] = [copied(this.#train), copied(this.#validation)];
    return { history, validation, sums: this.#sums.totals };
  }

  history(validated: boolean): History<M> {
    const validation = validated ? { validation: copied(this.#validation) } : {};
    return { ...copied(this.#train), ...validation } as History<M>;
  }
}

function write(lists: Lists, scores: { readonly [score: string]: number }): void {
  for (const [name, score] of Object.entries(scores)) lists[name]?.push(score);
}
