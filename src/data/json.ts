import { requireNames } from "../checks/options.js";
import { quoted, said } from "../checks/said.js";
import { FormatError } from "../index.js";
import { missingTest, requireTypes } from "./cells.js";
import { type TableOptions, tableOptions } from "./csv.js";
import { type FileOptions, readText, requireNoPage } from "./file.js";
import { requireSyntax } from "./json_syntax.js";
import { Table } from "./table.js";
import type { Column, Columns, Read } from "./types.js";
import { columnOfValues, columnsFrom } from "./values.js";

/** Records by rows, or lists by columns. */
type Json = readonly object[] | Readonly<Record<string, readonly unknown[]>>;

/** So many cells may be empty in a table of records that have little in common. */
const MOST_EMPTY = 10_000_000;

/**
 * The table in a JSON text, or in its value: an array of records, one for each row, or an object with
 * an array for each column. null, and what a record does not have, are missing values.
 *
 * Columns have the types given in `columns`, for which texts are read as in a CSV file; others that of
 * their values. Where some are given, TypeScript knows only these. Texts such as "NA" stand for no
 * value only where `missing` lists them. Errors count the rows from 0.
 *
 * @throws FormatError where the text is no JSON, a value is no number, text, true, false or null, or a
 *   column mixes types; ShapeError for columns of unequal length.
 * @throws UsageError for a column in `columns` that there is not.
 * @example
 * const table = parseJson('[{"x": 1, "kind": "a"}, {"x": null, "kind": "b"}]');
 * table.fillMissing({ x: "mean" }).column("x"); // [1, 1]
 * parseJson({ x: [1, 2], y: [3, 4] }).tensor(["x", "y"]).toArray(); // [[1, 3], [2, 4]]
 */
export function parseJson<D extends Columns = Record<never, never>>(
  text: string | Json,
  options: TableOptions<D> = {},
): Table<Read<D>> {
  requireNames("parseJson", options, tableOptions);
  const { name = "JSON", columns, missing = [] } = options;
  const value = typeof text === "string" ? parsed(text, name) : text;
  if (typeof value !== "object" || value === null) {
    throw new FormatError(
      `${name}: ${said(value)}; an array of records, or an object of lists, was wanted`,
    );
  }
  const isNone = missingTest(name, missing);
  const [lists, length] = Array.isArray(value) ? listsOf(value, name) : [value, undefined];
  const types = requireTypes(name, columns, Object.keys(lists));
  const read = (column: string, values: Iterable<unknown>): Column => {
    const place = (row: number): string => `${name}, row ${row}, column ${quoted(column)}`;
    const remedy = `, or columns: { ${JSON.stringify(column)}: "string" }`;
    return columnOfValues(values, types.get(column), isNone, place, remedy);
  };
  return new Table<Read<D>>(columnsFrom(name, lists, read), length);
}

/**
 * The table in a JSON file, as by `parseJson`: of Node's file system, or in a browser of a URL.
 *
 * @throws UsageError when the file is missing or cannot be read; FormatError as `parseJson`.
 * @example
 * const url = new URL('data:application/json,[{"x": 1}, {"x": 2}]');
 * (await readJson(url)).column("x"); // [1, 2]
 */
export async function readJson<D extends Columns = Record<never, never>>(
  path: string | URL,
  options: TableOptions<D> & FileOptions = {},
): Promise<Table<Read<D>>> {
  requireNames("readJson", options, [...tableOptions, "encoding"]);
  const { encoding, ...given } = options;
  const { name, text } = await readText("readJson", path, encoding);
  return parseJson(text, { ...given, name: given.name ?? name });
}

function parsed(text: string, name: string): unknown {
  const own = text.startsWith("\uFEFF") ? text.slice(1) : text;
  try {
    return JSON.parse(own);
  } catch (cause) {
    requireNoPage(name, own, "JSON");
    requireSyntax(own, name);
    throw new FormatError(`${name}: ${(cause as Error).message}`, { cause });
  }
}

/** The columns of records, by name in the order in which they come. */
function listsOf(
  records: readonly unknown[],
  name: string,
): [lists: Record<string, unknown[]>, length: number] {
  const names = new Set<string>();
  let present = 0;
  for (const [row, record] of records.entries()) {
    if (typeof record !== "object" || record === null || Symbol.iterator in record) {
      throw new FormatError(
        `${name}, row ${row}: ${said(record)}; an object with the row's cells was wanted`,
      );
    }
    for (const key of Object.keys(record)) names.add(key);
    present += Object.keys(record).length;
  }
  if (names.size * records.length - present > MOST_EMPTY + 100 * present) {
    throw new FormatError(
      `${name}: ${records.length} records have ${names.size} different names and ${present} values ` +
        "in all; records with names in common were wanted",
    );
  }
  // A record's own "__proto__" and the like are names as others are.
  const columns = [...names].map((key) => {
    const cells = records.map((record) =>
      Object.hasOwn(record as object, key) ? (record as Record<string, unknown>)[key] : null,
    );
    return [key, cells] as const;
  });
  return [Object.fromEntries(columns), records.length];
}
