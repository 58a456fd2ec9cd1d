import { said } from "../checks/said.js";
import { mapTree, ShapeError, type Tensor, tensor, UsageError } from "../index.js";
import { Table } from "./table.js";

/** Data of so many rows, of which any can be had, in any order. */
export interface Rows<T> {
  readonly count: number;
  pick(rows: Int32Array): T;
}

/**
 * The rows of a tensor, of the tensors in a tree (along their first axes), or of a table.
 *
 * What is picked is copied in JS memory: the heap of the backend need not hold all rows for that, and
 * what a loop leaves behind is collected without having been copied out of it.
 */
export function rowsOf<T>(where: string, data: T): Rows<T> {
  if (data instanceof Table) {
    return { count: data.length, pick: (rows) => data.take(rows) as T };
  }
  requireNoStray(where, "", data);
  let first: { readonly path: string; readonly count: number } | undefined;
  const named = (path: string): string => (path === "" ? "the tensor" : path);
  mapTree(
    data,
    (x, path) => {
      const count = x.shape[0];
      if (count === undefined) {
        throw new ShapeError(`${where}: ${named(path)} is a scalar; rows along axis 0 were wanted`);
      }
      first ??= { path: named(path), count };
      if (count === first.count) return x;
      throw new ShapeError(
        `${where}: ${first.path} has ${first.count} rows and ${named(path)} has ${count}; ` +
          "as many in each were wanted",
      );
    },
    where,
  );
  if (first === undefined) {
    throw new UsageError(`${where}: there is no tensor in ${said(data)}`);
  }
  const { count } = first;
  const elements = new Map<Tensor, ReturnType<Tensor["data"]>>();
  const pick = (rows: Int32Array): T =>
    mapTree(data, (x) => {
      const own = elements.get(x) ?? x.data();
      elements.set(x, own);
      return picked(own, x, rows);
    });
  return { count, pick };
}

/** Refuses a promise, and a table among tensors, which `said` tells the way from. */
function requireNoStray(where: string, path: string, data: unknown): void {
  if (data instanceof Promise || data instanceof Table) {
    const wanted = path === "" ? "a table, a tensor, or a tree of tensors" : "a tensor";
    throw new UsageError(`${where}: ${path || "the value"} is ${said(data)}; ${wanted} was wanted`);
  }
  const isList = Array.isArray(data);
  if (!isList && Object.getPrototypeOf(data ?? 0) !== Object.prototype) return;
  for (const [key, part] of Object.entries(data as object)) {
    const inner = isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    requireNoStray(where, inner, part);
  }
}

/** The rows of a tensor with these elements. */
function picked(own: ReturnType<Tensor["data"]>, x: Tensor, rows: Int32Array): Tensor {
  const step = x.shape.slice(1).reduce((size, n) => size * n, 1);
  const out = new (own.constructor as new (length: number) => typeof own)(rows.length * step);
  let to = 0;
  for (const row of rows) {
    const from = row * step;
    if (step > 32) out.set(own.subarray(from, from + step), to);
    else for (let i = 0; i < step; i++) out[to + i] = own[from + i] as number;
    to += step;
  }
  return tensor(out, { dtype: x.dtype, shape: [rows.length, ...x.shape.slice(1)] });
}
