import { describe, expect, it } from "vitest";
import {
  applyAll,
  arange,
  grad,
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
  UsageError,
  zeros,
} from "../src/index.js";
import { memory } from "../src/kernels/memory.js";
import { blank } from "../src/kernels/tfjs/backend.js";
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

  it("keeps the transpose of data that comes again, and frees those of what does not", () => {
    const X = ones([256, 512]);
    const f = grad((w: Tensor) => X.matmul(w).square().sum());
    const want = f(zeros([512]).add(1)).toArray();
    for (let i = 0; i < 5; i++) expect(f(ones([512])).toArray()).toEqual(want);
    const Y = arange(6).reshape([2, 3]);
    for (let i = 0; i < 3; i++) {
      // One storage under two shapes, each transposed in its own way.
      expect(tidy(() => Y.T).data()).toEqual(new Float32Array([0, 3, 1, 4, 2, 5]));
      expect(tidy(() => Y.reshape([3, 2]).T).data()).toEqual(new Float32Array([0, 2, 4, 1, 3, 5]));
    }
    const before = memory().used;
    const made = (i: number): Tensor => ones([256, 256]).add(i);
    for (let i = 0; i < 50; i++) tidy(() => made(i).T.sum().add(made(i).T.sum()));
    tidy(() => {
      const Z = made(1);
      return Z.T.sum().add(Z.T.sum()).add(Z.T.sum());
    });
    expect(memory().used - before).toBeLessThan(MB / 4);
  });

  it("a constant that was freed with a scope does not count as evicted", () => {
    const f = grad((w: Tensor) => w.mul(1.5).add(2.5).sub(3.5).div(4.5).sum());
    const w = ones([64, 64]);
    for (let i = 0; i < 300; i++) f(w); // 16 kB each
    expect(memory().cached).toBeLessThan(160 * 16384);
  });

  it("uploads data that every step uses once, and grows for a set of data that comes in turns", () => {
    type Write = (values: { length: number } | null, ...rest: unknown[]) => object;
    const { backendInstance } = (
      globalThis as { _tfengine?: { backendInstance: { write: Write } } }
    )._tfengine as { backendInstance: { write: Write } };
    const size = 2 ** 18; // 1 MB each
    let uploads = 0;
    const write = backendInstance.write;
    backendInstance.write = function (this: unknown, values, ...rest) {
      if (values?.length === size) uploads++;
      return write.call(this, values, ...rest);
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
      backendInstance.write = write;
    }
  });

  it("leaves no block behind, whichever op runs and whether or not it fails", () => {
    const engine = (globalThis as { _tfengine?: { backendInstance: { numDataIds(): number } } })
      ._tfengine;
    const ids = (): number => engine?.backendInstance.numDataIds() ?? Number.NaN;
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
    expect(ids()).toBeGreaterThan(0);
    for (const { op } of ops) {
      run(op);
      const before = ids() - memory().blocks;
      run(op);
      expect(ids() - memory().blocks, op.name).toBe(before);
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
      /^broadcastTo: out of memory; 6104 MB more are needed and \d+ MB of the heap's 3840 MB are in use\./,
    );
    // What a kernel allocates on its way, too: 3.5 GB are refused by the allocator itself.
    expect(() => blank("float32", 950_000_000)).toThrow(
      "out of memory: the backend's heap has no room for 3624 MB more",
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
