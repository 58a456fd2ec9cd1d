import { describe, expect, it } from "vitest";
import { applyAll, leaves, ops, rebuild } from "../src/index.js";
import { referenceKernels } from "../src/kernels/reference/index.js";
import { restartSamples } from "../src/ops/samples.js";
import { checkOp, checkPairing32, inFloat32 } from "../src/testing/check_op.js";
import { distance } from "../src/testing/compare.js";

describe.each(ops.map(({ op, family }) => [op.name, family, op] as const))("%s", (name, _, op) => {
  it("passes the check table in float64 (rules, pairing, second order, messages)", () => {
    restartSamples();
    const report = checkOp(op);
    expect(report.samples).toBeGreaterThan(0);
  });

  it("pairs in float32 on the backend's kernels", () => {
    restartSamples();
    expect(checkPairing32(op)).toBeLessThanOrEqual(1e-5);
  });

  it("gives on the backend's kernels what the reference gives", () => {
    restartSamples();
    expect(op.view || name in referenceKernels).toBe(true);
    for (const sample of op.samples()) {
      if (sample.error !== undefined) continue;
      const inputs = inFloat32(sample.inputs);
      const wide = leaves(inputs).map((x) => (x.dtype === "float32" ? x.cast("float64") : x));
      const widened = rebuild(inputs, wide);
      const got = leaves(applyAll(op, inputs, sample.attrs));
      const want = leaves(applyAll(op, widened, sample.attrs));
      got.forEach((y, i) => {
        expect(y.shape).toEqual(want[i]?.shape);
        expect(distance(y.data(), want[i]?.data() ?? [])).toBeLessThanOrEqual(1e-5);
      });
    }
  });
});
