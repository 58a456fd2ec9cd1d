import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  DtypeError,
  FormatError,
  ones,
  ShapeError,
  type Tensor,
  tensor,
  UsageError,
  zeros,
} from "../../src/index.js";
import { decodeNpy, encodeNpy, loadNpy, saveNpy } from "../../src/io/index.js";
import { said } from "../support/values.js";
import { bitsOf, npyFile, plain, refusal, temporaryFolder } from "./files.js";

const folder = temporaryFolder();

/** The header of an array. */
const header = (descr: string, shape: string, fortran = "False"): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

/** The bytes of elements in the other order. */
function turned(values: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }): Uint8Array {
  const bytes = bytesOf(values);
  const width = values.BYTES_PER_ELEMENT;
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
  return bytes;
}

describe("what is written", () => {
  it("is version 1 of the format, to the byte", () => {
    const bytes = encodeNpy(tensor([[1, 2]]));
    const text = String.fromCharCode(...bytes.subarray(0, 128));
    const written = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
    expect(text).toBe(`${`\x93NUMPY\x01\x00\x76\x00${written}`.padEnd(127)}\n`);
    expect(Array.from(bytes.subarray(128))).toEqual([0, 0, 128, 63, 0, 0, 0, 64]);
  });

  const all: Record<string, Tensor> = {
    float32: tensor(new Float32Array(new Uint32Array([0x7fa00001, 0x80000000, 1]).buffer)),
    float64: tensor(new Float64Array([-0, 5e-324, NaN, -Infinity])),
    int32: tensor(new Int32Array([-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3]), { shape: [2, 3] }),
    bool: tensor([[[true], [false]]]),
    scalar: tensor(3),
    empty: zeros([0]),
    "empty, with sizes": zeros([2, 0, 5], { dtype: "float64" }),
    "of 64 axes": ones(new Array<number>(64).fill(1)),
  };

  it.each(Object.entries(all))("is read again: %s", async (name, x) => {
    const bytes = encodeNpy(x);
    expect(bytes.length % 64).toBe(x.data().byteLength % 64);
    expect(bitsOf(decodeNpy(bytes))).toStrictEqual(bitsOf(x));
    const moved = new Uint8Array(bytes.length + 1);
    moved.set(bytes, 1);
    expect(bitsOf(decodeNpy(moved.subarray(1)))).toStrictEqual(bitsOf(x));
    const path = join(folder, `${name.replaceAll(" ", "_")}.npy`);
    await saveNpy(path, x);
    expect(bitsOf(await loadNpy(path))).toStrictEqual(bitsOf(x));
  });

  it("is a tensor of as many axes as others read", () => {
    expect(said(() => encodeNpy([1, 2] as never))).toEqual([
      UsageError,
      "encodeNpy: tensor is an array; a tensor was wanted",
    ]);
    expect(said(() => encodeNpy(ones(new Array<number>(65).fill(1))))).toEqual([
      ShapeError,
      "encodeNpy: tensor has 65 axes; 64 are the most in a file",
    ]);
  });
});

describe("what is read", () => {
  const big = BigInt64Array.from([-5n, 7n]);
  const cases: [descr: string, values: Parameters<typeof turned>[0], wanted: number[]][] = [
    ["f2", new Uint16Array([0x3c00, 0x8000]), [1, -0]],
    ["f4", new Float32Array([1.5, -2]), [1.5, -2]],
    ["f8", new Float64Array([0.1, -0]), [0.1, -0]],
    ["i1", new Int8Array([-128, 127]), [-128, 127]],
    ["i2", new Int16Array([-300, 300]), [-300, 300]],
    ["i4", new Int32Array([-70000, 70000]), [-70000, 70000]],
    ["i8", big, [-5, 7]],
    ["u1", new Uint8Array([0, 255]), [0, 255]],
    ["u2", new Uint16Array([0, 65535]), [0, 65535]],
    ["u4", new Uint32Array([0, 2 ** 31 - 1]), [0, 2 ** 31 - 1]],
    ["u8", new BigUint64Array([0n, 9n]), [0, 9]],
    ["b1", new Uint8Array([0, 1]), [0, 1]],
  ];
  it.each(cases)("%s, in both orders of bytes", (descr, values, wanted) => {
    for (const order of values.BYTES_PER_ELEMENT === 1 ? ["|", "<", ">", ""] : ["<", "=", ""]) {
      const x = decodeNpy(npyFile(header(`${order}${descr}`, "(2,)"), bytesOf(values)));
      expect(Array.from(x.data())).toStrictEqual(wanted);
      const floats: Record<string, string> = { f2: "float32", f4: "float32", f8: "float64" };
      expect(x.dtype).toBe(floats[descr] ?? (descr === "b1" ? "bool" : "int32"));
    }
    const file = npyFile(header(`>${descr}`, "(2,)"), turned(values));
    const before = file.slice();
    expect(Array.from(decodeNpy(file).data())).toStrictEqual(wanted);
    expect(file).toStrictEqual(before);
  });

  it("an array in the order of Fortran", () => {
    const columns = bytesOf(new Float32Array([1, 4, 2, 5, 3, 6]));
    const X = decodeNpy(npyFile(header("<f4", "(2, 3)", "True"), columns));
    expect(X.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const sizes = [2, 1, 3, 1, 2, 1, 1, 2];
    const n = sizes.reduce((a, b) => a * b);
    const values = new Int32Array(n).map((_, i) => i);
    for (const [descr, own] of [
      ["<i4", values],
      ["<f8", Float64Array.from(values)],
      ["|b1", Uint8Array.from(values, (i) => i % 2)],
    ] as const) {
      const Y = decodeNpy(npyFile(header(descr, `(${sizes.join(",")})`, "True"), bytesOf(own)));
      expect(Y.shape).toEqual(sizes);
      const data = Y.data();
      let [at, wrong] = [0, 0];
      const walk = (axis: number, from: number, stride: number): void => {
        if (axis === sizes.length) {
          if (data[at++] !== own[from]) wrong++;
          return;
        }
        const size = sizes[axis] as number;
        for (let i = 0; i < size; i++) walk(axis + 1, from + i * stride, stride * size);
      };
      walk(0, 0, 1);
      expect([at, wrong]).toEqual([n, 0]);
    }
    expect(decodeNpy(npyFile(header("<f4", "()", "True"), 4)).shape).toEqual([]);
    expect(decodeNpy(npyFile(header("<f4", "(0, 3)", "True"))).shape).toEqual([0, 3]);
  });

  it.each([
    ["version 2", npyFile(header("<f4", "(1,)"), 4, { version: 2 })],
    ["version 3", npyFile(header("<f4", "(1,)"), 4, { version: 3 })],
    ["other quotes and order", npyFile('{"shape":(1,),"fortran_order":False,"descr":"<f4"}', 4)],
    [
      "blanks anywhere",
      npyFile(" {\n'descr' :'<f4' ,'shape': ( 1 , ),'fortran_order':False} \n", 4),
    ],
    ["long numbers of Python 2", npyFile(header("<f4", "(1L,)"), 4)],
  ])("%s", (_, bytes) => {
    expect(decodeNpy(bytes).shape).toEqual([1]);
  });

  it.each([
    ["(4)", null],
    ["()", []],
    ["(4,)", [4]],
    ["(2, 2)", [2, 2]],
    ["(2, 2,)", [2, 2]],
    ["(0, 9007199254740991)", [0, 2 ** 53 - 1]],
  ])("the shape %s", (text, shape) => {
    const size = shape?.reduce((a, b) => a * b, 1) ?? 4;
    const bytes = npyFile(header("<i2", text), 2 * size);
    if (shape === null) expect(() => decodeNpy(bytes)).toThrow('"," was wanted');
    else expect(decodeNpy(bytes).shape).toEqual(shape);
  });
});

describe("a file that is refused", () => {
  const good = npyFile(header("<f4", "(2,)"), 8);
  const shape = (text: string): Uint8Array => npyFile(header("<f4", text), 8);
  const descr = (text: string): Uint8Array => npyFile(header(text, "(1,)"), 8);
  const whole = "a whole number, 0 or more, was wanted at character";
  it.each<[string, Uint8Array, string, unknown?]>([
    ["is empty", new Uint8Array(0), "it is empty"],
    ["is something else", Uint8Array.of(1, 2, 3), "this is no .npy file"],
    ["is an archive", Uint8Array.of(80, 75, 3, 4, 0), "this is an archive (.npz); unpack it first"],
    ["is cut in its length", good.slice(0, 8), "8 bytes; the file is cut short"],
    ["is cut in its header", good.slice(0, 40), "bytes long, but 30 follow; the file is cut short"],
    ["is cut in its data", good.slice(0, -1), "takes 8 bytes, but 7 follow; the file is cut short"],
    ["goes on behind", npyFile(header("<f4", "(2,)"), 9), "[2] takes 8 bytes, but 9 follow"],
    [
      "is of version 4",
      npyFile(header("<f4", "(2,)"), 8, { version: 4 }),
      "version 4.0 of the for",
    ],
    ["has a long header", npyFile(`${header("<f4", "()")}${" ".repeat(1e4)}`), "; 10000 are read"],
    [
      "has a huge header",
      npyFile("{}", 0, { version: 2, length: 2 ** 32 - 1 }),
      "is 4294967295 byt",
    ],
    ["has no header", npyFile(""), '"{" was wanted at character 0, but it ends early'],
    ["has a list", npyFile("[1]"), '"{" was wanted at character 0, but "[1]" came'],
    ["has nothing in it", npyFile("{}"), "descr is missing"],
    ["has no order", npyFile("{'descr': '<f4'}"), "fortran_order is missing"],
    ["has no shape", npyFile("{'descr': '<f4', 'fortran_order': True}"), "shape is missing"],
    ["has another key", npyFile("{'x': 1}"), 'the key "x" is unknown'],
    ["has a key of objects", npyFile("{'constructor': 1}"), 'the key "constructor" is unknown'],
    ["has a key twice", npyFile("{'descr': '<f4', 'descr': '<f4'}"), "descr comes twice"],
    ["runs code", npyFile("{'descr': __import__('os')}"), "a text that describes the elements was"],
    ["runs code as a key", npyFile("{print('x'): 1}"), "a key in quotes was wanted at character 1"],
    ["has an escape", npyFile("{'de\\x73cr': '<f4'}"), "a key in quotes was wanted"],
    [
      "goes on in its header",
      npyFile("{'descr': '<f4'} 1"),
      "the end was wanted at character 16, b",
    ],
    ["is fortran of 1", npyFile(header("<f4", "(2,)", "1"), 8), "True or False was wanted"],
    ["has a negative size", shape("(-1,)"), whole],
    ["has a fraction", shape("(2.0,)"), whole],
    ["has an exponent", shape("(1e3,)"), whole],
    ["has a name for a size", shape("(True,)"), whole],
    ["has a list for a shape", shape("[2]"), "a shape, as (3, 4), was wanted"],
    ["has two commas", shape("(2,,3)"), whole],
    ["has just a comma", shape("(,)"), whole],
    [
      "has no end of a shape",
      npyFile("{'shape': (2, 3"),
      '"," or ")" was wanted at character 15, but it',
    ],
    ["has a huge shape", shape("(4294967296, 4294967296)"), "has more elements than there can be"],
    ["has a huge axis", shape("(0, 9007199254740992)"), "has more elements than there can be"],
    ["has huge data", shape("(9007199254740991,)"), "has more elements than there can be"],
    ["has more data than there is", shape("(1000000000000,)"), "takes 4000000000000 bytes, but 8"],
    ["has many axes", shape(`(${"1, ".repeat(65)})`), "the shape has 65 axes, more than 64"],
    ["is of objects", descr("|O"), '"|O", Python objects, a pickle, which runs code', DtypeError],
    ["is complex", descr("<c8"), 'descr is "<c8", complex numbers; only', DtypeError],
    ["is of texts", descr("<U7"), '"<U7", text; only numbers are read', DtypeError],
    ["is of bytes", descr("|S3"), '"|S3", text; only numbers are read', DtypeError],
    ["is of dates", descr("<M8[ns]"), '"<M8[ns]", dates; only numbers', DtypeError],
    ["is of spans of time", descr("<m8[s]"), "spans of time; only numbers are read", DtypeError],
    ["is raw", descr("|V2"), "structures or raw bytes; only numbers are read", DtypeError],
    ["is of 128 bits", descr("<f16"), "floats of 128 bits; 16, 32 and 64 are read", DtypeError],
    [
      "is of structures",
      npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4),
      "the array is one of structures; only numbers are read",
      DtypeError,
    ],
    [
      "has a number past int32",
      npyFile(header("<i8", "(2,)"), bytesOf(new BigInt64Array([1n, 2n ** 40n]))),
      "element 1 is 1099511627776, which int32 cannot hold",
      DtypeError,
    ],
    ["is of nothing", descr(""), 'descr is "", which describes no numbers'],
    ["is of no size", descr("<f"), "floats of 0 bits", DtypeError],
    ["is of whole numbers of 128 bits", descr("<i16"), 'descr is "<i16", which describes no numb'],
    ["is of several", descr("<f4,<f4"), 'descr is "<f4,<f4", which describes no numbers'],
    ["is of no order of bytes", descr("|f4"), 'descr is "|f4", which describes no numbers'],
  ])("%s", async (what, bytes, message, wanted = FormatError) => {
    const [kind, words] = said(() => decodeNpy(bytes));
    expect(words).toContain(message);
    expect(kind).toBe(wanted);
    const path = join(folder, `refused_${what.replaceAll(" ", "_")}.npy`);
    writeFileSync(path, bytes);
    expect(await refusal(loadNpy(path))).toEqual([
      kind,
      words.replace("decodeNpy", `loadNpy: ${path}`),
    ]);
  });

  it("has no tensor", () => {
    expect(plain([said(() => decodeNpy(undefined as never))])).toEqual([
      [UsageError, "decodeNpy: bytes is undefined; a Uint8Array or an ArrayBuffer was wanted"],
    ]);
  });
});
