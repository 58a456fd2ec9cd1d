import { bytesOf } from "../../tensor/dtype.js";
import { type Shape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { at, type WasmKernel } from "./kernel.js";
import { native, scratch } from "./native.js";
import { begin, axis as copied, copy } from "./strided.js";

/** Which axes are reduced: one, several, all. */
type Axes = number | readonly number[] | undefined;

/**
 * The input of the op under way as [outer, n, inner]: n elements, `inner` apart, become one. (One
 * object for all: ops on small tensors are to make none.)
 */
const fold = { from: 0, outer: 1, n: 1, inner: 1 };

function reduces(axis: Axes, i: number, rank: number): boolean {
  if (axis === undefined) return true;
  if (typeof axis === "number") return axis === i || axis === i - rank;
  return axis.includes(i) || axis.includes(i - rank);
}

/** Works out the fold of elements where they lie; false where kept axes part the reduced ones. */
function measure(shape: Shape, axis: Axes): boolean {
  const rank = shape.length;
  let outer = 1;
  let n = 1;
  let inner = 1;
  for (let i = 0; i < rank; i++) {
    const size = shape[i] as number;
    if (size === 1) continue;
    if (reduces(axis, i, rank)) {
      if (inner !== 1) return false;
      n *= size;
    } else if (n === 1) outer *= size;
    else inner *= size;
  }
  fold.outer = outer;
  fold.n = n;
  fold.inner = inner;
  return true;
}

/** Copies the elements so that those reduced lie side by side, and gives the address. */
function gather(x: Tensor, axis: Axes): number {
  const to = scratch(bytesOf(x.dtype, sizeOf(x.shape)));
  const size = { reduced: 1, kept: 1 };
  begin();
  for (const part of ["reduced", "kept"] as const) {
    for (let i = x.shape.length - 1, stride = 1; i >= 0; i--) {
      const n = x.shape[i] as number;
      if (reduces(axis, i, x.shape.length) === (part === "reduced")) {
        copied(n, stride, size.reduced * size.kept);
        size[part] *= n;
      }
      stride *= n;
    }
  }
  copy(x.dtype, at(x), to);
  fold.outer = size.kept;
  fold.n = size.reduced;
  fold.inner = 1;
  return to;
}

function folded(x: Tensor, axis: Axes): typeof fold {
  fold.from = measure(x.shape, axis) ? at(x) : gather(x, axis);
  return fold;
}

/** The kernel of a WASM function that takes a fold. */
export function overAxes(name: string): WasmKernel {
  const run = native(name);
  return (inputs, outputs, attrs: { readonly axis: Axes }) => {
    const x = inputs[0] as Tensor;
    const { from, outer, n, inner } = folded(x, attrs.axis);
    run[x.dtype](from, at(outputs[0] as Tensor), outer, n, inner);
  };
}

const sumOver = native("sum");

const sum: WasmKernel = (inputs, outputs, attrs: { readonly axis: Axes }) => {
  const x = inputs[0] as Tensor;
  const { from, outer, n, inner } = folded(x, attrs.axis);
  sumOver[x.dtype](from, at(outputs[0] as Tensor), outer, n, inner, 1);
};

const mean: WasmKernel = (inputs, outputs, attrs: { readonly axis: Axes }) => {
  const x = inputs[0] as Tensor;
  const { from, outer, n, inner } = folded(x, attrs.axis);
  sumOver[x.dtype](from, at(outputs[0] as Tensor), outer, n, inner, n);
};

const traceOf = native("trace");

const trace: WasmKernel = (inputs, outputs) => {
  const x = inputs[0] as Tensor;
  const { batch, n } = matrices(x.shape);
  traceOf[x.dtype](at(x), at(outputs[0] as Tensor), batch, n);
};

/** The kernels that go over axes, but for those about exponentials. */
export const reduce: Record<string, WasmKernel> = {
  sum,
  mean,
  prod: overAxes("prod"),
  max: overAxes("max"),
  min: overAxes("min"),
  argmax: overAxes("argmax"),
  norm: overAxes("norm"),
  cumsum: overAxes("cumsum"),
  trace,
};
