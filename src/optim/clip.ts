import { POSITIVE, requireNumber } from "../checks/options.js";
import { DtypeError, div, leaves, mapTree, norm, rebuild, stack, type Tensor } from "../index.js";
import { pathsOf } from "./state.js";

/**
 * Gradients, a tensor or a tree of them, as they are while their norm is within `max`, and else made
 * smaller, all by one factor, so that it is `max` (Pascanu, Mikolov and Bengio 2013, algorithm 1). The
 * norm is that of all entries of the tree together, in size as one vector.
 *
 * It is made of ops: nothing is read, and it may be differentiated. Squares do not overflow: the norm is
 * right in float32 as far as it is a number of float32, and where it is none all becomes 0, or NaN at
 * infinite entries. A NaN anywhere makes all NaN.
 *
 * @throws DomainError when `max` is not a finite number above 0; DtypeError for tensors that are not
 *   float32 or float64.
 * @example
 * const gradients = { W: tensor([[3, 0], [0, 0]]), b: tensor([0, 4]) };
 * clipNorm(gradients, 1).b.toArray(); // [0, 0.8]
 * clipNorm(gradients, 10).b.toArray(); // [0, 4]
 */
export function clipNorm<T>(gradients: T, max: number): T {
  requireNumber("clipNorm: max", max, POSITIVE);
  const list = floats("clipNorm", gradients);
  if (list.length === 0) return gradients;
  const norms = list.map((g) => norm(g));
  const whole = norms.length === 1 ? (norms[0] as Tensor) : norm(stack(norms));
  // In float64, so that any bound is a number; 1, without rounding, where the norm is within it.
  const wide = div(max, whole.cast("float64").maximum(max));
  const narrow = wide.cast("float32");
  const clipped = list.map((g) => g.mul(g.dtype === "float32" ? narrow : wide));
  return rebuild(gradients, clipped, "clipNorm");
}

/**
 * Gradients, a tensor or a tree of them, with each entry brought within `−max` and `max`. NaN stays.
 *
 * @throws As {@link clipNorm}.
 * @example
 * clipValue([tensor([-3, 0.5]), scalar(2)], 1)[0].toArray(); // [-1, 0.5]
 */
export function clipValue<T>(gradients: T, max: number): T {
  requireNumber("clipValue: max", max, POSITIVE);
  floats("clipValue", gradients);
  return mapTree(gradients, (g) => g.clip(-max, max), "clipValue");
}

/** The tensors of a tree, all float32 or float64. */
function floats(where: string, tree: unknown): Tensor[] {
  const list = leaves(tree, where);
  const other = list.findIndex(({ dtype }) => !dtype.startsWith("float"));
  if (other < 0) return list;
  throw new DtypeError(
    `${where}: ${pathsOf(tree)[other] || "it"} is ${list[other]?.dtype}; gradients are float32 or float64`,
  );
}
