import type { FileHandle } from "node:fs/promises";
import { quoted, said } from "../checks/said.js";
import { FormatError, OutOfMemoryError, TracegradError, UsageError } from "../index.js";

export type FileSystem = typeof import("node:fs/promises");
export type Paths = typeof import("node:path");

/** Reads a format: asks for ranges of bytes, and gets them, whether from memory or from a file. */
export type Reader<T> = Generator<readonly [start: number, end: number], T, Uint8Array>;

/** What a reader makes of bytes. */
export function readBytes<T>(bytes: Uint8Array, reader: Reader<T>): T {
  let step = reader.next();
  while (step.done !== true) step = reader.next(bytes.subarray(...step.value));
  return step.value;
}

/**
 * What a reader makes of a file. Only what it asks for is read.
 *
 * @throws UsageError that names the path where there is no such file.
 */
export async function readFile<T>(
  name: string,
  path: string | URL,
  reader: (where: string, size: number) => Reader<T>,
): Promise<T> {
  requirePath(name, path);
  const { fs, path: paths } = await node(name);
  const where = `${name}: ${pathText(path)}`;
  let file: FileHandle | undefined;
  try {
    // Before it is opened, since to open a pipe is to wait.
    requireFile(where, await fs.stat(path));
    file = await fs.open(path, "r");
    const { size } = await file.stat();
    const bytes = ahead(where, file, size);
    const steps = reader(where, size);
    let step = steps.next();
    while (step.done !== true) step = steps.next(await bytes(...step.value));
    return step.value;
  } catch (error) {
    throw fileError(where, error, seenFrom(path, paths));
  } finally {
    await file?.close();
  }
}

/** How much is read at least, and at most, at once. */
const LEAST = 2 ** 20;
const CHUNK = 2 ** 26;

/** Reads a file's bytes, and a little more, so that many small ranges in a row are read as one. */
function ahead(
  where: string,
  file: FileHandle,
  size: number,
): (start: number, end: number) => Promise<Uint8Array> {
  let [from, known]: [number, Uint8Array] = [0, new Uint8Array(0)];
  return async (start, end) => {
    if (end - start >= LEAST) return range(where, file, start, end);
    if (start < from || end > from + known.length) {
      known = await range(where, file, start, Math.min(size, start + LEAST));
      from = start;
    }
    return known.subarray(start - from, end - from);
  };
}

async function range(
  where: string,
  file: FileHandle,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const bytes = allocated(where, end - start);
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(CHUNK, bytes.length - at);
    const { bytesRead } = await file.read(bytes, at, length, start + at);
    if (bytesRead === 0) {
      throw new FormatError(`${where}: it became shorter than ${end} bytes while it was read`);
    }
    at += bytesRead;
  }
  return bytes;
}

function allocated(where: string, length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch {
    throw new OutOfMemoryError(`${where}: ${length} bytes do not fit in memory`);
  }
}

/** Parts that follow one another as one. */
export function joined(name: string, parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = allocated(name, length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Node's functions for files and paths. */
export async function node(
  name: string,
): Promise<{ readonly fs: FileSystem; readonly path: Paths }> {
  // Node's modules are not named literally: programs that bundle for browsers would stop there.
  const load = (module: string): Promise<unknown> =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ module).catch(() => null);
  const fs = (await load("node:fs/promises")) as FileSystem | null;
  const path = (await load("node:path")) as Paths | null;
  if (typeof fs?.open === "function" && path !== null) return { fs, path };
  throw new UsageError(
    `${name}: there are no files here; in a browser use the functions on bytes, such as ` +
      (/^(save|write)/.test(name) ? "encode" : "decode"),
  );
}

export function requirePath(name: string, path: unknown): asserts path is string | URL {
  if (typeof path === "string" && path !== "") return;
  if (path instanceof URL) {
    if (path.protocol === "file:" && !/%(?![\da-f]{2})/i.test(path.pathname)) return;
    throw new UsageError(`${name}: ${pathText(path)} is no URL of a file`);
  }
  const given = path === "" ? "empty" : said(path);
  throw new UsageError(`${name}: path is ${given}; the path of a file was wanted`);
}

/** Where a path leads from that does not say all of the way, for messages. */
export function seenFrom(path: string | URL, { isAbsolute }: Paths): string {
  return typeof path !== "string" || isAbsolute(path) ? "" : `, seen from ${process.cwd()}`;
}

/** A path as messages name it. */
export function pathText(path: string | URL): string {
  const text = String(path);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\u0000-\u001f]/.test(text) || text.length > 1000 ? quoted(text) : text;
}

/** Refuses folders, pipes and devices. */
export function requireFile(where: string, stats: Awaited<ReturnType<FileSystem["stat"]>>): void {
  if (stats.isFile()) return;
  const kind = stats.isDirectory() ? "a folder" : "a device or pipe";
  throw new UsageError(`${where} is ${kind}, not a file`);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "lies in something that is not a folder",
  EISDIR: "is a folder, not a file",
  EACCES: "may not be opened: permission denied",
  EPERM: "may not be opened: permission denied",
  EROFS: "lies on a disk that cannot be written to",
  ELOOP: "is a link that leads to itself",
  ENAMETOOLONG: "has too long a name",
  ERR_INVALID_ARG_VALUE: "is no path",
  ERR_INVALID_FILE_URL_PATH: "is no URL of a file",
  ERR_INVALID_FILE_URL_HOST: "is no URL of a file",
};

/** What the system says of a file as an error of ours; other errors stay as they are. */
export function fileError(where: string, error: unknown, from = ""): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  const reason = reasons[String(error.code)];
  if (reason !== undefined) {
    const seen = error.code === "ENOENT" ? from : "";
    return new UsageError(`${where} ${reason}${seen}`, { cause: error });
  }
  return new TracegradError(`${where}: ${error.message}`, { cause: error });
}
