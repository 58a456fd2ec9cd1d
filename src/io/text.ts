import { ShapeError, Tensor, UsageError } from "../index.js";

const LONGEST = 60;

/** A text in quotes as a message shows it; long ones are cut. */
export function quoted(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(short);
}

/** What a value is, in a few words. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the text ${quoted(value)}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Tensor) return "a tensor";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isRecord(value)) return "an object";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = Object.getPrototypeOf(value).constructor?.name;
  return typeof name === "string" && name !== "" ? `a ${name}` : "an object of a class";
}

/** Whether a value is an object of no class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a text has a UTF-8 form: no half of a surrogate pair stands alone. */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

/** More axes than this neither NumPy nor PyTorch has. */
export const MAX_RANK = 64;

/** How many bytes a shape takes; null where a size, or one of the products, is past 2^53. */
export function bytesFor(shape: readonly number[], width: number): number | null {
  let size = 1;
  for (const n of shape) {
    size *= n;
    if (!Number.isSafeInteger(n) || !Number.isSafeInteger(size)) return null;
  }
  return Number.isSafeInteger(size * width) ? size * width : null;
}

/** The bytes of what is given as a file in memory. */
export function bytesOf(where: string, given: unknown): Uint8Array {
  const tag = Object.prototype.toString.call(given);
  if (tag === "[object ArrayBuffer]") return new Uint8Array(given as ArrayBuffer);
  if (tag === "[object Uint8Array]") {
    const { buffer, byteOffset, byteLength } = given as Uint8Array;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  throw new UsageError(
    `${where}: bytes is ${describe(given)}; a Uint8Array or an ArrayBuffer was wanted`,
  );
}

/** Refuses what no file can hold as a tensor. */
export function requireTensor(where: string, given: unknown): asserts given is Tensor {
  if (!(given instanceof Tensor)) {
    throw new UsageError(`${where} is ${describe(given)}; a tensor was wanted`);
  }
  if (given.rank <= MAX_RANK) return;
  throw new ShapeError(`${where} has ${given.rank} axes; ${MAX_RANK} are the most in a file`);
}
