import { describe, expect, it } from "vitest";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import type { ReferenceKernel } from "../../src/kernels/reference/kernel.js";
import { wasmKernels } from "../../src/kernels/wasm/index.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import type { DType, TypedArray } from "../../src/tensor/dtype.js";
import { generator } from "../../src/tensor/random.js";
import { checkAxes, reducedShape, type Shape, sizeOf } from "../../src/tensor/shape.js";
import { distance } from "../../src/testing/compare.js";
import { onHeap } from "../on_heap.js";

type Axis = number | readonly number[] | undefined;

const floats = ["float32", "float64"] as const;
const within = { float32: 2e-7, float64: 1e-14 };

const folds = ["sum", "mean", "prod", "max", "min", "norm"];

/** Shapes and axes for each path: rows, columns, in the middle, scattered, odd and long ones. */
const cases: readonly [Shape, Axis][] = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 1000, 1027].map(
    (n): [Shape, Axis] => [[n], undefined],
  ),
  ...[1, 2, 3, 4, 5, 7, 8, 9, 16, 33].flatMap((n): [Shape, Axis][] => [
    [[3, n], 1],
    [[n, 3], 0],
    [[n, 5], 0],
    [[33, n], 0],
  ]),
  [[], undefined],
  [[], []],
  [[2, 3], []],
  [[7, 600], 0],
  [[17, 1029], 0],
  [[2, 9, 13], 1],
  [[2, 9, 13], -2],
  [
    [2, 9, 13],
    [0, 1],
  ],
  [
    [2, 9, 13],
    [1, 2],
  ],
  [
    [2, 9, 13],
    [2, 0],
  ],
  [
    [2, 3, 4, 5],
    [0, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 3, 2, 3, 2, 3, 2, 3],
    [0, 2, -4, 6],
  ],
  [
    [2, 3, 2, 3, 2, 3, 2, 3],
    [1, 3, 5, 7],
  ],
  [
    [1, 5, 1, 6, 1],
    [1, 4],
  ],
  [
    [4, 1, 5],
    [0, 1],
  ],
  [[4, 1, 5], 1],
  [[2, 0, 3], 0],
  [
    [2, 0, 3],
    [0, 2],
  ],
  [[0, 3], 1],
];

/** Those with something to reduce, or nothing to fill. */
const some = cases.filter(([shape, axis]) => {
  const axes = checkAxes("", axis, shape.length);
  return axes.every((i) => shape[i] !== 0) || reducedShape(shape, axes, false).includes(0);
});

const next = generator(7);

function values(dtype: DType, n: number, low = -2, high = 2): TypedArray {
  const data = Float64Array.from({ length: n }, () => low + (high - low) * next());
  return dtype === "float64" ? data : Float32Array.from(data);
}

/** What kernel and reference make of the same input. */
function both(
  op: string,
  shape: Shape,
  data: TypedArray,
  attrs: { readonly axis?: Axis },
  out: Shape,
  outType?: DType,
): [got: TypedArray, want: TypedArray] {
  const dtype = outType ?? (data instanceof Float32Array ? "float32" : "float64");
  const [got] = onHeap(
    wasmKernels[op] as WasmKernel,
    [{ shape, data }],
    [{ shape: out, dtype }],
    attrs,
  );
  const want = got?.slice().fill(0) as TypedArray;
  const kernel = referenceKernels[op] as ReferenceKernel;
  kernel([{ shape, data }], [{ shape: out, data: want }], attrs as never);
  return [got as TypedArray, want];
}

/** Reduces both ways. */
function reduceBoth(op: string, shape: Shape, data: TypedArray, axis: Axis, outType?: DType) {
  const out = reducedShape(shape, checkAxes("", axis, shape.length), false);
  return both(op, shape, data, { axis }, out, outType);
}

describe.each(floats)("reductions in %s", (dtype) => {
  it.each(folds)("%s agrees with the reference along all axes", (op) => {
    const none = op === "max" || op === "min" ? some : cases;
    for (const [shape, axis] of none) {
      const spread = op === "prod" ? [0.5, 1.9] : [-2, 2];
      const data = values(dtype, sizeOf(shape), ...spread);
      const [got, want] = reduceBoth(op, shape, data, axis);
      const scale = op === "sum" || op === "mean" ? 10 : 1; // of numbers of both signs
      const where = `${op} of [${shape}] along ${axis}`;
      expect(distance(got, want), where).toBeLessThanOrEqual(scale * within[dtype]);
    }
  });

  it("argmax finds the first of the largest", () => {
    for (const [shape, axis] of some) {
      if (Array.isArray(axis)) continue;
      const data = values(dtype, sizeOf(shape), 0, 5).map(Math.floor) as TypedArray;
      const [got, want] = reduceBoth("argmax", shape, data, axis, "int32");
      expect([...got], `argmax of [${shape}] along ${axis}`).toEqual([...want]);
    }
  });

  it.each(["max", "min", "norm", "sum", "prod"])("%s lets NaN and infinities through", (op) => {
    for (const n of [1, 2, 3, 4, 5, 9, 17, 40, 70]) {
      for (const at of [0, n - 1, n >> 1]) {
        for (const odd of [Number.NaN, Infinity, -Infinity, 1e-310, -0]) {
          for (const [shape, axis] of [
            [[n], 0],
            [[n, 5], 0],
            [[2, n], 1],
          ] as const) {
            const data = values(dtype, sizeOf(shape), 1, 2);
            data[at * (shape.length === 2 && axis === 0 ? 5 : 1)] = odd;
            const [got, want] = reduceBoth(op, shape, data, axis);
            expect(distance(got, want), `${op} with ${odd} at ${at} of ${n}`).toBeLessThan(1e-6);
          }
        }
      }
    }
  });

  it("argmax takes NaN for the largest, and the first of them", () => {
    for (const n of [1, 3, 4, 5, 18, 70]) {
      for (const at of [0, n >> 1, n - 1]) {
        for (const odd of [Number.NaN, Infinity]) {
          const data = values(dtype, n * 5);
          data[at * 5] = data[(n - 1) * 5] = data[at] = odd;
          const rows = reduceBoth("argmax", [n * 5], data, undefined, "int32");
          expect(rows[0]).toEqual(rows[1]);
          const columns = reduceBoth("argmax", [n, 5], data, 0, "int32");
          expect(columns[0]).toEqual(columns[1]);
        }
      }
    }
    const least = values(dtype, 20).fill(-Infinity);
    expect(reduceBoth("argmax", [20], least, 0, "int32")[0]).toEqual(Int32Array.of(0));
    expect(reduceBoth("argmax", [4, 5], least, 0, "int32")[0]).toEqual(new Int32Array(5));
  });

  it("norms neither overflow nor underflow", () => {
    const sizes = dtype === "float64" ? [1e-320, 1e-200, 1e200] : [1e-44, 1e-30, 1e30];
    for (const size of sizes) {
      for (const [shape, axis] of [
        [[9], 0],
        [[9, 3], 0],
        [[3, 9], 1],
      ] as const) {
        const data = values(dtype, sizeOf(shape), size, 3 * size);
        const [got, want] = reduceBoth("norm", shape, data, axis);
        expect(
          distance(
            got.map((x) => x / size),
            want.map((x) => x / size),
          ),
        ).toBeLessThan(1e-6);
      }
    }
  });

  it("running sums agree with the reference", () => {
    const shapes: readonly [Shape, number | undefined][] = [
      [[0], undefined],
      [[1], undefined],
      [[1000], undefined],
      [[5, 7], 1],
      [[5, 7], 0],
      [[3, 1030], 0],
      [[2, 3, 4], -2],
      [[2, 3, 0], 1],
    ];
    for (const [shape, axis] of shapes) {
      const data = values(dtype, sizeOf(shape));
      const [got, want] = both("cumsum", shape, data, axis === undefined ? {} : { axis }, shape);
      expect(distance(got, want), `[${shape}] along ${axis}`).toBeLessThanOrEqual(within[dtype]);
    }
  });

  it("traces agree with the reference", () => {
    for (const shape of [
      [0, 0],
      [1, 1],
      [5, 5],
      [3, 4, 4],
      [2, 0, 3, 3],
    ]) {
      const data = values(dtype, sizeOf(shape));
      const [got, want] = both("trace", shape, data, {}, shape.slice(0, -2));
      expect(distance(got, want)).toBeLessThanOrEqual(within[dtype]);
    }
  });

  it("long sums keep their digits", () => {
    for (const [shape, axis] of [
      [[1e6], 0],
      [[1e5, 10], 0],
      [[10, 1e5], 1],
    ] as const) {
      const [got] = reduceBoth("sum", shape, values(dtype, 1e6).fill(0.1), axis);
      const terms = 1e6 / got.length;
      const exact = terms * (dtype === "float64" ? 0.1 : Math.fround(0.1));
      for (const s of got)
        expect(Math.abs(s / exact - 1)).toBeLessThan(dtype === "float64" ? 1e-12 : 1e-7);
    }
  });
  it("log Σ eˣ agrees with the reference along all axes", () => {
    for (const [shape, axis] of cases) {
      const data = values(dtype, sizeOf(shape), -9, 9);
      const [got, want] = reduceBoth("logsumexp", shape, data, axis);
      expect(distance(got, want), `of [${shape}] along ${axis}`).toBeLessThan(within[dtype]);
    }
  });

  it.each(["softmax", "logSoftmax"])("%s agrees with the reference along any axis", (op) => {
    for (const [shape, axis] of [...cases, [[3, 131], 0], [[3, 257, 130], 1]] as typeof cases) {
      if (typeof axis !== "number") continue;
      const data = values(dtype, sizeOf(shape), -9, 9);
      const [got, want] = both(op, shape, data, { axis }, shape);
      expect(distance(got, want), `of [${shape}] along ${axis}`).toBeLessThan(within[dtype]);
    }
  });

  it.each(["softmax", "logSoftmax", "logsumexp"])(
    "%s knows infinities, NaN and far apart",
    (op) => {
      const odd = [Number.NaN, Infinity, -Infinity, 1000, -1000, 3e38, -3e38];
      for (const n of [1, 3, 4, 5, 9, 18]) {
        for (const value of odd) {
          for (const axis of [0, 1]) {
            for (const all of [false, true]) {
              const shape = [n, n];
              const data = values(dtype, n * n);
              data[n * (n >> 1) + (n >> 1)] = value;
              if (all) data.fill(value);
              const out = op === "logsumexp" ? [n] : shape;
              const [got, want] = both(op, shape, data, { axis }, out);
              expect(distance(got, want), `${value} among [${shape}] along ${axis}`).toBeLessThan(
                within[dtype],
              );
            }
          }
        }
      }
    },
  );
});
