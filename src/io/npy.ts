import { bracketed } from "../checks/said.js";
import { type DType, FormatError, type Tensor, transpose } from "../index.js";
import { writeParts } from "./atomic.js";
import { elementsOf, tensorOf, widthOf } from "./elements.js";
import { npyHeader } from "./npy_header.js";
import { joined, type Reader, readBytes, readFile } from "./source.js";
import { bytesFor, bytesOf, requireTensor } from "./text.js";

/** How NumPy calls what is written. */
const descriptions: Readonly<Record<DType, string>> = {
  float64: "<f8",
  float32: "<f4",
  int32: "<i4",
  bool: "|b1",
};

/**
 * Writes a tensor as a `.npy` file of NumPy's, version 1 of the format: the bytes that `numpy.save`
 * writes. The write is atomic, as {@link writeAtomic} says.
 *
 * @throws UsageError for what is no tensor; where the folder does not exist.
 * @example
 * const path = `${process.env.TMPDIR ?? "/tmp"}/tracegrad_saved.npy`;
 * await saveNpy(path, tensor([[1, 2], [3, 4]]));
 * (await loadNpy(path)).toArray(); // [[1, 2], [3, 4]]
 */
export async function saveNpy(path: string | URL, tensor: Tensor): Promise<void> {
  await writeParts("saveNpy", path, npyParts("saveNpy", tensor));
}

/**
 * Reads the array of a `.npy` file of NumPy's, versions 1 to 3, in either byte order and either order of
 * elements. Half precision becomes float32, whole numbers int32.
 *
 * @throws FormatError that names the file and what is wrong; DtypeError for whole numbers that int32
 *   cannot hold, and for arrays of what is no number: Python's objects, structures, complex numbers,
 *   text, dates; UsageError where there is no such file.
 * @example
 * const path = `${process.env.TMPDIR ?? "/tmp"}/tracegrad_loaded.npy`;
 * await saveNpy(path, scalar(5, { dtype: "float64" }));
 * (await loadNpy(path)).dtype; // "float64"
 */
export async function loadNpy(path: string | URL): Promise<Tensor> {
  return readFile("loadNpy", path, npyReader);
}

/**
 * The bytes of a `.npy` file of a tensor, as {@link saveNpy} writes them.
 *
 * @throws UsageError for what is no tensor.
 * @example
 * const bytes = encodeNpy(tensor([1, 2]));
 * bytes.length; // 136
 * decodeNpy(bytes).toArray(); // [1, 2]
 */
export function encodeNpy(tensor: Tensor): Uint8Array {
  return joined("encodeNpy", npyParts("encodeNpy", tensor));
}

/**
 * The array in the bytes of a `.npy` file; as {@link loadNpy}.
 *
 * @throws FormatError that says what is wrong.
 * @example
 * decodeNpy(encodeNpy(ones([2, 3]))).shape; // [2, 3]
 */
export function decodeNpy(bytes: Uint8Array | ArrayBuffer): Tensor {
  const own = bytesOf("decodeNpy", bytes);
  return readBytes(own, npyReader("decodeNpy", own.length));
}

const MAGIC = "\x93NUMPY";
/** NumPy leaves room for a longer first axis, and lets the elements begin at a multiple of 64. */
const GROWTH = 21;
const ALIGNMENT = 64;

function npyParts(name: string, x: Tensor): Uint8Array[] {
  requireTensor(`${name}: tensor`, x);
  const shape = x.rank === 1 ? `(${x.shape[0]},)` : `(${x.shape.join(", ")})`;
  const entries = `'descr': '${descriptions[x.dtype]}', 'fortran_order': False, 'shape': ${shape}, `;
  const growth = x.rank === 0 ? 0 : GROWTH - String(x.shape[0]).length;
  const text = `{${entries}}${" ".repeat(growth)}`;
  const length = (Math.floor((10 + text.length + 1) / ALIGNMENT) + 1) * ALIGNMENT;
  const start = `${MAGIC}\x01\x00??${text}`;
  const header = Uint8Array.from(`${start.padEnd(length - 1)}\n`, (sign) => sign.charCodeAt(0));
  new DataView(header.buffer).setUint16(8, length - 10, true);
  return [header, elementsOf(name, x)];
}

/** As long as NumPy lets headers be that it does not trust. */
const MAX_HEADER = 10_000;

/** Reads the format: the header first, which says how many elements there must be. */
function* npyReader(where: string, size: number): Reader<Tensor> {
  const first = yield [0, Math.min(12, size)];
  const { start, length } = beginning(where, first, size);
  const header = text(yield [start, start + length]);
  const { kind, bigEndian, fortran, shape } = npyHeader(`${where}: header`, header);
  const wanted = bytesFor(shape, widthOf(kind));
  const from = start + length;
  const sizes = bracketed(shape);
  if (wanted === null) {
    throw new FormatError(`${where}: the shape ${sizes} has more elements than there can be`);
  }
  if (wanted !== size - from) {
    const cut = wanted > size - from ? "; the file is cut short" : "";
    throw new FormatError(
      `${where}: ${kind} of shape ${sizes} takes ${wanted} bytes, but ${size - from} follow${cut}`,
    );
  }
  const elements = yield [from, size];
  if (!fortran) return tensorOf(where, kind, elements, shape, bigEndian);
  return transpose(tensorOf(where, kind, elements, shape.toReversed(), bigEndian));
}

/** Where the header begins, and how long it is. */
function beginning(
  where: string,
  bytes: Uint8Array,
  size: number,
): { readonly start: number; readonly length: number } {
  if (text(bytes.subarray(0, 6)) !== MAGIC) {
    const isZip = text(bytes.subarray(0, 4)) === "PK\x03\x04";
    const what = isZip ? "this is an archive (.npz); unpack it first" : "this is no .npy file";
    throw new FormatError(`${where}: ${size === 0 ? "it is empty" : what}`);
  }
  const [major = 0, minor = 0] = bytes.subarray(6);
  const start = major === 1 ? 10 : 12;
  if (size < start) throw new FormatError(`${where}: ${size} bytes; the file is cut short`);
  if (![1, 2, 3].includes(major) || minor !== 0) {
    throw new FormatError(`${where}: version ${major}.${minor} of the format is unknown`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) {
    throw new FormatError(`${where}: the header is ${length} bytes long; ${MAX_HEADER} are read`);
  }
  if (length > size - start) {
    throw new FormatError(
      `${where}: the header is ${length} bytes long, but ${size - start} follow; the file is cut short`,
    );
  }
  return { start, length };
}

/** Bytes as characters, one each. */
function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
