import { describe, expect, it } from "vitest";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import type { ReferenceKernel } from "../../src/kernels/reference/kernel.js";
import { wasmKernels } from "../../src/kernels/wasm/index.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { allocate, type DType, type TypedArray } from "../../src/tensor/dtype.js";
import { broadcast, type Shape, sizeOf } from "../../src/tensor/shape.js";
import { onHeap } from "../on_heap.js";

const kernel = (name: string): WasmKernel => wasmKernels[name] as WasmKernel;
const reference = (name: string): ReferenceKernel => referenceKernels[name] as ReferenceKernel;

const special = [0, 1, 2.5, 5e-324, 1e-310, 1e-40, 1e-30, 0.3, 7, 1e10, 3e38, 1e308, Infinity];
const values = [Number.NaN, ...special.flatMap((x) => [x, -x])];
const floats = ["float32", "float64"] as const;

interface Input {
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** Numbers that differ from place to place, special ones among them. */
function input(shape: Shape, dtype: DType, seed = 0): Input {
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const k = (i * 7 + seed * 5) % (2 * values.length);
    const truth = (i * 3 + seed) % 7 < 3 ? 1 : 0;
    data[i] = dtype === "bool" ? truth : (values[k] ?? Math.sin(i + seed) * 3);
  }
  return { shape, data };
}

/** What the reference gives, in float64 for float32 too, and what ours does. */
function both(name: string, inputs: Input[], shape: Shape, dtype: DType, attrs?: unknown) {
  const exact = allocate(dtype, sizeOf(shape));
  reference(name)(inputs, [{ shape, data: exact }], attrs as never);
  const [got] = onHeap(kernel(name), inputs, [{ shape, dtype }], attrs) as [TypedArray];
  return { exact, got };
}

const sizes = [0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 52, 1000];

describe.each(floats)("simple maps of %s", (dtype) => {
  const maps = ["neg", "abs", "sign", "sqrt", "square", "reciprocal", "relu"];
  it.each(maps)("%s", (name) => {
    for (const n of sizes) {
      const { exact, got } = both(name, [input([n], dtype)], [n], dtype);
      expect(got, `${name} of ${n}`).toEqual(exact);
    }
  });

  it.each([
    ["clip", { low: -1, high: 0.5 }],
    ["clip", { low: 0, high: 0 }],
    ["clip", { low: -Infinity, high: 2 }],
    ["leakyRelu", { slope: 0.25 }],
  ])("%s with %o", (name, attrs) => {
    for (const n of sizes) {
      const { exact, got } = both(name, [input([n], dtype)], [n], dtype, attrs);
      expect(got).toEqual(exact);
    }
  });
});

const pairs: readonly (readonly [Shape, Shape])[] = [
  ...sizes.map((n): [Shape, Shape] => [[n], [n]]),
  ...sizes.map((n): [Shape, Shape] => [[n], []]),
  ...sizes.map((n): [Shape, Shape] => [[1, 1, 1], [n]]),
  [[5, 7], [7]],
  [[7], [5, 7]],
  [
    [4, 5, 7],
    [1, 1, 7],
  ],
  [
    [5, 7],
    [5, 1],
  ],
  [
    [5, 1],
    [5, 7],
  ],
  [
    [2, 3, 1, 1],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 1],
  ],
  [
    [2, 1, 4, 5],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 4, 1],
  ],
  [[5, 1], [7]],
  [
    [3, 1, 2, 1],
    [1, 4, 1, 5],
  ],
  [
    [2, 1, 2, 1, 2, 1, 2, 1],
    [1, 3, 1, 3, 1, 3, 1, 3],
  ],
  [
    [0, 3],
    [1, 3],
  ],
  [[3, 1], [0]],
];

describe.each(floats)("pairs of %s", (dtype) => {
  const arithmetic = ["add", "sub", "mul", "div", "maximum", "minimum"];
  const comparisons = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"];
  it.each([...arithmetic, ...comparisons])("%s", (name) => {
    const to = arithmetic.includes(name) ? dtype : "bool";
    for (const [a, b] of pairs) {
      const inputs = [input(a, dtype, 1), input(b, dtype, 2)];
      const { exact, got } = both(name, inputs, broadcast(a, b) as Shape, to);
      expect(got, `${name} of [${a}] and [${b}]`).toEqual(exact);
    }
  });

  it.each(["bool", "int32", "float32", "float64"] as const)("where by %s", (by) => {
    const conditions: Shape[] = [[], [1], [7], [5, 1], [5, 7]];
    for (const condition of conditions) {
      for (const [a, b] of pairs) {
        const all = broadcast(broadcast(a, b) as Shape, condition);
        if (all === null) continue;
        const inputs = [input(condition, by, 3), input(a, dtype, 1), input(b, dtype, 2)];
        const { exact, got } = both("where", inputs, all, dtype);
        expect(got, `where of [${condition}], [${a}] and [${b}]`).toEqual(exact);
      }
    }
  });
});

describe("cast", () => {
  const dtypes = ["float32", "float64", "int32", "bool"] as const;
  it.each(dtypes.flatMap((a) => dtypes.map((b) => [a, b] as const)))("%s to %s", (from, to) => {
    for (const n of sizes) {
      const { exact, got } = both("cast", [input([n], from)], [n], to, { dtype: to });
      expect(got).toEqual(exact);
    }
  });
});

/** How many numbers of float64 (float32) lie between the two; the same for all NaN, never for ±0. */
function ulps(got: number, exact: number, dtype: DType): number {
  if (Object.is(got, exact)) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(exact)) return Number.POSITIVE_INFINITY;
  if (exact === 0 && got === 0) return Number.POSITIVE_INFINITY; // 0 and -0
  const [digits, least] = dtype === "float32" ? [23, -149] : [52, -1074];
  const exponent = Math.floor(Math.log2(Math.abs(exact)));
  return Math.abs(got - exact) / 2 ** Math.max(exponent - digits, least);
}

const functions = [
  ...["exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan"],
  ...["sinh", "cosh", "tanh", "erf", "sigmoid", "elu", "gelu", "softplus"],
];

describe.each(floats)("functions of %s", (dtype) => {
  // The reference is JavaScript's own functions, not exact to the last digit either; its erf less so.
  const bound = (name: string): number => (name === "erf" ? 20 : 4);
  it.each(functions)("%s", (name) => {
    for (const n of sizes) {
      const X = input([n], dtype);
      const { exact, got } = both(name, [X], [n], dtype);
      got.forEach((y, i) => {
        const want = exact[i] as number;
        // Left of 0 the gelu of the reference is a difference that cancels.
        if (name === "gelu" && Math.abs(y - want) < 2e-14) return;
        const off = ulps(y, want, dtype);
        expect(off, `${name}(${X.data[i]}) = ${y}, not ${want}`).toBeLessThanOrEqual(bound(name));
      });
    }
  });

  it("pow", () => {
    const bases = new Float64Array([...values, 2, -2, 3, -3, 0.5, -0.5, 1.5, -1.5, 4e15]);
    const powers = new Float64Array([...bases, 1e3, 2 ** 53 - 1, 2 ** 53]);
    const of = dtype === "float32" ? Float32Array : Float64Array;
    for (const [rows, columns] of [
      [bases, powers],
      [bases.subarray(0, 3), powers.subarray(0, 5)],
    ] as const) {
      const A = { shape: [rows.length, 1], data: of.from(rows) };
      const B = { shape: [columns.length], data: of.from(columns) };
      const shape = [rows.length, columns.length];
      const { exact, got } = both("pow", [A, B], shape, dtype);
      got.forEach((y, i) => {
        const a = A.data[Math.floor(i / columns.length)];
        const b = B.data[i % columns.length];
        const off = ulps(y, exact[i] as number, dtype);
        expect(off, `${a} ** ${b} = ${y}, not ${exact[i]}`).toBeLessThanOrEqual(4);
      });
    }
    for (const exponent of [1, 2, 3, -1]) {
      const B = { shape: [], data: of.of(exponent) };
      const { exact, got } = both("pow", [input([33], dtype), B], [33], dtype);
      got.forEach((y, i) => {
        expect(ulps(y, exact[i] as number, dtype)).toBeLessThanOrEqual(2);
      });
    }
    for (const [a, b] of pairs) {
      const inputs = [input(a, dtype, 1), input(b, dtype, 2)];
      const { exact, got } = both("pow", inputs, broadcast(a, b) as Shape, dtype);
      got.forEach((y, i) => {
        expect(ulps(y, exact[i] as number, dtype)).toBeLessThanOrEqual(4);
      });
    }
  });
});
