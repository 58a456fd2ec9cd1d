import { describe, expect, it } from "vitest";
import { grad, init, mapTree, relu, type Tensor, tensor, tidy } from "../../src/index.js";
import { encode } from "../../src/io/index.js";
import { memory } from "../../src/kernels/memory.js";
import {
  type Checkpoint,
  type DenseParams,
  dense,
  dropout,
  fit,
  mlp,
  mse,
  sequential,
} from "../../src/nn/index.js";
import { adam, sgd } from "../../src/optim/index.js";
import { lineData, values } from "../support/fit.js";

await init();
const line = lineData();
const { x, y } = line;
const model = sequential(dense(3, 8), relu, dropout(0.3), dense(8, 1));
const pause = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("trainings at the same time", () => {
  const run = (seed: number, onBatch?: () => Promise<void>) =>
    fit(model, line, {
      loss: mse,
      epochs: 3,
      seed,
      validation: 0.2,
      earlyStopping: { patience: 5 },
      callbacks: onBatch === undefined ? [] : [{ onBatch }],
    });

  it("do not disturb each other, nor what goes on beside them", async () => {
    const alone = [await run(1), await run(2), await run(3)];
    const beside = async (): Promise<void> => {
      await pause();
      tidy(() => grad((x: Tensor) => x.square().sum())(x));
    };
    const together = await Promise.all([run(1, beside), run(2, () => pause(1)), run(3, beside)]);
    together.forEach((got, i) => {
      expect(values(got.params)).toEqual(values(alone[i]?.params));
      expect(got.history).toEqual(alone[i]?.history);
    });
  });

  it("may be one within the other", async () => {
    const alone = await run(1);
    const inner: number[][][] = [];
    const outer = await run(1, async () => {
      inner.push(values((await run(2)).params));
    });
    expect(values(outer.params)).toEqual(values(alone.params));
    for (const each of inner) expect(each).toEqual(inner[0]);
  });
});

describe("what belongs to whom", () => {
  it("parameters that were given, told and returned live on", async () => {
    const params = dense(3, 1).init({ seed: 1 });
    const first = values(params);
    const told: { readonly was: number[][]; readonly params: DenseParams }[] = [];
    const kept: { readonly was: Uint8Array; readonly checkpoint: Checkpoint<DenseParams> }[] = [];
    const got = await fit(dense(3, 1), line, {
      loss: mse,
      params,
      epochs: 30,
      callbacks: [
        ({ params }) => void told.push({ was: values(params), params }),
        {
          onBatch: ({ batch, checkpoint }) => {
            const now = checkpoint();
            if (batch === 2) kept.push({ was: encode(now), checkpoint: now });
          },
        },
      ],
    });
    const last = values(got.params);
    await fit(dense(3, 1), line, { loss: mse, params: got.params, epochs: 30 });
    for (let i = 0; i < 2000; i++) x.mul(i); // all that is cached has to leave
    expect(values(params)).toEqual(first);
    expect(values(got.params)).toEqual(last);
    for (const { was, params } of told) expect(values(params)).toEqual(was);
    for (const { was, checkpoint } of kept) expect(encode(checkpoint)).toEqual(was);
    expect(told).toHaveLength(30);
    expect(kept).toHaveLength(30);
  });

  it("a tensor may stand at several places of the parameters, and learns at each for itself", async () => {
    const w = tensor(1);
    const twice = (p: { a: Tensor; b: Tensor }, x: Tensor) => x.mul(p.a).add(p.b);
    const data = { x: tensor([1, 2, 3]), y: tensor([1, 1, 1]) };
    const { params } = await fit(twice, data, {
      loss: mse,
      params: { a: w, b: w },
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: 300,
    });
    expect(params.a.item()).toBeCloseTo(0, 3);
    expect(params.b.item()).toBeCloseTo(1, 3);
    expect(w.item()).toBe(1);
  });

  it("data whose memory was freed are named as such", async () => {
    let lost: Tensor | undefined;
    tidy(() => {
      lost = x.mul(2);
      return tensor(0);
    });
    const data = { x: lost as Tensor, y };
    await expect(fit(dense(3, 1), data, { loss: mse })).rejects.toThrow("its memory was freed");
  });

  it("is no part of a transform, which is synchronous", async () => {
    let run: unknown;
    const inside = (_: Tensor): never => {
      run = fit(dense(3, 1), line, { loss: mse, epochs: 0 });
      return run as never;
    };
    expect(() => grad(inside)(tensor(1))).toThrow("grad: the function returned a Promise");
    await run;
  });

  it("all that is in use after an epoch is a cache, whose bounds are kept", async () => {
    const rows = mapTree(line, (leaf) => leaf.slice([0], [32]));
    const most = { held: 0, blocks: 0 };
    let kept: unknown;
    await fit(mlp([3, 8, 1], { dropout: 0.1 }), rows, {
      loss: mse,
      optimizer: adam({ learningRate: 1e-5 }),
      epochs: 1500,
      batchSize: 8,
      validation: 0.25,
      earlyStopping: { patience: 1500 },
      callbacks: [
        ({ checkpoint }) => {
          kept = checkpoint();
          const { used, cached, blocks } = memory();
          most.held = Math.max(most.held, used - cached);
          most.blocks = Math.max(most.blocks, blocks);
        },
      ],
    });
    expect(kept).toBeDefined();
    expect(most.held).toBe(0);
    expect(most.blocks).toBeLessThanOrEqual(1024);
  });
});

describe("an abort", () => {
  it.each([
    ["batch", { onBatch: 10 }, [1, 3]],
    ["epoch", { onEpoch: 2 }, [2, 0]],
  ] as const)(
    "in a callback after a %s ends it there, with a checkpoint",
    async (_, after, place) => {
      const options = { loss: mse, epochs: 4, batchSize: 16, seed: 1 } as const;
      const whole = await fit(model, line, options);
      const controller = new AbortController();
      const left: { onBatch?: number; onEpoch?: number } = { ...after };
      const count = (name: "onBatch" | "onEpoch") => (): void => {
        left[name] = (left[name] ?? 0) - 1;
        if (left[name] === 0) controller.abort();
      };
      const part = await fit(model, line, {
        ...options,
        signal: controller.signal,
        callbacks: [{ onBatch: count("onBatch"), onEpoch: count("onEpoch") }],
      });
      expect(part.stopped).toBe("aborted");
      expect([part.checkpoint.epoch, part.checkpoint.batch]).toEqual(place);
      const rest = await fit(model, line, { ...options, resume: part.checkpoint });
      expect(values(rest.params)).toEqual(values(whole.params));
    },
  );
});
