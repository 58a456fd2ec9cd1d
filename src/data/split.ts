import { requireNames } from "../checks/options.js";
import { bracketed, quoted, said } from "../checks/said.js";
import { arange, ShapeError, Tensor, UsageError } from "../index.js";
import { mixed, order, seedOf } from "./order.js";
import { type Rows, rowsOf } from "./rows.js";
import { Table } from "./table.js";
import { unknownColumn } from "./words.js";

/** Two parts of data that have no row in common. */
export interface Split<T> {
  readonly train: T;
  readonly test: T;
}

/** The class of each row: a tensor or list, or of a table the name of a column. */
export type Labels = Tensor | readonly (number | string | boolean | null)[] | Int32Array | string;

/** How rows are divided. */
export interface SplitOptions {
  /** For the random choice; without it the common random stream gives one. */
  readonly seed?: number | undefined;
  /** Whether rows are chosen at random (true), else in their order: those for the test come last. */
  readonly shuffle?: boolean | undefined;
  /** The classes that both parts shall hold in the same shares. */
  readonly stratify?: Labels | undefined;
}

const splitOptions = ["seed", "shuffle", "stratify"];

/**
 * Rows divided at random into those to train with and those to test with: of a tensor, of the tensors
 * in a tree (along their first axes, which stay together), or of a table.
 *
 * `test` is a share between 0 and 1 (0.25 unless given), or from 1 on a number of rows. With
 * `stratify` each class has this share of its rows in the test, to within one row.
 *
 * @throws ShapeError where tensors have different numbers of rows.
 * @throws UsageError where one part would be empty, or a class has a single row.
 * @example
 * const x = tensor([[1], [2], [3], [4]]);
 * const { train, test } = trainTestSplit({ x, y: tensor([0, 0, 1, 1]) }, { test: 1, seed: 1 });
 * [train.x.shape[0], test.x.shape[0]]; // [3, 1]
 */
export function trainTestSplit<T>(
  data: T,
  options: SplitOptions & { readonly test?: number | undefined } = {},
): Split<T> {
  const where = "trainTestSplit";
  requireNames(where, options, ["test", ...splitOptions]);
  const { test = 0.25, ...given } = options;
  const { count, pick } = rowsOf(where, data);
  if (typeof test !== "number" || !(test > 0) || (test > 1 && !Number.isInteger(test))) {
    throw new UsageError(
      `${where}: test is ${said(test)}; a share between 0 and 1, or a number of rows, was wanted`,
    );
  }
  const size = test < 1 ? Math.round(test * count) : test;
  if (size < 1 || size >= count) {
    throw new UsageError(
      `${where}: ${size} of ${count} rows for the test leave ${Math.max(0, count - size)} to train ` +
        "with; at least one on each side was wanted",
    );
  }
  const { rows, parts } = dealt(where, data, count, given, {
    blocks: (place) => Number(place >= count - size),
    spread: (i) => Math.floor(((i + 1) * size) / count) - Math.floor((i * size) / count),
  });
  const side = (part: number): Int32Array => rows.filter((_, place) => parts[place] === part);
  return { train: pick(side(0)), test: pick(side(1)) };
}

/**
 * The divisions of cross-validation: each row is in the test of one of the `folds` (5 unless given),
 * and in the training of all others. For a number of rows the parts are their numbers, int32, as
 * `take` wants them.
 *
 * @throws ShapeError and UsageError as `trainTestSplit` does.
 * @example
 * const folds = kFold(6, { folds: 3, seed: 1 });
 * folds.map(({ train, test }) => [train.size, test.size]); // [[4, 2], [4, 2], [4, 2]]
 */
export function kFold(
  rows: number,
  options?: SplitOptions & { readonly folds?: number | undefined },
): Split<Tensor>[];
export function kFold<T>(
  data: T,
  options?: SplitOptions & { readonly folds?: number | undefined },
): Split<T>[];
export function kFold<T>(
  data: T,
  options: SplitOptions & { readonly folds?: number | undefined } = {},
): Split<T>[] {
  requireNames("kFold", options, ["folds", ...splitOptions]);
  const { folds = 5, ...given } = options;
  if (typeof data === "number" && !(Number.isSafeInteger(data) && data >= 0)) {
    throw new UsageError(`kFold: the number of rows is ${data}; a whole number was wanted`);
  }
  const own = typeof data === "number" ? arange(0, data, 1, { dtype: "int32" }) : data;
  const { count, pick } = rowsOf("kFold", own) as Rows<T>;
  if (!Number.isSafeInteger(folds) || folds < 2 || folds > count) {
    throw new UsageError(
      `kFold: folds is ${said(folds)}; a whole number from 2 to the ${count} rows was wanted`,
    );
  }
  const { rows, parts } = dealt("kFold", own, count, given, {
    blocks: (place) => Math.floor((place * folds) / count),
    spread: (i) => i % folds,
  });
  return Array.from({ length: folds }, (_, k) => ({
    train: pick(rows.filter((_, place) => parts[place] !== k)),
    test: pick(rows.filter((_, place) => parts[place] === k)),
  }));
}

/** Which part the row at a place falls to: parts in one piece, or as even as can be in every stretch. */
interface Parts {
  readonly blocks: (place: number) => number;
  readonly spread: (place: number) => number;
}

/**
 * The rows in the order asked for, and the part of each. With classes, the rows of each come one after
 * the other and are spread evenly, so that every stretch has the share of the whole.
 */
function dealt(
  where: string,
  data: unknown,
  count: number,
  { seed, shuffle = true, stratify }: SplitOptions,
  { blocks, spread }: Parts,
): { readonly rows: Int32Array; readonly parts: Int32Array } {
  const rows = order(count, shuffle ? mixed(seedOf(where, seed), 0) : null);
  if (stratify === undefined) return { rows, parts: rows.map((_, place) => blocks(place)) };
  if (!shuffle) {
    throw new UsageError(`${where}: stratify chooses rows at random; shuffle: true was wanted`);
  }
  const labels = labelsOf(where, data, count, stratify);
  const classes = new Map<unknown, number[]>();
  for (const [place, row] of rows.entries()) {
    const own = classes.get(labels[row]);
    if (own === undefined) classes.set(labels[row], [place]);
    else own.push(place);
  }
  const parts = new Int32Array(count);
  let i = 0;
  for (const [label, places] of classes) {
    if (places.length < 2) {
      throw new UsageError(
        `${where}: the class ${said(label)} has a single row, which cannot be on both sides`,
      );
    }
    for (const place of places) parts[place] = spread(i++);
  }
  return { rows, parts };
}

/** The class of each row. */
function labelsOf(
  where: string,
  data: unknown,
  count: number,
  stratify: Labels,
): ArrayLike<unknown> {
  if (typeof stratify === "string") {
    if (data instanceof Table) {
      if (data.names.includes(stratify)) return data.column(stratify);
      throw unknownColumn(`${where}, stratify`, stratify, data.names);
    }
    throw new UsageError(
      `${where}: stratify is ${quoted(stratify)}, a column of a table; beside tensors the labels ` +
        "themselves were wanted",
    );
  }
  const isTensor = stratify instanceof Tensor;
  if (!isTensor && !Array.isArray(stratify) && !ArrayBuffer.isView(stratify)) {
    throw new UsageError(
      `${where}: stratify is ${said(stratify)}; labels were wanted, as column(name) of a table gives them`,
    );
  }
  const labels = isTensor ? stratify.data() : stratify;
  if (labels.length === count && (!isTensor || stratify.rank === 1)) return labels;
  const came = isTensor ? bracketed(stratify.shape) : `a list of ${labels.length}`;
  throw new ShapeError(
    `${where}: stratify is ${came}; one label for each of ${count} rows was wanted`,
  );
}
