import { describe, expect, it } from "vitest";
import { Table } from "../src/data/index.js";
import { add, concat, ones, ShapeError, scalar, tensor, UsageError } from "../src/index.js";

/** As plain JavaScript may call it. */
const made = (values: unknown): unknown => tensor(values as number[]);

describe("tensor says which value is none, and where", () => {
  const missing = "a number was wanted, NaN where it is missing";
  it.each<[string, unknown, string]>([
    ["null", [1, null], `values[1] is null; ${missing}`],
    ["null at the start", [null, 1], `values[0] is null; ${missing}`],
    ["undefined", [[1, 2], [3, undefined]], `values[1][1] is undefined; ${missing}`], // biome-ignore format: a matrix
    ["a hole", new Array(2), `values[0] is undefined; ${missing}`],
    ["null behind rows that are ragged", [[1], [2, 3], [null]], `values[2][0] is null; ${missing}`],
    ["null in place of a row", [[1, 2], null], `values[1] is null; ${missing}`],
    ["a text", [1, "2"], "values[1] is a string (2); a number was wanted"],
    ["a text at the start", [["a"], [1]], "values[0][0] is a string (a); a number was wanted"],
    ["a bigint", [1, 2n], "values[1] is a bigint (2); a number was wanted"],
    ["a record", [{ x: 1 }], "values[0] is an object; a number was wanted"],
    ["a function", [() => 1], "values[0] is a function; a number was wanted"],
    ["a date", [new Date(0)], "values[0] is a Date; a number was wanted"],
    [
      "a promise",
      [1, Promise.resolve(2)],
      "values[1] is a Promise (await it); a number was wanted",
    ],
    [
      "a tensor",
      [scalar(1), scalar(2)],
      "values[0] is a Tensor; a number was wanted; stack and concat join tensors",
    ],
    [
      "a typed array",
      [[1, 2], new Float32Array(2)],
      "values[1] is a Float32Array; a number was wanted, or an array, as Array.from gives it",
    ],
  ])("%s", (_, values, message) => {
    expect(() => made(values)).toThrow(UsageError);
    const end = message.endsWith("wanted") ? "$" : "";
    const pattern = `tensor: ${message}`.replace(/[[\]().]/g, "\\$&") + end;
    expect(() => made(values)).toThrow(new RegExp(`^${pattern}`));
  });

  it.each<[unknown, string]>([
    [null, "null"],
    [undefined, "undefined"],
    ["3", "a string (3)"],
    [{ x: [1] }, "an object"],
    [Promise.resolve([1]), "a Promise (await it)"],
    [Table.from({ x: [1] }), "a Table (its tensor([names]) gives columns)"],
  ])("where %s is all that came", (values, what) => {
    expect(() => made(values)).toThrow(UsageError);
    expect(() => made(values)).toThrow(
      `tensor: the values are ${what}; numbers or truth values, arrays of them, or a typed array were`,
    );
  });

  it("as the ops do, each by its own name", () => {
    const x = ones([2]);
    expect(() => x.add([1, null] as never)).toThrow(`add: B[1] is null; ${missing}`);
    expect(() => x.mul([[1, 2], ["3", 4]] as never)).toThrow("mul: B[1][0] is a string (3)"); // biome-ignore format: a matrix
    expect(() => x.add([[1, 2], [3]] as never)).toThrow(ShapeError);
    expect(() => x.add([[1, 2], [3]] as never)).toThrow(
      "add: B: the values are ragged; at depth 1",
    );
    const table: unknown = Table.from({ x: [1, 2] });
    const remedy = "is a Table (its tensor([names]) gives columns); a tensor, a number or arrays";
    expect(() => add(x, table as never)).toThrow(`add: B ${remedy}`);
    expect(() => concat([x, table as never])).toThrow(remedy);
    expect(() => x.add(Promise.resolve(x) as never)).toThrow("add: B is a Promise (await it)");
  });

  it("and still that they are ragged, where all are numbers", () => {
    for (const values of [
      [[1, 2], [3]],
      [[1, 2], 3],
      [1, [2]],
      [[], [1]],
      [[1], []],
    ]) {
      expect(() => made(values)).toThrow(ShapeError);
      expect(() => made(values)).toThrow("tensor: the values are ragged; at depth 1 there is");
    }
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([Number.NaN, 1]).toArray()).toEqual([Number.NaN, 1]);
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(ones([2], { dtype: "int32" }).add([1, 2]).dtype).toBe("int32");
    expect(ones([2], { dtype: "int32" }).add([true, false]).dtype).toBe("int32");
  });
});
