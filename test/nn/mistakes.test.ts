import { describe, expect, it } from "vitest";
import {
  arange,
  DomainError,
  init,
  ones,
  scalar,
  type Tensor,
  tensor,
  UsageError,
  zeros,
} from "../../src/index.js";
import {
  bce,
  crossEntropy,
  dense,
  embedding,
  evaluate,
  fit,
  hinge,
  mlp,
  mse,
  nll,
} from "../../src/nn/index.js";
import { lineData } from "../support/fit.js";

// What is easily mistaken, runs, and learns nothing or the wrong thing.

await init();
const line = lineData();
const labels = (values: number[]): Tensor => tensor(values, { dtype: "int32" });

describe("a loss of numbers that were read", () => {
  const params = { w: ones([3, 1]) };
  const options = { loss: mse, params, epochs: 1 };

  it.each<[string, (p: typeof params, x: Tensor) => Tensor, (o: Tensor, y: Tensor) => Tensor]>([
    ["item", (p, x) => x.matmul(p.w), (o, y) => tensor(mse(o, y).item())],
    ["toArray", (p, x) => tensor(x.matmul(p.w).toArray()), mse],
    ["data", (p, x) => tensor(x.matmul(p.w).data(), { shape: [x.shape[0] as number, 1] }), mse],
    ["no parameters", (_, x) => x.sum({ axis: 1, keepDims: true }), mse],
  ])("is refused: %s", async (_, model, loss) => {
    await expect(fit(model, line, { ...options, loss })).rejects.toThrow(
      "fit: the loss does not depend on the parameters by way of tensors; numbers read by item",
    );
  });

  it("but not one that is of a batch without anything to learn from", async () => {
    let batch = 0;
    const loss = (o: Tensor, y: Tensor): Tensor => (batch++ === 1 ? scalar(0) : mse(o, y));
    await fit(dense(3, 1), line, { loss, epochs: 1 });
    expect(batch).toBeGreaterThan(2);
  });

  it("but not one that is level", async () => {
    const level = await fit((p, x: Tensor) => x.matmul(p.w).mul(0), line, options);
    expect(level.params.w.toArray()).toEqual(params.w.toArray());
  });
});

describe("targets that a loss cannot mean", () => {
  const x = ones([4, 3]);
  const one = dense(3, 1);
  const two = dense(3, 2);
  const column = (values: number[]): Tensor => tensor(values, { shape: [values.length, 1] });

  it("are refused by fit and evaluate", async () => {
    const signs = { x, y: column([1, -1, 1, -1]) };
    const message = "y goes from -1 to 1; bce takes 0, 1 and probabilities between";
    await expect(fit(one, signs, { loss: bce, epochs: 1 })).rejects.toThrow(
      `fit: the data: ${message}`,
    );
    const held = { loss: bce, epochs: 1, validation: signs };
    await expect(fit(one, { x, y: column([0, 1, 0, 1]) }, held)).rejects.toThrow(
      `fit: the validation data: ${message}`,
    );
    expect(() => evaluate(one, one.init(), signs, { loss: bce })).toThrow(
      `evaluate: the data: ${message}`,
    );
    for (const [loss, name] of [
      [crossEntropy, "crossEntropy"],
      [nll, "nll"],
    ] as const) {
      const counts = { x, y: tensor([1, 0, 1, 1, 0, 1, 0.5, 0.5], { shape: [4, 2] }) };
      await expect(fit(two, counts, { loss, epochs: 1 })).rejects.toThrow(
        `fit: the data: rows of y are no probabilities: a sum is off 1 by 1; ${name} takes labels`,
      );
      const below = { x, y: tensor([2, -1, 1, 0, 0, 1, 0.5, 0.5], { shape: [4, 2] }) };
      const run = fit(two, below, { loss, epochs: 1 });
      await expect(run).rejects.toThrow("no probabilities: one is -1; ");
      await expect(run).rejects.toBeInstanceOf(DomainError);
    }
  });

  it("are others than those it can", async () => {
    const quick = { epochs: 1, batchSize: "all" } as const;
    for (const y of [column([0, 1, 0.5, 1]), column([1, 0, 1, 0]).cast("bool")]) {
      expect((await fit(one, { x, y }, { ...quick, loss: bce })).history.loss[0]).toBeGreaterThan(
        0,
      );
    }
    const soft = tensor([0.1, 0.9, 1, 0, 1 / 3, 2 / 3, 0.5, 0.5], { shape: [4, 2] });
    for (const y of [soft, labels([0, 1, 1, 0])]) {
      const { history } = await fit(two, { x, y }, { ...quick, loss: crossEntropy });
      expect(history.loss[0]).toBeGreaterThan(0);
    }
    await fit(one, { x, y: column([1, -1, 1, -1]) }, { ...quick, loss: hinge });
  });

  it("may be labels in floats, also of several axes", async () => {
    const words = {
      x: ones([2, 3, 5]),
      y: tensor([
        [0, 1, 3],
        [1, 0, 2],
      ]),
    };
    const { history } = await fit(dense(5, 4), words, { loss: crossEntropy, epochs: 1 });
    expect(history.loss[0]).toBeGreaterThan(0);
    expect(
      evaluate(dense(5, 4), dense(5, 4).init(), words, { loss: crossEntropy }).loss,
    ).toBeGreaterThan(0);
  });

  it("come second", () => {
    const [scores, target] = [ones([4, 2]), labels([0, 1, 1, 0])];
    expect(() => crossEntropy(target, scores)).toThrow(
      "(the output comes first: crossEntropy(output, target))",
    );
    expect(() => crossEntropy(ones([3, 2]), target)).toThrow(/were wanted$/);
  });
});

describe("numbers that an embedding does not know", () => {
  it("are refused, also those that count from the end", () => {
    const layer = embedding(5, 8);
    const params = layer.init({ seed: 1 });
    const wanted = "embedding(5, 8): x holds a number that is none of 0 … 4";
    for (const x of [labels([0, -1]), labels([5]), tensor([1.5])]) {
      expect(() => layer.apply(params, x)).toThrow(wanted);
      expect(() => layer.apply(params, x)).toThrow(DomainError);
    }
    expect(layer.apply(params, labels([0, 4])).toArray()).toEqual(
      [0, 4].map((i) => params.W.slice([i], [1]).reshape([8]).toArray()),
    );
  });
});

describe("what fit gives, in the place of a part of it", () => {
  const model = mlp([3, 4, 1]);
  const options = { loss: mse, epochs: 1 };

  it("is told by the part", async () => {
    const fitted = await fit(model, line, options);
    const resume = fitted as unknown as typeof fitted.checkpoint;
    await expect(fit(model, line, { ...options, resume })).rejects.toThrow(
      "fit: resume is an object, no checkpoint; pass its .checkpoint",
    );
    const promise = Promise.resolve(fitted.checkpoint) as unknown as typeof fitted.checkpoint;
    await expect(fit(model, line, { ...options, resume: promise })).rejects.toThrow(
      "fit: resume is a Promise (await it), no checkpoint",
    );
    const whole = fitted as unknown as typeof fitted.params;
    expect(() => model.apply(whole, line.x)).toThrow(
      "mlp: the parameters of 2 layers were wanted, as a list; pass its .params",
    );
    const layer = dense(3, 1);
    const one = (await fit(layer, line, options)) as unknown as ReturnType<typeof layer.init>;
    expect(() => evaluate(layer, one, line, { loss: mse })).toThrow("pass its .params");
  });
});

describe("validation", () => {
  it("holds out a share or a number of rows", async () => {
    const sizes: number[] = [];
    const model = (p: { w: Tensor }, x: Tensor): Tensor => {
      sizes.push(x.shape[0] as number);
      return x.matmul(p.w);
    };
    const params = { w: ones([3, 1]) };
    const rows = line.x.shape[0] as number;
    for (const validation of [0.25, 25]) {
      await fit(model, line, { loss: mse, params, epochs: 1, batchSize: "all", validation });
      const count = validation < 1 ? rows * validation : validation;
      expect(sizes.splice(0)).toEqual([rows - count, count]);
    }
    // Without shuffling, the last rows, as of a series in time.
    const seen: number[] = [];
    const time = { x: arange(10).reshape([10, 1]), y: zeros([10, 1]) };
    const watched = (p: { w: Tensor }, x: Tensor): Tensor => {
      seen.push(...x.reshape([x.size]).toArray<number[]>());
      return x.matmul(p.w);
    };
    const one = { params: { w: ones([1, 1]) }, loss: mse, epochs: 1, validation: 0.3 };
    await fit(watched, time, { ...one, shuffle: false });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const validation of [0, 1.5, rows, -1, Number.NaN]) {
      const run = fit(model, line, { loss: mse, params, validation });
      await expect(run).rejects.toThrow(
        `fit: validation is ${validation} of ${rows} rows; a share or`,
      );
      await expect(run).rejects.toBeInstanceOf(UsageError);
    }
  });
});
