/**
 * Checks the package as others get it: packs it, installs the tarball in new projects, and runs the README's
 * first example in each: in strict TypeScript, in plain Node, and in a page that Vite has bundled, which
 * also trains a small model. The page opens in Chromium where that is installed. Prints a line for each
 * part, and exits with 1 when one fails. The package must have been built.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import manifest from "../package.json" with { type: "json" };
import {
  buildPage,
  findChromium,
  openPage,
  startChromium,
  writePage,
} from "./package_check/page.js";
import {
  checkBin,
  checkDeclarations,
  checkNode,
  checkTypes,
  type Exports,
  install,
} from "./package_check/projects.js";
import { demand, run, step } from "./package_check/run.js";

/** A new folder, where no packages are found but those that are installed in it. */
function newFolder(): string {
  const isAlone = (place: string): boolean => {
    const above = dirname(place);
    return !existsSync(join(place, "node_modules")) && (above === place || isAlone(above));
  };
  const place = [tmpdir(), "/var/tmp", homedir()].find((one) => existsSync(one) && isAlone(one));
  if (place === undefined) throw new Error(`${tmpdir()} or a folder above it has node_modules`);
  return mkdtempSync(join(place, "tracegrad-package-"));
}

const folder = newFolder();
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** What the sources export, which the package must, too. */
async function sourceExports(): Promise<Exports> {
  const exports: Record<string, string[]> = {};
  for (const entry of Object.keys(manifest.exports)) {
    const file = resolve("src", entry, "index.ts");
    exports[entry] = Object.keys(await import(file)).sort();
  }
  return exports;
}

const bin = resolve("node_modules/.bin");
let tarball = "";
await step("npm pack", async () => {
  await run(".", "npm", "pack", "--ignore-scripts", "--pack-destination", folder);
  const [file = ""] = readdirSync(folder);
  tarball = join(folder, file);
  const size = statSync(tarball).size;
  demand(size < 4e6, `${file} has ${size} bytes; 4 MB at most were wanted`);
  return `${file}, ${(size / 1e6).toFixed(1)} MB`;
});
await step("publint", async () => {
  await run(".", join(bin, "publint"), "run", "--strict", tarball);
  return "no error, warning or suggestion";
});
await step("attw", async () => {
  await run(".", join(bin, "attw"), tarball, "--profile", "esm-only");
  return "types resolve from all entries";
});

const typed = join(folder, "typescript");
const plain = join(folder, "node");
const page = join(folder, "page");
await step("npm install", async () => {
  await Promise.all([typed, plain, page].map((project) => install(project, tarball)));
  return "in three new projects";
});
const wanted = await sourceExports();
await step("TypeScript", () => checkTypes(typed, wanted));
await step("declarations", () => checkDeclarations(typed));
await step("Node", () => checkNode(plain, wanted));
await step("command line", () => checkBin(plain));
await step("Vite", async () => {
  writePage(page);
  return buildPage(page);
});
const file = findChromium();
if (file === null) console.log("skipped: no Chromium; the page is built, and opened nowhere");
else {
  let browser: Browser | null = null;
  await step("Chromium", async () => {
    browser = await startChromium(file);
    return browser.version();
  });
  for (const mode of ["built", "development"] as const) {
    await step(`page, ${mode}`, async () => openPage(browser, page, mode, wanted));
  }
  await (browser as Browser | null)?.close();
}
