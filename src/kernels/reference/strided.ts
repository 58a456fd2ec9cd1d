import type { TypedArray } from "../../tensor/dtype.js";
import { isInOrder, reducedLast } from "../../tensor/layout.js";
import { type Shape, stridesOf } from "../../tensor/shape.js";
import type { NDArray } from "./kernel.js";

/**
 * Goes through `shape` row by row along its last axis: `row(i, at)` gets the number of the row's
 * first element and the place where `strides`, counted from `start`, put it.
 */
export function eachRow(
  shape: Shape,
  strides: readonly number[],
  start: number,
  row: (i: number, at: number) => void,
): void {
  if (shape.includes(0)) return;
  const n = shape.at(-1) ?? 1;
  const index = shape.map(() => 0);
  let at = start;
  for (let i = 0; ; i += n) {
    row(i, at);
    // Count the index up like an odometer; `at` follows by the strides.
    let axis = shape.length - 2;
    for (; axis >= 0; axis--) {
      const step = strides[axis] as number;
      at += step;
      if (++(index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
      at -= (shape[axis] as number) * step;
    }
    if (axis < 0) return;
  }
}

/** From this length on a row is copied as a block. */
const BLOCK = 32;

/** Fills `to`, which has `shape`, with the elements of `from` that lie at `strides` from `start`. */
export function gather(
  from: TypedArray,
  to: TypedArray,
  shape: Shape,
  strides: readonly number[],
  start = 0,
): void {
  const n = shape.at(-1) ?? 1;
  const step = strides.at(-1) ?? 1;
  const whole = step === 1 && n >= BLOCK;
  eachRow(shape, strides, start, (i, at) => {
    if (whole) to.set(from.subarray(at, at + n), i);
    else for (let k = 0; k < n; k++) to[i + k] = from[at + k * step] as number;
  });
}

/** The reverse: puts the elements of `from`, which has `shape`, at `strides` from `start`. */
export function scatter(
  from: TypedArray,
  to: TypedArray,
  shape: Shape,
  strides: readonly number[],
  start = 0,
): void {
  const n = shape.at(-1) ?? 1;
  const step = strides.at(-1) ?? 1;
  const whole = step === 1 && n >= BLOCK;
  eachRow(shape, strides, start, (i, at) => {
    if (whole) to.set(from.subarray(i, i + n), at);
    else for (let k = 0; k < n; k++) to[at + k * step] = from[i + k] as number;
  });
}

/** The elements of `X` with its axes in the order `perm`, written to `to`. */
export function permute(X: NDArray, perm: readonly number[], to: TypedArray): void {
  const strides = stridesOf(X.shape);
  gather(
    X.data,
    to,
    perm.map((axis) => X.shape[axis] as number),
    perm.map((axis) => strides[axis] as number),
  );
}

/** The elements of `X` so that those reduced over `axes` lie side by side. */
export function rows(X: NDArray, axes: readonly number[]): TypedArray {
  const perm = reducedLast(X.shape.length, axes);
  if (isInOrder(perm)) return X.data;
  const out = X.data.slice();
  permute(X, perm, out);
  return out;
}
