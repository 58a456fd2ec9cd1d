import { ShapeError, UsageError } from "./errors.js";
import { format, sameShape } from "./shape.js";
import { Tensor } from "./tensor.js";

/**
 * The tensors of a tree, in an order that depends on its keys alone: by name, not as they came.
 *
 * @throws UsageError that names the path of what is no tensor.
 * @example
 * leaves({ w: tensor([1, 2]), b: scalar(0) }).length; // 2
 */
export function leaves(tree: unknown, where = "leaves"): Tensor[] {
  const found: Tensor[] = [];
  mapTree(
    tree,
    (leaf) => {
      found.push(leaf);
      return leaf;
    },
    where,
  );
  return found;
}

/**
 * The tensors of a tree that must have the form of another: the same keys (in any order), and a
 * tensor of the same shape at each.
 *
 * @throws UsageError where the forms differ, ShapeError where the shapes do.
 * @example
 * const like = { w: tensor([1, 2]), b: scalar(0) };
 * leavesLike({ b: scalar(3), w: tensor([4, 5]) }, like)[0].item(); // 3
 */
export function leavesLike(tree: unknown, like: unknown, where = "leavesLike"): Tensor[] {
  const [given, wanted] = [tree, like].map((one) => {
    const found = new Map<string, Tensor>();
    mapTree(one, (leaf, path) => found.set(path, leaf) && leaf, where);
    return found;
  }) as [Map<string, Tensor>, Map<string, Tensor>];
  const named = (path: string): string => (path === "" ? "it" : path);
  for (const [path, x] of wanted) {
    const own = given.get(path);
    if (own === undefined) {
      throw new UsageError(`${where}: ${named(path)} is missing; a tensor was wanted there`);
    }
    if (!sameShape(own.shape, x.shape)) {
      throw new ShapeError(
        `${where}: ${named(path)} is ${format(own.shape)}; the shape ${format(x.shape)} was wanted`,
      );
    }
  }
  for (const path of given.keys()) {
    if (wanted.has(path)) continue;
    throw new UsageError(`${where}: ${named(path)} is a tensor; nothing was wanted there`);
  }
  return [...given.values()];
}

/**
 * The same tree with each tensor replaced by `f` of it.
 *
 * @throws UsageError that names the path of what is no tensor.
 * @example
 * mapTree({ w: tensor([1, 2]) }, (x) => x.mul(2)).w.toArray(); // [2, 4]
 */
export function mapTree<T>(
  tree: T,
  f: (leaf: Tensor, path: string) => Tensor,
  where = "mapTree",
): T {
  return walk(tree, where, "", f) as T;
}

/**
 * The same tree with its tensors replaced, in order, by those of the list.
 *
 * @throws UsageError that names the path of what is no tensor, or where there are more or fewer.
 * @example
 * rebuild({ w: scalar(1), b: scalar(2) }, [scalar(3), scalar(4)]).w.item(); // 4
 */
export function rebuild<T>(tree: T, list: readonly Tensor[], where = "rebuild"): T {
  let next = 0;
  const out = mapTree(tree, (leaf) => list[next++] ?? leaf, where);
  if (next === list.length) return out;
  throw new UsageError(`${where}: ${list.length} tensors came for the ${next} of the tree`);
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
    const out = { ...tree };
    for (const key of Object.keys(tree).sort()) {
      out[key] = walk(tree[key], where, path + step(key, path === ""), f);
    }
    return out;
  }
  throw new UsageError(
    `${where}: ${path === "" ? "the value" : path} is ${describe(tree)}; ` +
      "a tensor, or a plain object or array of tensors, was wanted",
  );
}

/** `.key`, or `["key"]` where the key is no identifier, so that no two paths read alike. */
function step(key: string, first: boolean): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `[${JSON.stringify(key)}]`;
  return first ? key : `.${key}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What a value is, in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (value instanceof Promise) return "a Promise";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return `a ${value.constructor?.name || "object"}`;
  if (typeof value === "function") return "a function";
  return `a ${typeof value} (${String(value)})`;
}

/** All tensors inside a value of any form; what is no tensor, array or plain object is passed by. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  return isPlainObject(value) ? Object.values(value).flatMap(tensorsIn) : [];
}
