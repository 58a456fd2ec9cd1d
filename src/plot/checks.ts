import { bracketed, said } from "../checks/said.js";
import { DomainError, ShapeError, Tensor, UsageError } from "../index.js";

/** Numbers in a row: an array, a typed array, or a tensor of rank 1. */
export type Numbers = readonly number[] | Float64Array | Float32Array | Int32Array | Tensor;

/** Rows of numbers: nested arrays, or a tensor of rank 2. */
export type Rows = readonly (readonly number[])[] | Tensor;

/** Whether a value is an object with parts by name: no list, tensor, table or promise. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null;
  if (!isObject || ArrayBuffer.isView(value)) return false;
  return !(value instanceof Tensor || value instanceof Promise || Symbol.iterator in value);
}

const isNumber = (value: unknown): value is number => typeof value === "number";

/** The numbers of a series; what is not finite stays. */
export function numbersOf(where: string, what: string, values: unknown): number[] {
  if (values instanceof Tensor) {
    if (values.rank !== 1) {
      throw new ShapeError(
        `${where}: ${what} is ${bracketed(values.shape)}; a tensor of one axis was wanted`,
      );
    }
    return [...values.data()];
  }
  const isTyped = ArrayBuffer.isView(values) && !(values instanceof DataView);
  if (!Array.isArray(values) && !isTyped) {
    throw new UsageError(`${where}: ${what} is ${said(values)}; an array of numbers was wanted`);
  }
  const list = [...(values as Iterable<unknown>)];
  const wrong = list.findIndex((value) => !isNumber(value));
  if (wrong >= 0) {
    throw new UsageError(
      `${where}: ${what}[${wrong}] is ${said(list[wrong])}; a number was wanted`,
    );
  }
  return list as number[];
}

/** The rows of a matrix, all of one length. */
export function rowsOf(where: string, what: string, values: unknown): number[][] {
  if (values instanceof Tensor) {
    if (values.rank !== 2) {
      throw new ShapeError(
        `${where}: ${what} is ${bracketed(values.shape)}; a matrix [rows, columns] was wanted`,
      );
    }
    return values.toArray<number[][]>();
  }
  if (!Array.isArray(values)) {
    throw new UsageError(`${where}: ${what} is ${said(values)}; rows of numbers were wanted`);
  }
  const rows = values.map((row, i) => numbersOf(where, `${what}[${i}]`, row));
  const width = rows[0]?.length ?? 0;
  const uneven = rows.findIndex((row) => row.length !== width);
  if (uneven >= 0) {
    throw new ShapeError(
      `${where}: ${what}[${uneven}] has ${rows[uneven]?.length} numbers and ${what}[0] has ${width}`,
    );
  }
  return rows;
}

/** Points in the plane, every number of them finite. */
export function pointsOf(where: string, values: unknown): [number, number][] {
  const rows = rowsOf(where, "points", values);
  if (rows.length === 0) throw new ShapeError(`${where}: there are no points`);
  if (rows[0]?.length !== 2) {
    throw new ShapeError(
      `${where}: points are [${rows.length}, ${rows[0]?.length}]; two columns, x and y, were wanted`,
    );
  }
  // Squares of larger ones are no numbers.
  const wrong = rows.findIndex((row) => !row.every((x) => Math.abs(x) <= 1e100));
  if (wrong >= 0) {
    const point = rows[wrong]?.join(", ");
    throw new DomainError(`${where}: points[${wrong}] is (${point}), which cannot be drawn`);
  }
  return rows as [number, number][];
}

/** Names given for classes or series: strings, and no two alike. */
export function namesOf(where: string, what: string, names: unknown): string[] {
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new UsageError(`${where}: ${what} is ${said(names)}; an array of names was wanted`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${where}: "${twice}" is twice among ${what}`);
  return names;
}
