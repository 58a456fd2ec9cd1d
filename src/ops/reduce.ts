import { apply } from "../core/apply.js";
import { attributes, defineOp } from "../core/op.js";
import { Tensor, type TensorLike } from "../tensor/tensor.js";
import { type ReduceOptions, type Reduction, folds, kept, reduced, reduction } from "./axes.js";
import { cast } from "./compare.js";
import { call } from "./notation.js";
import { broadcastTo } from "./reshape.js";
import { uniform } from "./samples.js";

/** Truth values are counted as whole numbers. */
function counted(X: TensorLike): TensorLike {
  return X instanceof Tensor && X.dtype === "bool" ? cast(X, "int32") : X;
}

/**
 * The sum of the elements over the axes, all unless given; 0 where there are none. Truth values are
 * counted.
 *
 * @throws ShapeError when an axis does not exist.
 * @example
 * sum([[1, 2], [3, 4]]).item(); // 10
 * sum([[1, 2], [3, 4]], { axis: 0 }).toArray(); // [4, 6]
 */
export function sum(X: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply(sumOp, { X: counted(X) }, reduction(options));
}

export const sumOp = defineOp({
  name: "sum",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<Reduction>(),
  dtype: "same",
  shape: ({ X }, attrs) => reduced("sum", X, attrs),
  // ⟨Ȳ, Σ dX⟩ = Σ Ȳ·dX: every element that was summed gets Ȳ.
  rules: {
    X: {
      linear: (_, Ybar, { shapes, attrs }) => broadcastTo(kept(Ybar, shapes.X, attrs), shapes.X),
    },
  },
  notation: ({ X }) => call("sum", X),
  samples: () =>
    folds(
      -2,
      2,
      { inputs: { X: uniform([0, 3]) }, attrs: { axis: 0, keepDims: false } },
      {
        inputs: { X: uniform([2, 3]) },
        attrs: { axis: 2, keepDims: false },
        error: "sum: axis 2 does not exist in a tensor of rank 2; axes run from -2 to 1",
      },
    ),
});
