import { scoped } from "../kernels/memory.js";
import { pullBack } from "../tape/sweep.js";
import { Tape } from "../tape/tape.js";
import { zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { leaves, leavesLike, mapTree, rebuild, tensorsIn } from "../tensor/tree.js";
import { asyncFunction, differentiable, requireArguments, requireFunction } from "./arguments.js";

/** What {@link recordTree} knows after a run. */
export interface Recorded<P, R> {
  readonly tape: Tape;
  readonly args: P;
  /** The result as the tape knows it. */
  readonly traced: R;
  /** The result as a plain value. */
  readonly value: R;
}

/** Runs `f` on a tape; all arguments and the result are tensors or trees of tensors. */
export function recordTree<P extends unknown[], R>(
  name: string,
  f: (...args: P) => R,
  args: P,
  options: { readonly anomaly?: boolean | undefined } = {},
): Recorded<P, R> {
  requireFunction(name, f, "tensors");
  requireArguments(name, args);
  args.forEach((_, i) => {
    differentiable(name, args, i);
  });
  const tape = new Tape(options);
  const traced = tape.record(leaves(args, name), (handles) => {
    const y = f(...rebuild(args, handles, name));
    if (y instanceof Promise) throw asyncFunction(name);
    return y;
  });
  const value = mapTree(traced, (y) => tape.below(y), `${name}, result`);
  return { tape, args, traced, value };
}

/**
 * The value of `f` and its pullback, which carries a cotangent Ȳ of the value back to the
 * arguments: `Ȳ ↦ Jᵀ Ȳ` for each. The pullback can be called any number of times.
 *
 * @throws UsageError when `f` gives a Promise or no tensors; ShapeError when Ȳ has another shape.
 * @example
 * const [y, pull] = vjp((x: Tensor) => x.square(), tensor([1, 2]));
 * y.toArray(); // [1, 4]
 * pull(tensor([1, 10]))[0].toArray(); // [2, 40]
 */
export function vjp<P extends unknown[], R>(
  f: (...args: P) => R,
  ...args: P
): [value: R, pullback: (Ybar: R) => P] {
  const { tape, traced, value } = scoped(
    () => recordTree("vjp", f, args),
    (run) => [...tensorsIn(run.value), ...run.tape.saved()],
  );
  const outputs = leaves(traced, "vjp");
  const pullback = (Ybar: R): P =>
    scoped(
      () => {
        const bars = leavesLike(Ybar, value, "vjp, cotangent");
        const list = pullBack(tape, outputs, bars);
        const whole = list.map((bar, i) => bar ?? zerosLike(tape.inputs[i] as Tensor));
        return rebuild(args, whole, "vjp");
      },
      (list) => tensorsIn(list),
    );
  return [value, pullback];
}

export function zerosLike(x: Tensor): Tensor {
  return zeros(x.shape, { dtype: x.dtype });
}
