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
  if (!collect(tree, found)) walk(tree, where, null, (leaf) => leaf); // which throws
  return found;
}

/** Whether there are only tensors in the tree, which go to `found`. */
function collect(tree: unknown, found: Tensor[]): boolean {
  if (tree instanceof Tensor) found.push(tree);
  else if (Array.isArray(tree)) {
    for (const part of tree) if (!collect(part, found)) return false;
  } else if (isPlainObject(tree)) {
    for (const key of keysOf(tree)) if (!collect(tree[key], found)) return false;
  } else return tree === undefined;
  return true;
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
  if (!isLike(tree, like)) throw difference(tree, like, where);
  return leaves(tree, where);
}

/** Whether two trees have the same keys, and tensors of the same shapes. */
function isLike(tree: unknown, like: unknown): boolean {
  if (tree instanceof Tensor) return like instanceof Tensor && sameShape(tree.shape, like.shape);
  if (Array.isArray(tree) && Array.isArray(like)) {
    return tree.length === like.length && tree.every((part, i) => isLike(part, like[i]));
  }
  if (!isPlainObject(tree) || !isPlainObject(like)) return tree === undefined && tree === like;
  const keys = Object.keys(tree);
  if (keys.length !== Object.keys(like).length) return false;
  return keys.every((key) => key in like && isLike(tree[key], like[key]));
}

/** In what a tree is unlike another. */
function difference(tree: unknown, like: unknown, where: string): UsageError | ShapeError {
  const [given, wanted] = [tree, like].map((one) => {
    const found = new Map<string, Tensor>();
    mapTree(one, (leaf, path) => found.set(path, leaf) && leaf, where);
    return found;
  }) as [Map<string, Tensor>, Map<string, Tensor>];
  const named = (path: string): string => (path === "" ? "it" : path);
  for (const [path, x] of wanted) {
    const own = given.get(path);
    if (own === undefined) {
      return new UsageError(`${where}: ${named(path)} is missing; a tensor was wanted there`);
    }
    if (!sameShape(own.shape, x.shape)) {
      return new ShapeError(
        `${where}: ${named(path)} is ${format(own.shape)}; the shape ${format(x.shape)} was wanted`,
      );
    }
  }
  const path = [...given.keys()].find((key) => !wanted.has(key)) ?? "";
  return new UsageError(`${where}: ${named(path)} is a tensor; nothing was wanted there`);
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
  return walk(tree, where, null, (leaf, step) => f(leaf, pathOf(step))) as T;
}

/**
 * The same tree with its tensors replaced, in order, by those of the list.
 *
 * @throws UsageError that names the path of what is no tensor, or where there are more or fewer.
 * @example
 * rebuild({ w: scalar(1), b: scalar(2) }, [scalar(3), scalar(4)]).w.item(); // 4
 */
export function rebuild<T>(tree: T, list: readonly Tensor[], where = "rebuild"): T {
  const { out, next } = fill(tree, list, where);
  if (next === list.length) return out as T;
  throw new UsageError(`${where}: ${list.length} tensors came for the ${next} of the tree`);
}

function fill(
  tree: unknown,
  list: readonly Tensor[],
  where: string,
): { readonly out: unknown; readonly next: number } {
  let next = 0;
  const part = (tree: unknown): unknown => {
    if (tree instanceof Tensor) return list[next++] ?? tree;
    if (Array.isArray(tree)) return tree.map(part);
    if (!isPlainObject(tree)) return walk(tree, where, null, (leaf) => leaf);
    const out = { ...tree };
    for (const key of keysOf(tree)) out[key] = part(tree[key]);
    return out;
  };
  return { out: part(tree), next };
}

/** The way to a place in a tree, spelt out only for messages. */
interface Step {
  readonly before: Step | null;
  readonly key: string | number;
}

/** `a.b[0]`, with `["key"]` where a key is no identifier, so that no two paths read alike. */
export function pathOf(step: Step | null): string {
  if (step === null) return "";
  const { before, key } = step;
  if (typeof key === "number") return `${pathOf(before)}[${key}]`;
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `${pathOf(before)}[${JSON.stringify(key)}]`;
  return before === null ? key : `${pathOf(before)}.${key}`;
}

/** {@link mapTree}, which spells no paths out. */
export function walk(
  tree: unknown,
  where: string,
  step: Step | null,
  f: (leaf: Tensor, step: Step | null) => Tensor,
): unknown {
  if (tree instanceof Tensor) return f(tree, step);
  if (tree === undefined) return undefined;
  if (Array.isArray(tree)) {
    return tree.map((part, key) => walk(part, where, { before: step, key }, f));
  }
  if (isPlainObject(tree)) {
    const out = { ...tree };
    for (const key of keysOf(tree)) {
      out[key] = walk(tree[key], where, { before: step, key }, f);
    }
    return out;
  }
  throw new UsageError(
    `${where}: ${step === null ? "the value" : pathOf(step)} is ${describe(tree)}; ` +
      "a tensor, or a plain object or array of tensors, was wanted",
  );
}

/** Keys as they came, and sorted: those of the trees that were met last. */
const sorted: { readonly came: readonly string[]; readonly inOrder: readonly string[] }[] = [];

/** The keys of an object by name. Trees have the same keys step after step: these are looked up. */
function keysOf(tree: object): readonly string[] {
  const came = Object.keys(tree);
  if (came.length < 2) return came;
  for (const known of sorted) if (sameKeys(known.came, came)) return known.inOrder;
  const inOrder = [...came].sort();
  if (sorted.length === 8) sorted.pop();
  sorted.unshift({ came, inOrder });
  return inOrder;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
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
  if (isPlainObject(value)) return "an object";
  if (typeof value === "object") {
    const name = value.constructor?.name || "value";
    return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
  }
  if (typeof value === "function") return "a function";
  return `a ${typeof value} (${String(value)})`;
}

/** Under this an object that is made of tensors, as an operator is, tells which. */
export const HELD = Symbol("tensors");

/**
 * All tensors inside a value of any form; what is no tensor, array, plain object or made of tensors is
 * passed by.
 */
export function tensorsIn(value: unknown, found: Tensor[] = []): Tensor[] {
  if (value instanceof Tensor) found.push(value);
  else if (Array.isArray(value)) for (const part of value) tensorsIn(part, found);
  else if (isPlainObject(value)) for (const key in value) tensorsIn(value[key], found);
  else if (isHolder(value)) found.push(...value[HELD]);
  return found;
}

function isHolder(value: unknown): value is { readonly [HELD]: readonly Tensor[] } {
  return typeof value === "object" && value !== null && HELD in value;
}

/** The same value with each tensor in it replaced; what {@link tensorsIn} passes by stays as it is. */
export function mapTensors(
  value: unknown,
  f: (leaf: Tensor, step: Step | null) => Tensor,
  step: Step | null = null,
): unknown {
  if (value instanceof Tensor) return f(value, step);
  if (Array.isArray(value)) {
    return value.map((part, key) => mapTensors(part, f, { before: step, key }));
  }
  if (!isPlainObject(value)) return value;
  const out: Record<string, unknown> = { ...value };
  for (const key in value) out[key] = mapTensors(value[key], f, { before: step, key });
  return out;
}
