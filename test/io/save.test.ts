import { writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FormatError,
  grad,
  ones,
  type Tensor,
  tensor,
  tidy,
  UsageError,
  zeros,
} from "../../src/index.js";
import {
  decode,
  decodeSafetensors,
  encode,
  encodeSafetensors,
  load,
  loadSafetensors,
  save,
  saveSafetensors,
} from "../../src/io/index.js";
import { said } from "../support/values.js";
import { bitsOf, plain, refusal, same, temporaryFolder } from "./files.js";

const folder = temporaryFolder();
const W = tensor([[1, 2]]);

describe("a value that comes back", () => {
  const values: Record<string, unknown> = {
    "a tensor": W,
    numbers: [0, -0, 1 / 3, 5e-324, -1.7976931348623157e308, 2 ** 53 + 2, NaN, Infinity, -Infinity],
    "other values": [null, undefined, true, false, "", "text", "\ud800 \u2028 \0 𝒳", [], {}, [[]]],
    "undefined alone": undefined,
    "keys without a value": { here: undefined, list: [undefined, undefined] },
    parameters: { params: [{ W, b: zeros([2]) }, { W: ones([3], { dtype: "float64" }) }] },
    "the same tensor twice": { a: W, b: { W }, list: [W, W] },
    "the same object twice": { a: { W }, list: [{ n: 1 }] },
    "odd keys": {
      "": W,
      "a.b": W,
      a: { b: W, "": W, 0: W, "0.c": W },
      "a.b.c": [{ d: W }],
      'a["b"]': W,
      "\ud800": W,
      ["__proto__"]: { W },
      __metadata__: W,
      constructor: W,
      toString: { toJSON: W },
      $: W,
      $tensor: "a",
      $$: { $number: "NaN", $undefined: null },
      "Größe 1": W,
      '"]': W,
    },
    "an object that looks like a tensor": { $tensor: "W", W },
    "one that looks like a number": { $number: "NaN" },
    "one of a null prototype": Object.assign(Object.create(null), { W }),
  };

  it.each(Object.entries(values))("%s", async (name, value) => {
    same(decode(encode(value)), value);
    const path = join(folder, `${name.replaceAll(" ", "_")}.safetensors`);
    await save(path, value);
    same(await load(path), value);
    // And to other readers it is a file as any other.
    const { tensors } = await loadSafetensors(path);
    for (const x of Object.values(tensors)) expect(x.dtype).toMatch(/float/);
  });

  it("whatever it is", () => {
    const key = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("a", "b", "a.b", "0", "[", '"', "$tensor", "__proto__", "__metadata__"),
    );
    const array = fc.float32Array({ maxLength: 3 });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.constantFrom(null, undefined, -0)),
        fc.string({ unit: "binary" }),
        array.map((data) => tensor(data)),
        fc.array(tie("value"), { maxLength: 4 }),
        fc
          .array(fc.tuple(key, tie("value")), { maxLength: 5 })
          .map((entries) => Object.fromEntries(entries)),
      ),
    }));
    const property = fc.property(value, (value) => {
      same(decode(encode(value)), value);
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  it("has its keys in their order", () => {
    const value = { z: W, a: 1, m: { y: 2, b: zeros([3]), x: ones([1], { dtype: "float64" }) } };
    const got = decode<typeof value>(encode(value));
    expect([Object.keys(got), Object.keys(got.m)]).toEqual([
      ["z", "a", "m"],
      ["y", "b", "x"],
    ]);
  });

  it("has its tensors under their paths", () => {
    const { tensors, metadata } = decodeSafetensors(
      encode({ params: [{ W, b: W }], "a.b": { c: W }, "a key": [W], __metadata__: W, n: 1 }),
    );
    expect(Object.keys(tensors).sort()).toEqual([
      '["__metadata__"]',
      '["a key"].0',
      '["a.b"].c',
      "params.0.W",
      "params.0.b",
    ]);
    expect(JSON.parse(metadata.tracegrad ?? "").value.n).toBe(1);
    expect(Object.keys(decodeSafetensors(encode(W)).tensors)).toEqual(["value"]);
  });

  it("is what it was when save was called, wherever that was", async () => {
    const path = join(folder, "snapshot.safetensors");
    const value = { n: [1], W };
    const saved = save(path, value);
    value.n[0] = 2;
    await saved;
    expect(plain(await load(path))).toEqual({ n: [1], W: bitsOf(W) });
    const inside: Promise<void>[] = [];
    tidy(() => {
      inside.push(save(path, { x: W.mul(2) }));
      return W;
    });
    grad((x: Tensor) => {
      inside.push(save(join(folder, "traced.safetensors"), { x: x.mul(3) }));
      return x.sum();
    })(W);
    await Promise.all(inside);
    expect(plain(await load(path))).toEqual({ x: bitsOf(W.mul(2)) });
    expect(plain(await load(join(folder, "traced.safetensors")))).toEqual({ x: bitsOf(W.mul(3)) });
  });

  it("is refused where its memory was freed, by name", () => {
    let kept: Tensor = W;
    tidy(() => {
      kept = W.mul(3);
      return W;
    });
    const [kind, words] = said(() => encode({ params: { W: kept } }));
    expect(words).toContain('encode: "params.W": this tensor was made inside grad, minimize, tidy');
    expect(kind).toBe(UsageError);
  });

  it("shares no memory with the bytes", () => {
    for (const x of [W, tensor([true, true]), tensor([7], { dtype: "int32" })]) {
      const bytes = encode(x);
      const got = decode<Tensor>(bytes);
      bytes.fill(9);
      same(got, x);
    }
  });

  it("is named by a URL as well", async () => {
    const path = new URL(`file://${folder}/a%20b%C3%A4.safetensors`);
    await save(path, { W });
    expect(plain(await load(join(folder, "a bä.safetensors")))).toEqual({ W: bitsOf(W) });
    expect(plain(await load(path))).toEqual({ W: bitsOf(W) });
  });

  it("can be long", () => {
    const history = Array.from({ length: 200_000 }, (_, i) => Math.sin(i));
    expect(decode(encode({ history }))).toEqual({ history });
  });
});

describe("a file of another's making", () => {
  it("is an object of tensors", async () => {
    const path = join(folder, "other.safetensors");
    await saveSafetensors(path, { "params.0.W": W, b: W }, { metadata: { format: "pt" } });
    expect(plain(await load(path))).toStrictEqual({ b: bitsOf(W), "params.0.W": bitsOf(W) });
  });
});

class Model {
  W = W;
}

describe("a value that is refused", () => {
  const cycle: { a: { list: unknown[] } } = { a: { list: [] } };
  cycle.a.list.push(cycle.a);
  let deep: unknown = 1;
  for (let i = 0; i < 1e5; i++) deep = [deep];
  const holes = [1, 2, 3];
  delete holes[1];
  const path = "params.layers.0.f";
  const nested = (f: unknown): object => ({ params: { layers: [{ f }] } });
  it.each<[string, unknown, string]>([
    ["a function", nested(() => 1), `${path} is a function; tensors, numbers, text,`],
    ["an instance", nested(new Model()), `${path} is a Model; tensors, numbers`],
    ["a class", nested(Model), `${path} is a function; tensors`],
    ["a date", nested(new Date(0)), `${path} is a Date; tensors`],
    ["a map", nested(new Map()), `${path} is a Map; tensors`],
    [
      "a typed array",
      nested(new Float32Array(2)),
      `${path} is a Float32Array; make a tensor of it`,
    ],
    ["a promise", nested(Promise.resolve(1)), `${path} is a Promise (await it); tensors`],
    ["a large number", nested(3n), `${path} is 3n; tensors`],
    ["a symbol", nested(Symbol("s")), `${path} is Symbol(s); tensors`],
    [
      "a symbol for a key",
      nested({ [Symbol("s")]: 1 }),
      `${path} has the key Symbol(s); only text`,
    ],
    ["an array with holes", nested(holes), `${path} is an array with holes, or with keys; neither`],
    ["an array with keys", nested(Object.assign([1], { a: 1 })), `${path} is an array with holes,`],
    ["a cycle", cycle, "a.list.0 stands within itself; no file can hold a cycle"],
    ["what is too deep", deep, "is nested deeper than 500"],
    ["a function alone", () => 1, "the value is a function"],
    ["at an odd key", { "a b": { "": () => 1 } }, '["a b"][""] is a function'],
  ])("%s", async (_, value, message) => {
    const [kind, words] = said(() => encode(value));
    expect(words).toContain(message);
    expect(words.length).toBeLessThan(400);
    expect(kind).toBe(UsageError);
    const file = join(folder, "kept.safetensors");
    writeFileSync(file, "kept");
    const before = await readdir(folder);
    const refused = await refusal(save(file, value));
    expect(refused).toEqual([UsageError, words.replace("encode", "save")]);
    expect(await readFile(file, "utf8")).toBe("kept");
    expect(await readdir(folder)).toEqual(before);
  });
});

it("refuses more text than a file, or a text, can hold", () => {
  const [kind, words] = said(() => encode("a".repeat(1.1e8)));
  expect([kind, words]).toEqual([
    UsageError,
    "encode: all that is no tensor takes 110000064 bytes, and 100000000 is the most; " +
      "make tensors of long lists of numbers",
  ]);
  const message = "encode: there is too much text in it for a file";
  expect(said(() => encode("\0".repeat(9e7)))).toEqual([UsageError, message]);
});

describe("a saved file that was changed", () => {
  const value = { params: { W, b: W }, n: 1 };
  const { tensors, metadata } = decodeSafetensors(encode(value));
  const saidOf = (
    structure: unknown,
    list: Record<string, Tensor> = tensors,
  ): [unknown, string] => {
    const text = typeof structure === "string" ? structure : JSON.stringify(structure);
    return said(() => decode(encodeSafetensors(list, { metadata: { tracegrad: text } })));
  };
  const of = (value: unknown): object => ({ version: 1, value });

  it("is read where it is the same", () => {
    const { "params.W": own, "params.b": b } = tensors as Record<string, Tensor>;
    const same = encodeSafetensors(
      { "params.b": b as Tensor, "params.W": own as Tensor },
      { metadata },
    );
    expect(plain(decode(same))).toStrictEqual(plain(value));
  });

  const { "params.b": b } = tensors as { "params.b": Tensor };
  const text = metadata.tracegrad as string;
  const $W = { $tensor: "params.W" };
  it.each<[string, unknown, string, Record<string, Tensor>?]>([
    [
      "lacks a tensor",
      text,
      "params.W is said to be a tensor, but the file lacks",
      { "params.b": b },
    ],
    ["has one more", text, 'the value has no place for the tensor "c"', { ...tensors, c: W }],
    ["names one elsewhere", of({ a: $W }), 'a is said to be the tensor "params.W"'],
    ["names one by number", of({ a: { $tensor: 1 } }), "a is said to be the tensor 1"],
    ["is no JSON", "{", "structure: it ends early at character 1 of the JSON"],
    ["has a key twice", '{"version":1,"version":1}', 'structure: the key "version" comes twice'],
    ["is a list", [], "the value is missing"],
    ["has no value", { version: 1 }, "the value is missing"],
    ["is of the future", { version: 2, value: 1 }, "was written in version 2 of the format; this"],
    ["is of no version", { value: 1 }, "was written in version undefined of the format"],
    ["has an unknown sign", of({ a: { $date: 1 } }), 'a is "$date" of 1'],
    ["has an unknown number", of({ a: { $number: "toString" } }), 'a is "$number" of "toSt'],
    ["has a number of another kind", of([{ $number: ["NaN"] }]), '0 is "$number" of an array'],
    ["has undefined of something", of({ $undefined: 1 }), 'the value is "$undefined" of 1'],
    [
      "has a sign beside a key",
      of({ a: 1, $tensor: "a" }),
      'value has the key "$tensor" beside oth',
    ],
    ["is deep", `{"version":1,"value":${"[".repeat(1e5)}`, "is nested deeper than 502"],
  ])("%s", (_, structure, message, list) => {
    const [kind, words] = saidOf(structure, list);
    expect(words).toContain(message);
    expect(kind).toBe(FormatError);
  });
});
