import { bytesOf } from "../../tensor/dtype.js";
import { broadcastStrides, type Shape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { at } from "./kernel.js";

/*
 * How broadcast operands meet. The WASM functions take `outer` rows of `inner` elements, and for each
 * operand its address and two steps, in elements: from row to row, and within a row (0 or 1). All
 * that users commonly write (equal shapes, a number, a row, a column) is one call without a list made.
 */

/** A function of two operands: `(outer, inner, a, aOuter, aInner, b, bOuter, bInner, y)`. */
export type Rows = (...numbers: number[]) => number;

/** Combines `A` and `B` into `Y`. */
export function combine(rows: Rows, A: Tensor, B: Tensor, Y: Tensor): void {
  const n = sizeOf(Y.shape);
  if (n === 0) return;
  const a = sizeOf(A.shape);
  const b = sizeOf(B.shape);
  if (a === n) {
    if (b === n) rows(1, n, at(A), 0, 1, at(B), 0, 1, at(Y));
    else if (b === 1) rows(1, n, at(A), 0, 1, at(B), 0, 0, at(Y));
    else partial(rows, A, B, Y, n, b, false);
  } else if (b === n) {
    if (a === 1) rows(1, n, at(A), 0, 0, at(B), 0, 1, at(Y));
    else partial(rows, A, B, Y, n, a, true);
  } else if (a * b === n && precedes(A.shape, B.shape)) {
    rows(a, b, at(A), 1, 0, at(B), 0, 1, at(Y));
  } else if (a * b === n && precedes(B.shape, A.shape)) {
    rows(b, a, at(A), 0, 1, at(B), 1, 0, at(Y));
  } else strided(rows, [A, B], Y);
}

/** Whether all axes of `a` that are not 1 lie to the left of those of `b`. */
function precedes(a: Shape, b: Shape): boolean {
  let right = 1;
  while (right <= a.length && a[a.length - right] === 1) right++;
  let left = b.length;
  while (left > 0 && b[b.length - left] === 1) left--;
  return left < right;
}

/** Chooses from `A` and `B` by `condition`. */
export function choose(rows: Rows, condition: Tensor, A: Tensor, B: Tensor, Y: Tensor): void {
  const n = sizeOf(Y.shape);
  if (n === 0) return;
  const c = sizeOf(condition.shape);
  const a = sizeOf(A.shape);
  const b = sizeOf(B.shape);
  if ((c === n || c === 1) && (a === n || a === 1) && (b === n || b === 1)) {
    const cStep = c === 1 ? 0 : 1;
    const aStep = a === 1 ? 0 : 1;
    const bStep = b === 1 ? 0 : 1;
    rows(1, n, at(condition), 0, cStep, at(A), 0, aStep, at(B), 0, bStep, at(Y));
  } else strided(rows, [condition, A, B], Y);
}

/**
 * One operand has all `n` elements of `Y`; the other `count`, which are repeated. `swapped` says that
 * it is the first one.
 */
function partial(
  rows: Rows,
  A: Tensor,
  B: Tensor,
  Y: Tensor,
  n: number,
  count: number,
  swapped: boolean,
): void {
  const small = (swapped ? A : B).shape;
  const all = Y.shape;
  const shift = all.length - small.length;
  // From the right: axes along which it is repeated, then those it has, then repeated ones only.
  let axis = small.length - 1;
  let inner = 1;
  while (axis >= 0 && small[axis] === 1) inner *= all[shift + axis--] as number;
  let own = 1;
  while (axis >= 0 && small[axis] === all[shift + axis]) own *= small[axis--] as number;
  if (own !== count || (inner !== 1 && own * inner !== n)) {
    strided(rows, [A, B], Y);
  } else if (inner === 1) {
    if (swapped) rows(n / own, own, at(A), 0, 1, at(B), own, 1, at(Y));
    else rows(n / own, own, at(A), own, 1, at(B), 0, 1, at(Y));
  } else if (swapped) rows(own, inner, at(A), 1, 0, at(B), inner, 1, at(Y));
  else rows(own, inner, at(A), inner, 1, at(B), 1, 0, at(Y));
}

/** Operands of any shapes, as many as `rows` takes: a call for each pair of outermost indices. */
function strided(rows: Rows, operands: readonly Tensor[], Y: Tensor): void {
  const { sizes, strides } = merged(
    Y.shape,
    operands.map((x) => broadcastStrides(x.shape, Y.shape)),
  );
  const inner = sizes.pop() ?? 1;
  const outer = sizes.pop() ?? 1;
  const steps = strides.map((list) => [list.pop() ?? 0, list.pop() ?? 0] as const);
  const bytes = operands.map(({ dtype }) => bytesOf(dtype, 1));
  const places = operands.map(at);
  const slab = bytesOf(Y.dtype, outer * inner);
  const index = sizes.map(() => 0);
  for (let y = at(Y), left = sizeOf(sizes); left > 0; left--, y += slab) {
    const each = steps.flatMap(([step1, step0], i) => [places[i] as number, step0, step1]);
    rows(outer, inner, ...each, y);
    // Count the index up like an odometer; the places follow.
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const done = ++(index[axis] as number) === sizes[axis];
      const turns = done ? 1 - (sizes[axis] as number) : 1;
      strides.forEach((list, i) => {
        (places[i] as number) += turns * (list[axis] as number) * (bytes[i] as number);
      });
      if (!done) break;
      index[axis] = 0;
    }
  }
}

/** Without axes of size 1, and with axes that run on in every operand made one. */
function merged(shape: Shape, all: readonly number[][]): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const strides: number[][] = all.map(() => []);
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = sizes.length - 1;
    const runsOn = (list: number[], i: number): boolean =>
      strides[i]?.[last] === (list[axis] as number) * n;
    const one = last >= 0 && all.every(runsOn);
    if (one) (sizes[last] as number) *= n;
    else sizes.push(n);
    all.forEach((list, i) => {
      const stride = list[axis] as number;
      if (one) (strides[i] as number[])[last] = stride;
      else strides[i]?.push(stride);
    });
  });
  return { sizes, strides };
}
