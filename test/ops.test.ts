import { describe, expect, it } from "vitest";
import { ops } from "../src/index.js";
import { referenceKernels } from "../src/kernels/reference/index.js";
import { restartSamples } from "../src/ops/samples.js";
import { checkMaps } from "../src/testing/check_maps.js";
import { checkOp } from "../src/testing/index.js";

describe.each(ops.map(({ op, family }) => [op.name, family, op] as const))("%s", (name, _, op) => {
  it("passes the check table: messages, rules to the second order, float32", () => {
    restartSamples();
    expect(checkOp(op).samples).toBeGreaterThan(0);
  });

  it("has a reference kernel", () => {
    expect(op.view || name in referenceKernels).toBe(true);
  });

  it("runs for many at once, under vmap, as it does for each", () => {
    restartSamples();
    expect(op.maps).toBeDefined();
    expect(checkMaps(op)).toBeLessThanOrEqual(1e-12);
  });
});
