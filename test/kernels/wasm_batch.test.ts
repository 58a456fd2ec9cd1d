import { describe, expect, it } from "vitest";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { product } from "../../src/kernels/wasm/product.js";
import { allocate as zeros } from "../../src/tensor/dtype.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { agree, agreeOn, type Data, type Float, floats, integers, whole } from "../agree.js";
import { onHeap } from "../on_heap.js";

describe("matmul of a batch", () => {
  it("multiplies a batch by one matrix, from either side", () => {
    const sizes = [
      [1, 5, 1],
      [1, 9, 7],
      [7, 9, 1],
      [2, 6, 2],
      [3, 7, 5],
      [5, 3, 4],
      [6, 1, 3],
      [9, 21, 3],
      [13, 19, 10],
      [3, 20, 24],
      [12, 33, 15],
      [16, 17, 8],
      [20, 5, 17],
      [4, 0, 3],
      [0, 3, 5],
      [5, 3, 0],
    ] as const;
    for (const lead of [[0], [2], [13], [1, 3], [3, 1], [5, 2, 3]]) {
      for (const [m, k, n] of sizes) {
        agreeOn([...lead, m, k], [k, n], [...lead, m, n]);
        agreeOn([m, k], [...lead, k, n], [...lead, m, n]);
        agreeOn([1, m, k], [...lead, k, n], [...lead, m, n]);
        agreeOn([...lead, m, k], [1, 1, 1, 1, k, n], [...[1, 1, 1, ...lead].slice(-4), m, n]);
      }
    }
  });

  it.each([
    [40, 1, 30, 600],
    [9, 600, 12, 3],
    [9, 600, 1100, 3],
    [45, 60, 1100, 3],
    [30, 30, 40, 7],
    [9, 3, 520, 70],
    [9, 5, 1100, 21],
    [3, 2, 4100, 2],
    [9, 50, 4100, 3],
  ])("multiplies %d matrices [%d, %d] with %d columns, one of them shared", (batch, m, k, n) => {
    agreeOn([batch, m, k], [k, n], [batch, m, n]);
    agreeOn([m, k], [batch, k, n], [batch, m, n]);
  });

  it("multiplies where some leading axes are shared", () => {
    for (const [m, k, n] of [
      [1, 18, 5],
      [5, 18, 1],
      [3, 4, 2],
      [2, 0, 3],
    ] as const) {
      agreeOn([7, 2, m, k], [2, k, n], [7, 2, m, n]);
      agreeOn([2, m, k], [7, 2, k, n], [7, 2, m, n]);
      agreeOn([3, 1, 2, m, k], [4, 1, k, n], [3, 4, 2, m, n]);
      agreeOn([3, 1, 4, 1, m, k], [5, 1, 2, k, n], [3, 5, 4, 2, m, n]);
      agreeOn([3, 1, m, k], [1, 0, k, n], [3, 0, m, n]);
    }
  });

  // What a Jacobian is made of: each direction has one entry, and all together are an identity.
  describe("with directions", () => {
    const directions = (dtype: Float, shape: Shape): Data => {
      const data = zeros(dtype, sizeOf(shape)) as Data;
      const size = sizeOf(shape.slice(1));
      for (let i = 0; i < data.length / size; i++)
        data[i * size + (i % size)] = i === 2 ? 0 : 1 + i;
      return data;
    };

    /** The products of directions of this shape with a matrix of order n on either side. */
    const agreeAlong = (shape: Shape, n: number, spoil: (directions: Data, one: Data) => void) => {
      const [batch, p, q] = shape as readonly [number, number, number];
      for (const dtype of floats) {
        for (const flags of [0, 1, 2, 3]) {
          const [one, other] = [(flags & 1) > 0, (flags & 2) > 0];
          const data = directions(dtype, shape);
          const left = integers(dtype, n * p);
          const right = integers(dtype, q * n);
          spoil(data, left);
          const X = { shape, data, transposed: other };
          const A = { shape: [n, p], data: left, transposed: one };
          agree(product, "matmul", [A, X], [batch, n, q]);
          spoil(data, right);
          const B = { shape: [q, n], data: right, transposed: one };
          agree(product, "matmul", [X, B], [batch, p, n]);
        }
      }
    };

    const shapes = [
      [37, 37, 1],
      [37, 1, 37],
      [20, 37, 1],
      [70, 1, 37],
      [60, 3, 20],
      [60, 20, 3],
      [50, 19, 21],
    ];

    it.each(shapes)("of [%d, %d, %d]", (...shape) => {
      for (const n of [1, 4, 7, 37, 41]) agreeAlong(shape, n, () => {});
    });

    it.each(shapes)("of [%d, %d, %d] that have more entries", (...shape) => {
      const at = [1, 16, sizeOf(shape) - 1, sizeOf(shape) - 2];
      for (const i of at) {
        agreeAlong(shape, 37, (data) => {
          data[i] = 3;
        });
      }
    });

    it.each(shapes)("of [%d, %d, %d] where not all is finite", (...shape) => {
      for (const special of [Number.NaN, Infinity]) {
        agreeAlong(shape, 37, (_, one) => {
          one[one.length - 5] = special;
        });
        agreeAlong(shape, 37, (data) => {
          data[0] = special;
        });
      }
    });
  });

  it("keeps its digits over long sums of a large batch", () => {
    const [batch, k, n] = [300, 5000, 250];
    const a = new Float32Array(batch * k).map(() => whole() / 8 + 1.1);
    const b = new Float32Array(k * n).map(() => whole() / 8 + 0.7);
    const inputs = [
      { shape: [batch, 1, k], data: a },
      { shape: [k, n], data: b },
    ];
    const output = { shape: [batch, 1, n], dtype: "float32" as const };
    const found = onHeap(product.matmul as WasmKernel, inputs, [output])[0] as Float32Array;
    for (let i = 0; i < batch; i += 13) {
      for (let j = 0; j < n; j += 17) {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += (a[i * k + p] as number) * (b[p * n + j] as number);
        expect(Math.abs((found[i * n + j] as number) / sum - 1)).toBeLessThan(8e-7);
      }
    }
  });
});
