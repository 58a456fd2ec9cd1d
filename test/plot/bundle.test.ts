import { execFile } from "node:child_process";
import {
  accessSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { lines } from "../../src/plot/index.js";
import { readPng } from "./read.js";

const page = `
  import { lines, sparkline } from "tracegrad/plot";
  const said = { line: sparkline([1, 2]) };
  const keep = (name) => (error) => { said[name] = error.name + ": " + error.message; };
  const drawn = lines({ a: [1, 2], b: [2, 3] }, { title: "In a bundle" });
  await drawn.svg().then((svg) => { said.svg = svg; }, keep("svg"));
  await drawn.png({ scale: 1 }).then((png) => { said.png = [...png]; }, keep("png"));
  await drawn.save("a.svg").catch(keep("save"));
  globalThis.said = said;`;

/** A place from where none of the optional packages is found. */
function isBare(folder: string): boolean {
  try {
    createRequire(join(folder, "x.js")).resolve("vega");
    return false;
  } catch {
    return true;
  }
}

const bare = [tmpdir(), "/var/tmp", homedir()].find((folder) => {
  try {
    accessSync(folder);
    return isBare(folder);
  } catch {
    return false;
  }
});
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A project with this package installed, the optional ones or none of them, and built by Vite. */
async function bundled(peers: readonly string[]): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(bare ?? "", "tracegrad-bundle-")));
  folders.push(folder);
  const own = join(folder, "node_modules", "tracegrad");
  mkdirSync(own, { recursive: true });
  cpSync("src", join(own, "src"), { recursive: true });
  const exports = { "./plot": "./src/plot/index.ts" };
  writeFileSync(join(own, "package.json"), JSON.stringify({ ...manifest, exports }));
  for (const name of [...Object.keys(manifest.dependencies), ...peers]) {
    const link = join(folder, "node_modules", name);
    mkdirSync(join(link, ".."), { recursive: true });
    symlinkSync(resolve("node_modules", name), link, "junction");
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "page.js"), page);
  writeFileSync(join(folder, "index.html"), '<script type="module" src="/page.js"></script>');
  await build({
    root: folder,
    configFile: false,
    logLevel: "silent",
    build: { target: "esnext", modulePreload: false, minify: false },
  });
  return folder;
}

/** What the built page says when Node runs it. */
async function run(folder: string): Promise<Record<string, string>> {
  const assets = join(folder, "dist", "assets");
  const entry = readdirSync(assets).find((file) => file.startsWith("index"));
  // Where an import fails, Vite tells the window first.
  const code = `globalThis.window = new EventTarget(); await import("./${entry}"); console.log(JSON.stringify(globalThis.said));`;
  const args = ["--input-type=module", "-e", code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: assets });
  return JSON.parse(stdout);
}

const browser = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "chromium"))
  .find((file) => {
    try {
      accessSync(file);
      return true;
    } catch {
      return false;
    }
  });

describe.skipIf(bare === undefined)("a bundle for browsers", () => {
  it("is made without the optional packages, and then names them", async () => {
    const said = await run(await bundled([]));
    expect(said.line).toBe("▁█");
    expect(said.svg).toBe(
      "UsageError: tracegrad/plot: pictures are drawn by the package vega, which is not " +
        "installed; install it by `npm install vega vega-lite`",
    );
    expect(said.save).toBe(said.svg);
  });

  it("draws with them, the same picture as Node, in Chromium as pixels too", async (test) => {
    const folder = await bundled(Object.keys(manifest.peerDependencies));
    const drawn = lines({ a: [1, 2], b: [2, 3] }, { title: "In a bundle" });
    const svg = await drawn.svg();
    expect((await run(folder)).svg).toBe(svg);
    if (browser === undefined) return test.skip("no Chromium here");

    const server = await preview({
      root: folder,
      configFile: false,
      logLevel: "silent",
      preview: { port: 0, host: "127.0.0.1" },
    });
    const window = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
    try {
      const tab = await window.newPage();
      const { port } = server.httpServer.address() as AddressInfo;
      await tab.goto(`http://127.0.0.1:${port}/`);
      await tab.waitForFunction("globalThis.said");
      const said = await tab.evaluate<{ svg: string; png: number[]; save: string }>("said");
      expect(said.svg).toBe(svg);
      expect(said.save).toBe(
        "UsageError: picture.save: there are no files here; in a browser use svg() or png()",
      );
      const [ours, theirs] = [await drawn.png({ scale: 1 }), new Uint8Array(said.png)].map(readPng);
      expect([theirs?.width, theirs?.height]).toEqual([ours?.width, ours?.height]);
      let dark = 0;
      for (let y = 16; y < 32; y++) {
        for (let x = 0; x < 200; x++) if ((theirs?.darkness(x, y) ?? 0) > 100) dark++;
      }
      expect(dark, "the title is seen").toBeGreaterThan(100);
    } finally {
      await window.close();
      await server.close();
    }
  });
});
