import { constant } from "../tensor/create.js";
import { invertPerm, isInOrder, reducedLast } from "../tensor/layout.js";
import { checkAxes, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { mul } from "./arithmetic.js";
import type { Reduction } from "./axes.js";
import { flip, pad } from "./join.js";
import { prod } from "./reduce.js";
import { broadcastTo, expandDims, reshape, transpose } from "./reshape.js";
import { slice } from "./select.js";

/**
 * For each element the product of all others that a reduction multiplies it with: ∂(Π x)/∂xᵢ.
 * Nothing is divided, so it is right where elements are 0, to every order.
 */
export function productOfOthers(X: Tensor, { axis }: Pick<Reduction, "axis">): Tensor {
  const axes = checkAxes("prod", axis, X.rank);
  const perm = reducedLast(X.rank, axes);
  const moved = isInOrder(perm) ? X : transpose(X, perm);
  const lead = moved.shape.slice(0, X.rank - axes.length);
  const n = sizeOf(moved.shape.slice(lead.length));
  const out = reshape(othersInRow(reshape(moved, [...lead, n])), moved.shape);
  return isInOrder(perm) ? out : transpose(out, invertPerm(perm));
}

/**
 * The same along the last axis, in O(n): the others of x₁ are x₂ and the others of the pair x₁·x₂
 * among the pairs, which are half as many.
 */
function othersInRow(X: Tensor): Tensor {
  const lead = X.shape.slice(0, -1);
  const n = X.shape.at(-1) as number;
  if (n < 2) return broadcastTo(constant(1, X.dtype), X.shape);
  if (n === 2) return flip(X, -1);
  const half = Math.ceil(n / 2);
  const gaps = X.shape.map((_, i) => [0, i === lead.length ? n % 2 : 0] as const);
  const even = n % 2 === 0 ? X : pad(X, gaps, { value: 1 });
  const pairs = reshape(even, [...lead, half, 2]);
  const rest = expandDims(othersInRow(prod(pairs, { axis: -1 })), -1);
  const out = reshape(mul(flip(pairs, -1), rest), even.shape);
  return n % 2 === 0 ? out : slice(out, [], X.shape);
}
