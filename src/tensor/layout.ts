import { ShapeError } from "./errors.js";
import { checkAxis, checkShape, format, requireList, type Shape, sizeOf } from "./shape.js";

/** A shape with one size given as −1 worked out from `size` elements, or a ShapeError. */
export function resolveShape(op: string, from: Shape, shape: Shape): Shape {
  requireList(op, "shape", shape);
  const free = shape.indexOf(-1);
  const size = sizeOf(from);
  if (free < 0) {
    const own = checkShape(op, shape);
    if (sizeOf(own) === size) return own;
    throw new ShapeError(
      `${op}: X is ${format(from)}, which holds ${size}; the shape ${format(own)} ` +
        `holds ${sizeOf(own)}`,
    );
  }
  if (shape.lastIndexOf(-1) > free) {
    throw new ShapeError(`${op}: shape is ${format(shape)}; only one size may be −1`);
  }
  const rest = checkShape(op, shape.toSpliced(free, 1));
  const n = size / sizeOf(rest);
  if (!Number.isInteger(n)) {
    throw new ShapeError(
      `${op}: X is ${format(from)}, which holds ${size}; no whole size in place of −1 ` +
        `makes ${format(shape)} hold as many`,
    );
  }
  return shape.with(free, n);
}

/** The order of the axes, all of them reversed where none is given, or a ShapeError. */
export function resolvePerm(
  op: string,
  perm: readonly number[] | undefined,
  rank: number,
): number[] {
  if (perm === undefined) return Array.from({ length: rank }, (_, i) => rank - 1 - i);
  requireList(op, "perm", perm);
  const own = perm.map((axis) => checkAxis(op, axis, rank));
  if (own.length !== rank || new Set(own).size < rank) {
    throw new ShapeError(
      `${op}: perm is ${format(perm)}; each axis of a tensor of rank ${rank} was wanted once`,
    );
  }
  return own;
}

/** `perm` undone: axis `perm[i]` goes back from place i. */
export function invertPerm(perm: readonly number[]): number[] {
  const out = new Array<number>(perm.length);
  perm.forEach((axis, i) => {
    out[axis] = i;
  });
  return out;
}

/** The order of the axes that swaps the last two. */
export function swapLast(rank: number): number[] {
  const perm = Array.from({ length: rank }, (_, i) => i);
  return [...perm.slice(0, -2), rank - 1, rank - 2];
}

/** Which axes stay in front, and the reduced ones behind them: the order that makes rows. */
export function reducedLast(rank: number, axes: readonly number[]): number[] {
  const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !axes.includes(i));
  return [...kept, ...axes];
}

/** Whether an order of axes leaves all in place. */
export function isInOrder(perm: readonly number[]): boolean {
  return perm.every((axis, i) => axis === i);
}

/** An axis seen among the others: sizes before it, its own, and after it. */
export function around(shape: Shape, axis: number): { outer: number; n: number; inner: number } {
  return {
    outer: sizeOf(shape.slice(0, axis)),
    n: shape[axis] as number,
    inner: sizeOf(shape.slice(axis + 1)),
  };
}

/** Where a slice begins along each axis and how far it goes, worked out, or a ShapeError. */
export function resolveSlice(
  op: string,
  X: Shape,
  begin: readonly number[],
  size: readonly number[],
): { begin: number[]; size: number[] } {
  requireList("slice", "begin", begin);
  requireList("slice", "size", size);
  const asked = (): string => `begin is ${format(begin)} and size is ${format(size)}`;
  if (Math.max(begin.length, size.length) > X.length) {
    throw new ShapeError(
      `${op}: X is ${format(X)}, ${asked()}; at most one number for each axis was wanted`,
    );
  }
  const from = X.map((n, i) => {
    const b = begin[i] ?? 0;
    return b < 0 ? b + n : b;
  });
  const length = X.map((n, i) => {
    const wanted = size[i] ?? -1;
    return wanted === -1 ? n - (from[i] as number) : wanted;
  });
  const bad = X.findIndex((n, i) => {
    const [b, m] = [from[i] as number, length[i] as number];
    return !Number.isInteger(b) || !Number.isInteger(m) || b < 0 || m < 0 || b + m > n;
  });
  if (bad >= 0) {
    throw new ShapeError(
      `${op}: X is ${format(X)}, ${asked()}; along axis ${bad} a part of its ${X[bad]} was wanted`,
    );
  }
  return { begin: from, size: length };
}
