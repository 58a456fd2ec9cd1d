import { describe, expect, it } from "vitest";
import { ops, random, type Tensor, tensor } from "../src/index.js";
import { route } from "../src/kernels/kernels.js";
import { referenceKernels } from "../src/kernels/reference/index.js";
import { tfKernels } from "../src/kernels/tfjs/index.js";

const names: string[] = ops.map(({ op }) => op.name);

describe("kernels", () => {
  it("every op has a reference kernel, and every kernel an op", () => {
    const needed = ops.filter(({ op }) => !op.view).map(({ op }) => op.name);
    expect(Object.keys(referenceKernels).sort()).toEqual([...needed].sort());
    expect(Object.keys(tfKernels).filter((name) => !names.includes(name))).toEqual([]);
  });

  it("no two ops share a name", () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it("says for every op and dtype where it runs, and why", () => {
    for (const name of names) {
      for (const dtype of ["float32", "float64", "int32", "bool"] as const) {
        expect(route(name, dtype).why).not.toBe("");
      }
    }
    expect(route("matmul", "int32").provider).toBe("reference");
  });

  it("float32 sums of 10⁷ numbers keep six digits", () => {
    const n = 10_000_000;
    const x = tensor(new Float32Array(n).fill(0.1));
    const want = n * Math.fround(0.1);
    for (const total of [
      x.sum(),
      x
        .reshape([10, n / 10])
        .sum({ axis: 1 })
        .sum(),
    ]) {
      expect(Math.abs(total.item() / want - 1)).toBeLessThan(1e-6);
    }
    expect(Math.abs(x.mean().item() / Math.fround(0.1) - 1)).toBeLessThan(1e-6);
  });

  it("products agree with the reference at sizes where kernels block their loops", () => {
    for (const [m, k, n] of [
      [65, 33, 17],
      [1, 200, 1],
      [128, 128, 128],
      [3, 1, 70],
    ] as const) {
      const A = random.normal([m, k], { seed: m });
      const B = random.normal([k, n], { seed: n + 1 });
      const product = (a: Tensor, b: Tensor) => a.matmul(b);
      const exact = product(A.cast("float64"), B.cast("float64"));
      const error = product(A, B).sub(exact).abs().max().item();
      expect(error).toBeLessThan(1e-4);
    }
  });
});
