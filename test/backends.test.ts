import { spawnSync } from "node:child_process";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { init } from "../src/index.js";

type Tracegrad = typeof import("../src/index.js");

/** A step of a small model: value and gradients, as plain numbers. */
function step(tg: Tracegrad): unknown {
  const X = tg.tensor([
    [1, 2],
    [3, -1],
    [0.5, 0],
  ]);
  const params = {
    w: tg.tensor([
      [0.1, -0.2],
      [0.3, 0.4],
    ]),
    b: tg.tensor([0.05, -0.1]),
  };
  const loss = (p: typeof params) => X.matmul(p.w).add(p.b).tanh().softmax().log().mean().neg();
  const [value, g] = tg.valueAndGrad(loss)(params);
  return [value.toArray(), g.w.toArray(), g.b.toArray()];
}

const close = (a: unknown, b: unknown): void => {
  const [x, y] = [a, b].map((v) => [v].flat(4) as number[]);
  expect(x?.length).toBe(y?.length);
  x?.forEach((value, i) => {
    expect(value).toBeCloseTo(y?.[i] as number, 6);
  });
};

describe("backends", () => {
  beforeEach(() => {
    vi.resetModules();
  });

  it("all give the same numbers", async () => {
    const wasm = await import("../src/index.js");
    await wasm.init();
    const want = step(wasm);

    vi.resetModules();
    const reference = await import("../src/index.js");
    await reference.init({ backend: "reference" });
    close(step(reference), want);
  });

  it('"tfjs" runs on the backend that the program has set', async () => {
    const tf = await import("@tensorflow/tfjs-core");
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    const tg = await import("../src/index.js");
    await tg.init({ backend: "tfjs" });
    expect(tf.getBackend()).toBe("cpu");
    const got = step(tg);

    vi.resetModules();
    const reference = await import("../src/index.js");
    await reference.init({ backend: "reference" });
    close(got, step(reference));
  });

  it("is chosen once", async () => {
    await init();
    await expect(init({ backend: "reference" })).rejects.toThrow(
      'init: tracegrad runs on "wasm" already; the backend is chosen once',
    );
  });
});

describe("in a program of its own", () => {
  const node = (code: string): { out: string; error: string } => {
    const args = ["--import", "tsx", "--input-type=module", "-e", code];
    const { stdout, stderr } = spawnSync("node", args, { encoding: "utf8" });
    return { out: stdout, error: stderr };
  };

  it("starts WASM without set-up and without a word on the console", () => {
    const { out, error } = node(
      'import { init, tensor } from "./src/index.js"; await init();' +
        "process.stdout.write(String(tensor([1, 2]).add(1).sum().item()));",
    );
    expect([out, error]).toEqual(["5", ""]);
  });

  it("an uncaught error shows the user's line, not the source of tfjs", () => {
    const { error } = node(
      'import { init, ones } from "./src/index.js"; await init(); ones([2]).matmul(ones([3]));',
    );
    expect(error).toContain("ShapeError: matmul: ");
    expect(error.length).toBeLessThan(3000);
  });
});
