import { scoped } from "../kernels/memory.js";
import { pushForward } from "../tape/forward.js";
import type { Tensor } from "../tensor/tensor.js";
import { leaves, leavesLike, rebuild, tensorsIn } from "../tensor/tree.js";
import { recordTree, zerosLike } from "./vjp.js";

/**
 * The value of `f` and its directional derivative: `[f(x), J dx]`, by the differential rules. Both
 * lists have one entry for each argument of `f`.
 *
 * @throws UsageError when `f` gives a Promise or no tensors; ShapeError when a tangent has another
 *   shape than its argument.
 * @example
 * const [y, dy] = jvp((x: Tensor) => x.square(), [tensor([1, 2])], [tensor([1, 0])]);
 * dy.toArray(); // [2, 0]
 */
export function jvp<P extends unknown[], R>(
  f: (...args: P) => R,
  args: P,
  tangents: P,
): [value: R, tangent: R] {
  return scoped(
    () => {
      const { tape, traced, value } = recordTree("jvp", f, args);
      const dots = leavesLike(tangents, args, "jvp, tangents");
      const outputs = leaves(traced, "jvp");
      const list = pushForward(tape, outputs, dots);
      const whole = list.map((dY, i) => dY ?? zerosLike(outputs[i] as Tensor));
      return [value, rebuild(traced, whole, "jvp")] as [R, R];
    },
    (result) => tensorsIn(result),
  );
}
