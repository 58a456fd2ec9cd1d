import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, readJson, type TableOptions } from "../../src/data/index.js";
import { faultIn } from "../../src/data/json_syntax.js";
import { FormatError, ShapeError, TracegradError, UsageError } from "../../src/index.js";

describe("tables in JSON", () => {
  it.each<[string, unknown]>([
    ["records", '[{"x": 1, "s": "a"}, {"x": null, "s": null}]'],
    ["columns", '{"x": [1, null], "s": ["a", null]}'],
    ["records of which one lacks a name", '[{"x": 1, "s": "a"}, {}]'],
    ["a mark before", '\uFEFF[{"x": 1, "s": "a"}, {"s": null}]'],
    [
      "values",
      [
        { x: 1, s: "a" },
        { x: Number.NaN, s: undefined },
      ],
    ],
    ["lists", { x: [1, null], s: ["a", null] }],
  ])("%s", (_, json) => {
    const table = parseJson(json as string);
    expect(table.types).toEqual({ x: "number", s: "string" });
    expect(table.rows()).toEqual([
      { x: 1, s: "a" },
      { x: Number.NaN, s: null },
    ]);
  });

  it("columns come in the order of their first value", () => {
    expect(parseJson('[{"b": 1}, {"a": 2, "b": 3}]').names).toEqual(["b", "a"]);
    expect(parseJson("[]").length).toBe(0);
    expect(parseJson("[{}, {}]").length).toBe(2);
  });

  it("texts are read as a column's type says, and are missing where that is told", () => {
    const json = '[{"x": "1.5", "ok": "TRUE", "id": 7}, {"x": 2, "ok": 0, "id": true}]';
    const columns = { x: "number", ok: "boolean", id: "string" } as const;
    expect(parseJson(json, { columns }).rows()).toEqual([
      { x: 1.5, ok: true, id: "7" },
      { x: 2, ok: false, id: "true" },
    ]);
    const missing = ["?", "-999"];
    const read = parseJson('{"x": ["?", 1, -999], "s": ["NA", "?", ""]}', { missing });
    expect(read.column("x")).toEqual([Number.NaN, 1, Number.NaN]);
    expect(read.column("s")).toEqual(["NA", null, ""]);
  });

  it("names that objects have of their own", () => {
    const table = parseJson('[{"__proto__": 1, "constructor": 2}, {"toString": 3}]');
    expect(table.names).toEqual(["__proto__", "constructor", "toString"]);
    expect(table.column("__proto__")).toEqual([1, Number.NaN]);
    expect(table.column("toString")).toEqual([Number.NaN, 3]);
    expect(parseJson('{"__proto__": [1]}').column("__proto__")).toEqual([1]);
    expect(({} as Record<string, unknown>)[0]).toBeUndefined();
  });

  it("of a file, which errors name", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tables-"));
    const path = join(folder, "cars.json");
    await writeFile(path, '[{"mpg": 26},\n {"mpg": "abc"}]');
    const columns = { mpg: "number" } as const;
    await expect(readJson(path, { columns })).rejects.toThrow(
      `${path}, row 1, column "mpg": "abc" is no number`,
    );
    await writeFile(path, '[{"mpg": 26},\n {"mpg": 27}');
    await expect(readJson(path)).rejects.toThrow(
      `${path}, line 2, character 13: the text ends where a comma or ] was wanted`,
    );
    await expect(readJson(join(folder, "no.json"))).rejects.toThrow("readJson: there is no file");
    await rm(folder, { recursive: true });
  });
});

describe("what is no table", () => {
  it.each<[string, string | object, string, TableOptions?]>([
    ["a number", "5", "JSON: 5; an array of records, or an object of lists, was wanted"],
    ["null", "null", "JSON: null; an array of records"],
    ["rows that are arrays", "[[1]]", "JSON, row 0: an array; an object with the row's cells"],
    ["rows that are numbers", '[{"x": 1}, 2]', "JSON, row 1: 2; an object"],
    ["a column that is none", '{"x": 1}', 'JSON, column "x": 1; a list of values was wanted'],
    ["a text as a column", '{"x": "abc"}', 'JSON, column "x": "abc"; a list of values was wanted'],
    ["records in an object", '{"data": [{"x": 1}]}', 'JSON, row 0, column "data": an object; a'],
    ["lists in cells", '[{"x": 1}, {"x": [1]}]', 'JSON, row 1, column "x": an array; a number'],
    ["lists in texts", '[{"x": [1]}]', 'row 0, column "x"', { columns: { x: "string" } }],
    ["lists in truth values", '[{"x": [1]}]', 'row 0, column "x"', { columns: { x: "boolean" } }],
    ["objects for numbers", '[{"x": {}}]', "an object is no number", { columns: { x: "number" } }],
    ["true for a number", '[{"x": true}]', "true is no number", { columns: { x: "number" } }],
    ["2 for a truth value", '[{"x": 2}]', '"2" is neither true nor', { columns: { x: "boolean" } }],
    [
      "mixed types",
      '[{"x": 1}, {"x": null}, {"x": "a"}]',
      'JSON, row 2, column "x": "a" is a text, and before it a number came; one type was wanted, ' +
        'or columns: { "x": "string" }',
    ],
    ["a date", [{ x: new Date(0) }], 'row 0, column "x": a Date; a number, a text'],
    ["a bigint", [{ x: 5n }], 'row 0, column "x": 5n; a number'],
    ["maps", [new Map()], "row 0: a Map; an object"],
  ])("%s", (_, json, message, options) => {
    const read = () => parseJson(json as string, options);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });

  it("columns of unequal length", () => {
    const read = () => parseJson('{"x": [1, 2], "y": [1]}');
    expect(read).toThrow(ShapeError);
    expect(read).toThrow('JSON: column "y" has 1 values and "x" has 2');
  });

  it("a column that is declared and not there", () => {
    const read = () => parseJson('[{"weight": 1}]', { columns: { wieght: "number" } });
    expect(read).toThrow(UsageError);
    expect(read).toThrow('did you mean "weight"?');
  });

  it("records with nothing in common, whose table would be immense", () => {
    const records = Array.from({ length: 20_000 }, (_, i) => `{"k${i}": 1}`);
    expect(() => parseJson(`[${records.join()}]`)).toThrow("have 20000 different names");
  });

  it("nesting beyond all measure", () => {
    const deep = 1_000_000;
    expect(() => parseJson("[".repeat(deep))).toThrow(TracegradError);
    expect(() => parseJson("[".repeat(deep) + "]".repeat(deep))).toThrow(TracegradError);
    expect(() => parseJson('{"a":'.repeat(deep))).toThrow(TracegradError);
  });
});

describe("where a text stops being JSON", () => {
  it.each([
    ["", "line 1, character 1: the text ends where a value was wanted"],
    ["[1,\n 2,]", 'line 2, character 4: "]" came where a value was wanted'],
    ['[{"a" 1}]', 'character 7: "1" came where a colon was wanted'],
    ['[{"a": 1 "b"}]', 'character 10: "\\"" came where a comma or } was wanted'],
    ["[1 2]", 'character 4: "2" came where a comma or ] was wanted'],
    ["{a: 1}", 'character 2: "a" came where a name in "…" or } was wanted'],
    ['{"a": 1,}', 'character 9: "}" came where a name in "…" was wanted'],
    ["['a']", `character 2: "'" came where a value or ] was wanted`],
    ['[{"x": NaN}]', 'character 8: "N" came where a value was wanted'],
    ['{"x": 1}\n{"x": 2}', 'line 2, character 1: "{" came where its end was wanted'],
    ['["a\nb"]', 'line 1, character 4: "\\n" came where the quote that ends the string'],
    ['["\\x"]', 'character 3: "\\\\" came where one of \\" \\\\ \\/'],
    ['["\\u12g4"]', "\\u with four hexadecimal digits was wanted"],
    ['["abc', "the text ends where the quote that ends a string was wanted"],
    ["[01]", 'character 3: "1" came where a comma or ] was wanted'],
    ["[1.]", 'character 3: "." came where a comma or ] was wanted'],
    ["[\r\n1\r\n2]", "line 3, character 1"],
  ])("%j", (text, message) => {
    const read = () => parseJson(text);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });

  it("is a control character in a string", () => {
    for (let code = 0; code < 0x24; code++) {
      const text = `"a${String.fromCharCode(code)}b"`;
      expect(faultIn(text)?.at ?? -1, `code ${code}`).toBe(
        code < 0x20 ? 2 : code === 0x22 ? 3 : -1,
      );
    }
  });

  it("is found in just those texts that JSON.parse refuses", () => {
    const value = fc.json({ maxDepth: 3 });
    const change = fc.tuple(
      fc.nat(),
      fc.nat(2),
      fc.constantFrom(...'[]{}",:\\tfn01.eE-+ \n\u0001x'),
    );
    const property = fc.property(value, fc.array(change, { maxLength: 2 }), (json, changes) => {
      let text = json;
      for (const [at, length, by] of changes) {
        const from = at % (text.length + 1);
        text = text.slice(0, from) + by + text.slice(from + length);
      }
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(faultIn(text) === null, text).toBe(isJson);
    });
    fc.assert(property, { numRuns: 3000, seed: 3 });
  });
});
