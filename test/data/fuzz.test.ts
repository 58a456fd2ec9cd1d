import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCsv, parseJson, type Table } from "../../src/data/index.js";
import { TracegradError } from "../../src/index.js";
import { cpuTime } from "../cpu_time.js";

// Texts of tables, changed at random: each is read or refused by name. The same in every run; other seeds
// and longer runs are a matter of two variables: FUZZ_SEED=7 FUZZ=20000 npx vitest run test/data/fuzz.test.ts

const { FUZZ = "500", FUZZ_SEED = "1" } = process.env;
const [numRuns, seed] = [Number(FUZZ), Number(FUZZ_SEED)];
const LONGEST = 1000; // ms
const MOST = 200 * 2 ** 20; // bytes that the heap may grow by

const csv = `name,mpg,"power (hp)",ok,when\r
"VW 1131, deluxe",26,46,true,1970-01-01\r
"say ""hi""",NA,90.5,false,\r
,1e3,-.5,TRUE,"two
lines"\r
007,,Infinity,,x\r
`;
const json = `[{"name": "VW", "mpg": 26, "ok": true},
 {"name": "say \\"hi\\"\\u00e9", "mpg": null, "ok": false},
 {"mpg": -1.5e3, "__proto__": 5}]`;
const columns = '{"x": [1, 2, null], "s": ["a", null, "c"], "ok": [true, false, null]}';

// What breaks readers, more often than letters.
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...',;"\n\r\t|[]{}:\\', '""', "\r\n", ",,", "\uFEFF", "\0"),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("__proto__", "NaN", "1e999", "null", "true", "0x10", "1,5", "-"),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...'",;\n\r [{:"\\1a', '"a"', "[1,", '{"a":'),
        fc.constantFrom(100, 20_000),
      )
      .map(([part, times]) => part.repeat(times)),
  },
);

type Change = (text: string) => string;

const change: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom("put in", "cut", "exchange", "repeat", "end"), fc.nat(), fc.nat(40), piece)
  .map(([kind, where, length, part]) => (text) => {
    const at = where % (text.length + 1);
    const [before, own, after] = [
      text.slice(0, at),
      text.slice(at, at + length),
      text.slice(at + length),
    ];
    if (kind === "put in") return before + part + own + after;
    if (kind === "cut") return before + after;
    if (kind === "exchange") return before + part + after;
    if (kind === "repeat") return before + own.repeat(1 + (where % 50)) + after;
    return before;
  });

const changed = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => changes.reduce((done, one) => one(done), text));

/** The table, or the error that refuses the text; both within bounds. */
function bounded(text: string, read: (text: string) => Table): Table | TracegradError {
  const before = process.memoryUsage().heapUsed;
  const start = cpuTime();
  let result: Table | TracegradError;
  try {
    result = read(text);
  } catch (error) {
    if (!(error instanceof TracegradError)) throw error;
    result = error;
  }
  expect(cpuTime() - start, "ms to read").toBeLessThan(LONGEST);
  expect(process.memoryUsage().heapUsed - before, "bytes to read").toBeLessThan(MOST);
  return result;
}

/** A table that holds together: as many values in each column, of its type, and printed in bounds. */
function sound(table: Table): void {
  const odd = Object.entries(table.types).find(([name, type]) => {
    const values: readonly unknown[] = table.column(name);
    const fits = values.every((value) => value === null || typeof value === type);
    return !fits || values.length !== table.length;
  });
  expect(odd).toBeUndefined();
  if (table.names.length < 100) expect(String(table).length).toBeLessThan(13 * 200);
  for (const row of table.slice(0, 3)) expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
}

/** Reads texts; of tables and of errors both must come at least so often. */
function fuzz(
  texts: fc.Arbitrary<string>,
  read: (text: string) => Table,
  { place, least }: { readonly place: RegExp; readonly least: number },
): void {
  let [tables, errors] = [0, 0];
  const property = fc.property(texts, (text) => {
    const result = bounded(text, read);
    if (result instanceof TracegradError) {
      errors++;
      expect(result.message).toMatch(place);
      expect(result.message.length).toBeLessThan(1500);
      expect(result.message).not.toMatch(/undefined|\[object|NaN,/);
    } else {
      tables++;
      sound(result);
    }
  });
  fc.assert(property, { numRuns, seed });
  expect(Math.min(tables, errors)).toBeGreaterThanOrEqual(least * numRuns);
  expect(({} as Record<string, unknown>)[5]).toBeUndefined();
}

const timeout = 60_000 + 100 * numRuns;

describe("changed texts are read or refused by name", () => {
  const place = /^CSV[ ,:]/;
  const typed = { columns: { mpg: "number", ok: "boolean" } } as const;
  it("CSV", { timeout }, () => {
    fuzz(changed([csv]), (text) => parseCsv(text), { place, least: 0.05 });
  });
  it("CSV of declared columns", { timeout }, () => {
    fuzz(changed([csv]), (text) => parseCsv(text, typed), { place, least: 0.05 });
  });
  it("CSV without names", { timeout }, () => {
    fuzz(changed([csv]), (text) => parseCsv(text, { header: false }), { place, least: 0.05 });
  });
  it("JSON", { timeout }, () => {
    fuzz(changed([json, columns]), (text) => parseJson(text), {
      place: /^JSON[ ,:]/,
      least: 0.005,
    });
  });
});

describe("any JSON is read or refused by name", () => {
  const cell = fc.oneof(
    { weight: 20, arbitrary: fc.oneof(fc.double(), fc.constant(null)) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
  const name = fc.constantFrom("a", "b", "", "__proto__", "length", "0", "toString");
  const value = fc.oneof(
    fc.array(fc.dictionary(name, cell, { maxKeys: 3 }), { maxLength: 5 }),
    fc.dictionary(name, fc.array(cell, { minLength: 2, maxLength: 2 }), { maxKeys: 3 }),
    fc.jsonValue({ maxDepth: 3 }),
  );
  it("as text", { timeout }, () => {
    const texts = value.map((one) => JSON.stringify(one));
    fuzz(texts, (text) => parseJson(text), { place: /^JSON[ ,:]/, least: 0.1 });
  });
});

describe("large texts are read or refused in bounded time", () => {
  it.each<[string, string]>([
    ["quotes", '"'.repeat(2_000_000)],
    ["quotes and letters", '"a'.repeat(500_000)],
    ["quoted cells without delimiters", '"a" '.repeat(500_000)],
    ["delimiters", `a\n${",".repeat(2_000_000)}`],
    ["spaces", `a,b\n1,"2"${" ".repeat(2_000_000)}`],
    ["blank lines", `a,b\n1,2${"\n".repeat(1_000_000)}3,4`],
    ["blank lines and a cell", `a${"\n".repeat(500_000)}x`],
    ["digits", `a\n${"1".repeat(2_000_000)}x`],
    ["digits and points", `a\n${"1.".repeat(1_000_000)}`],
    ["many short rows", `a,b\n${"1,2\n".repeat(200_000)}1`],
    ["many names", Array.from({ length: 100_000 }, (_, i) => `c${i}`).join()],
  ])("%s", (_, text) => {
    const start = cpuTime();
    for (const options of [{}, { header: false }]) {
      try {
        sound(parseCsv(text, options));
      } catch (error) {
        expect(error).toBeInstanceOf(TracegradError);
      }
    }
    expect(cpuTime() - start, "ms to read").toBeLessThan(6 * LONGEST);
  });
});
