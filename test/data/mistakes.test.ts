import { describe, expect, it } from "vitest";
import {
  batches,
  kFold,
  minMax,
  parseCsv,
  parseJson,
  standardize,
  Table,
  trainTestSplit,
} from "../../src/data/index.js";
import { tensor, UsageError } from "../../src/index.js";

const table = Table.from({ a: [1, 2, 3, 4], kind: ["x", "x", "y", "y"] });
const X = tensor([[1], [2], [3], [4]]);
/** Where it is said what to do. */
const TABLE = "a Table (its tensor([names]) gives columns); ";
const PROMISE = "a Promise (await it); ";

/** Reads what a function says of a value that the compiler would have refused. */
function expectRefusal(body: (value: never) => unknown, value: unknown, message: string): void {
  const call = () => body(value as never);
  expect(call).toThrow(UsageError);
  expect(call).toThrow(message);
}

describe("a table or a promise where a tensor is wanted is named with the remedy", () => {
  const scaling = standardize(X);
  it.each<[string, (value: never) => unknown, string]>([
    ["standardize", (value) => standardize(value), "standardize: X is "],
    ["minMax", (value) => minMax(value), "minMax: X is "],
    ["apply", (value) => scaling.apply(value), "standardize, apply: X is "],
    ["invert", (value) => minMax(X).invert(value), "minMax, invert: X is "],
    ["batches of a tree", (x) => batches({ x, y: X }, { size: 2 }), "batches: x is "],
    ["batches of a list", (x) => batches([X, { x }], { size: 2 }), "batches: [1].x is "],
    ["trainTestSplit", (y) => trainTestSplit({ x: X, y: [y] }), "trainTestSplit: y[0] is "],
    ["kFold", (y) => kFold({ y }), "kFold: y is "],
    ["stratify", (stratify) => trainTestSplit(X, { stratify }), "trainTestSplit: stratify is "],
    ["columns", (value) => Table.from(value), "Table.from: the columns are "],
    ["JSON", (value) => parseJson(value), "JSON: the columns are "],
  ])("%s", (_, body, message) => {
    expectRefusal(body, table, message + TABLE);
    expectRefusal(body, Promise.resolve(table), message + PROMISE);
  });

  it.each<[string, (value: never) => unknown, string]>([
    ["batches", (value) => batches(value, { size: 2 }), "batches: the value is "],
    ["trainTestSplit", (value) => trainTestSplit(value), "trainTestSplit: the value is "],
    ["kFold", (value) => kFold(value), "kFold: the value is "],
    ["parseCsv", (value) => parseCsv(value), "parseCsv: the text is "],
  ])("%s, where a table may be", (_, body, message) => {
    expectRefusal(body, Promise.resolve(table), message + PROMISE);
  });

  it("and what is none of both is named, too", () => {
    expectRefusal((value) => standardize(value), null, "standardize: X is null; a tensor, or rows");
    expectRefusal((value) => minMax(value), { min: 1 }, "minMax: X is an object; data, or { min");
    expectRefusal((value) => scaling.apply(value), "3", 'standardize, apply: X is "3"; a tensor');
    expectRefusal((value) => Table.from(value), X, "the columns are a tensor [4, 1]; lists");
  });

  it("but what is wanted goes on to be taken", () => {
    expect(batches(table, { size: 3 }).length).toBe(2);
    expect(batches({ x: X, y: undefined }, { size: 3 }).length).toBe(2);
    expect(standardize(table.column("a")).mean.item()).toBe(2.5);
    expect(scaling.apply(new Float32Array([2.5])).item()).toBe(0);
    expect(minMax(Uint8Array.of(1, 3)).apply(2).item()).toBe(0.5);
  });
});

describe("a misspelt column", () => {
  it("of stratify is told as the option's", () => {
    const message =
      ', stratify: there is no column "knid"; did you mean "kind"? there are "a", "kind"';
    expectRefusal(
      (stratify) => trainTestSplit(table, { stratify }),
      "knid",
      `trainTestSplit${message}`,
    );
    expectRefusal((stratify) => kFold(table, { folds: 2, stratify }), "knid", `kFold${message}`);
  });
});
