import { describe, expect, it } from "vitest";
import { ops } from "../../src/index.js";
import { restartSamples } from "../../src/ops/samples.js";
import { checkDerived } from "../support/derived_ops.js";

describe("the derived formula, evaluated, is the adjoint", () => {
  it.each(ops.map(({ op }) => [op.name, op] as const))("%s", (_, op) => {
    restartSamples();
    const { checked, wrong } = checkDerived(op);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });
});
