import { requireNames } from "../checks/options.js";
import { said } from "../checks/said.js";
import { UsageError } from "../index.js";
import { mixed, order, seedOf } from "./order.js";
import { rowsOf } from "./rows.js";

/** How rows are put into batches. */
export interface BatchOptions {
  /** Rows of a batch. */
  readonly size: number;
  /** For the order of the rows; without it the common random stream gives one. */
  readonly seed?: number | undefined;
  /** Whether the rows come in random order (true). */
  readonly shuffle?: boolean | undefined;
  /** Whether a last batch with fewer rows is left out (false). */
  readonly dropLast?: boolean | undefined;
}

/** The batches of {@link batches}. */
export interface Batches<T> extends Iterable<T> {
  /** How many batches an epoch has. */
  readonly length: number;
  /** The batches of epoch `k`, counted from 0: the same whenever they are asked for. */
  epoch(k: number): Iterable<T>;
}

/**
 * Rows in batches, in random order: of a tensor, of the tensors in a tree (along their first axes,
 * which stay together), or of a table. Each row comes once in an epoch.
 *
 * Going through the batches once is an epoch, and each has an order of its own: the first time that of
 * `epoch(0)`, then `epoch(1)` and so on. Orders depend on the seed alone, so that training that is
 * taken up at an epoch sees what it would have seen.
 *
 * @throws ShapeError where tensors have different numbers of rows, UsageError where no batch results.
 * @example
 * const data = { x: tensor([[1], [2], [3]]), y: tensor([1, 2, 3]) };
 * const all = batches(data, { size: 2, seed: 1 });
 * all.length; // 2
 * [...all].map(({ x, y }) => x.reshape([-1]).sub(y).abs().sum().item()); // [0, 0]
 */
export function batches<T>(data: T, options: BatchOptions): Batches<T> {
  requireNames("batches", options, ["size", "seed", "shuffle", "dropLast"]);
  const { size, seed, shuffle = true, dropLast = false } = options ?? {};
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new UsageError(`batches: size is ${said(size)}; a whole number ≥ 1 was wanted`);
  }
  const { count, pick } = rowsOf("batches", data);
  const length = dropLast ? Math.floor(count / size) : Math.ceil(count / size);
  if (length === 0) {
    throw new UsageError(
      `batches: ${count} rows make no batch of ${size}` +
        (count === 0 ? "" : "; with dropLast: false they make a smaller one"),
    );
  }
  const own = shuffle ? seedOf("batches", seed) : 0;
  const epoch = (k: number): Iterable<T> => {
    if (!Number.isSafeInteger(k) || k < 0) {
      throw new UsageError(`batches: epoch ${said(k)}; a whole number ≥ 0 was wanted`);
    }
    return {
      *[Symbol.iterator]() {
        const rows = order(count, shuffle ? mixed(own, k) : null);
        for (let i = 0; i < length; i++) yield pick(rows.subarray(i * size, (i + 1) * size));
      },
    };
  };
  let next = 0;
  return { length, epoch, [Symbol.iterator]: () => epoch(next++)[Symbol.iterator]() };
}
