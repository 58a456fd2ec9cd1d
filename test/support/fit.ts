import { leaves, random } from "../../src/index.js";

/** A line through three inputs: 100 rows. */
export function lineData() {
  const x = random.normal([100, 3], { seed: 1 });
  return { x, y: x.matmul([[1], [-2], [0.5]]).add(3) };
}

/** The numbers of all tensors of a tree. */
export const values = (tree: unknown): number[][] =>
  leaves(tree).map((leaf) => [...leaf.data()].map(Number));
