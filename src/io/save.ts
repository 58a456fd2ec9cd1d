import { writeParts } from "./atomic.js";
import { safetensorsParts, safetensorsReader } from "./safetensors.js";
import { joined, type Reader, readBytes, readFile } from "./source.js";
import { putTogether, takeApart } from "./structure.js";
import { bytesOf } from "./text.js";

/** Under this key of the metadata stands all of a value that is no tensor. */
const KEY = "tracegrad";

/**
 * Writes a value to a file: any plain objects and arrays of tensors, numbers, text, truth values, null
 * and undefined, such as parameters, or the state of an optimizer. {@link load} gives the same back, bit
 * for bit. The value is read before this function returns its promise; later changes do not matter.
 *
 * The file is of the format safetensors, which other programs read: each tensor stands there by its path
 * (`params.0.W`), the rest as JSON among the metadata. The write is atomic, as {@link writeAtomic} says.
 *
 * @throws UsageError, before a file is touched, with the path of what cannot be saved (a function, an
 *   instance of a class, a cycle); where the folder does not exist.
 * @example
 * const path = `${process.env.TMPDIR ?? "/tmp"}/tracegrad_model.safetensors`;
 * const params = [{ W: eye(2), b: zeros([2]) }];
 * await save(path, { params, epoch: 3, best: Infinity });
 * const saved = await load<{ params: typeof params; epoch: number; best: number }>(path);
 * saved.epoch; // 3
 * saved.params[0]?.W.toArray(); // [[1, 0], [0, 1]]
 */
export async function save(path: string | URL, value: unknown): Promise<void> {
  await writeParts("save", path, partsOf("save", value));
}

/**
 * Reads a value that {@link save} wrote. Another program's safetensors file gives an object of tensors by
 * name.
 *
 * The type is taken at its word; what is in the file, nothing checks against it.
 *
 * @throws FormatError that names the file and what is wrong with it; UsageError where there is none.
 * @example
 * const path = `${process.env.TMPDIR ?? "/tmp"}/tracegrad_run.safetensors`;
 * await save(path, { x: tensor([1, 2]), name: "run 1" });
 * const { x, name } = await load<{ x: Tensor; name: string }>(path);
 * name; // "run 1"
 * x.toArray(); // [1, 2]
 */
export async function load<T = unknown>(path: string | URL): Promise<T> {
  return (await readFile("load", path, valueReader)) as T;
}

/**
 * The bytes that {@link save} would write, for a database, a download or another place.
 *
 * @throws UsageError with the path of what cannot be saved.
 * @example
 * const bytes = encode({ x: tensor([1, 2]), rate: 0.1 });
 * decode<{ rate: number }>(bytes).rate; // 0.1
 */
export function encode(value: unknown): Uint8Array {
  return joined("encode", partsOf("encode", value));
}

/**
 * The value in bytes that {@link encode} or {@link save} wrote; as {@link load}.
 *
 * @throws FormatError that says what is wrong.
 * @example
 * decode<number[]>(encode([1, -0, NaN])).length; // 3
 */
export function decode<T = unknown>(bytes: Uint8Array | ArrayBuffer): T {
  const own = bytesOf("decode", bytes);
  return readBytes(own, valueReader("decode", own.length)) as T;
}

function partsOf(name: string, value: unknown): Uint8Array[] {
  const { structure, tensors } = takeApart(name, value);
  return safetensorsParts(name, tensors, { [KEY]: structure });
}

function* valueReader(where: string, size: number): Reader<unknown> {
  const { tensors, metadata } = yield* safetensorsReader(where, size);
  const structure = Object.hasOwn(metadata, KEY) ? metadata[KEY] : undefined;
  return structure === undefined ? tensors : putTogether(where, structure, tensors);
}
