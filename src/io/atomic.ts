import type { FileHandle } from "node:fs/promises";
import { UsageError } from "../index.js";
import {
  type FileSystem,
  fileError,
  joined,
  node,
  pathText,
  requireFile,
  requirePath,
  seenFrom,
} from "./source.js";
import { bytesOf } from "./text.js";

/**
 * Writes a file so that at every moment, also after a crash, there is the old one whole or the new one
 * whole: into a new file beside it, which takes its place when all of it is on the disk.
 *
 * An existing file's permissions stay, and where `path` is a link, what it leads to is replaced. On
 * failure the file beside is removed; after a crash it can be left there (`.name.….tmp`), and deleted.
 *
 * @throws UsageError where the folder does not exist, or a folder or a device stands in place of the
 *   file; TracegradError when the disk is full.
 * @example
 * const path = `${process.env.TMPDIR ?? "/tmp"}/tracegrad_atomic.npy`;
 * await writeAtomic(path, encodeNpy(tensor([1, 2])));
 * (await loadNpy(path)).toArray(); // [1, 2]
 */
export async function writeAtomic(
  path: string | URL,
  bytes: Uint8Array | ArrayBuffer,
): Promise<void> {
  await writeParts("writeAtomic", path, [bytesOf("writeAtomic", bytes)]);
}

/** {@link writeAtomic}, of parts that follow one another. */
export async function writeParts(
  name: string,
  path: string | URL,
  parts: readonly Uint8Array[],
): Promise<void> {
  requirePath(name, path);
  const where = `${name}: ${pathText(path)}`;
  const modules = await node(name);
  const { fs } = modules;
  const { target, folder, beside, mode } = await placeOf(where, path, modules).catch((error) => {
    throw fileError(where, error);
  });
  let file: FileHandle | undefined;
  try {
    file = await fs.open(beside, "wx", mode ?? 0o666);
    if (mode !== null) await file.chmod(mode); // from which, in opening, the umask was taken
    for (const part of grouped(name, parts)) await writeAll(file, part);
    await file.sync();
    await file.close();
    file = undefined;
    await fs.rename(beside, target);
  } catch (error) {
    await file?.close().catch(() => {});
    await fs.unlink(beside).catch(() => {});
    throw fileError(where, error);
  }
  await syncFolder(fs, folder).catch((error) => {
    throw fileError(where, error);
  });
}

/** Where a file is or will be. */
interface Place {
  readonly target: string;
  readonly folder: string;
  /** The new file until it is whole. */
  readonly beside: string;
  /** The permissions of the file that there is now. */
  readonly mode: number | null;
}

/** Links are followed, so that they stay. */
async function placeOf(
  where: string,
  path: string | URL,
  { fs, path: paths }: Awaited<ReturnType<typeof node>>,
): Promise<Place> {
  const { basename, dirname, join } = paths;
  const text = typeof path === "string" ? path : decodeURIComponent(path.pathname);
  if (text.endsWith("/")) throw new UsageError(`${where} is a folder, not a file`);
  const real = await unlessMissing(fs.realpath(path));
  const parent = typeof path === "string" ? dirname(path) : new URL(".", path);
  const folder = real === null ? await unlessMissing(fs.realpath(parent)) : dirname(real);
  if (folder === null) {
    const from = seenFrom(path, paths);
    throw new UsageError(
      `${where}: the folder ${pathText(parent)} does not exist${from}; make it first`,
    );
  }
  const stats = real === null ? null : await fs.stat(real);
  if (stats !== null) requireFile(where, stats);
  // To rename is no question of the file's permissions, but to write to it is.
  if (real !== null) await fs.access(real, fs.constants.W_OK);
  const base = basename(real ?? text);
  // No name is longer than 255 bytes.
  const beside = join(folder, `.${base.slice(0, 50)}.${crypto.randomUUID()}.tmp`);
  const mode = stats === null ? null : stats.mode & 0o777;
  return { target: real ?? join(folder, base), folder, beside, mode };
}

/** What a promise gives, or null where there is no such file. */
async function unlessMissing<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch((error) => {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  });
}

/** How much is written at least, unless there is no more, and at most, at once. */
const LEAST = 2 ** 20;
const CHUNK = 2 ** 26;

/** The same parts, where many small ones in a row are one. */
function* grouped(name: string, parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let [small, length]: [Uint8Array[], number] = [[], 0];
  for (const part of parts) {
    if (length > 0 && length + part.length > LEAST) {
      yield joined(name, small);
      [small, length] = [[], 0];
    }
    small.push(part);
    length += part.length;
  }
  if (length > 0) yield joined(name, small);
}

async function writeAll(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length; ) {
    const length = Math.min(CHUNK, part.length - at);
    at += (await file.write(part, at, length)).bytesWritten;
  }
}

/** A name is on the disk when its folder is; some systems do not let folders be synced. */
async function syncFolder(fs: FileSystem, path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await fs.open(path, "r");
    await folder.sync();
  } catch (error) {
    const { code = "" } = error as { code?: string };
    if (!["EACCES", "EINVAL", "EISDIR", "ENOTSUP", "EPERM"].includes(code)) throw error;
  } finally {
    await folder?.close();
  }
}
