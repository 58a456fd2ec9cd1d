import { describe, expect, it } from "vitest";
import { DomainError, ShapeError, tensor, UsageError, zeros } from "../../src/index.js";
import { fit, mlp, mse } from "../../src/nn/index.js";
import {
  confusionHeatmap,
  decisionBoundary,
  lines,
  lossCurve,
  type Picture,
  picture,
  principalAxes,
  scatter,
  sparkline,
} from "../../src/plot/index.js";
import { expectClean, layersOf } from "./read.js";

/** The text that marks the best epoch. */
const markOf = (curve: Picture): unknown => layersOf(curve, "text")[0]?.data.values[0]?.text;

const scaleOf = (drawn: Picture, channel: "x" | "y") =>
  layersOf(drawn, "line")[0]?.encoding[channel]?.scale as { type?: string; domain?: number[] };

const axisOf = (drawn: Picture, channel: "x" | "y") =>
  layersOf(drawn, "line")[0]?.encoding[channel]?.axis as { values?: number[] } | undefined;

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("lossCurve", () => {
  it("draws training and validation from epoch 1, and marks the lowest validation", () => {
    const curve = lossCurve({ train: [3, 2, 1, 0.5], validation: [3, 2.125, 2.5, 2.6] });
    const [line] = layersOf(curve, "line");
    expect(line?.data.values).toHaveLength(8);
    expect(line?.data.values[4]).toEqual({ series: "validation", x: 1, y: 3 });
    expect(markOf(curve)).toBe("lowest validation: 2.125, epoch 2");
    expect(layersOf(curve, "point")[0]?.data.values[0]).toMatchObject({ x: 2, y: 2.125 });
    expectClean(curve.spec);
  });

  it("marks the lowest training loss without validation, the first of several, or none", () => {
    expect(markOf(lossCurve({ loss: [3, 1, 1] }))).toBe("lowest: 1, epoch 2");
    expect(markOf(lossCurve({ loss: [3, nan, 4] }))).toBe("lowest: 3, epoch 1");
    expect(markOf(lossCurve({ loss: [3] }, { best: false }))).toBeUndefined();
  });

  it("reads what fit returns, tensors and typed arrays", async () => {
    const x = tensor([[0], [1], [2], [3]]);
    const data = { x, y: x.mul(2) };
    const options = { loss: mse, epochs: 3, progress: false } as const;
    const { history } = await fit(mlp([1, 1]), data, { ...options, validation: data });
    expect(layersOf(lossCurve(history), "line")[0]?.data.values).toHaveLength(6);
    const alone = await fit(mlp([1, 1]), data, options);
    expect(layersOf(lossCurve(alone.history), "line")[0]?.data.values).toHaveLength(3);
    const mixed = { train: tensor([2, 1]), validation: new Float32Array([2, 3]) };
    expect(markOf(lossCurve(mixed))).toBe("lowest validation: 2, epoch 1");
  });

  it("has a logarithmic axis with powers of ten", () => {
    const curve = lossCurve({ train: [1, 1e-3, 1e-6] }, { log: true });
    expect(scaleOf(curve, "y").type).toBe("log");
    expect(axisOf(curve, "y")?.values).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
    expect(scaleOf(curve, "x").type).toBeUndefined();
    expectClean(curve.spec);
  });

  it("shows gaps for what is not finite, and a dot for what stands alone", () => {
    const curve = lossCurve({ train: [5, 3, nan, 2, infinity, 1] }, { best: false });
    const values = layersOf(curve, "line")[0]?.data.values.map((row) => row.y);
    expect(values).toEqual([5, 3, null, 2, null, 1]);
    expect(layersOf(curve, "point")[0]?.data.values.map((row) => row.y)).toEqual([2, 1]);
  });

  it.each([
    [undefined, UsageError, "the history is undefined"],
    [{}, UsageError, "the history has neither `loss` nor `train`"],
    [{ train: [] }, ShapeError, "training is empty"],
    [{ train: [nan, infinity] }, DomainError, "none of the 2 numbers of training is finite"],
    [{ train: [1], validation: [nan] }, DomainError, "none of the 1 numbers of validation"],
    [{ train: ["1"] }, UsageError, 'training[0] is "1"; a number was wanted'],
    [{ train: 3 }, UsageError, "training is 3; an array of numbers was wanted"],
    [{ train: zeros([2, 2]) }, ShapeError, "training is [2, 2]; a tensor of one axis was wanted"],
  ])("refuses %j", (history, kind, message) => {
    const call = () => lossCurve(history as never);
    expect(call).toThrow(kind);
    expect(call).toThrow(`lossCurve: ${message}`);
  });

  it("refuses a logarithm of zero, and says where", () => {
    const call = () => lossCurve({ train: [1, 0] }, { log: true });
    expect(call).toThrow(DomainError);
    expect(call).toThrow("training has the y 0 at [1]");
  });
});

describe("lines", () => {
  it("takes places of its own, and logarithms of both axes", () => {
    const drawn = lines({ a: { x: [1, 10, 100], y: [5, 2, 1] } }, { log: "xy", dots: true });
    expect(axisOf(drawn, "x")?.values).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(axisOf(drawn, "y")?.values).toEqual([1, 2, 5]);
    expect(layersOf(drawn, "point")[0]?.data.values).toHaveLength(3);
    expectClean(drawn.spec);
  });

  it("keeps the labels of many powers of ten apart, with 1 among them", () => {
    const drawn = lines({ a: [1e-40, 1] }, { log: true });
    const ticks = axisOf(drawn, "y")?.values ?? [];
    expect(ticks.length).toBeLessThan(11);
    expect(ticks).toContain(1);
  });

  it("has an axis around a constant, and for the smallest and largest numbers", async () => {
    expect(scaleOf(lines({ a: [4, 4] }), "y").domain).toEqual([2, 6]);
    expect(scaleOf(lines({ a: [0, 0] }), "y").domain).toEqual([-0.5, 0.5]);
    const ends = [Number.MIN_VALUE, Number.MAX_VALUE];
    const { domain = [] } = scaleOf(lines({ a: ends }, { log: true }), "y");
    expect(domain.every((end) => end > 0 && Number.isFinite(end))).toBe(true);
    expect(await lines({ a: ends }, { log: true }).svg()).not.toContain("NaN");
  });

  it.each([
    [{}, UsageError, "there are no lines"],
    [[[1]], UsageError, "the series are an array"],
    [{ a: { x: [1], y: [1, 2] } }, ShapeError, "a has 1 x and 2 y"],
    [{ a: { x: [nan], y: [1] } }, DomainError, "a.x[0] is NaN"],
  ])("refuses %j", (series, kind, message) => {
    const call = () => lines(series as never);
    expect(call).toThrow(kind);
    expect(call).toThrow(`lines: ${message}`);
  });
});

describe("confusionHeatmap", () => {
  it("shows counts and shares of rows", () => {
    const drawn = confusionHeatmap(
      [
        [6, 2],
        [0, 0],
      ],
      { classes: ["cat", "dog"] },
    );
    const { values } = drawn.spec.data as { values: unknown[] };
    expect(values).toEqual([
      { actual: "cat", predicted: "cat", count: "6", share: 0.75, percent: "75.0 %" },
      { actual: "cat", predicted: "dog", count: "2", share: 0.25, percent: "25.0 %" },
      { actual: "dog", predicted: "cat", count: "0", share: 0, percent: "" },
      { actual: "dog", predicted: "dog", count: "0", share: 0, percent: "" },
    ]);
    expect(drawn.spec.title).toEqual({
      text: "Confusion matrix",
      subtitle: "6 of 8 right: accuracy 75.0 %",
    });
    expectClean(drawn.spec);
  });

  it("takes tensors, keeps the order of classes, and writes no counts where there is no room", () => {
    const drawn = confusionHeatmap(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      { classes: ["b", "a"] },
    );
    const [cells] = layersOf(drawn, "rect");
    expect(cells?.encoding.x).toMatchObject({ sort: null, scale: { domain: ["b", "a"] } });
    expect(layersOf(drawn, "text").length).toBeGreaterThan(0);
    expect(layersOf(confusionHeatmap(zeros([40, 40])), "text")).toEqual([]);
    expect(confusionHeatmap(zeros([2, 2])).spec.title).toMatchObject({ subtitle: "no examples" });
  });

  it.each([
    [[], {}, ShapeError, "counts are [0, 0]; a square matrix was wanted"],
    [[[1, 2]], {}, ShapeError, "counts are [1, 2]"],
    [[[1, 2], [1]], {}, ShapeError, "counts[1] has 1 numbers and counts[0] has 2"],
    [
      [
        [1, 2],
        [-1, 1],
      ],
      {},
      DomainError,
      "counts[1][0] is -1",
    ],
    [[[nan]], {}, DomainError, "counts[0][0] is NaN"],
    [[[1]], { classes: ["a", "b"] }, ShapeError, "there are 1 classes and 2 names"],
    [
      [
        [1, 2],
        [3, 4],
      ],
      { classes: ["a", "a"] },
      UsageError,
      '"a" is twice among classes',
    ],
    [[[1]], { classes: [1] }, UsageError, "classes is an array; an array of names was wanted"],
    [3, {}, UsageError, "counts is 3; rows of numbers were wanted"],
  ])("refuses %j with %j", (counts, options, kind, message) => {
    const call = () => confusionHeatmap(counts as never, options as never);
    expect(call).toThrow(kind);
    expect(call).toThrow(`confusionHeatmap: ${message}`);
  });
});

describe("scatter", () => {
  const points = [
    [0, 0],
    [2, 1],
    [4, 5],
  ];
  const classesOf = (drawn: Picture): unknown[] =>
    layersOf(drawn, "point")[0]?.data.values.map((row) => row.class) ?? [];

  it("names classes by index, by order, or by their labels", () => {
    const names = (labels: unknown, classes?: string[]): unknown[] =>
      classesOf(scatter(points, { labels: labels as number[], classes }));
    expect(names([0, 2, 0], ["a", "b", "c"])).toEqual(["a", "c", "a"]);
    expect(names([-1, 1, 1], ["no", "yes"])).toEqual(["no", "yes", "yes"]);
    expect(names([7, 3, 7])).toEqual(["7", "3", "7"]);
    expect(names(["x", "y", "x"])).toEqual(["x", "y", "x"]);
    expect(names(tensor([1, 0, 1], { dtype: "int32" }), ["a", "b"])).toEqual(["b", "a", "b"]);
    expect(names(undefined)).toEqual([undefined, undefined, undefined]);
  });

  it("has a colour and a shape for each class, and no warnings", () => {
    const { spec } = scatter(points, { labels: [0, 1, 2], xTitle: "length (cm)" });
    const [layer] = spec.layer as { encoding: Record<string, { scale: { range: string[] } }> }[];
    expect(new Set(layer?.encoding.color?.scale.range).size).toBe(3);
    expect(new Set(layer?.encoding.shape?.scale.range).size).toBe(3);
    expectClean(spec);
    expectClean(scatter(points).spec);
  });

  it("has units of one length where they are to be equal", () => {
    const { spec } = scatter(points, { equal: true, width: 200, height: 300 });
    const [layer] = spec.layer as { encoding: Record<string, { scale: { domain: number[] } }> }[];
    const unit = (channel: string, size: number): number => {
      const [low = 0, high = 0] = layer?.encoding[channel]?.scale.domain ?? [];
      return size / (high - low);
    };
    expect(unit("x", 200)).toBeCloseTo(unit("y", 300), 10);
  });

  it.each([
    [[], {}, ShapeError, "there are no points"],
    [[[1, 2, 3]], {}, ShapeError, "points are [1, 3]; two columns, x and y, were wanted"],
    [[[1, nan]], {}, DomainError, "points[0] is (1, NaN), which cannot be drawn"],
    [[[1e200, 1]], {}, DomainError, "points[0] is (1e+200, 1)"],
    [[[1, 2]], { labels: [0, 1] }, ShapeError, "there are 1 points and 2 labels"],
    [points, { labels: ["a", 1, "b"] }, UsageError, "labels[1] is 1 among names"],
    [points, { labels: [0, nan, 1] }, DomainError, "labels[1] is NaN"],
    [points, { labels: [0, 1, 5], classes: ["a", "b"] }, UsageError, "the labels are 0, 1, 5"],
    [
      points,
      { labels: zeros([3, 2]) },
      ShapeError,
      "labels are [3, 2]; one label a point was wanted, of one-hot",
    ],
    [points, { width: -1 }, UsageError, "width is -1"],
  ])("refuses %j with %j", (given, options, kind, message) => {
    const call = () => scatter(given as never, options as never);
    expect(call).toThrow(kind);
    expect(call).toThrow(`scatter: ${message}`);
  });

  it("takes a hundred classes, and more for a mistake", () => {
    const many = Array.from({ length: 101 }, (_, i) => [i, i]);
    expect(() => scatter(many, { labels: many.map((_, i) => i / 3) })).toThrow(
      "the labels have 101 values; classes were wanted, at most 100",
    );
  });
});

describe("options that there are not", () => {
  const points = [
    [0, 1],
    [1, 0],
  ];
  it.each<[string, (options: object) => unknown]>([
    ["picture", (options) => picture({ mark: "bar" }, options)],
    ["lines", (options) => lines({ a: [1, 2] }, options)],
    ["lossCurve", (options) => lossCurve({ train: [1, 2] }, options)],
    ["confusionHeatmap", (options) => confusionHeatmap([[1]], options)],
    ["scatter", (options) => scatter(points, options)],
    ["principalAxes", (options) => principalAxes(points, options)],
    [
      "decisionBoundary",
      (options) =>
        decisionBoundary((X) => X.sum({ axis: 1 }), { points, labels: [0, 1], ...options }),
    ],
  ])("%s refuses them", (name, draw) => {
    const slip = () => draw({ titel: "What?" });
    expect(slip).toThrow(UsageError);
    expect(slip).toThrow(`${name}: there is no option titel; did you mean title?`);
    expect(() => draw({ title: "What?", subtitle: "a", width: 90, height: 90 })).not.toThrow();
  });

  it("and what is no object of them", async () => {
    const none = null as never;
    expect(() => scatter(points, none)).toThrow("scatter: the options are null");
    expect(() => sparkline([1], 20 as never)).toThrow("sparkline: the options are 20");
    expect(() => decisionBoundary((X) => X, none)).toThrow("the options are null");
    await expect(scatter(points).png({ scal: 1 } as never)).rejects.toThrow("mean scale?");
  });
});
