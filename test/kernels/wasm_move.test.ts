import { describe, expect, it } from "vitest";
import { ops } from "../../src/index.js";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import { allocate, heap, release } from "../../src/kernels/wasm/heap.js";
import { wasmKernels } from "../../src/kernels/wasm/index.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { type DType, allocate as zeros } from "../../src/tensor/dtype.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { Storage } from "../../src/tensor/storage.js";
import { Tensor } from "../../src/tensor/tensor.js";
import { onHeap } from "../on_heap.js";
import { said } from "../support/values.js";

interface Input {
  readonly shape: Shape;
  readonly data: ReturnType<typeof zeros>;
}

const special = [Number.NaN, Infinity, -Infinity, -0, 5e-324, 1e-42, Number.MAX_VALUE];

/** Numbers that are all different, with special ones among them. */
function numbers(dtype: DType, shape: Shape): Input {
  const data = zeros(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = i % 13 === 5 ? (special[i % 7] as number) : i + 1;
  return { shape, data };
}

const indices = (values: number[], shape: Shape = [values.length]): Input => ({
  shape,
  data: Int32Array.from(values),
});

/** The one output of an op by the reference kernel and by ours. */
function both(name: string, inputs: Input[], attrs: unknown, dtype: DType) {
  const op = ops.find((entry) => entry.op.name === name)?.op;
  if (!op) throw new Error(`no op ${name}`);
  const shapes = inputs.map(({ shape }) => shape);
  const named = op.inputs[0]?.startsWith("...")
    ? { Xs: shapes }
    : Object.fromEntries(op.inputs.map((input, i) => [input, shapes[i]]));
  const shape = op.shape(named as never, attrs as never) as Shape;
  const wanted = { shape, data: zeros(dtype, sizeOf(shape)) };
  return {
    reference: () => {
      referenceKernels[name]?.(inputs, [wanted], attrs as never);
      return wanted.data;
    },
    ours: () => {
      const kernel = wasmKernels[name] as WasmKernel;
      return onHeap(kernel, inputs, [{ shape, dtype }], attrs)[0] as typeof wanted.data;
    },
  };
}

const floats = ["float32", "float64"] as const;

function agree(name: string, inputs: (dtype: DType) => Input[], attrs: unknown): void {
  for (const dtype of floats) {
    const { reference, ours } = both(name, inputs(dtype), attrs, dtype);
    const [found, wanted] = [ours(), reference()];
    const first = wanted.findIndex((value, i) => !Object.is(value, found[i]));
    if (first < 0) continue;
    const what = `${name} ${dtype} ${JSON.stringify(attrs)}, element ${first}`;
    expect(found[first], what).toBe(wanted[first]);
  }
}

const agreeOn = (name: string, shape: Shape, attrs: unknown): void =>
  agree(name, (dtype) => [numbers(dtype, shape)], attrs);

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 17, 33, 130, 300];

describe("moving elements on the heap", () => {
  it("broadcasts scalars, rows, columns, and axes between others", () => {
    for (const n of sizes) {
      agreeOn("broadcastTo", [], { shape: [n] });
      agreeOn("broadcastTo", [1, 1], { shape: [n, 3] });
      for (const m of [0, 1, 2, 5, 40]) {
        agreeOn("broadcastTo", [n], { shape: [m, n] });
        agreeOn("broadcastTo", [m, 1], { shape: [m, n] });
        agreeOn("broadcastTo", [m, 1, n], { shape: [3, m, 4, n] });
        agreeOn("broadcastTo", [1, m, 1], { shape: [2, m, n] });
      }
    }
    agreeOn("broadcastTo", [7], { shape: [3000, 7] });
    agreeOn("broadcastTo", [2, 1, 3, 1, 2, 1, 3], { shape: [2, 2, 3, 4, 2, 3, 3] });
    agreeOn("broadcastTo", [2, 1, 3, 1, 2, 1, 3, 1], { shape: [2, 2, 2, 3, 4, 2, 3, 3, 2] });
  });

  it("cuts parts out", () => {
    for (const n of sizes) {
      agreeOn("slice", [n], { begin: [n >> 1], size: [-1] });
      agreeOn("slice", [9, n], { begin: [2], size: [5] });
      if (n > 0) agreeOn("slice", [9, n], { begin: [0, -1], size: [-1, 1] });
      if (n > 2) agreeOn("slice", [4, n], { begin: [1, 1], size: [3, n - 2] });
      agreeOn("slice", [3, 4, n], { begin: [1, 1], size: [2, 2] });
    }
    agreeOn("slice", [], { begin: [], size: [] });
    const six = [3, 4, 3, 4, 3, 4, 3];
    agreeOn("slice", six, { begin: six.map(() => 1), size: six.map((n) => n - 2) });
  });

  it("turns axes round", () => {
    for (const n of sizes) {
      agreeOn("flip", [n], {});
      for (const axis of [0, 1, [0, 1]]) agreeOn("flip", [5, n], { axis });
      for (const axis of [0, [0, 2], [1], undefined]) agreeOn("flip", [3, 2, n], { axis });
    }
    agreeOn("flip", [], {});
    agreeOn("flip", [2, 3, 2, 3, 2, 3, 2], { axis: [0, 2, 4, 6] });
  });

  it("adds borders", () => {
    for (const n of sizes) {
      for (const value of [0, 1.5, Number.NaN]) {
        agreeOn("pad", [n], { paddings: [[1, 2]], value });
        agreeOn("pad", [3, n], {
          paddings: [
            [2, 0],
            [0, 3],
          ],
          value,
        });
        agreeOn("pad", [3, n], {
          paddings: [
            [2, 1],
            [0, 0],
          ],
          value,
        });
      }
    }
    agreeOn("pad", [], { paddings: [], value: 2 });
    const shape = [2, 1, 3, 2, 1, 2, 3];
    agreeOn("pad", shape, { paddings: shape.map((_, i) => [i % 2, 1]), value: -1 });
  });

  it("joins along any axis", () => {
    for (const n of sizes) {
      for (const axis of [0, 1, 2, -1]) {
        agree(
          "concat",
          (dtype) => [1, n, 0, 3].map((k) => numbers(dtype, [2, 3, 4].with(axis, k))),
          { axis },
        );
      }
    }
    agree("concat", (dtype) => [numbers(dtype, [5])], { axis: 0 });
  });

  it("writes and reads diagonals, and cuts triangles", () => {
    for (const n of sizes.slice(0, -1)) {
      agreeOn("diag", [n], {});
      agreeOn("diag", [3, n], {});
      for (const m of [0, 1, 6, 19]) {
        agreeOn("diagPart", [m, n], {});
        agreeOn("diagPart", [2, m, n], {});
        for (const k of [0, 1, -1, 3, -4, 1000, -1000, 2 ** 40, -(2 ** 40)]) {
          agreeOn("tril", [2, m, n], { k });
          agreeOn("triu", [2, m, n], { k });
        }
      }
    }
  });

  it("takes, and adds up what was taken, in double precision", () => {
    const list = [4, -1, 0, 4, 4, -5, 2];
    for (const n of sizes) {
      for (const [shape, axis] of [
        [[5, n], 0],
        [[n, 5], -1],
        [[2, 5, n], 1],
      ] as const) {
        agree("take", (dtype) => [numbers(dtype, shape), indices(list)], { axis });
        agree("take", (dtype) => [numbers(dtype, shape), indices([3], [])], { axis });
        const from = shape.with(axis, list.length);
        agree("scatterAdd", (dtype) => [numbers(dtype, from), indices(list)], { axis, size: 5 });
      }
    }
    agree("take", (dtype) => [numbers(dtype, [2, 3]), indices([], [2, 0])], { axis: 1 });
    agree("scatterAdd", (dtype) => [numbers(dtype, [0, 3]), indices([])], { axis: 0, size: 4 });
    const many = 30_000;
    const ones = (dtype: DType): Input => ({
      shape: [many, 5],
      data: zeros(dtype, many * 5).fill(0.1),
    });
    const cells = indices(Array.from({ length: many }, (_, i) => (i % 7 === 0 ? 1 : 2)));
    agree("scatterAdd", (dtype) => [ones(dtype), cells], { axis: 0, size: 3 });
  });

  it("makes one-hot lines", () => {
    for (const n of sizes) {
      const list = Array.from({ length: n }, (_, i) => (i * 7) % 11);
      agree("oneHot", () => [indices(list)], { depth: 11 });
    }
    agree("oneHot", () => [indices([0, 0], [2, 1])], { depth: 1 });
    agree("oneHot", () => [indices([], [0])], { depth: 2 ** 40 });
  });

  it("takes indices of any dtype", () => {
    for (const data of [Float32Array, Float64Array, Uint8Array]) {
      const which = { shape: [3], data: data.from([1, 0, 1]) };
      agree("take", (dtype) => [numbers(dtype, [2, 3]), which], { axis: 0 });
      agree("scatterAdd", (dtype) => [numbers(dtype, [3, 3]), which], { axis: 0, size: 2 });
      agree("oneHot", () => [which], { depth: 2 });
    }
  });

  it("says what is wrong with indices as the reference does", () => {
    const wrong = [[0, 3], [0, -4], [2 ** 31 - 1], [-(2 ** 31)]].map((list) => indices(list));
    wrong.push({ shape: [2], data: Float32Array.of(1, 0.5) });
    for (const which of wrong) {
      const x = numbers("float32", [3, 2]);
      const parts = numbers("float32", [which.data.length, 2]);
      for (const [name, inputs, attrs] of [
        ["take", [x, which], { axis: 0 }],
        ["take", [numbers("float32", [0, 2]), which], { axis: 0 }],
        ["scatterAdd", [parts, which], { axis: 0, size: 3 }],
        ["oneHot", [which], { depth: 3 }],
      ] as const) {
        const { reference, ours } = both(name, [...inputs], attrs, "float32");
        expect(said(ours)).toEqual(said(reference));
        expect(said(ours)[0]).not.toBe(null);
      }
    }
  });

  it("leaves what lies around the result alone, wherever it starts", () => {
    for (const dtype of floats) {
      const width = dtype === "float32" ? 4 : 8;
      for (const n of sizes) {
        const bytes = 3 * n * width;
        const block = allocate(2 * bytes + 64);
        const placed = (shape: Shape, at: number): Tensor => {
          const storage = new Storage(dtype, sizeOf(shape), null);
          storage.at = block + at;
          return new Tensor(shape, dtype, storage);
        };
        const start = bytes + 24;
        const calls: [string, Shape, Shape, unknown][] = [
          ["broadcastTo", [n], [3, n], {}],
          ["broadcastTo", [3, 1], [3, n], {}],
          ["slice", [3, n], [2, n], { begin: [1] }],
          ["flip", [n], [n], {}],
          ["concat", [3, n], [3, n], { axis: 1 }],
          ["tril", [3, n], [3, n], { k: 1 }],
          ["triu", [3, n], [3, n], { k: 1 }],
        ];
        for (const [name, from, to, attrs] of calls) {
          const whole = heap.uint8().subarray(block, block + 2 * bytes + 64);
          whole.fill(77);
          wasmKernels[name]?.([placed(from, 8)], [placed(to, start)], attrs as never);
          whole.fill(77, start, start + sizeOf(to) * width);
          expect(
            whole.every((byte) => byte === 77),
            `${name} ${dtype} ${n}`,
          ).toBe(true);
        }
        release(block, 2 * bytes + 64);
      }
    }
  });
});
