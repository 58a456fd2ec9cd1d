import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, expect } from "vitest";
import { Tensor } from "../../src/index.js";

/** A folder for a test's files, removed in the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "io-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A tensor's dtype, shape and the bytes of its elements: what must be the same, bit for bit. */
export function bitsOf(x: Tensor): object {
  return { dtype: x.dtype, shape: [...x.shape], bytes: hex(x.data()) };
}

export function hex({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}

/** That a value is the same, bit for bit, whatever its keys are called. */
export function same(got: unknown, wanted: unknown): void {
  expect(written(got)).toBe(written(wanted));
}

function written(value: unknown): string {
  const all = Number.POSITIVE_INFINITY;
  const limits = { depth: all, maxArrayLength: all, maxStringLength: all };
  return inspect(plain(value), { ...limits, sorted: true });
}

/** The same value with each tensor as its bits, so that `toStrictEqual` judges it. */
export function plain(value: unknown): unknown {
  if (value instanceof Tensor) return bitsOf(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** A safetensors file with this header, right or wrong. */
export function safetensorsFile(
  header: object | string | Uint8Array,
  data: Uint8Array | number = 0,
): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const own = header instanceof Uint8Array ? header : new TextEncoder().encode(text);
  const rest = typeof data === "number" ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + own.length + rest.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(own.length), true);
  file.set(own, 8);
  file.set(rest, 8 + own.length);
  return file;
}

/** A `.npy` file with this header, right or wrong. */
export function npyFile(
  header: string,
  data: Uint8Array | number = 0,
  { version = 1, length }: { readonly version?: number; readonly length?: number } = {},
): Uint8Array {
  const own = new TextEncoder().encode(header);
  const rest = typeof data === "number" ? new Uint8Array(data) : data;
  const start = version === 1 ? 10 : 12;
  const file = new Uint8Array(start + own.length + rest.length);
  file.set([0x93, 78, 85, 77, 80, 89, version, 0]);
  const view = new DataView(file.buffer);
  if (version === 1) view.setUint16(8, length ?? own.length, true);
  else view.setUint32(8, length ?? own.length, true);
  file.set(own, start);
  file.set(rest, start + own.length);
  return file;
}

/** The class and the whole message of what a promise is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<[unknown, string]> {
  try {
    await promise;
  } catch (error) {
    return [(error as Error).constructor, (error as Error).message];
  }
  return [null, "nothing was thrown"];
}
