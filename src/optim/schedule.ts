import {
  checked,
  NOT_NEGATIVE,
  needed,
  number,
  POSITIVE,
  type Range,
  requireNumber,
} from "../checks/options.js";
import { said } from "../checks/said.js";
import { UsageError } from "../index.js";

/**
 * A learning rate that changes: that of each step, counted from 1. Optimizers count their steps in
 * their state, so that training which goes on from a saved state goes on in the schedule, too.
 */
export type Schedule = (step: number) => number;

const PART: Range = { wanted: "a number above 0 and up to 1", has: (x) => x > 0 && x <= 1 };
const COUNT: Range = {
  wanted: "a whole number of at least 1",
  has: (x) => Number.isInteger(x) && x >= 1,
};
const STEP: Range = { wanted: "a number of at least 1", has: (x) => x >= 1 };

/** A schedule from the rate after so many steps; the first is taken after none. */
function schedule(name: string, after: (count: number) => number): Schedule {
  return (step) => after(requireNumber(`${name}: the step`, step, STEP) - 1);
}

/** The rate that a schedule begins with. */
function first(name: string, initial: unknown): number {
  return requireNumber(`${name}: the initial learning rate`, initial, NOT_NEGATIVE);
}

/**
 * `η₀ · decayRate^(t / decaySteps)` after t steps: by the factor `decayRate` lower with every
 * `decaySteps` steps (1 unless given), smoothly; {@link stepDecay} does it in stairs.
 *
 * @throws DomainError when `decayRate` lies outside (0, 1], or another number is out of its range;
 *   UsageError for what is none, and for an option that there is not.
 * @example
 * const rate = exponentialDecay(0.1, { decayRate: 0.5, decaySteps: 10 });
 * [rate(1), rate(11), rate(21)]; // [0.1, 0.05, 0.025]
 */
export function exponentialDecay(
  initial: number,
  options: { readonly decayRate: number; readonly decaySteps?: number | undefined },
): Schedule {
  const name = "exponentialDecay";
  const start = first(name, initial);
  const { decayRate, decaySteps } = checked(name, options, {
    decayRate: needed(PART),
    decaySteps: number(POSITIVE, 1),
  });
  return schedule(name, (count) => start * decayRate ** (count / decaySteps));
}

/**
 * `η₀ · decayRate^k`, where k counts how often `stepSize` steps were taken, or how many of the
 * `milestones` (numbers of steps) have passed. `decayRate` is 0.1 unless given.
 *
 * @throws As {@link exponentialDecay}; UsageError unless one of `stepSize` and `milestones` is given.
 * @example
 * const rate = stepDecay(1, { stepSize: 100, decayRate: 0.5 });
 * [rate(1), rate(100), rate(101), rate(201)]; // [1, 1, 0.5, 0.25]
 * stepDecay(1, { milestones: [30, 80] })(31); // 0.1
 */
export function stepDecay(
  initial: number,
  options: {
    readonly stepSize?: number | undefined;
    readonly milestones?: readonly number[] | undefined;
    readonly decayRate?: number | undefined;
  },
): Schedule {
  const name = "stepDecay";
  const start = first(name, initial);
  const { stepSize, milestones, decayRate } = checked(name, options, {
    stepSize: (where, value) => (value === undefined ? null : requireNumber(where, value, COUNT)),
    milestones: increasing,
    decayRate: number(PART, 0.1),
  });
  if ((stepSize === null) === (milestones === null)) {
    throw new UsageError(
      `${name}: ${stepSize === null ? "neither" : "both"} of stepSize and milestones came; ` +
        "one of them was wanted",
    );
  }
  return schedule(name, (count) => {
    const stairs =
      stepSize === null
        ? (milestones ?? []).filter((mark) => mark <= count).length
        : Math.floor(count / stepSize);
    return start * decayRate ** stairs;
  });
}

/** Numbers of steps, each higher than the one before. */
function increasing(where: string, value: unknown): readonly number[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value)) {
    throw new UsageError(`${where} is ${said(value)}; a list of numbers of steps was wanted`);
  }
  const list: readonly unknown[] = value;
  return list.map((mark, i) => {
    const before = i === 0 ? 0 : (list[i - 1] as number);
    return requireNumber(`${where}[${i}]`, mark, {
      wanted: `a whole number above ${before}`,
      has: (x) => Number.isInteger(x) && x > before,
    });
  });
}

/**
 * From `η₀` in a straight line to `end` (0 unless given), which is reached after `decaySteps` steps
 * and kept.
 *
 * @throws As {@link exponentialDecay}.
 * @example
 * const rate = linearDecay(0.1, { decaySteps: 4, end: 0.02 });
 * [rate(1), rate(3), rate(5), rate(100)]; // [0.1, 0.06, 0.02, 0.02]
 */
export function linearDecay(
  initial: number,
  options: { readonly decaySteps: number; readonly end?: number | undefined },
): Schedule {
  const name = "linearDecay";
  const start = first(name, initial);
  const { decaySteps, end } = checked(name, options, {
    decaySteps: needed(POSITIVE),
    end: number(NOT_NEGATIVE, 0),
  });
  return schedule(name, (count) => {
    const part = Math.min(1, count / decaySteps);
    return (1 - part) * start + part * end;
  });
}

/**
 * From `η₀` along half a wave of the cosine to `end` (0 unless given), which is reached after
 * `decaySteps` steps and kept: `end + ½ (η₀ − end) (1 + cos(π t / decaySteps))` after t steps (Loshchilov
 * and Hutter, SGDR, 2017, equation 5).
 *
 * With `restarts` it begins anew each time, with runs that become `tMul` times as long from one to the
 * next, and `mMul` times as high above `end`; both are 1 unless given.
 *
 * @throws As {@link exponentialDecay}; DomainError when `tMul` is less than 1, or `mMul` lies outside
 *   (0, 1].
 * @example
 * const rate = cosineDecay(0.1, { decaySteps: 100 });
 * [rate(1), rate(51), rate(101), rate(200)]; // [0.1, 0.05, 0, 0]
 * const waves = cosineDecay(0.1, { decaySteps: 10, restarts: { tMul: 2 } });
 * [waves(1), waves(6), waves(11), waves(21), waves(31)]; // [0.1, 0.05, 0.1, 0.05, 0.1]
 */
export function cosineDecay(
  initial: number,
  options: {
    readonly decaySteps: number;
    readonly end?: number | undefined;
    readonly restarts?:
      | boolean
      | { readonly tMul?: number | undefined; readonly mMul?: number | undefined }
      | undefined;
  },
): Schedule {
  const name = "cosineDecay";
  const start = first(name, initial);
  const { decaySteps, end, restarts } = checked(name, options, {
    decaySteps: needed(POSITIVE),
    end: number(NOT_NEGATIVE, 0),
    restarts: restartsOf,
  });
  return schedule(name, (count) => {
    const { part, runs } = within(count, decaySteps, restarts?.tMul ?? null);
    const height = (restarts?.mMul ?? 1) ** runs;
    return end + 0.5 * (start - end) * height * (1 + Math.cos(Math.PI * part));
  });
}

function restartsOf(where: string, value: unknown) {
  if (value === undefined || value === false) return null;
  const atLeastOne: Range = {
    wanted: "a finite number of at least 1",
    has: (x) => x >= 1 && Number.isFinite(x),
  };
  const checks = { tMul: number(atLeastOne, 1), mMul: number(PART, 1) };
  return checked(where, value === true ? {} : value, checks);
}

/** What part of its run is over after so many steps, and how many runs came before it. */
function within(
  count: number,
  length: number,
  stretch: number | null,
): { readonly part: number; readonly runs: number } {
  if (stretch === null) return { part: Math.min(1, count / length), runs: 0 };
  if (stretch === 1) {
    const runs = Math.floor(count / length);
    return { part: count / length - runs, runs };
  }
  let [rest, long, runs] = [count, length, 0];
  for (; rest >= long; runs++) {
    rest -= long;
    long *= stretch;
  }
  return { part: rest / long, runs };
}

/**
 * A schedule, or a constant rate, after a start of so many steps, in which the rate rises in a straight
 * line to the one that the schedule begins with (Goyal et al., Accurate, Large Minibatch SGD, 2017,
 * section 2.2). Then the schedule takes its own first step.
 *
 * @throws DomainError when `steps` is not a whole number of at least 0; UsageError for what is neither a
 *   schedule nor a number.
 * @example
 * const rate = warmup(linearDecay(0.4, { decaySteps: 4 }), 4);
 * [1, 2, 3, 4, 5, 6, 7, 8, 9].map(rate); // [0.1, 0.2, 0.3, 0.4, 0.4, 0.3, 0.2, 0.1, 0]
 */
export function warmup(rate: Schedule | number, steps: number): Schedule {
  if (typeof rate !== "function" && typeof rate !== "number") {
    throw new UsageError(`warmup: the rate is ${said(rate)}; a schedule or a number was wanted`);
  }
  const start = typeof rate === "number" ? first("warmup", rate) : 0;
  const after: Schedule = typeof rate === "number" ? () => start : rate;
  requireNumber("warmup: steps", steps, {
    wanted: "a whole number of at least 0",
    has: (x) => Number.isInteger(x) && x >= 0,
  });
  return schedule("warmup", (count) =>
    count < steps ? (after(1) * (count + 1)) / steps : after(count + 1 - steps),
  );
}
