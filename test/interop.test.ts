import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  DtypeError,
  fromTf,
  grad,
  inv,
  ones,
  ShapeError,
  SingularError,
  type Tensor,
  tensor,
  tidy,
  toTf,
  UsageError,
} from "../src/index.js";
import { memory } from "../src/kernels/memory.js";

const add = (a: tf.Tensor, b: tf.Tensor): number[] => {
  const sum = tf.engine().runKernel("Add", { a, b }) as tf.Tensor;
  const values = [...sum.dataSync()];
  sum.dispose();
  return values;
};

describe("interop with tfjs", () => {
  it("shares elements with tfjs, whoever lets go of them first", () => {
    const x = tf.tensor([1, 2, 3]);
    const shared = fromTf(x);
    x.dispose();
    expect(shared.mul(2).toArray()).toEqual([2, 4, 6]);

    const ours = tensor([[1, 2], [3, 4]]).add(1); // biome-ignore format: a matrix
    const theirs = toTf(ours);
    expect(theirs.shape).toEqual([2, 2]);
    expect(add(theirs, theirs)).toEqual([4, 6, 8, 10]);
    for (let i = 0; i < 3000; i++) ones([16]).add(i); // ours leaves the heap
    expect(add(theirs, theirs)).toEqual([4, 6, 8, 10]);
    theirs.dispose();
    expect(ours.toArray()).toEqual([[2, 3], [4, 5]]); // biome-ignore format: a matrix
  });

  it("copies nothing", () => {
    type Heap = { wasm: { HEAPU8: Uint8Array }; getMemoryOffset(id: object): number };
    const backend = tf.backend() as unknown as Heap;
    const x = tensor([1, 2, 3]).add(0);
    const y = toTf(x);
    const at = backend.getMemoryOffset(y.dataId);
    expect([...new Float32Array(backend.wasm.HEAPU8.buffer, at, 3)]).toEqual([1, 2, 3]);
    const z = toTf(fromTf(y));
    expect(backend.getMemoryOffset(z.dataId)).toBe(at);
    y.dispose();
    z.dispose();
  });

  it("gives everything back", () => {
    const before = tf.memory();
    for (let i = 0; i < 200; i++) {
      const x = tf.tensor([1, 2, 3]);
      tidy(() => fromTf(x).mul(2));
      x.dispose();
      const y = tidy(() => toTf(tensor([i, i]).add(1)) && []);
      expect(y).toEqual([]);
    }
    const after = tf.memory();
    expect(after.numTensors - before.numTensors).toBe(200); // those made by toTf are the caller's
    expect(memory().used).toBe(memory().cached);
    tf.disposeVariables();
  });

  it("works inside transforms", () => {
    const w = tf.tensor([1, 2]);
    const f = (x: Tensor) => x.mul(fromTf(w)).sum();
    expect(grad(f)(tensor([5, 5])).toArray()).toEqual([1, 2]);
    w.dispose();
  });

  it("gives tfjs our kernels", () => {
    const X = tf.tensor2d([[4, 7], [2, 6]]); // biome-ignore format: a matrix
    const Y = tf.engine().runKernel("tracegrad.inv", { X }) as tf.Tensor;
    const want = [...inv([[4, 7], [2, 6]]).data()]; // biome-ignore format: a matrix
    expect([...Y.dataSync()]).toEqual(want);
    const [Q, R] = tf.engine().runKernel("tracegrad.qr", { X }) as unknown as tf.Tensor[];
    expect(Q?.shape).toEqual([2, 2]);
    expect(R?.shape).toEqual([2, 2]);
    const parts = { Xs: [X, X] } as unknown as tf.NamedTensorMap;
    const both = tf.engine().runKernel("tracegrad.concat", parts, { axis: 0 } as tf.NamedAttrMap);
    expect((both as tf.Tensor).shape).toEqual([4, 2]);
    const S = tf.tensor2d([[1, 2], [2, 4]]); // biome-ignore format: a matrix
    expect(() => tf.engine().runKernel("tracegrad.inv", { X: S })).toThrow(SingularError);
    const x = tf.tensor1d([1]);
    expect(() => tf.engine().runKernel("tracegrad.inv", { X: x })).toThrow(ShapeError);
    expect(() => tf.engine().runKernel("tracegrad.inv", { Y: X })).toThrow(
      "tracegrad.inv: input X is missing; there came Y",
    );
  });

  it("takes attributes by name, or none, and no vectors where its op takes matrices", () => {
    const X = tf.tensor2d([[1, 2], [3, 4]]); // biome-ignore format: a matrix
    const call = (name: string, inputs: tf.NamedTensorMap, attrs?: object): number[] => {
      const y = tf.engine().runKernel(`tracegrad.${name}`, inputs, attrs as tf.NamedAttrMap);
      return [...(y as tf.Tensor).dataSync()];
    };
    expect(call("sum", { X })).toEqual([10]);
    expect(call("sum", { X }, {})).toEqual([10]);
    expect(call("sum", { X }, { axis: 0 })).toEqual([4, 6]);
    expect(call("expm", { X: tf.zeros([2, 2]) })).toEqual([1, 0, 0, 1]);
    expect(call("pinv", { X: tf.tensor2d([[2, 0], [0, 4]]) })).toEqual([0.5, 0, 0, 0.25]); // biome-ignore format: a matrix
    for (const [name, A] of [
      ["matmul", "A"],
      ["solve", "A"],
      ["lstsq", "A"],
      ["solveTriangular", "L"],
    ]) {
      const inputs = { [A as string]: X, B: tf.tensor1d([3, 4]) };
      expect(() => call(name as string, inputs)).toThrow(
        `${name}: B is [2]; the op takes matrices`,
      );
    }
  });

  it("refuses what cannot be shared", () => {
    expect(() => toTf(tensor(new Float64Array([1])))).toThrow(DtypeError);
    expect(() => fromTf(tf.tensor(["a"]))).toThrow(
      "fromTf: x is string; float32, int32 or bool was wanted",
    );
    expect(() => fromTf([1, 2] as unknown as tf.Tensor)).toThrow(UsageError);
    const gone = tf.tensor([1]);
    gone.dispose();
    expect(() => fromTf(gone)).toThrow("fromTf: the tfjs tensor has been disposed of");
  });
});
