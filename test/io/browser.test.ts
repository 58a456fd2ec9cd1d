import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type Tensor, tensor, UsageError } from "../../src/index.js";
import * as io from "../../src/io/index.js";
import { refusal } from "./files.js";

// What bundlers for browsers put in its place.
vi.mock("node:fs/promises", () => ({ open: undefined }));

describe("in a browser", () => {
  it("nothing of Node's is imported before a file is wanted, and then by no literal name", () => {
    const files = readdirSync("src/io").map((name) => readFileSync(join("src/io", name), "utf8"));
    const imports = files.flatMap((file) => file.match(/^.*"node:.*$/gm) ?? []);
    const run = imports.filter((line) => !/^(import|export)? ?type /.test(line));
    expect(run.length).toBe(2);
    for (const line of run) expect(line).toMatch(/await load\("node:[a-z/]+"\)/);
  });

  it("values are read and written as bytes", () => {
    const { x } = io.decode<{ x: Tensor }>(io.encode({ x: tensor([1, 2]) }));
    expect(x.toArray()).toEqual([1, 2]);
  });

  const x = tensor([1]);
  it.each<[string, () => Promise<unknown>]>([
    ["save", () => io.save("a", { x })],
    ["load", () => io.load("a")],
    ["saveSafetensors", () => io.saveSafetensors("a", { x })],
    ["loadSafetensors", () => io.loadSafetensors("a")],
    ["saveNpy", () => io.saveNpy("a", x)],
    ["loadNpy", () => io.loadNpy("a")],
    ["writeAtomic", () => io.writeAtomic("a", new Uint8Array(1))],
  ])("%s says that there are no files", async (name, f) => {
    expect(await refusal(f())).toEqual([
      UsageError,
      `${name}: there are no files here; in a browser use the functions on bytes, such as ` +
        (name.startsWith("load") ? "decode" : "encode"),
    ]);
  });
});
