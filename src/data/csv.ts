import { requireNames } from "../checks/options.js";
import { quoted, said } from "../checks/said.js";
import { FormatError, UsageError } from "../index.js";
import { columnOf, missingTest, requireTypes } from "./cells.js";
import { type FileOptions, readText, requireNoPage } from "./file.js";
import { isBlank, lineOf, type Records, recordsOf } from "./records.js";
import { Table } from "./table.js";
import type { Column, Columns, Read } from "./types.js";
import { listed } from "./words.js";

/** What every reader of tables can be told. */
export interface TableOptions<D extends Columns = Columns> {
  /**
   * The types of columns, which are then those that TypeScript knows of the table; the types of others
   * are inferred.
   */
  readonly columns?: D | undefined;
  /** What errors call the text: the name of its file, say. */
  readonly name?: string | undefined;
  /** Texts that stand for no value. */
  readonly missing?: readonly string[] | undefined;
}

/** How a CSV text is to be read. */
export interface CsvOptions<D extends Columns = Columns> extends TableOptions<D> {
  /** What stands between cells; unless given, that of comma, semicolon, tab and | which fits. */
  readonly delimiter?: string | undefined;
  /**
   * Whether the first line holds the names of the columns (true). Without it they are `column0`,
   * `column1` and so on, or those of a list given here; a function gets the names of the first line
   * and gives others.
   */
  readonly header?:
    | boolean
    | readonly string[]
    | ((names: string[]) => readonly string[])
    | undefined;
}

/** The names of the options. */
export const tableOptions = ["columns", "name", "missing"];
const csvOptions = [...tableOptions, "delimiter", "header"];

/** More columns than these are a broken file rather than a table. */
const MOST_COLUMNS = 1_000_000;

/**
 * The table in a CSV text. Cells may be in quotes (RFC 4180), lines end in any of the usual ways, blank
 * lines are passed over.
 *
 * Columns have the types given in `columns`. Another is `"number"` if all its cells are numbers (so is
 * one without any value), `"boolean"` if all are true or false, else `"string"`; texts that a number
 * would change, as `007` and whole numbers beyond 2⁵³, stay texts. No value is an empty cell, and NA,
 * N/A, n/a, #N/A, NaN, nan, null and NULL, unless `missing` lists others. In a table of one column a
 * blank line is such a cell.
 *
 * The table has all columns. Where some are given in `columns`, TypeScript knows only these, by their
 * types: others are to be given, too, where they are used, or the table is declared as a `Table`, which
 * has any. Without `columns` any name compiles.
 *
 * Errors count the lines of the text from 1, as editors do.
 *
 * @throws FormatError where a row has more or fewer cells than the header, a quote is not closed, a
 *   name is empty or comes twice, a cell is not of its column's type, or the text is an HTML page.
 * @throws UsageError for a column in `columns` that there is not.
 * @example
 * const cars = parseCsv("name,mpg\nVW 1131,26\nFiat 124B,NA", { columns: { mpg: "number" } });
 * cars.column("name"); // ["VW 1131", "Fiat 124B"]
 * cars.dropMissing().tensor("mpg").toArray(); // [26]
 */
export function parseCsv<D extends Columns = Record<never, never>>(
  text: string,
  options: CsvOptions<D> = {},
): Table<Read<D>> {
  requireNames("parseCsv", options, csvOptions);
  const { name = "CSV", delimiter, header } = options;
  if (typeof text !== "string") {
    throw new UsageError(`parseCsv: the text is ${said(text)}; a string was wanted`);
  }
  requireNoPage(name, text, "CSV");
  return new Table(
    columnsOf(recordsOf(text, delimiter, hasNames(header), name), options, name),
  ) as Table<Read<D>>;
}

/**
 * The table in a CSV file, as by `parseCsv`: of Node's file system, or in a browser of a URL. It is
 * taken for UTF-8, or UTF-16 where it begins with its mark, unless `encoding` names another.
 *
 * @throws UsageError when the file is missing or cannot be read; FormatError as `parseCsv`, and for
 *   bytes that are no text in this encoding.
 * @example
 * const penguins = await readCsv("node_modules/@observablehq/sample-datasets/penguins.csv");
 * penguins.length; // 344
 */
export async function readCsv<D extends Columns = Record<never, never>>(
  path: string | URL,
  options: CsvOptions<D> & FileOptions = {},
): Promise<Table<Read<D>>> {
  requireNames("readCsv", options, [...csvOptions, "encoding"]);
  const { encoding, ...given } = options;
  const { name, text } = await readText("readCsv", path, encoding);
  return parseCsv(text, { ...given, name: given.name ?? name });
}

/** Whether the first line holds names. */
function hasNames(header: CsvOptions["header"] = true): boolean {
  return header === true || typeof header === "function";
}

function columnsOf<D extends Columns>(
  records: Records,
  options: CsvOptions<D>,
  name: string,
): Map<string, Column> {
  const { header = true } = options;
  const hasHeader = hasNames(header);
  const first = records.all.find((record) => !isBlank(record));
  if (first === undefined && !Array.isArray(header)) {
    const wanted = hasHeader ? "a line with the names of the columns" : "a row";
    throw new FormatError(`${name} is empty; ${wanted} was wanted`);
  }
  const names = namesOf(first ?? [], options, name);
  requireDistinct(names, name, first && hasHeader ? `line ${lineOf(records, first)}` : "header");
  const after = first === undefined || !hasHeader ? 0 : records.all.indexOf(first) + 1;
  const rows = records.all.slice(after).filter((record) => names.length === 1 || !isBlank(record));
  const ragged = rows.find((row) => row.length !== names.length);
  if (ragged !== undefined) throw unequal(records, ragged, names, hasHeader ? first : null, name);
  const types = requireTypes(name, options.columns, names);
  const isMissing = missingTest(name, options.missing);
  return new Map(
    names.map((column, j) => {
      const cells = rows.map((row) => row[j] as string);
      const fail = (row: number, why: string): FormatError => {
        const line = lineOf(records, rows[row] as string[], j);
        return new FormatError(`${name}, line ${line}, column ${quoted(column)}: ${why}`);
      };
      return [column, columnOf(cells, types.get(column), isMissing, fail)];
    }),
  );
}

function namesOf(
  first: readonly string[],
  { header = true }: CsvOptions<Columns>,
  name: string,
): readonly string[] {
  if (first.length > MOST_COLUMNS) {
    throw new FormatError(`${name} has ${first.length} columns; at most ${MOST_COLUMNS} are read`);
  }
  if (header === false) return first.map((_, i) => `column${i}`);
  const own = first.map((cell) => cell.trim());
  if (header === true) return own;
  const list = typeof header === "function" ? header(own) : header;
  if (!Array.isArray(list) || list.some((one) => typeof one !== "string")) {
    throw new UsageError(`${name}: header gives ${said(list)}; a list of names was wanted`);
  }
  if (first.length > 0 && list.length !== first.length) {
    throw new FormatError(
      `${name}: header gives ${list.length} names, and the first row has ${first.length} cells`,
    );
  }
  return list;
}

/** Refuses names that are empty or come twice. */
function requireDistinct(names: readonly string[], name: string, where: string): void {
  const seen = new Map<string, number>();
  for (const [i, own] of names.entries()) {
    const before = seen.get(own);
    if (own !== "" && before === undefined) {
      seen.set(own, i);
      continue;
    }
    const what =
      own === ""
        ? `column ${i + 1} of ${names.length} has no name`
        : `columns ${(before as number) + 1} and ${i + 1} both have the name ${quoted(own)}`;
    throw new FormatError(
      `${name}, ${where}: ${what}; header: false or a list of names reads a file without names, ` +
        "header: (names) => … gives others",
    );
  }
}

/** That a row has more or fewer cells than there are columns. */
function unequal(
  records: Records,
  row: readonly string[],
  names: readonly string[],
  header: readonly string[] | null | undefined,
  name: string,
): FormatError {
  const cells = (n: number): string => `${n} ${n === 1 ? "cell" : "cells"}`;
  const like =
    header === null
      ? `${names.length} were wanted`
      : `the header in line ${lineOf(records, header ?? [])} has ${names.length}`;
  const between = quoted(records.delimiter);
  const why =
    row.length < names.length
      ? `${listed(names.slice(row.length), 3)} ${names.length - row.length > 1 ? "have" : "has"} none`
      : `${quoted(row[names.length] as string)} is one too many; a cell with ${between} in it ` +
        "must be in quotes";
  return new FormatError(
    `${name}, line ${lineOf(records, row)}: ${cells(row.length)} (with ${between} between them), ` +
      `and ${like}; ${why}`,
  );
}
