import { quoted, said } from "../checks/said.js";
import { DomainError, UsageError } from "../index.js";
import { compare } from "./encode.js";
import { type Cell, type Column, isMissing } from "./types.js";

/** What `describe` tells of a column; NaN where it holds no numbers. */
export interface Summary {
  readonly count: number;
  readonly missing: number;
  readonly distinct: number;
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Counts of a column and, where it holds numbers, their statistics. */
export function summaryOf({ type, values }: Column): Summary {
  const present = (values as readonly Cell[]).filter((value) => !isMissing(value));
  const numbers = type === "number" ? (present as number[]) : [];
  const n = numbers.length;
  const sorted = [...numbers].sort(compare);
  const [min, max] = [sorted[0] ?? Number.NaN, sorted[n - 1] ?? Number.NaN];
  // Of equal numbers the mean can be off by a rounding, and their deviation not quite 0.
  const mean = min === max ? min : meanOf(numbers);
  const squares = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return {
    count: present.length,
    missing: values.length - present.length,
    distinct: new Set(present).size,
    mean,
    std: Math.sqrt(squares / n),
    min,
    median: medianOf(sorted),
    max,
  };
}

const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** The middle of sorted numbers, or halfway between the two in the middle. */
function medianOf(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  const [a, b] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return a === undefined || b === undefined ? Number.NaN : a / 2 + b / 2;
}

/** The value that comes most often; of several the one that came first. */
function modeOf(present: readonly Cell[]): Cell {
  const counts = new Map<Cell, number>();
  for (const value of present) counts.set(value, (counts.get(value) ?? 0) + 1);
  let [mode, most] = [present[0] as Cell, 0];
  for (const [value, count] of counts) if (count > most) [mode, most] = [value, count];
  return mode;
}

/** The column with another value where one is missing. */
export function filled(name: string, column: Column, by: unknown): Column {
  const { type } = column;
  const values: readonly Cell[] = column.values;
  if (typeof by !== type && by !== "mode" && !(type === "number" && isStatistic(by))) {
    throw unfit(name, type, by);
  }
  if (isMissing(by) || (type === "string" && isStatistic(by))) throw unfit(name, type, by);
  if (!values.some(isMissing)) return column;
  const present = values.filter((value) => !isMissing(value));
  if (present.length === 0 && (by === "mode" || isStatistic(by))) {
    throw new DomainError(
      `fillMissing: column ${quoted(name)} has no value at all, so no ${by}; give a value`,
    );
  }
  const value =
    by === "mode"
      ? modeOf(present)
      : by === "mean" && type === "number"
        ? meanOf(present as number[])
        : by === "median" && type === "number"
          ? medianOf((present as number[]).sort(compare))
          : (by as Cell);
  return { type, values: values.map((one) => (isMissing(one) ? value : one)) } as Column;
}

const isStatistic = (by: unknown): boolean => by === "mean" || by === "median";

function unfit(name: string, type: Column["type"], by: unknown): UsageError {
  const wanted = {
    number: 'a number, "mean", "median" or "mode"',
    string: 'a text or "mode"',
    boolean: 'true, false or "mode"',
  }[type];
  return new UsageError(
    `fillMissing: column ${quoted(name)} holds ${type}s and is to be filled by ${said(by)}; ` +
      `${wanted} was wanted`,
  );
}
