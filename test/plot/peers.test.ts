import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Resvg } from "@resvg/resvg-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { lines } from "../../src/plot/index.js";
import { textWidth } from "../../src/plot/measure.js";
import { packageFile } from "../../src/plot/peers.js";

/** What a picture says in a process where one package cannot be found, or is broken. */
async function without(name: string, broken = ""): Promise<string> {
  const hide = `
    import Module, { register } from "node:module";
    const find = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (!request.startsWith(${JSON.stringify(name)})) return find.call(this, request, ...rest);
      throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: "MODULE_NOT_FOUND" });
    };
    register("data:text/javascript," + encodeURIComponent(\`
      export async function resolve(request, context, next) {
        if (request !== ${JSON.stringify(name)}) return next(request, context);
        if (${JSON.stringify(broken)}) throw new Error(${JSON.stringify(broken)});
        throw Object.assign(new Error("Cannot find package '" + request + "'"), { code: "ERR_MODULE_NOT_FOUND" });
      }\`));`;
  const code = `
    const { lines, sparkline } = await import("./src/plot/index.ts");
    console.log(sparkline([1, 2]));
    const drawn = lines({ a: [1, 2] });
    for (const kind of ["svg", "png"]) {
      await drawn[kind]().then(() => console.log(kind), (error) => console.log(error.name, error.message));
    }`;
  const hidden = `data:text/javascript,${encodeURIComponent(hide)}`;
  const args = ["--import", "tsx", "--import", hidden, "--input-type=module", "-e", code];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout;
}

const vega = (name: string): string =>
  `UsageError tracegrad/plot: pictures are drawn by the package ${name}, which is not installed; ` +
  "install it by `npm install vega vega-lite`\n";
const png = (name: string): string =>
  `UsageError tracegrad/plot: png draws with the package ${name}, which is not installed; ` +
  "install it by `npm install @resvg/resvg-wasm dejavu-fonts-ttf`\n";

describe("a package that is not installed", () => {
  it.each([
    ["vega", `▁█\n${vega("vega")}${vega("vega")}`],
    ["vega-lite", `▁█\n${vega("vega-lite")}${vega("vega-lite")}`],
    ["@resvg/resvg-wasm", `▁█\nsvg\n${png("@resvg/resvg-wasm")}`],
    ["dejavu-fonts-ttf", `▁█\nsvg\n${png("dejavu-fonts-ttf")}`],
  ])("%s is named, with the command that installs it", async (name, said) => {
    expect(await without(name)).toBe(said);
  });

  it("is told from one that is broken", async () => {
    expect(await without("vega", "it is rusty")).toContain(
      "the package vega, which does not load: it is rusty",
    );
  });
});

describe("the measure of texts", () => {
  let fonts: Uint8Array[] = [];
  beforeAll(async () => {
    await lines({ a: [1, 2] }).png(); // which makes the renderer ready
    const font = (name: string) => packageFile(`dejavu-fonts-ttf/ttf/${name}.ttf`);
    fonts = await Promise.all([font("DejaVuSans"), font("DejaVuSans-Bold")]);
  });

  it.each([
    "Handwritten digits: the loss goes down",
    "petal length (cm)",
    "0.0001",
    "1,000,000",
    "−12.5",
    "GENTOO AND CHINSTRAP",
    "component 1 (68.8 % of the variance)",
    "‖x‖ ≤ √λ₁ · σ²",
    "Größe der Blütenblätter",
    "Длина лепестка",
  ])("is near the width in DejaVu Sans: %s", (text) => {
    for (const fontWeight of ["normal", "bold"]) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="40"><text x="9" y="20" font-family="DejaVu Sans" font-size="12px" font-weight="${fontWeight}">${text}</text></svg>`;
      const drawn = new Resvg(svg, { font: { fontBuffers: fonts } });
      const width = drawn.getBBox()?.width ?? 0;
      const ratio = textWidth({ fontSize: 12, fontWeight }, text) / width;
      expect(ratio).toBeGreaterThan(0.93);
      expect(ratio).toBeLessThan(1.3);
    }
  });

  it("stops at a limit, and takes texts of nothing", () => {
    expect(textWidth({ limit: 30 }, "a long text, longer than that")).toBe(30);
    expect(textWidth({ limit: 0 }, "")).toBe(0);
    expect(textWidth({}, undefined)).toBe(0);
    expect(textWidth({ fontSize: 10 }, "東京")).toBe(20);
  });
});
