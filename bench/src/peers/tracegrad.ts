import { createRequire } from "node:module";
import { grad, init, type Tensor, tensor, valueAndGrad } from "../../../dist/index.js";
import { adam, type Optimizer, sgd } from "../../../dist/optim/index.js";
import type { Inputs, Results, Side, Values } from "../side.js";
import { requireEqualTerms } from "../terms.js";
import { type Sides, settings } from "../workloads.js";

export async function start(): Promise<void> {
  await init();
  await requireEqualTerms(createRequire(new URL("../../../", import.meta.url)));
}

export const sides: Sides = {
  mlpSmall: ({ X, y, ...params }) =>
    train(params, { X, y }, adamOptimizer(), (p, data) => {
      const first = data.X.matmul(p.W1).add(p.b1).tanh();
      const second = first.matmul(p.W2).add(p.b2).tanh();
      return second.matmul(p.W3).add(p.b3).sub(data.y).square().mean();
    }),

  mlpDigits: ({ X, labels, ...params }) =>
    train(params, { X, labels }, adamOptimizer(), (p, data) => {
      const logits = data.X.matmul(p.W1).add(p.b1).relu().matmul(p.W2).add(p.b2);
      return data.labels.mul(logits.logSoftmax()).sum({ axis: 1 }).mean().neg();
    }),

  leastSquares: ({ X, y, w }) =>
    train({ w }, { X, y }, sgd({ learningRate: settings.descent }), (p, data) =>
      data.X.matmul(p.w).sub(data.y).square().mean(),
    ),

  product64: productGradients,
  product256: productGradients,
  product512: productGradients,
};

function productGradients(inputs: Inputs<"A" | "B">): Side {
  const { A, B } = loadAll(inputs);
  const gradients = grad((X: Tensor, Y: Tensor) => X.matmul(Y).sum(), { wrt: [0, 1] });
  let [ofA, ofB] = gradients(A, B);
  return {
    step: () => {
      [ofA, ofB] = gradients(A, B);
    },
    results: () => read({ "the gradient of A": ofA, "the gradient of B": ofB }),
  };
}

function adamOptimizer(): Optimizer {
  const { adam: learningRate, beta1, beta2, epsilon } = settings;
  return adam({ learningRate, beta1, beta2, epsilon });
}

type Tensors<K extends string> = Record<K, Tensor>;

/** A training step: value and gradient of the loss, then an update of the parameters. */
function train<P extends string, D extends string>(
  parameters: Inputs<P>,
  data: Inputs<D>,
  optimizer: Optimizer,
  loss: (parameters: Tensors<P>, data: Tensors<D>) => Tensor,
): Side {
  const fixed = loadAll(data);
  const lossAndGradient = valueAndGrad((p: Tensors<P>) => loss(p, fixed));
  let params = loadAll(parameters);
  let state = optimizer.init(params);
  return {
    step: () => {
      const [, gradient] = lossAndGradient(params);
      [params, state] = optimizer.update(params, gradient, state);
    },
    results: () => read({ loss: loss(params, fixed), ...params }),
  };
}

function loadAll<K extends string>(inputs: Inputs<K>): Tensors<K> {
  const load = ([name, { data, shape }]: [string, Values]) => [name, tensor(data, { shape })];
  return Object.fromEntries(Object.entries<Values>(inputs).map(load));
}

function read(tensors: Tensors<string>): Results {
  const one = ([name, x]: [string, Tensor]) => [name, x.data() as Float32Array];
  return Object.fromEntries(Object.entries(tensors).map(one));
}
