import { said } from "../checks/said.js";
import { FormatError, UsageError } from "../index.js";

/** How the bytes of a file are to be read. */
export interface FileOptions {
  /** The name of an encoding that TextDecoder knows, such as `"latin1"`. */
  readonly encoding?: string | undefined;
}

/** The text of a file, and the name that errors call it. */
export async function readText(
  where: string,
  path: string | URL,
  encoding: string | undefined,
): Promise<{ readonly name: string; readonly text: string }> {
  if (!(path instanceof URL) && (typeof path !== "string" || path === "")) {
    throw new UsageError(`${where}: the path is ${said(path)}; a path or a URL was wanted`);
  }
  const url = addressOf(path);
  const name = nameOf(path);
  const bytes =
    url === null || url.protocol === "file:"
      ? await bytesOfFile(where, url ?? path, name)
      : await bytesOfUrl(where, url, name);
  return { name, text: decode(where, name, bytes, encoding) };
}

/** A URL, or a text that is one; in a page every path is, from the page on. Others are files: null. */
function addressOf(path: string | URL): URL | null {
  if (path instanceof URL) return path;
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  const isWhole = /^(https?|data|blob|file):/i.test(path);
  if (!isWhole && location === undefined) return null;
  return URL.canParse(path, location?.href) ? new URL(path, location?.href) : null;
}

/** The path as it was given; of a URL, what comes last. */
function nameOf(path: string | URL): string {
  if (typeof path === "string") return path;
  if (path.protocol === "data:") return "data:";
  const last = path.pathname.split("/").at(-1) || path.href;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

async function bytesOfFile(where: string, path: string | URL, name: string): Promise<Uint8Array> {
  let readFile: (path: string | URL) => Promise<Uint8Array>;
  try {
    // Not named literally: programs that bundle for browsers would stop there.
    const files = "node:fs/promises";
    ({ readFile } = (await import(
      /* webpackIgnore: true */ /* @vite-ignore */ files
    )) as typeof import("node:fs/promises"));
    if (typeof readFile !== "function") throw new UsageError("no file system");
  } catch (cause) {
    throw new UsageError(
      `${where}: ${name} cannot be read, since there is no file system here; a URL was wanted, such ` +
        'as new URL("…", import.meta.url)',
      { cause },
    );
  }
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as { readonly code?: string; readonly message?: string };
    if (code === "ENOENT" && /^\w{2,}:\/\//.test(String(path))) {
      throw new UsageError(`${where}: ${String(path)} is no path; new URL("…") reads it`, {
        cause,
      });
    }
    if (code === "ENOENT") {
      const from = typeof process === "object" ? `, seen from ${process.cwd()}` : "";
      throw new UsageError(`${where}: there is no file ${String(path)}${from}`, { cause });
    }
    const why = code === "EISDIR" ? "it is a folder" : (message ?? String(cause));
    throw new UsageError(`${where}: ${String(path)} cannot be read: ${why}`, { cause });
  }
}

async function bytesOfUrl(where: string, url: URL, name: string): Promise<Uint8Array> {
  let why: string;
  let cause: unknown;
  try {
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    why = `the server says ${response.status} ${response.statusText}`.trimEnd();
  } catch (error) {
    cause = error;
    why = String((error as Error).message ?? error);
  }
  throw new UsageError(`${where}: ${name} cannot be read from ${url.origin}: ${why}`, { cause });
}

function decode(where: string, name: string, bytes: Uint8Array, encoding?: string): string {
  const [a, b] = bytes;
  const marked = a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : "";
  const own = encoding ?? (marked || "utf-8");
  const decoder = decoderOf(where, own);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    const size = `${Math.ceil(bytes.length / 2 ** 20)} MB`;
    throw new FormatError(
      cause instanceof TypeError
        ? `${name}: this is no text in ${own}; encoding: "latin1" or another reads other files`
        : `${name}: the text of ${size} is too large to read: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (!text.includes("\0")) return text;
  throw new FormatError(
    `${name}: there is a zero character in it, which no table has; encoding: "utf-16le" reads UTF-16`,
  );
}

function decoderOf(where: string, encoding: string) {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new UsageError(
      `${where}: encoding is ${said(encoding)}; one that TextDecoder knows was wanted, such as ` +
        '"utf-8" or "latin1"',
      { cause },
    );
  }
}

/** A tag that an HTML page begins with, and nothing or another behind it: no row of a table. */
const page = /^\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)(?:\s[^>]*)?>\s*(?:<|$)/i;

/** Refuses an HTML page, which servers send where there is no file, or who asks is to log in. */
export function requireNoPage(name: string, text: string, wanted: string): void {
  if (!page.test(text)) return;
  throw new FormatError(
    `${name}: this is an HTML page, and ${wanted} was wanted; many servers send one for a path that ` +
      "they do not have",
  );
}
