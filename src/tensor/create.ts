import {
  allocate,
  checkDtype,
  convert,
  type DType,
  dtypeOf,
  getDefaultDtype,
  isFloat,
  promote,
  type TypedArray,
} from "./dtype.js";
import { DomainError, ShapeError, UsageError } from "./errors.js";
import { requireOptions } from "./options.js";
import { checkShape, format, type Shape, sizeOf } from "./shape.js";
import { Storage } from "./storage.js";
import { type Nested, type NestedBool, requireInit, Tensor } from "./tensor.js";
import { describe } from "./tree.js";
import { withRemedy } from "./words.js";

/** A dtype for what is made; the default dtype where none is given. */
export interface DTypeOption {
  readonly dtype?: DType | undefined;
}

const DTYPE: readonly string[] = ["dtype"];
const TENSOR: readonly string[] = ["dtype", "shape"];

/** A tensor over an array that nobody else writes to. */
export function fromData(data: TypedArray, shape: Shape): Tensor {
  const dtype = dtypeOf(data);
  return new Tensor(shape, dtype, new Storage(dtype, data.length, data));
}

/**
 * A tensor of given values: a number, nested arrays, or a typed array (which is copied).
 *
 * Numbers and nested arrays take the default dtype, truth values `bool`, a typed array its own
 * (`Uint8Array`: `int32`); `dtype` overrides all. `shape` arranges the values row by row.
 *
 * @throws ShapeError where the arrays are ragged or do not fill `shape`.
 * @throws UsageError that says where a value is none: null, undefined or a text, say.
 * @throws DtypeError for a number that int32 cannot hold.
 * @example
 * tensor([[1, 2], [3, 4]]).shape; // [2, 2]
 * tensor(new Float64Array(6), { shape: [2, 3] }).dtype; // "float64"
 */
export function tensor(
  values: Nested | NestedBool | TypedArray,
  options: DTypeOption & { readonly shape?: Shape | undefined } = {},
): Tensor {
  requireInit("tensor");
  const { dtype } = requireOptions("tensor", options, TENSOR);
  if (dtype !== undefined) checkDtype("tensor", dtype);
  let data: TypedArray;
  let shape: Shape;
  if (isTypedArray(values)) {
    const own = values instanceof Uint8Array ? "int32" : dtypeOf(values);
    const converted = convert("tensor", values, dtype ?? own);
    data = converted === values ? converted.slice() : converted;
    shape = [data.length];
  } else {
    [data, shape] = nested("tensor", values, dtype);
  }
  if (options.shape !== undefined) {
    const wanted = checkShape("tensor", options.shape);
    if (sizeOf(wanted) !== data.length) {
      throw new ShapeError(
        `tensor: ${data.length} values do not fill the shape ${format(wanted)}, ` +
          `which holds ${sizeOf(wanted)}`,
      );
    }
    shape = wanted;
  }
  return fromData(data, shape);
}

export function isTypedArray(values: unknown): values is TypedArray {
  return ArrayBuffer.isView(values);
}

/** Whether the first element is a truth value. */
function holdsBool(values: Nested | NestedBool): boolean {
  return Array.isArray(values)
    ? values.length > 0 && holdsBool(values[0] as Nested)
    : typeof values === "boolean";
}

/** Numbers or truth values in arrays, in a row, and the shape that they had. */
function nested(
  where: string,
  values: Nested | NestedBool,
  dtype: DType | undefined,
): [data: TypedArray, shape: Shape] {
  const shape = shapeOfNested(values, []);
  const wide = new Float64Array(sizeOf(shape));
  try {
    fill(where, wide, values, shape, 0, 0);
  } catch (error) {
    throw misfit(where, values) ?? error;
  }
  const own = holdsBool(values) ? "bool" : getDefaultDtype();
  return [convert("tensor", wide, dtype ?? own), shape];
}

/** The shape that the first entries give. */
function shapeOfNested(values: Nested | NestedBool, shape: number[]): number[] {
  if (!Array.isArray(values)) return shape;
  return values.length === 0
    ? [...shape, 0]
    : shapeOfNested(values[0] as Nested, [...shape, values.length]);
}

/** Writes nested arrays into `data` and checks on the way that every branch has the shape. */
function fill(
  where: string,
  data: TypedArray,
  values: Nested | NestedBool,
  shape: Shape,
  axis: number,
  from: number,
): number {
  if (axis === shape.length && (typeof values === "number" || typeof values === "boolean")) {
    data[from] = Number(values);
    return from + 1;
  }
  if (axis < shape.length && Array.isArray(values) && values.length === shape[axis]) {
    for (const part of values as readonly Nested[]) {
      from = fill(where, data, part, shape, axis + 1, from);
    }
    return from;
  }
  const came = Array.isArray(values) ? `an array of ${values.length}` : describe(values);
  const wanted = axis < shape.length ? `an array of ${shape[axis]}` : "a number";
  throw new ShapeError(
    `${where}: the values are ragged; at depth ${axis} there is ${came} where ${wanted} was wanted ` +
      `(the first entries give the shape ${format(shape)})`,
  );
}

/** That there is something among values that is no number. */
function misfit(where: string, values: unknown): UsageError | null {
  const found = misfitIn(values, "");
  if (found === null) return null;
  const { path, value } = found;
  if (path === "") {
    return new UsageError(
      `${where}: the values are ${withRemedy(describe(value))}; numbers or truth values, arrays of them, or a ` +
        "typed array were wanted",
    );
  }
  const place = where === "tensor" ? `tensor: values${path}` : `${where}${path}`;
  return new UsageError(
    `${place} is ${withRemedy(describe(value))}; a number was wanted${insteadOf(value)}`,
  );
}

/** The first value that is neither a number or truth value nor an array, and where it is. */
function misfitIn(
  values: unknown,
  path: string,
): { readonly path: string; readonly value: unknown } | null {
  if (typeof values === "number" || typeof values === "boolean") return null;
  if (!Array.isArray(values)) return { path, value: values };
  for (const [i, part] of values.entries()) {
    const found = misfitIn(part, `${path}[${i}]`);
    if (found !== null) return found;
  }
  return null;
}

/** What makes numbers of what came in their place. */
function insteadOf(value: unknown): string {
  if (value === null || value === undefined) return ", NaN where it is missing";
  if (value instanceof Tensor) return "; stack and concat join tensors";
  return isTypedArray(value) ? ", or an array, as Array.from gives it" : "";
}

/**
 * A scalar tensor of one number.
 *
 * @example
 * scalar(3).item(); // 3
 */
export function scalar(value: number, options: DTypeOption = {}): Tensor {
  return tensor(value, requireOptions("scalar", options, DTYPE));
}

/**
 * A tensor of `shape` with every element `value`.
 *
 * @example
 * full([2], 7).toArray(); // [7, 7]
 */
export function full(shape: Shape, value: number, options: DTypeOption = {}): Tensor {
  return make("full", shape, options, (data) => {
    data.fill(value);
  });
}

/**
 * A tensor of zeros.
 *
 * @example
 * zeros([2, 2]).toArray(); // [[0, 0], [0, 0]]
 */
export function zeros(shape: Shape, options: DTypeOption = {}): Tensor {
  return make("zeros", shape, options, () => {});
}

/**
 * A tensor of ones.
 *
 * @example
 * ones([3]).toArray(); // [1, 1, 1]
 */
export function ones(shape: Shape, options: DTypeOption = {}): Tensor {
  return make("ones", shape, options, (data) => {
    data.fill(1);
  });
}

/**
 * The identity matrix `I` of order `n`; with `columns`, ones on the diagonal of an n×columns matrix.
 *
 * @example
 * eye(2).toArray(); // [[1, 0], [0, 1]]
 */
export function eye(
  n: number,
  options: { readonly dtype?: DType | undefined; readonly columns?: number | undefined } = {},
): Tensor {
  const { dtype, columns: m = n } = requireOptions("eye", options, ["dtype", "columns"]);
  return make("eye", [n, m], { dtype }, (data) => {
    for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = 1;
  });
}

/**
 * `start, start + step, …` below `stop`; with one argument, `0, 1, …` below it. As in NumPy.
 *
 * @throws DomainError when `step` is 0 or a bound is not finite.
 * @example
 * arange(3).toArray(); // [0, 1, 2]
 * arange(1, 7, 2).toArray(); // [1, 3, 5]
 */
export function arange(start: number, stop?: number, step = 1, options: DTypeOption = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const n = Math.max(0, Math.ceil((to - from) / step));
  if (!Number.isFinite(n)) {
    throw new DomainError(
      `arange: ${from} to ${to} by ${step} never ends; give finite bounds, step ≠ 0`,
    );
  }
  return make("arange", [n], options, (data) => {
    for (let i = 0; i < n; i++) data[i] = from + i * step;
  });
}

/**
 * `count` numbers at equal distances from `start` to `stop`, both included.
 *
 * @example
 * linspace(0, 1, 3).toArray(); // [0, 0.5, 1]
 */
export function linspace(
  start: number,
  stop: number,
  count: number,
  options: DTypeOption = {},
): Tensor {
  return make("linspace", [count], options, (data) => {
    for (let i = 0; i < count; i++) {
      data[i] = count === 1 ? start : start + ((stop - start) * i) / (count - 1);
    }
    if (count > 1) data[count - 1] = stop;
  });
}

/** A new tensor whose zeroed data `write` fills. */
export function make(
  where: string,
  shape: Shape,
  options: DTypeOption,
  write: (data: TypedArray) => void,
): Tensor {
  requireInit(where);
  const dtype = checkDtype(where, requireOptions(where, options, DTYPE).dtype ?? getDefaultDtype());
  const own = checkShape(where, shape);
  if (isFloat(dtype)) {
    const data = allocate(dtype, sizeOf(own));
    write(data);
    return fromData(data, own);
  }
  const wide = new Float64Array(sizeOf(own));
  write(wide);
  return fromData(convert(where, wide, dtype), own);
}

const scalars = new Map<DType, Map<number, Tensor>>();

/** The scalar tensor of a number; recurring numbers (the 2 of `mul(x, 2)`) are made once. */
export function constant(value: number, dtype: DType): Tensor {
  let known = scalars.get(dtype);
  if (known === undefined) {
    known = new Map();
    scalars.set(dtype, known);
  }
  if (Object.is(value, -0)) return tensor(value, { dtype }); // a Map takes it for 0
  let found = known.get(value);
  if (found === undefined) {
    if (known.size >= 256) known.clear();
    found = tensor(value, { dtype });
    known.set(value, found);
  }
  return found;
}

/** Numbers, truth values or arrays as a tensor of the dtype that the tensors beside them have. */
export function adopt(where: string, values: unknown, beside: readonly DType[]): Tensor {
  if (typeof values === "number" && beside.length === 1 && isFloat(beside[0] as DType)) {
    return constant(values, beside[0] as DType); // as it mostly is
  }
  if (isTypedArray(values)) return tensor(values);
  if (typeof values !== "number" && typeof values !== "boolean" && !Array.isArray(values)) {
    throw new UsageError(
      `${where} is ${withRemedy(describe(values))}; a tensor, a number or arrays of numbers were wanted`,
    );
  }
  const own = values as Nested | NestedBool;
  let dtype = beside.length === 0 ? getDefaultDtype() : beside.reduce(promote);
  if (!isFloat(dtype)) dtype = isWhole(own) ? "int32" : getDefaultDtype();
  if (typeof own === "number") return constant(own, dtype);
  return fromData(...nested(where, own, holdsBool(own) ? undefined : dtype));
}

/** All inputs of an op, by name; indices and masks adopt no dtype. */
export function adoptAll(
  op: string,
  list: readonly unknown[],
  names: readonly string[],
  selects: readonly boolean[],
): Tensor[] {
  requireInit(op);
  const beside: DType[] = [];
  list.forEach((x, i) => {
    if (x instanceof Tensor && !selects[i]) beside.push(x.dtype);
  });
  return list.map((x, i) =>
    x instanceof Tensor ? x : adopt(`${op}: ${names[i]}`, x, selects[i] ? ["int32"] : beside),
  );
}

/** Whether int32 can hold the values. */
function isWhole(values: Nested | NestedBool): boolean {
  if (Array.isArray(values)) return values.every(isWhole);
  const x = Number(values);
  return Number.isInteger(x) && x >= -(2 ** 31) && x < 2 ** 31;
}
