import { describe, expect, it } from "vitest";
import { kFold, type Labels, Table, trainTestSplit } from "../../src/data/index.js";
import {
  arange,
  random,
  ShapeError,
  scalar,
  type Tensor,
  tensor,
  UsageError,
} from "../../src/index.js";

const rowsOf = (x: Tensor): number[] => [...x.data()];
const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** How many of each. */
const counts = (labels: readonly unknown[]): Map<unknown, number> => {
  const found = new Map<unknown, number>();
  for (const label of labels) found.set(label, (found.get(label) ?? 0) + 1);
  return found;
};

describe("trainTestSplit", () => {
  const x = arange(0, 100, 1, { dtype: "int32" });

  it("puts each row on one side", () => {
    for (const seed of range(20)) {
      const { train, test } = trainTestSplit(x, { test: 0.2, seed });
      expect([train.shape, test.shape]).toEqual([[80], [20]]);
      expect(sorted([...rowsOf(train), ...rowsOf(test)])).toEqual(range(100));
    }
  });

  it.each([
    [undefined, 100, 25],
    [0.5, 100, 50],
    [0.014, 100, 1],
    [0.999, 1000, 999],
    [1, 100, 1],
    [99, 100, 99],
  ])("a test of %s of %d rows has %d", (share, n, size) => {
    const { train, test } = trainTestSplit(arange(n), share === undefined ? {} : { test: share });
    expect([train.size, test.size]).toEqual([n - size, size]);
  });

  it("depends on the seed alone, and shuffles both sides", () => {
    const of = (seed?: number) => {
      const { train, test } = trainTestSplit(x, { ...(seed === undefined ? {} : { seed }) });
      return [...rowsOf(train), ...rowsOf(test)];
    };
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    const { train, test } = trainTestSplit(x, { seed: 1 });
    expect(rowsOf(train)).not.toEqual(sorted(rowsOf(train)));
    expect(rowsOf(test)).not.toEqual(sorted(rowsOf(test)));
    random.seed(5);
    const [a, b] = [of(), of()];
    expect(a).not.toEqual(b);
    random.seed(5);
    expect([of(), of()]).toEqual([a, b]);
  });

  it("gives every row the same chance", () => {
    const hits = new Float64Array(10);
    for (const seed of range(2000)) {
      for (const row of rowsOf(trainTestSplit(arange(10), { test: 3, seed }).test))
        hits[row] = (hits[row] as number) + 1;
    }
    // 600 each are expected, with a deviation of √(2000 · 0.3 · 0.7) = 20.5.
    expect(Math.max(...hits.map((n) => Math.abs(n - 600)))).toBeLessThan(90);
  });

  it("in order, where it shall not shuffle", () => {
    const { train, test } = trainTestSplit(arange(5), { test: 2, shuffle: false });
    expect([rowsOf(train), rowsOf(test)]).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
  });

  it("keeps the rows of a tree together, with their dtypes and shapes", () => {
    const n = 30;
    const data = {
      x: arange(n * 6).reshape([n, 2, 3]),
      parts: [arange(0, n, 1, { dtype: "float64" }), tensor(new Array(n).fill(true))] as const,
      wide: arange(n * 50).reshape([n, 50]),
      none: undefined,
    };
    const { test } = trainTestSplit(data, { test: 7, seed: 3 });
    expect(test.x.shape).toEqual([7, 2, 3]);
    expect(test.wide.shape).toEqual([7, 50]);
    expect([test.parts[0].dtype, test.parts[1].dtype]).toEqual(["float64", "bool"]);
    expect(test.none).toBeUndefined();
    const rows = rowsOf(test.parts[0]);
    expect(rowsOf(test.x.reshape([7, 6]).slice([0, 5]))).toEqual(rows.map((i) => 6 * i + 5));
    expect(rowsOf(test.wide.slice([0, 49]))).toEqual(rows.map((i) => 50 * i + 49));
  });

  it("a table", () => {
    const table = Table.from({ i: range(8), name: range(8).map(String) });
    const { train, test } = trainTestSplit(table, { test: 0.25, seed: 1 });
    expect([train.length, test.length]).toEqual([6, 2]);
    expect(sorted([...train.column("i"), ...test.column("i")])).toEqual(range(8));
    expect(test.map(({ i, name }) => String(i) === name)).toEqual([true, true]);
  });

  it("with each class on both sides in its share, to within one row", () => {
    const labels = range(97).map((i) => (i < 70 ? "a" : i < 90 ? "b" : i < 95 ? "c" : "d"));
    for (const seed of range(30)) {
      const { test } = trainTestSplit(arange(97), { test: 0.3, seed, stratify: labels });
      expect(test.size).toBe(29);
      const own = counts(rowsOf(test).map((i) => labels[i]));
      for (const [label, count] of counts(labels)) {
        expect(Math.abs((own.get(label) ?? 0) - (count * 29) / 97)).toBeLessThan(1);
      }
      expect(rowsOf(test)).not.toEqual(sorted(rowsOf(test)));
    }
  });

  it("of labels in any form", () => {
    const list = range(20).map((i) => i % 2);
    const table = Table.from({ list, i: range(20) });
    const all: Labels[] = [
      list,
      tensor(list, { dtype: "int32" }),
      Int32Array.from(list),
      list.map(String),
    ];
    const of = (labels: Labels) => trainTestSplit(table, { seed: 1, stratify: labels }).test;
    const [first, ...others] = [...all, "list"].map((labels) => of(labels).column("i"));
    expect(sorted([...counts(of(list).column("list")).values()])).toEqual([2, 3]);
    for (const other of others) expect(other).toEqual(first);
  });

  it.each<[string, () => unknown, new () => Error, string]>([
    [
      "no row to test with",
      () => trainTestSplit(arange(3), { test: 0.1 }),
      UsageError,
      "0 of 3 rows",
    ],
    [
      "no row to train with",
      () => trainTestSplit(arange(3), { test: 3 }),
      UsageError,
      "leave 0 to",
    ],
    ["too many", () => trainTestSplit(arange(3), { test: 9 }), UsageError, "leave 0 to train"],
    ["one row", () => trainTestSplit(arange(1)), UsageError, "0 of 1 rows for the test"],
    ["no rows", () => trainTestSplit(arange(0)), UsageError, "0 of 0 rows"],
    [
      "a share of 0",
      () => trainTestSplit(arange(3), { test: 0 }),
      UsageError,
      "test is 0; a share",
    ],
    ["a negative share", () => trainTestSplit(arange(3), { test: -1 }), UsageError, "test is -1"],
    ["1.5 rows", () => trainTestSplit(arange(3), { test: 1.5 }), UsageError, "test is 1.5"],
    ["NaN", () => trainTestSplit(arange(3), { test: Number.NaN }), UsageError, "test is NaN"],
    [
      "a share alone",
      () => trainTestSplit(arange(3), 0.2 as never),
      UsageError,
      "the options are 0.2",
    ],
    [
      "a seed that is none",
      () => trainTestSplit(arange(9), { seed: 0.5 }),
      UsageError,
      "seed is 0.5",
    ],
    [
      "unequal rows",
      () => trainTestSplit({ x: arange(3), y: [arange(3), arange(4)] }),
      ShapeError,
      "trainTestSplit: x has 3 rows and y[1] has 4; as many in each were wanted",
    ],
    [
      "a scalar",
      () => trainTestSplit({ x: scalar(1) }),
      ShapeError,
      "x is a scalar; rows along axis 0",
    ],
    ["no tensor", () => trainTestSplit({}), UsageError, "there is no tensor in an object"],
    ["numbers", () => trainTestSplit({ x: [1, 2] }), UsageError, "x[0] is a number (1); a tensor"],
    [
      "a class with one row",
      () => trainTestSplit(arange(5), { stratify: ["a", "a", "b", "a", "a"] }),
      UsageError,
      'the class "b" has a single row, which cannot be on both sides',
    ],
    [
      "labels of another length",
      () => trainTestSplit(arange(5), { stratify: [1, 1] }),
      ShapeError,
      "stratify is a list of 2; one label for each of 5 rows was wanted",
    ],
    [
      "one-hot labels",
      () =>
        trainTestSplit(arange(2), {
          stratify: tensor([
            [1, 0],
            [0, 1],
          ]),
        }),
      ShapeError,
      "stratify is [2, 2]; one label",
    ],
    [
      "a name beside tensors",
      () => trainTestSplit(arange(5), { stratify: "kind" }),
      UsageError,
      'stratify is "kind", a column of a table',
    ],
    [
      "an unknown column",
      () => trainTestSplit(Table.from({ kind: [1, 1, 2, 2] }), { stratify: "knid" }),
      UsageError,
      'trainTestSplit, stratify: there is no column "knid"; did you mean "kind"? there are "kind"',
    ],
    [
      "classes without shuffling",
      () => trainTestSplit(arange(4), { stratify: [1, 1, 2, 2], shuffle: false }),
      UsageError,
      "shuffle: true was wanted",
    ],
  ])("%s is an error", (_, body, kind, message) => {
    expect(body).toThrow(kind as never);
    expect(body).toThrow(message);
  });
});

describe("kFold", () => {
  it("tests each row once, and trains with the others", () => {
    for (const [n, folds] of [
      [10, 5],
      [11, 3],
      [7, 7],
      [2, 2],
    ] as const) {
      const all = kFold(n, { folds, seed: 1 });
      expect(all).toHaveLength(folds);
      expect(sorted(all.flatMap(({ test }) => rowsOf(test)))).toEqual(range(n));
      const sizes = all.map(({ test }) => test.size);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      for (const { train, test } of all) {
        expect(train.dtype).toBe("int32");
        expect(sorted([...rowsOf(train), ...rowsOf(test)])).toEqual(range(n));
      }
    }
  });

  it("of data as of numbers of rows", () => {
    const x = arange(20).mul(10);
    const numbers = kFold(20, { folds: 4, seed: 2 });
    kFold({ x }, { folds: 4, seed: 2 }).forEach(({ train, test }, k) => {
      expect(test.x.toArray()).toEqual(x.take(numbers[k]?.test as Tensor).toArray());
      expect(train.x.toArray()).toEqual(x.take(numbers[k]?.train as Tensor).toArray());
    });
    expect(kFold(Table.from({ a: range(5) }))[4]?.test.length).toBe(1);
  });

  it("with the share of each class, or in order", () => {
    const labels = range(50).map((i) => (i < 40 ? "a" : "b"));
    for (const { test } of kFold(50, { stratify: labels, seed: 1 })) {
      expect(counts(rowsOf(test).map((i) => labels[i]))).toEqual(
        new Map(counts([...new Array(8).fill("a"), "b", "b"])),
      );
    }
    const order = kFold(5, { folds: 2, shuffle: false }).map(({ test }) => rowsOf(test));
    expect(order).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
  });

  it.each([
    [4, 5, "folds is 5; a whole number from 2 to the 4 rows was wanted"],
    [4, 1, "folds is 1"],
    [4, 2.5, "folds is 2.5"],
    [-4, 2, "the number of rows is -4"],
    [Number.NaN, 2, "the number of rows is NaN"],
  ])("%d rows in %d folds are an error", (n, folds, message) => {
    expect(() => kFold(n, { folds })).toThrow(UsageError);
    expect(() => kFold(n, { folds })).toThrow(message);
  });
});
