import { digits } from "./digits.js";
import { Random, zeros } from "./random.js";
import type { Inputs, Side } from "./side.js";

/** What every peer does, but for the doing, which is in its own file under `peers/`. */
export interface Workload {
  readonly title: string;
  /** Seeded: every peer gets the same. */
  readonly inputs: () => Inputs;
  /** How many steps run before the results are compared. */
  readonly steps: number;
  /** By peer, how many times as fast tracegrad has to be; those not named have no bar. */
  readonly bars: Readonly<Record<string, number>>;
  /** Milliseconds that a step of tracegrad may take, where that is bounded. */
  readonly limit?: number;
}

/** Settings that have to be the same for every peer. */
export const settings = { adam: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, descent: 0.1 };

/** How many numbers the entrywise ops and the sum work on. */
const MANY = 1_000_000;

/** All workloads, in the order in which they run. */
export const workloads = {
  /** Mean square of tanh(tanh(X·W1 + b1)·W2 + b2)·W3 + b3 − y: few numbers, all bookkeeping. */
  mlpSmall: {
    title: "MLP 2-16-16-1, Adam, batch 32",
    steps: 10,
    bars: { tfjs: 50, "jax-js": 25, pytorch: 25 },
    inputs: () => {
      const random = new Random(1);
      return {
        X: random.uniform([32, 2]),
        y: random.uniform([32, 1]),
        W1: random.weights(2, 16),
        b1: zeros([16]),
        W2: random.weights(16, 16),
        b2: zeros([16]),
        W3: random.weights(16, 1),
        b3: zeros([1]),
      };
    },
  },
  /** Mean cross entropy of softmax(relu(X·W1 + b1)·W2 + b2) and the labels. */
  mlpDigits: {
    title: "MLP 784-128-10, Adam, batch 64",
    // Later, one relu that rounding leaves on different sides of 0 sends the peers different ways.
    steps: 1,
    bars: { tfjs: 8, "jax-js": 1.5, pytorch: 0.8 },
    inputs: () => {
      const random = new Random(2);
      return {
        X: random.uniform([64, 784]),
        labels: random.oneHot(64, 10),
        W1: random.weights(784, 128),
        b1: zeros([128]),
        W2: random.weights(128, 10),
        b2: zeros([10]),
      };
    },
  },
  /** The same by each library's own `fit`: an epoch of 20 batches, in the order of the rows. */
  fitDigits: {
    title: "fit of MLP 784-128-10 on 1280 digits, batch 64, an epoch",
    steps: 1,
    bars: { tfjs: 5 },
    inputs: () => {
      const random = new Random(2);
      return {
        ...digits(1280),
        W1: random.weights(784, 128),
        b1: zeros([128]),
        W2: random.weights(128, 10),
        b2: zeros([10]),
      };
    },
  },
  /** The same with two hidden layers. */
  mlpLarge: {
    title: "MLP 784-512-256-10, Adam, batch 128",
    steps: 1,
    bars: { tfjs: 13, "jax-js": 1.5, pytorch: 0.5 },
    inputs: () => {
      const random = new Random(4);
      return {
        X: random.uniform([128, 784]),
        labels: random.oneHot(128, 10),
        W1: random.weights(784, 512),
        b1: zeros([512]),
        W2: random.weights(512, 256),
        b2: zeros([256]),
        W3: random.weights(256, 10),
        b3: zeros([10]),
      };
    },
  },
  /** Mean square of X·w − y, a step of gradient descent. */
  leastSquares: {
    title: "least squares 1000x100, gradient descent",
    steps: 10,
    bars: { tfjs: 6, "jax-js": 2, pytorch: 2 },
    inputs: () => {
      const random = new Random(3);
      return {
        X: random.uniform([1000, 100]),
        y: random.uniform([1000, 1]),
        w: zeros([100, 1]),
      };
    },
  },
  logdet16: logdet(16, "float32", { pytorch: 8, "jax-js": 100 }),
  logdet128: logdet(128, "float32", { pytorch: 1, "jax-js": 100 }),
  logdet512: logdet(512, "float32", { pytorch: 0.5, "jax-js": 100 }),
  logdetDouble16: logdet(16, "float64", { pytorch: 8, "jax-js": 100 }),
  logdetDouble128: logdet(128, "float64", { pytorch: 1, "jax-js": 100 }),
  logdetDouble512: logdet(512, "float64", { pytorch: 0.5, "jax-js": 100 }),
  hessianQuadratic100: quadratic("Hessian", 100, { pytorch: 50, "jax-js": 50 }),
  hessianQuadratic500: quadratic("Hessian", 500, { pytorch: 50, "jax-js": 50 }),
  hessianLogistic: logistic("Hessian", { pytorch: 8, "jax-js": 40 }),
  hessianFactors: factors("Hessian", { pytorch: 20 }),
  /** Times a matrix, once; everyone but tracegrad multiplies with the dense Hessian. */
  operatorFactors: factors("Hessian operator", { pytorch: 1000 }),
  hvpQuadratic100: quadratic("hvp", 100, { "tracegrad-gradient": 0.25 }),
  hvpQuadratic500: quadratic("hvp", 500, { "tracegrad-gradient": 0.25 }),
  hvpLogistic: logistic("hvp", { "tracegrad-gradient": 0.25 }),
  hvpFactors: factors("hvp", { "tracegrad-gradient": 0.25 }),
  /** Always from the same U: one step reaches the minimum. The dense Hessian has 10⁸ numbers. */
  newtonFactors: {
    title: "Newton step on ‖T − U·Vᵀ‖² by U, 1000x10",
    steps: 1,
    bars: {},
    limit: 5,
    inputs: () => {
      const random = new Random(9);
      const T = random.uniform([1000, 1000]);
      return { T, U: random.uniform([1000, 10]), V: random.uniform([1000, 10]) };
    },
  },
  product64: {
    ...pair(64, "float32", { tfjs: 1 }),
    title: "gradients of sum(A·B), n = 64",
  },
  product256: {
    ...pair(256, "float32", { tfjs: 10 }),
    title: "gradients of sum(A·B), n = 256",
  },
  product512: {
    ...pair(512, "float32", { tfjs: 10 }),
    title: "gradients of sum(A·B), n = 512",
  },
  gemm4: pair(4, "float32", { tfjs: 30 }),
  gemm16: pair(16, "float32", { tfjs: 15 }),
  gemm64: pair(64, "float32", { tfjs: 1.4 }),
  gemm256: pair(256, "float32", { tfjs: 1.15 }),
  gemm1024: pair(1024, "float32", { tfjs: 1.15 }),
  gemmDouble64: pair(64, "float64", { "tracegrad-float32": 0.45 }),
  gemmDouble256: pair(256, "float64", { "tracegrad-float32": 0.45 }),
  gemmDouble1024: pair(1024, "float64", { "tracegrad-float32": 0.45 }),
  exp: entrywise("exp", -4, 4, { tfjs: 4 }),
  tanh: entrywise("tanh", -4, 4, { tfjs: 10 }),
  log: entrywise("log", 0.01, 10, { tfjs: 3 }),
  sum: entrywise("sum", 0, 1, { tfjs: 8 }),
  /** Each step transposes what the last one left, into memory: see `bench/README.md`. */
  transpose: {
    title: "transpose of 1024x1024",
    steps: 1,
    bars: { tfjs: 5 },
    inputs: () => ({ X: new Random(5).uniform([1024, 1024]) }),
  },
} satisfies Record<string, Workload>;

/** Value and gradient of logdet(X) + tr(X⁻¹·C), at X1, X2 and X3 in turn. */
function logdet(n: number, dtype: Random["dtype"], bars: Workload["bars"]) {
  return {
    title: `logdet(X) + tr(X⁻¹·C) and gradient, n = ${n}, ${dtype}`,
    steps: 1,
    bars,
    inputs: () => {
      const random = new Random(n, dtype);
      const X = () => random.regular(n);
      return { X1: X(), X2: X(), X3: X(), C: random.uniform([n, n]) };
    },
  };
}

/** xᵀ·A·x by x, of which `what` is taken; v is the direction of a product. */
function quadratic(what: string, n: number, bars: Workload["bars"]) {
  return {
    title: `${what} of xᵀ·A·x, n = ${n}`,
    steps: 1,
    bars,
    inputs: () => {
      const random = new Random(n);
      return { A: random.uniform([n, n]), x: random.uniform([n]), v: random.uniform([n]) };
    },
  };
}

/** The mean of softplus(X·w) − y∘(X·w) by w. */
function logistic(what: string, bars: Workload["bars"]) {
  return {
    title: `${what} of logistic regression, 1000x100`,
    steps: 1,
    bars,
    inputs: () => {
      const random = new Random(7);
      return {
        X: random.uniform([1000, 100]),
        y: random.coins([1000]),
        w: random.uniform([100], 0.3),
        v: random.uniform([100]),
      };
    },
  };
}

/** ‖T − U·Vᵀ‖² by U; W is the direction of a product. */
function factors(what: string, bars: Workload["bars"]) {
  return {
    title: `${what} of ‖T − U·Vᵀ‖² by U, 100x5`,
    steps: 1,
    bars,
    inputs: () => {
      const random = new Random(8);
      const factor = () => random.uniform([100, 5]);
      return { T: random.uniform([100, 100]), U: factor(), V: factor(), W: factor() };
    },
  };
}

/** A product of two square matrices. */
function pair(n: number, dtype: Random["dtype"], bars: Workload["bars"]) {
  return {
    title: `A·B, n = ${n}, ${dtype}`,
    steps: 1,
    bars,
    inputs: () => {
      const random = new Random(n, dtype);
      return { A: random.uniform([n, n]), B: random.uniform([n, n]) };
    },
  };
}

/** One op on many numbers. */
function entrywise(op: string, low: number, high: number, bars: Workload["bars"]) {
  return {
    title: `${op} of 10⁶ numbers`,
    steps: 1,
    bars,
    inputs: () => ({ X: new Random(6).between(low, high, [MANY]) }),
  };
}

/** A peer's sides; it may leave workloads out. */
export type Sides = {
  readonly [K in keyof typeof workloads]?: (
    inputs: ReturnType<(typeof workloads)[K]["inputs"]>,
  ) => Side;
};
