import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { distance } from "../src/testing/compare.js";
import type { Results } from "./support/run_samples.js";

const run = promisify(execFile);

async function results(backend: string, ...flags: string[]): Promise<Results> {
  const args = [...flags, "--import", "tsx", "test/support/run_samples.ts", backend];
  const { stdout } = await run("node", args, { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout);
}

/** Node 24 has fused multiply-add, older ones behind a flag. */
const fused =
  Number.parseInt(process.versions.node, 10) < 24 ? ["--experimental-wasm-relaxed-simd"] : [];

describe("every provider gives on all samples what the reference gives", async () => {
  const [reference, ...others] = await Promise.all([
    results("reference"),
    results("wasm"),
    results("wasm", ...fused),
    results("tfjs"),
  ]);
  const [, relaxed] = others;
  const names = ["our kernels", "our kernels, fused", "tfjs's kernels"];
  const ops = Object.keys(reference.outputs);

  it("ran the binary with fused multiply-add", () => {
    expect(relaxed?.relaxed).toBe(true);
    expect(ops.length).toBeGreaterThan(80);
  });

  it.each(ops)("%s", (op) => {
    for (const [dtype, bound] of [
      ["float64", 1e-10],
      ["float32", 1e-5],
    ] as const) {
      const want = reference.outputs[op]?.[dtype] ?? [];
      expect(want.length).toBeGreaterThan(0);
      others.forEach((provider, p) => {
        const got = provider.outputs[op]?.[dtype] ?? [];
        expect(got.length).toBe(want.length);
        got.forEach((y, i) => {
          const apart = distance(y.map(Number), (want[i] ?? []).map(Number));
          expect(apart, `${names[p]}, ${dtype}, result ${i}`).toBeLessThanOrEqual(bound);
        });
      });
    }
  });
});
