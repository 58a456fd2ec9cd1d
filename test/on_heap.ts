import { allocate, heap, release } from "../src/kernels/wasm/heap.js";
import type { WasmKernel } from "../src/kernels/wasm/kernel.js";
import { bytesOf, type DType, dtypeOf, type TypedArray } from "../src/tensor/dtype.js";
import { type Shape, sizeOf } from "../src/tensor/shape.js";
import { Storage } from "../src/tensor/storage.js";
import { Tensor } from "../src/tensor/tensor.js";

/** Runs a WASM kernel by itself: inputs from JS memory, outputs (first filled with NaN) back to it. */
export function onHeap(
  kernel: WasmKernel,
  inputs: readonly { readonly shape: Shape; readonly data: TypedArray }[],
  outputs: readonly { readonly shape: Shape; readonly dtype: DType }[],
  attrs: unknown = undefined,
): TypedArray[] {
  const placed = (shape: Shape, dtype: DType): Tensor => {
    const storage = new Storage(dtype, sizeOf(shape), null);
    storage.at = allocate(bytesOf(dtype, storage.length));
    return new Tensor(shape, dtype, storage);
  };
  const view = ({ source, dtype }: Tensor): TypedArray => {
    const { at, length } = source as Storage;
    if (dtype === "float64") return heap.float64().subarray(at / 8, at / 8 + length);
    if (dtype === "float32") return heap.float32().subarray(at / 4, at / 4 + length);
    if (dtype === "int32") return heap.int32().subarray(at / 4, at / 4 + length);
    return heap.uint8().subarray(at, at + length);
  };
  const ins = inputs.map(({ shape, data }) => placed(shape, dtypeOf(data)));
  const outs = outputs.map(({ shape, dtype }) => placed(shape, dtype));
  ins.forEach((x, i) => {
    view(x).set(inputs[i]?.data as TypedArray);
  });
  for (const y of outs) view(y).fill(Number.NaN);
  kernel(ins, outs, attrs as never);
  const results = outs.map((y) => view(y).slice());
  for (const { source, dtype } of [...ins, ...outs]) {
    const { at, length } = source as Storage;
    release(at, bytesOf(dtype, length));
  }
  return results;
}
