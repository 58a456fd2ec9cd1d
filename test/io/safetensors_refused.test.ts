import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/index.js";
import { decodeSafetensors, loadSafetensors } from "../../src/io/index.js";
import { said } from "../support/values.js";
import { refusal, safetensorsFile, temporaryFolder } from "./files.js";

const folder = temporaryFolder();

const f32 = (shape: unknown, from: unknown, to: unknown, dtype: unknown = "F32"): object => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe("a file that is refused", () => {
  const x = (info: object): object => ({ x: info });
  const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  const twice = '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8"}}';
  const invalid = Uint8Array.from([123, 34, 0xff, 34, 58, 49, 125]);
  const lone = '{"\\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}';
  it.each<[string, Uint8Array, string]>([
    ["is empty", raw(), "0 bytes are no safetensors file, which has 8 or more"],
    ["is cut in its length", raw(1, 2, 3), "3 bytes are no safetensors file"],
    ["has no header", raw(0, 0, 0, 0, 0, 0, 0, 0), 'the header does not begin with "{"'],
    [
      "has a header past its end",
      raw(9, 0, 0, 0, 0, 0, 0, 0, 123),
      "9 bytes long, but only 1 foll",
    ],
    [
      "has a header past 100 MB",
      raw(1, 225, 245, 5, 0, 0, 0, 0),
      "header would be 100000001 bytes",
    ],
    ["has a header past 2^63", new Uint8Array(99).fill(255), "would be 18446744073709551615 bytes"],
    [
      "is of another kind",
      raw(0x93, 78, 85, 77, 80, 89, 1, 0),
      "a .npy file; read it with loadNpy",
    ],
    ["begins with a blank", safetensorsFile(" {}"), 'the header does not begin with "{"'],
    ["begins with a mark", safetensorsFile("\ufeff{}"), 'the header does not begin with "{"'],
    ["is a list", safetensorsFile("[]"), 'the header does not begin with "{"'],
    ["is no UTF-8", safetensorsFile(invalid), "the header is no UTF-8 text"],
    [
      "is no JSON",
      safetensorsFile("{'x':1}"),
      'a key in quotes was wanted, not "\'" at character 1',
    ],
    ["goes on behind", safetensorsFile("{}}"), 'the end was wanted, not "}" at character 2'],
    ["ends early", safetensorsFile('{"x":'), "it ends early at character 5 of the JSON"],
    ["ends in a text", safetensorsFile('{"x'), "it ends early, in a text at character 3"],
    ["has a key twice", safetensorsFile(twice, 1), 'the key "x" comes twice at character 53'],
    [
      "has a key twice, in two spellings",
      safetensorsFile('{"a":1,"\\u0061":1}'),
      'the key "a" comes twice',
    ],
    [
      "has dtype twice",
      safetensorsFile('{"x":{"dtype":"U8","dtype":"U8"}}'),
      '"dtype" comes twice',
    ],
    ["is deep", safetensorsFile(`{"x":${"[".repeat(1e5)}`), "it is nested deeper than 128"],
    ["has metadata of numbers", safetensorsFile({ __metadata__: { n: 1 } }), '"n" is 1, not text'],
    ["has no metadata", safetensorsFile({ __metadata__: [] }), "__metadata__ is [], not an object"],
    ["names half a pair", safetensorsFile(lone), "its name has half of a surrogate pair"],
    ["has a number for a tensor", safetensorsFile({ x: 3 }), "3 stands where dtype and shape were"],
    ["has no dtype", safetensorsFile(x({ shape: [1] })), "its dtype is undefined, not text"],
    [
      "has an unknown dtype",
      safetensorsFile(x(f32([1], 0, 4, "f32")), 4),
      'its dtype "f32" is unkn',
    ],
    ["has a dtype of objects", safetensorsFile(x(f32([1], 0, 4, "toString"))), "is unknown"],
    [
      "has no shape",
      safetensorsFile(x({ dtype: "F32" })),
      "its shape undefined is no list of whole",
    ],
    ["has a negative size", safetensorsFile(x(f32([-1], 0, 4)), 4), "its shape [-1] is no list of"],
    [
      "has a fraction",
      safetensorsFile('{"x":{"dtype":"U8","shape":[1.0]}}'),
      "its shape [1.0] is no list",
    ],
    [
      "has an exponent",
      safetensorsFile('{"x":{"dtype":"U8","shape":[1e0]}}'),
      "its shape [1e0] is no list",
    ],
    [
      "has a shape of objects",
      safetensorsFile(x(f32([{ toString: 1 }], 0, 4))),
      "[an object] is no",
    ],
    [
      "has too many elements",
      safetensorsFile(x(f32([2 ** 40, 2 ** 40, 0], 0, 0))),
      "more elements",
    ],
    [
      "has too long an axis",
      safetensorsFile(x(f32([0, 2 ** 60], 0, 0))),
      "more elements than there",
    ],
    [
      "has too many axes",
      safetensorsFile(x(f32(new Array(65).fill(1), 0, 4)), 4),
      "it has 65 axes",
    ],
    [
      "has no offsets",
      safetensorsFile(x({ dtype: "F32", shape: [] })),
      "its data_offsets undefined",
    ],
    [
      "has three offsets",
      safetensorsFile(x({ dtype: "F32", shape: [], data_offsets: [0, 4, 8] })),
      "its data_offsets [0, 4, 8] are no two whole numbers",
    ],
    [
      "ends before it begins",
      safetensorsFile(x(f32([0], 4, 0)), 4),
      "[4, 0] are in the wrong order",
    ],
    [
      "is cut short",
      safetensorsFile(x(f32([4], 0, 16)), 12),
      "ends at byte 16, but there are 12; the",
    ],
    [
      "is too small for its shape",
      safetensorsFile(x(f32([2], 0, 4)), 4),
      "F32 of shape [2] takes 8",
    ],
    ["is too large for its shape", safetensorsFile(x(f32([], 0, 8)), 8), "F32 of shape [] takes 4"],
    ["begins with a hole", safetensorsFile(x(f32([], 4, 8)), 8), "leaves a hole after byte 0"],
    [
      "has a hole",
      safetensorsFile({ x: f32([], 0, 4), y: f32([], 8, 12) }, 12),
      'tensor "y": its data, from byte 8 on, leaves a hole after byte 4',
    ],
    [
      "has an overlap",
      safetensorsFile({ y: f32([], 2, 6), x: f32([], 0, 4) }, 6),
      'tensor "y": its data, from byte 2 on, overlaps another up to 4',
    ],
    [
      "has two at one place",
      safetensorsFile({ x: f32([], 0, 4), y: f32([], 0, 4) }, 4),
      "overlaps another up to 4",
    ],
    [
      "has more data",
      safetensorsFile(x(f32([], 0, 4)), 5),
      "the tensors take 4 bytes, but there are 5",
    ],
    ["has data of nothing", safetensorsFile("{}", 1), "the tensors take 0 bytes, but there are 1"],
  ])("%s", async (what, bytes, message) => {
    const [kind, words] = said(() => decodeSafetensors(bytes));
    expect(words).toContain(message);
    expect(kind).toBe(FormatError);
    const path = join(folder, `${what}.safetensors`.replaceAll(/[ ,^]/g, "_"));
    writeFileSync(path, bytes);
    expect(await refusal(loadSafetensors(path))).toEqual([
      FormatError,
      words.replace("decodeSafetensors", `loadSafetensors: ${path}`),
    ]);
  });

  it("is refused by its header alone, however long it is", async () => {
    const path = join(folder, "sparse.safetensors");
    writeFileSync(path, safetensorsFile(x(f32([], 0, 4)), 4));
    truncateSync(path, 2 ** 36);
    const before = process.memoryUsage().rss;
    const [, words] = await refusal(loadSafetensors(path));
    expect(words).toContain(`the tensors take 4 bytes, but there are ${2 ** 36 - 61} of data`);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  it("keeps messages short", () => {
    const name = "x".repeat(1e6);
    const [, words] = said(() => decodeSafetensors(safetensorsFile({ [name]: 1 })));
    expect(words.length).toBeLessThan(200);
  });
});
