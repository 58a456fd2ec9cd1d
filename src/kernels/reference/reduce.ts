import type { TypedArray } from "../../tensor/dtype.js";
import { around } from "../../tensor/layout.js";
import {
  broadcastStrides,
  checkAxes,
  checkAxis,
  reducedShape,
  sizeOf,
} from "../../tensor/shape.js";
import type { NDArray, ReferenceKernel } from "./kernel.js";
import { eachRow, rows } from "./strided.js";

/** A kernel that makes one number of each row `data[from … to)` of reduced elements. */
function fold(f: (data: TypedArray, from: number, to: number) => number): ReferenceKernel {
  return ([X], [Y], { axis }: { axis?: number | readonly number[] }) => {
    const x = X as NDArray;
    const { data: out } = Y as NDArray;
    if (out.length === 0) return;
    const data = rows(x, checkAxes("reduce", axis, x.shape.length));
    const n = data.length / out.length;
    for (let i = 0; i < out.length; i++) out[i] = f(data, i * n, (i + 1) * n);
  };
}

/** Sums in double precision whatever the dtype, each element added where its axes leave it. */
function total({ data, shape }: NDArray, axis?: number | readonly number[]): Float64Array {
  const axes = checkAxes("reduce", axis, shape.length);
  const kept = reducedShape(shape, axes, true);
  const strides = broadcastStrides(kept, shape);
  const out = new Float64Array(sizeOf(kept));
  const n = shape.at(-1) ?? 1;
  const folds = shape.length === 0 || strides.at(-1) === 0;
  eachRow(shape, strides, 0, (i, at) => {
    if (folds) {
      let s = 0;
      for (let k = i; k < i + n; k++) s += data[k] as number;
      out[at] = (out[at] as number) + s;
    } else {
      for (let k = 0; k < n; k++) out[at + k] = (out[at + k] as number) + (data[i + k] as number);
    }
  });
  return out;
}

const sum: ReferenceKernel = ([X], [Y], { axis }: { axis?: number | readonly number[] }) => {
  (Y as NDArray).data.set(total(X as NDArray, axis));
};

const mean: ReferenceKernel = ([X], [Y], { axis }: { axis?: number | readonly number[] }) => {
  const { data: to } = Y as NDArray;
  const n = (X as NDArray).data.length / to.length;
  to.set(total(X as NDArray, axis).map((s) => s / n));
};

function product(data: TypedArray, from: number, to: number): number {
  let p = 1;
  for (let i = from; i < to; i++) p *= data[i] as number;
  return p;
}

/** NaN wins, as in NumPy. */
function largest(data: TypedArray, from: number, to: number): number {
  let most = -Infinity;
  for (let i = from; i < to; i++) {
    const x = data[i] as number;
    if (x <= most) continue;
    if (Number.isNaN(x)) return x;
    most = x;
  }
  return most;
}

function smallest(data: TypedArray, from: number, to: number): number {
  let least = Infinity;
  for (let i = from; i < to; i++) {
    const x = data[i] as number;
    if (x >= least) continue;
    if (Number.isNaN(x)) return x;
    least = x;
  }
  return least;
}

/** The place of the first of the largest; NaN counts as larger than all. */
function argLargest(data: TypedArray, from: number, to: number): number {
  const most = largest(data, from, to);
  for (let i = from; i < to; i++) {
    if (data[i] === most || (Number.isNaN(most) && Number.isNaN(data[i]))) return i - from;
  }
  return 0;
}

/** log Σ eˣ = m + log Σ e^(x−m) with the largest m; ±∞ and NaN are their own answer. */
function logSumExp(data: TypedArray, from: number, to: number): number {
  const m = largest(data, from, to);
  if (!Number.isFinite(m)) return m;
  let s = 0;
  for (let i = from; i < to; i++) s += Math.exp((data[i] as number) - m);
  return m + Math.log(s);
}

/** Below and above these the sum of squares may have lost digits or overflowed. */
const SAFE = [1e-280, 1e300] as const;

function norm(data: TypedArray, from: number, to: number): number {
  let s = 0;
  for (let i = from; i < to; i++) s += (data[i] as number) ** 2;
  if ((s > SAFE[0] && s < SAFE[1]) || Number.isNaN(s)) return Math.sqrt(s);
  let scale = 0;
  for (let i = from; i < to; i++) scale = Math.max(scale, Math.abs(data[i] as number));
  if (scale === 0 || scale === Infinity) return scale;
  s = 0;
  for (let i = from; i < to; i++) s += ((data[i] as number) / scale) ** 2;
  return scale * Math.sqrt(s);
}

/** A kernel that fills each line along one axis: `f` gets where it starts and the step. */
function along(
  f: (from: TypedArray, to: TypedArray, start: number, step: number, n: number) => void,
): ReferenceKernel {
  return ([X], [Y], attrs: { axis?: number }) => {
    const { data: from, shape } = X as NDArray;
    const { data: to } = Y as NDArray;
    const { outer, n, inner } = around(shape, checkAxis("reduce", attrs.axis ?? 0, shape.length));
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) f(from, to, o * n * inner + k, inner, n);
    }
  };
}

/** The largest element of a line. */
function peak(x: TypedArray, start: number, step: number, n: number): number {
  let most = -Infinity;
  for (let i = 0, at = start; i < n; i++, at += step) most = Math.max(most, x[at] as number);
  return most;
}

const softmax = along((x, y, start, step, n) => {
  const m = peak(x, start, step, n);
  let s = 0;
  for (let i = 0, at = start; i < n; i++, at += step) s += Math.exp((x[at] as number) - m);
  for (let i = 0, at = start; i < n; i++, at += step) y[at] = Math.exp((x[at] as number) - m) / s;
});

const logSoftmax = along((x, y, start, step, n) => {
  const m = peak(x, start, step, n);
  let s = 0;
  for (let i = 0, at = start; i < n; i++, at += step) s += Math.exp((x[at] as number) - m);
  const log = Math.log(s);
  for (let i = 0, at = start; i < n; i++, at += step) y[at] = (x[at] as number) - m - log;
});

const cumsum = along((x, y, start, step, n) => {
  let s = 0;
  for (let i = 0, at = start; i < n; i++, at += step) {
    s += x[at] as number;
    y[at] = s;
  }
});

/** The kernels that go over axes. */
export const reduce: Record<string, ReferenceKernel> = {
  sum,
  mean,
  prod: fold(product),
  max: fold(largest),
  min: fold(smallest),
  argmax: fold(argLargest),
  norm: fold(norm),
  logsumexp: fold(logSumExp),
  softmax,
  logSoftmax,
  cumsum,
};
