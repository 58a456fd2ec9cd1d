import { describe, expect, it } from "vitest";
import { batches, Table } from "../../src/data/index.js";
import {
  arange,
  iterate,
  random,
  ShapeError,
  scalar,
  type Tensor,
  tensor,
  tidy,
  UsageError,
  valueAndGrad,
  zeros,
} from "../../src/index.js";
import { memory } from "../../src/kernels/memory.js";

const MB = 2 ** 20;
const order = (epoch: Iterable<Tensor>): number[] => [...epoch].flatMap((x) => [...x.data()]);
const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("batches", () => {
  it("bring each row once in an epoch", () => {
    for (const [n, size] of [
      [10, 3],
      [10, 5],
      [10, 10],
      [10, 64],
      [1, 1],
      [1000, 7],
    ] as const) {
      const all = batches(arange(n), { size, seed: n });
      const sizes = [...all].map((x) => x.size);
      expect(sizes).toHaveLength(all.length);
      expect(sizes.slice(0, -1).every((own) => own === size)).toBe(true);
      expect(sizes.at(-1)).toBe(n % size || size);
      expect(sorted(order(all))).toEqual(range(n));
    }
  });

  it("leave the last, smaller one out where that is asked for", () => {
    const all = batches(arange(10), { size: 4, seed: 1, dropLast: true });
    expect([all.length, [...all].map((x) => x.size)]).toEqual([2, [4, 4]]);
  });

  it("come in another order in each epoch, the same for a seed", () => {
    const all = batches(arange(50), { size: 8, seed: 1 });
    const epochs = [order(all), order(all), order(all)];
    expect(new Set(epochs.map(String)).size).toBe(3);
    expect(String(epochs[0])).not.toBe(String(range(50)));
    const again = batches(arange(50), { size: 8, seed: 1 });
    expect([order(again), order(again), order(again)]).toEqual(epochs);
    expect(order(again.epoch(1))).toEqual(epochs[1]);
    expect(order(again.epoch(1))).toEqual(epochs[1]);
    expect(order(batches(arange(50), { size: 10, seed: 1 }))).toEqual(epochs[0]);
    expect(order(batches(arange(50), { size: 8, seed: 2 }))).not.toEqual(epochs[0]);
    // Orders of neighbouring seeds have nothing in common.
    const other = batches(arange(50), { size: 8, seed: 2 });
    const both = [
      ...range(20).map((k) => order(all.epoch(k))),
      ...range(20).map((k) => order(other.epoch(k))),
    ];
    expect(new Set(both.map(String)).size).toBe(40);
  });

  it("without a seed depend on the common stream", () => {
    const of = () => order(batches(arange(50), { size: 8 }));
    random.seed(3);
    const [a, b] = [of(), of()];
    expect(a).not.toEqual(b);
    random.seed(3);
    expect([of(), of()]).toEqual([a, b]);
  });

  it("in the order of the rows", () => {
    expect(order(batches(arange(7), { size: 3, shuffle: false }))).toEqual(range(7));
  });

  it("keep the rows of trees and tables together", () => {
    const n = 23;
    const data = { x: arange(n * 40).reshape([n, 40]), y: arange(0, n, 1, { dtype: "int32" }) };
    for (const { x, y } of batches(data, { size: 5, seed: 1 })) {
      expect(y.dtype).toBe("int32");
      expect(x.toArray<number[][]>().map((row) => row[39])).toEqual(
        [...y.data()].map((i) => 40 * i + 39),
      );
    }
    const table = Table.from({ i: range(n), name: range(n).map(String) });
    const rows = [...batches(table, { size: 5, seed: 1 })].flatMap((part) => part.rows());
    expect(rows.every(({ i, name }) => String(i) === name)).toBe(true);
    expect(sorted(rows.map(({ i }) => i))).toEqual(range(n));
  });

  it("of every dtype, bit for bit", () => {
    const values = [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-300];
    for (const dtype of ["float64", "float32"] as const) {
      const x = tensor(values, { dtype });
      const [same] = batches(x, { size: 9, shuffle: false });
      expect(same?.dtype).toBe(dtype);
      expect([...(same as Tensor).data()].every((v, i) => Object.is(v, x.data()[i]))).toBe(true);
    }
    const [mask] = batches(tensor([true, false]), { size: 2, shuffle: false });
    expect([mask?.dtype, mask?.toArray()]).toEqual(["bool", [1, 0]]);
    const [empty] = batches(zeros([2, 0]), { size: 2 });
    expect(empty?.shape).toEqual([2, 0]);
  });

  it("may be left early, and gone through side by side", () => {
    const all = batches(arange(6), { size: 2, seed: 1 });
    for (const x of all) {
      expect(x.size).toBe(2);
      break;
    }
    const [a, b] = [all[Symbol.iterator](), all[Symbol.iterator]()];
    const pairs = range(3).map(() => [a.next().value, b.next().value] as [Tensor, Tensor]);
    expect(sorted(pairs.flatMap(([x]) => [...x.data()]))).toEqual(range(6));
    expect(sorted(pairs.flatMap(([, y]) => [...y.data()]))).toEqual(range(6));
    expect(pairs.flatMap(([x]) => [...x.data()])).toEqual(order(all.epoch(1)));
  });

  it.each<[string, () => unknown, new () => Error, string]>([
    ["no size", () => batches(arange(3), {} as never), UsageError, "size is undefined; a whole"],
    ["a size alone", () => batches(arange(3), 32 as never), UsageError, "such as { size: … }"],
    [
      "a slip",
      () => batches(arange(3), { size: 1, shufle: false } as never),
      UsageError,
      "mean shuffle?",
    ],
    ["a size of 0", () => batches(arange(3), { size: 0 }), UsageError, "size is 0"],
    ["half a row", () => batches(arange(3), { size: 1.5 }), UsageError, "size is 1.5"],
    ["no rows", () => batches(arange(0), { size: 2 }), UsageError, "0 rows make no batch of 2"],
    [
      "nothing but a last one",
      () => batches(arange(3), { size: 4, dropLast: true }),
      UsageError,
      "3 rows make no batch of 4; with dropLast: false they make a smaller one",
    ],
    ["a scalar", () => batches(scalar(1), { size: 1 }), ShapeError, "the tensor is a scalar"],
    [
      "unequal rows",
      () => batches({ a: arange(2), b: arange(3) }, { size: 1 }),
      ShapeError,
      "batches: a has 2 rows and b has 3",
    ],
    ["epoch −1", () => batches(arange(2), { size: 1 }).epoch(-1), UsageError, "epoch -1; a whole"],
  ])("%s is an error", (_, body, kind, message) => {
    expect(body).toThrow(kind as never);
    expect(body).toThrow(message);
  });
});

describe("memory of batches", () => {
  const data = {
    x: random.normal([4096, 256], { seed: 1 }),
    y: random.normal([4096], { seed: 2 }),
  };

  it("stays flat over many epochs, with nobody to dispose of it", () => {
    const all = batches(data, { size: 64, seed: 1 });
    const descent = iterate(zeros([256]), (w: Tensor, x: Tensor, y: Tensor) => {
      const [value, g] = valueAndGrad((w: Tensor) => x.matmul(w).sub(y).square().mean())(w);
      return [w.sub(g.mul(0.001)), value];
    });
    const used: number[] = [];
    const held: number[] = [];
    for (let epoch = 0; epoch < 40; epoch++) {
      for (const { x, y } of all) descent.next(x, y); // 4 MB an epoch
      used.push(memory().used);
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      held.push(heapUsed + arrayBuffers);
    }
    expect(Math.max(...used.slice(5)) - Math.min(...used.slice(5))).toBeLessThan(8 * MB);
    expect((held.at(-1) as number) - (held[5] as number)).toBeLessThan(60 * MB);
    expect(Number.isFinite(descent.state.sum().item())).toBe(true);
  });

  it("does not need room for all rows on the heap", () => {
    const before = memory().used;
    const x = tensor(new Float32Array(16 * MB), { shape: [65_536, 256] }); // 64 MB
    for (const batch of batches({ x }, { size: 8192, seed: 1 })) tidy(() => batch.x.sum()).item();
    expect(memory().used - before).toBeLessThan(48 * MB);
  });

  it("lets a batch live on where it is kept", () => {
    const kept = tidy(() => [...batches(data.y, { size: 1024, seed: 1 })]);
    expect(kept.reduce((sum, y) => sum + y.sum().item(), 0)).toBeCloseTo(data.y.sum().item(), 2);
    let escaped: Tensor | undefined;
    tidy(() => {
      [escaped] = batches(data.y, { size: 4, shuffle: false });
      escaped?.mul(2);
    });
    expect(escaped?.toArray()).toEqual(data.y.slice([0], [4]).toArray());
  });
});
