import { describe, expect, expectTypeOf, it } from "vitest";
import {
  grad,
  init,
  leaves,
  mapTree,
  random,
  relu,
  type Tensor,
  tensor,
  UsageError,
  valueAndGrad,
} from "../../src/index.js";
import {
  accuracy,
  bce,
  crossEntropy,
  type DenseParams,
  dense,
  dropout,
  evaluate,
  type FitOptions,
  fit,
  l2,
  mae,
  mlp,
  mse,
  r2,
  sequential,
} from "../../src/nn/index.js";
import { adam, lbfgs, newton, sgd } from "../../src/optim/index.js";

import { lineData, values } from "../support/fit.js";

await init();

const line = lineData();
const { x, y } = line;

/** Two half moons, 0 and 1. */
const moons = (() => {
  const t = random.uniform([200], { seed: 5, high: Math.PI });
  const noise = random.normal([200, 2], { seed: 6, std: 0.1 });
  const rows = [...t.data()].map((a, i) =>
    i % 2 === 0 ? [Math.cos(a), Math.sin(a)] : [1 - Math.cos(a), 0.5 - Math.sin(a)],
  );
  const labels = rows.map((_, i) => i % 2);
  return { x: tensor(rows).add(noise), y: tensor(labels, { dtype: "int32" }) };
})();

describe("fit", () => {
  it("fits a line, and tells how", async () => {
    const { params, history, stopped, best } = await fit(dense(3, 1), line, {
      loss: mse,
      optimizer: adam({ learningRate: 0.1 }),
      epochs: 60,
      metrics: { mae, r2 },
      validation: { x: x.slice([0], [20]), y: y.slice([0], [20]) },
    });
    expectTypeOf(params).toEqualTypeOf<DenseParams>();
    expectTypeOf(history.r2).toEqualTypeOf<readonly number[]>();
    expect(
      params.W.sub([[1], [-2], [0.5]])
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-3);
    expect(params.b.item()).toBeCloseTo(3, 3);
    expect(history.loss).toHaveLength(60);
    expect(history.mae).toHaveLength(60);
    expect(history.loss.at(-1)).toBeLessThan(1e-5);
    expect(history.validation?.r2.at(-1)).toBeCloseTo(1, 5);
    expect(stopped).toBe("finished");
    expect(best).toBeNull();
  });

  it("learns two moons", async () => {
    const model = mlp([2, 16, 16, 2], { activation: "tanh" });
    const { params, history } = await fit(model, moons, {
      loss: crossEntropy,
      metrics: { accuracy },
      optimizer: adam({ learningRate: 0.02 }),
      epochs: 40,
      validation: 0.25,
    });
    expect(history.validation?.accuracy.at(-1)).toBeGreaterThan(0.95);
    expect(accuracy(model.apply(params, moons.x), moons.y).item()).toBeGreaterThan(0.95);
  });

  it("does what a loop of one's own does, batch by batch", async () => {
    const params = dense(3, 1).init({ seed: 9 });
    const options = { loss: mse, optimizer: sgd({ learningRate: 0.1 }), shuffle: false } as const;
    const got = await fit(dense(3, 1), line, { ...options, params, epochs: 1, batchSize: 40 });
    let [W, b] = [params.W, params.b];
    let sum = 0;
    for (const [from, count] of [
      [0, 40],
      [40, 40],
      [80, 20],
    ] as const) {
      const [value, g] = valueAndGrad((p: DenseParams) =>
        mse(x.slice([from], [count]).matmul(p.W).add(p.b), y.slice([from], [count])),
      )({ W, b });
      sum += value.item() * count;
      [W, b] = [W.sub(g.W.mul(0.1)), b.sub(g.b.mul(0.1))];
    }
    expect(values(got.params)).toEqual(values({ W, b }));
    expect(got.history.loss).toEqual([sum / 100]);
  });

  it("takes functions of parameters, trees of inputs and targets, and penalties", async () => {
    const model = (p: { a: Tensor; b: Tensor }, { u, v }: { u: Tensor; v: Tensor }) => ({
      sum: u.mul(p.a).add(v.mul(p.b)),
    });
    const u = random.normal([50], { seed: 1 });
    const v = random.normal([50], { seed: 2 });
    const data = { x: { u, v }, y: { sum: u.mul(2).sub(v) } };
    const options = {
      loss: (out: { sum: Tensor }, target: { sum: Tensor }) => mse(out.sum, target.sum),
      params: { a: tensor(0), b: tensor(0) },
      optimizer: adam({ learningRate: 0.1 }),
      epochs: 120,
    };
    const free = await fit(model, data, options);
    expect(free.params.a.item()).toBeCloseTo(2, 3);
    expect(free.params.b.item()).toBeCloseTo(-1, 3);
    const held = await fit(model, data, { ...options, penalty: l2(1) });
    expect(held.params.a.item()).toBeLessThan(1.5);
    expect(held.history.loss.at(-1)).toBeGreaterThan(0.1);
  });

  it("gives the same numbers for one seed, and others for another", async () => {
    const model = sequential(dense(3, 8), relu, dropout(0.2), dense(8, 1));
    const run = (seed: number) => fit(model, line, { loss: mse, epochs: 2, seed });
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    expect(values(a.params)).toEqual(values(b.params));
    expect(a.history).toEqual(b.history);
    expect(values(a.params)).not.toEqual(values(c.params));
  });

  it("sees every row once an epoch, in another order each time", async () => {
    const seen: number[][] = [];
    const rows = {
      x: tensor(Array.from({ length: 10 }, (_, i) => [i])),
      y: tensor(new Array(10).fill([0])),
    };
    const model = (p: { w: Tensor }, x: Tensor) => {
      seen.push([...x.data()].map(Number));
      return x.mul(p.w);
    };
    const options = { loss: mse, params: { w: tensor(0) }, epochs: 2, batchSize: 4 };
    await fit(model, rows, options);
    expect(seen.map((batch) => batch.length)).toEqual([4, 4, 2, 4, 4, 2]);
    const [first, second] = [seen.slice(0, 3).flat(), seen.slice(3).flat()];
    expect(first).not.toEqual(second);
    const all = rows.x.data();
    for (const epoch of [first, second]) expect(epoch.toSorted((a, b) => a - b)).toEqual([...all]);
  });

  it.each([
    ["lbfgs", lbfgs()],
    ["newton", newton()],
  ] as const)(
    "%s takes all rows at once, and ends where it finds no lower point",
    async (_, optimizer) => {
      const data = mapTree(line, (leaf) => leaf.cast("float64"));
      const params = dense(3, 1).init({ seed: 1, dtype: "float64" });
      const options = { loss: mse, optimizer, params, batchSize: "all", epochs: 100 } as const;
      const got = await fit(dense(3, 1), data, options);
      expect(got.params.b.item()).toBeCloseTo(3, 6);
      expect(got.stopped).toBe("converged");
      expect(got.history.loss.length).toBeLessThan(50);
    },
  );

  it("newton finds the logistic regression from zeros", async () => {
    const data = { x: moons.x.cast("float64"), y: moons.y.cast("float64").reshape([200, 1]) };
    const zero = mapTree(dense(2, 1).init({ dtype: "float64" }), (p) => p.mul(0));
    const options = {
      loss: bce,
      optimizer: newton(),
      params: zero,
      batchSize: "all",
      epochs: 20,
    } as const;
    const { params } = await fit(dense(2, 1), data, options);
    const g = grad((p: DenseParams) => bce(dense(2, 1).apply(p, data.x), data.y))(params);
    expect(Math.max(...leaves(g).map((leaf) => leaf.abs().max().item()))).toBeLessThan(1e-10);
  });

  it("clips gradients by their norm, by their entries", async () => {
    const options = {
      loss: mse,
      epochs: 1,
      batchSize: "all",
      optimizer: sgd({ learningRate: 1 }),
    } as const;
    const params = dense(3, 1).init({ seed: 1 });
    const step = async (clip: FitOptions<DenseParams, Tensor, Tensor, Tensor, never>["clip"]) => {
      const got = await fit(dense(3, 1), line, { ...options, params, clip });
      return [...values(got.params).flat()].map((p, i) => p - (values(params).flat()[i] as number));
    };
    const norm = (v: number[]): number => Math.hypot(...v);
    expect(norm(await step(undefined))).toBeGreaterThan(1);
    expect(norm(await step({ norm: 0.25 }))).toBeCloseTo(0.25, 5);
    expect(Math.max(...(await step({ value: 0.1 })).map(Math.abs))).toBeCloseTo(0.1, 5);
  });
});

describe("metrics", () => {
  it("are left out of the mean for batches where they are NaN", async () => {
    const options = {
      loss: mse,
      metrics: { r2 },
      epochs: 1,
      batchSize: 33,
      shuffle: false,
    } as const;
    const { history } = await fit(dense(3, 1), line, {
      ...options,
      optimizer: sgd({ learningRate: 0 }),
    });
    const params = dense(3, 1).init({ seed: 0 });
    const three = [0, 33, 66].map((from) =>
      r2(dense(3, 1).apply(params, x.slice([from], [33])), y.slice([from], [33])).item(),
    );
    expect(history.r2[0]).toBeCloseTo(three.reduce((sum, one) => sum + one) / 3, 5); // not of row 99
  });

  it("may have any name", async () => {
    const metrics = { "rows of all": () => 3, constructor: () => 4, 7: mae };
    const { history } = await fit(dense(3, 1), line, {
      loss: mse,
      metrics,
      epochs: 1,
      validation: 0.2,
    });
    expect(history["rows of all"]).toEqual([3]);
    expect(history.validation?.constructor).toEqual([4]);
    expect(history[7]).toHaveLength(1);
  });
});

describe("callbacks and signals", () => {
  it("tell epochs and batches, are awaited, and end the training by false", async () => {
    const told: string[] = [];
    const got = await fit(dense(3, 1), line, {
      loss: mse,
      metrics: { mae },
      epochs: 5,
      batchSize: 50,
      callbacks: [
        {
          onBatch: ({ epoch, batch, batches, scores }) => {
            told.push(`${epoch}.${batch}/${batches} ${typeof scores.mae}`);
          },
        },
        async ({ epoch, epochs, scores, validation, params }) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          told.push(`${epoch}/${epochs} ${typeof scores.loss} ${validation} ${params.W.shape}`);
          return epoch < 2;
        },
      ],
    });
    expect(told).toEqual([
      "1.1/2 number",
      "1.2/2 number",
      "1/5 number undefined 3,1",
      "2.1/2 number",
      "2.2/2 number",
      "2/5 number undefined 3,1",
    ]);
    expect(got.stopped).toBe("callback");
    expect(got.history.loss).toHaveLength(2);
  });

  it("an abort ends it after the batch under way, timers included", async () => {
    const before = new AbortController();
    before.abort();
    const none = await fit(dense(3, 1), line, { loss: mse, signal: before.signal });
    expect(none.stopped).toBe("aborted");
    expect(none.history.loss).toEqual([]);
    const { signal } = { signal: AbortSignal.timeout(60) };
    const got = await fit(dense(3, 1), line, { loss: mse, epochs: 1e6, batchSize: 1, signal });
    expect(got.stopped).toBe("aborted");
    expect(got.params.W.shape).toEqual([3, 1]);
  });

  it("an error of a callback comes out, and the bar is put away", async () => {
    const boom = () => {
      throw new Error("boom");
    };
    await expect(fit(dense(3, 1), line, { loss: mse, callbacks: [boom] })).rejects.toThrow("boom");
  });
});

describe("evaluate", () => {
  it("weighs batches by their rows", () => {
    const params = dense(3, 1).init({ seed: 1 });
    const whole = evaluate(dense(3, 1), params, line, { loss: mse, metrics: { mae } });
    const parts = evaluate(dense(3, 1), params, line, {
      loss: mse,
      metrics: { mae },
      batchSize: 33,
    });
    expect(parts.loss).toBeCloseTo(whole.loss, 5);
    expect(parts.mae).toBeCloseTo(whole.mae, 5);
    expect(() => evaluate(dense(3, 1), params, line, { loss: mse, batchSize: 0 })).toThrow(
      UsageError,
    );
  });
});
