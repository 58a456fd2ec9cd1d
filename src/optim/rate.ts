import { DomainError, leaves, ShapeError, type Tensor } from "../index.js";

/**
 * How far a step goes: a number, a tensor of the parameter's shape (one step size an entry), or,
 * for a tree of parameters, a tree of such tensors.
 */
export type LearningRate = number | object;

/** The rate of each leaf; every tensor must have the shape of its parameter (or be a scalar). */
export function ratesOf(
  where: string,
  rate: LearningRate,
  params: readonly Tensor[],
): readonly (number | Tensor)[] {
  if (typeof rate === "number") {
    if (!Number.isFinite(rate)) throw new DomainError(`${where}: learningRate is ${rate}`);
    return params.map(() => rate);
  }
  const rates = leaves(rate, `${where}, learningRate`);
  return params.map((p, i) => {
    const own = (rates.length === 1 ? rates[0] : rates[i]) as Tensor | undefined;
    const fits = own !== undefined && (own.rank === 0 || String(own.shape) === String(p.shape));
    if (fits && (rates.length === 1 || rates.length === params.length)) return own;
    throw new ShapeError(
      `${where}: learningRate is [${own?.shape.join(", ") ?? "absent"}] for a parameter of shape ` +
        `[${p.shape.join(", ")}]; a number, a scalar or that shape was wanted`,
    );
  });
}
