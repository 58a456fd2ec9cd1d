import { describe, expect, it } from "vitest";
import { Table } from "../../src/data/index.js";
import { tensor, UsageError } from "../../src/index.js";
import {
  confusionHeatmap,
  decisionBoundary,
  lines,
  lossCurve,
  picture,
  principalAxes,
  scatter,
  sparkline,
} from "../../src/plot/index.js";

const points = tensor([
  [1, 2],
  [2, 1],
]);

/** Reads what a function says of a value that the compiler would have refused. */
function expectRefusal(body: (value: never) => unknown, value: unknown, message: string): void {
  const call = () => body(value as never);
  expect(call).toThrow(UsageError);
  expect(call).toThrow(message);
}

describe("a table or a promise where numbers are wanted is named with the remedy", () => {
  it.each<[string, (value: never) => unknown, string]>([
    ["scatter", (value) => scatter(value), "scatter: points is "],
    ["labels", (labels) => scatter(points, { labels }), "scatter: labels is "],
    ["lines", (value) => lines(value), "lines: the series are "],
    ["a line", (a) => lines({ a }), "lines: a is "],
    ["heights", (y) => lines({ a: { x: [1], y } }), "lines: a.y is "],
    ["lossCurve", (value) => lossCurve(value), "lossCurve: the history is "],
    ["a loss", (loss) => lossCurve({ loss }), "lossCurve: training is "],
    ["sparkline", (value) => sparkline(value), "sparkline: values is "],
    ["confusionHeatmap", (value) => confusionHeatmap(value), "confusionHeatmap: counts is "],
    ["principalAxes", (value) => principalAxes(value), "principalAxes: points is "],
    ["picture", (value) => picture(value), "picture: the spec is "],
    [
      "decisionBoundary",
      (value) => decisionBoundary((x) => x, { points: value, labels: [0, 1] }),
      "decisionBoundary: points is ",
    ],
  ])("%s", (_, body, message) => {
    const table = Table.from({ loss: [1, 2] });
    expectRefusal(body, table, `${message}a Table (its tensor([names]) gives columns); `);
    expectRefusal(body, Promise.resolve(table), `${message}a Promise (await it); `);
  });

  it("and a predictor that cannot be waited for", () => {
    expectRefusal(
      (predict) => decisionBoundary(predict, { points, labels: [0, 1] }),
      async () => tensor([0, 1]),
      "decisionBoundary: predict gives a Promise; a function that is not async was wanted",
    );
  });
});

describe("what fit gives where its history is wanted", () => {
  it("is told to be opened", () => {
    const fitted = { params: [], history: { loss: [2, 1] }, stopped: "finished" };
    const message = "lossCurve: the history has neither `loss` nor `train`";
    expectRefusal((value) => lossCurve(value), fitted, `${message}; pass its .history`);
    expectRefusal((value) => lossCurve(value), { losses: [1] }, message);
    expect(lossCurve(fitted.history).spec.title).toEqual({ text: "Loss by epoch" });
  });
});
