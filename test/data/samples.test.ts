import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { parseCsv, parseJson, readCsv, readJson } from "../../src/data/index.js";

const require = createRequire(import.meta.url);
const fileOf = (name: string): string => require.resolve(`@observablehq/sample-datasets/${name}`);

/** Python's reader of CSV files: names and rows of texts. */
const program = `
import csv, json, sys
with open(sys.argv[1], newline="", encoding="utf-8-sig") as f:
    rows = [row for row in csv.reader(f) if row]
json.dump(rows, sys.stdout)
`;
function python(file: string): string[][] | null {
  try {
    return JSON.parse(
      execFileSync("python3", ["-c", program, file], { encoding: "utf8", maxBuffer: 2 ** 28 }),
    );
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}
const hasPython = python(fileOf("alphabet.csv")) !== null;

// Rows, columns, and how many of these hold numbers.
const samples = [
  ["aapl.csv", 1260, 7, 6],
  ["alphabet.csv", 26, 2, 1],
  ["cars.csv", 406, 8, 7],
  ["citywages.csv", 195, 10, 7],
  ["diamonds.csv", 53_940, 10, 7],
  ["flare.csv", 252, 2, 1],
  ["industries.csv", 1708, 3, 1],
  ["olympians.csv", 11_538, 12, 6],
  ["penguins.csv", 344, 7, 4],
  ["pizza.csv", 29_853, 7, 3],
  ["weather.csv", 2922, 7, 4],
] as const;

describe("tables of an installed package", () => {
  it.each(samples)("%s has %d rows and %d columns, %d of numbers", async (name, ...counts) => {
    const table = await readCsv(fileOf(name));
    const numbers = Object.values(table.types).filter((type) => type === "number");
    expect([table.length, table.names.length, numbers.length]).toEqual(counts);
  });

  it.skipIf(!hasPython).each(samples)("%s has the cells that Python reads", (name) => {
    const [names = [], ...rows] = python(fileOf(name)) as string[][];
    const columns = Object.fromEntries(names.map((key) => [key, "string"] as const));
    const text = readFileSync(fileOf(name), "utf8");
    const told = { columns, missing: [], delimiter: "," };
    expect(parseCsv(text, told).map((row) => names.map((key) => row[key]))).toEqual(rows);
    const typed = parseCsv(text);
    for (const [j, key] of names.entries()) {
      if (typed.types[key] !== "number") continue;
      const wanted = rows.map((row) =>
        /^(NaN|)$/.test(row[j] ?? "") ? Number.NaN : Number(row[j]),
      );
      expect(typed.column(key), key).toEqual(wanted);
    }
  });

  it("cars: known counts and means", async () => {
    const cars = await readCsv(fileOf("cars.csv"));
    expect(cars.dropMissing().length).toBe(392);
    expect(cars.dropMissing(["economy (mpg)"]).length).toBe(398);
    expect(cars.dropMissing(["power (hp)"]).length).toBe(400);
    const whole = cars.dropMissing();
    // The means of these 392 cars in textbooks, where the data set is called Auto.
    expect(whole.tensor("economy (mpg)").mean().item()).toBeCloseTo(23.4459, 4);
    expect(whole.tensor("power (hp)").mean().item()).toBeCloseTo(104.4694, 4);
    expect(whole.tensor("weight (lb)").mean().item()).toBeCloseTo(2977.584, 3);
  });

  it("penguins: known counts", async () => {
    const penguins = await readCsv(fileOf("penguins.csv"));
    const { labels, names } = penguins.classes("species");
    expect(names).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
    const counts = names.map((_, k) => [...labels.data()].filter((label) => label === k).length);
    expect(counts).toEqual([152, 68, 124]);
    expect(penguins.dropMissing(["body_mass_g"]).length).toBe(342);
    expect(penguins.classes("island").names).toEqual(["Biscoe", "Dream", "Torgersen"]);
  });

  it("a table written as JSON is read again", async () => {
    const weather = await readCsv(fileOf("weather.csv"));
    const again = parseJson(JSON.stringify(weather));
    expect(again.types).toEqual(weather.types);
    expect(again.rows()).toEqual(weather.rows());
  });

  it("a JSON file that holds two tables is refused with what it holds", async () => {
    await expect(readJson(fileOf("miserables.json"))).rejects.toThrow(
      'miserables.json, row 0, column "nodes": an object; a number, a text',
    );
    const { nodes, links } = JSON.parse(readFileSync(fileOf("miserables.json"), "utf8"));
    expect([parseJson(nodes).length, parseJson(links).length]).toEqual([77, 254]);
  });
});
