import { describe, expect, it } from "vitest";
import {
  applyAll,
  arange,
  grad,
  inv,
  iterate,
  leaves,
  OutOfMemoryError,
  ones,
  ops,
  random,
  rebuild,
  scalar,
  type Tensor,
  tensor,
  tidy,
  toTf,
  UsageError,
  vjp,
  zeros,
} from "../src/index.js";
import { memory } from "../src/kernels/memory.js";
import { heapDevice } from "../src/kernels/wasm/device.js";
import { minimize, sgd } from "../src/optim/index.js";

const MB = 2 ** 20;

/** Bytes that JS holds: its heap and what lies outside it, after as much collection as it does. */
function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe("memory", () => {
  it("stays flat over 100,000 synchronous gradient steps without await, dispose or tidy", () => {
    const X = random.normal([20, 3], { seed: 1 });
    const y = random.normal([20], { seed: 2 });
    const slope = grad((w: Tensor) => X.matmul(w).sub(y).square().mean());
    let w = zeros([3]);
    const used: number[] = [];
    const js: number[] = [];
    for (let i = 1; i <= 100_000; i++) {
      w = w.sub(slope(w).mul(0.05));
      if (i % 20_000 === 0) {
        used.push(memory().used);
        js.push(held());
      }
    }
    expect(Math.max(...used) - Math.min(...used)).toBeLessThan(MB / 16);
    expect(Math.max(...used)).toBeLessThan(MB);
    expect((js.at(-1) as number) - (js[0] as number)).toBeLessThan(100 * MB);
    expect(Number.isFinite(w.sum().item())).toBe(true);
  });

  it("bounds what eager code outside every scope leaves on the heap", () => {
    let x = zeros([256, 256]);
    for (let i = 0; i < 3000; i++) x = x.add(1); // 750 MB in all
    expect(x.data()[0]).toBe(3000);
    expect(memory().used).toBeLessThan(300 * MB);
  });

  it("frees what a transform made inside, and keeps its data on the heap", () => {
    const X = ones([512, 256]);
    const f = grad((w: Tensor) => X.matmul(w).exp().sum());
    const w = zeros([256, 64]);
    f(w);
    const before = memory().used;
    for (let i = 0; i < 20; i++) f(w);
    // Each result of 64 kB stays behind as a cached copy; the 128 kB values inside do not.
    expect(memory().used - before).toBeLessThanOrEqual(20 * 256 * 64 * 4 + 1024);
  });

  it("transposes without moving, and what is transposed may go before its transpose", () => {
    const Y = arange(6).reshape([2, 3]);
    const want = new Float32Array([0, 3, 1, 4, 2, 5]);
    expect(tidy(() => Y.T).data()).toEqual(want);
    expect(tidy(() => Y.add(0).T).data()).toEqual(want);
    expect(Y.add(0).T.data()).toEqual(want);
    expect(Y.add(0).T.T.data()).toEqual(Y.data());
    // One storage under two shapes, each transposed in its own way.
    expect(tidy(() => Y.reshape([3, 2]).T).data()).toEqual(new Float32Array([0, 2, 4, 1, 3, 5]));
    expect(Y.T.reshape([2, 3]).T.data()).toEqual(new Float32Array([0, 4, 3, 2, 1, 5]));
    const Z = ones([2, 3, 4]).cumsum({ axis: 1 });
    expect(Z.T.add(0).toArray()).toEqual(Z.transpose([0, 2, 1]).toArray());
    expect(tidy(() => Z.T.matmul(Z)).toArray()).toEqual(
      Z.transpose([0, 2, 1]).add(0).matmul(Z).toArray(),
    );
    const kept: Tensor[] = [];
    tidy(() => {
      kept.push(Y.add(0).T);
      return [];
    });
    expect(() => kept[0]?.add(1)).toThrow(UsageError);
    const far = Y.add(0).T;
    for (let i = 0; i < 3000; i++) ones([16]).add(i); // what it is the transpose of leaves the heap
    expect(far.add(0).data()).toEqual(want);
    expect(far.data()).toEqual(want);
  });

  it("a constant that was freed with a scope does not count as evicted", () => {
    const f = grad((w: Tensor) => w.mul(1.5).add(2.5).sub(3.5).div(4.5).sum());
    const w = ones([64, 64]);
    for (let i = 0; i < 300; i++) f(w); // 16 kB each
    expect(memory().cached).toBeLessThan(160 * 16384);
  });

  it("uploads data that every step uses once, and grows for a set of data that comes in turns", () => {
    const size = 2 ** 18; // 1 MB each
    let uploads = 0;
    const { write } = heapDevice;
    heapDevice.write = (storage, data) => {
      if (data.length === size) uploads++;
      write(storage, data);
    };
    try {
      const X = ones([512, 512]);
      for (let i = 0; i < 60; i++) X.add(i); // 60 MB of results that nobody wants again
      expect(uploads).toBe(1);
      const parts = Array.from({ length: 40 }, () => ones([512, 512]));
      const round = (): number => {
        uploads = 0;
        for (const part of parts) part.sum();
        return uploads;
      };
      expect(round()).toBe(40);
      for (let i = 0; i < 5; i++) round();
      expect(round()).toBe(0);
    } finally {
      heapDevice.write = write;
    }
  });

  it("leaves no block behind, whichever op runs and whether or not it fails", () => {
    const run = (op: (typeof ops)[number]["op"]): void => {
      for (const { inputs, attrs } of op.samples()) {
        tidy(() => {
          const narrow = rebuild(
            inputs,
            leaves(inputs).map((x) => (x.dtype === "float64" ? x.cast("float32").add(0) : x)),
          );
          try {
            applyAll(op, narrow, attrs);
          } catch {
            // An error sample.
          }
        });
      }
    };
    for (const { op } of ops) {
      run(op);
      expect(memory().used, op.name).toBe(memory().cached);
    }
  });

  it("says so when a tensor that was freed is used", () => {
    let kept = zeros([1]);
    grad((x: Tensor) => {
      kept = x.mul(2);
      return kept.square().sum();
    })(tensor([1, 2]));
    expect(() => kept.toArray()).toThrow(UsageError);
    expect(() => kept.add(1)).toThrow(
      "this tensor was made inside grad, minimize, tidy or another transform, and its memory was " +
        "freed when that ended; read it there with .item() or .data(), and it lives on, or make it " +
        "part of what the function returns",
    );
  });

  it("lets a tensor that was read inside live on", () => {
    const seen: Tensor[] = [];
    minimize(
      (x: Tensor) => {
        const loss = x.square().sum();
        loss.item();
        seen.push(loss);
        return loss;
      },
      tensor([1, 2]),
      { optimizer: sgd({ learningRate: 0.25 }), steps: 2 },
    );
    expect(seen.map((x) => x.item())).toEqual([5, 1.25, 0.3125]);
  });

  it("refuses what does not fit, before anything is lost", () => {
    expect(() => scalar(1).broadcastTo([40_000, 40_000])).toThrow(OutOfMemoryError);
    expect(() => scalar(1).broadcastTo([40_000, 40_000])).toThrow(
      /^broadcastTo: out of memory; 6104 MB more are needed and \d+ MB of the backend's memory are in use\./,
    );
    expect(() => zeros([1e6, 1e6])).toThrow(
      "out of memory: 1000000000000 float32 elements (4000000000000 bytes) do not fit",
    );
    expect(tensor([1, 2]).add(1).toArray()).toEqual([2, 3]);
  });

  it("frees the values of a scope that fails", () => {
    const before = memory().used;
    expect(() =>
      tidy(() => {
        ones([1000, 1000]).exp();
        throw new RangeError("mine");
      }),
    ).toThrow(RangeError);
    expect(memory().used - before).toBeLessThanOrEqual(8 * MB);
  });
});

describe("transposes of other dtypes", () => {
  it("are given elements of their own, too", () => {
    const whole = tensor([[1, 2, 3], [4, 5, -6]], { dtype: "int32" }); // biome-ignore format: a matrix
    expect(whole.T.add(0).toArray()).toEqual([[1, 4], [2, 5], [3, -6]]); // biome-ignore format: a matrix
    const truth = tensor([[true, false, true], [false, false, true]]); // biome-ignore format: a matrix
    expect(truth.T.cast("float32").toArray()).toEqual([[1, 0], [0, 0], [1, 1]]); // biome-ignore format: a matrix
    expect(tidy(() => truth.T).toArray()).toEqual([[1, 0], [0, 0], [1, 1]]); // biome-ignore format: a matrix
  });
});

describe("iterate", () => {
  const halve = (x: Tensor): readonly [Tensor, Tensor] => [x.mul(0.5), x.sum()];

  it("frees each state when the next one is there", () => {
    const start = ones([1000, 10]);
    const loop = iterate(start, halve);
    loop.next();
    const before = memory().used;
    const sums = Array.from({ length: 50 }, () => loop.next());
    expect(memory().used - before).toBeLessThan(1000);
    expect(loop.state.data()[0]).toBe(2 ** -51);
    expect(start.data()[0]).toBe(1);
    expect(sums.map((x) => x.item())).toEqual(sums.map((_, i) => 5000 * 2 ** -i));
  });

  it("leaves what was read from the state, what is in the result, and what is carried on", () => {
    const loop = iterate({ x: ones([3]), count: 0 }, ({ x, count }) => [
      { x: count % 2 === 0 ? x.add(1) : x.reshape([3]), count: count + 1 },
      [x],
    ]);
    const results = [loop.next(), loop.next(), loop.next()].map(([x]) => x?.toArray());
    expect(results).toEqual([[1, 1, 1], [2, 2, 2], [2, 2, 2]]); // biome-ignore format: rows
    const { x } = loop.state;
    for (let i = 0; i < 5; i++) loop.next();
    expect(x.toArray()).toEqual([3, 3, 3]);
    expect(loop.state.count).toBe(8);
  });

  it("says so when a state that is gone is used", () => {
    const aside: Tensor[] = [];
    const loop = iterate(ones([2]), (x) => [aside.push(x) ? x.add(1) : x, 0]);
    for (let i = 0; i < 3; i++) loop.next();
    expect(aside[0]?.toArray()).toEqual([1, 1]);
    expect(() => aside[1]?.toArray()).toThrow("its memory was freed when that ended");
  });

  it("keeps what an outer tape needs", () => {
    const f = (x: Tensor): Tensor => {
      const loop = iterate(x, (y: Tensor) => [y.square(), null]);
      for (let i = 0; i < 3; i++) loop.next();
      return loop.state.sum();
    };
    expect(grad(f)(tensor([1, 2])).toArray()).toEqual([8, 8 * 2 ** 7]);
  });

  it("refuses steps that return something else", () => {
    const bad = (step: unknown) => iterate(ones([1]), step as () => [Tensor, null]);
    expect(() => bad((x: Tensor) => x).next()).toThrow(
      "iterate: the step returned a Tensor; [state, result] was wanted",
    );
    expect(() => bad(async () => [ones([1]), null]).next()).toThrow(
      "iterate: the function returned",
    );
  });
});

describe("what iterate must not free", () => {
  it("is a result that is the state, too", () => {
    const loop = iterate(tensor([1, 2]), (s: Tensor) => {
      const next = s.mul(2);
      return [next, next.reshape([2, 1])];
    });
    const results = [loop.next(), loop.next(), loop.next()];
    expect(results.map((x) => x.data()[0])).toEqual([2, 4, 8]);
  });

  it("is a state that was given, returned unchanged, or captured", () => {
    const start = tensor([1, 2]).mul(3);
    let steps = 0;
    const back = iterate(start, (s: Tensor) => [steps++ === 0 ? s : s.mul(2), 0]);
    for (let i = 0; i < 3; i++) back.next();
    expect(start.toArray()).toEqual([3, 6]);
    const argument = tensor([1, 2]).mul(4);
    const take = iterate(start, (_: Tensor, given: Tensor) => [given, 0]);
    for (const x of [argument, start, argument, start]) take.next(x);
    expect(argument.toArray()).toEqual([4, 8]);
  });

  it("is what a pullback still needs", () => {
    const loop = iterate(tensor([1, 2]), (s: Tensor, w: Tensor) => {
      const next = s.mul(2);
      return [next, next.mul(w)];
    });
    const [, pull] = vjp((w: Tensor) => loop.next(w), tensor([1, 1]));
    loop.next(tensor([1, 1]));
    expect(pull(tensor([1, 1])).toString()).toContain("2, 4");
  });
});

describe("the bounds of the cache", () => {
  it("hold where ops fail, and where tensors go to tfjs", () => {
    for (let i = 0; i < 3000; i++) expect(() => inv(tensor([[1, 2], [2, 4]]))).toThrow(); // biome-ignore format: a matrix
    expect(memory().blocks).toBeLessThanOrEqual(1024);
    for (let i = 0; i < 3000; i++) toTf(tensor([i, 2, 3])).dispose();
    expect(memory().blocks).toBeLessThanOrEqual(1024);
    expect(memory().used).toBe(memory().cached);
  });
});
