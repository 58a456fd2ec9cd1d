import { createRequire } from "node:module";
import {
  grad,
  hessian,
  hvp,
  init,
  inv,
  iterate,
  logdet,
  type Tensor,
  tensor,
  tidy,
  trace,
  valueAndGrad,
} from "../../../dist/index.js";
import {
  type DenseParams,
  type Fitted,
  fit,
  crossEntropy as logitsLoss,
  mlp,
} from "../../../dist/nn/index.js";
import { adam, type Optimizer, sgd } from "../../../dist/optim/index.js";
import type { Inputs, Numbers, Results, Side, Values } from "../side.js";
import { requireEqualTerms } from "../terms.js";
import { type Sides, settings } from "../workloads.js";

export async function start(): Promise<void> {
  await init();
  await requireEqualTerms(createRequire(new URL("../../../", import.meta.url)));
}

export const sides = {
  mlpSmall: ({ X, y, ...params }) =>
    train(params, { X, y }, adamOptimizer(), (p, data) => {
      const first = data.X.matmul(p.W1).add(p.b1).tanh();
      const second = first.matmul(p.W2).add(p.b2).tanh();
      return second.matmul(p.W3).add(p.b3).sub(data.y).square().mean();
    }),

  mlpDigits: ({ X, labels, ...params }) =>
    train(params, { X, labels }, adamOptimizer(), (p, data) => {
      const logits = data.X.matmul(p.W1).add(p.b1).relu().matmul(p.W2).add(p.b2);
      return crossEntropy(data.labels, logits);
    }),

  fitDigits: ({ images, labels, W1, b1, W2, b2 }) => {
    const data = loadAll({ x: images, y: labels });
    const options = { loss: logitsLoss, optimizer: adamOptimizer(), batchSize: 64, shuffle: false };
    const layers = [loadAll({ W: W1, b: b1 }), loadAll({ W: W2, b: b2 })];
    let at: Fitted<DenseParams[]> | null = null;
    return {
      step: async () => {
        const from = at === null ? { params: layers } : { resume: at.checkpoint };
        const epochs = (at?.history.loss.length ?? 0) + 1;
        at = await fit(mlp([784, 128, 10]), data, { ...options, ...from, epochs });
      },
      results: () => {
        const [first, second] = (at?.params ?? layers) as [DenseParams, DenseParams];
        return read({ W1: first.W, b1: first.b, W2: second.W, b2: second.b });
      },
    };
  },

  mlpLarge: ({ X, labels, ...params }) =>
    train(params, { X, labels }, adamOptimizer(), (p, data) => {
      const first = data.X.matmul(p.W1).add(p.b1).relu();
      const second = first.matmul(p.W2).add(p.b2).relu();
      return crossEntropy(data.labels, second.matmul(p.W3).add(p.b3));
    }),

  leastSquares: ({ X, y, w }) =>
    train({ w }, { X, y }, sgd({ learningRate: settings.descent }), (p, data) =>
      data.X.matmul(p.w).sub(data.y).square().mean(),
    ),

  logdet16: likelihood,
  logdet128: likelihood,
  logdet512: likelihood,
  logdetDouble16: likelihood,
  logdetDouble128: likelihood,
  logdetDouble512: likelihood,

  hessianQuadratic100: (inputs) => dense(quadratic(inputs)),
  hessianQuadratic500: (inputs) => dense(quadratic(inputs)),
  hessianLogistic: (inputs) => dense(logistic(inputs)),
  hessianFactors: (inputs) => dense(factors(inputs)),
  operatorFactors: (inputs) => operator(factors(inputs)),
  hvpQuadratic100: (inputs) => product(quadratic(inputs)),
  hvpQuadratic500: (inputs) => product(quadratic(inputs)),
  hvpLogistic: (inputs) => product(logistic(inputs)),
  hvpFactors: (inputs) => product(factors(inputs)),
  newtonFactors: newton,

  product64: productGradients,
  product256: productGradients,
  product512: productGradients,

  gemm4: gemm,
  gemm16: gemm,
  gemm64: gemm,
  gemm256: gemm,
  gemm1024: gemm,
  gemmDouble64: gemm,
  gemmDouble256: gemm,
  gemmDouble1024: gemm,

  exp: (inputs) => eager(inputs, ({ X }) => X.exp()),
  tanh: (inputs) => eager(inputs, ({ X }) => X.tanh()),
  log: (inputs) => eager(inputs, ({ X }) => X.log()),
  sum: (inputs) => eager(inputs, ({ X }) => X.sum()),

  transpose: (inputs) => {
    const { X } = loadAll(inputs);
    // What `t` gives may read X as it lies; that it is one row after the other makes it move.
    const moved = (x: Tensor): Tensor => x.t().reshape([x.size]).reshape(x.shape);
    const loop = iterate(X, (x: Tensor) => [moved(x), null]);
    return {
      step: () => {
        loop.next();
      },
      results: () => read({ X: loop.state }),
    };
  },
} satisfies Sides;

function crossEntropy(labels: Tensor, logits: Tensor): Tensor {
  return labels.mul(logits.logSoftmax()).sum({ axis: 1 }).mean().neg();
}

function likelihood(inputs: Inputs<"X1" | "X2" | "X3" | "C">): Side {
  const { X1, X2, X3, C } = loadAll(inputs);
  const both = valueAndGrad((X: Tensor) => logdet(X).add(trace(inv(X).matmul(C))));
  const points = [X1, X2, X3];
  let next = 0;
  let X = X1;
  return {
    step: () => {
      X = points[next++ % 3] as Tensor;
      dropped(() => both(X));
    },
    results: () => {
      const [value, gradient] = both(X);
      return read({ value, gradient });
    },
  };
}

function gemm(inputs: Inputs<"A" | "B">): Side {
  return eager(inputs, ({ A, B }) => A.matmul(B));
}

/** Results that nobody wants are freed, as every peer does by hand or by counting references. */
function dropped(body: () => unknown): void {
  tidy(() => {
    body();
  });
}

/** One op, its inputs the same in each step. */
function eager<K extends string>(inputs: Inputs<K>, op: (inputs: Tensors<K>) => Tensor): Side {
  const fixed = loadAll(inputs);
  return again("result", () => op(fixed));
}

function productGradients(inputs: Inputs<"A" | "B">): Side {
  const { A, B } = loadAll(inputs);
  const gradients = grad((X: Tensor, Y: Tensor) => X.matmul(Y).sum(), { wrt: [0, 1] });
  return {
    step: () => dropped(() => gradients(A, B)),
    results: () => {
      const [ofA, ofB] = gradients(A, B);
      return read({ "the gradient of A": ofA, "the gradient of B": ofB });
    },
  };
}

/** A function, the point of its derivatives and a direction. */
export interface Problem {
  readonly f: (x: Tensor) => Tensor;
  readonly x: Tensor;
  readonly v: Tensor;
}

export function quadratic(inputs: Inputs<"A" | "x" | "v">): Problem {
  const { A, x, v } = loadAll(inputs);
  return { f: (x) => x.dot(A.matmul(x)), x, v };
}

export function logistic(inputs: Inputs<"X" | "y" | "w" | "v">): Problem {
  const { X, y, w, v } = loadAll(inputs);
  const f = (w: Tensor) => {
    const z = X.matmul(w);
    return z.softplus().sub(y.mul(z)).mean();
  };
  return { f, x: w, v };
}

export function factors(inputs: Inputs<"T" | "U" | "V" | "W">): Problem {
  const { T, U, V, W } = loadAll(inputs);
  return { f: (U) => T.sub(U.matmul(V.T)).square().sum(), x: U, v: W };
}

function dense({ f, x }: Problem): Side {
  return again("hessian", () => hessian(f)(x));
}

function operator({ f, x, v }: Problem): Side {
  return again("product", () => hessian(f, { form: "operator" })(x).apply(v));
}

function product({ f, x, v }: Problem): Side {
  return again("product", () => hvp(f, [x], [v])[0]);
}

function newton(inputs: Inputs<"T" | "U" | "V">): Side {
  const { T, U, V } = loadAll(inputs);
  const curvature = hessian((U: Tensor) => T.sub(U.matmul(V.T)).square().sum(), {
    form: "operator",
  });
  const stepFrom = () => {
    const H = curvature(U);
    return { value: H.value, gradient: H.gradient, U: U.sub(H.solve(H.gradient)) };
  };
  return {
    step: () => dropped(stepFrom),
    results: () => read(stepFrom()),
  };
}

/** Calculates one thing in each step. */
export function again(name: string, result: () => Tensor): Side {
  return {
    step: () => dropped(result),
    results: () => read({ [name]: result() }),
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
  const params = loadAll(parameters);
  const training = iterate({ params, state: optimizer.init(params) }, ({ params, state }) => {
    const [value, gradient] = lossAndGradient(params);
    const [moved, next] = optimizer.update(params, gradient, state);
    return [{ params: moved, state: next }, value];
  });
  return {
    step: () => {
      training.next();
    },
    results: () => read({ loss: loss(training.state.params, fixed), ...training.state.params }),
  };
}

function loadAll<K extends string>(inputs: Inputs<K>): Tensors<K> {
  const load = ([name, { data, shape }]: [string, Values]) => [name, tensor(data, { shape })];
  return Object.fromEntries(Object.entries<Values>(inputs).map(load));
}

function read(tensors: Tensors<string>): Results {
  const one = ([name, x]: [string, Tensor]) => [name, x.data() as Numbers];
  return Object.fromEntries(Object.entries(tensors).map(one));
}
