import type { TypedArray } from "../../tensor/dtype.js";
import { DomainError } from "../../tensor/errors.js";
import { around } from "../../tensor/layout.js";
import { checkAxis } from "../../tensor/shape.js";
import type { NDArray, ReferenceKernel } from "./kernel.js";

/** Indices into an axis of size `n`, negative ones counted from its end, or a DomainError. */
export function wholeIndices(op: string, given: TypedArray, axis: number, n: number): Int32Array {
  const out = new Int32Array(given.length);
  for (let i = 0; i < out.length; i++) {
    const index = given[i] as number;
    if (!Number.isInteger(index) || index < -n || index >= n) {
      const range = n === 0 ? "there is none to take" : `indices run from ${-n} to ${n - 1}`;
      throw new DomainError(
        `${op}: indices holds ${index}; the size of axis ${axis} is ${n}, ${range}`,
      );
    }
    out[i] = index < 0 ? index + n : index;
  }
  return out;
}

const take: ReferenceKernel = ([X, indices], [Y], attrs: { axis: number }) => {
  const { data: from, shape } = X as NDArray;
  const { data: to } = Y as NDArray;
  const axis = checkAxis("take", attrs.axis, shape.length);
  const { outer, n, inner } = around(shape, axis);
  const at = wholeIndices("take", (indices as NDArray).data, axis, n);
  for (let o = 0, out = 0; o < outer; o++) {
    for (let i = 0; i < at.length; i++) {
      const start = (o * n + (at[i] as number)) * inner;
      if (inner > 16) to.set(from.subarray(start, start + inner), out);
      else for (let k = 0; k < inner; k++) to[out + k] = from[start + k] as number;
      out += inner;
    }
  }
};

const scatterAdd: ReferenceKernel = ([X, indices], [Y], attrs: { axis: number }) => {
  const { data: from } = X as NDArray;
  const { data: to, shape } = Y as NDArray;
  const axis = checkAxis("scatterAdd", attrs.axis, shape.length);
  const { outer, n, inner } = around(shape, axis);
  const at = wholeIndices("scatterAdd", (indices as NDArray).data, axis, n);
  // One part at a time in double precision, so that many small parts do not get lost.
  const part = new Float64Array(n * inner);
  for (let o = 0, next = 0; o < outer; o++) {
    part.fill(0);
    for (let i = 0; i < at.length; i++) {
      const start = (at[i] as number) * inner;
      for (let k = start; k < start + inner; k++)
        part[k] = (part[k] as number) + (from[next++] as number);
    }
    to.set(part, o * part.length);
  }
};

/** Refuses indices that are not whole numbers from 0 to `depth` − 1. */
export function checkHot(given: TypedArray, depth: number): void {
  for (const index of given) {
    if (Number.isInteger(index) && index >= 0 && index < depth) continue;
    throw new DomainError(
      `oneHot: indices holds ${index}; with depth ${depth} they run from 0 to ${depth - 1}`,
    );
  }
}

const oneHot: ReferenceKernel = ([indices], [Y], { depth }: { depth: number }) => {
  const { data: given } = indices as NDArray;
  const { data: to } = Y as NDArray;
  checkHot(given, depth);
  for (let i = 0; i < given.length; i++) to[i * depth + (given[i] as number)] = 1;
};

/** The kernels whose elements are chosen by indices. */
export const select: Record<string, ReferenceKernel> = {
  take,
  scatterAdd,
  oneHot,
};
