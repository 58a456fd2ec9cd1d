import { scoped } from "../kernels/memory.js";
import { transpose } from "../ops/reshape.js";
import { ShapeError, UsageError } from "../tensor/errors.js";
import { checkAxis, format } from "../tensor/shape.js";
import { requireInit, type Tensor } from "../tensor/tensor.js";
import { describe, leaves, mapTree, tensorsIn } from "../tensor/tree.js";
import { asyncFunction, checkTransform, noTensors } from "./arguments.js";
import { Batch } from "./batch.js";

/** Along which axes {@link vmap} maps. */
export interface VmapOptions {
  /** The axis of every tensor, or for each argument its own; null where it is the same for all. */
  readonly inAxes?: number | null | readonly (number | null)[] | undefined;
  /** Where the new axis of the results goes; the first place unless given. */
  readonly outAxes?: number | undefined;
}

/**
 * The function that does for every entry along an axis what `f` does for one, in one run. `f` is
 * written for one entry and never sees the axis; it may use `grad` and all other transforms.
 *
 * Arguments and result are tensors or trees of them; all tensors that are mapped have the axis, of
 * one size. An op of your own runs once for each entry unless it says how it `maps`. Where an op
 * refuses a value, as `inv` a singular matrix, its message names the entry.
 *
 * @throws ShapeError when the sizes differ or the axis does not exist; UsageError when nothing is
 *   mapped, or where `f` asks for the elements of one of many (`item`, `data`, `toArray`).
 * @example
 * const f = (x: Tensor, A: Tensor) => x.matmul(A).dot(x);
 * const xs = tensor([[1, 0], [0, 1], [1, 1]]);
 * const A = tensor([[2, 1], [0, 3]]);
 * vmap(f, { inAxes: [0, null] })(xs, A).toArray(); // [2, 3, 6]
 * vmap(grad(f), { inAxes: [0, null] })(xs, A).toArray(); // [[4, 1], [1, 6], [5, 7]]
 */
export function vmap<P extends unknown[], R>(
  f: (...args: P) => R,
  options: VmapOptions = {},
): (...args: P) => R {
  const known = ["inAxes", "outAxes"];
  const { inAxes = 0, outAxes = 0 } = checkTransform("vmap", f, options, known, "tensors");
  for (const axis of [inAxes, outAxes].flat()) {
    if (Number.isInteger(axis) || (axis === null && outAxes !== null)) continue;
    throw new UsageError(
      `vmap: an axis is ${describe(axis)}; whole numbers were wanted, and null among inAxes for ` +
        "what is the same for all",
    );
  }
  return (...args) => {
    requireInit("vmap");
    const axes = axesOf(inAxes, args);
    const size = sizeAlong(axes, args);
    return scoped(() => {
      const batch = new Batch(size, "vmap");
      return batch.during(() => {
        const own = args.map((arg, i) => {
          const axis = axes[i];
          if (axis == null) return arg;
          return mapTree(arg, (x) => batch.handle(moveAxis("vmap", x, axis, 0)));
        });
        const y = f(...(own as P));
        if (y instanceof Promise) throw asyncFunction("vmap");
        if (leaves(y, "vmap, result").length === 0) throw noTensors("vmap", y);
        return mapTree(y, (leaf) => moveAxis("vmap", batch.all(leaf), 0, outAxes), "vmap, result");
      });
    }, tensorsIn);
  };
}

/** For each argument the axis that is mapped, or null. */
function axesOf(
  inAxes: Required<VmapOptions>["inAxes"],
  args: readonly unknown[],
): readonly (number | null)[] {
  if (!Array.isArray(inAxes)) return args.map(() => inAxes as number | null);
  if (inAxes.length === args.length) return inAxes;
  throw new UsageError(
    `vmap: inAxes has ${inAxes.length} entries and the function was called with ${args.length} ` +
      "argument(s); one for each was wanted",
  );
}

/** The size of the axis, which is the same in all tensors. */
function sizeAlong(axes: readonly (number | null)[], args: readonly unknown[]): number {
  let first: { readonly size: number; readonly of: string } | null = null;
  args.forEach((arg, i) => {
    const axis = axes[i];
    if (axis == null) return;
    for (const x of leaves(arg, `vmap, argument ${i}`)) {
      const size = x.shape[checkAxis(`vmap, argument ${i}`, axis, x.rank)] as number;
      const of = `axis ${axis} of argument ${i}, ${format(x.shape)}`;
      first ??= { size, of };
      if (size === first.size) continue;
      throw new ShapeError(
        `vmap: ${first.of}, has size ${first.size}, and ${of}, has size ${size}; ` +
          "what is mapped together has one size, and inAxes has null for what is the same for all",
      );
    }
  });
  if (first !== null) return (first as { size: number }).size;
  throw new UsageError(
    `vmap: no tensor is mapped (the arguments are ${args.map(describe).join(", ") || "none"}); ` +
      "one tensor with an axis to map over was wanted",
  );
}

/** `x` with the axis `from` at the place `to`, the others in their order. */
function moveAxis(op: string, x: Tensor, from: number, to: number): Tensor {
  const [a, b] = [checkAxis(op, from, x.rank), checkAxis(op, to, x.rank)];
  if (a === b) return x;
  const perm = x.shape.map((_, i) => i).toSpliced(a, 1);
  return transpose(x, perm.toSpliced(b, 0, a));
}
