import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  DtypeError,
  full,
  ones,
  ShapeError,
  type Tensor,
  tensor,
  UsageError,
  zeros,
} from "../../src/index.js";
import {
  decodeSafetensors,
  encodeSafetensors,
  loadSafetensors,
  saveSafetensors,
} from "../../src/io/index.js";
import { said } from "../support/values.js";
import { bitsOf, hex, plain, safetensorsFile, temporaryFolder } from "./files.js";

const folder = temporaryFolder();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("what is written", () => {
  it("is the format, to the byte", () => {
    const W = tensor([[1, 2, 3]]);
    const b = tensor(new Float64Array([0.5]));
    const bytes = encodeSafetensors({ W, b, on: tensor([true]) }, { metadata: { by: "me" } });
    const header =
      '{"__metadata__":{"by":"me"},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},' +
      '"W":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]},' +
      '"on":{"dtype":"BOOL","shape":[1],"data_offsets":[20,21]}}';
    const length = Math.ceil(header.length / 8) * 8;
    const view = new DataView(bytes.buffer);
    expect(view.getBigUint64(0, true)).toBe(BigInt(length));
    expect(text(bytes.subarray(8, 8 + length))).toBe(header.padEnd(length));
    expect(view.getFloat64(8 + length, true)).toBe(0.5);
    expect([0, 4, 8].map((i) => view.getFloat32(16 + length + i, true))).toEqual([1, 2, 3]);
    expect(bytes[28 + length]).toBe(1);
    expect(bytes.length).toBe(29 + length);
  });

  const nan = new Float32Array(new Uint32Array([0x7fa00001, 0xffc12345]).buffer);
  const all: Record<string, Tensor> = {
    "float32, bits of NaN and all": tensor(nan),
    "float32, at the edges": tensor([-0, 1e-45, 3.4e38, Infinity, -Infinity, NaN]),
    float64: tensor(new Float64Array([-0, 5e-324, 1.7976931348623157e308, NaN])),
    int32: tensor(new Int32Array([-(2 ** 31), 2 ** 31 - 1, 0])),
    bool: tensor([[true, false]]),
    scalar: tensor(3),
    empty: zeros([0]),
    "empty, with sizes": zeros([3, 0, 2], { dtype: "float64" }),
    "of eight axes": ones([1, 2, 1, 2, 1, 1, 3, 1], { dtype: "int32" }),
    "": tensor([1]),
    __proto__2: tensor([2]),
    'quotes " \\ and \u2028 \u0007 𝒳': tensor([3]),
  };

  it.each(Object.entries(all))("is read again: %s", (name, x) => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors({ [name]: x }));
    expect(plain(tensors)).toStrictEqual({ [name]: bitsOf(x) });
    expect(metadata).toStrictEqual({});
  });

  it("is read again, all at once, from a file and from memory at any address", async () => {
    const metadata = { a: "", "": "𝒳", ["__proto__"]: "own" };
    const bytes = encodeSafetensors(all, { metadata });
    const path = join(folder, "all.safetensors");
    await saveSafetensors(path, all, { metadata });
    const wanted = { tensors: plain(all), metadata };
    expect(plain(await loadSafetensors(path))).toStrictEqual(wanted);
    for (const shift of [0, 1, 4]) {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      expect(plain(decodeSafetensors(moved.subarray(shift)))).toStrictEqual(wanted);
    }
    const copy = bytes.buffer.slice(0) as ArrayBuffer;
    expect(plain(decodeSafetensors(copy))).toStrictEqual(wanted);
    expect(plain(decodeSafetensors(Buffer.from(bytes)))).toStrictEqual(wanted);
  });

  it("is read again where small tensors and large ones stand in a long file", async () => {
    const sizes = Array.from({ length: 1500 }, (_, i) =>
      i % 500 === 0 ? 400_000 : (i * 37) % 997,
    );
    const many = sizes.map((size, i) => [`t${i}`, full([size], i, { dtype: "float32" })] as const);
    const path = join(folder, "many.safetensors");
    await saveSafetensors(path, Object.fromEntries(many));
    const { tensors } = await loadSafetensors(path);
    expect(Object.keys(tensors).length).toBe(1500);
    const right = many.filter(
      ([name, x]) => hex(tensors[name]?.data() as Float32Array) === hex(x.data()),
    );
    expect(right.length).toBe(1500);
  });

  it("of nothing is read as nothing", () => {
    expect(decodeSafetensors(encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
  });

  const x = tensor([1]);
  it.each<[string, () => unknown, string]>([
    ["no tensor", () => encodeSafetensors({ x: [1] as never }), '"x" is an array; a tensor'],
    ["a tree", () => encodeSafetensors({ x: { y: x } as never }), '"x" is an object; a tensor was'],
    [
      "no object",
      () => encodeSafetensors(x as never),
      "tensors is a tensor [1]; an object of tensors",
    ],
    ["a list", () => encodeSafetensors([x] as never), "tensors is an array; an object of te"],
    ["the name __metadata__", () => encodeSafetensors({ __metadata__: x }), "is no name for a"],
    ["half a pair", () => encodeSafetensors({ "\ud800": x }), "has half of a surrogate pair"],
    [
      "metadata of numbers",
      () => encodeSafetensors({ x }, { metadata: { n: 1 as never } }),
      'metadata "n" is 1; only text was wanted',
    ],
    [
      "metadata in place of options",
      () => encodeSafetensors({ x }, { made: "by hand" } as never),
      "there is no option made; the option is metadata",
    ],
    [
      "metadata of half a pair",
      () => encodeSafetensors({ x }, { metadata: { n: "\udc00" } }),
      'metadata "n" has half of a surrogate pair',
    ],
    [
      "metadata past 100 MB",
      () => encodeSafetensors({ x }, { metadata: { n: "a".repeat(100_000_000) } }),
      "100000000 is the most",
    ],
  ])("is not %s", (_, f, message) => {
    const [kind, words] = said(f);
    expect(kind).toBe(UsageError);
    expect(words).toContain(message);
  });

  it("has no more axes than others read", () => {
    const wide = (rank: number): Tensor => ones(new Array<number>(rank).fill(1));
    expect(decodeSafetensors(encodeSafetensors({ x: wide(64) })).tensors.x?.rank).toBe(64);
    expect(said(() => encodeSafetensors({ x: wide(65) }))).toEqual([
      ShapeError,
      'encodeSafetensors: "x" has 65 axes; 64 are the most in a file',
    ]);
  });
});

/** The bits of numbers in a kind of numbers. */
const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const one = (dtype: string, shape: number[], bytes: Uint8Array): Uint8Array =>
  safetensorsFile({ x: { dtype, shape, data_offsets: [0, bytes.length] } }, bytes);

describe("numbers that become others", () => {
  const I = BigInt;
  it.each<[string, ArrayBufferView, string, number[]]>([
    [
      "F16",
      new Uint16Array([
        0, 0x8000, 1, 0x83ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x3555,
      ]),
      "float32",
      [
        0,
        -0,
        2 ** -24,
        -1023 * 2 ** -24,
        2 ** -14,
        1,
        -2,
        65504,
        Infinity,
        -Infinity,
        0.333251953125,
      ],
    ],
    [
      "BF16",
      new Uint16Array([0, 0x8000, 1, 0x3f80, 0xc049, 0x7f80, 0xff80]),
      "float32",
      [0, -0, 2 ** -133, 1, -3.140625, Infinity, -Infinity],
    ],
    ["I8", new Int8Array([-128, 127]), "int32", [-128, 127]],
    ["U8", new Uint8Array([0, 255]), "int32", [0, 255]],
    ["I16", new Int16Array([-32768, 32767]), "int32", [-32768, 32767]],
    ["U16", new Uint16Array([0, 65535]), "int32", [0, 65535]],
    ["U32", new Uint32Array([0, 2 ** 31 - 1]), "int32", [0, 2 ** 31 - 1]],
    [
      "I64",
      new BigInt64Array([-I(2 ** 31), I(2 ** 31 - 1), -1n]),
      "int32",
      [-(2 ** 31), 2 ** 31 - 1, -1],
    ],
    ["U64", new BigUint64Array([0n, I(2 ** 31 - 1)]), "int32", [0, 2 ** 31 - 1]],
    ["BOOL", new Uint8Array([0, 1, 2]), "bool", [0, 1, 1]],
  ])("%s", (dtype, values, own, wanted) => {
    const { x } = decodeSafetensors(one(dtype, [wanted.length], bytesOf(values))).tensors;
    expect(x?.dtype).toBe(own);
    expect(Array.from(x?.data() ?? [])).toStrictEqual(wanted);
  });

  it("keep the bits of NaN", () => {
    const bits = (dtype: string, half: number): number => {
      const { x } = decodeSafetensors(one(dtype, [1], bytesOf(new Uint16Array([half])))).tensors;
      return new Uint32Array((x as Tensor).data().buffer)[0] as number;
    };
    expect(bits("F16", 0xfe01)).toBe(0xffc02000);
    expect(bits("F16", 0x7c01)).toBe(0x7f802000);
    expect(bits("BF16", 0xff81)).toBe(0xff810000);
  });

  it.each<[string, ArrayBufferView, string]>([
    ["U32", new Uint32Array([1, 2 ** 31]), "element 1 is 2147483648"],
    ["I64", new BigInt64Array([0n, 0n, -(2n ** 31n) - 1n]), "element 2 is -2147483649"],
    ["I64", new BigInt64Array([2n ** 62n]), "element 0 is 4611686018427387904"],
    ["U64", new BigUint64Array([2n ** 64n - 1n]), "element 0 is 18446744073709551615"],
    ["U64", new BigUint64Array([2n ** 31n]), "element 0 is 2147483648"],
  ])("%s are refused where int32 does not hold them", (dtype, values, what) => {
    const bytes = bytesOf(values);
    const size = Number.parseInt(dtype.slice(1), 10) / 8;
    expect(said(() => decodeSafetensors(one(dtype, [bytes.length / size], bytes)))).toEqual([
      DtypeError,
      `decodeSafetensors: tensor "x": ${what}, which int32 cannot hold; write it as float64 instead`,
    ]);
  });

  it.each(["F8_E4M3", "C64", "F4"])("%s is refused", (dtype) => {
    expect(said(() => decodeSafetensors(one(dtype, [1], new Uint8Array(8))))).toEqual([
      DtypeError,
      `decodeSafetensors: tensor "x": its dtype ${dtype} is one that no tensor here has`,
    ]);
  });
});

const f32 = (shape: unknown, from: unknown, to: unknown, dtype: unknown = "F32"): object => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe("a file that is read", () => {
  it("has its tensors in any order, empty ones anywhere, and blanks behind", () => {
    const header = { b: f32([], 4, 8), e: f32([0, 9], 4, 4), a: f32([], 0, 4), z: f32([0], 8, 8) };
    const data = bytesOf(new Float32Array([1, 2]));
    const { tensors } = decodeSafetensors(safetensorsFile(`${JSON.stringify(header)} \n`, data));
    expect([tensors.a?.item(), tensors.b?.item()]).toEqual([1, 2]);
    expect([tensors.e?.shape, tensors.z?.shape]).toEqual([[0, 9], [0]]);
  });

  it("has names that objects have, too, and nobody is harmed", () => {
    const info = '{"dtype":"U8","shape":[1],"data_offsets":';
    const header = `{"__proto__":${info}[0,1]},"constructor":${info}[1,2]},"__metadata__":{"__proto__":"a"}}`;
    const { tensors, metadata } = decodeSafetensors(safetensorsFile(header, Uint8Array.of(7, 8)));
    expect(Object.keys(tensors)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(tensors, "__proto__")?.value.item()).toBe(7);
    expect(Object.getOwnPropertyDescriptor(metadata, "__proto__")?.value).toBe("a");
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(plain(decodeSafetensors(encodeSafetensors(tensors)).tensors)).toEqual({
      ...(plain(tensors) as object),
      ["__proto__"]: { ...bitsOf(tensor([7], { dtype: "int32" })) },
    });
  });

  it("has null for metadata, or more than is known of a tensor, as the reference lets it", () => {
    const header = { __metadata__: null, x: { ...f32([], 0, 4), note: [1.5, { a: "b" }] } };
    expect(decodeSafetensors(safetensorsFile(header, 4))).toMatchObject({ metadata: {} });
  });
});
