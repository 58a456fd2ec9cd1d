import { reshape, t } from "../ops/reshape.js";
import { ShapeError, UsageError } from "../tensor/errors.js";
import { format } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { describe } from "../tensor/tree.js";

/**
 * Denominator layout (the default): a gradient has the shape of its argument. Numerator layout: it
 * is the transpose of that; a vector's is a row `[1, n]`.
 */
export type Layout = "numerator" | "denominator";

/** A gradient, which comes in denominator layout, in the layout asked for. */
export function inLayout(name: string, layout: Layout, G: Tensor): Tensor {
  if (layout === "denominator" || G.rank === 0) return G;
  if (G.rank === 1) return reshape(G, [1, G.size]);
  if (G.rank === 2) return t(G);
  throw new ShapeError(
    `${name}: numerator layout is the transpose of the gradient, which ${format(G.shape)} has not; ` +
      'use layout: "denominator"',
  );
}

export function requireLayout(name: string, layout: unknown): void {
  if (layout === "numerator" || layout === "denominator") return;
  throw new UsageError(`${name}: layout is ${describe(layout)}; use "numerator" or "denominator"`);
}
