import { shortened } from "../checks/said.js";
import { type Cell, type Column, isMissing } from "./types.js";

/** So many rows are shown at each end of a long table, and so long is a table that is long. */
const EDGE = 5;
const LONG = 12;
/** Characters of a cell, and of a line. */
const CELL = 28;
const LINE = 100;

/** A text on one line: what would break it is written as in a string of JavaScript. */
function cut(text: string): string {
  const line = JSON.stringify(shortened(text, CELL))
    .slice(1, -1)
    .replace(/\\(["\\])/g, "$1");
  return shortened(line, CELL);
}

function shown(cell: Cell): string {
  if (isMissing(cell)) return "–";
  if (typeof cell !== "number" || Number.isInteger(cell)) return cut(String(cell));
  return String(Number(cell.toPrecision(6)));
}

/** A table as text: a line for each row, the middle of a long one left out. */
export function printed(columns: ReadonlyMap<string, Column>, rows: number): string {
  const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
  const title = `Table of ${counted(rows, "row")}, ${counted(columns.size, "column")}`;
  const all = Array.from({ length: Math.min(rows, LONG) }, (_, i) => i);
  const at =
    rows > LONG
      ? [...all.slice(0, EDGE), -1, ...all.slice(0, EDGE).map((i) => rows - EDGE + i)]
      : all;
  const lines = ["", ...at.map((i) => (i < 0 ? "…" : String(i)))];
  const out = padded(lines, true);
  let left = columns.size;
  for (const [name, { type, values }] of columns) {
    const cells = at.map((i) => (i < 0 ? "…" : shown(values[i] as Cell)));
    const next = padded([cut(name), ...cells], type === "number");
    const room = left > 1 ? LINE - 12 : LINE;
    if ((out[0] as string).length + (next[0] as string).length + 2 > room) break;
    for (const [i, cell] of next.entries()) out[i] += `  ${cell}`;
    left--;
  }
  if (left > 0) out[0] += `  … ${left} more`;
  return [title, ...(columns.size > 0 ? out.map((line) => line.trimEnd()) : [])].join("\n");
}

function padded(cells: readonly string[], right: boolean): string[] {
  const width = cells.reduce((most, cell) => Math.max(most, cell.length), 0);
  return cells.map((cell) => (right ? cell.padStart(width) : cell.padEnd(width)));
}
