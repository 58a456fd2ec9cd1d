import { describe, expect, it } from "vitest";
import {
  DomainError,
  ShapeError,
  type Tensor,
  tensor,
  UsageError,
  zeros,
} from "../../src/index.js";
import { type DecisionBoundaryOptions, decisionBoundary } from "../../src/plot/index.js";
import { areaOf, expectClean, layersOf, shapesOf } from "./read.js";

/** The plane is −2.5 … 2.5 twice, on 500 by 500 pixels: a hundred of them are one. */
const corners = [
  [-2, -2],
  [2, 2],
  [-2, 2],
  [2, -2],
].map((row) => row.map((x) => (x * 2.5) / 2.4));
const square: DecisionBoundaryOptions = {
  points: corners,
  labels: [0, 1, 1, 0],
  width: 500,
  height: 500,
};
const place = ([x = 0, y = 0]: readonly number[]): [number, number] => [
  (x - 250) / 100,
  (250 - y) / 100,
];

const radius = (X: Tensor): Tensor => X.square().sum({ axis: 1 }).sqrt();
const disk = (X: Tensor): Tensor => radius(X).sub(1.5);

const areas = (picture: ReturnType<typeof decisionBoundary>) =>
  shapesOf(picture, (layer) => layer.mark.fill !== undefined).map(areaOf);
const lines = (picture: ReturnType<typeof decisionBoundary>, width: number) =>
  shapesOf(picture, (layer) => layer.mark.strokeWidth === width && layer.mark.filled === false);
const boundary = 1.8;
const margin = 1.4;
const level = 0.6;

describe("decisionBoundary", () => {
  it("draws a score's regions and boundary where they are", () => {
    const picture = decisionBoundary(disk, square);
    const [inside = 0, outside = 0] = areas(picture);
    expect(inside / 1e4).toBeCloseTo(Math.PI * 1.5 ** 2, 2);
    expect(outside / 1e4).toBeCloseTo(25 - Math.PI * 1.5 ** 2, 2);
    const ring = lines(picture, boundary).flat(2);
    expect(ring.length).toBeGreaterThan(100);
    for (const pixel of ring) expect(Math.hypot(...place(pixel))).toBeCloseTo(1.5, 3);
    expectClean(picture.spec);
  });

  it("takes scores in a column, and as probabilities with a threshold", () => {
    const column = decisionBoundary((X) => disk(X).reshape([X.shape[0] ?? 0, 1]), square);
    const probable = decisionBoundary((X) => disk(X).sigmoid(), { ...square, threshold: 0.5 });
    for (const picture of [column, probable]) {
      expect((areas(picture)[0] ?? 0) / 1e4).toBeCloseTo(Math.PI * 1.5 ** 2, 2);
    }
  });

  it("finds the boundary between labels, int32 or bool, as sharply", () => {
    const bool = decisionBoundary((X) => disk(X).greater(0), square);
    const int = decisionBoundary((X) => disk(X).greater(0).cast("int32"), square);
    for (const picture of [bool, int]) {
      const ring = lines(picture, boundary).flat(2);
      for (const pixel of ring) {
        expect(Math.abs(Math.hypot(...place(pixel)) - 1.5)).toBeLessThan(0.002);
      }
      expect((areas(picture)[0] ?? 0) / 1e4).toBeCloseTo(Math.PI * 1.5 ** 2, 1);
    }
  });

  it("divides the plane among the columns of scores, the largest winning", () => {
    const means = tensor([
      [-1, 0],
      [1, 0],
      [0, 2],
    ]);
    const near = (X: Tensor): Tensor =>
      X.reshape([X.shape[0] ?? 0, 1, 2])
        .sub(means)
        .square()
        .sum({ axis: 2 })
        .neg();
    const options = { ...square, labels: [0, 1, 2, 1] };
    const picture = decisionBoundary(near, options);
    const [left = 0, right = 0, top = 0] = areas(picture);
    expect(left).toBeCloseTo(right, -1);
    expect((left + right + top) / 25e4).toBeCloseTo(1, 3);
    // Three regions meet at (0, 3/4): above it, up to 5/2, and ±1/2 x + 3/4 on both sides.
    expect(top / 1e4).toBeCloseTo(5 * 1.75 - 2.5 * 1.25, 1);
    const labels = decisionBoundary((X) => near(X).argmax({ axis: 1 }), options);
    areas(labels).forEach((area, i) => {
      expect(area / 1e4).toBeCloseTo((areas(picture)[i] ?? 0) / 1e4, 1);
    });
    expectClean(picture.spec);
  });

  it("draws margins as dashed lines, with a legend", () => {
    const picture = decisionBoundary((X) => disk(X).mul(2), { ...square, margins: true });
    const radii = lines(picture, margin).flatMap((rings) =>
      rings.map((ring) => Math.hypot(...place(ring[0] ?? []))),
    );
    expect(radii.sort()).toEqual([expect.closeTo(1, 3), expect.closeTo(2, 3)]);
    const dashed = layersOf(picture, "geoshape").filter(
      (layer) => layer.mark.strokeWidth === margin,
    );
    expect(dashed[0]?.mark.strokeDash).toEqual([6, 4]);
    expect(dashed[0]?.encoding.strokeDash?.scale).toMatchObject({ domain: ["boundary", "margin"] });
    const own = decisionBoundary(disk, { ...square, margins: [0.25] });
    for (const pixel of lines(own, margin).flat(2)) {
      expect(Math.hypot(...place(pixel))).toBeCloseTo(1.75, 3);
    }
    expectClean(picture.spec);
  });

  it("shades the level sets of a score, and writes their numbers", () => {
    const picture = decisionBoundary(disk, { ...square, levels: [-1, -0.5, 0.5] });
    const pi = (r: number): number => Math.PI * r * r * 1e4;
    // From below: the innermost disk, then all above −1, −1/2, 0 and 1/2, each over the last.
    expect(areas(picture).map((area) => Math.round(area / 1e3))).toEqual(
      [pi(0.5), 25e4 - pi(0.5), 25e4 - pi(1), 25e4 - pi(1.5), 25e4 - pi(2)].map((area) =>
        Math.round(area / 1e3),
      ),
    );
    const colours = layersOf(picture, "geoshape").flatMap((layer) => layer.mark.fill ?? []);
    expect(new Set(colours).size).toBe(5);
    expect(lines(picture, level).flat()).toHaveLength(3);
    const texts = layersOf(picture, "text")[0]?.data.values.map((row) => row.text);
    expect(texts?.toSorted()).toEqual(["-0.5", "-1", "0", "0.5"]);
    expectClean(picture.spec);
  });

  it("leaves blank where the score is NaN, without a boundary there", () => {
    const hollow = (X: Tensor): Tensor => radius(X).sub(1).sqrt().sub(0.5);
    const picture = decisionBoundary(hollow, square);
    const [ring = 0, outside = 0] = areas(picture);
    expect(ring / 1e4).toBeCloseTo(Math.PI * (1.25 ** 2 - 1), 1);
    expect(outside / 1e4).toBeCloseTo(25 - Math.PI * 1.25 ** 2, 1);
    const falling = decisionBoundary((X) => hollow(X).neg(), square);
    for (const picture of [decisionBoundary(hollow, square), falling]) {
      const rings = lines(picture, boundary).flat();
      expect(rings).toHaveLength(1);
      for (const pixel of rings.flat()) expect(Math.hypot(...place(pixel))).toBeCloseTo(1.25, 2);
    }
  });

  it("fills the plane with one class where no boundary is", () => {
    const picture = decisionBoundary((X) => radius(X).add(1), square);
    expect(areas(picture)).toEqual([250000]);
    expect(lines(picture, boundary)).toEqual([]);
  });

  it("asks in parts of at most 4096 points, of the dtype of the given points", () => {
    const asked: Tensor[] = [];
    const spy = (X: Tensor): Tensor => {
      asked.push(X);
      return disk(X);
    };
    const points = tensor(new Float64Array(corners.flat()), { shape: [4, 2] });
    decisionBoundary(spy, { ...square, points });
    expect(asked.every((X) => X.dtype === "float64" && X.shape[1] === 2)).toBe(true);
    expect(Math.max(...asked.map((X) => X.shape[0] ?? 0))).toBe(4096);
    asked.length = 0;
    decisionBoundary(spy, { ...square, resolution: 10 });
    expect(asked[0]?.shape).toEqual([121, 2]);
    expect(asked[0]?.dtype).toBe("float32");
  });

  it("draws the points by class, and rings the support vectors", () => {
    const picture = decisionBoundary(disk, { ...square, classes: ["no", "yes"], support: [2] });
    const drawn = layersOf(picture, "point").map((layer) => layer.data.values);
    expect(drawn[1]?.map((row) => row.class)).toEqual(["no", "yes", "yes", "no"]);
    const [x, y] = corners[2] ?? [];
    expect(drawn[2]).toEqual([{ x, y, kind: "support vector" }]);
    const index = tensor([1, 3], { dtype: "int32" });
    const more = decisionBoundary(disk, { ...square, support: index });
    expect(layersOf(more, "point")[2]?.data.values).toHaveLength(2);
    expectClean(picture.spec);
  });

  const sum = (X: Tensor): Tensor => X.sum({ axis: 1 });
  const three = { labels: [0, 1, 2, 1] };
  it.each([
    [3, {}, UsageError, "predict is 3; a function of points [n, 2] was wanted"],
    [() => [1], {}, UsageError, "predict gives an array; a tensor"],
    [() => zeros([4]), {}, ShapeError, "predict gives [4] for 4096 points"],
    [(X: Tensor) => sum(X).mul(Number.NaN), {}, DomainError, "predict gives NaN at all of"],
    [sum, three, ShapeError, "one score, which tells two classes apart, and there are 3: 0, 1, 2"],
    [sum, { labels: [1, 1, 1, 1] }, ShapeError, "and there are 1: 1"],
    [(X: Tensor) => X, three, ShapeError, "2 scores a point, and there are 3 classes"],
    [(X: Tensor) => sum(X).mul(0).add(7).cast("int32"), {}, DomainError, "gives the label 7"],
    [sum, { support: [4] }, UsageError, "support[0] is 4; the index of one of 4 points"],
    [sum, { support: [0.5] }, UsageError, "support[0] is 0.5"],
    [sum, { threshold: Number.NaN }, DomainError, "threshold is NaN"],
    [sum, { levels: [0, Infinity] }, DomainError, "levels[1] is Infinity"],
    [(X: Tensor) => sum(X).greater(0), { margins: true }, UsageError, "predict gives labels"],
    [(X: Tensor) => X, { levels: [1] }, UsageError, "levels are scores, and predict gives one for"],
    [sum, { resolution: 1 }, UsageError, "resolution is 1"],
    [sum, { width: 1e9 }, UsageError, "width is 1000000000"],
    [sum, { points: undefined }, UsageError, "points is undefined"],
    [sum, { labels: undefined }, UsageError, "labels is undefined"],
  ])("refuses %s with %j", (predict, options, kind, message) => {
    const call = () => decisionBoundary(predict as never, { ...square, ...options } as never);
    expect(call).toThrow(kind);
    expect(call).toThrow(`decisionBoundary: `);
    expect(call).toThrow(message);
  });

  it("lets the predictor's own errors through, and asks for options", () => {
    const broken = (): Tensor => {
      throw new RangeError("boom");
    };
    expect(() => decisionBoundary(broken, square)).toThrow(new RangeError("boom"));
    expect(() => decisionBoundary(sum, undefined as never)).toThrow("points and labels are needed");
  });
});
