import { type Check, NOT_NEGATIVE, requireNumber } from "../checks/options.js";
import { said } from "../checks/said.js";
import { leaves, ShapeError, Tensor, UsageError } from "../index.js";
import type { Schedule } from "./schedule.js";
import { pathsOf } from "./state.js";

/**
 * How far a step goes: a number; a {@link Schedule}, which gives one for each step; a tensor of the
 * parameter's shape (one step size an entry) or a scalar; or, for a tree of parameters, a tree of these
 * (each goes for all below the place where it stands).
 */
export type LearningRate =
  | number
  | Schedule
  | Tensor
  | { readonly [key: string]: LearningRate }
  | readonly LearningRate[];

/** A learning rate as an option. Without a number that stands for it, it must be given. */
export function rate(unless?: number): Check<LearningRate> {
  return (where, value = unless) => {
    if (typeof value === "number") return requireNumber(where, value, NOT_NEGATIVE);
    const isRate = typeof value === "function" || (typeof value === "object" && value !== null);
    if (isRate && !ArrayBuffer.isView(value)) return value as LearningRate;
    throw new UsageError(
      `${where} is ${value === undefined ? "missing" : said(value)}; ` +
        "a number was wanted, a schedule, or tensors like the parameters",
    );
  };
}

/** The rate of each leaf of `params` (these in a `list`), in its dtype, at a step. */
export function ratesOf(
  where: string,
  rate: LearningRate,
  params: unknown,
  list: readonly Tensor[],
  step: number,
): readonly (number | Tensor)[] {
  if (typeof rate === "number") return list.map(() => rate);
  const found: (number | Tensor)[] = [];
  /** Puts the rates of a part of the parameters behind those that were found. */
  const spread = (rate: unknown, part: unknown): void => {
    if (typeof rate === "number" || typeof rate === "function") {
      const one = rateAt(where, rate as number | Schedule, step);
      for (const _ of leaves(part, where)) found.push(one);
    } else if (rate instanceof Tensor) {
      for (const p of leaves(part, where)) {
        if (rate.rank > 0 && String(rate.shape) !== String(p.shape)) {
          throw misfit(where, `[${rate.shape.join(", ")}]`, p);
        }
        found.push(rate.cast(p.dtype));
      }
    } else if (part instanceof Tensor) {
      const what = rate === undefined ? "absent" : said(rate);
      const path = pathsOf(params)[found.length];
      throw misfit(where, path ? `${what} at ${path}` : what, part);
    } else if (part !== undefined) {
      for (const [own, below] of paired(where, rate, part as object)) spread(own, below);
    }
  };
  spread(rate, params);
  return found;
}

/** The parts of a tree in the order of `leaves`, each with the rate that stands where it does. */
function paired(where: string, rate: unknown, part: object): [rate: unknown, part: unknown][] {
  if (rate !== undefined && (typeof rate !== "object" || rate === null)) {
    throw new UsageError(`${where}: learningRate is ${said(rate)} for a tree of parameters`);
  }
  const rates = new Map<string, unknown>(Object.entries(rate ?? {}));
  const parts = Object.entries(part).map(([key, below]) => [key, below] as const);
  const other = [...rates.keys()].find((key) => !Object.hasOwn(part, key));
  if (other !== undefined) {
    throw new UsageError(`${where}: learningRate has ${other}, which the parameters have not`);
  }
  if (!Array.isArray(part)) parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([key, below]) => [rates.get(key), below]);
}

/** A number, or what a schedule says it is at a step. */
function rateAt(where: string, rate: number | Schedule, step: number): number {
  return typeof rate === "number"
    ? requireNumber(`${where}: learningRate`, rate, NOT_NEGATIVE)
    : requireNumber(`${where}: learningRate at step ${step}`, rate(step), NOT_NEGATIVE);
}

function misfit(where: string, what: string, { shape }: Tensor): ShapeError {
  return new ShapeError(
    `${where}: learningRate is ${what} for a parameter of shape [${shape.join(", ")}]; ` +
      "a number, a scalar or that shape was wanted",
  );
}
