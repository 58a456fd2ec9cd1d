import { UsageError } from "./errors.js";
import { Tensor } from "./tensor.js";

/**
 * What `T` must look like to be a tree of tensors: a tensor, or an object or array of trees.
 * Entries may be undefined (an absent bias); they stay so.
 */
export type TreeOf<T> = Tensor | undefined | { readonly [K in keyof T]: TreeOf<T[K]> };

/** The tensors of a tree in a fixed order, or a UsageError that names the path of what is not one. */
export function leaves(tree: unknown, where: string): Tensor[] {
  const found: Tensor[] = [];
  mapTree(tree, where, (leaf) => {
    found.push(leaf);
    return leaf;
  });
  return found;
}

/** The same tree with each tensor replaced by `f` of it. */
export function mapTree<T>(tree: T, where: string, f: (leaf: Tensor, path: string) => Tensor): T {
  return walk(tree, where, "", f) as T;
}

/** The same tree with its tensors replaced, in order, by those of the list. */
export function rebuild<T>(tree: T, where: string, list: readonly Tensor[]): T {
  let next = 0;
  return mapTree(tree, where, () => list[next++] as Tensor);
}

function walk(
  tree: unknown,
  where: string,
  path: string,
  f: (leaf: Tensor, path: string) => Tensor,
): unknown {
  if (tree instanceof Tensor) return f(tree, path);
  if (tree === undefined) return undefined;
  if (Array.isArray(tree)) return tree.map((part, i) => walk(part, where, `${path}[${i}]`, f));
  if (isPlainObject(tree)) {
    const out: Record<string, unknown> = {};
    for (const key of Object.keys(tree)) {
      out[key] = walk(tree[key], where, path === "" ? key : `${path}.${key}`, f);
    }
    return out;
  }
  throw new UsageError(
    `${where}: ${path === "" ? "the value" : path} is ${describe(tree)}; ` +
      "a tensor, or an object or array of tensors, was wanted",
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What a value is, in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (value instanceof Promise) return "a Promise";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return `a ${value.constructor?.name ?? "object"}`;
  if (typeof value === "function") return "a function";
  return `a ${typeof value} (${String(value)})`;
}
