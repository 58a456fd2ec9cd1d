import { scoped } from "../kernels/memory.js";
import type { Tape } from "../tape/tape.js";
import { requireOptions } from "../tensor/options.js";
import { Storage } from "../tensor/storage.js";
import { Tensor } from "../tensor/tensor.js";
import { mapTree, tensorsIn } from "../tensor/tree.js";
import { asyncFunction } from "./arguments.js";
import { recordTree } from "./vjp.js";

/**
 * Runs `f` and gives its value with the tape of the ops that depend on the arguments. Print the
 * tape to see them: op, where its inputs come from, shapes, and what is saved for the rules.
 *
 * @throws UsageError when `f` gives a Promise or no tensors; with `anomaly`, DomainError at the first
 *   op whose result is not finite.
 * @example
 * const { tape } = record((x: Tensor) => x.square().sum(), [tensor([1, 2])]);
 * String(tape).split("\n");
 * // x0 = input [2] float32
 * // v0 = square(x0) [2]  saves X [2]
 * // v1 = sum(v0) []
 * tape.entries.length; // 2
 */
export function record<P extends unknown[], R>(
  f: (...args: P) => R,
  args: P,
  options: { readonly anomaly?: boolean | undefined } = {},
): { readonly value: R; readonly tape: Tape } {
  return scoped(
    () => recordTree("record", f, args, requireOptions("record", options, ["anomaly"])),
    (run) => [...tensorsIn(run.value), ...run.tape.saved()],
  );
}

/**
 * Runs `body` and frees what it made, but for the tensors in its result (in arrays and plain objects;
 * not those that a function in it, such as a pullback, remembers). Transforms do this by themselves;
 * long eager code saves copies with it.
 *
 * @throws UsageError when `body` gives a Promise.
 * @example
 * tidy(() => tensor([1, 2]).exp().sum()).item(); // 10.107…
 */
export function tidy<T>(body: () => T): T {
  return scoped(() => {
    const result = body();
    if (result instanceof Promise) throw asyncFunction("tidy");
    return result;
  }, tensorsIn);
}

/**
 * The same values (a tensor or a tree of them), as constants to every transform: no gradient flows
 * through.
 *
 * @throws UsageError for anything but tensors.
 * @example
 * grad((x: Tensor) => stopGradient(x).mul(x))(scalar(3)).item(); // 3
 */
export function stopGradient<T>(x: T): T {
  return mapTree(x, untraced, "stopGradient");
}

/** Without the handles of tapes; what stands for many values, or for a formula, still does. */
function untraced(x: Tensor): Tensor {
  if (x.source instanceof Storage) return x;
  if (x.source.owner.stopped) return x.source.owner.stopped(x);
  const below = untraced(x.source.below);
  if (!x.source.owner.abstract) return below;
  return new Tensor(x.shape, x.dtype, { ...x.source, below });
}
