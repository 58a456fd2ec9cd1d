import { DtypeError, OutOfMemoryError } from "./errors.js";

/** The element types: two floats that have gradients, two others for indices and masks. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The arrays that hold elements; `bool` is held as bytes 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

/** In the order of promotion: of two dtypes the later one wins. */
const order: readonly DType[] = ["bool", "int32", "float32", "float64"];

/** A zeroed typed array for `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  try {
    return new arrays[dtype](length);
  } catch {
    throw new OutOfMemoryError(
      `out of memory: ${length} ${dtype} elements (${bytesOf(dtype, length)} bytes) do not fit`,
    );
  }
}

export function bytesOf(dtype: DType, length: number): number {
  return (dtype === "float64" ? 8 : dtype === "bool" ? 1 : 4) * length;
}

export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** The dtype that holds the values of both: `float32` with `float64` gives `float64`. */
export function promote(a: DType, b: DType): DType {
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

/** The dtype of a typed array: `Float64Array` is float64, and so on. */
export function dtypeOf(data: TypedArray): DType {
  for (const dtype of order) if (data instanceof arrays[dtype]) return dtype;
  throw new DtypeError(
    `tensor: ${Object.prototype.toString.call(data).slice(8, -1)} is not supported; ` +
      "use Float32Array, Float64Array, Int32Array or Uint8Array",
  );
}

/**
 * `data` as an array of `dtype`: itself where it is one already, else a converted copy.
 *
 * @throws DtypeError for a number that int32 cannot hold; fractions are dropped.
 */
export function convert(where: string, data: TypedArray, dtype: DType): TypedArray {
  if (dtype === "bool") return Uint8Array.from(data, (x) => (x !== 0 ? 1 : 0));
  if (data instanceof arrays[dtype]) return data;
  const out = allocate(dtype, data.length);
  if (dtype === "int32") {
    const bad = data.find((x) => !(x >= -(2 ** 31) && x < 2 ** 31));
    if (bad !== undefined) throw new DtypeError(`${where}: int32 cannot hold ${bad}`);
  }
  out.set(data);
  return out;
}

let defaultDtype: DType = "float32";

/**
 * The dtype that numbers and nested arrays take; `float32` unless changed.
 *
 * @example
 * getDefaultDtype(); // "float32"
 */
export function getDefaultDtype(): DType {
  return defaultDtype;
}

/**
 * Sets the dtype that numbers and nested arrays take: `"float32"` or `"float64"`.
 *
 * @throws DtypeError when `dtype` is not a float type.
 * @example
 * setDefaultDtype("float64");
 * tensor([1, 2]).dtype; // "float64"
 * setDefaultDtype("float32");
 */
export function setDefaultDtype(dtype: "float32" | "float64"): void {
  if (!isFloat(dtype)) {
    throw new DtypeError(`setDefaultDtype: "${dtype}" is not a float type; use float32 or float64`);
  }
  defaultDtype = dtype;
}

export function checkDtype(where: string, dtype: DType): DType {
  if (!order.includes(dtype)) {
    throw new DtypeError(
      `${where}: "${dtype}" is not a dtype; use ${[...order].reverse().join(", ")}`,
    );
  }
  return dtype;
}
