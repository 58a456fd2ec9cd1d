import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DomainError, init, random, tensor, UsageError } from "../src/index.js";

await init();
const f64 = { dtype: "float64" } as const;

describe("random", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom("normal", "uniform"), (seed, draw) => {
        const [a, b, c] = [seed, seed, seed + 1].map((s) =>
          random[draw]([8], { seed: s }).toArray(),
        );
        expect(a).toEqual(b);
        expect(a).not.toEqual(c);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("continues one common stream, which a seed starts anew", () => {
    random.seed(4);
    const first = [random.normal([3]), random.uniform([3])].map((x) => x.toArray());
    expect(random.normal([3]).toArray()).not.toEqual(first[0]);
    random.seed(4);
    expect(random.normal([3]).toArray()).toEqual(first[0]);
    random.normal([2], { seed: 9 }); // a stream of its own
    expect(random.uniform([3]).toArray()).toEqual(first[1]);
  });

  it("has the moments that it says", () => {
    const n = 200_000;
    const x = random.normal([n], { ...f64, seed: 1, mean: 3, std: 2 });
    const z = x.sub(3).div(2);
    // Four standard deviations of each mean: of z, z², z³ and z⁴.
    for (const [k, mean, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      expect(Math.abs(z.pow(k).mean().item() - mean)).toBeLessThan(4 * Math.sqrt(variance / n));
    }
    const u = random.uniform([n], { ...f64, seed: 2, low: -1, high: 3 });
    expect(u.min().item()).toBeGreaterThanOrEqual(-1);
    expect(u.max().item()).toBeLessThan(3);
    expect(Math.abs(u.mean().item() - 1)).toBeLessThan(4 * Math.sqrt(16 / 12 / n));
    expect(u.max().item() - u.min().item()).toBeGreaterThan(3.999);
  });

  it("permutes", () => {
    const counts = [0, 0, 0];
    for (let seed = 0; seed < 3000; seed++) {
      const order = random.permutation(3, { seed }).toArray<number[]>();
      expect(order.toSorted()).toEqual([0, 1, 2]);
      counts[order[0] as number] = (counts[order[0] as number] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(104); // four deviations
  });

  it.each<[string, () => unknown, string]>([
    ["a fraction", () => random.normal([2], { seed: 0.5 }), "random.normal: seed is 0.5"],
    ["NaN", () => random.uniform([2], { seed: Number.NaN }), "random.uniform: seed is NaN"],
    [
      "a text",
      () => random.permutation(2, { seed: "a" as never }),
      "random.permutation: seed is a",
    ],
    ["of all", () => random.seed(Math.PI), "random.seed: seed is 3.14"],
  ])("refuses seeds that are no whole numbers: %s", (_, draw, message) => {
    expect(draw).toThrow(message);
    expect(draw).toThrow("a whole number was wanted");
    expect(draw).toThrow(UsageError);
  });

  it("refuses tensors for numbers, through which no gradient would come", () => {
    const mean = tensor(1) as unknown as number;
    expect(() => random.normal([2], { mean })).toThrow("random.normal: mean is a Tensor; a number");
    expect(() => random.normal([2], { std: mean })).toThrow("can be scaled by tensors afterwards");
    expect(() => random.uniform([2], { high: mean })).toThrow("random.uniform: high is a Tensor");
    expect(() => random.normal([2], { std: -1 })).toThrow(DomainError);
  });
});
