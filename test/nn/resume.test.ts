import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { init, relu } from "../../src/index.js";
import { decode, encode, load, save } from "../../src/io/index.js";
import {
  type Callback,
  type Checkpoint,
  dense,
  dropout,
  fit,
  l2,
  mae,
  mse,
  sequential,
} from "../../src/nn/index.js";
import {
  adam,
  adamw,
  cosineDecay,
  lbfgs,
  momentum,
  newton,
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

  const shared = { validation: 0.2, penalty: l2(0.01), clip: { norm: 0.5 } };
  const settings: [string, object][] = [
    ["a share held out, a penalty and a clipped norm", shared],
    ["rows in their order, and clipped entries", { shuffle: false, clip: { value: 0.1 } }],
    ["all rows at once", { batchSize: "all", ...shared }],
    ["lbfgs on all rows", { batchSize: "all", optimizer: lbfgs() }],
    ["the last parameters", { earlyStopping: { patience: 1, restoreBest: false } }],
    ["the best epoch behind", { earlyStopping: { patience: 5, monitor: "mae", better: "higher" } }],
  ];

  it.each(settings)(
    "checkpoints of all callbacks lead to the same end: with %s",
    async (name, setting) => {
      const kept: Uint8Array[] = [];
      const keep = ({ checkpoint }: { checkpoint(): Checkpoint<unknown> }): void =>
        void kept.push(encode(checkpoint()));
      const run = { ...base, ...setting };
      const whole = await fit(model, line, { ...run, callbacks: [keep, { onBatch: keep }] });
      expect(kept.length).toBeGreaterThan(3);
      if (name.startsWith("the best")) expect(whole.best?.epoch).toBe(1);
      for (const bytes of kept) {
        const rest = await fit(model, line, { ...run, resume: decode(bytes) });
        expect(values(rest.params)).toEqual(values(whole.params));
        expect([...encode(rest.checkpoint)]).toEqual([...encode(whole.checkpoint)]);
        expect(rest.history).toEqual(whole.history);
        expect([rest.stopped, rest.best]).toEqual([whole.stopped, whole.best]);
      }
    },
  );

  it("goes on from a file that was saved after the last batch of an epoch", async () => {
    const folder = await mkdtemp(join(tmpdir(), "resume-"));
    try {
      const file = join(folder, "training.safetensors");
      const whole = await fit(model, line, base);
      const saved: Callback<unknown> = {
        onBatch: async ({ epoch, batch, batches, checkpoint }) => {
          if (epoch === 2 && batch === batches) await save(file, checkpoint());
        },
      };
      await fit(model, line, { ...base, callbacks: [saved] });
      const resume = await load<typeof whole.checkpoint>(file);
      expect([resume.epoch, resume.batch]).toEqual([1, 7]);
      const rest = await fit(model, line, { ...base, resume });
      expect(values(rest.params)).toEqual(values(whole.params));
      expect(rest.history).toEqual(whole.history);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("does nothing more where the training had ended", async () => {
    const ends: [string, object][] = [
      ["finished", { earlyStopping: undefined }],
      ["early", { optimizer: sgd({ learningRate: 0 }), earlyStopping: { patience: 1 } }],
      ["converged", { optimizer: newton(), batchSize: "all", earlyStopping: undefined }],
    ];
    for (const [stopped, setting] of ends) {
      const run = { ...base, epochs: stopped === "finished" ? 2 : 50, ...setting };
      const whole = await fit(dense(3, 1), line, run);
      expect(whole.stopped).toBe(stopped);
      const again = await fit(dense(3, 1), line, { ...run, resume: whole.checkpoint });
      expect(again.stopped).toBe(stopped);
      expect([...encode(again.checkpoint)]).toEqual([...encode(whole.checkpoint)]);
    }
  });

  it("gives the checkpoint back where it was aborted before", async () => {
    const { checkpoint } = await fit(model, line, { ...base, epochs: 2 });
    const none = await fit(model, line, {
      ...base,
      resume: checkpoint,
      signal: AbortSignal.abort(),
    });
    expect(none.stopped).toBe("aborted");
    expect([...encode(none.checkpoint)]).toEqual([...encode(checkpoint)]);
  });

  it("goes on from an earlier checkpoint after a callback has thrown", async () => {
    const whole = await fit(model, line, base);
    let kept: typeof whole.checkpoint | undefined;
    const broken = fit(model, line, {
      ...base,
      callbacks: [
        {
          onBatch: ({ epoch, batch, checkpoint }) => {
            if (epoch === 2 && batch === 3) kept = checkpoint();
            if (epoch === 3) throw new Error("disk full");
          },
        },
      ],
    });
    await expect(broken).rejects.toThrow("disk full");
    const rest = await fit(model, line, { ...base, resume: kept });
    expect(values(rest.params)).toEqual(values(whole.params));
    expect(rest.history).toEqual(whole.history);
  });

  it("goes on for more epochs, as if they had been wanted at once", async () => {
    const two = await fit(model, line, { ...base, epochs: 2 });
    const four = await fit(model, line, { ...base, epochs: 4, resume: two.checkpoint });
    expect(values(four.params)).toEqual(values((await fit(model, line, base)).params));
  });

  it("may begin to look for the best epoch", async () => {
    const two = await fit(model, line, { ...base, epochs: 2, earlyStopping: undefined });
    const run = { ...base, epochs: 5, earlyStopping: { patience: 1 }, resume: two.checkpoint };
    const rest = await fit(model, line, run);
    expect(two.best).toBeNull();
    expect(rest.history.loss.length).toBeGreaterThan(2);
    expect(rest.best?.epoch).toBeGreaterThan(2);
  });

  it("has precedence over params, to which a program that starts anew comes back", async () => {
    const { checkpoint } = await fit(model, line, { ...base, epochs: 2 });
    const params = model.init({ seed: 99 });
    const both = await fit(model, line, { ...base, params, resume: checkpoint });
    expect(values(both.params)).toEqual(values((await fit(model, line, base)).params));
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
      "fit: resume is an object, no checkpoint; it has no rows",
    );
    await expect(again({ optimizer: sgd({ learningRate: 1 }) })).rejects.toThrow(/sgd/);
    const wider = sequential(dense(3, 9), relu, dropout(0.3), dense(9, 1));
    await expect(fit(wider, line, { ...base, resume: checkpoint })).rejects.toThrow(
      "fit: resume is of another model: [0].W is [3, 8]; the shape [3, 9] was wanted",
    );
    await expect(again({ resume: null })).rejects.toThrow("fit: resume is null; a checkpoint was");
    await expect(again({ metrics: { mae, mse } })).rejects.toThrow(
      "fit: resume has the scores loss, mae, and here there are loss, mae, mse; a training goes on",
    );
    await expect(again({ metrics: {} })).rejects.toThrow("and here there are loss; a training");
    await expect(again({ validation: undefined })).rejects.toThrow(
      "fit: resume has scores of validation data, and here there are none; a training goes on",
    );
    const bare = await fit(model, line, { ...base, validation: undefined, epochs: 2 });
    await expect(again({ resume: bare.checkpoint })).rejects.toThrow(
      "fit: resume has no scores of validation data, and here there are; a training goes on",
    );
  });
});
