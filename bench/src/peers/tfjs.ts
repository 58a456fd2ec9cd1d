import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import type { Inputs, Results, Side, Values } from "../side.js";
import { requireEqualTerms } from "../terms.js";
import { type Sides, settings } from "../workloads.js";

export async function start(): Promise<void> {
  await tf.setBackend("wasm");
  await tf.ready();
  await requireEqualTerms(createRequire(import.meta.url));
}

export const sides: Sides = {
  mlpSmall: ({ X, y, ...params }) =>
    train(params, { X, y }, adamOptimizer(), (p, data) => {
      const first = data.X.matMul(p.W1).add(p.b1).tanh();
      const second = first.matMul(p.W2).add(p.b2).tanh();
      return second.matMul(p.W3).add(p.b3).sub(data.y).square().mean();
    }),

  mlpDigits: ({ X, labels, ...params }) =>
    train(params, { X, labels }, adamOptimizer(), (p, data) => {
      const logits = data.X.matMul(p.W1).add(p.b1).relu().matMul(p.W2).add(p.b2);
      return tf.losses.softmaxCrossEntropy(data.labels, logits);
    }),

  fitDigits: ({ images, labels, W1, b1, W2, b2 }) => {
    const { x, y } = loadAll({ x: images, y: labels });
    const hidden = tf.layers.dense({ inputShape: [784], units: 128, activation: "relu" });
    const last = tf.layers.dense({ units: 10, activation: "softmax" });
    const model = tf.sequential({ layers: [hidden, last] });
    hidden.setWeights(Object.values(loadAll({ W1, b1 })));
    last.setWeights(Object.values(loadAll({ W2, b2 })));
    model.compile({ optimizer: adamOptimizer(), loss: "categoricalCrossentropy" });
    return {
      step: async () => {
        await model.fit(x, y, { batchSize: 64, epochs: 1, shuffle: false, verbose: 0 });
      },
      results: () => {
        const [W1, b1, W2, b2] = model.getWeights() as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        return read({ W1, b1, W2, b2 });
      },
      close: () => {
        tf.dispose([x, y]);
        model.dispose();
      },
    };
  },

  mlpLarge: ({ X, labels, ...params }) =>
    train(params, { X, labels }, adamOptimizer(), (p, data) => {
      const first = data.X.matMul(p.W1).add(p.b1).relu();
      const second = first.matMul(p.W2).add(p.b2).relu();
      return tf.losses.softmaxCrossEntropy(data.labels, second.matMul(p.W3).add(p.b3));
    }),

  leastSquares: ({ X, y, w }) =>
    train({ w }, { X, y }, tf.train.sgd(settings.descent), (p, data) =>
      data.X.matMul(p.w).sub(data.y).square().mean(),
    ),

  product64: productGradients,
  product256: productGradients,
  product512: productGradients,

  gemm4: gemm,
  gemm16: gemm,
  gemm64: gemm,
  gemm256: gemm,
  gemm1024: gemm,

  exp: (inputs) => eager(inputs, ({ X }) => X.exp()),
  tanh: (inputs) => eager(inputs, ({ X }) => X.tanh()),
  log: (inputs) => eager(inputs, ({ X }) => X.log()),
  sum: (inputs) => eager(inputs, ({ X }) => X.sum()),

  transpose: (inputs) => {
    let { X } = loadAll(inputs);
    return {
      step: () => {
        const last = X;
        X = last.transpose();
        last.dispose();
      },
      results: () => read({ X }),
      close: () => X.dispose(),
    };
  },
};

function gemm(inputs: Inputs<"A" | "B">): Side {
  return eager(inputs, ({ A, B }) => A.matMul(B));
}

/** One op, its inputs the same in each step. */
function eager<K extends string>(inputs: Inputs<K>, op: (inputs: Tensors<K>) => tf.Tensor): Side {
  const fixed = loadAll(inputs);
  let result = op(fixed);
  return {
    step: () => {
      result.dispose();
      result = op(fixed);
    },
    results: () => read({ result }),
    close: () => tf.dispose([fixed, result]),
  };
}

function productGradients(inputs: Inputs<"A" | "B">): Side {
  const { A, B } = loadAll(inputs);
  const gradients = tf.grads((X, Y) => X.matMul(Y).sum());
  let both = gradients([A, B]);
  return {
    step: () => {
      tf.dispose(both);
      both = gradients([A, B]);
    },
    results: () => {
      const [ofA, ofB] = both as [tf.Tensor, tf.Tensor];
      return read({ "the gradient of A": ofA, "the gradient of B": ofB });
    },
    close: () => tf.dispose([A, B, both]),
  };
}

function adamOptimizer(): tf.Optimizer {
  return tf.train.adam(settings.adam, settings.beta1, settings.beta2, settings.epsilon);
}

type Tensors<K extends string> = Record<K, tf.Tensor>;

/** A training step; `minimize` gives back what it makes on the way. */
function train<P extends string, D extends string>(
  parameters: Inputs<P>,
  data: Inputs<D>,
  optimizer: tf.Optimizer,
  loss: (parameters: Tensors<P>, data: Tensors<D>) => tf.Tensor,
): Side {
  const fixed = loadAll(data);
  const params = loadAll(parameters, (x) => tf.variable(x));
  const variables = Object.values(params) as tf.Variable[];
  return {
    step: () => {
      optimizer.minimize(() => loss(params, fixed) as tf.Scalar, false, variables);
    },
    results: () => {
      const value = loss(params, fixed);
      const results = read({ loss: value, ...params });
      value.dispose();
      return results;
    },
    close: () => {
      tf.dispose([fixed, params]);
      optimizer.dispose();
    },
  };
}

function loadAll<K extends string>(
  inputs: Inputs<K>,
  as: (x: tf.Tensor) => tf.Tensor = (x) => x,
): Tensors<K> {
  const load = ([name, { data, shape }]: [string, Values]) => [
    name,
    as(tf.tensor(data, [...shape])),
  ];
  return Object.fromEntries(Object.entries<Values>(inputs).map(load));
}

function read(tensors: Tensors<string>): Results {
  const one = ([name, x]: [string, tf.Tensor]) => [name, x.dataSync() as Float32Array];
  return Object.fromEntries(Object.entries(tensors).map(one));
}
