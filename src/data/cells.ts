import { quoted, said } from "../checks/said.js";
import { UsageError } from "../index.js";
import type { Column, Columns, ColumnType } from "./types.js";
import { unknownColumn } from "./words.js";

/** The texts that stand for no value in a CSV file unless others are given. */
const missingTexts = ["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL"];

const types: readonly ColumnType[] = ["number", "string", "boolean"];

/** A decimal number; written so that no text makes the search go back and forth. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const infinite = /^([+-]?)inf(?:inity)?$/i;

/**
 * The number that a cell writes, or null: decimal, with or without fraction and exponent, spaces
 * around it, or Infinity.
 */
export function numberIn(cell: string): number | null {
  const text = cell.trim();
  if (decimal.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : null; // 1e999 is beyond them
  }
  const sign = infinite.exec(text)?.[1];
  if (sign === undefined) return null;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/**
 * Whether a number says all that its text does: not the whole number beyond 2⁵³ and not the zeros in
 * front, as keys and postal codes have them.
 */
function isFaithful(cell: string, value: number): boolean {
  const text = cell.trim();
  if (/^[+-]?0\d/.test(text)) return false;
  return Number.isSafeInteger(value) || !/^[+-]?\d+$/.test(text);
}

/** `true` or `false` in any case; 1 and 0 where the column is said to hold truth values. */
export function booleanIn(cell: string, declared: boolean): boolean | null {
  const text = cell.trim().toLowerCase();
  if (text === "true" || (declared && text === "1")) return true;
  if (text === "false" || (declared && text === "0")) return false;
  return null;
}

/** Why a text does not belong in a column of the type. */
export function misfit(cell: string, type: ColumnType): string {
  if (type === "boolean") return `${quoted(cell)} is neither true nor false`;
  const text = cell.trim();
  if (decimal.test(text)) return `${quoted(cell)} is too large for a number`;
  if (/^[+-]?\d+,\d+$/.test(text)) return `${quoted(cell)} is no number; a point was wanted for ,`;
  return `${quoted(cell)} is no number`;
}

/** The texts that mean "no value", as a test. */
export function missingTest(
  where: string,
  texts: readonly string[] = missingTexts,
): (cell: string) => boolean {
  if (!Array.isArray(texts) || texts.some((text) => typeof text !== "string")) {
    throw new UsageError(`${where}: missing is ${said(texts)}; a list of texts was wanted`);
  }
  const set = new Set<string>(texts);
  return (cell) => set.has(cell) || set.has(cell.trim());
}

/** Checks the option `columns` against the columns that there are. */
export function requireTypes(
  where: string,
  declared: Columns | undefined,
  names: readonly string[],
): ReadonlyMap<string, ColumnType> {
  if (declared === undefined) return new Map();
  if (typeof declared !== "object" || declared === null || Array.isArray(declared)) {
    throw new UsageError(
      `${where}: columns is ${said(declared)}; types by name were wanted, ` +
        'such as { weight: "number" }, and select(names) chooses columns',
    );
  }
  const known = new Set(names);
  for (const [name, type] of Object.entries(declared)) {
    if (!known.has(name)) throw unknownColumn(`${where}, columns`, name, names);
    if (!types.includes(type)) {
      throw new UsageError(
        `${where}, columns: ${quoted(name)} is ${said(type)}; ` +
          '"number", "string" or "boolean" was wanted',
      );
    }
  }
  return new Map(Object.entries(declared));
}

/**
 * A column of the texts of its cells: of the given type, else of the first of number, boolean and
 * string that all its cells are. `fail` is told the row of a cell that does not belong.
 */
export function columnOf(
  cells: readonly string[],
  type: ColumnType | undefined,
  isMissing: (cell: string) => boolean,
  fail: (row: number, why: string) => Error,
): Column {
  const read = <T>(one: (cell: string) => T | null, none: T): T[] | number => {
    const values: T[] = [];
    for (const [row, cell] of cells.entries()) {
      if (isMissing(cell)) values.push(none);
      else {
        const value = one(cell);
        if (value === null) return row;
        values.push(value);
      }
    }
    return values;
  };
  const refuse = (row: number): never => {
    throw fail(row, misfit(cells[row] as string, type as ColumnType));
  };
  const inferred = type === undefined;
  if (type === "number" || inferred) {
    const values = read<number>((cell) => {
      const value = numberIn(cell);
      return value !== null && inferred && !isFaithful(cell, value) ? null : value;
    }, Number.NaN);
    if (typeof values !== "number") return { type: "number", values };
    if (!inferred) refuse(values);
  }
  if (type === "boolean" || inferred) {
    const values = read<boolean | null>((cell) => booleanIn(cell, !inferred), null);
    if (typeof values !== "number") return { type: "boolean", values };
    if (!inferred) refuse(values);
  }
  return { type: "string", values: cells.map((cell) => (isMissing(cell) ? null : cell)) };
}
