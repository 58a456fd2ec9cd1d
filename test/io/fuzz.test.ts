import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Tensor, TracegradError, tensor, zeros } from "../../src/index.js";
import {
  decode,
  decodeNpy,
  decodeSafetensors,
  encode,
  encodeNpy,
  encodeSafetensors,
  load,
  loadNpy,
  loadSafetensors,
} from "../../src/io/index.js";
import { cpuTime } from "../cpu_time.js";
import { npyFile, refusal, safetensorsFile, same, temporaryFolder } from "./files.js";
import { type Mutation, mutations, randomBelow } from "./mutations.js";

// Files that were changed at random, in their bytes or in the words of their headers: each is read, or
// refused by an error of ours, within a second, and takes no more memory than a file of its size may. The
// same in every run; other seeds and longer runs are a matter of two variables:
// FUZZ_SEED=7 FUZZ=20000 npx vitest run test/io/fuzz.test.ts

const { FUZZ = "1000", FUZZ_SEED = "1" } = process.env;
const LONGEST = 1000; // ms, to read one file
const folder = temporaryFolder();

/** Bytes that reading a file of so many may take: an element of one byte becomes one of four, twice. */
const arraysFor = (size: number): number => 16 * size + 1e5;
const heapFor = (size: number): number => 500 * size + 2e7;

interface Cost {
  readonly ms: number;
  readonly arrays: number;
  readonly heap: number;
}

/** What a function gives or throws, and what it cost. */
function measured(f: () => unknown): { readonly result: unknown; readonly cost: Cost } {
  const before = process.memoryUsage();
  const start = cpuTime();
  let result: unknown;
  try {
    result = f();
  } catch (error) {
    result = error;
  }
  const ms = cpuTime() - start;
  const after = process.memoryUsage();
  const arrays = after.arrayBuffers - before.arrayBuffers;
  return { result, cost: { ms, arrays, heap: after.heapUsed - before.heapUsed } };
}

function bounded({ ms, arrays, heap }: Cost, size: number): void {
  expect(ms, "ms to read").toBeLessThan(LONGEST);
  expect(arrays, "bytes of arrays").toBeLessThan(arraysFor(size));
  expect(heap, "bytes of the heap").toBeLessThan(heapFor(size));
}

const W = tensor([
  [1, -2, 3],
  [4, 5, NaN],
]);
const wide = tensor(new Float64Array([0.5, -0, 1e300]));
const value = {
  params: [
    { W, b: wide },
    { W, b: tensor([true, false]) },
  ],
  "a.b": { "": tensor([7], { dtype: "int32" }), $: [NaN, -0, undefined, null] },
  history: { loss: [1, 0.5, 0.25], names: ["a", "\ud800"], deep: [[[[{}]]]] },
};

/** A file of every kind of numbers. */
const kinds: Readonly<Record<string, number>> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, I8: 1, U8: 1, I16: 2, U16: 2, I32: 4, U32: 4, I64: 8 },
  ...{ U64: 8, BOOL: 1 },
};

function everyKind(): Uint8Array {
  let end = 0;
  const infos = Object.entries(kinds).map(([dtype, width]) => {
    const start = end;
    end += 6 * width;
    return [dtype, { dtype, shape: [2, 3], data_offsets: [start, end] }];
  });
  return safetensorsFile({ __metadata__: { a: "b" }, ...Object.fromEntries(infos) }, end);
}

function npy(
  descr: string,
  shape: string,
  bytes: number,
  fortran = "False",
  version = 1,
): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;
  return npyFile(header, bytes, { version });
}

/** Files, what reads them, and what writes what was read. */
interface Format {
  readonly mutation: Mutation;
  readonly files: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
  readonly open: (path: string) => Promise<unknown>;
  readonly again: (value: unknown) => unknown;
}

type Tensors = ReturnType<typeof decodeSafetensors>;

const formats: Readonly<Record<string, Format>> = {
  safetensors: {
    mutation: mutations.safetensors,
    files: [
      everyKind(),
      encodeSafetensors({ W, wide, none: zeros([0, 3]) }, { metadata: { by: "us" } }),
      encodeSafetensors(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, W]))),
    ],
    read: decodeSafetensors,
    open: loadSafetensors,
    again: (value) => {
      const { tensors, metadata } = value as Tensors;
      return decodeSafetensors(encodeSafetensors(tensors, { metadata }));
    },
  },
  "saved values": {
    mutation: mutations.value,
    files: [encode(value), encode([W, wide, [[NaN]]]), encode(W)],
    read: (bytes) => decode(bytes),
    open: (path) => load(path),
    again: (value) => decode(encode(value)),
  },
  npy: {
    mutation: mutations.npy,
    files: [
      encodeNpy(W),
      encodeNpy(zeros([3, 0, 2])),
      npy("<f8", "(2, 3)", 48, "True"),
      npy(">i8", "(4,)", 32),
      npy("|u1", "(4, 2, 1)", 8, "True", 2),
      npy("<f2", "()", 2, "False", 3),
      npy("|b1", "(9,)", 9),
    ],
    read: decodeNpy,
    open: loadNpy,
    again: (value) => decodeNpy(encodeNpy(value as Tensor)),
  },
};

/** Whether every tensor in what was read has as many elements as it says. */
function whole(value: unknown): void {
  if (value instanceof Tensor) expect(value.data().length).toBe(value.size);
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(whole);
}

describe("files changed at random", () => {
  const share = Math.ceil(Number(FUZZ) / Object.keys(formats).length);

  it.each(Object.entries(formats))("%s", { timeout: 60_000 + 50 * share }, async (name, format) => {
    const random = randomBelow(Number(FUZZ_SEED));
    const before = process.resourceUsage().maxRSS;
    const found = { read: 0, refused: 0 };
    for (let i = 0; i < share; i++) {
      const file = format.files[random(format.files.length)] as Uint8Array;
      const bytes = format.mutation(file, random);
      const { result, cost } = measured(() => format.read(bytes));
      bounded(cost, bytes.length);
      if (result instanceof Error) {
        if (!(result instanceof TracegradError)) throw result;
        expect(result.message.length).toBeLessThan(1000);
        found.refused++;
      } else {
        whole(result);
        same(format.again(result), result);
        found.read++;
      }
      if (i % 10 > 0) continue;
      const path = join(folder, `${name} ${i}`);
      writeFileSync(path, bytes);
      if (!(result instanceof Error)) same(await format.open(path), result);
      else {
        const [kind, words] = await refusal(format.open(path));
        expect([kind, words]).toEqual([
          result.constructor,
          result.message.replace(/^\w+/, `${/^load\w*/.exec(words)}: ${path}`),
        ]);
      }
    }
    expect(found.refused).toBeGreaterThan(share / 3);
    expect(found.read).toBeGreaterThan(share / 50);
    expect(process.resourceUsage().maxRSS - before, "KB").toBeLessThan(300_000);
  });

  it("would be found where they cost too much", () => {
    const { cost } = measured(() => new Float64Array(1e6));
    expect(() => bounded(cost, 1000)).toThrow("bytes of arrays");
    expect(() => bounded({ ...cost, arrays: 0, ms: 1001 }, 1000)).toThrow("ms to read");
  });
});
