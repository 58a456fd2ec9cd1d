import { said } from "../checks/said.js";
import { ShapeError, Tensor, UsageError } from "../index.js";

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
    `${where}: bytes is ${said(given)}; a Uint8Array or an ArrayBuffer was wanted`,
  );
}

/** Refuses what no file can hold as a tensor. */
export function requireTensor(where: string, given: unknown): asserts given is Tensor {
  if (!(given instanceof Tensor)) {
    throw new UsageError(`${where} is ${said(given)}; a tensor was wanted`);
  }
  if (given.rank <= MAX_RANK) return;
  throw new ShapeError(`${where} has ${given.rank} axes; ${MAX_RANK} are the most in a file`);
}
