import { quoted, said } from "../checks/said.js";
import { DtypeError, FormatError, type Shape } from "../index.js";
import { isKind, type Kind, widthOf } from "./elements.js";
import { strictJson } from "./json.js";
import { bytesFor, isRecord, isWellFormed, MAX_RANK } from "./text.js";

/** As much as the reference implementation reads. */
export const MAX_HEADER = 100_000_000;
const DEPTH = 128;

/** The key beside the names of tensors. */
export const METADATA = "__metadata__";

/** Known to the format, but to no tensor here. */
// biome-ignore format: a list of names
const unread = [
  "F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64",
];

/** How long the header is, by the first 8 bytes. */
export function headerLength(where: string, first: Uint8Array, size: number): number {
  if (first.length < 8) {
    throw new FormatError(`${where}: ${size} bytes are no safetensors file, which has 8 or more`);
  }
  const { buffer, byteOffset } = first;
  const length = new DataView(buffer, byteOffset, 8).getBigUint64(0, true);
  if (first[0] === 0x93 && first[1] === 78) {
    throw new FormatError(`${where}: this is a .npy file; read it with loadNpy or decodeNpy`);
  }
  if (length > BigInt(MAX_HEADER)) {
    throw new FormatError(
      `${where}: this is no safetensors file, or a broken one: its header would be ${length} bytes ` +
        `long, and ${MAX_HEADER} is the most`,
    );
  }
  if (Number(length) > size - 8) {
    throw new FormatError(
      `${where}: the header is ${length} bytes long, but only ${size - 8} follow; the file is cut short`,
    );
  }
  return Number(length);
}

/** What the header says of a tensor. */
interface Entry {
  readonly own: string;
  readonly name: string;
  readonly kind: Kind;
  readonly shape: Shape;
  readonly from: number;
  readonly to: number;
}

/** The header of a file with so many bytes of data, checked. */
export function header(
  where: string,
  bytes: Uint8Array,
  size: number,
): { readonly metadata: Record<string, string>; readonly entries: readonly Entry[] } {
  if (bytes[0] !== 123) throw new FormatError(`${where}: the header does not begin with "{"`);
  const limits = { depth: DEPTH, number: whole };
  const all = strictJson(`${where}: header`, decoded(where, bytes), limits);
  const { [METADATA]: metadata, ...infos } = all as Record<string, unknown>;
  const entries = Object.entries(infos).map(([name, info]) => entry(where, name, info, size));
  entries.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { own, from, to } of entries) {
    if (from !== end) {
      const what = from > end ? `leaves a hole after byte ${end}` : `overlaps another up to ${end}`;
      throw new FormatError(`${own}: its data, from byte ${from} on, ${what}`);
    }
    end = to;
  }
  if (end !== size) {
    throw new FormatError(`${where}: the tensors take ${end} bytes, but there are ${size} of data`);
  }
  return { metadata: texts(where, metadata), entries };
}

function decoded(where: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.slice());
  } catch (error) {
    throw new FormatError(`${where}: the header is no UTF-8 text`, { cause: error });
  }
}

/** A number with a sign, a fraction or an exponent, of which the format wants none. */
class NotWhole {
  constructor(readonly text: string) {}
}

function whole(text: string): number | NotWhole {
  return /^\d+$/.test(text) ? Number(text) : new NotWhole(text);
}

function texts(where: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined || metadata === null) return {};
  if (!isRecord(metadata)) {
    throw new FormatError(`${where}: ${METADATA} is ${given(metadata)}, not an object`);
  }
  for (const [key, value] of Object.entries(metadata)) {
    const own = `${where}: ${METADATA} ${quoted(key)}`;
    if (typeof value !== "string") throw new FormatError(`${own} is ${given(value)}, not text`);
    if (!isWellFormed(key + value)) {
      throw new FormatError(`${own} has half of a surrogate pair`);
    }
  }
  return metadata as Record<string, string>;
}

function entry(where: string, name: string, info: unknown, size: number): Entry {
  const own = `${where}: tensor ${quoted(name)}`;
  const wrong = (what: string): never => {
    throw new FormatError(`${own}: ${what}`);
  };
  if (!isWellFormed(name)) wrong("its name has half of a surrogate pair");
  if (!isRecord(info)) return wrong(`${given(info)} stands where dtype and shape were wanted`);
  const { dtype, shape, data_offsets: offsets } = info;
  if (typeof dtype !== "string") return wrong(`its dtype is ${given(dtype)}, not text`);
  if (unread.includes(dtype)) {
    throw new DtypeError(`${own}: its dtype ${dtype} is one that no tensor here has`);
  }
  if (!isKind(dtype)) return wrong(`its dtype ${quoted(dtype)} is unknown`);
  if (!areSizes(shape)) {
    return wrong(`its shape ${given(shape)} is no list of whole numbers, 0 or more`);
  }
  if (shape.length > MAX_RANK) return wrong(`it has ${shape.length} axes, more than ${MAX_RANK}`);
  const wanted = bytesFor(shape, widthOf(dtype));
  if (wanted === null)
    return wrong(`its shape ${given(shape)} has more elements than there can be`);
  if (!areSizes(offsets) || offsets.length !== 2) {
    return wrong(`its data_offsets ${given(offsets)} are no two whole numbers, 0 or more`);
  }
  const [from, to] = offsets as [number, number];
  if (to < from) return wrong(`its data_offsets ${given(offsets)} are in the wrong order`);
  if (to > size) {
    return wrong(`its data ends at byte ${to}, but there are ${size}; the file is cut short`);
  }
  if (to - from !== wanted) {
    const came = `its data_offsets hold ${to - from} bytes`;
    return wrong(`${came}, but ${dtype} of shape ${given(shape)} takes ${wanted}`);
  }
  return { own, name, kind: dtype, shape, from, to };
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => typeof n === "number");
}

/** What stands where sizes were wanted: a list as it came. */
function given(value: unknown): string {
  if (value instanceof NotWhole) return value.text;
  if (!Array.isArray(value)) return said(value);
  const shown = value.slice(0, 8).map((n) => (Array.isArray(n) ? said(n) : given(n)));
  return `[${[...shown, ...(value.length > 8 ? ["…"] : [])].join(", ")}]`;
}
