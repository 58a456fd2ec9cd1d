import { describe, expect, it } from "vitest";
import { init, relu } from "../../src/index.js";
import { decode, encode } from "../../src/io/index.js";
import { type Checkpoint, dense, dropout, fit, mae, mse, sequential } from "../../src/nn/index.js";
import {
  adam,
  adamw,
  cosineDecay,
  lbfgs,
  momentum,
  type Optimizer,
  rmsprop,
  sgd,
} from "../../src/optim/index.js";
import { lineData, values } from "../support/fit.js";

await init();
const line = lineData();
const { x, y } = line;

describe("resuming", () => {
  const model = sequential(dense(3, 8), relu, dropout(0.3), dense(8, 1));
  const base = {
    loss: mse,
    epochs: 4,
    batchSize: 16,
    seed: 3,
    metrics: { mae },
    validation: { x: x.slice([0], [20]), y: y.slice([0], [20]) },
    earlyStopping: { patience: 3 },
  } as const;
  const optimizers: [string, () => Optimizer][] = [
    ["adam", () => adam({ learningRate: cosineDecay(0.05, { decaySteps: 28 }) })],
    ["adamw", () => adamw({ learningRate: 0.01, weightDecay: 0.1 })],
    ["momentum", () => momentum({ learningRate: 0.01 })],
    ["rmsprop", () => rmsprop({ learningRate: 0.01 })],
    ["lbfgs", () => lbfgs()],
  ];

  it.each(optimizers)(
    "%s: after any batch, the numbers are those of unbroken training",
    async (_, optimizer) => {
      const whole = await fit(model, line, { ...base, optimizer: optimizer() });
      for (const broken of [1, 6, 7, 8, 20, 27]) {
        let left = broken;
        const stop = { onBatch: () => --left > 0 };
        const part = await fit(model, line, { ...base, optimizer: optimizer(), callbacks: [stop] });
        expect(part.stopped).toBe("callback");
        // Through bytes and back, as a file would have it.
        const resume = decode<typeof part.checkpoint>(encode(part.checkpoint));
        const rest = await fit(model, line, { ...base, optimizer: optimizer(), resume });
        expect(values(rest.params)).toEqual(values(whole.params));
        expect(values(rest.checkpoint.best?.params)).toEqual(values(whole.checkpoint.best?.params));
        expect([...encode(rest.checkpoint)]).toEqual([...encode(whole.checkpoint)]);
        expect(rest.history).toEqual(whole.history);
        expect(rest.best).toEqual(whole.best);
      }
    },
  );

  it("checkpoints of callbacks are whole, and stay as they are", async () => {
    const kept: Checkpoint<unknown>[] = [];
    const whole = await fit(model, line, {
      ...base,
      callbacks: [({ checkpoint }) => void kept.push(checkpoint())],
    });
    expect(kept.map(({ epoch, batch }) => [epoch, batch])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
    ]);
    for (const resume of kept) {
      const rest = await fit(model, line, { ...base, resume: resume as typeof whole.checkpoint });
      expect(values(rest.params)).toEqual(values(whole.params));
      expect(rest.history).toEqual(whole.history);
    }
  });

  it("goes on for more epochs, as if they had been wanted at once", async () => {
    const two = await fit(model, line, { ...base, epochs: 2 });
    const four = await fit(model, line, { ...base, epochs: 4, resume: two.checkpoint });
    expect(values(four.params)).toEqual(values((await fit(model, line, base)).params));
  });

  it("refuses a checkpoint of another training, by name", async () => {
    const { checkpoint } = await fit(model, line, { ...base, epochs: 2 });
    const again = (other: object) => fit(model, line, { ...base, resume: checkpoint, ...other });
    await expect(again({ batchSize: 20 })).rejects.toThrow(
      "fit: resume has batchSize 16, and here it is 20; a training goes on as it began",
    );
    await expect(again({ seed: 4 })).rejects.toThrow("fit: resume has seed 3");
    await expect(again({ epochs: 1 })).rejects.toThrow("fit: resume is after epoch 2");
    await expect(again({ resume: {} })).rejects.toThrow(
      "fit: resume is no checkpoint: it has no rows",
    );
    await expect(again({ optimizer: sgd({ learningRate: 1 }) })).rejects.toThrow(/sgd/);
    await expect(again({ params: checkpoint.params })).rejects.toThrow("exclude each other");
  });
});
