import { expect } from "vitest";
import { referenceKernels } from "../src/kernels/reference/index.js";
import type { WasmKernel } from "../src/kernels/wasm/kernel.js";
import { product } from "../src/kernels/wasm/product.js";
import { allocate as zeros } from "../src/tensor/dtype.js";
import { type Shape, sizeOf } from "../src/tensor/shape.js";
import { Storage } from "../src/tensor/storage.js";
import { Tensor } from "../src/tensor/tensor.js";
import { onHeap } from "./on_heap.js";

export const floats = ["float32", "float64"] as const;
export type Float = (typeof floats)[number];
export type Data = Float32Array | Float64Array;

let seed = 1;
/** Whole numbers from -4 to 4, so that sums of products are exact in float32 too. */
export function whole(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * 9) - 4;
}

export function integers(dtype: Float, size: number): Data {
  return (zeros(dtype, size) as Data).map(whole);
}

/** The matrices of a batch transposed, element by element. */
function turned(data: Data, shape: Shape): Data {
  const [m, n] = shape.slice(-2) as [number, number];
  return data.map((_, i) => {
    const at = i % (m * n);
    return data[i - at + (at % m) * n + Math.floor(at / m)] as number;
  });
}

/** `X` as a kernel gets it whose elements lie transposed at the address of `lies`. */
function transposeAt({ source, dtype }: Tensor, shape: Shape): Tensor {
  const base = source as Storage;
  const storage = new Storage(dtype, base.length, null);
  storage.at = base.at;
  storage.base = base;
  [storage.columns, storage.rows] = shape.slice(-2) as [number, number];
  return new Tensor(shape, dtype, storage);
}

/** Our kernel gives what the reference gives, and writes nothing behind the output. */
export function agree(
  kernels: Record<string, WasmKernel>,
  name: string,
  inputs: { shape: Shape; data: Data; transposed?: boolean }[],
  shape: Shape,
  attrs: unknown = undefined,
): void {
  const dtype: Float = inputs[0]?.data instanceof Float64Array ? "float64" : "float32";
  const wanted = zeros(dtype, sizeOf(shape));
  referenceKernels[name]?.(inputs, [{ shape, data: wanted }], attrs as never);
  const lying = inputs.map(({ shape: own, data, transposed }) =>
    transposed ? { shape: own, data: turned(data, own) } : { shape: own, data },
  );
  const kernel: WasmKernel = (ins, [Y], given) => {
    const all = ins.map((x, i) => (inputs[i]?.transposed ? transposeAt(x, x.shape) : x));
    kernels[name]?.(all, [new Tensor(shape, dtype, (Y as Tensor).source)], given);
  };
  const room = [{ shape: [sizeOf(shape) + 3], dtype }];
  const found = onHeap(kernel, lying, room, attrs)[0] as Data;
  const first = wanted.findIndex((value, i) => value !== found[i] && !Number.isNaN(value));
  const what = `${name} ${dtype} ${JSON.stringify({ shapes: inputs.map((x) => x.shape), attrs })}`;
  if (first >= 0) expect(found[first], `${what}, element ${first}`).toBe(wanted[first]);
  wanted.forEach((value, i) => {
    if (Number.isNaN(value) && !Number.isNaN(found[i])) expect(found[i], what).toBeNaN();
  });
  expect([...found.slice(-3)], what).toEqual([Number.NaN, Number.NaN, Number.NaN]);
}

export function agreeOn(a: Shape, b: Shape, y: Shape): void {
  for (const dtype of floats) {
    for (const flags of [0, 1, 2, 3]) {
      const A = { shape: a, data: integers(dtype, sizeOf(a)), transposed: (flags & 1) > 0 };
      const B = { shape: b, data: integers(dtype, sizeOf(b)), transposed: (flags & 2) > 0 };
      agree(product, "matmul", [A, B], y);
    }
  }
}
