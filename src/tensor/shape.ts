import { ShapeError } from "./errors.js";

/** The sizes of the axes; `[]` is a scalar. */
export type Shape = readonly number[];

/** How many elements a shape has. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** A shape as messages print it: `[3, 4]`. */
export function format(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `shape` as a new list of whole sizes ≥ 0, or a ShapeError that names `where`. */
export function checkShape(where: string, shape: Shape): number[] {
  requireList(where, "shape", shape);
  const bad = shape.findIndex((n) => !Number.isInteger(n) || n < 0);
  if (bad >= 0) {
    throw new ShapeError(
      `${where}: ${format(shape)} is not a shape; axis ${bad} must be a whole number, 0 or more`,
    );
  }
  return [...shape];
}

/** Refuses a number where a list of numbers was wanted: `zeros(3)` for `zeros([3])`. */
export function requireList(where: string, what: string, list: unknown, example = "[2, 3]"): void {
  if (Array.isArray(list)) return;
  throw new ShapeError(
    `${where}: ${what} is ${shown(list)}; a list was wanted, such as ${example}`,
  );
}

/** A value where a number or a list of some was wanted, such as options of other functions. */
function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, step = 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] as number;
  }
  return strides;
}

/** NumPy's broadcasting: the common shape, or null where there is none. */
export function broadcast(a: Shape, b: Shape): Shape | null {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) return null;
    out[rank - i] = m === 1 ? n : m;
  }
  return out;
}

/** The common shape of named inputs, or a ShapeError naming the two that clash. */
export function broadcastAll(op: string, shapes: Readonly<Record<string, Shape>>): Shape {
  let all: Shape = [];
  for (const name in shapes) {
    const shape = shapes[name] as Shape;
    const next = broadcast(all, shape);
    if (next === null) {
      const listed = Object.entries(shapes).map(([key, s]) => `${key} is ${format(s)}`);
      throw new ShapeError(
        `${op}: ${listed.join(" and ")}; these do not broadcast (aligned at the right, ` +
          "two sizes must be equal or one of them 1)",
      );
    }
    all = next;
  }
  return all;
}

/** Strides that read `shape` as if it were broadcast to `to`: 0 along repeated axes. */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const strides = stridesOf(shape);
  const shift = to.length - shape.length;
  return to.map((_, i) =>
    i < shift || shape[i - shift] === 1 ? 0 : (strides[i - shift] as number),
  );
}

/** One axis, negative ones counted from the end, or a ShapeError. */
export function checkAxis(op: string, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || at < 0 || at >= rank) {
    const range = rank === 0 ? "a scalar has no axes" : `axes run from ${-rank} to ${rank - 1}`;
    throw new ShapeError(
      `${op}: axis ${shown(axis)} does not exist in a tensor of rank ${rank}; ${range}`,
    );
  }
  return at;
}

/** Axes in increasing order; all of them where none is given. */
export function checkAxes(
  op: string,
  axis: number | readonly number[] | undefined,
  rank: number,
): readonly number[] {
  if (axis === undefined) return allAxes(rank);
  if (typeof axis !== "number") {
    requireList(op, "axis", axis, "[0, 1]");
    if (isAscending(axis, rank)) return axis;
  }
  const list = (typeof axis === "number" ? [axis] : axis).map((a) => checkAxis(op, a, rank));
  if (new Set(list).size < list.length) {
    throw new ShapeError(`${op}: axis ${format(list)} names the same axis twice`);
  }
  return list.sort((a, b) => a - b);
}

const all: number[][] = [];

/** `0, 1, …` below `rank`. */
function allAxes(rank: number): readonly number[] {
  all[rank] ??= Array.from({ length: rank }, (_, i) => i);
  return all[rank];
}

/** Whether a list of axes needs nothing done. */
function isAscending(axes: readonly number[], rank: number): boolean {
  let last = -1;
  for (const axis of axes) {
    if (!Number.isInteger(axis) || axis <= last || axis >= rank) return false;
    last = axis;
  }
  return true;
}

/** The shape that is left after reducing `axes`: dropped, or kept with size 1. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims
    ? shape.map((n, i) => (axes.includes(i) ? 1 : n))
    : shape.filter((_, i) => !axes.includes(i));
}
