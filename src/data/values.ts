import { quoted, said } from "../checks/said.js";
import { FormatError, ShapeError, Tensor, UsageError } from "../index.js";
import { booleanIn, misfit, numberIn } from "./cells.js";
import { type Column, type ColumnType, isMissing } from "./types.js";

/** Where a value stands, for messages. */
export type Place = (row: number) => string;

/**
 * A column of values as they are in JavaScript or JSON: of the type given, which texts are then read
 * as, else of their own, which must be one.
 */
export function columnOfValues(
  values: Iterable<unknown>,
  type: ColumnType | undefined,
  isNone: (text: string) => boolean,
  place: Place,
  remedy = "",
): Column {
  const list = Array.from(values, (value) =>
    isMissing(value) || (typeof value !== "object" && isNone(String(value))) ? null : value,
  );
  const own = type ?? commonType(list, place, remedy);
  const fail = (row: number, why: string): never => {
    throw new FormatError(`${place(row)}: ${why}`);
  };
  if (own === "string") {
    return { type: own, values: list.map((value, row) => textOf(value, () => place(row))) };
  }
  if (own === "boolean") {
    const read = (value: unknown, row: number): boolean | null => {
      if (value === null || typeof value === "boolean") return value;
      const found = booleanIn(textOf(value, () => place(row)) as string, true);
      return found ?? fail(row, misfit(String(value), own));
    };
    return { type: own, values: list.map(read) };
  }
  const read = (value: unknown, row: number): number => {
    if (value === null) return Number.NaN;
    if (typeof value === "number") return value;
    if (typeof value !== "string") return fail(row, `${said(value)} is no number`);
    return numberIn(value) ?? fail(row, misfit(value, own));
  };
  return { type: own, values: list.map(read) };
}

const kinds = { number: "a number", string: "a text", boolean: "a truth value" } as const;

/** The one type of all values that are not missing; numbers where all are. */
function commonType(list: readonly unknown[], place: Place, remedy: string): ColumnType {
  let type: ColumnType | undefined;
  for (const [row, value] of list.entries()) {
    if (value === null) continue;
    const own = typeof value;
    if (own !== "number" && own !== "string" && own !== "boolean") {
      throw new FormatError(
        `${place(row)}: ${said(value)}; a number, a text, true, false or null was wanted`,
      );
    }
    type ??= own;
    if (own !== type) {
      throw new FormatError(
        `${place(row)}: ${said(value)} is ${kinds[own]}, and before it ${kinds[type]} came; ` +
          `one type was wanted${remedy}`,
      );
    }
  }
  return type ?? "number";
}

function textOf(value: unknown, place: () => string): string | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new FormatError(
    `${place()}: ${said(value)}; a number, a text, true, false or null was wanted`,
  );
}

/** Columns from an object of lists: arrays, typed arrays or vectors. */
export function columnsFrom(
  where: string,
  lists: unknown,
  read: (name: string, values: Iterable<unknown>) => Column,
): Map<string, Column> {
  const isObject = typeof lists === "object" && lists !== null && !(lists instanceof Promise);
  if (!isObject || Symbol.iterator in lists || lists instanceof Tensor) {
    throw new UsageError(
      `${where}: the columns are ${said(lists)}; lists by name were wanted, ` +
        "such as { mpg: [26, 28] }",
    );
  }
  const columns = new Map<string, Column>();
  for (const [name, values] of Object.entries(lists)) {
    const list: unknown = values instanceof Tensor && values.rank === 1 ? values.data() : values;
    if (!Array.isArray(list) && !(ArrayBuffer.isView(list) && Symbol.iterator in list)) {
      throw new FormatError(
        `${where}, column ${quoted(name)}: ${said(values)}; a list of values was wanted`,
      );
    }
    columns.set(name, read(name, list as Iterable<unknown>));
  }
  requireLengths(where, columns);
  return columns;
}

/** Refuses columns of unequal length. */
export function requireLengths(where: string, columns: ReadonlyMap<string, Column>): void {
  let first: { name: string; length: number } | undefined;
  for (const [name, { values }] of columns) {
    first ??= { name, length: values.length };
    if (values.length === first.length) continue;
    throw new ShapeError(
      `${where}: column ${quoted(name)} has ${values.length} values and ` +
        `${quoted(first.name)} has ${first.length}; as many in each were wanted`,
    );
  }
}
