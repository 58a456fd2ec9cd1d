import type { TypedArray } from "../../tensor/dtype.js";
import { checkAxis, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkHot, wholeIndices } from "../reference/select.js";
import { heap } from "./heap.js";
import { at, type WasmKernel } from "./kernel.js";
import { product } from "./move.js";
import { native, scratch } from "./native.js";

const takeOf = native("take");
const scatterOf = native("scatterAdd");
const oneHotOf = native("oneHot");

/** The elements where they lie. */
function view(x: Tensor): TypedArray {
  const start = at(x);
  const n = sizeOf(x.shape);
  if (x.dtype === "bool") return heap.uint8().subarray(start, start + n);
  if (x.dtype === "float64") return heap.float64().subarray(start / 8, start / 8 + n);
  const words = x.dtype === "int32" ? heap.int32() : heap.float32();
  return words.subarray(start / 4, start / 4 + n);
}

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
      : place(wholeIndices("take", view(which), axis, n), scratch(4 * count));
  const done = takeOf[y.dtype](at(x), list, at(y), outer, n, inner, count);
  if (!done) wholeIndices("take", view(which), axis, n); // which says what is wrong
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
      : place(wholeIndices("scatterAdd", view(which), axis, n), room);
  const next = room + 4 * count;
  const heads = next + 4 * count;
  const done = scatterOf[y.dtype](at(x), list, at(y), outer, n, inner, count, next, heads);
  if (!done) wholeIndices("scatterAdd", view(which), axis, n);
};

const oneHot: WasmKernel = ([indices], [Y], attrs: { depth: number }) => {
  const which = indices as Tensor;
  const y = Y as Tensor;
  const count = sizeOf(which.shape);
  let list = at(which);
  if (which.dtype !== "int32") {
    checkHot(view(which), attrs.depth);
    list = place(Int32Array.from(view(which)), scratch(4 * count));
  }
  const done = oneHotOf[y.dtype](list, at(y), count, attrs.depth);
  if (!done) checkHot(view(which), attrs.depth);
};

/** The kernels whose elements are chosen by indices. */
export const select: Record<string, WasmKernel> = { take, scatterAdd, oneHot };
