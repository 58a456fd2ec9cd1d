import { apply } from "../core/apply.js";
import { attributes, defineOp, type Sample } from "../core/op.js";
import { checkAxis } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { div, mul, sub } from "./arithmetic.js";
import {
  axisOf,
  folds,
  kept,
  ofEach,
  type ReduceOptions,
  type Reduction,
  reduced,
  reduction,
  shifted,
} from "./axes.js";
import { equal, greater, where } from "./compare.js";
import { exp } from "./elementwise.js";
import { along, call } from "./notation.js";
import { sum } from "./reduce.js";
import { uniform } from "./samples.js";

/**
 * `log Σ eˣ` over the axes, all unless given, without overflow; −∞ where there are no elements or
 * all are −∞, and there the gradient is 0.
 *
 * @throws ShapeError when an axis does not exist.
 * @example
 * logsumexp([1000, 1000]).item(); // 1000.693…
 */
export function logsumexp(X: TensorLike, options: ReduceOptions = {}): Tensor {
  return apply(logsumexpOp, { X }, reduction("logsumexp", options));
}

export const logsumexpOp = defineOp({
  name: "logsumexp",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["X", "Y"],
  attrs: attributes<Reduction>(),
  shape: ({ X }, attrs) => reduced("logsumexp", X, attrs),
  rules: {
    // e^Y = Σ e^X  ⇒  e^Y dY = Σ e^X dX  ⇒  dY = Σ e^(X−Y) dX
    X: {
      d: ({ X, Y }, dX, { attrs }) => sum(mul(weights(X, Y, attrs), dX), attrs),
      adj: ({ X, Y }, Ybar, { attrs }) => mul(weights(X, Y, attrs), kept(Ybar, X.shape, attrs)),
    },
  },
  maps: ({ X }, attrs) => logsumexp(X, ofEach(attrs, X)),
  notation: ({ X }, { axis }) => call(along("logsumexp", axis), X),
  samples: () => [
    ...folds(),
    {
      inputs: { X: uniform([2]) },
      attrs: { axis: 1, keepDims: false },
      error: "logsumexp: axis 1 does not exist in a tensor of rank 1; axes run from -1 to 0",
    },
  ],
});

/**
 * e^(X−Y), and 0 where X and Y are both −∞. It sums to 1 but for the rounding of Y, which grows with
 * Y; dividing by the sum takes that out.
 */
function weights(X: Tensor, Y: Tensor, attrs: Reduction): Tensor {
  const top = kept(Y, X.shape, attrs);
  const w = exp(sub(X, where(greater(top, -Infinity), top, 0)));
  const all = sum(w, { ...attrs, keepDims: true });
  return div(w, where(equal(all, 0), 1, all));
}

/** Which axis to go along. */
export interface AxisOption {
  readonly axis?: number | undefined;
}

/** Samples of an op along one axis. */
function lines(op: string): Sample<"X", { axis: number }>[] {
  return [
    { inputs: { X: uniform([4]) }, attrs: { axis: -1 } },
    { inputs: { X: uniform([2, 3]) }, attrs: { axis: -1 } },
    { inputs: { X: uniform([2, 3]) }, attrs: { axis: 0 } },
    { inputs: { X: uniform([2, 3, 2]) }, attrs: { axis: 1 } },
    { inputs: { X: uniform([2, 0]) }, attrs: { axis: 1 } },
    {
      inputs: { X: uniform([]) },
      attrs: { axis: -1 },
      error: `${op}: axis -1 does not exist in a tensor of rank 0; a scalar has no axes`,
    },
  ];
}

/**
 * `eˣ / Σ eˣ` along an axis, the last unless given, without overflow.
 *
 * @throws ShapeError when the axis does not exist.
 * @example
 * softmax([0, Math.log(3)]).toArray(); // [0.25, 0.75]
 */
export function softmax(X: TensorLike, options: AxisOption = {}): Tensor {
  return apply(softmaxOp, { X }, { axis: axisOf("softmax", options) ?? -1 });
}

export const softmaxOp = defineOp({
  name: "softmax",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["Y"],
  attrs: attributes<{ axis: number }>(),
  shape: ({ X }, { axis }) => {
    checkAxis("softmax", axis, X.length);
    return X;
  },
  rules: {
    // log Y = X − log Σ e^X  ⇒  dY / Y = dX − Σ Y∘dX.  As a matrix, diag(y) − y·yᵀ is symmetric:
    // the adjoint is the same map.
    X: {
      d: ({ Y }, dX, { attrs }) => mul(Y, centred(Y, dX, attrs.axis)),
      adj: ({ Y }, Ybar, { attrs }) => mul(Y, centred(Y, Ybar, attrs.axis)),
    },
  },
  maps: ({ X }, { axis }) => softmax(X, { axis: shifted(axis) }),
  notation: ({ X }, { axis }) => call(along("softmax", axis === -1 ? undefined : axis), X),
  samples: () => lines("softmax"),
});

/** V less its mean along the axis, weighted by Y. */
function centred(Y: Tensor, V: Tensor, axis: number): Tensor {
  return sub(V, sum(mul(Y, V), { axis, keepDims: true }));
}

/**
 * `x − log Σ eˣ` along an axis, the last unless given: the logarithm of {@link softmax}, accurate
 * also where that is too small for a float.
 *
 * @throws ShapeError when the axis does not exist.
 * @example
 * logSoftmax([0, 1000]).toArray(); // [-1000, 0]
 */
export function logSoftmax(X: TensorLike, options: AxisOption = {}): Tensor {
  return apply(logSoftmaxOp, { X }, { axis: axisOf("logSoftmax", options) ?? -1 });
}

export const logSoftmaxOp = defineOp({
  name: "logSoftmax",
  inputs: ["X"],
  outputs: ["Y"],
  saves: ["Y"],
  attrs: attributes<{ axis: number }>(),
  shape: ({ X }, { axis }) => {
    checkAxis("logSoftmax", axis, X.length);
    return X;
  },
  rules: {
    // dY = dX − Σ e^Y∘dX, for e^Y is the softmax;  ⟨Ȳ, Σ e^Y∘dX⟩ = ⟨e^Y·ΣȲ, dX⟩
    X: {
      d: ({ Y }, dX, { attrs }) => centred(exp(Y), dX, attrs.axis),
      adj: ({ Y }, Ybar, { attrs: { axis } }) =>
        sub(Ybar, mul(exp(Y), sum(Ybar, { axis, keepDims: true }))),
    },
  },
  maps: ({ X }, { axis }) => logSoftmax(X, { axis: shifted(axis) }),
  notation: ({ X }, { axis }) => call(along("logSoftmax", axis === -1 ? undefined : axis), X),
  samples: () => lines("logSoftmax"),
});
