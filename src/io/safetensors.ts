import { requireNames } from "../checks/options.js";
import { quoted, said } from "../checks/said.js";
import { type DType, type Tensor, UsageError } from "../index.js";
import { writeParts } from "./atomic.js";
import { elementsOf, tensorOf, written } from "./elements.js";
import { header, headerLength, MAX_HEADER, METADATA } from "./safetensors_header.js";
import { joined, type Reader, readBytes, readFile } from "./source.js";
import { bytesOf, isRecord, isWellFormed, requireTensor } from "./text.js";

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name, in the order of their data. */
  readonly tensors: Record<string, Tensor>;
  /** What else the file says, as text; empty where it says nothing. */
  readonly metadata: Record<string, string>;
}

/**
 * Writes tensors, by their names, as a safetensors file, which other programs read, too: Python's
 * `safetensors` writes the same bytes. The write is atomic, as {@link writeAtomic} says.
 *
 * @throws UsageError, before a file is touched, for what is no tensor; where the folder does not exist.
 * @example
 * const path = `${process.env.TMPDIR ?? "/tmp"}/tracegrad_saved.safetensors`;
 * await saveSafetensors(path, { W: eye(2), b: zeros([2]) }, { metadata: { made: "by hand" } });
 * const { tensors, metadata } = await loadSafetensors(path);
 * tensors.W?.toArray(); // [[1, 0], [0, 1]]
 * metadata; // {"made": "by hand"}
 */
export async function saveSafetensors(
  path: string | URL,
  tensors: Readonly<Record<string, Tensor>>,
  options: { readonly metadata?: Readonly<Record<string, string>> | undefined } = {},
): Promise<void> {
  const name = "saveSafetensors";
  requireNames(name, options, ["metadata"]);
  await writeParts(name, path, safetensorsParts(name, tensors, options.metadata));
}

/**
 * Reads a safetensors file. Tensors of 16 bits become float32, whole numbers int32.
 *
 * @throws FormatError that names the file, the tensor and what is wrong; DtypeError for whole numbers
 *   that int32 cannot hold, and for kinds of numbers that no tensor here has; UsageError where there is
 *   no such file.
 * @example
 * const path = `${process.env.TMPDIR ?? "/tmp"}/tracegrad_loaded.safetensors`;
 * await saveSafetensors(path, { x: tensor([1, 2, 3]) });
 * (await loadSafetensors(path)).tensors.x?.toArray(); // [1, 2, 3]
 */
export async function loadSafetensors(path: string | URL): Promise<Safetensors> {
  return readFile("loadSafetensors", path, safetensorsReader);
}

/**
 * The bytes of a safetensors file of tensors, by their names.
 *
 * @throws UsageError for what is no tensor.
 * @example
 * const bytes = encodeSafetensors({ x: tensor([1, 2]) });
 * bytes.length; // 72
 * decodeSafetensors(bytes).tensors.x?.toArray(); // [1, 2]
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options: { readonly metadata?: Readonly<Record<string, string>> | undefined } = {},
): Uint8Array {
  const name = "encodeSafetensors";
  requireNames(name, options, ["metadata"]);
  return joined(name, safetensorsParts(name, tensors, options.metadata));
}

/**
 * What the bytes of a safetensors file hold; as {@link loadSafetensors}.
 *
 * @throws FormatError that names the tensor and what is wrong.
 * @example
 * const bytes = encodeSafetensors({ x: tensor([1, 2]) }, { metadata: { unit: "m" } });
 * decodeSafetensors(bytes).metadata.unit; // "m"
 */
export function decodeSafetensors(bytes: Uint8Array | ArrayBuffer): Safetensors {
  const own = bytesOf("decodeSafetensors", bytes);
  return readBytes(own, safetensorsReader("decodeSafetensors", own.length));
}

/** The header and the elements of one tensor after the other. */
export function safetensorsParts(
  where: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const list = Object.entries(checkedTensors(where, tensors)).sort(inOrder);
  const parts = list.map(([name, x]) => elementsOf(`${where}: ${quoted(name)}`, x));
  const entries = metadataEntry(where, metadata);
  let end = 0;
  for (const [i, [name, x]] of list.entries()) {
    const start = end;
    end += (parts[i] as Uint8Array).length;
    const info = { dtype: written[x.dtype], shape: x.shape, data_offsets: [start, end] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(info)}`);
  }
  return [headerOf(where, `{${entries.join(",")}}`), ...parts];
}

/** The wider first, so that each stands where a view of its elements can; else by name. */
const order: readonly DType[] = ["float64", "float32", "int32", "bool"];

function inOrder([a, x]: [string, Tensor], [b, y]: [string, Tensor]): number {
  return order.indexOf(x.dtype) - order.indexOf(y.dtype) || (a < b ? -1 : 1);
}

function checkedTensors<T extends object>(where: string, tensors: T): T {
  if (!isRecord(tensors)) {
    throw new UsageError(
      `${where}: tensors is ${said(tensors)}; an object of tensors by name was wanted`,
    );
  }
  for (const [name, x] of Object.entries(tensors)) {
    const own = `${where}: ${quoted(name)}`;
    requireTensor(own, x);
    if (name === METADATA) throw new UsageError(`${own} is no name for a tensor in this format`);
    requireText(own, name);
  }
  return tensors;
}

function metadataEntry(where: string, metadata: Readonly<Record<string, string>>): string[] {
  if (!isRecord(metadata)) {
    throw new UsageError(`${where}: metadata is ${said(metadata)}; an object was wanted`);
  }
  for (const [key, value] of Object.entries(metadata)) {
    const own = `${where}: metadata ${quoted(key)}`;
    if (typeof value !== "string") {
      throw new UsageError(`${own} is ${said(value)}; only text was wanted`);
    }
    requireText(own, key + value);
  }
  if (Object.keys(metadata).length === 0) return [];
  return [`"${METADATA}":${JSON.stringify(metadata)}`];
}

function requireText(where: string, text: string): void {
  if (isWellFormed(text)) return;
  throw new UsageError(`${where} has half of a surrogate pair, which no file can hold`);
}

/** With its length in front, and blanks behind: a multiple of 8 bytes. */
function headerOf(where: string, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const length = Math.ceil(bytes.length / 8) * 8;
  if (length > MAX_HEADER) {
    throw new UsageError(
      `${where}: all that is no tensor takes ${length} bytes, and ${MAX_HEADER} is the most; ` +
        "make tensors of long lists of numbers",
    );
  }
  const out = new Uint8Array(8 + length).fill(32);
  new DataView(out.buffer).setBigUint64(0, BigInt(length), true);
  out.set(bytes, 8);
  return out;
}

/** Reads the format: the header first, which says what else there must be. */
export function* safetensorsReader(where: string, size: number): Reader<Safetensors> {
  const start = 8 + headerLength(where, yield [0, Math.min(8, size)], size);
  const { metadata, entries } = header(where, yield [8, start], size - start);
  const tensors: [string, Tensor][] = [];
  for (const { own, name, kind, shape, from, to } of entries) {
    tensors.push([name, tensorOf(own, kind, yield [start + from, start + to], shape)]);
  }
  return { tensors: Object.fromEntries(tensors), metadata };
}
