import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { init, mapTree, type Tensor, tensor, UsageError } from "../../src/index.js";
import { dense, fit, mae, mse } from "../../src/nn/index.js";
import { type Optimizer, sgd } from "../../src/optim/index.js";
import { lineData } from "../support/fit.js";

await init();
const line = lineData();
const { x, y } = line;

describe("early stopping", () => {
  /** A model whose loss does what a list says, epoch by epoch. */
  const scripted = (losses: readonly number[], earlyStopping: object, metrics = {}) => {
    let epoch = -1;
    return fit(
      (p: { w: Tensor }, x: Tensor) => x.mul(0).add(p.w),
      { x: tensor([[1]]), y: tensor([[0]]) },
      {
        loss: (out) =>
          out
            .sum()
            .mul(0)
            .add(losses[++epoch] ?? 0),
        params: { w: tensor(0) },
        // The parameter counts the steps.
        optimizer: {
          ...sgd({ learningRate: 0 }),
          update: (p: unknown, _: unknown, s: never) => [mapTree(p, (w) => w.add(1)), s],
        } as unknown as Optimizer,
        epochs: losses.length,
        earlyStopping: earlyStopping as { patience: number },
        metrics,
      },
    );
  };

  it("ends after the patience is over, and gives back the best parameters", async () => {
    const got = await scripted([5, 3, 4, 4, 1, 1], { patience: 2 });
    expect(got.stopped).toBe("early");
    expect(got.history.loss).toEqual([5, 3, 4, 4]);
    expect(got.best).toEqual({ epoch: 2, score: 3 });
    expect(got.params.w.item()).toBe(2);
    expect(got.checkpoint.params.w.item()).toBe(4);
  });

  it("keeps the last parameters where asked to, and counts only what is better by minDelta", async () => {
    const got = await scripted([5, 4.9, 4.8, 4.7], {
      patience: 2,
      minDelta: 0.5,
      restoreBest: false,
    });
    expect(got.stopped).toBe("early");
    expect(got.best).toEqual({ epoch: 1, score: 5 });
    expect(got.params.w.item()).toBe(3);
  });

  it("is finished where it gets better to the end, with the best parameters", async () => {
    const got = await scripted([5, 3, 4], { patience: 2 });
    expect(got.stopped).toBe("finished");
    expect(got.params.w.item()).toBe(2);
  });

  it("watches a metric, if it is said what is better", async () => {
    const metrics = {
      hits: (() => {
        let i = 0;
        return () => [0.1, 0.7, 0.3, 0.2][i++] ?? 0;
      })(),
    };
    const got = await scripted(
      [4, 3, 2, 1],
      { patience: 1, monitor: "hits", better: "higher" },
      metrics,
    );
    expect(got.best).toEqual({ epoch: 2, score: 0.7 });
    expect(got.stopped).toBe("early");
    await expect(scripted([1], { patience: 1, monitor: "hits" }, metrics)).rejects.toThrow(
      'fit: earlyStopping: say what is better of hits: better: "lower" or "higher"',
    );
    await expect(scripted([1], { patience: 1, monitor: "acc" })).rejects.toThrow(
      "there is no score acc; there are loss",
    );
    await expect(scripted([1], { patience: -1 })).rejects.toThrow(UsageError);
  });
});

describe("bad input", () => {
  const options = { loss: mse };
  it.each([
    [{ x, y: y.slice([0], [50]) }, "fit: the data: y has 50 rows, and what comes before has 100"],
    [{ x }, "fit: the data has no x and y"],
    [{ x: tensor(1), y }, "fit: the data: x is a scalar; a row for each case was wanted"],
    [{ x: x.slice([0], [0]), y: y.slice([0], [0]) }, "fit: the data: there are no rows"],
    [{ x: [[1, 2, 3]], y }, "fit: the data, x"],
  ])("data %#", async (data, message) => {
    await expect(fit(dense(3, 1), data as typeof line, options)).rejects.toThrow(message);
  });

  it.each([
    [{ loss: undefined }, "fit: the loss is no function"],
    [{ optimiser: sgd }, "fit: there is no option optimiser"],
    [{ optimizer: sgd }, "fit: the optimizer is none"],
    [{ epochs: 1.5 }, "fit: epochs is 1.5"],
    [{ batchSize: 0 }, "fit: batchSize is 0"],
    [{ seed: 0.5 }, "fit: seed is 0.5"],
    [{ validation: 1.5 }, "fit: validation is 1.5 of 100 rows"],
    [{ validation: { x } }, "fit: the validation data has no x and y"],
    [{ metrics: { accuracy: 3 } }, "fit: the metric accuracy is no function"],
    [{ metrics: { loss: mae } }, "fit: a metric cannot be called loss"],
    [{ penalty: 0.1 }, "fit: the penalty is no function"],
    [{ clip: { norms: 1 } }, "fit: clip: there is no option norms"],
    [{ clip: { norm: -1 } }, "clipNorm"],
    [{ callbacks: [3] }, "fit: callbacks are a list of functions"],
    [{ callbacks: [{ onepoch: () => {} }] }, "fit: callback: there is no option onepoch"],
  ])("options %#", async (wrong, message) => {
    const all = { ...options, ...wrong } as unknown as typeof options;
    await expect(fit(dense(3, 1), line, all)).rejects.toThrow(message);
  });

  it("a loss that is not finite names epoch and batch", async () => {
    const wild = { ...options, optimizer: sgd({ learningRate: 1e10 }), epochs: 20 };
    await expect(fit(dense(3, 1), line, wild)).rejects.toThrow(
      /^fit: the loss is (Infinity|NaN) in epoch \d+, batch \d+; a smaller learning rate/,
    );
  });
});

describe("progress", () => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  beforeEach(() => error.mockClear());
  afterEach(() => error.mockClear());

  it("without a terminal: nothing, or a line an epoch where it is wanted", async () => {
    await fit(dense(3, 1), line, { loss: mse, epochs: 2 });
    expect(error).not.toHaveBeenCalled();
    await fit(dense(3, 1), line, {
      loss: mse,
      epochs: 2,
      metrics: { mae },
      validation: 0.2,
      progress: true,
    });
    expect(error.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(
        /^epoch 1\/2: loss [\d.]+, mae [\d.]+; validation: loss [\d.]+, mae [\d.]+$/,
      ),
      expect.stringMatching(/^epoch 2\/2: /),
    ]);
  });
});
