import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Table } from "../../src/data/index.js";
import {
  DomainError,
  DtypeError,
  FormatError,
  ShapeError,
  tensor,
  UsageError,
} from "../../src/index.js";

const none = Number.NaN;
const cars = Table.from({
  name: ["VW", "Fiat", "Saab", "Opel"],
  mpg: [26, none, 24, 26],
  power: [46, 90, 95, 90],
  fast: [false, true, null, true],
  fuel: ["b", "a", null, "b"],
});

describe("making a table", () => {
  it("of lists", () => {
    expect(cars.length).toBe(4);
    expect(cars.names).toEqual(["name", "mpg", "power", "fast", "fuel"]);
    expect(cars.types.fast).toBe("boolean");
    expect(cars.row(1)).toEqual({ name: "Fiat", mpg: none, power: 90, fast: true, fuel: "a" });
    expect(Table.from({}).length).toBe(0);
    expect(Table.from({ x: [null, undefined] }).types.x).toBe("number");
    // biome-ignore lint/suspicious/noSparseArray: what is not there is missing.
    expect(Table.from({ x: [1, , 3] }).column("x")).toEqual([1, none, 3]);
  });

  it.each<[string, object, new () => Error, string]>([
    ["unequal lengths", { a: [1], b: [1, 2] }, ShapeError, 'column "b" has 2 values and "a" has 1'],
    ["mixed types", { a: [1, "x"] }, FormatError, 'row 1, column "a": "x" is a text, and before'],
    ["no lists", { a: 5 }, FormatError, 'column "a": 5; a list of values was wanted'],
    ["lists in lists", { a: [[1]] }, FormatError, 'row 0, column "a": an array; a number'],
    ["records", [{ a: 1 }], UsageError, "the columns are an array; lists by name were wanted"],
  ])("not of %s", (_, lists, kind, message) => {
    expect(() => Table.from(lists as never)).toThrow(kind as never);
    expect(() => Table.from(lists as never)).toThrow(message);
  });

  it("nor by new", () => {
    expect(() => new Table({ a: [1] } as never)).toThrow("make a table by Table.from");
  });

  it("nobody can change it", () => {
    cars.column("mpg")[0] = 0;
    cars.row(0).mpg = 0;
    cars.names.pop();
    const list = [1, 2];
    const table = Table.from({ list });
    list[0] = 9;
    expect(table.column("list")).toEqual([1, 2]);
    expect(cars.column("mpg")[0]).toBe(26);
    expect(cars.names).toHaveLength(5);
  });
});

describe("numbers of a table", () => {
  const whole = cars.dropMissing(["mpg", "fast"]);

  it("as tensors", () => {
    const X = whole.tensor(["power", "mpg"]);
    expect([X.shape, X.dtype]).toEqual([[2, 2], "float32"]);
    expect(X.toArray()).toEqual([
      [46, 26],
      [90, 26],
    ]);
    expect(whole.tensor("power", { dtype: "float64" }).dtype).toBe("float64");
    expect(whole.tensor("power").shape).toEqual([2]);
    expect(whole.tensor(["power"]).shape).toEqual([2, 1]);
    expect(whole.tensor("fast", { dtype: "bool" }).toArray()).toEqual([0, 1]);
    expect(whole.tensor(["fast", "power"]).toArray()).toEqual([
      [0, 46],
      [1, 90],
    ]);
    expect(whole.select(["mpg", "power"]).tensor().shape).toEqual([2, 2]);
  });

  it("but not where values are missing", () => {
    const read = () => cars.tensor(["power", "mpg"]);
    expect(read).toThrow(DomainError);
    expect(read).toThrow(
      'tensor: column "mpg" has no value in row 1; dropMissing() leaves such rows out, ' +
        'fillMissing({ "mpg": "mean" }) fills them',
    );
    expect(() => cars.tensor("fast")).toThrow('fillMissing({ "fast": "mode" })');
    const many = Table.from({ x: [1, none, none, none] });
    expect(() => many.tensor("x")).toThrow("in row 1 and 2 others");
  });

  it("nor of texts, with what may be done", () => {
    const read = (list: (string | null)[]) => () => Table.from({ s: list }).tensor("s" as never);
    expect(read(["x", "y"])).toThrow(DtypeError);
    expect(read(["x", "y"])).toThrow('holds text, such as "x" in row 0; oneHot("s") and classes');
    expect(read(["1", "2", "?", "4"])).toThrow(
      'such as "?" in row 2; columns: { "s": "number" } reads it as numbers, and missing: ["?"]',
    );
  });

  it.each<[number, "int32" | "bool" | "float32", string]>([
    [1.5, "int32", 'column "x" is 1.5 in row 1, which int32 cannot hold'],
    [2 ** 31, "int32", "2147483648 in row 1"],
    [Number.POSITIVE_INFINITY, "int32", "Infinity in row 1"],
    [2, "bool", "2 in row 1, which bool cannot hold"],
    [1e300, "float32", '1e+300 in row 1, which float32 cannot hold; { dtype: "float64" } can'],
  ])("nor %d as %s", (x, dtype, message) => {
    const table = Table.from({ x: [1, x], y: [0, 0] });
    expect(() => table.tensor(["y", "x"], { dtype })).toThrow(DtypeError);
    expect(() => table.tensor(["y", "x"], { dtype })).toThrow(message);
  });

  it("infinite ones are numbers", () => {
    const x = Table.from({ x: [Number.NEGATIVE_INFINITY] });
    expect(x.tensor("x").item()).toBe(Number.NEGATIVE_INFINITY);
  });

  it("of a dtype and columns that there are", () => {
    expect(() => cars.tensor("power", { dtype: "f32" as never })).toThrow('"f32" is not a dtype');
    expect(() => cars.tensor("power", "float64" as never)).toThrow("the options are");
    expect(() => cars.tensor([])).toThrow("no column is named");
    expect(() => cars.tensor(["pwoer"] as never)).toThrow('did you mean "power"?');
  });
});

describe("classes of a table", () => {
  it("are numbered in order", () => {
    const { labels, names } = cars.dropMissing(["fuel"]).classes("fuel");
    expect([labels.dtype, labels.toArray(), names]).toEqual(["int32", [1, 0, 1], ["a", "b"]]);
    expect(Table.from({ x: [10, 9, -1] }).classes("x").names).toEqual(["-1", "9", "10"]);
    expect(Table.from({ x: [true, false] }).classes("x").names).toEqual(["false", "true"]);
    expect(Table.from({ x: [-0, 0] }).classes("x").names).toEqual(["0"]);
  });

  it("or as they are given", () => {
    const { labels, names } = cars.classes("power", { names: [95, 90, 46, 7] });
    expect([labels.toArray(), names]).toEqual([
      [2, 1, 0, 1],
      ["95", "90", "46", "7"],
    ]);
    const other = () => cars.classes("name", { names: ["VW", "Opel"] });
    expect(other).toThrow(DomainError);
    expect(other).toThrow(
      'column "name" is "Fiat" in row 1, which is none of the names "VW", "Opel"',
    );
    expect(() => cars.classes("name", { names: ["VW", "VW"] })).toThrow("one comes twice");
    expect(() => cars.classes("name", { names: "VW" as never })).toThrow("a list was wanted");
  });

  it("not where they are missing", () => {
    expect(() => cars.classes("fuel")).toThrow("has no value in row 2; dropMissing() leaves");
  });

  it("as rows of a unit matrix", () => {
    const { values, names } = cars.oneHot("power", { dtype: "float64" });
    expect([values.dtype, names]).toEqual(["float64", ["46", "90", "95"]]);
    expect(values.toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 1, 0],
    ]);
    expect(Table.from({ x: [] as string[] }).oneHot("x").values.shape).toEqual([0, 0]);
  });
});

describe("tables made of tables", () => {
  it("columns", () => {
    expect(cars.select(["power", "name"]).names).toEqual(["power", "name"]);
    expect(cars.drop(["name", "mpg", "fast", "fuel"]).names).toEqual(["power"]);
    expect(cars.select([]).length).toBe(4);
    expect(cars.select([]).slice(1).length).toBe(3);
    expect(() => cars.select(["mpg", "mpg"])).toThrow('"mpg" comes twice');
    expect(() => cars.select("mpg" as never)).toThrow('the columns are "mpg"; a list of names');
    expect(() => cars.drop(["Fuel"] as never)).toThrow('drop: there is no column "Fuel"; did you');
  });

  it("new columns", () => {
    const table = cars.with("kW", ({ power }) => 0.7457 * power).with("mpg", ["x", null, "y", "z"]);
    expect(table.names).toEqual(["name", "mpg", "power", "fast", "fuel", "kW"]);
    expect(table.types.mpg).toBe("string");
    expect(table.column("kW")[1]).toBeCloseTo(67.113);
    expect(cars.with("i", (_, i) => i).column("i")).toEqual([0, 1, 2, 3]);
    expect(() => cars.with("x", [1])).toThrow('column "x" has 1 values and "name" has 4');
    expect(() => cars.with("x", (_, i) => (i < 2 ? i : "a"))).toThrow(
      'with, row 2, column "x": "a"',
    );
    expect(() => cars.with("", [1, 2, 3, 4])).toThrow('the name is ""');
    expect(() => cars.with("x", 5 as never)).toThrow("a list of values was wanted");
  });

  it("rows", () => {
    const names = (table: Table<{ name: "string" }>): unknown[] => table.column("name");
    expect(names(cars.filter(({ power }) => power === 90).select(["name"]))).toEqual([
      "Fiat",
      "Opel",
    ]);
    expect(names(cars.slice(1, -1).select(["name"]))).toEqual(["Fiat", "Saab"]);
    expect(names(cars.slice().select(["name"]))).toHaveLength(4);
    expect(names(cars.take([3, 0, -1]).select(["name"]))).toEqual(["Opel", "VW", "Opel"]);
    expect([...cars].map(({ name }) => name)).toEqual(["VW", "Fiat", "Saab", "Opel"]);
    expect(cars.map(({ power }, i) => power + i)).toEqual([46, 91, 97, 93]);
    expect(cars.row(-1).name).toBe("Opel");
    expect(() => cars.row(4)).toThrow("row: there is no row 4; rows run from -4 to 3");
    expect(cars.take(tensor([1], { dtype: "int32" })).row(0).name).toBe("Fiat");
    expect(() => cars.take([0.5])).toThrow(DomainError);
    expect(() => cars.take(2 as never)).toThrow("the rows are 2; a list of numbers was wanted");
    expect(() => cars.slice(0, 0).row(0)).toThrow("the table has none");
    expect(() => cars.filter("mpg" as never)).toThrow('filter: "mpg" came; a function of a row');
  });

  it("in order, missing values last", () => {
    const order = (table: Table<{ name: "string" }>) => table.column("name").join(" ");
    expect(order(cars.sort("mpg").select(["name"]))).toBe("Saab VW Opel Fiat");
    expect(order(cars.sort("mpg", { descending: true }).select(["name"]))).toBe(
      "VW Opel Saab Fiat",
    );
    expect(order(cars.sort("fast").select(["name"]))).toBe("VW Fiat Opel Saab");
    expect(order(cars.sort("name").select(["name"]))).toBe("Fiat Opel Saab VW");
    const numbers = Table.from({ x: [10, 9, -1, Number.NEGATIVE_INFINITY] }).sort("x");
    expect(numbers.column("x")).toEqual([Number.NEGATIVE_INFINITY, -1, 9, 10]);
  });
});

describe("missing values", () => {
  it("are dropped with their rows", () => {
    expect(cars.dropMissing().column("name")).toEqual(["VW", "Opel"]);
    expect(cars.dropMissing(["mpg"]).column("name")).toEqual(["VW", "Saab", "Opel"]);
    expect(cars.dropMissing([]).length).toBe(4);
    expect(() => cars.dropMissing(["mgp"] as never)).toThrow('did you mean "mpg"?');
  });

  it("are filled", () => {
    const mpg = (by: "mean" | "median" | "mode" | number) =>
      cars.fillMissing({ mpg: by }).row(1).mpg;
    expect(mpg("mean")).toBeCloseTo(76 / 3);
    expect([mpg("median"), mpg("mode"), mpg(-1), mpg(0)]).toEqual([26, 26, -1, 0]);
    const even = Table.from({ x: [1, none, 5, 3, 100] });
    expect(even.fillMissing({ x: "median" }).row(1)).toEqual({ x: 4 });
    const table = cars.fillMissing({ fuel: "mode", fast: false });
    expect([table.row(2).fuel, table.row(2).fast]).toEqual(["b", false]);
    expect(cars.fillMissing({ fuel: "none", fast: "mode" }).row(2).fuel).toBe("none");
    expect(cars.fillMissing({ mpg: undefined as never }).column("mpg")[1]).toBeNaN();
  });

  it("but not by what does not fit", () => {
    const fill = (by: object) => () => cars.fillMissing(by as never);
    expect(fill({ mpg: "min" })).toThrow(
      '"mpg" holds numbers and is to be filled by "min"; a number',
    );
    expect(fill({ mpg: none })).toThrow(UsageError);
    expect(fill({ mpg: null })).toThrow("filled by null");
    expect(fill({ fuel: "mean" })).toThrow('filled by "mean"; a text or "mode" was wanted');
    expect(fill({ fast: 1 })).toThrow('filled by 1; true, false or "mode" was wanted');
    expect(fill({ mgp: 1 })).toThrow('did you mean "mpg"?');
    expect(() => cars.fillMissing("mean" as never)).toThrow('the values are "mean"');
    const empty = () => Table.from({ x: [none, none] }).fillMissing({ x: "mean" });
    expect(empty).toThrow('column "x" has no value at all, so no mean; give a value');
  });
});

describe("what a table says of itself", () => {
  it("by statistics", () => {
    const rows = cars.describe().rows();
    expect(rows[1]).toMatchObject({ column: "mpg", type: "number", count: 3, missing: 1 });
    expect(rows[1]?.std).toBeCloseTo(Math.sqrt(8 / 9));
    expect(rows[2]).toMatchObject({ distinct: 3, mean: 80.25, min: 46, median: 90, max: 95 });
    expect(rows[4]).toMatchObject({ count: 3, missing: 1, distinct: 2, mean: none, min: none });
    expect(
      Table.from({ x: [none] })
        .describe()
        .row(0).mean,
    ).toBeNaN();
    const same = Table.from({ x: [0.1, 0.1, 0.1] }).describe();
    expect(same.row(0)).toMatchObject({ mean: 0.1, std: 0, median: 0.1 });
  });

  it("as text", () => {
    expect(String(cars)).toBe(
      [
        "Table of 4 rows, 5 columns",
        "   name  mpg  power  fast   fuel",
        "0  VW     26     46  false  b",
        "1  Fiat    –     90  true   a",
        "2  Saab   24     95  –      –",
        "3  Opel   26     90  true   b",
      ].join("\n"),
    );
    expect(inspect(cars)).toBe(String(cars));
    expect(String(Table.from({}))).toBe("Table of 0 rows, 0 columns");
    expect(String(Table.from({ x: [1] }))).toContain("1 row, 1 column");
  });

  it("on lines of bounded length, in bounded number", () => {
    const columns = Array.from({ length: 60 }, (_, i) => [
      `column ${i}`,
      new Array(500).fill(i / 3),
    ]);
    const wide = Object.fromEntries(columns);
    const lines = String(
      Table.from({ ...wide, text: new Array(500).fill("a\n\t\"b'\\".repeat(50)) }),
    ).split("\n");
    expect(lines).toHaveLength(1 + 1 + 11);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines[1]).toMatch(/ … \d+ more$/);
    const text = String(Table.from({ text: ["a\nb", "😀".repeat(500)] }));
    expect(text.split("\n")).toHaveLength(4);
    expect(text).toContain("a\\nb");
    expect(text).toContain(`${"😀".repeat(28)}…`);
  });

  it("as JSON", () => {
    expect(JSON.parse(JSON.stringify(cars))[1]).toEqual({ ...cars.row(1), mpg: null });
  });
});

describe("names that are wrong", () => {
  const table = Table.from({ "economy (mpg)": [1], "power (hp)": [2], year: [3], Weight: [4] });
  it.each([
    ["mpg", 'did you mean "economy (mpg)"?'],
    ["weight", 'did you mean "Weight"?'],
    ["yaer", 'did you mean "year"?'],
    [" year", 'did you mean "year"?'],
    ["power", 'did you mean "power (hp)"?'],
    ["qqqqqq", 'column "qqqqqq"; there are "economy (mpg)", "power (hp)", "year", "Weight"'],
    ["", 'there is no column ""; there are'],
    ["y", 'column "y"; there are'],
    [3, "there is no column 3; there are"],
  ])("%j", (name, message) => {
    expect(() => table.column(name as never)).toThrow(UsageError);
    expect(() => table.column(name as never)).toThrow(message);
  });
});
