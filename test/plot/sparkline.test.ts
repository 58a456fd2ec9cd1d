import { describe, expect, it } from "vitest";
import { ShapeError, tensor, UsageError, zeros } from "../../src/index.js";
import { sparkline } from "../../src/plot/index.js";

describe("sparkline", () => {
  it("goes from the lowest to the highest sign", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8])).toBe("▁▁▂▃▄▅▆▇█");
    expect(sparkline(tensor([3, 1, 2]))).toBe("█▁▄");
    expect(sparkline(new Float32Array([1, 2]))).toBe("▁█");
  });

  it("has a blank where a number is not finite", () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    expect(sparkline([1, nan, 3, infinity, -infinity, 2])).toBe("▁ █  ▄");
    expect(sparkline([nan, nan])).toBe("  ");
  });

  it("is flat for a constant, and empty for nothing", () => {
    expect(sparkline([5, 5, 5])).toMatch(/^(.)\1\1$/);
    expect(sparkline([0, 0])).toBe("▁▁");
    expect(sparkline([])).toBe("");
    expect(sparkline(zeros([0]))).toBe("");
  });

  it("averages a longer series down to the width", () => {
    const long = Array.from({ length: 1000 }, (_, i) => i);
    expect(sparkline(long)).toHaveLength(60);
    expect(sparkline(long, { width: 8 })).toBe("▁▂▃▄▅▆▇█");
    // Gaps go into the mean only where they are alone.
    const gaps = [1, Number.NaN, Number.NaN, Number.NaN, 3, 3];
    expect(sparkline(gaps, { width: 3 })).toBe("▁ █");
    expect(sparkline([1, 2, 3], { width: 60 })).toHaveLength(3);
  });

  it("keeps the proportions of the largest and the smallest numbers", () => {
    const most = Number.MAX_VALUE;
    expect(sparkline([-most, 0, most])).toBe("▁▄█");
    expect(sparkline([most, most, most, most, 0, 0], { width: 3 })).toBe("██▁");
    expect(sparkline([0, Number.MIN_VALUE])).toBe("▁█");
  });

  it("is as wide as it is told to be", () => {
    const line = sparkline(
      Array.from({ length: 500_000 }, (_, i) => i % 9),
      { width: 1_000_000 },
    );
    expect(line).toHaveLength(500_000);
    expect(line.slice(-14)).toBe("▁▁▂▃▄▅▆▇█▁▁▂▃▄");
  });

  it("refuses what is no series", () => {
    expect(() => sparkline("123" as never)).toThrow(UsageError);
    expect(() => sparkline([1, "2"] as never)).toThrow('values[1] is "2"; a number was wanted');
    expect(() => sparkline(zeros([2, 2]))).toThrow(ShapeError);
    for (const width of [0, 1.5, Number.NaN, -1]) {
      expect(() => sparkline([1], { width })).toThrow("a whole number of at least 1 was wanted");
    }
  });
});
