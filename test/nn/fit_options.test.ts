import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { arange, init, mapTree, type Tensor, tensor, UsageError, where } from "../../src/index.js";
import {
  type DenseParams,
  dense,
  evaluate,
  fit,
  type Layer,
  mae,
  mse,
} from "../../src/nn/index.js";
import { lbfgs, type Optimizer, sgd } from "../../src/optim/index.js";
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

describe("whole data", () => {
  it("is what lbfgs and newton take unless told otherwise", async () => {
    const options = { loss: mse, optimizer: lbfgs(), epochs: 2 };
    expect((await fit(dense(3, 1), line, options)).checkpoint.batchSize).toBe(100);
    expect((await fit(dense(3, 1), line, { ...options, batchSize: 50 })).checkpoint.batchSize).toBe(
      50,
    );
  });

  it("early stopping says where validation data are not numbers", async () => {
    const validation = { x: x.slice([0], [5]).mul(Number.NaN), y: y.slice([0], [5]) };
    const options = { loss: mse, validation, earlyStopping: { patience: 2 } };
    await expect(fit(dense(3, 1), line, options)).rejects.toThrow(
      "fit: earlyStopping: the loss to watch is NaN",
    );
  });
});

describe("bad input", () => {
  const options = { loss: mse };
  it.each([
    [{ x, y: y.slice([0], [50]) }, "fit: the data: y has 50 rows, and what comes before has 100"],
    [{ x: { u: x, v: y.slice([0], [9]) }, y }, "fit: the data: x.v has 9 rows"],
    [{ x }, "fit: the data has no y; { x, y } with a row for each case was wanted"],
    [x, "fit: the data is a tensor [100, 3]; { x, y } with a row"],
    [undefined, "fit: the data is undefined; { x, y }"],
    [{ x: tensor(1), y }, "fit: the data: x is a scalar; a row for each case was wanted"],
    [{ x: x.slice([0], [0]), y: y.slice([0], [0]) }, "fit: the data: there are no rows"],
    [{ x: {}, y }, "fit: the data: x holds no tensor"],
    [{ x: [[1, 2, 3]], y }, "fit: the data, x"],
  ])("data %#", async (data, message) => {
    await expect(fit(dense(3, 1), data as typeof line, options)).rejects.toThrow(message);
  });

  it.each([
    [null, "fit: the model is null; a layer such as mlp([2, 8, 1])"],
    [(_: unknown, x: Tensor) => x, "fit: the model has no init, so params"],
    [{ init: async () => ({}), apply: () => x }, "fit, parameters: the value is a Promise"],
    [
      { init: () => ({ w: x }), apply: async () => x },
      "mse: output is a Promise (await it), no tensor",
    ],
    [{ init: () => ({ w: x }), apply: () => {} }, "mse: output is undefined, no tensor"],
  ])("model %#", async (model, message) => {
    await expect(fit(model as unknown as Layer<object>, line, options)).rejects.toThrow(message);
  });

  it.each([
    [
      { loss: undefined },
      "fit: the loss is undefined; a function such as { loss: mse } was wanted",
    ],
    [{ loss: () => 3 }, "fit: the loss gave 3; a scalar tensor was wanted"],
    [{ loss: () => {} }, "fit: the loss gave undefined; a scalar tensor"],
    [{ loss: async () => x }, "fit: the loss gave a Promise (await it); a scalar tensor"],
    [{ loss: () => mse }, "fit: the loss gave a function"],
    [
      { loss: (a: Tensor) => a },
      "fit: the loss is [32, 1]; a scalar was wanted, such as its mean()",
    ],
    [{ optimiser: sgd }, "fit: there is no option optimiser; did you mean optimizer?"],
    [
      { optimizer: sgd },
      "fit: optimizer is the function sgd; an optimizer was wanted, which its function makes: { optimizer: sgd(",
    ],
    [{ optimizer: null }, "fit: optimizer is null"],
    [{ epochs: 1.5 }, "fit: epochs is 1.5"],
    [{ epochs: "3" }, 'fit: epochs is "3"'],
    [{ batchSize: 0 }, "fit: batchSize is 0"],
    [{ batchSize: "ALL" }, 'fit: batchSize is "ALL"'],
    [{ seed: 0.5 }, "fit: seed is 0.5; a whole number was wanted"],
    [{ shuffle: "no" }, 'fit: shuffle is "no"; true or false was wanted'],
    [{ params: null }, "fit, parameters: the value is null"],
    [{ validation: 1.5 }, "fit: validation is 1.5 of 100 rows"],
    [{ validation: { x } }, "fit: the validation data has no y"],
    [{ metrics: { accuracy: 3 } }, "fit: the metric accuracy is 3, no function"],
    [{ metrics: { loss: mae } }, "fit: a metric cannot be called loss"],
    [{ metrics: [mae] }, "fit: metrics are an array; functions under their names"],
    [{ metrics: mae }, "fit: metrics are a function"],
    [{ metrics: null }, "fit: metrics are null"],
    [
      { metrics: { gap: () => {} } },
      "fit: the metric gap gave undefined; a number, or a tensor of",
    ],
    [{ metrics: { gap: async () => 3 } }, "fit: the metric gap gave a Promise"],
    [{ metrics: { gap: (a: Tensor) => a } }, "a tensor [32, 1]; a number, or a tensor of one, was"],
    [{ penalty: 0.1 }, "fit: the penalty is 0.1; a function such as l2(1e-4) was wanted"],
    [{ clip: { norms: 1 } }, "fit: clip: there is no option norms; did you mean norm?"],
    [{ clip: 1 }, "fit: clip: the options are 1; an object was wanted"],
    [{ clip: null }, "fit: clip: the options are null"],
    [{ clip: { norm: -1 } }, "fit: clip: norm is -1; a finite number above 0 was wanted"],
    [{ callbacks: () => {} }, "fit: callbacks is a function; a list of functions"],
    [{ callbacks: [3] }, "fit: callbacks[0] is 3; a list of functions, or of { onEpoch, onBatch }"],
    [{ callbacks: [null] }, "fit: callbacks[0] is null"],
    [{ callbacks: [{}] }, "fit: callbacks[0] is an object; a list of functions"],
    [{ callbacks: [{ onEpoch: 3 }] }, "fit: callbacks[0] is an object"],
    [{ callbacks: [{ onepoch: () => {} }] }, "fit: callbacks[0]: there is no option onepoch; did"],
    [
      { signal: new AbortController() },
      "fit: signal is an AbortController; an AbortSignal, as controller",
    ],
    [{ earlyStopping: 3 }, "fit: earlyStopping: the options are 3; an object was wanted"],
    [{ earlyStopping: null }, "fit: earlyStopping: the options are null"],
    [{ earlyStopping: {} }, "fit: earlyStopping: patience is undefined"],
    [{ earlyStopping: { patience: 1, restoreBest: 1 } }, "restoreBest is 1; true or false was"],
  ])("options %#", async (wrong, message) => {
    const all = { ...options, ...wrong } as unknown as typeof options;
    const run = fit(dense(3, 1), line, all);
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.not.toBeInstanceOf(TypeError);
  });

  it("callbacks may be objects of a class, with fields of their own", async () => {
    class Counter {
      epochs = 0;
      onEpoch(): void {
        this.epochs++;
      }
    }
    const counter = new Counter();
    await fit(dense(3, 1), line, { ...options, epochs: 3, callbacks: [counter] });
    expect(counter.epochs).toBe(3);
  });

  it("a loss that is not finite names epoch and batch", async () => {
    const wild = { ...options, optimizer: sgd({ learningRate: 1e10 }), epochs: 20 };
    await expect(fit(dense(3, 1), line, wild)).rejects.toThrow(
      /^fit: the loss is (Infinity|NaN) in epoch \d+, batch \d+; a smaller learning rate/,
    );
  });

  it("a loss that is not finite names the row of the data that is not", async () => {
    const holed = x.data();
    holed[3 * 41 + 1] = Number.NaN;
    const wild = { x: { u: tensor(holed, { shape: [100, 3] }) }, y };
    const model = {
      init: dense(3, 1).init,
      apply: (p: DenseParams, { u }: { u: Tensor }) => u.matmul(p.W),
    };
    await expect(fit(model, wild, { ...options, validation: 0.1 })).rejects.toThrow(
      /^fit: the loss is NaN in epoch 1, batch \d; of the data, x\.u\[41\] holds NaN$/,
    );
    const far = {
      x,
      y: where(arange(100).reshape([100, 1]).equal(77), Number.NEGATIVE_INFINITY, y),
    };
    await expect(fit(dense(3, 1), far, options)).rejects.toThrow("y[77] holds -Infinity");
  });

  it("evaluate says what is wrong, too", () => {
    const [model, params] = [dense(3, 1), dense(3, 1).init()];
    const wrong =
      (options: unknown): (() => unknown) =>
      () =>
        evaluate(model, params, line, options as { loss: typeof mse });
    expect(wrong(undefined)).toThrow("evaluate: the loss is undefined; a function");
    expect(wrong({ loss: mse, metric: { mae } })).toThrow("evaluate: there is no option metric");
    expect(wrong({ loss: (a: Tensor) => a })).toThrow("evaluate: the loss is [100, 1]; a scalar");
    expect(() => evaluate(model, params, x as unknown as typeof line, options)).toThrow(
      "evaluate: the data is a tensor [100, 3]",
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

  it("on a terminal: a bar, which makes way for what callbacks print", async () => {
    const { isTTY } = process.stderr;
    let screen = "";
    const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      screen += text;
      return true;
    });
    process.stderr.isTTY = true;
    try {
      const say = (what: string) => () => void process.stderr.write(`${what}\n`);
      const callbacks = [{ onBatch: say("a batch"), onEpoch: say("an epoch") }];
      await fit(dense(3, 1), line, { loss: mse, epochs: 2, batchSize: line.x.shape[0], callbacks });
    } finally {
      write.mockRestore();
      process.stderr.isTTY = isTTY;
    }
    // What a line shows is what was written since it was wiped.
    const shown = screen.split("\n").map((line) => line.split("\r\x1b[K").at(-1));
    expect(shown.slice(0, 4)).toEqual(["a batch", "an epoch", "a batch", "an epoch"]);
    expect(screen).toContain("epoch 1/2    … left");
    expect(shown[4]).toMatch(/█ epoch 2\/2 {2}loss [\d.]+ {2}\d+s left/);
  });
});
