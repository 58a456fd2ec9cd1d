import Papa from "papaparse";
import { quoted, said } from "../checks/said.js";
import { FormatError, UsageError } from "../index.js";

/** The records of a text, blank lines among them, and the text's delimiter. */
export interface Records {
  readonly all: readonly (readonly string[])[];
  readonly delimiter: string;
}

/**
 * Cuts a text into records and their cells.
 *
 * @throws FormatError where quotes are not as they should be.
 */
export function recordsOf(
  text: string,
  delimiter: string | undefined,
  hasNames: boolean,
  name: string,
): Records {
  if (delimiter !== undefined && !isDelimiter(delimiter)) {
    throw new UsageError(
      `${name}: delimiter is ${said(delimiter)}; a text without quotes and line ends was wanted`,
    );
  }
  const whole = withoutEnd(text.startsWith("\uFEFF") ? text.slice(1) : text);
  const lines = `${whole.includes("\r") ? whole.replace(/\r\n?/g, "\n") : whole}\n`;
  const between = delimiter ?? likelyDelimiter(lines);
  if (whole === "") return { all: [], delimiter: between };
  const { data, errors } = Papa.parse<string[]>(lines, { delimiter: between, newline: "\n" });
  const error = errors.find(({ type }) => type === "Quotes");
  // Behind the last line end comes one more record, without anything in it.
  if (error === undefined) return { all: data.slice(0, -1), delimiter: between };
  // What comes before the cell that the error is in ends with an empty cell of its own.
  const before = lines.slice(0, (error.index as number) - 1);
  const row = Papa.parse<string[]>(before, { delimiter: between, newline: "\n" }).data.at(-1) ?? [
    "",
  ];
  const line = 1 + count(before, "\n");
  const own = hasNames && error.row !== 0 ? data[0]?.[row.length - 1] : undefined;
  const column = own === undefined ? `cell ${row.length}` : `column ${quoted(own.trim())}`;
  throw new FormatError(
    `${name}, line ${line}, ${column}: ` +
      (error.code === "MissingQuotes"
        ? "the quote that opens the cell is never closed"
        : 'more text follows the quote that closes the cell; a quote in it was wanted as ""'),
  );
}

function isDelimiter(delimiter: unknown): boolean {
  return typeof delimiter === "string" && delimiter !== "" && !/["\r\n\uFEFF]/.test(delimiter);
}

/** The text up to the line ends at its end. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
}

/** The delimiter that cuts the first lines into most alike numbers of cells. */
function likelyDelimiter(text: string): string {
  const head = text.slice(0, 65_536);
  const whole = head.length < text.length ? head.slice(0, head.lastIndexOf("\n") + 1) : head;
  const { meta } = Papa.parse<string[]>(whole === "" ? head : whole, {
    newline: "\n",
    preview: 10,
    skipEmptyLines: "greedy",
    delimitersToGuess: [",", ";", "\t", "|"],
  });
  return meta.delimiter;
}

/** A line without anything on it. */
export const isBlank = (record: readonly string[]): boolean =>
  record.length === 1 && (record[0] as string).trim() === "";

function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) found++;
  return found;
}

/** The line on which a cell begins, or its record where no cell is given. */
export function lineOf(records: Records, record: readonly string[], cell = 0): number {
  let line = 1;
  for (const other of records.all) {
    if (other === record) break;
    line++;
    for (const text of other) line += count(text, "\n");
  }
  for (const text of record.slice(0, cell)) line += count(text, "\n");
  return line;
}
