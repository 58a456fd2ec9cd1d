import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type CsvOptions, parseCsv, readCsv } from "../../src/data/index.js";
import { FormatError, UsageError } from "../../src/index.js";

/** The rows of a text as lists. */
const lists = (text: string, options?: CsvOptions): unknown[][] =>
  parseCsv(text, options).map((row) => Object.values(row));

describe("what a CSV text may look like", () => {
  const table = { a: [1, 2], b: ["x", "y"] };
  it.each<[string, string, CsvOptions?]>([
    ["as usual", "a,b\n1,x\n2,y\n"],
    ["no line end at the end", "a,b\n1,x\n2,y"],
    ["lines as in Windows", "a,b\r\n1,x\r\n2,y\r\n"],
    ["lines as on an old Mac", "a,b\r1,x\r2,y\r"],
    ["mixed line ends", "a,b\r\n1,x\n2,y\r\n"],
    ["mixed line ends, in quotes too", '"a",b\n1,"x"\r\n"2",y\r\n'],
    ["a byte order mark", "\uFEFFa,b\n1,x\n2,y"],
    ["a mark before quotes", '\uFEFF"a",b\n1,x\n2,y'],
    ["blank lines anywhere", "\n\na,b\n\n1,x\n \t\n2,y\n\n\n"],
    ["spaces around names", " a , b\n1,x\n2,y"],
    ["semicolons", "a;b\n1;x\n2;y"],
    ["tabs", "a\tb\n1\tx\n2\ty"],
    ["bars", "a|b\n1|x\n2|y"],
    ["a delimiter that is told", "a::b\n1::x\n2::y", { delimiter: "::" }],
    ["quotes", '"a","b"\n"1","x"\n"2","y"'],
    ["spaces behind quotes", '"a" ,"b" \n"1","x"\n"2","y"\t'],
    ["names that are told", "1,x\n2,y", { header: ["a", "b"] }],
    ["names that are changed", "A,B\n1,x\n2,y", { header: (n) => n.map((s) => s.toLowerCase()) }],
  ])("%s", (_, text, options) => {
    const read = parseCsv(text, options);
    expect(read.types).toEqual({ a: "number", b: "string" });
    expect({ a: read.column("a"), b: read.column("b") }).toEqual(table);
  });

  it("quoted delimiters, quotes and line ends; the ends of lines become \\n", () => {
    expect(lists('a,b\n"x,1","say ""hi"""\r\n"two\r\nlines","""\n"""')).toEqual([
      ["x,1", 'say "hi"'],
      ["two\nlines", '"\n"'],
    ]);
  });

  it("quotes inside a cell that does not begin with one", () => {
    expect(lists('a,b\n5"10,it"s\n')).toEqual([['5"10', 'it"s']]);
  });

  it("semicolons between decimal commas", () => {
    const read = parseCsv("a;b\n1,5;2,5\n");
    expect(read.types).toEqual({ a: "string", b: "string" });
  });

  it("no names at all", () => {
    expect(parseCsv("1,x\n2,y", { header: false }).names).toEqual(["column0", "column1"]);
  });

  it("one column: a blank line is a missing value, but for those at the end", () => {
    expect(parseCsv("\nx\n1\n\n3\n\n\n").column("x")).toEqual([1, Number.NaN, 3]);
    expect(parseCsv('x\n1\n""\n').column("x")).toEqual([1, Number.NaN]);
  });

  it("a header without rows", () => {
    const read = parseCsv("a,b\n");
    expect([read.length, read.names]).toEqual([0, ["a", "b"]]);
    expect(read.tensor(["a", "b"]).shape).toEqual([0, 2]);
    expect(parseCsv("", { header: ["a"] }).length).toBe(0);
  });

  it("names that objects have of their own", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", "0"];
    const read = parseCsv(`${names.join()}\n1,2,3,4,5,6\n`, {
      columns: { constructor: "number", length: "number", ["__proto__"]: "string" } as const,
    });
    expect(read.names).toEqual(names);
    expect(read.column("__proto__")).toEqual(["1"]);
    expect(read.tensor(["constructor", "length"]).toArray()).toEqual([[2, 5]]);
    const row = read.row(0);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(row, "__proto__")?.value).toBe("1");
    expect(JSON.parse(JSON.stringify(read))[0].constructor).toBe(2);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(read.with("__proto__", [7]).column("__proto__")).toEqual([7]);
    expect(read.fillMissing({}).types.constructor).toBe("number");
  });

  it("huge cells, and many columns", () => {
    const cell = "x".repeat(5_000_000);
    expect(parseCsv(`a,b\n"${cell}",1`).column("a")[0]).toHaveLength(5_000_000);
    expect(parseCsv(`a\n${"1".repeat(1_000_000)}x`).types.a).toBe("string");
    const wide = Array.from({ length: 50_000 }, (_, i) => `c${i}`).join();
    expect(parseCsv(`${wide}\n${wide}`).names).toHaveLength(50_000);
  });
});

describe("random tables", () => {
  const cell = fc.string({ unit: fc.constantFrom(...'ab1 ,;"\n\t|é'), maxLength: 6 });
  const grid = fc.tuple(fc.integer({ min: 2, max: 4 }), fc.nat(6)).chain(([columns, rows]) => {
    const row = fc.array(cell, { minLength: columns, maxLength: columns });
    return fc.array(row, { minLength: rows, maxLength: rows });
  });
  const written = (rows: readonly string[][], between: string, end: string): string =>
    rows
      .map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(between) + end)
      .join("");

  it("are read as they were written, whatever is between cells and lines", () => {
    const between = fc.constantFrom(",", ";", "\t", "|");
    const end = fc.constantFrom("\n", "\r\n", "\r");
    const property = fc.property(grid, between, end, (rows, delimiter, end) => {
      const names = (rows[0] ?? ["", ""]).map((_, i) => `n${i}`);
      const text = written([names, ...rows], delimiter, end);
      const columns = Object.fromEntries(names.map((name) => [name, "string" as const] as const));
      for (const told of [{ delimiter }, {}]) {
        expect(lists(text, { ...told, columns, missing: [] })).toEqual(rows);
      }
    });
    fc.assert(property, { numRuns: 300, seed: 1 });
  });

  it("name the line on which a cell is wrong", () => {
    const place = fc.tuple(fc.nat(5), fc.nat(1));
    const property = fc.property(grid, place, fc.boolean(), (cells, [at, column], blank) => {
      const rows = cells.map((row) => row.with(column, "1"));
      const names = (rows[0] ?? ["", ""]).map((_, i) => `n${i}`);
      const wrong = names.map((_, i) => (i === column ? "wrong" : "a\nb"));
      const before = [names, ...rows.slice(0, at)];
      const head = `${written(before, ",", blank ? "\r\n\r\n" : "\n")}`;
      const text = `${head}${written([wrong, ...rows.slice(at)], ",", "\n")}`;
      const line = head.split("\n").length + column;
      const read = () => lists(text, { columns: { [`n${column}`]: "number" }, missing: [] });
      expect(read).toThrow(`CSV, line ${line}, column "n${column}": "wrong" is no number`);
    });
    fc.assert(property, { numRuns: 300, seed: 2 });
  });
});

describe("what is no CSV text, by line and column", () => {
  it.each<[string, string, string | RegExp, CsvOptions?]>([
    ["a short row", "a,b,c\n1,2,3\n4,5\n", 'line 3: 2 cells (with "," between them)'],
    ["and what it lacks", "a,b,c\n1,2,3\n4\n", 'the header in line 1 has 3; "b", "c" have none'],
    ["a long row", "\na,b\n1,2,3\n", 'the header in line 2 has 2; "3" is one too many'],
    ["behind lines in quotes", 'a,b\n"1\n\n2",2\n3\n', "line 5: 1 cell"],
    ["without names", "1,2\n3\n", "line 2: 1 cell", { header: false }],
    ["an open quote", 'a,b\n1,2\n3,"4\n5,6\n', 'line 3, column "b": the quote that opens'],
    ["an open quote in names", 'a,"b\n1,2\n', "line 1, cell 2: the quote that opens"],
    ["an open quote at once", '"', "line 1, cell 1: the quote that opens"],
    ["text behind a quote", 'a,b\n1,"2"3\n', 'line 2, column "b": more text follows'],
    ["text behind a quote, on a later line", 'a,b\n"x\ny","2"3\n', 'line 3, column "b": more text'],
    ["names that come twice", "a,b,a\n", 'line 1: columns 1 and 3 both have the name "a"'],
    [
      "that come twice after a function",
      "a,b\n",
      "both have the name",
      { header: () => ["c", "c"] },
    ],
    ["a name that is empty", "\na,,c\n", "line 2: column 2 of 3 has no name"],
    ["too few names", "1,2\n", "header gives 1 names, and the first row has 2", { header: ["a"] }],
    ["nothing", "", "CSV is empty; a line with the names of the columns was wanted"],
    ["blank lines", "\n \n", "CSV is empty"],
    ["nothing, without names", "", "CSV is empty; a row was wanted", { header: false }],
    [
      "no number",
      "a\n1\nabc\n",
      'line 3, column "a": "abc" is no number',
      { columns: { a: "number" } },
    ],
    [
      "no truth value",
      "a\nyes\n",
      '"yes" is neither true nor false',
      { columns: { a: "boolean" } },
    ],
  ])("%s", (_, text, message, options) => {
    const read = () => parseCsv(text, options);
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });

  it.each<[string, CsvOptions, string]>([
    ["a column that there is not", { columns: { horsepwr: "number" } }, 'mean "horsepower"? there'],
    ["no type", { columns: { mpg: "int" } as never }, '"mpg" is "int"; "number"'],
    ["a list of columns", { columns: ["mpg"] as never }, "types by name were wanted"],
    ["a delimiter that ends lines", { delimiter: "\n" }, 'delimiter is "\\n"'],
    ["no delimiter", { delimiter: "" }, 'delimiter is ""'],
    ["missing as a text", { missing: "NA" as never }, 'missing is "NA"; a list of texts'],
    ["header as a text", { header: "mpg" as never }, 'header gives "mpg"; a list of names'],
    ["a slip", { delimeter: ";" } as never, "did you mean delimiter?"],
    ["options as a text", ";" as never, 'the options are ";"; an object was wanted'],
  ])("%s is an error of use", (_, options, message) => {
    const read = () => parseCsv("mpg,horsepower\n1,2\n", options);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });

  it("a text that is none", () => {
    expect(() => parseCsv(Buffer.from("a") as never)).toThrow("the text is a Buffer");
  });

  it("long cells and names are cut in messages, between characters", () => {
    const long = "😀".repeat(1000);
    const read = () => parseCsv(`a\n${long}\n`, { columns: { a: "number" } });
    expect(read).toThrow(`"${"😀".repeat(40)}…" is no number`);
    const names = Array.from({ length: 100 }, (_, i) => `c${i}`);
    expect(() => parseCsv(names.join(), { columns: { zz: "string" } })).toThrow("and 88 more");
  });
});

describe("cells", () => {
  const column = (cells: readonly string[], options: CsvOptions = {}) =>
    parseCsv(`x\n${cells.join("\n")}`, { delimiter: "|", ...options });

  it.each([
    ["1", 1],
    [" 3 ", 3],
    ["\t-4\u00a0", -4],
    ["+5", 5],
    ["-.5", -0.5],
    ["2.", 2],
    ["1e3", 1000],
    ["1E-3", 0.001],
    ["-0", -0],
    ["1e-999", 0],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["-inf", Number.NEGATIVE_INFINITY],
    ["007", 7],
    ["9007199254740993", 9007199254740992],
  ])("%j is a number", (text, value) => {
    expect(column([text], { columns: { x: "number" } }).column("x")).toEqual([value]);
  });

  it.each([
    "1,5",
    "0x10",
    "1_000",
    "1 000",
    "12px",
    "$5",
    "5%",
    "--1",
    "1e",
    ".",
    "e5",
    "1e999",
    "∞",
    "１",
    "0b1",
    "1n",
  ])("%j is no number", (text) => {
    expect(() => column([text], { columns: { x: "number" } })).toThrow(/line 2, column "x": "/);
    expect(column([text]).types.x).toBe("string");
  });

  it("a decimal comma and what is too large are told", () => {
    const read = (text: string) => () => column([text], { columns: { x: "number" } });
    expect(read("1,5")).toThrow('"1,5" is no number; a point was wanted for ,');
    expect(read("1e999")).toThrow('"1e999" is too large for a number');
  });

  it.each<[string, string[], string]>([
    ["numbers", ["1", " 2 ", "1e3"], "number"],
    ["numbers of which some are missing", ["NA", "1", "null", "n/a"], "number"],
    ["no value at all", ["NA", "nan"], "number"],
    ["truth values", ["true", "FALSE", " True "], "boolean"],
    ["truth values of which one is missing", ["true", "NULL"], "boolean"],
    ["1 and 0", ["1", "0"], "number"],
    ["numbers and truth values", ["1", "true"], "string"],
    ["numbers and one text", ["1", "2", "x"], "string"],
    ["postal codes", ["02134", "10001"], "string"],
    ["keys beyond 2⁵³", ["9007199254740993", "1"], "string"],
    ["zeros before a point", ["0.5", "0", "-0.1"], "number"],
  ])("%s", (_, cells, type) => {
    expect(column(cells).types.x).toBe(type);
  });

  it("truth values that are declared may be 1 and 0", () => {
    const read = column(["1", "0", "", "TRUE"], { columns: { x: "boolean" } });
    expect(read.column("x")).toEqual([true, false, null, true]);
  });

  it("texts stay as they are", () => {
    expect(column([" a ", "NA", "b"]).column("x")).toEqual([" a ", null, "b"]);
    expect(column(["1.50", "x"]).column("x")).toEqual(["1.50", "x"]);
  });

  it("what means no value can be told", () => {
    const read = column(["?", "-999", "NA", "5"], { missing: ["?", "-999", "NA"] });
    expect(read.column("x")).toEqual([Number.NaN, Number.NaN, Number.NaN, 5]);
    expect(column(["NA", "x"], { missing: [] }).column("x")).toEqual(["NA", "x"]);
    const none = () => column(["", "1"], { missing: [], columns: { x: "number" } });
    expect(none).toThrow('line 2, column "x": "" is no number');
  });
});

describe("files", () => {
  let folder = "";
  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tables-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("are read by path and by URL, and named in errors", async () => {
    const path = await file("my cars.csv", "mpg,name\n26,VW\nabc,Fiat\n");
    expect((await readCsv(path)).length).toBe(2);
    expect((await readCsv(pathToFileURL(path))).length).toBe(2);
    const columns = { mpg: "number" } as const;
    const wrong = 'line 3, column "mpg": "abc" is no number';
    await expect(readCsv(path, { columns })).rejects.toThrow(`${path}, ${wrong}`);
    await expect(readCsv(pathToFileURL(path), { columns })).rejects.toThrow(
      `my cars.csv, ${wrong}`,
    );
    await expect(readCsv(path, { columns, name: "cars" })).rejects.toThrow(`cars, ${wrong}`);
  });

  it("that are missing, folders, or no path", async () => {
    const path = join(folder, "no.csv");
    await expect(readCsv(path)).rejects.toThrow(UsageError);
    await expect(readCsv(path)).rejects.toThrow(`readCsv: there is no file ${path}, seen from`);
    await expect(readCsv(folder)).rejects.toThrow("cannot be read: it is a folder");
    await expect(readCsv(undefined as never)).rejects.toThrow("the path is undefined");
    await expect(readCsv("ftp://host/cars.csv")).rejects.toThrow("new URL");
  });

  it("in other encodings", async () => {
    const text = "Größe,Straße\n1,x\n";
    const wide = Uint8Array.from(
      [...`\uFEFF${text}`].flatMap((c) => {
        const code = c.charCodeAt(0);
        return [code & 255, code >> 8];
      }),
    );
    const names = ["Größe", "Straße"];
    expect((await readCsv(await file("wide.csv", wide))).names).toEqual(names);
    const marked = await file("marked.csv", `\uFEFF${text}`);
    expect((await readCsv(marked)).names).toEqual(names);
    const latin = await file("latin.csv", Buffer.from(text, "latin1"));
    await expect(readCsv(latin)).rejects.toThrow(FormatError);
    await expect(readCsv(latin)).rejects.toThrow('no text in utf-8; encoding: "latin1"');
    expect((await readCsv(latin, { encoding: "latin1" })).names).toEqual(names);
    await expect(readCsv(latin, { encoding: "klingon" })).rejects.toThrow('encoding is "klingon"');
    const unmarked = await file("unmarked.csv", Buffer.from("a,b\n1,2\n", "utf16le"));
    await expect(readCsv(unmarked)).rejects.toThrow('encoding: "utf-16le"');
    expect((await readCsv(unmarked, { encoding: "utf-16le" })).names).toEqual(["a", "b"]);
  });

  it("of a server", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/cars.csv" ? 200 : 404;
      response.end("mpg\n26\n");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const at = `http://127.0.0.1:${port}`;
    expect((await readCsv(new URL(`${at}/cars.csv`))).column("mpg")).toEqual([26]);
    await expect(readCsv(new URL(`${at}/no.csv`))).rejects.toThrow(
      `readCsv: no.csv cannot be read from ${at}: the server says 404 Not Found`,
    );
    await new Promise((done) => server.close(done));
    await expect(readCsv(new URL(`${at}/cars.csv`))).rejects.toThrow(UsageError);
  });
});

describe("addresses", () => {
  const address = "data:text/csv,a,b%0A1,2%0A";

  it("are fetched, whether a URL or its text", async () => {
    expect((await readCsv(new URL(address))).column("b")).toEqual([2]);
    expect((await readCsv(address)).column("b")).toEqual([2]);
  });

  it("in a page every path is one, from the page on", async () => {
    const asked: string[] = [];
    vi.stubGlobal("location", { href: "https://example.org/app/index.html" });
    vi.stubGlobal("fetch", async (url: URL) => {
      asked.push(url.href);
      return new Response("a,b\n1,2\n");
    });
    try {
      expect((await readCsv("cars.csv")).column("a")).toEqual([1]);
      expect((await readCsv("/cars.csv")).length).toBe(1);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(asked).toEqual(["https://example.org/app/cars.csv", "https://example.org/cars.csv"]);
  });
});
