import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import * as vega from "vega";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { UsageError } from "../../src/index.js";
import { confusionHeatmap, lines, lossCurve, Picture, picture } from "../../src/plot/index.js";
import { readPng } from "./read.js";

const bars = {
  data: {
    values: [
      { city: "Oslo", rain: 763 },
      { city: "Rome <&>", rain: 804 },
    ],
  },
  mark: "bar",
  encoding: {
    x: { field: "city", type: "nominal" },
    y: { field: "rain", type: "quantitative", title: "rain (mm)" },
  },
} as const;

/** With clip paths and a gradient, which Vega numbers. */
const clipped = {
  ...bars,
  mark: { type: "bar", clip: true, color: { gradient: "linear", stops: [] } },
} as const;

describe("svg", () => {
  it("is the same text in every run, whatever was drawn before, and at once", async () => {
    const draw = (): Promise<string> => picture(clipped, { title: "Rain" }).svg();
    const first = await draw();
    await lossCurve({ train: [2, 1] }).svg();
    await confusionHeatmap([
      [1, 2],
      [0, 3],
    ]).svg();
    expect(await draw()).toBe(first);
    const together = await Promise.all(Array.from({ length: 5 }, draw));
    expect(new Set([...together, first]).size).toBe(1);
  });

  it("is the same in another process", async () => {
    const code = `
      const { lines, picture } = await import("./src/plot/index.ts");
      await picture(${JSON.stringify(clipped)}).svg();
      process.stdout.write(await lines({ a: [1, 1 / 3, 0.1] }, { title: "A" }).svg());`;
    const args = ["--import", "tsx", "--input-type=module", "-e", code];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toBe(await lines({ a: [1, 1 / 3, 0.1] }, { title: "A" }).svg());
  });

  it("names its parts so that two pictures can stand in one page", async () => {
    const idsOf = (svg: string): string[] =>
      [...svg.matchAll(/ id="([^"]+)"/g)].map((m) => m[1] ?? "");
    const [one, two] = await Promise.all([
      picture(clipped).svg(),
      picture(clipped, { title: "other" }).svg(),
    ]);
    expect(idsOf(one).length).toBeGreaterThan(0);
    expect(idsOf(one).filter((id) => idsOf(two).includes(id))).toEqual([]);
    for (const id of idsOf(one)) expect(one).toContain(`url(#${id})`);
    const used = [...one.matchAll(/url\(#([^)]+)\)/g)].map((m) => m[1]);
    expect(used.filter((id) => !idsOf(one).includes(id ?? ""))).toEqual([]);
  });

  it("has two decimals in coordinates, and texts as they are", async () => {
    const title = 'σ² < 1.23456789 & d="0.123456" > λ\u0007';
    const svg = await lines({ a: [1 / 3, 2 / 7, Math.PI] }, { title }).svg();
    const tags = (svg.match(/<[^>]*>/g) ?? []).join("").replace(/aria-label="[^"]*"/g, "");
    expect(tags).not.toMatch(/\d\.\d{3}/);
    expect(svg).toContain('σ² &lt; 1.23456789 &amp; d="0.123456" &gt; λ\ufffd');
  });

  it("has a font that leads to one without serifs everywhere", async () => {
    const svg = await picture(bars, { title: "Rain" }).svg();
    const fonts = new Set([...svg.matchAll(/font-family="([^"]+)"/g)].map((m) => m[1]));
    expect([...fonts]).toEqual(["Helvetica, Arial, DejaVu Sans, sans-serif"]);
  });

  it("leaves the spec and its data as they are", async () => {
    const frozen = { ...bars, data: { values: bars.data.values.map((row) => Object.freeze(row)) } };
    const before = JSON.stringify(picture(frozen).spec);
    const drawn = picture(frozen);
    await drawn.svg();
    expect(JSON.stringify(drawn.spec)).toBe(before);
    expect(Reflect.ownKeys(frozen.data.values[0] ?? {})).toEqual(["city", "rain"]);
  });

  it("passes Vega's warnings on", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const y = { field: "snow", type: "quantitative" };
    await picture({ ...bars, encoding: { ...bars.encoding, y } }).svg();
    expect(warn.mock.calls.join()).toContain("Infinite extent for field");
    warn.mockRestore();
  });
});

describe("picture", () => {
  it("lays the look under the spec's own config, and options over its title and size", () => {
    const config = { title: { fontSize: 30 }, background: "black" };
    const { spec } = picture(
      { ...bars, title: "a", width: 9, config },
      { subtitle: "b", height: 8 },
    );
    expect(spec).toMatchObject({ title: { text: "a", subtitle: "b" }, width: 9, height: 8 });
    expect(spec.config).toMatchObject({
      background: "black",
      title: { fontSize: 30, anchor: "start" },
    });
  });

  it("writes numbers on the axes of each of several views", async () => {
    const x = { field: "a", type: "quantitative" };
    const one = { data: { values: [{ a: 1 }, { a: 9 }] }, mark: "point", encoding: { x, y: x } };
    const specs = [
      { hconcat: [one, one] },
      { vconcat: [one, one] },
      { data: one.data, facet: { row: { field: "a" } }, spec: { mark: "point", encoding: { x } } },
    ];
    for (const spec of specs) {
      const numbers = (await picture(spec).svg()).match(/>\d\d?\.?\d*<\/text>/g) ?? [];
      expect(numbers.length).toBeGreaterThan("facet" in spec ? 12 : 40);
    }
  });

  it("has no title where it is empty", () => {
    expect(lossCurve({ train: [1, 2] }).spec.title).toEqual({ text: "Loss by epoch" });
    expect(lossCurve({ train: [1, 2] }, { title: "" }).spec.title).toBeNull();
    expect(confusionHeatmap([[1]], { title: "", subtitle: "" }).spec.title).toBeNull();
    expect(picture({ ...bars, title: { text: "a", dx: 3 } }, { title: "b" }).spec.title).toEqual({
      text: "b",
      dx: 3,
    });
  });

  it.each([
    [null, {}, "the spec is null; an object of Vega-Lite was wanted"],
    [[], {}, "the spec is an array"],
    ["bar", {}, 'the spec is "bar"'],
    [Promise.resolve({ mark: "bar" }), {}, "the spec is a Promise (await it)"],
    [{}, {}, "the spec has none of mark, layer"],
    [bars, { width: 0 }, "width is 0; a positive number of at most 10000 was wanted"],
    [bars, { height: "9" }, 'height is "9"'],
    [{ hconcat: [bars] }, { width: 9 }, "width and height are for a spec with a mark or layers"],
  ])("refuses %j with %j", (spec, options, message) => {
    const call = () => picture(spec as object, options as object);
    expect(call).toThrow(UsageError);
    expect(call).toThrow(message);
  });

  it.each([
    [{ ...bars, mark: "bogus" }, "the spec cannot be drawn"],
    [{ ...bars, transform: [{ calculate: "datum.a +* 3", as: "b" }] }, "Unexpected token"],
    [{ ...bars, data: { url: "/no/such.csv" } }, "Loading failed /no/such.csv"],
    [{ ...bars, data: { values: [{ a: () => 1 }] } }, "could not be cloned"],
  ])("does not draw %j", async (spec, message) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const drawn = picture(spec).svg();
    await expect(drawn).rejects.toThrow(UsageError);
    await expect(drawn).rejects.toThrow(message);
    warn.mockRestore();
  });
});

describe("what Vega holds of a picture", () => {
  it.each([
    ["drawn", () => {}, null],
    [
      "not drawn, since Vega fails",
      () => vi.spyOn(vega.View.prototype, "toSVG").mockRejectedValueOnce(new Error("made to fail")),
      "picture: the spec cannot be drawn: made to fail",
    ],
  ])("is let go when it is %s", async (_, prepare, message) => {
    const finalize = vi.spyOn(vega.View.prototype, "finalize");
    prepare();
    const drawn = picture(bars).svg();
    if (message === null) await drawn;
    else await expect(drawn).rejects.toThrow(message);
    expect(finalize).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    await picture(bars).svg();
  });
});

describe("png", () => {
  it("has the size of the picture times the scale", async () => {
    const drawn = picture(bars);
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(await drawn.svg()) ?? [];
    for (const scale of [1, 2.5]) {
      const png = readPng(await drawn.png({ scale }));
      expect([png.width, png.height]).toEqual([
        Math.round(Number(width) * scale),
        Math.round(Number(height) * scale),
      ]);
    }
    expect(readPng(await drawn.png()).width).toBe(Number(width) * 2);
  });

  it("shows its text, plain and bold, also beyond ASCII", async () => {
    const ink = async (title: string, subtitle: string): Promise<number> => {
      const png = readPng(await lines({ a: [1, 2] }, { title, subtitle }).png({ scale: 1 }));
      let dark = 0;
      for (let y = 16; y < 52; y++) {
        for (let x = 0; x < png.width; x++) if (png.darkness(x, y) > 100) dark++;
      }
      return dark;
    };
    const blank = "\u00a0";
    expect(await ink(blank, blank)).toBe(0);
    const some = await ink("Title", blank);
    expect(some).toBeGreaterThan(100);
    expect(await ink("Title Title", blank)).toBeGreaterThan(1.8 * some);
    expect(await ink(blank, "Untertitel, λ₁ ≤ √2, Ж")).toBeGreaterThan(100);
  });

  it("shows a text in the family that a spec names, though it has no such font", async () => {
    const config = { font: "Comic Sans MS" };
    const png = readPng(await picture({ ...bars, config }, { title: "Rain" }).png());
    let dark = 0;
    for (let y = 32; y < 70; y++) {
      for (let x = 0; x < png.width; x++) if (png.darkness(x, y) > 100) dark++;
    }
    expect(dark).toBeGreaterThan(200);
  });

  it("refuses scales that make no image", async () => {
    const drawn = picture(bars);
    for (const scale of [0, -1, Number.NaN, "2"] as number[]) {
      await expect(drawn.png({ scale })).rejects.toThrow("a positive number was wanted");
    }
    await expect(drawn.png({ scale: 1e-4 })).rejects.toThrow("0 by 0 pixels");
    await expect(drawn.png({ scale: 1e3 })).rejects.toThrow(UsageError);
  });
});

describe("save", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tracegrad-plot-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("writes what the name says, by path or URL, and nothing beside", async () => {
    const drawn = picture(bars);
    await drawn.save(join(folder, "a.svg"));
    await drawn.save(pathToFileURL(join(folder, "a b.PNG")));
    expect(await readFile(join(folder, "a.svg"), "utf8")).toBe(await drawn.svg());
    expect(new Uint8Array(await readFile(join(folder, "a b.PNG")))).toEqual(await drawn.png());
    expect((await readdir(folder)).sort()).toEqual(["a b.PNG", "a.svg"]);
  });

  it("leaves the old file where a picture cannot be drawn", async () => {
    const file = join(folder, "old.svg");
    await writeFile(file, "old");
    await expect(picture({ ...bars, mark: "bogus" }).save(file)).rejects.toThrow(UsageError);
    expect(await readFile(file, "utf8")).toBe("old");
  });

  it.each(["a.jpg", "svg", ".svg", "a.svg.gz", ""])("refuses the name %j", async (name) => {
    const saved = picture(bars).save(name);
    await expect(saved).rejects.toThrow(UsageError);
    await expect(saved).rejects.toThrow("ends in neither .svg nor .png");
  });

  it("names the folder that does not exist, and refuses what is no path", async () => {
    const place = join(folder, "none", "a.svg");
    const saved = picture(bars).save(place);
    await expect(saved).rejects.toThrow(UsageError);
    await expect(saved).rejects.toThrow(
      `picture.save: ${place}: the folder ${join(folder, "none")} does not exist; make it first`,
    );
    await expect(new Picture({}).save(3 as unknown as string)).rejects.toThrow(
      "picture.save: the path is 3",
    );
  });
});
