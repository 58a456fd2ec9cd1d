import { describe, expect, it } from "vitest";
import { random } from "../../src/index.js";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import { wasmKernels } from "../../src/kernels/wasm/index.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { eighOp } from "../../src/ops/eigen.js";
import { lstsqOp, pinvOp } from "../../src/ops/lstsq.js";
import { svdOp } from "../../src/ops/svd.js";
import type { TypedArray } from "../../src/tensor/dtype.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { distance } from "../../src/testing/compare.js";
import { onHeap } from "../on_heap.js";

interface Matrices {
  readonly shape: Shape;
  readonly data: TypedArray;
}

const dtypes = ["float64", "float32"] as const;
type Float = (typeof dtypes)[number];

/** Roundings of the dtype, times a factor that grows with the order. */
const bound = (dtype: Float, n: number): number => (dtype === "float32" ? 3e-7 : 1e-15) * (n + 10);

const matrices = (shape: Shape, data: ArrayLike<number>, dtype: Float): Matrices => ({
  shape,
  data: dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data),
});

const normal = (shape: Shape, dtype: Float, seed = 5): Matrices =>
  matrices(shape, random.normal(shape, { dtype: "float64", seed }).data(), dtype);

const outputs = {
  eigh: (A: Shape): Shape[] => eighOp.shape({ A }, undefined) as Shape[],
  svd: (X: Shape): Shape[] => svdOp.shape({ X }, undefined) as Shape[],
  pinv: (X: Shape): Shape[] => [pinvOp.shape({ X }, { rcond: null }) as Shape],
};

function native(op: keyof typeof outputs, X: Matrices, dtype: Float): Float64Array[] {
  const shapes = outputs[op](X.shape).map((shape) => ({ shape, dtype }));
  const found = onHeap(wasmKernels[op] as WasmKernel, [X], shapes, { rcond: null });
  return found.map((x) => Float64Array.from(x));
}

function reference(op: keyof typeof outputs, X: Matrices, dtype: Float): TypedArray[] {
  const list = outputs[op](X.shape).map((shape) =>
    matrices(shape, new Float64Array(sizeOf(shape)), dtype),
  );
  referenceKernels[op]?.([X], [...list], { rcond: null } as never);
  return list.map(({ data }) => data);
}

/** `A·B` for m × k and k × n, the first transposed if asked. */
function times(
  A: ArrayLike<number>,
  B: ArrayLike<number>,
  m: number,
  k: number,
  n: number,
  t = false,
) {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const a = A[t ? p * m + i : i * k + p] as number;
      for (let j = 0; j < n; j++) {
        out[i * n + j] = (out[i * n + j] as number) + a * (B[p * n + j] as number);
      }
    }
  }
  return out;
}

const one = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

const transpose = (A: ArrayLike<number>, m: number, n: number): Float64Array =>
  Float64Array.from({ length: m * n }, (_, i) => A[(i % m) * n + Math.floor(i / m)] as number);

/** Checks that one matrix multiplies back and that its vectors are orthonormal. */
function checkSvd(
  X: ArrayLike<number>,
  m: number,
  n: number,
  parts: Float64Array[],
  dtype: Float,
): void {
  const [U, s, Vt] = parts as [Float64Array, Float64Array, Float64Array];
  const k = Math.min(m, n);
  const scale = Math.max(...Array.from(X, Math.abs), 1e-300);
  const Us = U.map((u, i) => (u * (s[i % k] as number)) / scale);
  const scaled = Float64Array.from(X, (x) => x / scale);
  expect(distance(times(Us, Vt, m, k, n), scaled)).toBeLessThan(bound(dtype, k));
  expect(distance(times(U, U, k, m, k, true), one(k))).toBeLessThan(bound(dtype, k));
  expect(distance(times(Vt, transpose(Vt, k, n), k, n, k), one(k))).toBeLessThan(bound(dtype, k));
}

describe.each(dtypes)("eigh in %s", (dtype) => {
  it.each([1, 2, 3, 4, 5, 8, 13, 31, 32, 33, 64, 97])("multiplies back at order %d", (n) => {
    const A = normal([3, n, n], dtype, n);
    const [w, V] = native("eigh", A, dtype) as [Float64Array, Float64Array];
    expect(distance(w, reference("eigh", A, dtype)[0] as TypedArray)).toBeLessThan(bound(dtype, n));
    for (let b = 0; b < 3; b++) {
      const a = A.data.subarray(b * n * n, (b + 1) * n * n);
      const v = V.subarray(b * n * n, (b + 1) * n * n);
      const values = w.subarray(b * n, (b + 1) * n);
      const symmetric = Float64Array.from(a, (x, i) => {
        const [row, column] = [Math.floor(i / n), i % n];
        return (x + (a[column * n + row] as number)) / 2;
      });
      const vw = v.map((x, i) => x * (values[i % n] as number));
      expect(distance(times(vw, transpose(v, n, n), n, n, n), symmetric)).toBeLessThan(
        bound(dtype, n),
      );
      expect(distance(times(v, v, n, n, n, true), one(n))).toBeLessThan(bound(dtype, n));
    }
  });

  it("gives the vectors of the reference, signs included, where values are apart", () => {
    const A = normal([2, 9, 9], dtype);
    for (let i = 0; i < 162; i++)
      A.data[i] = (A.data[i] as number) * 0.1 + ((i % 81) % 10 === 0 ? i % 81 : 0);
    const [, V] = native("eigh", A, dtype);
    expect(distance(V as Float64Array, reference("eigh", A, dtype)[1] as TypedArray)).toBeLessThan(
      bound(dtype, 30),
    );
  });

  it.each([
    ["repeated values", (i: number, j: number) => (i === j ? 3 : 0)],
    ["all ones", () => 1],
    ["zeros", () => 0],
    [
      "Wilkinson's close pairs",
      (i: number, j: number) => (i === j ? Math.abs(i - 10) : +(Math.abs(i - j) === 1)),
    ],
    ["graded rows", (i: number, j: number) => 10 ** -Math.max(i, j) * (1 + ((i + j) % 3))],
    ["huge numbers", (i: number, j: number) => Math.cos(i * j + i + j) * 1e37],
    ["tiny numbers", (i: number, j: number) => Math.cos(i * j + i + j) * 1e-37],
  ])("takes %s", (_, f) => {
    const n = 21;
    const A = matrices(
      [n, n],
      Array.from({ length: n * n }, (_, i) => f(Math.floor(i / n), i % n)),
      dtype,
    );
    const [w, V] = native("eigh", A, dtype) as [Float64Array, Float64Array];
    const scale = Math.max(...A.data.map(Math.abs), 1e-300);
    const vw = V.map((x, i) => (x * (w[i % n] as number)) / scale);
    expect(
      distance(
        times(vw, transpose(V, n, n), n, n, n),
        A.data.map((x) => x / scale),
      ),
    ).toBeLessThan(bound(dtype, n));
    expect(distance(times(V, V, n, n, n, true), one(n))).toBeLessThan(bound(dtype, n));
  });

  it("gives NaN for what is not finite, to that matrix alone", () => {
    const A = normal([3, 5, 5], dtype);
    A.data[7] = Number.NaN;
    A.data[74] = Number.POSITIVE_INFINITY;
    native("eigh", A, dtype).forEach((got, i) => {
      const want = reference("eigh", A, dtype)[i] as TypedArray;
      expect(Array.from(got, Number.isNaN)).toEqual(Array.from(want, Number.isNaN));
    });
  });

  it("takes empty ones", () => {
    expect(native("eigh", normal([2, 0, 0], dtype), dtype).map((x) => x.length)).toEqual([0, 0]);
    expect(native("eigh", normal([0, 3, 3], dtype), dtype).map((x) => x.length)).toEqual([0, 0]);
  });
});

describe.each(dtypes)("svd in %s", (dtype) => {
  const shapes = [
    [1, 1],
    [1, 5],
    [5, 1],
    [2, 2],
    [3, 4],
    [7, 5],
    [5, 7],
    [33, 20],
    [20, 33],
    [64, 64],
    [90, 17],
  ];
  it.each(shapes)("multiplies back at %d × %d", (m, n) => {
    const X = normal([2, m as number, n as number], dtype);
    const [U, s, Vt] = native("svd", X, dtype) as [Float64Array, Float64Array, Float64Array];
    const k = Math.min(m as number, n as number);
    expect(distance(s, reference("svd", X, dtype)[1] as TypedArray)).toBeLessThan(bound(dtype, k));
    for (let b = 0; b < 2; b++) {
      const part = (x: TypedArray): Float64Array =>
        Float64Array.from(x.subarray((b * x.length) / 2, ((b + 1) * x.length) / 2));
      checkSvd(part(X.data), m as number, n as number, [part(U), part(s), part(Vt)], dtype);
    }
  });

  it.each([
    ["rank 1", (i: number, j: number) => (i + 1) * (j + 2)],
    ["rank 2", (i: number, j: number) => i + j],
    ["columns of zeros", (i: number, j: number) => (j % 3 === 1 ? 0 : Math.cos(i * i + j))],
    ["zeros", () => 0],
    ["repeated values", (i: number, j: number) => (i === j ? 2 : 0)],
    ["close values", (i: number, j: number) => (i === j ? 1 + 1e-9 * i : 1e-10 * i)],
    ["huge numbers", (i: number, j: number) => Math.cos(i * j + i + 2 * j) * 1e37],
    ["tiny numbers", (i: number, j: number) => Math.cos(i * j + i + 2 * j) * 1e-36],
  ])("takes %s, tall and wide", (_, f) => {
    for (const [m, n] of [
      [12, 8],
      [8, 12],
      [9, 9],
    ] as const) {
      const values = Array.from({ length: m * n }, (_, i) => f(Math.floor(i / n), i % n));
      const X = matrices([m, n], values, dtype);
      const parts = native("svd", X, dtype);
      checkSvd(X.data, m, n, parts, dtype);
      const most = Math.max(...(parts[1] as Float64Array), 1e-300);
      const want = reference("svd", X, dtype)[1] as TypedArray;
      const relative = (s: TypedArray): Float64Array => Float64Array.from(s, (x) => x / most);
      expect(distance(relative(parts[1] as Float64Array), relative(want))).toBeLessThan(
        bound(dtype, 12),
      );
    }
  });

  it("gives NaN for what is not finite, to that matrix alone, and takes empty ones", () => {
    const X = normal([3, 4, 3], dtype);
    X.data[7] = Number.NaN;
    X.data[30] = Number.NEGATIVE_INFINITY;
    native("svd", X, dtype).forEach((got, i) => {
      const want = reference("svd", X, dtype)[i] as TypedArray;
      expect(Array.from(got, Number.isNaN)).toEqual(Array.from(want, Number.isNaN));
    });
    for (const shape of [
      [3, 0],
      [0, 2],
      [0, 2, 2],
    ])
      native("svd", normal(shape, dtype), dtype);
  });
});

it("svd finds singular values of every size with all their digits", () => {
  const X = normal([40, 8], "float64");
  for (let i = 0; i < 320; i++) X.data[i] = (X.data[i] as number) * 10 ** (-5 * (i % 8));
  const [got, want] = [native("svd", X, "float64")[1], reference("svd", X, "float64")[1]];
  want?.forEach((s, i) => {
    expect((got?.[i] as number) / s).toBeCloseTo(1, 12);
  });
  expect(want?.at(-1)).toBeLessThan(1e-34);
});

describe.each(dtypes)("pinv and lstsq in %s", (dtype) => {
  const shapes = [
    [1, 1],
    [5, 3],
    [3, 5],
    [4, 4],
    [40, 12],
    [12, 40],
  ] as const;
  it.each(shapes)("give what the reference gives at %d × %d, of full rank and less", (m, n) => {
    const full = normal([2, m, n], dtype);
    const rank2 = matrices(
      [m, n],
      times(normal([m, 2], dtype).data, normal([2, n], dtype, 6).data, m, 2, n),
      dtype,
    );
    for (const X of [full, rank2]) {
      const [got, want] = [native("pinv", X, dtype)[0], reference("pinv", X, dtype)[0]];
      expect(distance(got as Float64Array, want as TypedArray)).toBeLessThan(bound(dtype, 10 * m));
      for (const B of [normal([m, 3], dtype), normal([3, 1, m, 1], dtype)]) {
        const attrs = { rcond: null };
        const shape = lstsqOp.shape({ A: X.shape, B: B.shape }, attrs) as Shape;
        const solved = onHeap(wasmKernels.lstsq as WasmKernel, [X, B], [{ shape, dtype }], attrs);
        const Y = matrices(shape, new Float64Array(sizeOf(shape)), dtype);
        referenceKernels.lstsq?.([X, B], [Y], attrs as never);
        expect(distance(solved[0] as TypedArray, Y.data)).toBeLessThan(bound(dtype, 10 * m));
      }
    }
  });

  it("give NaN for NaN", () => {
    const X = normal([2, 3, 2], dtype);
    X.data[1] = Number.NaN;
    const Y = native("pinv", X, dtype)[0] as Float64Array;
    expect(Array.from(Y, Number.isNaN)).toEqual(Array.from({ length: 12 }, (_, i) => i < 6));
    const shape = [2, 2, 1];
    const [x] = onHeap(
      wasmKernels.lstsq as WasmKernel,
      [X, normal([3, 1], dtype)],
      [{ shape, dtype }],
      { rcond: null },
    );
    expect(Array.from(x as TypedArray, Number.isNaN)).toEqual([true, true, false, false]);
  });
});
