import { resolvePerm, resolveSlice, swapLast } from "../../tensor/layout.js";
import { broadcastStrides, checkAxes, checkAxis, stridesOf } from "../../tensor/shape.js";
import type { NDArray, ReferenceKernel } from "./kernel.js";
import { gather, permute, scatter } from "./strided.js";

const t: ReferenceKernel = ([X], [Y]) => {
  const x = X as NDArray;
  permute(x, swapLast(x.shape.length), (Y as NDArray).data);
};

const transpose: ReferenceKernel = ([X], [Y], { perm }: { perm?: readonly number[] }) => {
  const x = X as NDArray;
  permute(x, resolvePerm("transpose", perm, x.shape.length), (Y as NDArray).data);
};

const broadcastTo: ReferenceKernel = ([X], [Y]) => {
  const { data, shape } = X as NDArray;
  const y = Y as NDArray;
  gather(data, y.data, y.shape, broadcastStrides(shape, y.shape));
};

const concat: ReferenceKernel = (Xs, [Y], attrs: { axis: number }) => {
  const { data: to, shape } = Y as NDArray;
  const axis = checkAxis("concat", attrs.axis, shape.length);
  const strides = stridesOf(shape);
  let at = 0;
  for (const x of Xs) {
    scatter(x.data, to, x.shape, strides, at * (strides[axis] as number));
    at += x.shape[axis] as number;
  }
};

const slice: ReferenceKernel = (
  [X],
  [Y],
  attrs: { begin: readonly number[]; size: readonly number[] },
) => {
  const { data, shape } = X as NDArray;
  const y = Y as NDArray;
  const strides = stridesOf(shape);
  const { begin } = resolveSlice("slice", shape, attrs.begin, attrs.size);
  gather(data, y.data, y.shape, strides, place(begin, strides));
};

const pad: ReferenceKernel = (
  [X],
  [Y],
  { paddings, value }: { paddings: readonly (readonly [number, number])[]; value: number },
) => {
  const { data: from, shape } = X as NDArray;
  const y = Y as NDArray;
  if (value !== 0) y.data.fill(y.data instanceof Uint8Array ? 1 : value);
  const strides = stridesOf(y.shape);
  const before = paddings.map(([n]) => n);
  scatter(from, y.data, shape, strides, place(before, strides));
};

const flip: ReferenceKernel = ([X], [Y], attrs: { axis?: number | readonly number[] }) => {
  const { data, shape } = X as NDArray;
  const axes = checkAxes("flip", attrs.axis, shape.length);
  const strides = stridesOf(shape);
  const last = shape.map((n, i) => (axes.includes(i) ? n - 1 : 0));
  const turned = strides.map((step, i) => (axes.includes(i) ? -step : step));
  gather(data, (Y as NDArray).data, shape, turned, place(last, strides));
};

/** Where the element with these indices lies. */
function place(indices: readonly number[], strides: readonly number[]): number {
  return indices.reduce((at, index, i) => at + index * (strides[i] as number), 0);
}

/** The kernels that move elements without choosing among them. */
export const reshape: Record<string, ReferenceKernel> = {
  t,
  transpose,
  broadcastTo,
  concat,
  slice,
  pad,
  flip,
};
