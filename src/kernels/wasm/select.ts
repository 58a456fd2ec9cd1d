import type { TypedArray } from "../../tensor/dtype.js";
import { checkAxis, sizeOf } from "../../tensor/shape.js";
import type { Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkHot, wholeIndices } from "../reference/select.js";
import { view } from "./device.js";
import { heap } from "./heap.js";
import { at, type WasmKernel } from "./kernel.js";
import { product } from "./move.js";
import { native, scratch } from "./native.js";

const takeOf = native("take");
const scatterOf = native("scatterAdd");
const oneHotOf = native("oneHot");

const elements = (x: Tensor): TypedArray => view(x.source as Storage);

/** Checked indices, which need not be int32, where a kernel can read them: at `room` if not. */
function place(indices: Int32Array, room: number): number {
  heap.int32().set(indices, room / 4);
  return room;
}

const take: WasmKernel = ([X, indices], [Y], attrs: { axis: number }) => {
  const x = X as Tensor;
  const which = indices as Tensor;
  const y = Y as Tensor;
  const axis = checkAxis("take", attrs.axis, x.shape.length);
  const outer = product(x.shape, 0, axis);
  const n = x.shape[axis] as number;
  const inner = product(x.shape, axis + 1, x.shape.length);
  const count = sizeOf(which.shape);
  const list =
    which.dtype === "int32"
      ? at(which)
      : place(wholeIndices("take", elements(which), axis, n), scratch(4 * count));
  const done = takeOf[y.dtype](at(x), list, at(y), outer, n, inner, count);
  if (!done) wholeIndices("take", elements(which), axis, n); // which says what is wrong
};

const scatterAdd: WasmKernel = ([X, indices], [Y], attrs: { axis: number }) => {
  const x = X as Tensor;
  const which = indices as Tensor;
  const y = Y as Tensor;
  const axis = checkAxis("scatterAdd", attrs.axis, y.shape.length);
  const outer = product(y.shape, 0, axis);
  const n = y.shape[axis] as number;
  const inner = product(y.shape, axis + 1, y.shape.length);
  const count = sizeOf(which.shape);
  const room = scratch(4 * (count + count + n));
  const list =
    which.dtype === "int32"
      ? at(which)
      : place(wholeIndices("scatterAdd", elements(which), axis, n), room);
  const next = room + 4 * count;
  const heads = next + 4 * count;
  const done = scatterOf[y.dtype](at(x), list, at(y), outer, n, inner, count, next, heads);
  if (!done) wholeIndices("scatterAdd", elements(which), axis, n);
};

const oneHot: WasmKernel = ([indices], [Y], attrs: { depth: number }) => {
  const which = indices as Tensor;
  const y = Y as Tensor;
  const count = sizeOf(which.shape);
  let list = at(which);
  if (which.dtype !== "int32") {
    checkHot(elements(which), attrs.depth);
    list = place(Int32Array.from(elements(which)), scratch(4 * count));
  }
  const done = oneHotOf[y.dtype](list, at(y), count, attrs.depth);
  if (!done) checkHot(elements(which), attrs.depth);
};

/** The kernels whose elements are chosen by indices. */
export const select: Record<string, WasmKernel> = { take, scatterAdd, oneHot };
