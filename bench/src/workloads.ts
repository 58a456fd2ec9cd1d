import { Random, zeros } from "./random.js";
import type { Inputs, Side } from "./side.js";

/** What every peer does, but for the doing, which is in its own file under `peers/`. */
export interface Workload {
  readonly title: string;
  /** Seeded: every peer gets the same. */
  readonly inputs: () => Inputs;
  /** How many steps run before the results are compared. */
  readonly steps: number;
  /** By peer, how many times as fast tracegrad has to be. */
  readonly bars: Readonly<Record<string, number>>;
}

/** Settings that have to be the same for every peer. */
export const settings = { adam: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, descent: 0.1 };

/** All workloads, in the order in which they run. */
export const workloads = {
  /** Mean square of tanh(tanh(X·W1 + b1)·W2 + b2)·W3 + b3 − y: few numbers, all bookkeeping. */
  mlpSmall: {
    title: "MLP 2-16-16-1, Adam, batch 32",
    steps: 10,
    bars: { tfjs: 1 },
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
    bars: { tfjs: 1 },
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
  /** Mean square of X·w − y, a step of gradient descent. */
  leastSquares: {
    title: "least squares 1000x100, gradient descent",
    steps: 10,
    bars: { tfjs: 1 },
    inputs: () => {
      const random = new Random(3);
      return {
        X: random.uniform([1000, 100]),
        y: random.uniform([1000, 1]),
        w: zeros([100, 1]),
      };
    },
  },
  product64: product(64, { tfjs: 1 }),
  product256: product(256, { tfjs: 10 }),
  product512: product(512, { tfjs: 10 }),
} satisfies Record<string, Workload>;

/** The gradients of the sum of A·B with respect to both: a product and two transposed ones. */
function product(n: number, bars: Workload["bars"]) {
  return {
    title: `gradients of sum(A·B), n = ${n}`,
    steps: 1,
    bars,
    inputs: () => {
      const random = new Random(n);
      return { A: random.uniform([n, n]), B: random.uniform([n, n]) };
    },
  };
}

/** A peer's sides; it may leave workloads out. */
export type Sides = {
  readonly [K in keyof typeof workloads]?: (
    inputs: ReturnType<(typeof workloads)[K]["inputs"]>,
  ) => Side;
};
