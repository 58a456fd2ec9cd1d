import { UsageError } from "../tensor/errors.js";
import { sum, term } from "./algebra.js";
import { type Expr, type Factor, NAMED, number, size } from "./expr.js";

/**
 * The axes of a formula's variables. One that has a name is as long as a prime number while the function
 * runs on symbols, so that every length in the formula tells what it was made of: 1/m, m·n, m + 1.
 */
export class Axes {
  readonly #primes = new Map<string, number>();

  constructor(private readonly from = NAMED) {}

  /** How long an axis is: a number, or a name. */
  length(axis: string | number): number {
    if (typeof axis === "number") return axis;
    const known = this.#primes.get(axis);
    if (known !== undefined) return known;
    const prime = nextPrime([...this.#primes.values()].at(-1) ?? this.from);
    this.#primes.set(axis, prime);
    return prime;
  }

  get names(): readonly string[] {
    return [...this.#primes.keys()];
  }

  /** What a length is called. */
  label(n: number): string {
    const { rest, factors } = this.#factors(n);
    if (factors.length > 0) return [...(rest === 1 ? [] : [rest]), ...factors].join("·");
    for (const [name, prime] of this.#primes) {
      if (n !== prime && Math.abs(n - prime) < 20) {
        return n > prime ? `${name} + ${n - prime}` : `${name} − ${prime - n}`;
      }
    }
    for (const [a, p] of this.#primes) {
      for (const [b, q] of this.#primes) if (p + q === n) return a === b ? `2·${a}` : `${a} + ${b}`;
    }
    return String(n);
  }

  /** How long an axis is where the named ones have the lengths that `at` says. */
  resized(n: number, at: ReadonlyMap<string, number>): number {
    const { rest, factors } = this.#factors(n);
    if (factors.length > 0) return factors.reduce((p, name) => p * of(at, name), rest);
    for (const [name, prime] of this.#primes) {
      if (Math.abs(n - prime) < 20) return of(at, name) + n - prime;
    }
    for (const [a, p] of this.#primes) {
      for (const [b, q] of this.#primes) if (p + q === n) return of(at, a) + of(at, b);
    }
    return n;
  }

  #factors(n: number): { rest: number; factors: string[] } {
    let rest = n;
    const factors: string[] = [];
    for (const [name, prime] of this.#primes) {
      while (rest !== 0 && rest % prime === 0) {
        rest /= prime;
        factors.push(name);
      }
    }
    return { rest, factors };
  }

  /** The same names with other lengths. */
  others(): Axes {
    const axes = new Axes(3 * NAMED);
    for (const name of this.#primes.keys()) axes.length(name);
    return axes;
  }

  /**
   * A number that the function calculated, as a formula: `other` is what it calculated with the lengths
   * of `axes`. What stays the same is a number; what changes, lengths explain at both; else null.
   */
  explain(c: number, other: number, axes: Axes): Expr | null {
    if (Math.abs(c - other) <= 1e-14 * Math.abs(c)) return number(c);
    for (const [name, p] of this.#primes) {
      const slope = round((c - other) / (p - axes.length(name)));
      const rest = round(c - slope * p);
      const isTyped = (x: number): boolean => isShort(x) || isFraction(x);
      if (isTyped(slope) && isTyped(rest)) {
        return sum([term(slope, [[size(p), 1]], null), number(rest)]);
      }
    }
    const names = [...this.#primes.keys()];
    const close = [c, other].every((x) => Math.fround(x) === x) ? 1e-6 : 1e-12;
    for (const factors of powers(names)) {
      const value = (of: Axes): number =>
        factors.reduce((v, { name, more, p }) => v * (of.length(name) + more) ** p, 1);
      const [a, b] = [c / value(this), other / value(axes)];
      if (Math.abs(a - b) > close * Math.abs(a)) continue;
      const list = factors.map(({ name, more, p }): Factor => {
        const n = size(this.length(name));
        return [more === 0 ? n : sum([n, number(more)]), p];
      });
      return term(Number(a.toPrecision(close < 1e-9 ? 13 : 6)), list, null);
    }
    return null;
  }

  /** A number in an op's rule as a formula: what it was calculated from, if that were lengths. */
  read(c: number): Expr {
    if (this.#primes.size === 0 || isShort(c) || isFraction(c)) {
      const near = [...this.#primes.values()].find((p) => c !== p && Math.abs(c - p) <= 2);
      if (near !== undefined && Number.isInteger(c)) return sum([size(near), number(c - near)]);
      const { rest, factors } = Number.isInteger(c) ? this.#factors(c) : { rest: c, factors: [] };
      return term(
        rest,
        factors.map((name): Factor => [size(this.length(name)), 1]),
        null,
      );
    }
    const candidates: [number, Factor[]][] = [[1, []]];
    for (const prime of this.#primes.values()) {
      for (const [value, factors] of [...candidates]) {
        for (const p of [-1, 1, -0.5, 0.5, -2, 2]) {
          candidates.push([value * prime ** p, [...factors, [size(prime), p]]]);
        }
      }
      if (candidates.length > 2000) break;
    }
    // And lengths less or more something, as in 1/(n − 1).
    for (const prime of this.#primes.values()) {
      for (const more of [-1, 1, -2, 2]) {
        const base = sum([size(prime), number(more)]);
        for (const p of [-1, 1, -0.5, 0.5]) candidates.push([(prime + more) ** p, [[base, p]]]);
      }
    }
    for (const [value, factors] of candidates) {
      const rest = round(c / value);
      if (isShort(rest)) return term(rest, factors, null);
    }
    return number(c);
  }
}

function of(at: ReadonlyMap<string, number>, name: string): number {
  const n = at.get(name);
  if (n === undefined) throw new UsageError(`derive: the length of the axis ${name} is not known`);
  return n;
}

/** Products of powers of up to three lengths, or of lengths less or more something. */
function* powers(names: readonly string[]): Generator<{ name: string; more: number; p: number }[]> {
  const exponents = [-1, 1, -0.5, 0.5, -2, 2, -1.5, 1.5];
  for (const name of names) {
    for (const more of [0, -1, 1, -2, 2]) for (const p of exponents) yield [{ name, more, p }];
  }
  for (const [i, name] of names.entries()) {
    for (const other of names.slice(i + 1)) {
      for (const p of exponents) {
        for (const q of exponents) {
          const both = [
            { name, more: 0, p },
            { name: other, more: 0, p: q },
          ];
          yield both;
          for (const third of names.slice(names.indexOf(other) + 1)) {
            for (const r of [-1, 1]) yield [...both, { name: third, more: 0, p: r }];
          }
        }
      }
    }
  }
}

/** A number as a person would have typed it. */
function isShort(c: number): boolean {
  return String(Math.abs(c)).replace(/^0\.0*|\.|e.*/g, "").length <= 5;
}

/** One with a small denominator. */
function isFraction(c: number): boolean {
  if (Number.isInteger(c) || Math.abs(c) > 1000) return false;
  for (let n = 2; n <= 100; n++) if (Math.abs(c * n - Math.round(c * n)) < 1e-12) return true;
  return false;
}

function round(c: number): number {
  return Number(c.toPrecision(13));
}

/** The next prime p for which (p − 1)/2 is one, too: what is divided by n − 1 shows it as well. */
function nextPrime(after: number): number {
  for (let n = after + 1; ; n++) if (isPrime(n) && isPrime((n - 1) / 2)) return n;
}

function isPrime(n: number): boolean {
  if (!Number.isInteger(n)) return false;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
