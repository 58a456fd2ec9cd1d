import { reshape, t } from "../ops/reshape.js";
import { ShapeError, UsageError } from "../tensor/errors.js";
import { labelled } from "../tensor/labels.js";
import { format } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { describe } from "../tensor/tree.js";

/**
 * Denominator layout (the default): a gradient has the shape of its argument. Numerator layout: it
 * is the transpose of that; a vector's is a row `[1, n]`.
 */
export type Layout = "numerator" | "denominator";

/** A gradient, which comes in denominator layout, in the layout asked for, which it then names. */
export function inLayout(name: string, layout: Layout | undefined, G: Tensor): Tensor {
  if (layout === undefined) return G;
  const label = `${layout} layout`;
  if (layout === "denominator" || G.rank === 0) return labelled(G, label);
  if (G.rank === 1) return labelled(reshape(G, [1, G.size]), label);
  if (G.rank === 2) return labelled(t(G), label);
  throw new ShapeError(
    `${name}: numerator layout is the transpose of the gradient, which ${format(G.shape)} has not; ` +
      'use layout: "denominator"',
  );
}

export function requireLayout(name: string, layout: unknown): void {
  if (layout === undefined || layout === "numerator" || layout === "denominator") return;
  throw new UsageError(`${name}: layout is ${describe(layout)}; use "numerator" or "denominator"`);
}
