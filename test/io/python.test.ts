import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FormatError, ones, type Tensor, tensor, zeros } from "../../src/index.js";
import {
  encode,
  encodeNpy,
  encodeSafetensors,
  load,
  loadNpy,
  loadSafetensors,
  save,
  saveNpy,
  saveSafetensors,
} from "../../src/io/index.js";
import { hasPython } from "../support/code.js";
import { hex, npyFile, refusal, safetensorsFile, temporaryFolder } from "./files.js";

// What Python's own readers make of our files, and we of theirs; skipped where there is no such Python.

const numpy = hasPython("numpy");
const both = numpy && hasPython("safetensors.numpy");
const folder = temporaryFolder();

/** What a program in Python says, in JSON; it begins in the folder of files. */
function python(script: string): unknown {
  const { stdout, stderr, status } = spawnSync("python3", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** An array as both sides describe it. */
interface Described {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: string;
}

const dtypes = { float32: "<f4", float64: "<f8", int32: "<i4", bool: "|b1" } as const;

const described = (x: Tensor): Described => ({
  dtype: dtypes[x.dtype],
  shape: x.shape,
  bytes: hex(x.data()),
});

const describing = `
import json, numpy as np
def describe(x):
    return {"dtype": x.dtype.str, "shape": list(x.shape), "bytes": x.tobytes().hex()}
def wide(x):
    """As tensors hold it: 16 bits as float32, whole numbers as int32."""
    return describe(x.astype({"f2": "<f4", "f4": "<f4", "f8": "<f8", "b1": "|b1"}.get(x.dtype.str[1:], "<i4")))
`;

const nan = new Float32Array(new Uint32Array([0x7fa00001, 0xffc12345]).buffer);
const ours: Record<string, Tensor> = {
  matrix: tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  nan: tensor(nan),
  edges: tensor(new Float64Array([-0, 5e-324, Infinity, NaN])),
  whole: tensor(new Int32Array([-(2 ** 31), 2 ** 31 - 1])),
  truth: tensor([[true], [false]]),
  scalar: tensor(3),
  none: zeros([3, 0, 2], { dtype: "float64" }),
  axes: ones([1, 2, 1, 2, 1, 2, 1, 2], { dtype: "int32" }),
  long: ones([1234567]),
};

const describedOurs = Object.fromEntries(Object.entries(ours).map(([n, x]) => [n, described(x)]));

describe.skipIf(!numpy)("NumPy", () => {
  it("reads what we write, which is what it writes", async () => {
    for (const [name, x] of Object.entries(ours)) await saveNpy(join(folder, `${name}.npy`), x);
    const read = python(`${describing}
arrays = {n: np.load(n + ".npy", allow_pickle=False) for n in ${JSON.stringify(Object.keys(ours))}}
for n, x in arrays.items():
    np.save(n + "_again.npy", x)
print(json.dumps({n: describe(x) for n, x in arrays.items()}))`);
    expect(read).toEqual(describedOurs);
    for (const [name, x] of Object.entries(ours)) {
      expect(hex(readFileSync(join(folder, `${name}_again.npy`))), name).toBe(hex(encodeNpy(x)));
    }
  });

  it("writes what we read", async () => {
    const theirs = python(`${describing}
arrays = {}
values = {
    "f": [0.1, -0.0, 65504, 6e-8, np.nan, np.inf, -np.inf, 1 / 3],
    "i": [0, 1, -1, 127, -128, 5, 6, 7],
    "u": [0, 1, 255, 254, 3, 5, 6, 7],
    "b": [0, 1, 1, 0, 1, 0, 0, 1],
}
for kind, sizes in {"f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1]}.items():
    for size in sizes:
        for order in "<>":
            x = np.array(values[kind]).astype(f"{order}{kind}{size}")
            for shape in [(8,), (2, 4), (2, 2, 2), (1, 8, 1)]:
                for layout in "CF":
                    y = np.asarray(x.reshape(shape), order=layout)
                    arrays[f"{kind}{size}{'lb'[order == '>']}{len(shape)}{layout}{shape[0]}"] = y
for n in ["f4", "f8", "i8", "b1"]:
    arrays["scalar" + n] = np.array(1, n)
    arrays["none" + n] = np.zeros((3, 0, 2), n, order="F")
for n, x in arrays.items():
    np.save(n + "_t.npy", x)
for version in [(1, 0), (2, 0), (3, 0)]:
    n = f"version{version[0]}"
    arrays[n] = np.arange(6.0).reshape(2, 3).T
    with open(n + "_t.npy", "wb") as file:
        np.lib.format.write_array(file, arrays[n], version=version)
print(json.dumps({n: wide(x) for n, x in arrays.items()}))`) as Record<string, Described>;
    expect(Object.keys(theirs).length).toBe(203);
    for (const [name, wanted] of Object.entries(theirs)) {
      expect(described(await loadNpy(join(folder, `${name}_t.npy`))), name).toEqual(wanted);
    }
  });

  it("writes what we refuse, and say why", async () => {
    const reasons: Readonly<Record<string, [script: string, message: string]>> = {
      objects: ["np.array([{}, 1], dtype=object)", '"|O", Python objects, a pickle'],
      complex: ["np.array([1j])", '"<c16", complex numbers'],
      text: ['np.array(["a", "bc"])', '"<U2", text'],
      dates: ['np.array(["2020-01-01"], dtype="M8[D]")', '"<M8[D]", dates'],
      structures: ['np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])', "one of structures"],
      long: ["np.zeros(2, dtype=np.longdouble)", '"<f16", floats of 128 bits'],
      large: ["np.array([2**40])", "element 0 is 1099511627776, which int32 cannot hold"],
    };
    const saved = Object.entries(reasons).map(([n, [x]]) => `np.save("refused_${n}.npy", ${x})`);
    python(`${describing}\n${saved.join("\n")}\nprint("null")`);
    for (const [name, [, message]] of Object.entries(reasons)) {
      const [, words] = await refusal(loadNpy(join(folder, `refused_${name}.npy`)));
      expect(words).toContain(message);
    }
  });

  it("refuses what we refuse", async () => {
    const text = (shape: string) => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
    const bad = [
      npyFile(text("(2,)"), 7),
      npyFile(text("(-1,)"), 8),
      npyFile(text("(2.0,)"), 8),
      npyFile(text("(2)"), 8),
      npyFile(text("(2,)"), 8, { version: 4 }),
      npyFile("{'descr': '<f4'}", 8),
      npyFile(text("(1000000000000,)"), 8),
    ];
    const found = [];
    for (const [i, bytes] of bad.entries()) {
      writeFileSync(join(folder, `bad${i}.npy`), bytes);
      found.push((await refusal(loadNpy(join(folder, `bad${i}.npy`))))[0] === FormatError);
    }
    const theirs = python(`${describing}
def refused(n):
    try: np.load(n, allow_pickle=False)
    except (ValueError, MemoryError): return True
    return False
print(json.dumps([refused(f"bad{i}.npy") for i in range(${bad.length})]))`);
    expect([found, theirs]).toEqual([bad.map(() => true), bad.map(() => true)]);
  });
});

describe.skipIf(!both)("safetensors", () => {
  it("reads what we write, which is what it writes", async () => {
    const metadata = { by: 'us "and" 𝒳' };
    await saveSafetensors(join(folder, "ours.safetensors"), ours, { metadata });
    const read = python(`${describing}
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
tensors = load_file("ours.safetensors")
with safe_open("ours.safetensors", framework="numpy") as file:
    metadata = file.metadata()
save_file(tensors, "again.safetensors", metadata=metadata)
print(json.dumps([{n: describe(x) for n, x in tensors.items()}, metadata]))`);
    expect(read).toEqual([describedOurs, metadata]);
    const again = readFileSync(join(folder, "again.safetensors"));
    expect(again.equals(encodeSafetensors(ours, { metadata }))).toBe(true);
  });

  it("reads what save writes", async () => {
    const W = ours.matrix as Tensor;
    const value = { params: [{ W, b: W }], "a key": { "a.b": W }, rate: 0.1, name: "\ud800 x" };
    await save(join(folder, "value.safetensors"), value);
    const read = python(`${describing}
from safetensors import safe_open
with safe_open("value.safetensors", framework="numpy") as file:
    names, metadata = sorted(file.keys()), file.metadata()
print(json.dumps([names, json.loads(metadata["tracegrad"])["value"]["rate"]]))`);
    expect(read).toEqual([['["a key"]["a.b"]', "params.0.W", "params.0.b"], 0.1]);
    expect(encode(value).length).toBe(readFileSync(join(folder, "value.safetensors")).length);
  });

  it("writes what we read", async () => {
    const theirs = python(`${describing}
import struct
from safetensors.numpy import save_file
values = {
    "f": [0.1, -0.0, 65504, 6e-8, np.nan, np.inf],
    "i": [0, 1, -1, 127, -128, 5], "u": [0, 1, 255, 254, 3, 5], "b": [0, 1, 1, 0, 1, 0],
}
tensors = {}
for kind, sizes in {"f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1]}.items():
    for size in sizes:
        x = np.array(values[kind]).astype(f"<{kind}{size}")
        tensors[f"{kind}{size}"] = x
        tensors[f"{kind}{size} matrix"] = x.reshape(2, 3)
        tensors[f"{kind}{size} none"] = np.zeros((0, 7), x.dtype)
        tensors[f"{kind}{size} scalar"] = np.array(x[1])
save_file(tensors, "theirs.safetensors", metadata={"format": "np"})
x = np.array([0.1, -0.0, 3e38, 1e-40, np.nan, np.inf], "<f4")
upper = (x.view("<u4") >> 16).astype("<u2")
header = b'{"x":{"dtype":"BF16","shape":[6],"data_offsets":[0,12]}}'
with open("bf16.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header + upper.tobytes())
bf16 = (upper.astype("<u4") << 16).view("<f4")
print(json.dumps([{n: wide(x) for n, x in tensors.items()}, describe(bf16)]))`) as [
      Record<string, Described>,
      Described,
    ];
    const { tensors, metadata } = await loadSafetensors(join(folder, "theirs.safetensors"));
    const read = Object.fromEntries(Object.entries(tensors).map(([n, x]) => [n, described(x)]));
    expect(read).toEqual(theirs[0]);
    expect(Object.keys(read).length).toBe(48);
    expect(metadata).toEqual({ format: "np" });
    const { x } = await load<{ x: Tensor }>(join(folder, "bf16.safetensors"));
    expect(described(x)).toEqual(theirs[1]);
  });

  it("refuses what we refuse", async () => {
    const info = (shape: unknown, from: number, to: number, dtype = "F32") => ({
      dtype,
      shape,
      data_offsets: [from, to],
    });
    const bad = [
      new Uint8Array(7),
      new Uint8Array(8),
      new Uint8Array(99).fill(255),
      safetensorsFile("[]"),
      safetensorsFile("{}", 1),
      safetensorsFile({ x: info([1], 0, 4) }, 3),
      safetensorsFile({ x: info([1], 0, 4) }, 5),
      safetensorsFile({ x: info([2], 0, 4) }, 4),
      safetensorsFile({ x: info([1], 4, 8) }, 8),
      safetensorsFile({ x: info([1], 0, 4), y: info([1], 0, 4) }, 4),
      safetensorsFile({ x: info([1], 0, 4), y: info([1], 8, 12) }, 12),
      safetensorsFile({ x: info([2 ** 40, 2 ** 40, 0], 0, 0) }),
      safetensorsFile({ x: info([-1], 0, 4) }, 4),
      safetensorsFile({ x: info(["1"], 0, 4) }, 4),
      safetensorsFile('{"x":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', 1),
      safetensorsFile('{"x":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
      safetensorsFile('{"\\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
      safetensorsFile({ x: info([1], 0, 4, "F31") }, 4),
      safetensorsFile({ __metadata__: { n: 1 } }),
      safetensorsFile(`{"x":${"[".repeat(1000)}`),
    ];
    const found = [];
    for (const [i, bytes] of bad.entries()) {
      const path = join(folder, `bad${i}.safetensors`);
      writeFileSync(path, bytes);
      found.push((await refusal(loadSafetensors(path)))[0] === FormatError);
    }
    const theirs = python(`${describing}
from safetensors import SafetensorError
from safetensors.numpy import load_file
def refused(n):
    try: load_file(n)
    except SafetensorError: return True
    return False
print(json.dumps([refused(f"bad{i}.safetensors") for i in range(${bad.length})]))`);
    expect([found, theirs]).toEqual([bad.map(() => true), bad.map(() => true)]);
  });
});
