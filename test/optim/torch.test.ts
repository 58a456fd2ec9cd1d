import { describe, expect, it } from "vitest";
import { type DType, type Tensor, tensor } from "../../src/index.js";
import {
  adagrad,
  adam,
  adamw,
  cosineDecay,
  exponentialDecay,
  linearDecay,
  momentum,
  nesterov,
  type Optimizer,
  rmsprop,
  type Schedule,
  sgd,
  stepDecay,
  warmup,
} from "../../src/optim/index.js";
import reference from "../golden/optim/torch.json" with { type: "json" };

const optimizers = { sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw };
const schedules = { exponentialDecay, stepDecay, linearDecay, cosineDecay, warmup: warmed };

/** A schedule that is an option of another: `warmup` of a cosine. */
function warmed(initial: number, options: { steps: number; cosineDecay: { decaySteps: number } }) {
  return warmup(cosineDecay(initial, options.cosineDecay), options.steps);
}

/** The optimizers and schedules take what their types say: here it is read from a file. */
function made<T>(table: Readonly<Record<string, unknown>>, name: string, ...args: unknown[]): T {
  return (table[name] as (...args: unknown[]) => T)(...args);
}

/** The nine entries of the parameters after each step. */
function walk(optimizer: Optimizer, dtype: DType): number[][] {
  const at = (W: readonly number[], b: readonly number[]) => ({
    b: tensor(new Float64Array(b)).cast(dtype),
    W: tensor(new Float64Array(W)).cast(dtype).reshape([2, 3]),
  });
  let params: { W: Tensor; b: Tensor } = at(reference.start.W.flat(), reference.start.b);
  let state = optimizer.init(params);
  return reference.gradients.map((row) => {
    [params, state] = optimizer.update(params, at(row.slice(0, 6), row.slice(6)), state);
    expect([params.W.dtype, params.b.dtype]).toEqual([dtype, dtype]);
    return [...params.W.data(), ...params.b.data()];
  });
}

/** The largest difference, of numbers above 1 in size relative to them. */
const off = (got: readonly number[], want: readonly number[]): number => {
  expect(got.length).toBe(want.length);
  return Math.max(
    ...got.map((x, i) => {
      const y = want[i] as number;
      const difference = Math.abs(x - y) / Math.max(1, Math.abs(y));
      return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    }),
  );
};

describe.each([
  ["float64", 1e-12],
  ["float32", 1e-5],
] as const)("as PyTorch does, in %s", (dtype, bound) => {
  it.each(
    reference.cases.map((record) => [`${record.optimizer} as ${record.torch}`, record] as const),
  )("%s", (_, { optimizer, options, path }) => {
    const own = made<Optimizer>(optimizers, optimizer, options);
    expect(off(walk(own, dtype).flat(), path.flat())).toBeLessThanOrEqual(bound);
  });

  it.each(reference.scheduled.map((record) => [record.optimizer, record] as const))(
    "%s at a rate that decays",
    (_, { optimizer, options, schedule, scheduleOptions, path }) => {
      const learningRate = made<Schedule>(schedules, schedule, 0.1, scheduleOptions);
      const own = made<Optimizer>(optimizers, optimizer, { ...options, learningRate });
      expect(off(walk(own, dtype).flat(), path.flat())).toBeLessThanOrEqual(bound);
    },
  );
});

describe("schedules as PyTorch's", () => {
  it.each(
    reference.schedules.map((record) => [`${record.schedule} as ${record.torch}`, record] as const),
  )("%s", (_, { schedule, options, rates }) => {
    const own = made<Schedule>(schedules, schedule, 0.1, options);
    const got = rates.map((_, i) => own(i + 1));
    expect(off(got, rates)).toBeLessThanOrEqual(1e-12);
    expect(new Set(rates).size).toBeGreaterThan(2);
  });

  it("has each of them", () => {
    expect(new Set(reference.cases.map(({ optimizer }) => optimizer))).toEqual(
      new Set(Object.keys(optimizers)),
    );
    expect(new Set(reference.schedules.map(({ schedule }) => schedule))).toEqual(
      new Set(Object.keys(schedules)),
    );
  });
});
