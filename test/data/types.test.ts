import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type Columns,
  type ColumnType,
  kFold,
  parseCsv,
  parseJson,
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

  it("and that others may be anything", () => {
    expectTypeOf(cars.column("year")).toEqualTypeOf<
      number[] | (string | null)[] | (boolean | null)[]
    >();
    expectTypeOf(parseCsv(text)).toEqualTypeOf<Table<Columns>>();
    expectTypeOf(parseCsv(text).types.year).toEqualTypeOf<ColumnType | undefined>();
    expect(cars.tensor(["mpg", "year"].slice(1)).toArray()).toEqual([[70], [71]]);
  });

  it("the same of JSON", () => {
    const table = parseJson([{ mpg: 26 }], { columns: { mpg: "number" } });
    expectTypeOf(table.column("mpg")).toEqualTypeOf<number[]>();
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
