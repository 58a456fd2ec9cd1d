import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type Columns,
  type ColumnType,
  kFold,
  parseCsv,
  parseJson,
  readCsv,
  readJson,
  Table,
  trainTestSplit,
} from "../../src/data/index.js";
import { type Tensor, tensor } from "../../src/index.js";

const text = "mpg,name,ok,year\n26,VW,true,70\n,Fiat,,71";

describe("what TypeScript knows of a table", () => {
  const cars = parseCsv(text, { columns: { mpg: "number", name: "string", ok: "boolean" } });

  it("the types of the columns that were declared", () => {
    expectTypeOf(cars.column("mpg")).toEqualTypeOf<number[]>();
    expectTypeOf(cars.column("name")).toEqualTypeOf<(string | null)[]>();
    expectTypeOf(cars.column("ok")).toEqualTypeOf<(boolean | null)[]>();
    expectTypeOf(cars.row(0).mpg).toEqualTypeOf<number>();
    expectTypeOf(cars.rows()[0]?.name).toEqualTypeOf<string | null | undefined>();
    expectTypeOf(cars.types.ok).toEqualTypeOf<"boolean">();
    expect(cars.column("mpg")).toEqual([26, Number.NaN]);
  });

  it("and no others, which the table has all the same", () => {
    expectTypeOf(cars).toEqualTypeOf<Table<{ mpg: "number"; name: "string"; ok: "boolean" }>>();
    expectTypeOf(cars.names).toEqualTypeOf<("mpg" | "name" | "ok")[]>();
    // @ts-expect-error it was not declared
    expect(cars.column("year")).toEqual([70, 71]);
    // @ts-expect-error nor was it here
    expect(cars.tensor(["mpg", "year"].slice(1)).toArray()).toEqual([[70], [71]]);
    // @ts-expect-error nor is it known in a row
    expect(cars.map((row) => row.year)).toEqual([70, 71]);
    // @ts-expect-error there is no such column
    expect(() => cars.column("zz")).toThrow('there is no column "zz"');
    // @ts-expect-error nor one of this spelling
    expect(() => cars.tensor(["mpgg"])).toThrow('did you mean "mpg"?');
    // @ts-expect-error texts are no numbers
    expect(() => cars.slice(0, 1).tensor(["mpg", "name"])).toThrow("holds text");
    // @ts-expect-error nor truth values
    expect(() => cars.fillMissing({ ok: 2 })).toThrow("fillMissing");
    // @ts-expect-error there is no such column
    expect(() => cars.sort("zz")).toThrow('there is no column "zz"');
    // @ts-expect-error nor in a row
    expect(cars.filter(({ zz }) => zz === undefined).length).toBe(2);
  });

  it("any, of a table that nothing is declared of, or that is declared as one", () => {
    expectTypeOf(parseCsv(text)).toEqualTypeOf<Table<Columns>>();
    expectTypeOf(parseCsv(text, {})).toEqualTypeOf<Table<Columns>>();
    expectTypeOf(parseCsv(text, { columns: undefined })).toEqualTypeOf<Table<Columns>>();
    expectTypeOf(parseCsv(text, { columns: {} })).toEqualTypeOf<Table<Columns>>();
    const columns: Columns = { mpg: "number" };
    expectTypeOf(parseCsv(text, { columns })).toEqualTypeOf<Table<Columns>>();
    expectTypeOf(parseCsv(text).types.year).toEqualTypeOf<ColumnType | undefined>();
    const any: Table = parseCsv(text, { columns: { mpg: "number" } });
    expectTypeOf(any.column("year")).toEqualTypeOf<
      number[] | (string | null)[] | (boolean | null)[]
    >();
    expect(any.tensor(["year"]).toArray()).toEqual([[70], [71]]);
  });

  it("the same of what is read from files", async () => {
    const url = new URL(`data:text/csv,${encodeURIComponent(text)}`);
    const cars = await readCsv(url, { columns: { mpg: "number" }, missing: [""] });
    expectTypeOf(cars).toEqualTypeOf<Table<{ mpg: "number" }>>();
    const json = new URL('data:application/json,[{"mpg":1,"a":2}]');
    const more = await readJson(json, { columns: { mpg: "number" } });
    expectTypeOf(more).toEqualTypeOf<Table<{ mpg: "number" }>>();
    expect([cars.names, more.names].map(String)).toEqual(["mpg,name,ok,year", "mpg,a"]);
  });

  it("the same of JSON", () => {
    const table = parseJson([{ mpg: 26 }], { columns: { mpg: "number" } });
    expectTypeOf(table).toEqualTypeOf<Table<{ mpg: "number" }>>();
    expectTypeOf(parseJson([{ mpg: 26 }])).toEqualTypeOf<Table<Columns>>();
    interface Car {
      mpg: number;
    }
    const cars: Car[] = [{ mpg: 26 }];
    expect(parseJson(cars).column("mpg")).toEqual([26]);
  });

  it("exactly which columns are selected, left out, or made", () => {
    const two = cars.select(["mpg", "name"]);
    expectTypeOf(two).toEqualTypeOf<Table<{ mpg: "number"; name: "string" }>>();
    expectTypeOf(two.names).toEqualTypeOf<("mpg" | "name")[]>();
    expectTypeOf(two.drop(["name"])).toEqualTypeOf<Table<{ mpg: "number" }>>();
    expectTypeOf(two.with("litres", ({ mpg }) => 235.2 / mpg).column("litres")).toEqualTypeOf<
      number[]
    >();
    expectTypeOf(two.with("mpg", ["low", null]).column("mpg")).toEqualTypeOf<(string | null)[]>();
    expectTypeOf(cars.with("kind", () => true).column("mpg")).toEqualTypeOf<number[]>();
    // @ts-expect-error there is no such column
    expect(() => two.column("mgp")).toThrow('did you mean "mpg"?');
    // @ts-expect-error texts are no numbers
    expect(() => two.tensor("name")).toThrow("holds text");
    // @ts-expect-error nor are they one
    expect(() => two.fillMissing({ name: 3 })).toThrow('a text or "mode" was wanted');
    // @ts-expect-error "float" is no type
    expect(() => parseCsv(text, { columns: { mpg: "float" } })).toThrow('"number", "string"');
  });

  it("what lists make", () => {
    const table = Table.from({
      a: [1, null],
      b: ["x", undefined],
      c: [true, null],
      d: new Float32Array(2),
      e: tensor([5, 6]),
    });
    expectTypeOf(table).toEqualTypeOf<
      Table<{ a: "number"; b: "string"; c: "boolean"; d: "number"; e: "number" }>
    >();
    expect(table.types).toEqual({
      a: "number",
      b: "string",
      c: "boolean",
      d: "number",
      e: "number",
    });
    expect(table.column("e")).toEqual([5, 6]);
    expectTypeOf(table.filter(({ a }) => a > 0)).toEqualTypeOf<typeof table>();
    expectTypeOf(table.map(({ b }) => b?.length)).toEqualTypeOf<(number | undefined)[]>();
  });

  it("that any table is a table", () => {
    const count = (table: Table): number => table.length;
    expect(count(cars) + count(cars.select(["mpg"])) + count(Table.from({ x: [1] }))).toBe(5);
    const named = <C extends Columns>(table: Table<C>): (keyof C & string)[] => table.names;
    expect(named(cars.select(["ok"]))).toEqual(["ok"]);
  });

  it("that both parts of data are what the whole is", () => {
    const data = { x: tensor([[1], [2], [3], [4]]), y: tensor([1, 2, 3, 4]) };
    const { train, test } = trainTestSplit(data);
    expectTypeOf(train).toEqualTypeOf<{ x: Tensor; y: Tensor }>();
    expectTypeOf(kFold(4, { folds: 2 })[0]?.test).toEqualTypeOf<Tensor | undefined>();
    expectTypeOf(kFold(cars, { folds: 2 })[0]?.test).toEqualTypeOf<typeof cars | undefined>();
    expect(test.x.shape).toEqual([1, 1]);
  });
});
