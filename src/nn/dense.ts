import { requireNames, truth } from "../checks/options.js";
import { type Tensor, zeros } from "../index.js";
import { type Activation, activationOf } from "./activation.js";
import { type Initializer, requireInitializer, weightOf } from "./initializer.js";
import { type Layer, requireFirst, requireInput, requireParam, requireSize } from "./layer.js";

/** The parameters of {@link dense}: a weight of shape `[inputs, outputs]` and a bias `[outputs]`. */
export interface DenseParams {
  readonly W: Tensor;
  readonly b: Tensor;
}

/** What can be chosen of {@link dense}. */
export interface DenseOptions {
  /** Applied to `x W + b`; none unless given. */
  readonly activation?: Activation | undefined;
  /** Of the weight; He's for relu and its relatives, else Glorot's. The bias starts at 0. */
  readonly initializer?: Initializer | undefined;
}

/**
 * The layer `f(x W + b)` from `inputs` to `outputs` numbers a row; `{ bias: false }` leaves out `b`.
 *
 * @throws UsageError when a size is not a whole number of at least 1; ShapeError, when applied, where the
 *   last axis of `x` has another size than `inputs`.
 * @example
 * const layer = dense(3, 2, { activation: "tanh" });
 * const params = layer.init({ seed: 1 });
 * params.W.shape; // [3, 2]
 * layer.apply(params, ones([5, 3])).shape; // [5, 2]
 */
export function dense(
  inputs: number,
  outputs: number,
  options: DenseOptions & { readonly bias: false },
): Layer<Pick<DenseParams, "W">>;
export function dense(
  inputs: number,
  outputs: number,
  options?: DenseOptions & { readonly bias?: true | undefined },
): Layer<DenseParams>;
export function dense(
  inputs: number,
  outputs: number,
  options: DenseOptions & { readonly bias: boolean },
): Layer<Pick<DenseParams, "W"> & Partial<DenseParams>>;
export function dense(
  inputs: number,
  outputs: number,
  options: DenseOptions & { readonly bias?: boolean | undefined } = {},
): Layer<DenseParams> {
  requireSize("dense: inputs", inputs);
  requireSize("dense: outputs", outputs);
  requireNames("dense", options, ["bias", "activation", "initializer"]);
  const { bias = true, activation = "linear", initializer } = options;
  const name = `dense(${inputs}, ${outputs})`;
  truth("dense: bias", bias);
  requireInitializer("dense", initializer);
  const own = activationOf("dense", activation);
  return {
    name,
    init: (first = {}) => {
      requireFirst(name, first);
      const W = weightOf(name, initializer ?? own.initializer, inputs, outputs, first);
      return (bias ? { W, b: zeros([outputs], { dtype: W.dtype }) } : { W }) as DenseParams;
    },
    apply: (params, x) => {
      requireInput(name, x, inputs);
      const product = x.matmul(requireParam(name, params, "W", [inputs, outputs]));
      return own.f(bias ? product.add(requireParam(name, params, "b", [outputs])) : product);
    },
  };
}
