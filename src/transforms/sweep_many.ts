import { scoped } from "../kernels/memory.js";
import { concat, pad } from "../ops/join.js";
import { reshape, t } from "../ops/reshape.js";
import { pushForward } from "../tape/forward.js";
import { pullBack } from "../tape/sweep.js";
import type { Tape } from "../tape/tape.js";
import { eye, zeros } from "../tensor/create.js";
import { bytesOf, type DType } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import type { Tensor } from "../tensor/tensor.js";
import { Batch } from "./batch.js";

/** Which way a Jacobian is swept: by directions of the arguments, or of the results. */
export type Mode = "forward" | "reverse";

/** How much memory the values of one sweep may take, unless `chunk` says how many directions. */
const SWEEP_BYTES = 64 * 2 ** 20;

/**
 * The Jacobian of what a tape has recorded, by result and argument, as matrices `[Y.size, X.size]`:
 * all directions go through the rules in one sweep, along an axis in front, or in as few sweeps as
 * memory allows.
 */
export function jacobianOf(
  tape: Tape,
  outputs: readonly Tensor[],
  options: {
    readonly mode?: Mode | undefined;
    readonly chunk?: number | undefined;
    /** It is its own adjoint, as a Hessian is. */
    readonly symmetric?: boolean;
  },
): Tensor[][] {
  const ins = total(tape.inputs);
  const outs = total(outputs);
  const mode = options.mode ?? (ins <= outs ? "forward" : "reverse");
  const chunk = options.chunk ?? directionsAtOnce(tape);
  if (mode === "reverse") return byResults(tape, outputs, chunk);
  // A row for each direction of an argument: ∂(results)ᵀ by argument and result.
  const rows = byArguments(tape, outputs, chunk);
  if (options.symmetric) return rows;
  return outputs.map((_, i) => rows.map((list) => t(list[i] as Tensor)));
}

function byArguments(tape: Tape, outputs: readonly Tensor[], chunk: number): Tensor[][] {
  return tape.inputs.map((x, j) => {
    const { parts, count } = inChunks(x, chunk, (batch, dX) => {
      const tangents = tape.inputs.map((_, i) => (i === j ? dX : null));
      return pushForward(tape, outputs, tangents).map((dY) => dY && batch.all(dY));
    });
    return outputs.map((y, i) => joined(parts, i, count, y));
  });
}

function byResults(tape: Tape, outputs: readonly Tensor[], chunk: number): Tensor[][] {
  return outputs.map((y) => {
    const { parts, count } = inChunks(y, chunk, (batch, Ybar) =>
      pullBack(tape, [y], [Ybar]).map((bar) => bar && batch.all(bar)),
    );
    return tape.inputs.map((x, j) => joined(parts, j, count, x));
  });
}

type Parts = readonly (readonly (Tensor | null)[])[];

/** Runs `sweep` for all unit directions of `x`, at most `chunk` at once. */
function inChunks(
  x: Tensor,
  chunk: number,
  sweep: (batch: Batch, directions: Tensor) => (Tensor | null)[],
): { readonly parts: Parts; readonly count: number } {
  const parts: (Tensor | null)[][] = [];
  for (let from = 0; from < x.size; from += chunk) {
    const size = Math.min(chunk, x.size - from);
    const part = scoped(
      () => {
        const batch = new Batch(size);
        const all = reshape(unitRows(from, size, x.size, x.dtype), [size, ...x.shape]);
        return batch.during(() => sweep(batch, batch.handle(all)));
      },
      (list) => list.filter((y) => y !== null),
    );
    parts.push(part);
  }
  return { parts, count: x.size };
}

/** Rows `from` to `from + size` of the identity of order `n`. */
function unitRows(from: number, size: number, n: number, dtype: DType): Tensor {
  const I = eye(size, { dtype });
  if (size === n) return I;
  return pad(I, [[0, 0] as const, [from, n - from - size] as const]);
}

/** The parts of all sweeps under one another, as a matrix of a row for each direction. */
function joined(parts: Parts, index: number, count: number, like: Tensor): Tensor {
  const list = parts.map((part) => part[index] as Tensor | null);
  const found = list.filter((part) => part !== null);
  if (found.length < list.length || list.length === 0) {
    return zeros([count, like.size], { dtype: like.dtype });
  }
  const rows = found.map((part) => reshape(part, [part.shape[0] as number, like.size]));
  return rows.length === 1 ? (rows[0] as Tensor) : concat(rows);
}

function directionsAtOnce(tape: Tape): number {
  let bytes = 0;
  for (const { outputs } of tape.entries) {
    for (const y of outputs) bytes += bytesOf(y.dtype, y.size);
  }
  return Math.max(1, Math.floor(SWEEP_BYTES / Math.max(1, bytes)));
}

export function requireChunk(name: string, chunk: number | undefined): void {
  if (chunk === undefined || (Number.isInteger(chunk) && chunk > 0)) return;
  throw new UsageError(
    `${name}: chunk is ${chunk}; the number of directions to sweep at once was wanted, 1 or more`,
  );
}

function total(list: readonly Tensor[]): number {
  return list.reduce((n, x) => n + x.size, 0);
}
