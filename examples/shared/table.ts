import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** One line of a table: the text of each cell under the name of its column. */
export type Row = Readonly<Record<string, string>>;

const require = createRequire(import.meta.url);

/**
 * The rows of a CSV file that an installed package ships, such as
 * `@observablehq/sample-datasets/cars.csv`. The cells of these tables hold no commas or quotes.
 */
export function readTable(file: string): Row[] {
  const lines = readFileSync(require.resolve(file), "utf8").trim().split(/\r?\n/);
  const [header = [], ...cells] = lines.map((line) => line.split(","));
  return cells.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""])));
}

/** An empty cell, and what is not a number (`NaN`, `NA`), counts as missing. */
function isMissing(cell: string | undefined): boolean {
  return cell === undefined || cell.trim() === "" || Number.isNaN(Number(cell));
}

/** The rows in which every one of `columns` holds a number. */
export function completeRows(rows: readonly Row[], columns: readonly string[]): Row[] {
  return rows.filter((row) => columns.every((name) => !isMissing(row[name])));
}

/** One number a row. */
export function column(rows: readonly Row[], name: string): number[] {
  return rows.map((row) => Number(row[name]));
}

/** A line of numbers a row, in the order of `columns`. */
export function matrix(rows: readonly Row[], columns: readonly string[]): number[][] {
  return rows.map((row) => columns.map((name) => Number(row[name])));
}
