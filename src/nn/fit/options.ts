import {
  POSITIVE,
  requireNames,
  requireNumber,
  requireOptimizer,
  requireSeed,
  truth,
} from "../../checks/options.js";
import { said } from "../../checks/said.js";
import { UsageError } from "../../index.js";
import { requireScores } from "./scores.js";
import type { FitOptions } from "./types.js";

// biome-ignore format: a list of names
const names: readonly (keyof FitOptions<unknown, unknown, unknown, unknown, string>)[] = [
  "loss", "optimizer", "epochs", "batchSize", "validation", "metrics", "callbacks", "signal",
  "seed", "shuffle", "penalty", "clip", "earlyStopping", "params", "resume", "progress",
];

/** What a user of plain JavaScript may get wrong, found before anything begins. */
export function requireOptions<P, X, Y, O, M extends string>(
  options: FitOptions<P, X, Y, O, M>,
): void {
  requireNames("fit", options, names);
  const { loss, metrics, optimizer, epochs = 10, seed, shuffle, progress } = options ?? {};
  const { callbacks = [], signal, penalty, clip, resume } = options ?? {};
  requireScores("fit", loss, metrics);
  if (optimizer !== undefined) requireOptimizer("fit", optimizer, "adam");
  if (!Number.isInteger(epochs) || epochs < 0) {
    throw new UsageError(`fit: epochs is ${said(epochs)}; a whole number, 0 or more, was wanted`);
  }
  if (seed !== undefined) requireSeed("fit", seed);
  truth("fit: shuffle", shuffle);
  truth("fit: progress", progress);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    throw new UsageError(
      `fit: signal is ${said(signal)}; an AbortSignal, as controller.signal is, was wanted`,
    );
  }
  if (penalty !== undefined && typeof penalty !== "function") {
    throw new UsageError(
      `fit: the penalty is ${said(penalty)}; a function such as l2(1e-4) was wanted`,
    );
  }
  requireNames("fit: clip", clip, ["norm", "value"]);
  for (const [name, most] of Object.entries(clip ?? {})) {
    if (most !== undefined) requireNumber(`fit: clip: ${name}`, most, POSITIVE);
  }
  if (!Array.isArray(callbacks)) throw notCallbacks("callbacks", callbacks);
  callbacks.forEach(requireCallback);
  if (resume !== undefined && (typeof resume !== "object" || resume === null)) {
    throw new UsageError(`fit: resume is ${said(resume)}; a checkpoint was wanted`);
  }
}

/** A function, or an object that has onEpoch or onBatch; a plain one has nothing else, as by a slip. */
function requireCallback(callback: unknown, i: number): void {
  if (typeof callback === "function") return;
  const where = `callbacks[${i}]`;
  if (typeof callback !== "object" || callback === null) throw notCallbacks(where, callback);
  const known = ["onEpoch", "onBatch"];
  if (Object.getPrototypeOf(callback) === Object.prototype) {
    requireNames(`fit: ${where}`, callback, known);
  }
  const own = known.map((name) => (callback as Record<string, unknown>)[name]);
  const right = own.every((f) => f === undefined || typeof f === "function");
  if (!right || own.every((f) => f === undefined)) throw notCallbacks(where, callback);
}

function notCallbacks(where: string, value: unknown): UsageError {
  return new UsageError(
    `fit: ${where} is ${said(value)}; a list of functions, or of { onEpoch, onBatch }, was wanted`,
  );
}
