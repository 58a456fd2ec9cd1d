import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { borderOf, placeCrossings, placesOf } from "../../src/plot/contour.js";

const grid = (columns: number, rows: number) => ({
  columns,
  rows,
  x: [0, columns] as const,
  y: [0, rows] as const,
});

/** How often rings wind around a place. */
function winding(rings: readonly (readonly (readonly [number, number])[])[], x: number, y: number) {
  let turns = 0;
  for (const ring of rings) {
    ring.forEach(([x0, y0], i) => {
      const [x1, y1] = ring[(i + 1) % ring.length] ?? [0, 0];
      const side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0);
      if (y0 <= y && y1 > y && side > 0) turns++;
      if (y0 > y && y1 <= y && side < 0) turns--;
    });
  }
  return turns;
}

const fields = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .chain(([columns, rows]) =>
    fc.tuple(
      fc.constant(grid(columns, rows)),
      fc.array(fc.constantFrom(-2, -1, -0.5, 0.5, 1, 2, Number.NaN), {
        minLength: (columns + 1) * (rows + 1),
        maxLength: (columns + 1) * (rows + 1),
      }),
    ),
  );

describe("borders", () => {
  it("wind once around every place above zero, and around no other", () => {
    fc.assert(
      fc.property(fields, ([at, field]) => {
        const { crossings, ways } = borderOf(field, at, "area");
        const places = placesOf(at);
        // A step further out, since beyond a gap a crossing would be at the place itself.
        const above = (some: readonly unknown[]): number[] => some.map(() => 1);
        const ends = placeCrossings(crossings, places, field, above, 1);
        expect(ways.every((way) => way.isRing)).toBe(true);
        const rings = ways.map((way) => way.crossings.map((i) => ends[i] as [number, number]));
        places.forEach(([x, y], i) => {
          // On the rim a ring passes through the place itself: it is looked at from just inside.
          const inward = (value: number, size: number): number =>
            value + (value === 0 ? 1e-6 : value === size ? -1e-6 : 0);
          const turns = winding(rings, inward(x, at.columns), inward(y, at.rows));
          const value = field[i] as number;
          if (!Number.isNaN(value)) expect(turns).toBe(value > 0 ? 1 : 0);
        });
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("as lines end at the rim and at what is no number, and cross each edge once", () => {
    fc.assert(
      fc.property(fields, ([at, field]) => {
        const { crossings, ways } = borderOf(field, at, "line");
        const passed = ways.flatMap((way) => way.crossings);
        expect(new Set(passed).size).toBe(passed.length);
        for (const i of passed) {
          const { inside, outside } = crossings[i] ?? { inside: -1, outside: -1 };
          expect(field[inside]).toBeGreaterThan(0);
          expect(field[outside]).toBeLessThan(0);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("are placed by halving where the field is a step", () => {
    const at = grid(1, 1);
    const step = (x: number): number => (x > 0.3 ? 1 : -1);
    const places = placesOf(at);
    const field = places.map(([x]) => step(x));
    const { crossings, ways } = borderOf(field, at, "line");
    const ends = placeCrossings(crossings, places, field, (some) => some.map(([x]) => step(x)), 10);
    expect(ways).toHaveLength(1);
    for (const [x] of ends) expect(x).toBeCloseTo(0.3, 3);
  });

  it("are placed where an infinite value lies beyond", () => {
    const field = [1, Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY];
    const { crossings } = borderOf(field, grid(1, 1), "line");
    for (const end of placeCrossings(crossings, placesOf(grid(1, 1)), field, () => [], 0)) {
      expect(end.every(Number.isFinite)).toBe(true);
    }
  });
});
