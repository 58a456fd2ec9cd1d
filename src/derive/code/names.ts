import { UsageError } from "../../tensor/errors.js";
import type { Axes } from "../axes.js";

/** Names in a program: of variables and axes as in the formula where the language allows it. */
export class Names {
  readonly #taken: Set<string>;
  readonly #of = new Map<unknown, string>();
  #count = 0;

  /** @param reserved the words of the language, and what the program uses of others */
  constructor(reserved: Iterable<string>) {
    this.#taken = new Set(reserved);
  }

  /** A name like the one wanted, which nothing else has. */
  fresh(wanted: string): string {
    const letters = wanted.normalize("NFKC").replace(/[^\p{L}\p{N}_]/gu, "_");
    const base = /^\p{N}/u.test(letters) || letters === "" ? `_${letters}` : letters;
    let name = base;
    for (let i = 1; this.#taken.has(name); i++) name = i === 1 ? `${base}_` : `${base}_${i}`;
    this.#taken.add(name);
    return name;
  }

  /** What a thing is called. */
  of(thing: unknown, wanted: string): string {
    const known = this.#of.get(thing) ?? this.fresh(wanted);
    this.#of.set(thing, known);
    return known;
  }

  /** `t0`, `t1`, … */
  next(): string {
    return this.fresh(`t${this.#count++}`);
  }
}

/** How long axes are, in a program where some have names. */
export class Lengths {
  readonly #names = new Map<string, string>();
  readonly #used = new Set<string>();

  constructor(private readonly axes: Axes) {}

  /** From here on an axis is known by a name. */
  define(axis: string, name: string): void {
    this.#names.set(axis, name);
  }

  has(axis: string): boolean {
    return this.#names.has(axis);
  }

  /** A length as an expression. */
  text(n: number): string {
    const parts = this.#parts(n);
    for (const part of parts) this.#used.add(part);
    return parts.join("");
  }

  /** The same, in a message. */
  told(n: number): string {
    return this.#parts(n).join("");
  }

  #parts(n: number): string[] {
    const parts = this.axes.label(n).split(/(·| \+ | − )/);
    const signs: Readonly<Record<string, string>> = { "·": " * ", " + ": " + ", " − ": " - " };
    return parts.map((part) => signs[part] ?? this.#name(part));
  }

  #name(part: string): string {
    if (/^-?\d+$/.test(part)) return part;
    const name = this.#names.get(part);
    if (name === undefined) {
      throw new UsageError(`code: no variable says how long the axis ${part} is`);
    }
    return name;
  }

  /** Whether an expression had the name. */
  uses(name: string): boolean {
    return this.#used.has(name);
  }
}
