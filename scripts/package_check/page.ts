import { accessSync, constants, cpSync, writeFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { build, createLogger, createServer, type InlineConfig, preview } from "vite";
import { example, judge, recording } from "./example.js";
import type { PageResult } from "./page/main.js";
import { compareExports, type Exports } from "./projects.js";
import { demand } from "./run.js";

/** What a careful server sends: the kernels need two exceptions, and no isolation, but may have it. */
const headers = {
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' blob:",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Puts the page into a project that has the package installed. */
export function writePage(folder: string): void {
  cpSync(join(import.meta.dirname, "page"), folder, { recursive: true });
  const end = 'document.getElementById("readme").textContent = JSON.stringify(said);';
  writeFileSync(join(folder, "readme.ts"), recording(example, end));
}

/** How Vite is called, with no other settings than that workers are modules; warnings are kept. */
function configOf(root: string, warnings: string[]): InlineConfig {
  const logger = createLogger("silent");
  const keep = (text: string): void => void warnings.push(text);
  const customLogger = { ...logger, warn: keep, warnOnce: keep, error: keep };
  const server = { host: "127.0.0.1", port: 0 };
  return {
    ...{ root, configFile: false, customLogger, logLevel: "warn", worker: { format: "es" } },
    build: { chunkSizeWarningLimit: 2000 }, // the page imports all there is
    server,
    preview: { ...server, headers },
  };
}

/** Builds the page as for production; a warning, or a module of Node's in it, is an error. */
export async function buildPage(folder: string): Promise<string> {
  const warnings: string[] = [];
  const built = await build(configOf(folder, warnings));
  demand(warnings.length === 0, warnings.join("\n"));
  const outputs = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  const foreign = outputs.flatMap((one) =>
    one.type === "chunk"
      ? one.moduleIds.filter((id) => /^node:|browser-external:node:/.test(id))
      : [],
  );
  demand(foreign.length === 0, `the bundle has ${foreign.join(", ")}`);
  return `${outputs.length} files without a warning, or a module of Node's`;
}

/** Where Chromium is, if it is. */
export function findChromium(): string | null {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const runs = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  const files = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.find(runs) ?? null;
}

/** Starts Chromium, which asks nobody for anything. */
export function startChromium(executablePath: string): Promise<Browser> {
  const quiet = ["background-networking", "component-update", "sync", "quic", "gpu"];
  const args = ["--no-sandbox", "--no-first-run", ...quiet.map((name) => `--disable-${name}`)];
  return chromium.launch({ executablePath, args });
}

/** Opens the page as built, or as Vite serves it in development, and judges what it says. */
export async function openPage(
  browser: Browser | null,
  folder: string,
  mode: "built" | "development",
  wanted: Exports,
): Promise<string> {
  if (browser === null) throw new Error("there is no browser");
  const warnings: string[] = [];
  const config = configOf(folder, warnings);
  const server =
    mode === "built" ? await preview(config) : await (await createServer(config)).listen();
  try {
    const { port } = (server.httpServer as Server).address() as AddressInfo;
    const said = await read(browser, `http://127.0.0.1:${port}`);
    demand(warnings.length === 0, warnings.join("\n"));
    const result = JSON.parse(said.result) as PageResult;
    const found = judgeResult(result, wanted);
    demand(result.isolated === (mode === "built"), "the server's headers have no effect");
    return `${found}; ${judge(said.readme, mode === "built")}`;
  } finally {
    await server.close();
  }
}

/** What the page has written; what it or its server complains of is an error. */
async function read(browser: Browser, origin: string): Promise<{ result: string; readme: string }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    const type = message.type();
    if (type === "error" || type === "warning") complaints.push(`${type}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const own = [`${origin}/`, `blob:${origin}/`].some((start) => request.url().startsWith(start));
    if (!own) complaints.push(`request to ${request.url()}`);
  });
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  const written = (id: string): Promise<string> =>
    page
      .locator(`#${id}:not(:empty)`)
      .textContent({ timeout: 30_000 })
      .then((text) => text ?? "");
  try {
    await page.goto(origin);
    const [result, readme] = await Promise.all([written("result"), written("readme")]);
    demand(complaints.length === 0, complaints.join("\n"));
    return { result, readme };
  } catch (error) {
    throw new Error([...new Set([...complaints, (error as Error).message])].join("\n"));
  } finally {
    await page.close();
  }
}

/** The determinant of the Hilbert matrix of order 5. */
const DET = 1 / 266_716_800_000;

function judgeResult(result: PageResult, wanted: Exports): string {
  demand(result.error === undefined, `the page says ${result.error}`);
  const { accuracy, det, exports, inverse, worker } = result;
  const [before, after] = result.loss;
  const fell = `loss ${before.toFixed(2)} to ${after.toExponential(0)}`;
  demand(before > 0.3 && after < 0.01 && accuracy > 0.95, `${fell}, accuracy ${accuracy}`);
  demand(Math.abs(det / DET - 1) < 1e-10, `det is ${det}, ${DET} was wanted`);
  demand(inverse < 1e-9, `X·X⁻¹ is ${inverse} from I`);
  demand(worker === "[[0.5,0],[0,0.25]]", `the worker says ${worker}`);
  demand(!result.threads, "tfjs shares its heap with threads");
  compareExports(exports, wanted);
  return `two spirals, ${fell}; inv and det in float64; a worker`;
}
