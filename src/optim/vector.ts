import {
  concat,
  dot,
  leaves,
  leavesLike,
  rebuild,
  split,
  type Tensor,
  tidy,
  zeros,
} from "../index.js";

/** All entries of a tree of tensors as one vector, in the widest dtype of its tensors. */
export function toVector(tree: unknown, like: unknown, where: string): Tensor {
  const parts = leavesLike(tree, like, where).map((x) => (x.rank === 1 ? x : x.reshape([x.size])));
  if (parts.length === 0) return zeros([0]);
  return parts.length === 1 ? (parts[0] as Tensor) : concat(parts);
}

/** The tree like `like` that has the entries of a vector. */
export function fromVector<T>(vector: Tensor, like: T, where: string): T {
  const list = leaves(like, where);
  const parts = list.length === 1 ? [vector] : split(vector, list.map(sizeOf));
  const shaped = parts.map((part, i) => {
    const { shape, rank, dtype } = list[i] as Tensor;
    const own = part.dtype === dtype ? part : part.cast(dtype);
    return rank === 1 ? own : own.reshape(shape);
  });
  return rebuild(like, shaped, where);
}

const sizeOf = (x: Tensor): number => x.size;

/** `⟨a, b⟩` of two vectors, as a number. */
export function inner(a: Tensor, b: Tensor): number {
  return dot(a, b).item();
}

/** The largest entry of all tensors of a tree, in size; 0 where there is none. */
export function largest(tree: unknown): number {
  return tidy(() => {
    let most = 0;
    for (const x of leaves(tree, "minimize")) {
      if (x.size > 0) most = Math.max(most, x.abs().max().item());
    }
    return most;
  });
}

/** The distance from 1 to the next number of a dtype. */
export function epsilonOf({ dtype }: Tensor): number {
  return dtype === "float64" ? 2 ** -52 : 2 ** -23;
}
