import { apply } from "../core/apply.js";
import { attributes, defineOp } from "../core/op.js";
import type { Shape } from "../tensor/shape.js";
import { sizeOf } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { call } from "./notation.js";
import { uniform } from "./samples.js";

export function t(X: TensorLike): Tensor {
  throw new Error("to be written");
}
export function broadcastTo(X: TensorLike, shape: Shape): Tensor {
  throw new Error("to be written");
}
export function reshape(X: TensorLike, shape: Shape): Tensor {
  return apply(reshapeOp, { X }, { shape });
}
export const reshapeOp = defineOp({
  name: "reshape",
  inputs: ["X"],
  outputs: ["Y"],
  saves: [],
  attrs: attributes<{ shape: Shape }>(),
  dtype: "same",
  view: true,
  shape: (_, { shape }) => shape,
  rules: { X: { linear: (_, Ybar, { shapes }) => reshape(Ybar, shapes.X) } },
  notation: ({ X }) => call("reshape", X),
  samples: () => [{ inputs: { X: uniform([2, 3]) }, attrs: { shape: [3, 2] } }],
});
