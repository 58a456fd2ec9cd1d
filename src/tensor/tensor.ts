import type { DType, TypedArray } from "./dtype.js";
import { ShapeError, UsageError } from "./errors.js";
import { labelOf } from "./labels.js";
import { format, type Shape, sizeOf } from "./shape.js";
import { Storage } from "./storage.js";

/** A number or arrays of numbers nested to one depth: what a tensor is made from and read as. */
export type Nested = number | readonly Nested[];

/** Likewise of truth values. */
export type NestedBool = boolean | readonly NestedBool[];

/** What every op takes where it takes a tensor: numbers and arrays adopt the dtype beside them. */
export type TensorLike = Tensor | Nested | NestedBool | TypedArray;

/**
 * Behind a traced tensor: who traces it (level 0: no longer), and the value it stands for. Where the
 * owner is abstract there is none: it stands for many values, or for a formula.
 */
export interface Handle {
  readonly owner: {
    readonly level: number;
    readonly abstract?: boolean;
    /** The tensor, for an abstract owner, with no derivative passing. */
    stopped?(x: Tensor): Tensor;
  };
  readonly below: Tensor;
}

/**
 * An immutable array of numbers with a shape and a dtype. Make one with {@link tensor}; every op
 * is a method too: `X.matmul(w).sub(y).square().mean()`.
 *
 * @example
 * const X = tensor([[1, 2], [3, 4]]);
 * X.shape; // [2, 2]
 * X.T.toArray(); // [[1, 3], [2, 4]]
 */
export class Tensor {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    /** The elements, or the handle of the interpreter that traces this tensor. */
    readonly source: Storage | Handle,
  ) {}

  /** The number of axes: 0 for a scalar, 1 for a vector, 2 for a matrix. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The one element of a tensor of size 1, as a number. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(
        `item: the tensor is ${format(this.shape)}; only a tensor of one element is a number, ` +
          "use toArray() or data()",
      );
    }
    return elementsOf(this)[0] as number;
  }

  /**
   * The elements as nested arrays (a number for a scalar); bool as 0 and 1. TypeScript does not know
   * the rank, so say it where it matters: `X.toArray<number[][]>()`.
   */
  toArray<T extends Nested = Nested>(): T {
    return nest(elementsOf(this), this.shape, 0, 0) as T;
  }

  /** A copy of the elements, row by row, as a typed array of this dtype. */
  data(): TypedArray {
    return elementsOf(this).slice();
  }

  /** A short table: dtype, shape, and the numbers, the middle left out where there are many. */
  toString(): string {
    const body = table(elementsOf(this), this.shape, 0, 0, this.dtype);
    const label = labelOf(this);
    return `Tensor ${this.dtype} ${format(this.shape)}${label ? `, ${label}` : ""}\n${body}`;
  }

  /** What `JSON.stringify` writes: the nested arrays. */
  toJSON(): Nested {
    return this.toArray();
  }

  /** What `console.log` shows in Node: the table. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    try {
      return this.toString();
    } catch {
      return `Tensor ${this.dtype} ${format(this.shape)}, not to be read`;
    }
  }
}

/** The value behind a tensor, under however many handles. */
export function plainOf(x: Tensor): Tensor {
  let value = x;
  while (!(value.source instanceof Storage)) value = value.source.below;
  return value;
}

/** And its elements. */
export function storageOf(x: Tensor): Storage {
  return plainOf(x).source as Storage;
}

/** What can be read of a tensor, unless it stands for one of many. */
function elementsOf(x: Tensor): TypedArray {
  const elements = storageOf(x).read();
  if (elements.length === x.size) return elements;
  throw new UsageError(
    "inside vmap a tensor stands for one of many values, so its elements cannot be read; " +
      "return it, and read it outside",
  );
}

let ready = false;

/** Called by `init` once the kernels are there. */
export function markReady(): void {
  ready = true;
}

/** Everything that makes or uses tensors asks this first. */
export function requireInit(what: string): void {
  if (!ready) {
    throw new UsageError(`${what}: tracegrad is not initialised; call \`await init()\` first`);
  }
}

function nest(data: TypedArray, shape: Shape, axis: number, from: number): Nested {
  if (axis === shape.length) return data[from] as number;
  const step = sizeOf(shape.slice(axis + 1));
  return Array.from({ length: shape[axis] as number }, (_, i) =>
    nest(data, shape, axis + 1, from + i * step),
  );
}

/** How many entries of a long axis are shown at each end, and how many an axis has to be long. */
const EDGE = 4;
const LONG = 16;

function number(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "false" : "true";
  if (dtype === "int32" || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const digits = dtype === "float64" ? 8 : 6;
  if (size !== 0 && (size < 1e-4 || size >= 1e8)) {
    return value.toExponential(digits - 1).replace(/\.?0+e/, "e");
  }
  return String(Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size + 1))))));
}

/** Rows under one another, columns padded to a common width, the middle of a long axis left out. */
function table(data: TypedArray, shape: Shape, axis: number, from: number, dtype: DType): string {
  if (axis === shape.length) return number(data[from] as number, dtype);
  const n = shape[axis] as number;
  const step = sizeOf(shape.slice(axis + 1));
  const at = Array.from({ length: n }, (_, i) => i);
  const shown = n > LONG ? [...at.slice(0, EDGE), -1, ...at.slice(-EDGE)] : at;
  const parts = shown.map((i) =>
    i < 0 ? "…" : table(data, shape, axis + 1, from + i * step, dtype),
  );
  const indent = `\n${" ".repeat(axis + 1)}`;
  if (axis < shape.length - 1)
    return `[${parts.join(`${"\n".repeat(shape.length - axis - 2)}${indent}`)}]`;
  const width = axis === 0 ? 0 : columnWidth(data, dtype);
  return `[${parts.map((part) => part.padStart(width)).join(", ")}]`;
}

function columnWidth(data: TypedArray, dtype: DType): number {
  let width = 1;
  const count = Math.min(data.length, 400);
  for (let i = 0; i < count; i++) width = Math.max(width, number(data[i] as number, dtype).length);
  return Math.min(width, 12);
}
