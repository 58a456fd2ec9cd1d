import { leaves, mapTree, random, ShapeError, type Tensor, take, UsageError } from "../../index.js";
import type { Data } from "./types.js";

/** How many rows data have: all tensors of x and y have as many. */
export function rowsOf(where: string, data: unknown): number {
  if (typeof data !== "object" || data === null || !("x" in data) || !("y" in data)) {
    throw new UsageError(`${where} has no x and y; { x, y } with a row for each case was wanted`);
  }
  let rows: number | undefined;
  const count = (part: "x" | "y"): void => {
    if (leaves(data[part], `${where}, ${part}`).length === 0) {
      throw new UsageError(`${where}: ${part} holds no tensor`);
    }
    mapTree(
      data[part],
      (leaf, path) => {
        const name = path === "" ? part : `${part}${path.startsWith("[") ? "" : "."}${path}`;
        if (leaf.rank === 0) {
          throw new ShapeError(`${where}: ${name} is a scalar; a row for each case was wanted`);
        }
        rows ??= leaf.shape[0] as number;
        if (leaf.shape[0] !== rows) {
          throw new ShapeError(
            `${where}: ${name} has ${leaf.shape[0]} rows, and what comes before has ${rows}; ` +
              "one number of rows was wanted",
          );
        }
        return leaf;
      },
      `${where}, ${part}`,
    );
  };
  count("x");
  count("y");
  if (rows === undefined || rows === 0) throw new ShapeError(`${where}: there are no rows`);
  return rows;
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

/** The data in two: rows to learn from, and a share held out, which a seed picks. */
export function heldOut<X, Y>(
  data: Data<X, Y>,
  rows: number,
  share: number,
  seed: number,
): [train: Data<X, Y>, validation: Data<X, Y>] {
  const count = Math.round(rows * share);
  if (!(share > 0 && share < 1) || count === 0 || count === rows) {
    throw new UsageError(
      `fit: validation is ${share} of ${rows} rows; a share that leaves rows on both sides, or ` +
        "data { x, y }, was wanted",
    );
  }
  const order = random.permutation(rows, { seed });
  return [rowsAt(data, order.slice([count])), rowsAt(data, order.slice([0], [count]))];
}
