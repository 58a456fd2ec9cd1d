import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

/** Each layer imports only from itself and from those above it in this list. */
// biome-ignore format: a list of names
const layers = [
  "tensor", "kernels", "core", "ops", "tape", "structure", "transforms", "derive",
  "init.ts", "index.ts",
];
/** What these say of values and options that are wrong. */
const checks = ["checks/options.ts", "checks/said.ts"];
/** Written on the public surface: they import index.ts, themselves, and only what stands here. */
const outside: Readonly<Record<string, readonly string[]>> = {
  checks: ["tensor/words.ts", "tensor/options.ts"],
  optim: checks,
  nn: [...checks, "optim/index.ts", "package cli-progress"],
  data: [...checks, "package papaparse", "package node:fs/promises"],
  io: [...checks, "package node:fs/promises", "package node:path"],
  plot: [
    ...checks,
    "io/atomic.ts",
    ...["vega", "vega-lite", "@resvg/resvg-wasm"].map((name) => `package ${name}`),
    ...["fs/promises", "module"].map((name) => `package node:${name}`),
  ],
  testing: checks,
  cli: ["derive/index.ts", "package commander", "package node:fs", "package node:util"],
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((f) =>
  f.endsWith(".ts"),
);

/** What a file imports, of ours as paths below src, of others as package names. */
function importsOf(file: string): string[] {
  const text = readFileSync(join("src", file), "utf8").replace(/^ \*.*$/gm, "");
  const found = text.matchAll(/(?:(?<!\.)\bfrom|\bimport|declare module)\s*\(?\s*"([^"]+)"/g);
  return [...found].map(([, name = ""]) =>
    name.startsWith(".")
      ? normalize(join(dirname(file), name)).replace(/\.js$/, ".ts")
      : `package ${name}`,
  );
}

const layerOf = (file: string): string => file.split("/")[0] ?? "";
const lines = (file: string): number =>
  readFileSync(join("src", file), "utf8").split("\n").length - 1;

describe("layers", () => {
  it("knows every folder of src", () => {
    const known = [...layers, ...Object.keys(outside)];
    expect(files.map(layerOf).filter((layer) => !known.includes(layer))).toEqual([]);
  });

  it("finds what files import", () => {
    expect(importsOf("init.ts")).toContain("kernels/kernels.ts");
    expect(importsOf("kernels/tfjs/backend.ts")).toContain("package @tensorflow/tfjs-core");
  });

  it.each(files)("%s imports only from its own layer and those above", (file) => {
    const own = layerOf(file);
    for (const target of importsOf(file)) {
      if (outside[own]?.includes(target)) continue;
      if (target.startsWith("package ")) {
        expect(target, file).toMatch(/^package @tensorflow\//);
        expect(file).toMatch(/^kernels\/tfjs\//);
      } else if (own in outside) {
        expect([own, "index.ts"], `${file} imports ${target}`).toContain(layerOf(target));
      } else {
        const allowed = layers.slice(0, layers.indexOf(own) + 1);
        expect(allowed, `${file} imports ${target}`).toContain(layerOf(target));
      }
    }
  });

  it("lets only kernels/tfjs import tfjs", () => {
    const users = files.filter((file) =>
      importsOf(file).some((name) => name.includes("@tensorflow")),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((file) => !file.startsWith("kernels/tfjs/"))).toEqual([]);
  });
});

describe("budgets", () => {
  const everywhere = ["src", "test", "examples", "scripts", "bench"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((f) => f.endsWith(".ts") && !f.includes("node_modules"))
      .map((f) => join(folder, f)),
  );

  it("has no file over 400 lines", () => {
    const long = everywhere.filter((file) => lines(relative("src", file)) > 400);
    expect(long).toEqual([]);
  });

  /** Lines that are neither blank nor comment: doc comments with examples are owed, not budgeted. */
  const code = (file: string): number =>
    readFileSync(join("src", file), "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line)).length;

  it("keeps the code of core, tape and transforms/grad.ts under 600 lines together", () => {
    const core = files.filter((f) => /^(core|tape)\//.test(f) || f === "transforms/grad.ts");
    expect(core.length).toBeGreaterThan(5);
    expect(core.map(code).reduce((a, b) => a + b)).toBeLessThan(600);
  });
});

describe("no work at import", () => {
  it("has no statement that runs at import, but for the program of the command line", () => {
    const bare = files.filter((file) =>
      /^(import "|[a-zA-Z.]+\(|await )/m.test(readFileSync(join("src", file), "utf8")),
    );
    expect(bare).toEqual(["cli/main.ts"]);
  });
});
