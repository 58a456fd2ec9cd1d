import { UsageError } from "../index.js";

// Each package is imported by its literal name, so that bundlers see it, and within a `try`, so that
// they let it pass where it is absent (docs/decisions/011).

/** Whether there are files and installed packages. */
export function isNode(): boolean {
  return typeof process !== "undefined" && process.versions?.node !== undefined;
}

/** What draws a spec: Vega-Lite compiles it, Vega lays it out. */
export async function loadVega(): Promise<{
  vega: typeof import("vega");
  lite: typeof import("vega-lite");
}> {
  try {
    const vega = await import("vega");
    return { vega, lite: await loadVegaLite() };
  } catch (error) {
    throw missing("vega", "pictures are drawn by", "vega vega-lite", error);
  }
}

async function loadVegaLite(): Promise<typeof import("vega-lite")> {
  try {
    return await import("vega-lite");
  } catch (error) {
    throw missing("vega-lite", "pictures are drawn by", "vega vega-lite", error);
  }
}

/** What turns SVG to pixels where there is no browser to do it. */
export async function loadResvg(): Promise<typeof import("@resvg/resvg-wasm")> {
  try {
    return await import("@resvg/resvg-wasm");
  } catch (error) {
    throw missing(
      "@resvg/resvg-wasm",
      "png draws with",
      "@resvg/resvg-wasm dejavu-fonts-ttf",
      error,
    );
  }
}

/** The bytes of a file that an installed package ships, such as `dejavu-fonts-ttf/ttf/….ttf`. */
export async function packageFile(file: string): Promise<Uint8Array> {
  const name = file.split("/", file.startsWith("@") ? 2 : 1).join("/");
  // Node's modules are not named literally: bundlers for browsers would stop there.
  const module = "node:module";
  const files = "node:fs/promises";
  try {
    const { createRequire } = (await import(
      /* webpackIgnore: true */ /* @vite-ignore */ module
    )) as typeof import("node:module");
    const { readFile } = (await import(
      /* webpackIgnore: true */ /* @vite-ignore */ files
    )) as typeof import("node:fs/promises");
    return await readFile(createRequire(import.meta.url).resolve(file));
  } catch (error) {
    throw missing(name, "png draws with", "@resvg/resvg-wasm dejavu-fonts-ttf", error);
  }
}

/** The error for a package that does not load: absent, or, with its own words, broken. */
function missing(name: string, role: string, install: string, error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const absent = /cannot find|could not resolve|failed to resolve/i.test(reason);
  const state = absent && reason.includes(name) ? "is not installed" : `does not load: ${reason}`;
  return new UsageError(
    `tracegrad/plot: ${role} the package ${name}, which ${state}; install it by \`npm install ${install}\``,
    { cause: error },
  );
}
