import { scoped } from "../kernels/memory.js";
import { pushForward } from "../tape/forward.js";
import type { Tensor } from "../tensor/tensor.js";
import { leaves, leavesLike, rebuild, tensorsIn } from "../tensor/tree.js";
import { recordTree, zerosLike } from "./vjp.js";

/**
 * The value of `f` and its linearisation there, which carries tangents of the arguments forward:
 * `dx ↦ J dx`. It can be called any number of times; `f` runs once.
 *
 * @throws UsageError when `f` gives a Promise or no tensors; ShapeError when a tangent has another
 *   shape than its argument.
 * @example
 * const [y, push] = linearize((x: Tensor) => x.square(), tensor([1, 2]));
 * y.toArray(); // [1, 4]
 * push(tensor([1, 10])).toArray(); // [2, 40]
 */
export function linearize<P extends unknown[], R>(
  f: (...args: P) => R,
  ...args: P
): [value: R, pushforward: (...tangents: P) => R] {
  const { tape, traced, value } = scoped(
    () => recordTree("linearize", f, args),
    (run) => [...tensorsIn(run.value), ...run.tape.saved()],
  );
  const outputs = leaves(traced, "linearize");
  const pushforward = (...tangents: P): R =>
    scoped(() => {
      const dots = leavesLike(tangents, args, "linearize, tangents");
      const list = pushForward(tape, outputs, dots);
      const whole = list.map((dY, i) => dY ?? zerosLike(outputs[i] as Tensor));
      return rebuild(value, whole, "linearize") as R;
    }, tensorsIn);
  return [value, pushforward];
}
