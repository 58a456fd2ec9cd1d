import { NOT_NEGATIVE, requireNames, requireNumber } from "../checks/options.js";
import { ones, type Tensor, zeros } from "../index.js";
import { type Layer, requireFirst, requireInput, requireParam, requireSize } from "./layer.js";

/** The parameters of {@link layerNorm}, both of shape `[size]`. */
export interface LayerNormParams {
  readonly gain: Tensor;
  readonly bias: Tensor;
}

/**
 * Each row less its mean, over the root of its variance (plus `epsilon`, 1e-5 unless given), times a
 * gain and plus a bias, which start at 1 and 0 (Ba, Kiros and Hinton, "Layer normalization", 2016,
 * equations 3 and 4). Rows are those of the last axis, of the given size.
 *
 * @throws UsageError when the size is not a whole number of at least 1; DomainError when epsilon is
 *   negative; ShapeError, when applied, where the last axis has another size.
 * @example
 * const layer = layerNorm(2);
 * layer.apply(layer.init(), tensor([[1, 3], [10, 30]])).toArray(); // [[-0.99999…, 0.99999…], [-0.99999…, 0.99999…]]
 */
export function layerNorm(
  size: number,
  options: { readonly epsilon?: number | undefined } = {},
): Layer<LayerNormParams> {
  requireSize("layerNorm: size", size);
  requireNames("layerNorm", options, ["epsilon"]);
  const { epsilon = 1e-5 } = options;
  const name = `layerNorm(${size})`;
  requireNumber("layerNorm: epsilon", epsilon, NOT_NEGATIVE);
  return {
    name,
    init: (first = {}) => {
      requireFirst(name, first);
      const { dtype } = first;
      return { gain: ones([size], { dtype }), bias: zeros([size], { dtype }) };
    },
    apply: (params, x) => {
      requireInput(name, x, size);
      const gain = requireParam(name, params, "gain", [size]);
      const bias = requireParam(name, params, "bias", [size]);
      const centred = x.sub(x.mean({ axis: -1, keepDims: true }));
      const variance = centred.square().mean({ axis: -1, keepDims: true });
      return centred.div(variance.add(epsilon).sqrt()).mul(gain).add(bias);
    },
  };
}
