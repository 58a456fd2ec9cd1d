import { describe, expect, it } from "vitest";
import { DomainError, eigh, ShapeError, tensor, UsageError } from "../../src/index.js";
import { type PrincipalAxesOptions, principalAxes } from "../../src/plot/index.js";
import { expectClean, layersOf } from "./read.js";

const points = [
  [1, 2],
  [3, 3],
  [4, 5],
  [7, 6],
  [8, 9],
  [5, 4],
  [2, 4],
];
const X = tensor(new Float64Array(points.flat()), { shape: [7, 2] });
const centred = X.sub(X.mean({ axis: 0 }));
const S = centred.T.matmul(centred).div(7);
const size = { width: 300, height: 400 };

/** Tail and tip of each arrow, in units of the data, and how many pixels a unit has. */
function arrowsOf(options: PrincipalAxesOptions) {
  const picture = principalAxes(X, { ...size, ...options });
  const [dots] = layersOf(picture, "point");
  const domain = (channel: string): [number, number] =>
    (dots?.encoding[channel]?.scale as { domain?: [number, number] } | undefined)?.domain ?? [0, 0];
  const [x, y] = [domain("x"), domain("y")];
  const unit = size.width / (x[1] - x[0]);
  expect(unit).toBeCloseTo(size.height / (y[1] - y[0]), 10);
  const place = ([u = 0, v = 0]: readonly number[]): number[] => [x[0] + u / unit, y[1] - v / unit];
  const features = layersOf(picture, "geoshape").at(-1)?.data.values ?? [];
  const shafts = features.filter(({ geometry }) => geometry.type === "LineString");
  const heads = features.filter(({ geometry }) => geometry.type === "Polygon");
  return shafts.map(({ geometry }, i) => ({
    tail: place((geometry.coordinates as number[][])[0] ?? []),
    tip: place((heads[i]?.geometry.coordinates as number[][][] | undefined)?.[0]?.[0] ?? []),
  }));
}

const lengthOf = ({ tail, tip }: { tail: number[]; tip: number[] }): [number, number] => [
  (tip[0] ?? 0) - (tail[0] ?? 0),
  (tip[1] ?? 0) - (tail[1] ?? 0),
];

describe("principalAxes", () => {
  it("draws 2·√variance from the mean along the eigenvectors of the covariance", () => {
    const { w, V: vectors } = eigh(S);
    const [small = 0, large = 0] = w.data();
    const V = vectors.toArray<number[][]>();
    const arrows = arrowsOf({});
    expect(arrows).toHaveLength(2);
    const mean = X.mean({ axis: 0 }).toArray<number[]>();
    arrows.forEach((arrow, i) => {
      expect(arrow.tail[0]).toBeCloseTo(mean[0] ?? 0, 2);
      expect(arrow.tail[1]).toBeCloseTo(mean[1] ?? 0, 2);
      const [dx, dy] = lengthOf(arrow);
      const j = i === 0 ? 1 : 0;
      expect(Math.hypot(dx, dy)).toBeCloseTo(2 * Math.sqrt([large, small][i] ?? 0), 1);
      const along = Math.abs(dx * (V[0]?.[j] ?? 0) + dy * (V[1]?.[j] ?? 0));
      expect(along / Math.hypot(dx, dy)).toBeCloseTo(1, 4);
    });
  });

  it("draws the axes and variances that it is given", () => {
    const axes = [
      [0.6, -0.8],
      [0.8, 0.6],
    ];
    const [first, second] = arrowsOf({ axes, variances: [4, 1] });
    expect(lengthOf(first ?? { tail: [], tip: [] })).toEqual([
      expect.closeTo(2.4, 1),
      expect.closeTo(3.2, 1),
    ]);
    expect(lengthOf(second ?? { tail: [], tip: [] })).toEqual([
      expect.closeTo(-1.6, 1),
      expect.closeTo(1.2, 1),
    ]);
    // Of a given axis alone the variance is that of the points along it.
    const [alone] = arrowsOf({ axes: tensor([[1], [0]]) });
    const deviation = Math.sqrt(S.toArray<number[][]>()[0]?.[0] ?? 0);
    expect(lengthOf(alone ?? { tail: [], tip: [] })[0]).toBeCloseTo(2 * deviation, 1);
  });

  it("says the share of the variance, and leaves out an axis without any", () => {
    const drawn = principalAxes([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    expect(layersOf(drawn, "text")[0]?.data.values.map((row) => row.text)).toEqual([
      "100.0 %",
      "0.0 %",
    ]);
    const features = layersOf(drawn, "geoshape").at(-1)?.data.values;
    expect(features?.filter(({ geometry }) => geometry.type === "Polygon")).toHaveLength(1);
    // What rounding leaves below zero counts as nothing.
    const axes = [
      [1, 0],
      [0, 1],
    ];
    expect(() => principalAxes(points, { axes, variances: [1, -1e-12] })).not.toThrow();
  });

  it("draws classes too, and without warnings", () => {
    const labels = points.map((_, i) => (i % 2 === 0 ? "even" : "odd"));
    expectClean(principalAxes(points, { labels, xTitle: "length (mm)" }).spec);
    expectClean(principalAxes(points).spec);
  });

  it.each([
    [
      [
        [1, 1],
        [1, 1],
      ],
      {},
      DomainError,
      "all points are one, which has no axes",
    ],
    [points, { variances: [1, 1] }, UsageError, "variances without axes"],
    [
      points,
      {
        axes: [
          [1, 0, 0],
          [0, 1, 0],
        ],
      },
      ShapeError,
      "axes are not [2, 1] or [2, 2]",
    ],
    [points, { axes: [[1, 0]] }, ShapeError, "axes are not [2, 1] or [2, 2]"],
    [points, { axes: [[2], [0]] }, DomainError, "axis 0 has the length 2; 1 was wanted"],
    [points, { axes: [[1], [0]], variances: [1, 2] }, ShapeError, "1 axes and 2 variances"],
    [points, { axes: [[1], [0]], variances: [-1] }, DomainError, "variances[0] is -1"],
    [points, { axes: [[1], [0]], variances: [Number.NaN] }, DomainError, "variances[0] is NaN"],
    [points, { labels: [1] }, ShapeError, "there are 7 points and 1 labels"],
  ])("refuses %j with %j", (given, options, kind, message) => {
    const call = () => principalAxes(given, options as PrincipalAxesOptions);
    expect(call).toThrow(kind);
    expect(call).toThrow(`principalAxes: ${message}`);
  });
});
