import { said } from "../../checks/said.js";
import { leaves, mapTree, random, ShapeError, Tensor, take, UsageError } from "../../index.js";
import type { Data } from "./types.js";

/** How many rows data have: all tensors of x and y have as many. */
export function rowsOf(where: string, data: unknown): number {
  const wanted = "{ x, y } with a row for each case was wanted";
  if (typeof data !== "object" || data === null || data instanceof Tensor) {
    throw new UsageError(`${where} is ${said(data)}; ${wanted}`);
  }
  let rows: number | undefined;
  for (const part of ["x", "y"] as const) {
    const count = (leaf: Tensor, path: string): Tensor => {
      const name = pathFrom(part, path);
      if (leaf.rank === 0) {
        throw new ShapeError(`${where}: ${name} is a scalar; a row for each case was wanted`);
      }
      rows ??= leaf.shape[0] as number;
      if (leaf.shape[0] === rows) return leaf;
      throw new ShapeError(
        `${where}: ${name} has ${leaf.shape[0]} rows, and what comes before has ${rows}; ` +
          "one number of rows was wanted",
      );
    };
    const tree = (data as { readonly [part: string]: unknown })[part];
    if (tree === undefined) throw new UsageError(`${where} has no ${part}; ${wanted}`);
    mapTree(tree, count, `${where}, ${part}`);
    if (leaves(tree).length === 0) throw new UsageError(`${where}: ${part} holds no tensor`);
  }
  if (rows === undefined || rows === 0) throw new ShapeError(`${where}: there are no rows`);
  return rows;
}

/** A path within x or y: `x`, `x.u`, `x[0]`. */
function pathFrom(part: "x" | "y", path: string): string {
  return path === "" || path.startsWith("[") ? `${part}${path}` : `${part}.${path}`;
}

/** Where data first hold what is no finite number, and what it is: `x[7] holds NaN`; null: nowhere. */
export function wildIn(data: Data<unknown, unknown>): string | null {
  let found: string | null = null;
  for (const part of ["x", "y"] as const) {
    mapTree(data[part], (leaf, path) => {
      const values = found === null ? leaf.data() : [];
      const at = values.findIndex((value: number) => !Number.isFinite(value));
      const row = Math.floor(at / (leaf.size / (leaf.shape[0] as number)));
      if (at >= 0) found = `${pathFrom(part, path)}[${row}] holds ${values[at]}`;
      return leaf;
    });
  }
  return found;
}

/** The rows with the given numbers. */
export function rowsAt<X, Y>(data: Data<X, Y>, numbers: Tensor): Data<X, Y> {
  const pick = (leaf: Tensor): Tensor => take(leaf, numbers);
  return { x: mapTree(data.x, pick), y: mapTree(data.y, pick) };
}

/** So many rows from a place on. */
export function rowsFrom<X, Y>(data: Data<X, Y>, from: number, count: number): Data<X, Y> {
  const pick = (leaf: Tensor): Tensor =>
    from === 0 && leaf.shape[0] === count ? leaf : leaf.slice([from], [count]);
  return { x: mapTree(data.x, pick), y: mapTree(data.y, pick) };
}

/**
 * The data in two: rows to learn from, and a share or number of them held out: which, a seed picks, or,
 * without one, the last. */
export function heldOut<X, Y>(
  data: Data<X, Y>,
  rows: number,
  share: number,
  seed: number | null,
): [train: Data<X, Y>, validation: Data<X, Y>] {
  const count = share < 1 ? Math.round(rows * share) : share;
  if (!(Number.isInteger(count) && count > 0 && count < rows)) {
    throw new UsageError(
      `fit: validation is ${share} of ${rows} rows; a share or a number of rows that leaves some on ` +
        "both sides, or data { x, y }, was wanted",
    );
  }
  if (seed === null) return [rowsFrom(data, 0, rows - count), rowsFrom(data, rows - count, count)];
  const order = random.permutation(rows, { seed });
  return [rowsAt(data, order.slice([count])), rowsAt(data, order.slice([0], [count]))];
}
