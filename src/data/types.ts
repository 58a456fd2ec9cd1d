import type { Tensor } from "../index.js";

/** What a column of a table holds. */
export type ColumnType = "number" | "string" | "boolean";

/** The types of columns, by name. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** What stands for each type in a cell; NaN and null say that there is no value. */
interface Cells {
  readonly number: number;
  readonly string: string | null;
  readonly boolean: boolean | null;
}

/** One value of a column; a missing one is NaN among numbers, else null. */
export type Cell<T extends ColumnType = ColumnType> = Cells[T];

/** All values of a column. */
export type Values<T extends ColumnType> = T extends ColumnType ? Cells[T][] : never;

/** One row of a table: its cells under the names of their columns. */
export type Row<C extends Columns> = { [K in keyof C]: Cell<C[K]> };

/** The columns that a reader was told the types of, and only these; where it was told none, any. */
export type Read<D extends Columns> = [keyof D] extends [never] ? Columns : D;

/** The names of the columns that can be numbers. */
export type NumberName<C extends Columns> = {
  [K in keyof C]: C[K] extends "string" ? never : K;
}[keyof C] &
  string;

/** The type of the column that given values make. */
export type TypeOf<V> = [NonNullable<V>] extends [never]
  ? ColumnType
  : NonNullable<V> extends number
    ? "number"
    : NonNullable<V> extends string
      ? "string"
      : NonNullable<V> extends boolean
        ? "boolean"
        : ColumnType;

/** The columns of {@link TableLike} values. */
export type TypesOf<V> = {
  [K in keyof V]: V[K] extends Tensor
    ? "number"
    : V[K] extends Iterable<infer X>
      ? TypeOf<X>
      : ColumnType;
};

/** Lists of values, or vectors, by the names of their columns. */
export type TableLike = Readonly<
  Record<string, readonly (number | string | boolean | null | undefined)[] | TypedNumbers | Tensor>
>;

/** Typed arrays whose elements are numbers. */
export type TypedNumbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The columns without some of them. */
export type Without<C extends Columns, K extends string> = {
  [P in keyof C as P extends K ? never : P]: C[P];
};

/** The columns with one more, or another of that name. */
export type With<C extends Columns, N extends string, T extends ColumnType> = {
  [P in keyof (Without<C, N> & Record<N, T>)]: (Without<C, N> & Record<N, T>)[P];
};

/** By what a missing value of a column can be replaced. */
export type Fill<T extends ColumnType> = T extends "number"
  ? number | "mean" | "median" | "mode"
  : T extends "string"
    ? string
    : boolean | "mode";

/** A column as a table holds it: nobody writes to its values. */
export type Column = {
  [T in ColumnType]: { readonly type: T; readonly values: readonly Cells[T][] };
}[ColumnType];

/** Whether a cell says that there is no value. */
export function isMissing(cell: unknown): boolean {
  return cell === null || cell === undefined || Number.isNaN(cell);
}
