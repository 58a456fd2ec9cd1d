import { describe, expect, it } from "vitest";
import { ops } from "../src/index.js";
import { referenceKernels } from "../src/kernels/reference/index.js";
import { restartSamples } from "../src/ops/samples.js";
import { checkOp } from "../src/testing/index.js";

describe.each(ops.map(({ op, family }) => [op.name, family, op] as const))("%s", (name, _, op) => {
  it("passes the check table: messages, rules to the second order, float32, vmap", () => {
    restartSamples();
    expect(checkOp(op).samples).toBeGreaterThan(0);
  });

  it("has a reference kernel", () => {
    expect(op.view || name in referenceKernels).toBe(true);
  });

  it("is a view only with one input, one output and the same dtype", () => {
    const single = op.inputs.length === 1 && op.outputs.length === 1;
    expect(!op.view || (single && op.dtype === "same")).toBe(true);
  });

  it("has no name twice", () => {
    expect(ops.filter(({ op }) => op.name === name).length).toBe(1);
  });

  it("says how it maps", () => {
    expect(op.maps).toBeDefined();
  });
});
