import { describe, expect, it } from "vitest";
import {
  backtrack,
  lineSearchOptions,
  strongWolfe,
  type Trial,
} from "../../src/optim/line_search.js";

const usual = lineSearchOptions("test", {});

/** A function with its slope, counting how often it is asked. */
function line(value: (a: number) => number, slope: (a: number) => number) {
  const asked: number[] = [];
  const phi = (step: number): Trial => {
    asked.push(step);
    return { step, value: value(step), slope: slope(step) };
  };
  return { phi, asked, start: { step: 0, value: value(0), slope: slope(0) } };
}

/** Test functions 1 to 3 and one of 4 to 6 of Moré and Thuente, 1994, section 5. */
const beta = 0.004;
const gamma = (b: number): number => Math.sqrt(1 + b * b) - b;
const [left, right] = [gamma(0.001), gamma(0.01)];
const functions: Record<string, [(a: number) => number, (a: number) => number]> = {
  "function 1": [(a) => -a / (a * a + 2), (a) => (a * a - 2) / (a * a + 2) ** 2],
  "function 2": [
    (a) => (a + beta) ** 5 - 2 * (a + beta) ** 4,
    (a) => 5 * (a + beta) ** 4 - 8 * (a + beta) ** 3,
  ],
  "function 3": [
    (a) => kinked(a) + (2 * 0.99 * Math.sin(39 * Math.PI * 0.5 * a)) / (39 * Math.PI),
    (a) => kinkedSlope(a) + 0.99 * Math.cos(39 * Math.PI * 0.5 * a),
  ],
  "function 6": [
    (a) => left * Math.hypot(1 - a, 0.01) + right * Math.hypot(a, 0.001),
    (a) => (left * (a - 1)) / Math.hypot(1 - a, 0.01) + (right * a) / Math.hypot(a, 0.001),
  ],
};

function kinked(a: number): number {
  if (a <= 0.99) return 1 - a;
  return a >= 1.01 ? a - 1 : (a - 1) ** 2 / 0.02 + 0.005;
}

function kinkedSlope(a: number): number {
  if (a <= 0.99) return -1;
  return a >= 1.01 ? 1 : (a - 1) / 0.01;
}

describe("a line search for the strong Wolfe conditions", () => {
  const cases = Object.keys(functions).flatMap((name) =>
    [1e-3, 1e-1, 1, 10, 1e3].flatMap((first) => [0.1, 0.9].map((c2) => [name, first, c2] as const)),
  );
  it.each(cases)("fulfils them on %s from %d with c2 %d", (name, first, c2) => {
    const { phi, asked, start } = line(...(functions[name] as (typeof functions)[string]));
    const options = { c1: 1e-3, c2, maxEvaluations: 30 };
    const found = strongWolfe(phi, start, first, options);
    if (found === null) throw new Error("found nothing");
    expect(found.value).toBeLessThanOrEqual(start.value + 1e-3 * found.step * start.slope);
    expect(Math.abs(found.slope)).toBeLessThanOrEqual(-c2 * start.slope);
    expect(asked.length).toBeLessThanOrEqual(30);
    expect(asked.at(-1)).toBe(found.step);
  });

  it("takes the first step where that will do", () => {
    const { phi, asked, start } = line(
      (a) => (a - 1) ** 2,
      (a) => 2 * (a - 1),
    );
    expect(strongWolfe(phi, start, 1.2, usual)?.step).toBe(1.2);
    expect(asked).toEqual([1.2]);
  });

  it("goes to the lowest point of a parabola at once", () => {
    const { phi, start } = line(
      (a) => (a - 1) ** 2,
      (a) => 2 * (a - 1),
    );
    for (const first of [0.3, 5]) {
      const found = strongWolfe(phi, start, first, { ...usual, c2: 0.1 });
      expect(found?.step).toBeCloseTo(1, 12);
    }
  });

  it("takes values that are not finite for those of too long a step", () => {
    for (const beyond of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const edge of [0.7, 1e-3, 1e-9]) {
        // −a with a barrier at the edge
        const inside = (a: number, value: number): number => (a < edge ? value : beyond);
        const { phi, start } = line(
          (a) => inside(a, -a - edge * Math.log(1 - a / edge) * 0.1),
          (a) => inside(a, -1 + 0.1 / (1 - a / edge)),
        );
        const found = strongWolfe(phi, start, 1, usual);
        expect(found?.value).toBeLessThan(-0.1 * edge);
        expect(found?.step).toBeLessThan(edge);
      }
    }
    const { phi, asked, start } = line(
      (a) => (a === 0 ? 0 : Number.NaN),
      () => -1,
    );
    expect(strongWolfe(phi, start, 1, usual)).toBeNull();
    expect(asked.length).toBeLessThanOrEqual(20);
  });

  it("does not set out where the way does not lead down", () => {
    for (const slope of [0, 1, Number.NaN]) {
      const { phi, asked, start } = line(
        () => 0,
        () => slope,
      );
      expect(strongWolfe(phi, start, 1, usual)).toBeNull();
      expect(backtrack(phi, start, { step: 1, value: 2 }, usual)).toBeNull();
      expect(asked).toEqual([]);
    }
  });

  it("gives up where the function does not fall as its slope says", () => {
    const { phi, asked, start } = line(
      () => 1,
      () => -1,
    );
    expect(strongWolfe(phi, start, 1, usual)).toBeNull();
    expect(asked.length).toBe(20);
  });

  it("goes on, but not without end, where the function falls for ever", () => {
    const { phi, asked, start } = line(
      (a) => -a,
      () => -1,
    );
    expect(strongWolfe(phi, start, 1, usual)?.step).toBe(asked.at(-1));
    expect(asked.slice(0, 3)).toEqual([1, 10, 100]);
    expect(asked.length).toBe(20);
  });

  it("gives the best that it has met when the evaluations are used up", () => {
    const [value, slope] = functions["function 2"] as (typeof functions)[string];
    const { phi, asked, start } = line(value, slope);
    const options = { c1: 1e-3, c2: 0.01, maxEvaluations: 3 };
    const found = strongWolfe(phi, start, 0.1, options);
    expect(asked.length).toBe(3);
    expect(found?.value).toBe(Math.min(...asked.map(value)));
  });

  it("goes by the slopes where rounding hides the decrease", () => {
    // The values of float32 near its lowest point.
    const { phi, start } = line(
      (a) => Math.fround(1e4 + 1e-7 * (a - 1) ** 2),
      (a) => 2e-7 * (a - 1),
    );
    expect(strongWolfe(phi, start, 1.5, usual)).toBeNull();
    expect(strongWolfe(phi, start, 1.5, usual, 1e-2)?.step).toBe(1.5);
    expect(strongWolfe(phi, start, 50, usual, 1e-2)?.step).toBeLessThan(1.9);
    expect(strongWolfe(phi, start, 0.01, usual, 1e-2)?.step).toBeGreaterThanOrEqual(0.1);
  });

  it("checks its constants", () => {
    const wants = (options: Parameters<typeof lineSearchOptions>[1], message: string): void => {
      expect(() => lineSearchOptions("lbfgs", options)).toThrow(message);
    };
    wants({ c1: 0.95 }, "lbfgs: c1 is 0.95 and c2 is 0.9; 0 < c1 < c2 < 1 was wanted");
    wants({ c2: 1 }, "lbfgs: c1 is 0.0001 and c2 is 1");
    wants({ c1: 0 }, "lbfgs: c1 is 0");
    wants({ maxEvaluations: 0 }, "lbfgs: maxEvaluations is 0; a whole number, 1 or more");
  });
});

describe("backtracking", () => {
  it("finds the lowest point of a parabola, and half the step at most", () => {
    const { phi, start } = line(
      (a) => (a - 0.2) ** 2,
      (a) => 2 * (a - 0.2),
    );
    expect(backtrack(phi, start, phi(1), usual)?.step).toBeCloseTo(0.2, 12);
    expect(backtrack(phi, start, phi(0.41), usual)?.step).toBeCloseTo(0.2, 12);
    expect(backtrack(phi, start, phi(0.401), usual)?.step).toBeCloseTo(0.2, 12);
  });

  it("shortens more where there is no value", () => {
    const { phi, asked, start } = line(
      (a) => (a < 1e-5 ? -a : Number.NaN),
      () => -1,
    );
    const found = backtrack(phi, start, phi(1), usual);
    expect(found?.value).toBeLessThan(0);
    expect(asked.length).toBeLessThanOrEqual(8);
  });

  it("gives up after its evaluations", () => {
    const { phi, asked, start } = line(
      (a) => a,
      () => -1,
    );
    expect(backtrack(phi, start, { step: 1, value: 1 }, usual)).toBeNull();
    expect(asked.length).toBe(20);
  });
});
