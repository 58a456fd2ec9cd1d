import { scoped } from "../kernels/memory.js";
import { pullBack } from "../tape/sweep.js";
import { Tape } from "../tape/tape.js";
import { constant, zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkTransform, choose, requireScalar, type Wrt } from "./arguments.js";
import { inLayout, type Layout, requireLayout } from "./layout.js";

export interface GradOptions<W extends number | readonly number[] = 0> {
  /** Which argument to differentiate, or which ones; the first unless given. */
  readonly wrt?: W | undefined;
  readonly layout?: Layout | undefined;
  /** Throw at the first op, forward or backward, that makes a value that is not finite. */
  readonly anomaly?: boolean | undefined;
}

/**
 * The function that gives the gradient of a scalar function: `df = tr(Gᵀ dX)`, G is returned.
 *
 * The argument may be a tensor, or an object or array of tensors; the gradient has the same form.
 * Memory needs no care. Nesting gives higher orders: `grad(x => grad(f)(x).sum())`.
 *
 * @throws UsageError when `f` gives anything but a tensor (a Promise among others).
 * @throws ShapeError when the tensor is not a scalar.
 * @throws DtypeError when a differentiated argument is not float.
 * @example
 * const f = (x: Tensor) => x.square().sum();
 * grad(f)(tensor([1, 2, 3])).toArray(); // [2, 4, 6]
 */
export function grad<
  P extends unknown[] = Tensor[],
  const W extends number | readonly number[] = 0,
>(f: (...args: P) => Tensor, options: GradOptions<W> = {}): (...args: P) => Wrt<P, W> {
  const both = differentiate("grad", f, options);
  return (...args) => both(args)[1];
}

/**
 * Like {@link grad}, but gives `[value, gradient]` for the price of the gradient alone.
 *
 * @throws As `grad` does.
 * @example
 * const [value, g] = valueAndGrad((x: Tensor) => x.square().sum())(tensor([1, 2]));
 * value.item(); // 5
 * g.toArray(); // [2, 4]
 */
export function valueAndGrad<
  P extends unknown[] = Tensor[],
  const W extends number | readonly number[] = 0,
>(
  f: (...args: P) => Tensor,
  options: GradOptions<W> = {},
): (...args: P) => [value: Tensor, gradient: Wrt<P, W>] {
  const both = differentiate("valueAndGrad", f, options);
  return (...args) => both(args);
}

function differentiate<P extends unknown[], W extends number | readonly number[]>(
  name: string,
  f: (...args: P) => Tensor,
  options: GradOptions<W>,
): (args: P) => [Tensor, Wrt<P, W>] {
  const { wrt, layout, anomaly } = checkTransform(name, f, options, ["wrt", "layout", "anomaly"]);
  requireLayout(name, layout);
  return (args) => {
    const chosen = choose(name, args, wrt);
    let kept: Tensor[] = [];
    return scoped(
      () => {
        const tape = new Tape({ anomaly });
        const y = tape.record(chosen.inputs, (handles) =>
          requireScalar(name, f(...chosen.with(handles))),
        );
        const bars = pullBack(tape, [y], [constant(1, y.dtype)]);
        const list = bars.map((bar, i) => {
          const { shape, dtype } = tape.inputs[i] as Tensor;
          return inLayout(name, layout, bar ?? zeros(shape, { dtype }));
        });
        kept = [tape.below(y), ...list];
        return [kept[0], chosen.result(list)] as [Tensor, Wrt<P, W>];
      },
      () => kept,
    );
  };
}
