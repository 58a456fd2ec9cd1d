import { DomainError, UsageError } from "../index.js";
import { unknownOption } from "../tensor/options.js";
import { said } from "./said.js";

/** Settles one option: gives its value, or what stands for one that is not given, or throws. */
export type Check<T> = (where: string, value: unknown) => T;

/**
 * Options by a table of what may be given and how it is checked. They are looked at as plain JavaScript
 * may pass them: wrong types, and names that the table has not, are refused.
 */
export function checked<C extends Readonly<Record<string, Check<unknown>>>>(
  name: string,
  options: unknown,
  checks: C,
): { readonly [K in keyof C]: ReturnType<C[K]> } {
  requireNames(name, options, Object.keys(checks));
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  const settled = Object.entries(checks).map(([key, check]) => [
    key,
    check(`${name}: ${key}`, given[key]),
  ]);
  return Object.fromEntries(settled);
}

/** Refuses what is no object of options, and an option that has none of the names. */
export function requireNames(where: string, options: unknown, names: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || isList(options)) {
    throw new UsageError(
      `${where}: the options are ${said(options)}; an object was wanted, such as { ${names[0]}: … }`,
    );
  }
  const other = Object.keys(options).find((key) => !names.includes(key));
  if (other !== undefined) throw unknownOption(where, other, names);
}

/** What numbers an option takes: how that is said, and whether one is of these. */
export interface Range {
  readonly wanted: string;
  has(x: number): boolean;
}

/** What running averages keep of themselves. */
export const FRACTION: Range = {
  wanted: "a number from 0 up to but not 1",
  has: (x) => x >= 0 && x < 1,
};

export const NOT_NEGATIVE: Range = {
  wanted: "a finite number of at least 0",
  has: (x) => x >= 0 && Number.isFinite(x),
};

export const POSITIVE: Range = {
  wanted: "a finite number above 0",
  has: (x) => x > 0 && Number.isFinite(x),
};

/** A number of the range. */
export function requireNumber(where: string, value: unknown, range: Range): number {
  const isNumber = typeof value === "number";
  if (isNumber && range.has(value)) return value;
  const message = `${where} is ${said(value)}; ${range.wanted} was wanted`;
  throw isNumber ? new DomainError(message) : new UsageError(message);
}

/** A number of the range, or another where none is given. */
export function number(range: Range, unless: number): Check<number> {
  return (where, value = unless) => requireNumber(where, value, range);
}

/** A number of the range, which must be given. */
export function needed(range: Range): Check<number> {
  return (where, value) => {
    if (value !== undefined) return requireNumber(where, value, range);
    throw new UsageError(`${where} is missing; ${range.wanted} was wanted`);
  };
}

/** What a random stream begins from. */
export function requireSeed(where: string, seed: unknown): void {
  if (Number.isSafeInteger(seed)) return;
  throw new UsageError(`${where}: seed is ${said(seed)}; a whole number was wanted`);
}

/** True or false, and false where it is not given. */
export function truth(where: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new UsageError(`${where} is ${said(value)}; true or false was wanted`);
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

/** How each optimizer is made. */
const made = {
  sgd: "sgd({ learningRate: 0.1 })",
  momentum: "momentum({ learningRate: 0.1 })",
  nesterov: "nesterov({ learningRate: 0.1 })",
  rmsprop: "rmsprop()",
  adagrad: "adagrad()",
  adam: "adam()",
  adamw: "adamw()",
  lbfgs: "lbfgs()",
  newton: "newton()",
};

/** An optimizer, not the name or the function of one; `usual` is one for messages. */
export function requireOptimizer(where: string, value: unknown, usual: keyof typeof made): void {
  const own = value as { readonly update?: unknown; readonly init?: unknown } | null | undefined;
  if (typeof own?.update === "function" && typeof own.init === "function") return;
  const name = typeof value === "function" ? value.name : typeof value === "string" ? value : "";
  const key = name.toLowerCase().replace(/[^a-z]/g, "");
  const call = Object.hasOwn(made, key) ? made[key as keyof typeof made] : undefined;
  const what =
    typeof value === "function" && call !== undefined ? `the function ${name}` : said(value);
  throw new UsageError(
    `${where}: optimizer is ${what}; an optimizer was wanted, which its function makes: ` +
      `{ optimizer: ${call ?? made[usual]} }`,
  );
}
