import { requireNames, truth } from "../checks/options.js";
import { quoted, said } from "../checks/said.js";
import { DomainError, type DType, getDefaultDtype, oneHot, Tensor, UsageError } from "../index.js";
import { type Classes, classesOf, compare, matrixOf, type Named } from "./encode.js";
import { filled, summaryOf } from "./fill.js";
import { printed } from "./print.js";
import {
  type Cell,
  type Column,
  type Columns,
  type Fill,
  isMissing,
  type NumberName,
  type Row,
  type TableLike,
  type TypeOf,
  type TypesOf,
  type Values,
  type With,
  type Without,
} from "./types.js";
import { columnOfValues, columnsFrom, requireLengths } from "./values.js";
import { unknownColumn } from "./words.js";

/** The names of the classes, where they shall not be those that come in the column. */
export interface ClassOptions {
  readonly names?: readonly (string | number | boolean)[] | undefined;
}

const never = (): boolean => false;

/** As properties are that were set. */
const plain = { enumerable: true, writable: true, configurable: true } as const;

/**
 * An immutable table: columns of equal length, each of numbers, texts or truth values, in which values
 * can be missing (NaN among numbers, else null). What changes a table gives another.
 *
 * Read one with {@link readCsv}, {@link readJson}, {@link parseCsv} or {@link parseJson}, or make it
 * of lists by `Table.from`. Rows are counted from 0.
 *
 * @example
 * const table = Table.from({ x: [1, 2, Number.NaN], kind: ["a", "b", "a"] });
 * table.types; // {"x":"number","kind":"string"}
 * const complete = table.dropMissing();
 * complete.tensor("x").toArray(); // [1, 2]
 * complete.oneHot("kind").values.toArray(); // [[1, 0], [0, 1]]
 */
export class Table<C extends Columns = Columns> implements Iterable<Row<C>> {
  /** The number of rows. */
  readonly length: number;
  readonly #columns: ReadonlyMap<string, Column>;

  /** For readers of tables; others take `Table.from`. */
  constructor(columns: ReadonlyMap<string, Column>, rows?: number) {
    if (!(columns instanceof Map)) {
      throw new UsageError("Table: make a table by Table.from({ name: [values] }), or a reader");
    }
    requireLengths("Table", columns);
    this.#columns = new Map(columns);
    this.length = rows ?? columns.values().next().value?.values.length ?? 0;
  }

  /**
   * The table of given lists (arrays, typed arrays), by the names of their columns. NaN, null and
   * undefined are missing values.
   *
   * @throws ShapeError where they are not of one length, FormatError where a list mixes types.
   */
  static from<V extends TableLike>(lists: V): Table<TypesOf<V>> {
    const columns = columnsFrom(`Table.from`, lists, (name, values) =>
      columnOfValues(
        values,
        undefined,
        never,
        (row) => `Table.from, row ${row}, column ${quoted(name)}`,
      ),
    );
    return new Table(columns) as Table<TypesOf<V>>;
  }

  /** The names of the columns, in order. */
  get names(): (keyof C & string)[] {
    return [...this.#columns.keys()];
  }

  /** What each column holds. */
  get types(): { [K in keyof C]: C[K] } {
    return Object.fromEntries([...this.#columns].map(([name, { type }]) => [name, type])) as never;
  }

  /** The values of a column, as a copy. */
  column<K extends keyof C & string>(name: K): Values<C[K]> {
    return [...this.#named("column", name)[1].values] as Values<C[K]>;
  }

  /**
   * Columns of numbers (or truth values, as 0 and 1) as a tensor: [rows] for one name, [rows, columns]
   * for a list, or for all columns where none is given.
   *
   * @throws DomainError where a value is missing, DtypeError for texts and for numbers that `dtype`
   *   cannot hold.
   */
  tensor(
    names: NumberName<C> | readonly NumberName<C>[] = this.names as NumberName<C>[],
    options: { readonly dtype?: DType | undefined } = {},
  ): Tensor {
    requireNames("tensor", options, ["dtype"]);
    const { dtype } = options;
    if (!Array.isArray(names)) {
      return matrixOf([this.#named("tensor", names)], this.length, dtype).reshape([this.length]);
    }
    if (names.length === 0) throw new UsageError("tensor: no column is named; one was wanted");
    const columns = names.map((name) => this.#named("tensor", name));
    return matrixOf(columns, this.length, dtype);
  }

  /**
   * A column as classes: `labels`, int32 [rows], are numbers into `names`, the different values in
   * order. New data get the numbers of old ones where the old `names` are given.
   *
   * @throws DomainError where a value is missing, or is none of the names given.
   */
  classes(name: keyof C & string, options: ClassOptions = {}): Classes {
    requireNames("classes", options, ["names"]);
    return classesOf("classes", this.#named("classes", name), options.names);
  }

  /** The same as `values` [rows, classes] that are 1 in the column of the row's class, else 0. */
  oneHot(
    name: keyof C & string,
    options: ClassOptions & { readonly dtype?: DType | undefined } = {},
  ): { readonly values: Tensor; readonly names: string[] } {
    requireNames("oneHot", options, ["names", "dtype"]);
    const { labels, names } = classesOf("oneHot", this.#named("oneHot", name), options.names);
    const dtype = options.dtype ?? getDefaultDtype();
    return { values: oneHot(labels, names.length, { dtype }), names };
  }

  /** The table of these columns alone, in this order. */
  select<K extends keyof C & string>(names: readonly K[]): Table<Pick<C, K>> {
    const columns = new Map(this.#all("select", names));
    if (columns.size === names.length) return new Table<Pick<C, K>>(columns, this.length);
    const twice = names.find((name, i) => names.indexOf(name) < i) as string;
    throw new UsageError(`select: ${quoted(twice)} comes twice`);
  }

  /** The table without these columns. */
  drop<K extends keyof C & string>(names: readonly K[]): Table<Without<C, K>> {
    const columns = new Map(this.#columns);
    for (const [name] of this.#all("drop", names)) columns.delete(name);
    return new Table<Without<C, K>>(columns, this.length);
  }

  /** The rows in which none of these columns, or of all, misses its value. */
  dropMissing(names: readonly (keyof C & string)[] = this.names): Table<C> {
    const columns = this.#all("dropMissing", names);
    return this.#rowsWhere((i) => !columns.some(([, { values }]) => isMissing(values[i])));
  }

  /**
   * The table with the missing values of columns replaced: by a value, by the column's `"mean"` or
   * `"median"`, or by the value that comes most often, its `"mode"`.
   *
   * @throws UsageError for a value of another type, DomainError where a column has no value at all.
   */
  fillMissing(fills: { readonly [K in keyof C]?: Fill<C[K]> }): Table<C> {
    if (typeof fills !== "object" || fills === null) {
      throw new UsageError(
        `fillMissing: the values are ${said(fills)}; an object was wanted, such as { x: 0 }`,
      );
    }
    const columns = new Map(this.#columns);
    for (const [name, by] of Object.entries(fills)) {
      if (by !== undefined)
        columns.set(name, filled(name, this.#named("fillMissing", name)[1], by));
    }
    return new Table<C>(columns, this.length);
  }

  /** The rows for which the function gives true. */
  filter(f: (row: Row<C>, index: number) => boolean): Table<C> {
    requireFunction("filter", f);
    return this.#rowsWhere((i) => f(this.#row(i), i));
  }

  /** What the function gives for each row, as a list. */
  map<T>(f: (row: Row<C>, index: number) => T): T[] {
    requireFunction("map", f);
    return Array.from({ length: this.length }, (_, i) => f(this.#row(i), i));
  }

  /** The table with one more column, or another of that name: a list, or what a function gives. */
  with<N extends string, V extends number | string | boolean | null | undefined>(
    name: N,
    values: readonly V[] | ((row: Row<C>, index: number) => V),
  ): Table<With<C, N, TypeOf<V>>> {
    if (typeof name !== "string" || name === "") {
      throw new UsageError(`with: the name is ${said(name)}; a text was wanted`);
    }
    const list = typeof values === "function" ? this.map(values) : values;
    const place = (row: number): string => `with, row ${row}, column ${quoted(name)}`;
    const [own] = columnsFrom("with", { [name]: list }, (_, cells) =>
      columnOfValues(cells, undefined, never, place),
    ).values();
    const columns = new Map(this.#columns).set(name, own as Column);
    requireLengths("with", columns);
    return new Table<With<C, N, TypeOf<V>>>(columns);
  }

  /** The rows from `start` up to but not including `end`, as an array's `slice` counts them. */
  slice(start?: number, end?: number): Table<C> {
    return this.take(Array.from({ length: this.length }, (_, i) => i).slice(start, end));
  }

  /**
   * The rows with these numbers, a list or a vector; negative ones count from the end.
   *
   * @throws DomainError for a row that there is not.
   */
  take(rows: Iterable<number> | Tensor): Table<C> {
    const list: unknown = rows instanceof Tensor ? rows.data() : rows;
    if (typeof list !== "object" || list === null || !(Symbol.iterator in list)) {
      throw new UsageError(`take: the rows are ${said(rows)}; a list of numbers was wanted`);
    }
    const at = Array.from(list as Iterable<number>, (row) => this.#at("take", row));
    const columns = [...this.#columns].map(([name, { type, values }]) => {
      return [name, { type, values: at.map((i) => values[i]) } as Column] as const;
    });
    return new Table<C>(new Map(columns), at.length);
  }

  /** The rows in the order of a column; where it misses its value they come last. */
  sort(
    name: keyof C & string,
    options: { readonly descending?: boolean | undefined } = {},
  ): Table<C> {
    const [, { values }] = this.#named("sort", name);
    requireNames("sort", options, ["descending"]);
    const sign = truth("sort: descending", options.descending) ? -1 : 1;
    const order = (i: number, j: number): number => {
      const [a, b] = [values[i] as Cell, values[j] as Cell];
      return isMissing(a) || isMissing(b) ? compare(a, b) : sign * compare(a, b);
    };
    return this.take(Array.from({ length: this.length }, (_, i) => i).sort(order));
  }

  /** One row; a negative number counts from the end. */
  row(index: number): Row<C> {
    return this.#row(this.#at("row", index));
  }

  /** All rows, as objects. */
  rows(): Row<C>[] {
    return this.map((row) => row);
  }

  *[Symbol.iterator](): Iterator<Row<C>> {
    for (let i = 0; i < this.length; i++) yield this.#row(i);
  }

  /**
   * For each column a row: its type, how many values it has, misses, and has of different kinds, and
   * of numbers the mean, the standard deviation (that of all, divided by n), and the range.
   */
  describe(): Table<{
    column: "string";
    type: "string";
    count: "number";
    missing: "number";
    distinct: "number";
    mean: "number";
    std: "number";
    min: "number";
    median: "number";
    max: "number";
  }> {
    const all = [...this.#columns.values()].map(summaryOf);
    const of = (key: keyof (typeof all)[number]): number[] => all.map((one) => one[key]);
    return Table.from({
      column: this.names as string[],
      type: [...this.#columns.values()].map(({ type }) => type as string),
      count: of("count"),
      missing: of("missing"),
      distinct: of("distinct"),
      mean: of("mean"),
      std: of("std"),
      min: of("min"),
      median: of("median"),
      max: of("max"),
    });
  }

  /** A short table as text: long ones without their middle. */
  toString(): string {
    return printed(this.#columns, this.length);
  }

  /** What `JSON.stringify` writes: the rows. */
  toJSON(): Row<C>[] {
    return this.rows();
  }

  /** What `console.log` shows in Node: the table. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  #row(i: number): Row<C> {
    const row: Record<string, unknown> = {};
    for (const [name, { values }] of this.#columns) {
      // Set, "__proto__" would be the prototype.
      if (name !== "__proto__") row[name] = values[i];
      else Object.defineProperty(row, name, { value: values[i], ...plain });
    }
    return row as Row<C>;
  }

  #named(where: string, name: unknown): Named {
    const column = this.#columns.get(name as string);
    if (column === undefined) throw unknownColumn(where, name, this.names);
    return [name as string, column];
  }

  #all(where: string, names: readonly string[]): Named[] {
    if (Array.isArray(names)) return names.map((name) => this.#named(where, name));
    throw new UsageError(`${where}: the columns are ${said(names)}; a list of names was wanted`);
  }

  #at(where: string, row: number): number {
    const n = this.length;
    if (Number.isInteger(row) && row >= -n && row < n) return row < 0 ? row + n : row;
    throw new DomainError(
      `${where}: there is no row ${said(row)}; ` +
        (n === 0 ? "the table has none" : `rows run from ${-n} to ${n - 1}`),
    );
  }

  #rowsWhere(keep: (row: number) => boolean): Table<C> {
    const rows: number[] = [];
    for (let i = 0; i < this.length; i++) if (keep(i)) rows.push(i);
    return this.take(rows);
  }
}

function requireFunction(where: string, f: unknown): void {
  if (typeof f === "function") return;
  throw new UsageError(`${where}: ${said(f)} came; a function of a row was wanted`);
}
