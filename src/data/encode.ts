import { quoted, said } from "../checks/said.js";
import {
  DomainError,
  type DType,
  DtypeError,
  getDefaultDtype,
  type Tensor,
  tensor,
  UsageError,
} from "../index.js";
import { numberIn } from "./cells.js";
import { type Cell, type Column, isMissing } from "./types.js";
import { listed } from "./words.js";

/** A column by its name. */
export type Named = readonly [name: string, column: Column];

/** Refuses a column in which a value is missing. */
function requireValues(where: string, [name, { type, values }]: Named): void {
  const row = (values as readonly Cell[]).findIndex(isMissing);
  if (row < 0) return;
  const others = values.slice(row + 1).filter(isMissing).length;
  const also = others === 0 ? "" : ` and ${others} other${others === 1 ? "" : "s"}`;
  const by = type === "number" ? "mean" : "mode";
  throw new DomainError(
    `${where}: column ${quoted(name)} has no value in row ${row}${also}; dropMissing() leaves such ` +
      `rows out, fillMissing({ ${JSON.stringify(name)}: "${by}" }) fills them`,
  );
}

/** The columns side by side as one tensor, [rows, columns]. */
export function matrixOf(
  columns: readonly Named[],
  rows: number,
  dtype: DType = getDefaultDtype(),
): Tensor {
  const k = columns.length;
  const wide = new Float64Array(rows * k);
  for (const [j, named] of columns.entries()) {
    const [name, { type, values }] = named;
    if (type === "string") throw noNumbers(name, values);
    requireValues("tensor", named);
    for (let i = 0; i < rows; i++) wide[i * k + j] = Number(values[i]);
  }
  requireHeld(columns, wide, dtype);
  return tensor(wide, { dtype, shape: [rows, k] });
}

/** Refuses numbers that the dtype would change to other ones, but for the rounding of float32. */
function requireHeld(columns: readonly Named[], wide: Float64Array, dtype: DType): void {
  const holds = (value: number): boolean => {
    if (dtype === "int32") return value === (value | 0);
    if (dtype === "bool") return value === 0 || value === 1;
    return dtype === "float64" || Number.isFinite(Math.fround(value)) || !Number.isFinite(value);
  };
  const at = wide.findIndex((value) => !holds(value));
  if (at < 0) return;
  const k = columns.length;
  const name = quoted((columns[at % k] as Named)[0]);
  throw new DtypeError(
    `tensor: column ${name} is ${wide[at]} in row ${Math.floor(at / k)}, which ${dtype} cannot ` +
      `hold; { dtype: "float64" } can`,
  );
}

/** That a column holds text, with what stands in the way where the others are numbers. */
function noNumbers(name: string, values: readonly (string | null)[]): DtypeError {
  const texts = values.filter((text) => text !== null);
  const others = texts.filter((text) => numberIn(text) === null);
  const culprit = others[0] ?? texts[0];
  const row = values.indexOf(culprit ?? null);
  const such = culprit === undefined ? "" : `, such as ${quoted(culprit)} in row ${row}`;
  const own = JSON.stringify(name);
  return new DtypeError(
    `tensor: column ${quoted(name)} holds text${such}; ` +
      (others.length * 2 > texts.length || texts.length === 0
        ? `oneHot(${own}) and classes(${own}) make numbers of it`
        : `columns: { ${own}: "number" } reads it as numbers, and missing: [${quoted(culprit ?? "")}] ` +
          "takes this for no value"),
  );
}

/** The classes of a column: for each row its number, and the names. */
export interface Classes {
  /** int32, [rows]. */
  readonly labels: Tensor;
  readonly names: string[];
}

/**
 * The classes of a column: its different values in order (numbers by size, texts by their characters),
 * or those given.
 */
export function classesOf(where: string, named: Named, given?: readonly unknown[]): Classes {
  const [name, { values }] = named;
  requireValues(where, named);
  if (given !== undefined && !Array.isArray(given)) {
    throw new UsageError(`${where}: names is ${said(given)}; a list was wanted`);
  }
  const names = (given ?? distinct(values)).map(String);
  const index = new Map(names.map((one, i) => [one, i]));
  if (index.size < names.length) {
    throw new DomainError(`${where}: names is ${listed(names)}, in which one comes twice`);
  }
  const labels = Int32Array.from(values as readonly Cell[], (value, row) => {
    const label = index.get(String(value));
    if (label !== undefined) return label;
    throw new DomainError(
      `${where}: column ${quoted(name)} is ${said(value)} in row ${row}, which is none of the ` +
        `names ${listed(names)}`,
    );
  });
  return { labels: tensor(labels), names };
}

/** The different values that are not missing, in order. */
function distinct(values: readonly Cell[]): NonNullable<Cell>[] {
  const present = values.filter((value): value is NonNullable<Cell> => !isMissing(value));
  return [...new Set(present)].sort(compare);
}

/** Numbers and truth values by size, texts by their characters; missing values last. */
export function compare(a: Cell, b: Cell): number {
  const [none, other] = [isMissing(a), isMissing(b)];
  if (none || other) return Number(none) - Number(other);
  return a === b ? 0 : (a as number) < (b as number) ? -1 : 1;
}
