import { DomainError, random, type Tensor, take, where } from "../index.js";
import { type Layer, requireFirst, requireInput, requireParam, requireSize } from "./layer.js";

/** The parameters of {@link embedding}: a row for each of its entries, shape `[count, size]`. */
export interface EmbeddingParams {
  readonly W: Tensor;
}

/**
 * A vector of `size` numbers, to be learnt, for each of `count` things: `x` holds their numbers
 * 0 … count−1 (int32, of any shape), and gets one more axis. The vectors start as standard normal.
 *
 * @throws UsageError when a size is not a whole number of at least 1; DomainError, when applied, where
 *   a number is out of range.
 * @example
 * const layer = embedding(10, 4);
 * const params = layer.init({ seed: 1 });
 * layer.apply(params, tensor([[1, 2, 3]], { dtype: "int32" })).shape; // [1, 3, 4]
 */
export function embedding(count: number, size: number): Layer<EmbeddingParams> {
  const name = `embedding(${count}, ${size})`;
  requireSize("embedding: count", count);
  requireSize("embedding: size", size);
  return {
    name,
    init: (first = {}) => {
      requireFirst(name, first);
      return { W: random.normal([count, size], first) };
    },
    apply: (params, x) => {
      requireInput(name, x);
      const W = requireParam(name, params, "W", [count, size]);
      try {
        // For take −1 is the last row; here it is what indexOf gives for what is not known.
        return take(W, where(x.less(0), count, x));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        throw new DomainError(`${name}: x holds a number that is none of 0 … ${count - 1}`);
      }
    },
  };
}
