import { describe, expect, it } from "vitest";
import { referenceKernels } from "../../src/kernels/reference/index.js";
import type { ReferenceKernel } from "../../src/kernels/reference/kernel.js";
import { wasmKernels } from "../../src/kernels/wasm/index.js";
import type { WasmKernel } from "../../src/kernels/wasm/kernel.js";
import { generator } from "../../src/tensor/random.js";
import { distance } from "../../src/testing/compare.js";
import { onHeap } from "../on_heap.js";

const steps = [
  { op: "momentumStep", count: 3, results: 2, attrs: { momentum: 0.9, rate: 0.1 } },
  { op: "momentumStep", count: 3, results: 2, attrs: { momentum: 0.9, rate: 0.1, nesterov: true } },
  {
    op: "adamStep",
    count: 4,
    results: 3,
    attrs: { beta1: 0.9, beta2: 0.999, rate: 0.01, epsilon: 1e-9 },
  },
  {
    op: "adamStep",
    count: 4,
    results: 3,
    attrs: { beta1: 0.9, beta2: 0.999, rate: 0.01, epsilon: 1e-9, decay: 0.2 },
  },
];

describe.each(["float32", "float64"] as const)("steps of optimizers in %s", (dtype) => {
  it.each(steps)("$op with $attrs agrees with the reference", ({ op, count, results, attrs }) => {
    const next = generator(3);
    for (const n of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000, 1003]) {
      const shape = [n];
      const inputs = Array.from({ length: count }, (_, k) => {
        const data = Float64Array.from({ length: n }, () => next() + (k === 3 ? 0.1 : -0.5));
        return { shape, data: dtype === "float64" ? data : Float32Array.from(data) };
      });
      const outputs = Array.from({ length: results }, () => ({ shape, dtype }));
      const got = onHeap(wasmKernels[op] as WasmKernel, inputs, outputs, attrs);
      const want = got.map((data) => ({ shape, data: data.slice().fill(0) }));
      (referenceKernels[op] as ReferenceKernel)(inputs, want, attrs as never);
      const bound = dtype === "float64" ? 1e-15 : 2e-7;
      got.forEach((data, i) => {
        expect(distance(data, want[i]?.data ?? [])).toBeLessThanOrEqual(bound);
      });
    }
  });
});
