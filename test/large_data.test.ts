import { describe, expect, it } from "vitest";
import { grad, init, random, type Tensor, take, tensor, tidy } from "../src/index.js";
import { LARGE, memory } from "../src/kernels/memory.js";

await init();

describe("data that would take too much of the cache", () => {
  const columns = 1000;
  const rows = Math.ceil(LARGE / 4 / columns) + 10;
  const values = new Float32Array(rows * columns).map((_, i) => i % 1013);
  const X = tensor(values, { shape: [rows, columns] });
  const of = (row: number): number[] => [...values.subarray(row * columns, (row + 1) * columns)];

  it("are read where they lie: only the rows that are taken come to the heap", () => {
    const before = memory().used;
    const picked = take(X, [rows - 1, 0, 7]);
    const part = X.slice([5, 2], [2, 3]);
    expect(memory().used - before).toBeLessThan(2 ** 20);
    expect([...picked.data()]).toEqual([rows - 1, 0, 7].flatMap(of));
    expect(part.toArray()).toEqual([5, 6].map((row) => of(row).slice(2, 5)));
    expect(take(X, [1, 999], { axis: 1 }).shape).toEqual([rows, 2]);
  });

  it("have the same gradients", () => {
    const w = random.normal([columns], { seed: 1 });
    const loss = (w: Tensor) => take(X, [3, 4]).matmul(w).square().sum();
    const direct = (w: Tensor) =>
      tensor([of(3), of(4)])
        .matmul(w)
        .square()
        .sum();
    expect(grad(loss)(w).data()).toEqual(grad(direct)(w).data());
  });

  it("come to the heap for ops that need all of them, and are taken from there then", () => {
    const total = tidy(() => X.sum());
    expect(total.item()).toBeCloseTo(
      values.reduce((a, b) => a + b, 0),
      -6,
    );
    expect([...take(X, [2]).data()]).toEqual(of(2));
  });
});
