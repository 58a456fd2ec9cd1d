import {
  type DType,
  DtypeError,
  type Shape,
  type Tensor,
  type TypedArray,
  tensor,
  UsageError,
} from "../index.js";

/** How files hold the elements of a tensor, by the names that safetensors has for it. */
export type Kind = keyof typeof kinds;

interface Held {
  /** Bytes of an element. */
  readonly width: number;
  readonly dtype: DType;
  /** The elements in bytes where a view of them can stand; an array that is copied later. */
  readonly read: (bytes: Uint8Array, where: string) => TypedArray;
}

type View<T> = new (buffer: ArrayBufferLike, offset: number, length: number) => T;

const over =
  <T>(Elements: View<T>, width: number) =>
  ({ buffer, byteOffset, length }: Uint8Array): T =>
    new Elements(buffer, byteOffset, length / width);

const [f64, f32] = [over(Float64Array, 8), over(Float32Array, 4)];
const [i8, i16, i32] = [over(Int8Array, 1), over(Int16Array, 2), over(Int32Array, 4)];
const u16 = over(Uint16Array, 2);

const kinds = {
  F64: { width: 8, dtype: "float64", read: f64 },
  F32: { width: 4, dtype: "float32", read: f32 },
  F16: { width: 2, dtype: "float32", read: (bytes) => fromHalf(u16(bytes)) },
  BF16: { width: 2, dtype: "float32", read: (bytes) => fromBrain(u16(bytes)) },
  I8: { width: 1, dtype: "int32", read: (bytes) => widened(i8(bytes)) },
  U8: { width: 1, dtype: "int32", read: (bytes) => bytes },
  I16: { width: 2, dtype: "int32", read: (bytes) => widened(i16(bytes)) },
  U16: { width: 2, dtype: "int32", read: (bytes) => widened(u16(bytes)) },
  I32: { width: 4, dtype: "int32", read: i32 },
  U32: { width: 4, dtype: "int32", read: (bytes, where) => below31(i32(bytes), where) },
  I64: { width: 8, dtype: "int32", read: (bytes, where) => narrowed(i32(bytes), true, where) },
  U64: { width: 8, dtype: "int32", read: (bytes, where) => narrowed(i32(bytes), false, where) },
  BOOL: { width: 1, dtype: "bool", read: (bytes) => bytes },
} as const satisfies Record<string, Held>;

/** How a tensor is written. */
export const written = { float64: "F64", float32: "F32", int32: "I32", bool: "BOOL" } as const;

export function isKind(name: string): name is Kind {
  return Object.hasOwn(kinds, name);
}

export function widthOf(kind: Kind): number {
  return kinds[kind].width;
}

/**
 * The tensor of elements as a file holds them, of which there are as many as the shape wants.
 *
 * @throws DtypeError for a whole number that int32 cannot hold.
 */
export function tensorOf(
  where: string,
  kind: Kind,
  bytes: Uint8Array,
  shape: Shape,
  bigEndian = false,
): Tensor {
  const { width, dtype, read }: Held = kinds[kind];
  return tensor(read(placed(bytes, width, bigEndian), where), { dtype, shape });
}

/**
 * A copy of the elements of a tensor, as files hold them.
 *
 * @throws UsageError where they cannot be read, as those of a tensor whose memory was freed.
 */
export function elementsOf(where: string, x: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = named(where, () => x.data());
  return placed(new Uint8Array(buffer, byteOffset, byteLength), widthOf(written[x.dtype]), false);
}

function named<T>(where: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${where}: ${error.message}`, { cause: error });
  }
}

function isLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

/** The bytes where a view of elements can stand, in the order of this machine; copied if need be. */
function placed(bytes: Uint8Array, width: number, bigEndian: boolean): Uint8Array {
  const turn = width > 1 && bigEndian === isLittleEndian();
  if (!turn && bytes.byteOffset % width === 0) return bytes;
  const own = bytes.slice();
  if (!turn) return own;
  for (let from = 0; from < own.length; from += width) {
    for (let i = from, k = from + width - 1; i < k; i++, k--) {
      const first = own[i] as number;
      own[i] = own[k] as number;
      own[k] = first;
    }
  }
  return own;
}

function widened(values: Int8Array | Int16Array | Uint16Array): Int32Array {
  const out = new Int32Array(values.length);
  out.set(values);
  return out;
}

/** IEEE half precision: 5 bits of exponent, 10 of fraction. The bits of NaN stay. */
function fromHalf(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  const bits = new Uint32Array(out.buffer);
  for (const [i, half] of halves.entries()) {
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) out[i] = (half & 0x8000 ? -1 : 1) * fraction * 2 ** -24;
    else {
      const own = exponent === 31 ? 255 : exponent + 112;
      bits[i] = ((half & 0x8000) << 16) | (own << 23) | (fraction << 13);
    }
  }
  return out;
}

/** bfloat16: the upper half of a float32. */
function fromBrain(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  const bits = new Uint32Array(out.buffer);
  for (const [i, half] of halves.entries()) bits[i] = half << 16;
  return out;
}

/** Unsigned 32 bits, which must leave the first one free. */
function below31(values: Int32Array, where: string): Int32Array {
  const bad = values.findIndex((x) => x < 0);
  if (bad >= 0) throw tooLarge(where, bad, BigInt((values[bad] as number) >>> 0));
  return values;
}

/** 64 bits, of which 32 must say all. */
function narrowed(words: Int32Array, signed: boolean, where: string): Int32Array {
  const out = new Int32Array(words.length / 2);
  const first = isLittleEndian() ? 0 : 1;
  for (let i = 0; i < out.length; i++) {
    const low = words[2 * i + first] as number;
    const high = words[2 * i + 1 - first] as number;
    if (high !== (signed ? low >> 31 : 0) || (!signed && low < 0)) {
      const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
      throw tooLarge(where, i, signed ? value : BigInt.asUintN(64, value));
    }
    out[i] = low;
  }
  return out;
}

function tooLarge(where: string, at: number, value: bigint): DtypeError {
  return new DtypeError(
    `${where}: element ${at} is ${value}, which int32 cannot hold; write it as float64 instead`,
  );
}
