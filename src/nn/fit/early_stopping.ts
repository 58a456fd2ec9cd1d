import { NOT_NEGATIVE, requireNames, requireNumber, truth } from "../../checks/options.js";
import { said } from "../../checks/said.js";
import { DomainError, UsageError } from "../../index.js";
import type { Best, EarlyStopping } from "./types.js";

type Found = { readonly [score: string]: number };

/** What early stopping makes of an epoch's scores. */
export interface Watch {
  /** The score that is watched, if it is better than the best so far. */
  better(scores: Found, best: Pick<Best<unknown>, "score"> | null): number | null;
  /** Whether to end after an epoch. */
  ends(epoch: number, best: Pick<Best<unknown>, "epoch"> | null): boolean;
  readonly restores: boolean;
}

/** The watch that options ask for, all of them checked; `names` are the scores that there are. */
export function watchOf(options: EarlyStopping, names: readonly string[]): Watch {
  const where = "fit: earlyStopping";
  requireNames(where, options, ["patience", "monitor", "better", "minDelta", "restoreBest"]);
  const { patience, monitor = "loss", minDelta = 0, restoreBest = true } = options;
  const better = options.better ?? (monitor === "loss" ? "lower" : undefined);
  if (!Number.isInteger(patience) || patience < 0) {
    throw new UsageError(
      `${where}: patience is ${said(patience)}; a whole number of epochs was wanted`,
    );
  }
  if (!names.includes(monitor)) {
    throw new UsageError(`${where}: there is no score ${monitor}; there are ${names.join(", ")}`);
  }
  if (better !== "lower" && better !== "higher") {
    throw new UsageError(`${where}: say what is better of ${monitor}: better: "lower" or "higher"`);
  }
  requireNumber(`${where}: minDelta`, minDelta, NOT_NEGATIVE);
  return {
    better(scores, best) {
      const score = scores[monitor] as number;
      if (Number.isNaN(score)) {
        throw new DomainError(
          `${where}: the ${monitor} to watch is NaN, with which none compares; look for NaN in the ` +
            "validation data",
        );
      }
      if (best === null) return score;
      const gain = better === "lower" ? best.score - score : score - best.score;
      return gain > minDelta ? score : null;
    },
    ends: (epoch, best) => best !== null && epoch - best.epoch >= Math.max(1, patience),
    restores: truth(`${where}: restoreBest`, restoreBest),
  };
}
