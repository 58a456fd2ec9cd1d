import { describe, expect, it } from "vitest";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import { binary } from "../../src/kernels/wasm/binary/simd.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { product } from "../../src/kernels/wasm/product.js";
import { reshape } from "../../src/kernels/wasm/reshape.js";
import { allocate as zeros } from "../../src/tensor/dtype.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { agree, agreeOn, type Data, type Float, floats, integers, whole } from "../agree.js";
import { onHeap } from "../on_heap.js";

describe("matmul", () => {
  it("multiplies small matrices of any size, transposed or not", () => {
    for (const m of [0, 1, 2, 3, 4, 5, 6, 7, 13, 17, 23]) {
      for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 10, 16, 33, 39]) {
        for (const k of [0, 1, 2, 3, 4, 7, 18]) agreeOn([m, k], [k, n], [m, n]);
      }
    }
  });

  it.each([
    [64, 64, 64],
    [33, 1030, 70],
    [130, 300, 40],
    [300, 600, 17],
    [7, 30, 1700],
    [20, 9, 1601],
    [1, 3000, 301],
    [301, 3000, 1],
    [2, 5000, 3],
    [784, 64, 128],
    [5, 1, 70],
    [6, 2, 45],
  ])("multiplies [%d, %d] with %d columns", (m, k, n) => agreeOn([m, k], [k, n], [m, n]));

  it.each([
    [
      [3, 2, 4],
      [3, 4, 2],
      [3, 2, 2],
    ],
    [
      [3, 2, 4],
      [4, 5],
      [3, 2, 5],
    ],
    [
      [2, 4],
      [3, 4, 2],
      [3, 2, 2],
    ],
    [
      [2, 1, 2, 3],
      [3, 3, 2],
      [2, 3, 2, 2],
    ],
    [
      [2, 1, 5, 3],
      [1, 4, 3, 9],
      [2, 4, 5, 9],
    ],
    [
      [1, 1, 1, 1, 2, 2, 3],
      [2, 1, 1, 1, 2, 3, 2],
      [2, 1, 1, 1, 2, 2, 2],
    ],
    [
      [0, 2, 3],
      [3, 2],
      [0, 2, 2],
    ],
    [
      [2, 0, 3],
      [2, 3, 4],
      [2, 0, 4],
    ],
    [
      [2, 3, 0],
      [0, 4],
      [2, 3, 4],
    ],
  ])("broadcasts %j by %j", (a, b, y) => agreeOn(a, b, y));

  it("passes NaN and infinity on to their row and column alone", () => {
    for (const [m, k, n] of [
      [9, 7, 11],
      [1, 30, 37],
      [37, 30, 1],
      [70, 300, 41],
    ] as const) {
      for (const special of [Number.NaN, Infinity, -Infinity]) {
        for (const dtype of floats) {
          for (const transposed of [false, true]) {
            const A = { shape: [m, k], data: integers(dtype, m * k), transposed };
            const B = { shape: [k, n], data: integers(dtype, k * n), transposed };
            A.data[(m - 1) * k + 3] = special;
            B.data[3 * n] = special;
            agree(product, "matmul", [A, B], [m, n]);
          }
        }
      }
    }
  });

  it("keeps its digits over long sums", () => {
    const k = 100_000;
    for (const [m, n] of [
      [1, 1],
      [1, 20],
      [20, 1],
      [6, 9],
    ] as const) {
      const a = new Float32Array(m * k).map(() => whole() / 8 + 1.1);
      const b = new Float32Array(k * n).map(() => whole() / 8 + 0.7);
      const inputs = [
        { shape: [m, k], data: a },
        { shape: [k, n], data: b },
      ];
      const wanted = new Float64Array(m * n);
      referenceKernels.matmul?.(inputs, [{ shape: [m, n], data: wanted }], undefined as never);
      const output = { shape: [m, n], dtype: "float32" as const };
      const found = onHeap(product.matmul as WasmKernel, inputs, [output])[0] as Float32Array;
      wanted.forEach((value, i) => {
        expect(Math.abs((found[i] as number) / value - 1)).toBeLessThan(1e-6);
      });
    }
  });
});

describe("gemm", () => {
  interface Api {
    Memory: new (size: { initial: number }) => { buffer: ArrayBuffer };
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: object) => { exports: Record<string, never> };
  }
  const wasm = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;
  const memory = new wasm.Memory({ initial: 160 });
  const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
  const { exports } = new wasm.Instance(new wasm.Module(bytes), { env: { memory } });
  const functions = exports as Record<string, (...numbers: number[]) => number>;
  functions.setup?.(64, 131072);

  it("scales, adds to C, and leaves what lies between the rows", () => {
    for (const dtype of floats) {
      const size = dtype === "float32" ? 4 : 8;
      const run = functions[dtype === "float32" ? "gemm_f32" : "gemm_f64"];
      const make = dtype === "float32" ? Float32Array : Float64Array;
      for (const [m, n, k] of [
        [4, 4, 4],
        [1, 9, 5],
        [9, 1, 5],
        [7, 13, 3],
        [3, 3, 0],
        [40, 45, 1100],
      ] as const) {
        for (const flags of [0, 1, 2, 3]) {
          for (const beta of [0, 1, 2]) {
            const [transA, transB] = [flags & 1, flags >> 1];
            const lda = (transA ? m : k) + 2;
            const ldb = (transB ? k : n) + 1;
            const ldc = n + 3;
            const [A, B, C] = [2 ** 23, 2 ** 23 + 2 ** 19 + size, 2 ** 23 + 2 ** 20 + size];
            const a = new make(memory.buffer, A, (transA ? k : m) * lda).map(whole);
            const b = new make(memory.buffer, B, (transB ? n : k) * ldb).map(whole);
            const c = new make(memory.buffer, C, m * ldc);
            new make(memory.buffer, A, a.length).set(a);
            new make(memory.buffer, B, b.length).set(b);
            const wanted = c.map((_, i) => (beta === 0 && i % ldc < n ? Number.NaN : whole()));
            c.set(wanted);
            for (let i = 0; i < m; i++) {
              for (let j = 0; j < n; j++) {
                let sum = 0;
                for (let p = 0; p < k; p++) {
                  const x = a[transA ? p * lda + i : i * lda + p] as number;
                  sum += x * (b[transB ? j * ldb + p : p * ldb + j] as number);
                }
                const before = beta === 0 ? 0 : beta * (wanted[i * ldc + j] as number);
                wanted[i * ldc + j] = -2 * sum + before;
              }
            }
            run?.(transA, transB, m, n, k, -2, A, lda, B, ldb, beta, C, ldc);
            const first = wanted.findIndex((value, i) => value !== c[i]);
            const what = JSON.stringify({ dtype, m, n, k, flags, beta, first });
            expect(c[first], what).toBe(wanted[first]);
          }
        }
      }
    }
  });
});

describe("dot, outer and kron", () => {
  const of = (dtype: Float, shape: Shape) => ({ shape, data: integers(dtype, sizeOf(shape)) });

  it("agree with the reference", () => {
    for (const dtype of floats) {
      for (const n of [0, 1, 3, 4, 15, 16, 33, 1023, 1024, 5001]) {
        agree(product, "dot", [of(dtype, [n]), of(dtype, [n])], []);
      }
      for (const m of [0, 1, 3, 8]) {
        for (const n of [0, 1, 2, 5, 16]) {
          agree(product, "outer", [of(dtype, [m]), of(dtype, [n])], [m, n]);
          for (const [p, q] of [
            [1, 1],
            [2, 3],
            [3, 1],
            [1, 6],
            [0, 2],
          ] as const) {
            const shape = [m * p, n * q];
            agree(product, "kron", [of(dtype, [m, n]), of(dtype, [p, q])], shape);
          }
        }
      }
      agree(product, "kron", [of(dtype, [2, 1, 2, 3]), of(dtype, [3, 4, 2])], [2, 3, 8, 6]);
    }
  });
});

describe("t and transpose", () => {
  const numbers = (dtype: Float, shape: Shape) => ({
    shape,
    data: (zeros(dtype, sizeOf(shape)) as Data).map((_, i) => i + 1),
  });

  it("agree with the reference", () => {
    for (const dtype of floats) {
      for (const m of [0, 1, 2, 3, 4, 5, 16, 17, 50]) {
        for (const n of [0, 1, 2, 3, 4, 6, 15, 16, 33]) {
          agree(reshape, "t", [numbers(dtype, [m, n])], [n, m]);
          agree(reshape, "t", [numbers(dtype, [3, m, n])], [3, n, m]);
        }
      }
      for (const shape of [[], [5], [4, 7], [2, 3, 4], [5, 1, 6], [3, 4, 2, 5], [3, 0, 2]]) {
        for (const perm of permutations(shape.length)) {
          const y = perm.map((axis) => shape[axis] as number);
          agree(reshape, "transpose", [numbers(dtype, shape)], y, { perm });
        }
        const reversed = [...shape].reverse();
        agree(reshape, "transpose", [numbers(dtype, shape)], reversed, { perm: undefined });
      }
      const perm = [3, -1, 0, 5, 2, 1, 4];
      const y = [3, 2, 2, 3, 2, 1, 2];
      agree(reshape, "transpose", [numbers(dtype, [2, 1, 2, 3, 2, 3, 2])], y, { perm });
    }
  });
});

/** All orders of the axes. */
function permutations(rank: number): number[][] {
  if (rank === 0) return [[]];
  return permutations(rank - 1).flatMap((rest) =>
    Array.from({ length: rank }, (_, i) => rest.toSpliced(i, 0, rank - 1)),
  );
}
