import { DomainError, mapTree, ShapeError, Tensor } from "../index.js";

/**
 * How far a step goes: a number, a tensor of the parameter's shape (one step size an entry), or,
 * for a tree of parameters, a tree of such tensors (or scalars).
 */
export type LearningRate =
  | number
  | Tensor
  | { readonly [key: string]: LearningRate }
  | readonly LearningRate[];

/** The rate of each leaf of `params` (these in a `list`), in its dtype; a tensor has the parameter's shape or is a scalar. */
export function ratesOf(
  where: string,
  rate: LearningRate,
  params: unknown,
  list: readonly Tensor[],
): (number | Tensor)[] {
  if (typeof rate === "number") {
    if (!Number.isFinite(rate)) throw new DomainError(`${where}: learningRate is ${rate}`);
    return list.map(() => rate);
  }
  const byPath = new Map<string, Tensor>();
  const note = (leaf: Tensor, path: string): Tensor => {
    byPath.set(path, leaf);
    return leaf;
  };
  mapTree(rate, note, `${where}, learningRate`);
  const found: Tensor[] = [];
  mapTree(params, (p, path) => {
    const own = rate instanceof Tensor ? rate : byPath.get(path);
    if (own === undefined || (own.rank > 0 && String(own.shape) !== String(p.shape))) {
      throw new ShapeError(
        `${where}: learningRate is ${own ? `[${own.shape.join(", ")}]` : `absent at ${path}`} for a ` +
          `parameter of shape [${p.shape.join(", ")}]; a number, a scalar or that shape was wanted`,
      );
    }
    found.push(own.cast(p.dtype));
    return p;
  });
  return found;
}
