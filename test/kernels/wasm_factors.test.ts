import { describe, expect, it } from "vitest";
import { expm, grad, lu, ops, qr, type Tensor, t, tensor } from "../../src/index.js";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import { wasmKernels } from "../../src/kernels/wasm/index.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { allocate, type DType, dtypeOf, type TypedArray } from "../../src/tensor/dtype.js";
import { generator } from "../../src/tensor/random.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { distance } from "../../src/testing/compare.js";
import { onHeap } from "../on_heap.js";
import { said } from "../support/values.js";

interface Input {
  readonly shape: Shape;
  readonly data: TypedArray;
}

const floats = ["float32", "float64"] as const;
type Float = (typeof floats)[number];
const within = { float32: 1e-4, float64: 1e-11 };
/** Those around which the kernels change their ways, and the tails of vectors and blocks. */
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 100, 130];
const pairs = sizes.flatMap((m) => sizes.map((n) => [m, n] as const));

const next = generator(12);

/** Random numbers in ±scale; `shift` is added on the diagonal. */
function random(dtype: DType, shape: Shape, shift = 0, scale = 1): Input {
  const data = allocate(dtype, sizeOf(shape));
  const n = shape.at(-1) as number;
  const m = shape.at(-2) as number;
  for (let i = 0; i < data.length; i++) {
    const diagonal = Math.floor(i / n) % m === i % n ? shift : 0;
    data[i] = scale * (2 * next() - 1) + diagonal;
  }
  return { shape, data };
}

const given = (dtype: DType, shape: Shape, ...values: number[]): Input => {
  const data = allocate(dtype, sizeOf(shape));
  data.set(values);
  return { shape, data };
};

/** What the op's shape rule says of the inputs. */
function shapesOf(name: string, inputs: readonly Input[], attrs: unknown): Shape[] {
  const op = ops.find((entry) => entry.op.name === name)?.op;
  const [X, ...Hs] = inputs.map(({ shape }) => shape);
  const found = op?.shape({ X, T: X, Hs, Ls: Hs } as never, attrs as never) as Shape;
  return Array.isArray(found[0]) ? (found as unknown as Shape[]) : [found];
}

function ours(name: string, inputs: Input[], attrs?: unknown): TypedArray[] {
  const dtype = dtypeOf((inputs[0] as Input).data);
  const outputs = shapesOf(name, inputs, attrs).map((shape) => ({ shape, dtype }));
  return onHeap(wasmKernels[name] as WasmKernel, inputs, outputs, attrs);
}

function reference(name: string, inputs: Input[], attrs?: unknown): TypedArray[] {
  const dtype = dtypeOf((inputs[0] as Input).data);
  const outputs = shapesOf(name, inputs, attrs).map((shape) => ({
    shape,
    data: allocate(dtype, sizeOf(shape)),
  }));
  referenceKernels[name]?.(inputs, outputs, attrs as never);
  return outputs.map(({ data }) => data);
}

function agree(name: string, inputs: Input[], attrs?: unknown, bound = 1): void {
  const wanted = reference(name, inputs, attrs);
  const dtype = dtypeOf((inputs[0] as Input).data) as Float;
  ours(name, inputs, attrs).forEach((found, i) => {
    const largest = Float64Array.from(wanted[i] ?? []).reduce(
      (a, x) => Math.max(a, Math.abs(x)),
      1,
    );
    const label = `output ${i} of ${name} of ${inputs.map(({ shape }) => `[${shape}]`)}`;
    const relative = (x: TypedArray): Float64Array => Float64Array.from(x, (y) => y / largest);
    const off = distance(relative(found), relative(wanted[i] as TypedArray));
    expect(off, label).toBeLessThan(bound * within[dtype]);
  });
}

/** X as the product of its factors, in double precision. */
function multiply(A: TypedArray, B: TypedArray, m: number, k: number, n: number): Float64Array {
  const Y = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = A[i * k + p] as number;
      for (let j = 0; j < n; j++)
        Y[i * n + j] = (Y[i * n + j] as number) + x * (B[p * n + j] as number);
    }
  }
  return Y;
}

describe.each(floats)("factors of %s", (dtype) => {
  const rounding = { float32: 2e-5, float64: 4e-14 }[dtype];

  it("qr: triangular, orthonormal, and the product is X", () => {
    for (const [m, n] of pairs) {
      const X = random(dtype, [m, n]);
      const [Q, R] = ours("qr", [X]) as [TypedArray, TypedArray];
      const k = Math.min(m, n);
      expect(distance(multiply(Q, R, m, k, n), X.data), `${m} × ${n}`).toBeLessThan(rounding);
      const transposed = Float64Array.from(
        Q,
        (_, i) => Q[(i % m) * k + Math.floor(i / m)] as number,
      );
      const gram = multiply(transposed, Q, k, m, k);
      const one = gram.map((_, i) => (i % (k + 1) === 0 ? 1 : 0));
      expect(distance(gram, one), `QᵀQ of ${m} × ${n}`).toBeLessThan(rounding);
      R.forEach((x, i) => {
        const [row, column] = [Math.floor(i / n), i % n];
        if (column < row) expect(Object.is(x, 0)).toBe(true);
        if (column === row) expect(x).toBeGreaterThanOrEqual(0);
      });
    }
  });

  it("qr agrees with the reference, in batches too", () => {
    for (const [m, n] of pairs) agree("qr", [random(dtype, [m, n], 3)]);
    for (const lead of [[3], [2, 2], [1, 2, 1, 2, 1], [0]]) {
      agree("qr", [random(dtype, [...lead, 5, 3], 2)]);
      agree("qr", [random(dtype, [...lead, 3, 7], 2)]);
    }
  });

  it("qr of what is large, small, zero, triangular, or not a number", () => {
    const [large, small] = dtype === "float32" ? [1e30, 1e-36] : [1e250, 1e-300];
    for (const scale of [large, small]) {
      const X = random(dtype, [5, 4], 3);
      const [Q] = ours("qr", [X]) as [TypedArray];
      const [Qs, Rs] = ours("qr", [given(dtype, [5, 4], ...X.data.map((x) => x * scale))]);
      expect(distance(Qs as TypedArray, Q)).toBeLessThan(rounding);
      expect((Rs as TypedArray).every(Number.isFinite)).toBe(true);
    }
    const exact = [
      given(dtype, [3, 2]),
      given(dtype, [2, 2], 1, 1, 0, 1),
      given(dtype, [2, 2], -1, 1, 0, -0),
      given(dtype, [1, 3], -2, 0, 1),
    ];
    for (const X of exact) expect(ours("qr", [X])).toEqual(reference("qr", [X]));
    const [, R] = ours("qr", [given(dtype, [2, 2], 1, 2, Number.NaN, 1)]);
    expect((R as TypedArray).some(Number.isNaN)).toBe(true);
    // What is not a number in a later column leaves the earlier ones alone.
    const [Q] = ours("qr", [given(dtype, [2, 2], 3, 2, 4, Number.NaN)]);
    expect(Q?.[0]).toBeCloseTo(0.6, 6);
  });

  it("lu agrees with the reference", () => {
    for (const [m, n] of pairs) {
      const X = random(dtype, [m, n]);
      const [P, L, U] = ours("lu", [X]) as [TypedArray, TypedArray, TypedArray];
      const k = Math.min(m, n);
      const back = multiply(P, multiply(L, U, m, k, n), m, m, n);
      expect(distance(back, X.data), `${m} × ${n}`).toBeLessThan(rounding);
      if (dtype === "float64") agree("lu", [X]);
    }
    for (const lead of [[3], [2, 2], [0]]) agree("lu", [random(dtype, [...lead, 5, 3])]);
    agree("lu", [given(dtype, [3, 3], 1, 2, 3, 2, 4, 6, 1, 1, 1)]);
    agree("lu", [given(dtype, [2, 3])]);
  });

  it("regular says what the reference says", () => {
    const attrs = { op: "qr", size: 5 };
    for (const n of [0, 1, 3, 8]) {
      const T = random(dtype, [2, n, n], 3);
      agree("regular", [T], attrs);
      agree("regular", [T, random(dtype, [2, n, n], 1)], attrs);
    }
    const tiny = dtype === "float32" ? 1e-7 : 1e-16;
    const T = given(dtype, [2, 2, 2], 1, 2, 0, 1, 1, 3, 0, tiny);
    const L = given(dtype, [2, 2, 2], 1, 0, 1, 1, 1, 0, 0, 1);
    const message = said(() => reference("regular", [T], attrs));
    expect(message[1]).toMatch(/^qr: column 2 of X\[1\] is a combination/);
    expect(said(() => ours("regular", [T], attrs))).toEqual(message);
    agree("regular", [T, L], attrs);
  });
});

describe.each(floats)("powers of %s", (dtype) => {
  it("matrixPower agrees with the reference", () => {
    for (const n of sizes.filter((n) => n < 66)) {
      const X = random(dtype, [n, n], 1, 1 / Math.sqrt(n + 1));
      for (const k of [0, 1, 2, 3, 6, 7, 33]) agree("matrixPower", [X], { k });
      for (const k of [-1, -2, -5]) agree("matrixPower", [random(dtype, [n, n], n + 2)], { k });
    }
    for (const lead of [[3], [2, 2], [0]]) {
      agree("matrixPower", [random(dtype, [...lead, 3, 3], 2)], { k: 4 });
      agree("matrixPower", [random(dtype, [...lead, 3, 3], 4)], { k: -3 });
    }
    agree("matrixPower", [given(dtype, [1, 1], -1)], { k: 2 ** 50 + 1 });
    const singular = given(dtype, [2, 2, 2], 1, 0, 0, 1, 1, 2, 2, 4);
    const message = said(() => reference("matrixPower", [singular], { k: -2 }));
    expect(message[1]).toBe("matrixPower: X[1] is singular (pivot 2 is 0)");
    expect(said(() => ours("matrixPower", [singular], { k: -2 }))).toEqual(message);
  });

  it("expm agrees with the reference, for every degree", () => {
    for (const n of sizes.filter((n) => n < 66)) {
      for (const norm of [0, 1e-3, 0.1, 0.4, 0.9, 1.5, 3, 5, 20]) {
        agree("expm", [random(dtype, [n, n], 0, norm / (n || 1))]);
      }
    }
    for (const lead of [[3], [2, 2], [0]]) agree("expm", [random(dtype, [...lead, 3, 3])]);
  });

  it("expm agrees with the reference along directions", () => {
    for (const n of [0, 1, 2, 3, 8, 17]) {
      for (const norm of [0.01, 0.5, 3, 20]) {
        const X = random(dtype, [n, n], 0, norm / (n || 1));
        const H = random(dtype, [n, n]);
        agree("expm", [X, H]);
        agree("expm", [X, H, random(dtype, [n, n], 0, 1e6)]);
        agree("expm", [X, H, H, random(dtype, [n, n], 0, 1e-20)]);
      }
    }
    agree("expm", [random(dtype, [2, 3, 3]), random(dtype, [3, 3])]);
    agree("expm", [random(dtype, [3, 3]), random(dtype, [2, 1, 3, 3]), random(dtype, [4, 3, 3])]);
    agree("expm", [random(dtype, [3, 3]), given(dtype, [3, 3])]);
  });

  it("expm of what is not finite, or overflows", () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const X = given(dtype, [2, 2], 0, 1, x, 0);
      expect(ours("expm", [X])[0]?.every(Number.isNaN)).toBe(true);
      expect(ours("expm", [given(dtype, [2, 2]), X])[0]?.every(Number.isNaN)).toBe(true);
    }
    expect(ours("expm", [given(dtype, [1, 1], 1000)])[0]?.[0]).toBe(Number.POSITIVE_INFINITY);
    expect(ours("expm", [given(dtype, [1, 1], -1000)])[0]?.[0]).toBe(0);
    const nilpotent = given(dtype, [2, 2], 0, 2 ** 30, 0, 0);
    expect([...(ours("expm", [nilpotent])[0] as TypedArray)]).toEqual([1, 2 ** 30, 0, 1]);
  });
});

describe("transposes", () => {
  it("are read as they stand", () => {
    const X = tensor([
      [1, 2],
      [5, 3],
    ]);
    const moved = tensor([
      [1, 5],
      [2, 3],
    ]);
    const all = (A: Tensor): unknown => [qr(A).R.toArray(), lu(A).U.toArray(), expm(A).toArray()];
    expect(all(t(X))).toEqual(all(moved));
    const G = (A: Tensor): unknown => grad((B: Tensor) => qr(B).R.sum())(A).toArray();
    expect(G(t(X))).toEqual(G(moved));
  });
});
