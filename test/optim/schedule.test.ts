import { describe, expect, it } from "vitest";
import { DomainError, scalar, type Tensor, UsageError } from "../../src/index.js";
import {
  cosineDecay,
  exponentialDecay,
  linearDecay,
  minimize,
  type Schedule,
  sgd,
  stepDecay,
  warmup,
} from "../../src/optim/index.js";
import { f64 } from "./problems.js";

/** The rates of the first steps. */
const rates = (schedule: Schedule, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => schedule(i + 1));

const close = (got: readonly number[], want: readonly number[]): void => {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    expect(x).toBeCloseTo(want[i] as number, 14);
  });
};

/** Calls a function as plain JavaScript does, which no type holds back. */
const call = (f: unknown, ...args: unknown[]): unknown =>
  (f as (...args: unknown[]) => unknown)(...args);

describe("schedules", () => {
  it("begin at the first step with the initial rate", () => {
    const all = [
      exponentialDecay(0.3, { decayRate: 0.5 }),
      stepDecay(0.3, { stepSize: 1 }),
      stepDecay(0.3, { milestones: [1] }),
      linearDecay(0.3, { decaySteps: 7 }),
      cosineDecay(0.3, { decaySteps: 7 }),
      cosineDecay(0.3, { decaySteps: 7, restarts: true }),
      warmup(0.3, 0),
      warmup(0.3, 1),
    ];
    close(
      all.map((schedule) => schedule(1)),
      all.map(() => 0.3),
    );
  });

  it("exponentialDecay multiplies by its factor with each step, unless told how slowly", () => {
    let rate = 2;
    for (const got of rates(exponentialDecay(2, { decayRate: 0.9 }), 30)) {
      expect(got).toBeCloseTo(rate, 14);
      rate *= 0.9;
    }
    expect(exponentialDecay(2, { decayRate: 0.25, decaySteps: 4 })(3)).toBeCloseTo(1, 14);
    expect(exponentialDecay(2, { decayRate: 0.25, decaySteps: 0.5 })(2)).toBeCloseTo(0.125, 14);
    expect(exponentialDecay(2, { decayRate: 1 })(1000)).toBe(2);
  });

  it("stepDecay goes down after its steps, or after each milestone", () => {
    expect(rates(stepDecay(8, { stepSize: 2, decayRate: 0.5 }), 7)).toEqual([8, 8, 4, 4, 2, 2, 1]);
    const marked = stepDecay(8, { milestones: [1, 4], decayRate: 0.5 });
    expect(rates(marked, 6)).toEqual([8, 4, 4, 4, 2, 2]);
    expect(rates(stepDecay(8, { milestones: [] }), 3)).toEqual([8, 8, 8]);
  });

  it("linearDecay and cosineDecay reach their end, and stay there", () => {
    close(rates(linearDecay(1, { decaySteps: 4, end: 0.2 }), 7), [1, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2]);
    expect(linearDecay(0.1, { decaySteps: 3, end: 0.7 })(1e9)).toBe(0.7);
    const cosine = cosineDecay(1, { decaySteps: 6, end: 0.5 });
    const half = Math.sqrt(3) / 4;
    const want = [1, 0.75 + half / 2, 0.875, 0.75, 0.625, 0.75 - half / 2, 0.5, 0.5];
    close(rates(cosine, 8), want);
    expect([cosine(7), cosine(1e12)]).toEqual([0.5, 0.5]);
  });

  it("cosineDecay begins anew with longer and lower waves", () => {
    const wave = cosineDecay(1, { decaySteps: 2, end: 0.2, restarts: { tMul: 2, mMul: 0.5 } });
    const low = (height: number, part: number): number =>
      0.2 + 0.5 * (1 - 0.2) * height * (1 + Math.cos(Math.PI * part));
    const second = [0, 1, 2, 3].map((k) => low(0.5, k / 4));
    const third = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => low(0.25, k / 8));
    close(rates(wave, 15), [1, low(1, 0.5), ...second, ...third, low(0.125, 0)]);
    // Far out, in a moment.
    expect(cosineDecay(1, { decaySteps: 1000, restarts: true })(1e12 + 501)).toBeCloseTo(0.5, 3);
    expect(cosineDecay(1, { decaySteps: 1000, restarts: { tMul: 1.01 } })(1e12)).toBeLessThan(1);
  });

  it("warmup rises to the rate that its schedule begins with, and then lets it begin", () => {
    close(rates(warmup(0.8, 4), 6), [0.2, 0.4, 0.6, 0.8, 0.8, 0.8]);
    const fall = exponentialDecay(1, { decayRate: 0.5 });
    close(rates(warmup(fall, 2), 5), [0.5, 1, 1, 0.5, 0.25]);
    expect(rates(warmup(fall, 0), 9)).toEqual(rates(fall, 9));
    close(rates(warmup(warmup(1, 2), 2), 5), [0.25, 0.5, 0.5, 1, 1]);
  });

  it.each([
    [
      () => exponentialDecay(-1, { decayRate: 0.5 }),
      "exponentialDecay: the initial learning rate is -1; a finite number of at least 0 was wanted",
    ],
    [
      () => exponentialDecay(1, { decayRate: 0 }),
      "exponentialDecay: decayRate is 0; a number above 0 and up to 1 was wanted",
    ],
    [() => exponentialDecay(1, { decayRate: 1.5 }), "exponentialDecay: decayRate is 1.5"],
    [
      () => exponentialDecay(1, { decayRate: 0.5, decaySteps: 0 }),
      "exponentialDecay: decaySteps is 0; a finite number above 0 was wanted",
    ],
    [() => exponentialDecay(Number.NaN, { decayRate: 0.5 }), "the initial learning rate is NaN"],
    [
      () => exponentialDecay(1, { decayRate: 0.5 })(0),
      "exponentialDecay: the step is 0; a number of at least 1 was wanted",
    ],
    [() => linearDecay(1, { decaySteps: 3 })(Number.NaN), "linearDecay: the step is NaN"],
    [
      () => linearDecay(1, { decaySteps: Number.POSITIVE_INFINITY }),
      "linearDecay: decaySteps is Infinity",
    ],
    [() => linearDecay(1, { decaySteps: 3, end: -1 }), "linearDecay: end is -1"],
    [
      () => stepDecay(1, { stepSize: 1.5 }),
      "stepDecay: stepSize is 1.5; a whole number of at least 1 was wanted",
    ],
    [
      () => stepDecay(1, { milestones: [3, 3] }),
      "stepDecay: milestones[1] is 3; a whole number above 3 was wanted",
    ],
    [
      () => cosineDecay(1, { decaySteps: 3, restarts: { tMul: 0.5 } }),
      "cosineDecay: restarts: tMul is 0.5; a finite number of at least 1 was wanted",
    ],
    [
      () => cosineDecay(1, { decaySteps: 3, restarts: { mMul: 2 } }),
      "cosineDecay: restarts: mMul is 2",
    ],
    [() => warmup(1, -1), "warmup: steps is -1; a whole number of at least 0 was wanted"],
    [() => warmup(1, 2.5), "warmup: steps is 2.5"],
  ])("refuse numbers out of their range: %s", (make, message) => {
    expect(make).toThrow(DomainError);
    expect(make).toThrow(message);
  });

  it.each([
    [
      () => call(exponentialDecay, 1),
      "exponentialDecay: decayRate is missing; a number above 0 and up to 1 was wanted",
    ],
    [
      () => call(exponentialDecay, 1, 0.5),
      "exponentialDecay: the options are 0.5; an object was wanted, such as { decayRate: … }",
    ],
    [
      () => call(exponentialDecay, "1", { decayRate: 0.5 }),
      'exponentialDecay: the initial learning rate is "1"',
    ],
    [
      () => call(exponentialDecay, { learningRate: 1 }),
      "exponentialDecay: the initial learning rate is an object",
    ],
    [
      () => call(cosineDecay, 1, { steps: 3 }),
      "cosineDecay: there is no option steps; the options are decaySteps, end, restarts",
    ],
    [
      () => call(cosineDecay, 1, { decaysteps: 3 }),
      "cosineDecay: there is no option decaysteps; did you mean decaySteps?",
    ],
    [
      () => call(cosineDecay, 1, { decaySteps: 3, restarts: 2 }),
      "cosineDecay: restarts: the options are 2",
    ],
    [() => call(linearDecay, 1, {}), "linearDecay: decaySteps is missing"],
    [() => call(linearDecay, 1, null), "linearDecay: the options are null"],
    [() => stepDecay(1, {}), "stepDecay: neither of stepSize and milestones came"],
    [
      () => stepDecay(1, { stepSize: 3, milestones: [3] }),
      "stepDecay: both of stepSize and milestones came",
    ],
    [
      () => call(stepDecay, 1, { milestones: 3 }),
      "stepDecay: milestones is 3; a list of numbers of steps was wanted",
    ],
    [() => call(stepDecay, 1, { milestones: ["3"] }), 'stepDecay: milestones[0] is "3"'],
    [
      () => call(warmup, scalar(1), 3),
      "warmup: the rate is a tensor []; a schedule or a number was wanted",
    ],
    [() => call(warmup, 1), "warmup: steps is undefined"],
  ])("refuse what is wrong in plain JavaScript: %s", (make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });
});

describe("a schedule as learning rate", () => {
  it("is asked for each step, counted from 1, once", () => {
    const asked: number[] = [];
    const learningRate = (step: number): number => {
      asked.push(step);
      return 1 / step;
    };
    const f = (x: Tensor): Tensor => x.sum();
    const { x } = minimize(f, f64([0, 0]), { optimizer: sgd({ learningRate }), steps: 4 });
    expect(asked).toEqual([1, 2, 3, 4]);
    expect(x.data()[0]).toBeCloseTo(-(1 + 1 / 2 + 1 / 3 + 1 / 4), 14);
  });

  it("goes on where the state has got to", () => {
    const x = f64([1]);
    const descent = () => sgd({ learningRate: stepDecay(1, { stepSize: 2, decayRate: 0.5 }) });
    const one = descent();
    const [at, state] = one.update(...([x, f64([1]), one.init(x)] as const));
    const [then, next] = one.update(at, f64([1]), state);
    const [last] = descent().update(then, f64([1]), next);
    expect([at.item(), then.item(), last.item()]).toEqual([0, -1, -1.5]);
  });

  it("may stand in a tree of rates, beside numbers and tensors, for all below its place", () => {
    const params = { a: { u: f64([0]), v: f64([0, 0]) }, b: f64([0]), c: [f64([0]), f64([0, 0])] };
    const ones = { a: { u: f64([1]), v: f64([1, 1]) }, b: f64([1]), c: [f64([1]), f64([1, 1])] };
    const learningRate = { b: 0.5, a: (step: number) => 10 * step, c: [scalar(2), f64([3, 4])] };
    const descent = sgd({ learningRate });
    const [next] = descent.update(params, ones, { ...descent.init(params), steps: 1 });
    expect(JSON.parse(JSON.stringify(next))).toEqual({
      a: { u: [-20], v: [-20, -20] },
      b: [-0.5],
      c: [[-2], [-3, -4]],
    });
  });

  it.each([
    [
      () => Number.NaN,
      DomainError,
      "sgd: learningRate at step 3 is NaN; a finite number of at least 0 was wanted",
    ],
    [() => Number.POSITIVE_INFINITY, DomainError, "sgd: learningRate at step 3 is Infinity"],
    [() => -0.1, DomainError, "sgd: learningRate at step 3 is -0.1"],
    [() => undefined, UsageError, "sgd: learningRate at step 3 is undefined"],
    [() => "0.1", UsageError, 'sgd: learningRate at step 3 is "0.1"'],
    [async () => 0.1, UsageError, "sgd: learningRate at step 3 is a Promise"],
    [() => scalar(1), UsageError, "sgd: learningRate at step 3 is a tensor []"],
  ])("%s is refused, with the step", (late, kind, message) => {
    const learningRate = (step: number) => (step < 3 ? 0.1 : late()) as number;
    const run = () =>
      minimize((x: Tensor) => x.square().sum(), f64([1]), { optimizer: sgd({ learningRate }) });
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });
});
