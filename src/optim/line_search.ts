import { requireNames } from "../checks/options.js";
import { DomainError, SingularError, UsageError } from "../index.js";

/** A point on the way: how far along it, the function there, and its slope along the way. */
export interface Trial {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

/** When a line search is content, and when it gives up. */
export interface LineSearchOptions {
  /** The part of the decrease promised by the slope that is asked for, c₁; 1e-4 unless given. */
  readonly c1?: number | undefined;
  /** The part of the slope that may be left, in size, c₂; 0.9 unless given. */
  readonly c2?: number | undefined;
  /** How often the function may be evaluated; 20 unless given. */
  readonly maxEvaluations?: number | undefined;
}

/** The same, settled. */
export interface LineSearch {
  readonly c1: number;
  readonly c2: number;
  readonly maxEvaluations: number;
}

export function lineSearchOptions(name: string, options: LineSearchOptions): LineSearch {
  if (typeof options !== "object" || options === null) {
    throw new UsageError(
      `${name}: lineSearch is ${String(options)}; an object was wanted, such as { c1: 1e-4 }`,
    );
  }
  requireNames(`${name}: lineSearch`, options, ["c1", "c2", "maxEvaluations"]);
  const { c1 = 1e-4, c2 = 0.9, maxEvaluations = 20 } = options;
  if (!(c1 > 0 && c1 < c2 && c2 < 1)) {
    throw new DomainError(`${name}: c1 is ${c1} and c2 is ${c2}; 0 < c1 < c2 < 1 was wanted`);
  }
  if (!Number.isInteger(maxEvaluations) || maxEvaluations < 1) {
    throw new DomainError(
      `${name}: maxEvaluations is ${maxEvaluations}; a whole number, 1 or more, was wanted`,
    );
  }
  return { c1, c2, maxEvaluations };
}

/**
 * A step that fulfils the strong Wolfe conditions `φ(a) ≤ φ(0) + c₁ a φ′(0)` and
 * `|φ′(a)| ≤ c₂ |φ′(0)|` (Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6).
 *
 * Differences of values up to `rounding` tell nothing; there the slopes decide, as in the approximate
 * conditions of Hager and Zhang, 2005. A value that is not finite is that of too long a step.
 * When the evaluations are used up, the lowest trial that fulfils the first condition is given, or
 * null where none does, or where the way does not lead down.
 */
export function strongWolfe<T extends Trial>(
  phi: (step: number) => T,
  start: Trial,
  first: number,
  { c1, c2, maxEvaluations }: LineSearch,
  rounding = 0,
): T | null {
  if (!(start.slope < 0) || !(first > 0)) return null;
  const isTooHigh = (t: Trial): boolean =>
    !isKnown(t) ||
    t.value > start.value + c1 * t.step * start.slope + rounding ||
    (low !== start && t.value - low.value >= rounding);
  const isFlat = (t: Trial): boolean => Math.abs(t.slope) <= -c2 * start.slope;
  // `low` is the best step so far. From when `high` is known, good steps lie between the two.
  let low: Trial = start;
  let high: Trial | null = null;
  let best: T | null = null;
  const widths: number[] = [];
  let misses = 0;
  let step = first;
  for (let count = 0; count < maxEvaluations; count++) {
    const trial = phi(step);
    const before = low;
    misses = isKnown(trial) ? 0 : misses + 1;
    if (isTooHigh(trial)) high = trial;
    else {
      if (isFlat(trial)) return trial;
      const ahead: number = high === null ? 1 : high.step - low.step;
      if (trial.slope * ahead >= 0) high = low;
      low = trial;
      if (trial.value < start.value) best = trial;
    }
    const next: number = high === null ? beyond(before, low) : between(low, high, misses, widths);
    if (!Number.isFinite(next) || next === low.step || next === high?.step) break;
    step = next;
  }
  return best;
}

/**
 * A step that fulfils `φ(a) ≤ φ(0) + c₁ a φ′(0)`, shorter than the one of `tried`, which does not:
 * backtracking as in Nocedal and Wright, algorithm 3.1, each time to the lowest point of a parabola.
 * Null where there is none within the evaluations.
 */
export function backtrack<T extends Omit<Trial, "slope">>(
  phi: (step: number) => T,
  start: Trial,
  tried: Omit<Trial, "slope">,
  { c1, maxEvaluations }: LineSearch,
): T | null {
  if (!(start.slope < 0)) return null;
  let { step, value } = tried;
  for (let count = 0; count < maxEvaluations; count++) {
    // The parabola with the value and slope at 0 and the value at `step`, and half the step at most.
    const bend = value - start.value - start.slope * step;
    const lowest = (-start.slope * step) / (2 * bend);
    step *= Number.isFinite(value) ? Math.min(0.5, Math.max(0.1, lowest)) : 0.1;
    const trial = phi(step);
    if (trial.value <= start.value + c1 * step * start.slope) return trial;
    value = trial.value;
  }
  return null;
}

/**
 * What `body` gives, or null where the function has no value: beyond its domain, as `logdet` of a matrix of
 * negative determinant, or at a singular matrix. A step that leads there is too long.
 */
export function whereDefined<T>(body: () => T): T | null {
  try {
    return body();
  } catch (error) {
    if (error instanceof DomainError || error instanceof SingularError) return null;
    throw error;
  }
}

function isKnown({ value, slope }: Trial): boolean {
  return Number.isFinite(value) && Number.isFinite(slope);
}

/** A longer step, where two show the way down: 1.1 to 10 times as long. */
function beyond(a: Trial, b: Trial): number {
  const next = cubicMinimum(a, b);
  return next > b.step ? Math.min(10 * b.step, Math.max(1.1 * b.step, next)) : 10 * b.step;
}

/**
 * A step between two: where the cubic is lowest, or half way, if the way between has not become a third
 * shorter with the last two trials (Moré and Thuente, 1994). `widths` are those so far.
 */
function between(low: Trial, high: Trial, misses: number, widths: number[]): number {
  const width = high.step - low.step;
  const slow = Math.abs(width) > 0.66 * (widths.at(-2) ?? Number.POSITIVE_INFINITY);
  widths.push(Math.abs(width));
  // The first time half way to where there is no value, then closer and closer.
  if (!isKnown(high)) return low.step + width * (misses < 2 ? 0.5 : 0.1);
  const part = (cubicMinimum(low, high) - low.step) / width;
  const inside = !slow && part >= 0 && part <= 1;
  return low.step + width * (inside ? Math.min(0.99, Math.max(0.01, part)) : 0.5);
}

/** Where the cubic with the values and slopes of two trials is lowest: (3.59) there. */
function cubicMinimum(a: Trial, b: Trial): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  return b.step - ((b.step - a.step) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
}
