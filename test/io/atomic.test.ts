import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { TracegradError, tensor, UsageError } from "../../src/index.js";
import { load, loadNpy, loadSafetensors, save, writeAtomic } from "../../src/io/index.js";
import { refusal, temporaryFolder } from "./files.js";

/** What the functions for files were asked, in order, and which of them fails and how. */
const watched: { calls: string[]; fails?: string; code?: string; most?: number } = { calls: [] };

vi.mock("node:fs/promises", async (original) => {
  const fs = await original<typeof import("node:fs/promises")>();
  const step = (what: string): void => {
    watched.calls.push(what);
    if (watched.fails !== what) return;
    throw Object.assign(new Error(`${watched.code}: made to fail`), { code: watched.code });
  };
  const handle = (file: FileHandle, kind: string): object => ({
    chmod: (mode: number) => file.chmod(mode),
    stat: () => file.stat(),
    read: (...args: Parameters<FileHandle["read"]>) => file.read(...args),
    write: async (part: Uint8Array, at: number, length: number) => {
      step("write");
      return file.write(part, at, Math.min(length, watched.most ?? length));
    },
    sync: async () => {
      step(`sync ${kind}`);
      await file.sync();
    },
    close: async () => {
      await file.close();
      step(`close ${kind}`);
    },
  });
  return {
    ...fs,
    open: async (path: string, flags: string, mode?: number) => {
      const kind = flags === "wx" ? "file" : "folder";
      step(`open ${kind}`);
      return handle(await fs.open(path, flags, mode), kind);
    },
    access: async (path: string, mode: number) => {
      expect(mode).toBe(fs.constants.W_OK);
      step("access");
      await fs.access(path, mode);
    },
    rename: async (from: string, to: string) => {
      step("rename");
      await fs.rename(from, to);
    },
    unlink: async (path: string) => {
      step("unlink");
      await fs.unlink(path);
    },
  };
});

const all = temporaryFolder();
let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(all, "x"));
  path = join(folder, "file.bin");
  Object.assign(watched, { calls: [], fails: undefined, code: undefined, most: undefined });
});

const old = "the old file";
const [bytes, text] = [new TextEncoder().encode("the new one"), "the new one"];

describe("a file written", () => {
  it("is on the disk before it takes the place of the old one", async () => {
    await writeAtomic(path, bytes);
    expect(watched.calls).toEqual([
      ...["open file", "write", "sync file", "close file", "rename"],
      ...["open folder", "sync folder", "close folder"],
    ]);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(readdirSync(folder)).toEqual(["file.bin"]);
  });

  it("is whole where the system takes it in small parts", async () => {
    watched.most = 2;
    await writeAtomic(path, bytes);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(watched.calls.filter((call) => call === "write").length).toBe(6);
    await save(path, { x: tensor([1, 2, 3]), n: 1 });
    expect(await load(path)).toMatchObject({ n: 1 });
  });

  it.each([
    ["a relative path", () => relative(".", path)],
    ["a URL", () => pathToFileURL(path)],
    ["a name of 255 bytes", () => join(folder, "a".repeat(255))],
    ["a name of signs of 4 bytes", () => join(folder, "𝒳".repeat(60))],
    ["a name with a dot in front", () => join(folder, ".hidden")],
    ["a name with blanks and percents", () => pathToFileURL(join(folder, "a b%20"))],
  ])("has %s", async (_, place) => {
    await writeAtomic(place(), bytes.buffer);
    await writeAtomic(place(), bytes);
    const [name, ...more] = readdirSync(folder);
    expect(more).toEqual([]);
    expect(readFileSync(join(folder, name ?? ""), "utf8")).toBe(text);
  });

  it("can be empty", async () => {
    await writeAtomic(path, new Uint8Array(0));
    expect(statSync(path).size).toBe(0);
  });

  it("keeps the permissions that there were", async () => {
    await writeAtomic(path, bytes);
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
    for (const mode of [0o600, 0o666, 0o754]) {
      chmodSync(path, mode);
      await writeAtomic(path, bytes);
      expect(statSync(path).mode & 0o777).toBe(mode);
    }
  });

  it("replaces what a link leads to, and the link itself where that is nothing", async () => {
    mkdirSync(join(folder, "far"));
    const target = join(folder, "far", "target");
    writeFileSync(target, old);
    symlinkSync(target, path);
    await writeAtomic(path, bytes);
    expect(readlinkSync(path)).toBe(target);
    expect(readFileSync(target, "utf8")).toBe(text);
    const loose = join(folder, "loose");
    symlinkSync(join(folder, "nothing"), loose);
    await writeAtomic(loose, bytes);
    expect(lstatSync(loose).isFile()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["far", "file.bin", "loose"]);
  });

  it("is one of those that were written at once", async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(1000 + i));
    await Promise.all(texts.map((one) => writeAtomic(path, new TextEncoder().encode(one))));
    expect(texts).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder)).toEqual(["file.bin"]);
  });
});

describe("a write that fails", () => {
  const steps = ["access", "open file", "write", "sync file", "close file", "rename"];
  it.each(steps)("at the step %s leaves the old file, and nothing else", async (fails) => {
    writeFileSync(path, old);
    Object.assign(watched, { fails, code: "ENOSPC" });
    const message = `writeAtomic: ${path}: ENOSPC: made to fail`;
    expect(await refusal(writeAtomic(path, bytes))).toEqual([TracegradError, message]);
    expect(readFileSync(path, "utf8")).toBe(old);
    expect(readdirSync(folder)).toEqual(["file.bin"]);
  });

  it("says in our words what is usual", async () => {
    Object.assign(watched, { fails: "open file", code: "EACCES" });
    const message = `writeAtomic: ${path} may not be opened: permission denied`;
    expect(await refusal(writeAtomic(path, bytes))).toEqual([UsageError, message]);
    Object.assign(watched, { fails: "open file", code: "EROFS" });
    expect((await refusal(writeAtomic(path, bytes)))[1]).toContain("cannot be written to");
  });

  it("at syncing the folder is said, unless the system has no such thing", async () => {
    Object.assign(watched, { fails: "sync folder", code: "EINVAL" });
    await writeAtomic(path, bytes);
    watched.code = "EIO";
    expect(await refusal(writeAtomic(path, bytes))).toEqual([
      TracegradError,
      `writeAtomic: ${path}: EIO: made to fail`,
    ]);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

describe("a place that is refused", () => {
  const places: [string, () => unknown, (place: string) => string][] = [
    [
      "a missing folder",
      () => join(folder, "a", "b", "c"),
      (place) => `${place}: the folder ${join(folder, "a", "b")} does not exist; make it first`,
    ],
    [
      "a missing folder, from here",
      () => "no/such/folder/a",
      (place) =>
        `${place}: the folder no/such/folder does not exist, seen from ${process.cwd()}; make it first`,
    ],
    [
      "a missing folder, by URL",
      () => pathToFileURL(join(folder, "a", "b")),
      (place) => `${place}: the folder file://${folder}/a/ does not exist; make it first`,
    ],
    ["a folder", () => folder, (place) => `${place} is a folder, not a file`],
    ["a folder to be", () => `${path}/`, (place) => `${place} is a folder, not a file`],
    ["a device", () => "/dev/null", (place) => `${place} is a device or pipe, not a file`],
    [
      "one in a file",
      () => `${import.meta.filename}/x`,
      (place) => `${place} lies in something tha`,
    ],
    [
      "one in itself",
      () => join(folder, "loop"),
      (place) => `${place} is a link that leads to itself`,
    ],
    [
      "too long a name",
      () => join(folder, "a".repeat(256)),
      (place) => `${place} has too long a na`,
    ],
    ["another URL", () => new URL("https://a.b/c"), (place) => `${place} is no URL of a file`],
    ["a broken URL", () => new URL("file:///%zz"), (place) => `${place} is no URL of a file`],
    ["another computer", () => new URL("file://b/c"), (place) => `${place} is no URL of a file`],
    ["no path", () => undefined, () => "path is undefined; the path of a file was wanted"],
    ["an empty path", () => "", () => "path is empty; the path of a file was wanted"],
    ["a number", () => 3, () => "path is 3; the path of a file was wanted"],
    ["a zero in it", () => "a\0b", () => '"a\\u0000b" is no path'],
  ];
  it.each(places)("%s", async (_, place, message) => {
    symlinkSync("loop", join(folder, "loop"));
    const given = place() as string;
    const wanted = message(String(given));
    const [kind, words] = await refusal(writeAtomic(given, bytes));
    expect(words).toContain(`writeAtomic: ${wanted}`);
    expect(kind).toBe(UsageError);
    const [sameKind, sameWords] = await refusal(save(given, { n: 1 }));
    expect([sameKind, sameWords]).toEqual([kind, words.replace("writeAtomic", "save")]);
    expect(readdirSync(folder)).toEqual(["loop"]);
  });

  it("takes nothing but bytes", async () => {
    expect(await refusal(writeAtomic(path, "text" as never))).toEqual([
      UsageError,
      'writeAtomic: bytes is "text"; a Uint8Array or an ArrayBuffer was wanted',
    ]);
  });
});

describe("a file that cannot be read", () => {
  it.each([
    ["load", load],
    ["loadNpy", loadNpy],
    ["loadSafetensors", loadSafetensors],
  ] as const)("by %s is named", async (name, read) => {
    expect(await refusal(read(path))).toEqual([UsageError, `${name}: ${path} does not exist`]);
    expect(await refusal(read("no/such.file"))).toEqual([
      UsageError,
      `${name}: no/such.file does not exist, seen from ${process.cwd()}`,
    ]);
    const [, words] = await refusal(read(pathToFileURL(path)));
    expect(words).toBe(`${name}: file://${path} does not exist`);
    expect((await refusal(read(folder)))[1]).toBe(`${name}: ${folder} is a folder, not a file`);
    const [kind, device] = await refusal(read("/dev/zero"));
    expect([kind, device]).toEqual([
      UsageError,
      `${name}: /dev/zero is a device or pipe, not a file`,
    ]);
    expect((await refusal(read(undefined as never)))[1]).toMatch(
      /path is undefined; the path of a/,
    );
    expect((await refusal(read("")))[1]).toMatch(/path is empty/);
    expect((await refusal(read(`${import.meta.filename}/x`)))[1]).toMatch(/lies in something that/);
  });
});
