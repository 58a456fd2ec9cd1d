import { bytesOf } from "../../tensor/dtype.js";
import { checkAxes, checkAxis, type Shape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { at, type WasmKernel } from "./kernel.js";
import { native } from "./native.js";
import { axis, begin, copy } from "./strided.js";

const fill = native("fill");
const triangleOf = native("triangle");

const broadcastTo: WasmKernel = ([X], [Y]) => {
  const x = X as Tensor;
  const y = Y as Tensor;
  const shift = y.shape.length - x.shape.length;
  begin();
  for (let i = y.shape.length - 1, from = 1, to = 1; i >= 0; i--) {
    const m = i < shift ? 1 : (x.shape[i - shift] as number);
    const n = y.shape[i] as number;
    axis(n, m === 1 ? 0 : from, to);
    from *= m;
    to *= n;
  }
  copy(y.dtype, at(x), at(y));
};

const slice: WasmKernel = ([X], [Y], attrs: { begin: readonly number[] }) => {
  const x = X as Tensor;
  const y = Y as Tensor;
  let start = 0;
  begin();
  for (let i = x.shape.length - 1, from = 1, to = 1; i >= 0; i--) {
    const n = x.shape[i] as number;
    const first = attrs.begin[i] ?? 0;
    start += (first < 0 ? first + n : first) * from;
    axis(y.shape[i] as number, from, to);
    from *= n;
    to *= y.shape[i] as number;
  }
  copy(y.dtype, at(x) + bytesOf(y.dtype, start), at(y));
};

const flip: WasmKernel = ([X], [Y], attrs: { axis?: number | readonly number[] }) => {
  const x = X as Tensor;
  const y = Y as Tensor;
  const axes = checkAxes("flip", attrs.axis, x.shape.length);
  let start = 0;
  begin();
  for (let i = x.shape.length - 1, stride = 1; i >= 0; i--) {
    const n = x.shape[i] as number;
    const turned = axes.includes(i);
    if (turned) start += (n - 1) * stride;
    axis(n, turned ? -stride : stride, stride);
    stride *= n;
  }
  copy(y.dtype, at(x) + bytesOf(y.dtype, start), at(y));
};

const pad: WasmKernel = (
  [X],
  [Y],
  attrs: { paddings: readonly (readonly [number, number])[]; value: number },
) => {
  const x = X as Tensor;
  const y = Y as Tensor;
  let start = 0;
  begin();
  for (let i = x.shape.length - 1, from = 1, to = 1; i >= 0; i--) {
    const n = x.shape[i] as number;
    start += (attrs.paddings[i]?.[0] as number) * to;
    axis(n, from, to);
    from *= n;
    to *= y.shape[i] as number;
  }
  fill[y.dtype](sizeOf(y.shape), at(y), attrs.value);
  copy(y.dtype, at(x), at(y) + bytesOf(y.dtype, start));
};

/** The sizes of some axes, multiplied. */
export function product(shape: Shape, first: number, end: number): number {
  let size = 1;
  for (let i = first; i < end; i++) size *= shape[i] as number;
  return size;
}

const concat: WasmKernel = (Xs, [Y], attrs: { axis: number }) => {
  const y = Y as Tensor;
  const { dtype, shape } = y;
  const joined = checkAxis("concat", attrs.axis, shape.length);
  const outer = product(shape, 0, joined);
  const inner = product(shape, joined + 1, shape.length);
  const step = (shape[joined] as number) * inner;
  let to = at(y);
  for (let i = 0; i < Xs.length; i++) {
    const x = Xs[i] as Tensor;
    const part = (x.shape[joined] as number) * inner;
    begin();
    axis(part, 1, 1);
    axis(outer, part, step);
    copy(dtype, at(x), to);
    to += bytesOf(dtype, part);
  }
};

const diag: WasmKernel = ([x], [Y]) => {
  const y = Y as Tensor;
  const { batch, n } = matrices(y.shape);
  fill[y.dtype](batch * n * n, at(y), 0);
  begin();
  axis(n, 1, n + 1);
  axis(batch, n, n * n);
  copy(y.dtype, at(x as Tensor), at(y));
};

const diagPart: WasmKernel = ([X], [Y]) => {
  const x = X as Tensor;
  const y = Y as Tensor;
  const { batch, m, n } = matrices(x.shape);
  const k = Math.min(m, n);
  begin();
  axis(k, n + 1, 1);
  axis(batch, m * n, k);
  copy(y.dtype, at(x), at(y));
};

function triangle(upper: 0 | 1): WasmKernel {
  return ([X], [Y], attrs: { k: number }) => {
    const x = X as Tensor;
    const y = Y as Tensor;
    const { batch, m, n } = matrices(x.shape);
    // All beyond is as far, and may not fit into 32 bits.
    const k = Math.max(-m, Math.min(n, attrs.k));
    triangleOf[y.dtype](at(x), at(y), batch, m, n, k, upper);
  };
}

/** The kernels that move elements without choosing among them. */
export const move: Record<string, WasmKernel> = {
  broadcastTo,
  slice,
  flip,
  pad,
  concat,
  diag,
  diagPart,
  tril: triangle(0),
  triu: triangle(1),
};
