import { npyFile, safetensorsFile } from "./files.js";

/** A whole number from 0 up to but not `n`. */
export type Random = (n: number) => number;

export function randomBelow(seed: number): Random {
  let state = (Math.abs(seed) % 2147483646) + 1;
  return (n) => {
    state = (state * 48271) % 2147483647;
    return Math.floor((state / 2147483647) * n);
  };
}

/** A file that is like another, but for something. */
export type Mutation = (file: Uint8Array, random: Random) => Uint8Array;

const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;

/** Some of these changes, one after the other. */
const some = <T>(
  value: T,
  changes: readonly ((value: T, random: Random) => T)[],
  random: Random,
) => {
  let out = value;
  for (let i = 1 + random(3); i > 0; i--) out = pick(changes, random)(out, random);
  return out;
};

/** Where a range begins and ends. */
function range(length: number, random: Random): [from: number, to: number] {
  const from = random(length + 1);
  return [from, from + random(Math.min(64, length - from) + 1)];
}

const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]));

const lengths = [0n, 1n, 7n, 100n, 65535n, 100_000_000n, 100_000_001n, 2n ** 31n, 2n ** 32n];
const huge = [...lengths, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 8n, 2n ** 64n - 1n];

const ofBytes: readonly Mutation[] = [
  (file, random) => file.slice(0, random(file.length + 1)),
  (file, random) => join(file, new Uint8Array(random(100)).fill(random(256))),
  (file, random) => {
    const out = file.slice();
    for (let i = random(16); i >= 0 && out.length > 0; i--) {
      const at = random(out.length);
      out[at] = (out[at] as number) ^ (1 << random(8));
    }
    return out;
  },
  (file, random) =>
    file.slice().fill(pick([0, 255, 32, 91], random), ...range(file.length, random)),
  (file, random) => {
    const [from, to] = range(file.length, random);
    return join(file.subarray(0, from), file.subarray(to));
  },
  (file, random) => {
    const [from, to] = range(file.length, random);
    return join(file.subarray(0, to), file.subarray(from));
  },
  (file, random) => {
    const out = file.slice();
    const at = out.length < 8 ? -1 : pick([0, 0, 8, random(out.length - 7)], random);
    if (at >= 0 && at + 8 <= out.length) {
      new DataView(out.buffer).setBigUint64(at, pick(huge, random), true);
    }
    return out;
  },
];

type OfText = (text: string, random: Random) => string;

const token = /"(?:[^"\\]|\\.)*"|'[^']*'|-?\d+(?:\.\d+)?|[{}[\](),:]|\w+/g;

/** The text with one of its tokens replaced. */
function replaced(
  text: string,
  random: Random,
  isOne: RegExp,
  by: (old: string) => string,
): string {
  const found = [...text.matchAll(token)].filter(([one]) => isOne.test(one));
  if (found.length === 0) return text;
  const { 0: old, index } = pick(found, random);
  return text.slice(0, index) + by(old) + text.slice(index + old.length);
}

const numbers = [
  ...[
    "-1",
    "0",
    "1",
    "2",
    "1.0",
    "1.5",
    "-0",
    "1e3",
    "1e999",
    "NaN",
    "Infinity",
    "0x10",
    "01",
    "+1",
  ],
  ...["2147483648", "4294967296", "9007199254740991", "9007199254740992", "9007199254740993"],
  ...["9223372036854775807", "18446744073709551615", "18446744073709551616", "9".repeat(400)],
  ...["1L", "null", "true", "[1]", "{}", '"1"', "9".repeat(5000)],
];

const words = [
  ...["__metadata__", "__proto__", "constructor", "toString", "toJSON", "", "dtype", "shape"],
  ...["data_offsets", "F32", "F64", "U8", "I64", "F8_E4M3", "C64", "f32", "version", "value"],
  ...["$tensor", "$number", "$undefined", "$$", "$", "NaN", "-0", "params.0.W", "value"],
  ...["descr", "fortran_order", "<f4", ">f8", "|O", "<c8", "<U4", "|V8", "<f16", "|b1", "<i8"],
  ...["\\ud800", "\\u0000", "\\x41", "\\", "𝒳", "\n", "a".repeat(3000)],
];

const structures = ["{}", "[]", "null", "true", "0", '""', "{", "[", "}", "]", ",", ":", "", "()"];

const ofText: readonly OfText[] = [
  (text, random) => replaced(text, random, /^-?\d/, () => pick(numbers, random)),
  (text, random) => replaced(text, random, /^-?\d/, () => pick(numbers, random)),
  (text, random) =>
    replaced(text, random, /^["']/, (old) => `${old[0]}${pick(words, random)}${old[0]}`),
  (text, random) =>
    replaced(text, random, /^["']/, (old) => `${old[0]}${pick(words, random)}${old[0]}`),
  (text, random) => replaced(text, random, /./, () => pick(structures, random)),
  (text, random) => replaced(text, random, /./, (old) => `${old}${old}`),
  (text, random) => replaced(text, random, /[{[(]/, () => pick(["{", "[", "(", "[[", "("], random)),
  (text, random) => {
    const part = pick(["[", "(", '{"a":', '[{"a":', "[[],"], random);
    return replaced(text, random, /./, () => part.repeat(pick([10, 127, 500, 20_000], random)));
  },
  (text, random) => {
    // An entry of an object a second time.
    const entries = [...text.matchAll(/["'][^"']*["']: ?(?:\{[^{}]*\}|\[[^[\]]*\]|[^,{}[\]]+),/g)];
    if (entries.length === 0) return text;
    const { 0: entry, index } = pick(entries, random);
    return text.slice(0, index) + entry + text.slice(index);
  },
  (text, random) => {
    const [from, to] = range(text.length, random);
    return text.slice(0, from) + text.slice(to);
  },
  (text) => JSON.stringify({ deep: text }),
  (text) => text.trimEnd(),
];

const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The header and the data of a file that is right. */
function partsOf(file: Uint8Array): [header: string, data: Uint8Array] {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  return [decoded(file.subarray(8, 8 + length)), file.subarray(8 + length)];
}

/** Changes either of the bytes, or of the header, whose length is then right. */
const either = (header: Mutation): Mutation => {
  return (file, random) => (random(3) === 0 ? some(file, ofBytes, random) : header(file, random));
};

/** The data of a changed header, mostly as it was. */
const dataOf = (data: Uint8Array, random: Random): Uint8Array =>
  random(4) > 0 ? data : some(data, ofBytes, random);

const safetensors = either((file, random) => {
  const [header, data] = partsOf(file);
  return safetensorsFile(some(header, ofText, random), dataOf(data, random));
});

export const mutations = {
  safetensors,
  /** Of what is no tensor in a saved value. */
  value: either((file, random) => {
    if (random(4) === 0) return safetensors(file, random);
    const [header, data] = partsOf(file);
    const all = JSON.parse(header);
    all.__metadata__.tracegrad = some(all.__metadata__.tracegrad as string, ofText, random);
    return safetensorsFile(all, data);
  }),
  npy: either((file, random) => {
    const version = file[6] as number;
    const start = version === 1 ? 10 : 12;
    const end = start + ((file[8] as number) + 256 * (file[9] as number));
    const header = some(decoded(file.subarray(start, end)), ofText, random);
    return npyFile(header, dataOf(file.subarray(end), random), { version });
  }),
} as const;
