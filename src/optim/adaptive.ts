import { checked, FRACTION, NOT_NEGATIVE, number, truth } from "../checks/options.js";
import { said } from "../checks/said.js";
import { adamStep, full, mapTree, type Tensor, UsageError } from "../index.js";
import { moved, type Optimizer, optimizer } from "./optimizer.js";
import { type LearningRate, rate } from "./rate.js";

/**
 * RMSProp: `v ← α v + (1 − α) g²`, `p ← p − η g / (√v + ε)` (Tieleman and Hinton, Coursera lecture 6.5,
 * 2012; α 0.99 unless given, as in PyTorch, and 0.9 there). η is 0.01 unless given, ε 1e-8.
 *
 * `centered` divides by the root of the variance, `v − m²` with `m ← α m + (1 − α) g` (Graves,
 * Generating Sequences With Recurrent Neural Networks, 2013, equations 38 to 40; ε is added to the
 * root, as in PyTorch). Where rounding makes that negative it is taken as 0. With `momentum` μ the
 * quotient goes into a velocity, `b ← μ b + g / (√v + ε)`, `p ← p − η b`.
 *
 * @throws UsageError for an option that there is not, or of another type; DomainError when `alpha` or
 *   `momentum` lies outside [0, 1), or the learning rate or `epsilon` is negative or not finite.
 * @example
 * const f = (x: Tensor) => x.square().mul([1, 100]).sum();
 * const optimizer = rmsprop({ learningRate: exponentialDecay(0.1, { decayRate: 0.95 }) });
 * minimize(f, tensor([1, 1]), { optimizer, steps: 200 }).value < 1e-6; // true
 */
export function rmsprop(
  options: {
    readonly learningRate?: LearningRate | undefined;
    /** What the mean of the squares keeps of itself, α. */
    readonly alpha?: number | undefined;
    readonly epsilon?: number | undefined;
    readonly momentum?: number | undefined;
    readonly centered?: boolean | undefined;
  } = {},
): Optimizer {
  const { learningRate, alpha, epsilon, momentum, centered } = checked("rmsprop", options, {
    learningRate: rate(0.01),
    alpha: number(FRACTION, 0.99),
    epsilon: number(NOT_NEGATIVE, 1e-8),
    momentum: number(FRACTION, 0),
    centered: truth,
  });
  const averages = 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0);
  return optimizer("rmsprop", learningRate, averages, () => (p, g, known, rate) => {
    const [v, m] = known as [Tensor, Tensor];
    const next = centered ? variance(p, g, m, v, alpha) : null;
    /** From p along g / (√v + ε), with the new v in V where that is not known yet. */
    const along = (p: Tensor, rate: number) => {
      // A step of Adam whose mean is the gradient itself.
      const numbers = { beta1: 0, beta2: next ? 1 : alpha, rate, epsilon };
      return adamStep(p, g, g, next?.square ?? v, numbers);
    };
    if (momentum === 0) {
      const { P, V } = moved(p, rate, along);
      return [P, next?.averages ?? [V]];
    }
    // The velocity b goes to μ b + g / (√v + ε): the same step, from μ b.
    const b = known.at(-1) as Tensor;
    const { P: B, V } = along(b.mul(momentum), -1);
    return [p.sub(B.mul(rate)), [...(next?.averages ?? [V]), B]];
  });
}

/** The means of squares and of the gradient, and what the first is above the square of the second. */
function variance(p: Tensor, g: Tensor, m: Tensor, v: Tensor, alpha: number) {
  const numbers = { beta1: alpha, beta2: alpha, rate: 0, epsilon: 1 };
  const { V, M } = adamStep(p, g, m, v, numbers);
  return { square: V.sub(M.square()).maximum(0), averages: [V, M] };
}

/**
 * AdaGrad: `s ← s + g²`, `p ← p − η g / (√s + ε)` (Duchi, Hazan and Singer 2011, with diagonal
 * matrices). η is 0.01 unless given, ε 1e-10, and s begins as `initialAccumulator`, 0.
 *
 * The state holds `s / (t + 1)` after t steps, a mean.
 *
 * @throws UsageError for an option that there is not, or of another type; DomainError when one is
 *   negative or not finite.
 * @example
 * const f = (x: Tensor) => x.square().mul([1, 100]).sum();
 * const optimizer = adagrad({ learningRate: 0.5 });
 * minimize(f, tensor([1, 1]), { optimizer, steps: 200 }).value < 1e-9; // true
 */
export function adagrad(
  options: {
    readonly learningRate?: LearningRate | undefined;
    readonly epsilon?: number | undefined;
    readonly initialAccumulator?: number | undefined;
  } = {},
): Optimizer {
  const { learningRate, epsilon, initialAccumulator } = checked("adagrad", options, {
    learningRate: rate(0.01),
    epsilon: number(NOT_NEGATIVE, 1e-10),
    initialAccumulator: number(NOT_NEGATIVE, 0),
  });
  const first = ({ shape, dtype }: Tensor): Tensor => full(shape, initialAccumulator, { dtype });
  const begin = (count: number) => {
    // With v = s / (t + 1): v ← t/(t + 1) v + 1/(t + 1) g², and √s + ε = √(t + 1) (√v + ε/√(t + 1)).
    const root = Math.sqrt(count + 1);
    const beta2 = count / (count + 1);
    return (p: Tensor, g: Tensor, averages: readonly Tensor[], rate: number | Tensor) => {
      const [v] = averages as [Tensor];
      const { P, V } = moved(p, rate, (p, rate) =>
        adamStep(p, g, g, v, { beta1: 0, beta2, rate: rate / root, epsilon: epsilon / root }),
      );
      return [P, [V]] as const;
    };
  };
  return optimizer("adagrad", learningRate, 1, begin, first);
}

/** What {@link adam} takes. */
export interface AdamOptions {
  /** η, 1e-3 unless given. */
  readonly learningRate?: LearningRate | undefined;
  /** What the mean of the gradient keeps of itself, β₁; 0.9 unless given. */
  readonly beta1?: number | undefined;
  /** What the mean of its square keeps of itself, β₂; 0.999 unless given. */
  readonly beta2?: number | undefined;
  /** What is added to the root, ε; 1e-8 unless given. */
  readonly epsilon?: number | undefined;
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1): steps of the running mean of the gradient over the root
 * of the running mean of its square, both corrected for their start at 0.
 *
 * @throws UsageError for an option that there is not, or of another type; DomainError when `beta1` or
 *   `beta2` lies outside [0, 1), or the learning rate or `epsilon` is negative or not finite.
 * @example
 * const f = (x: Tensor) => x.square().sum();
 * const optimizer = adam({ learningRate: 0.05 });
 * minimize(f, tensor([1, 2]), { optimizer, steps: 500 }).value < 1e-6; // true
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const numbers = checked("adam", options, adamChecks());
  return optimizer("adam", numbers.learningRate, 2, (count) => {
    const move = adamMove(numbers, count);
    return (p, g, averages, rate) => move(0, p, g, averages, rate);
  });
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2, whose line 12 adds the decay
 * of equation 1 to Adam's step): `p ← (1 − η λ) p`, then a step of {@link adam}. As in PyTorch the
 * learning rate, and with it a schedule, goes for the decay, too; `weightDecay` λ is 0.01 unless given.
 *
 * `decays` tells from a parameter and its path whether it decays; all do unless it is given.
 *
 * @throws As {@link adam}; DomainError when `weightDecay` is negative or not finite; UsageError, at a
 *   step, when `decays` gives neither true nor false.
 * @example
 * const params = { W: ones([2, 2]), b: ones([2]) };
 * const decays = (p: Tensor, path: string) => p.rank > 1; // not the biases
 * const optimizer = adamw({ learningRate: 0.1, weightDecay: 0.5, decays });
 * const gradients = { W: zeros([2, 2]), b: zeros([2]) };
 * const [{ W, b }] = optimizer.update(params, gradients, optimizer.init(params));
 * W.toArray(); // [[0.95, 0.95], [0.95, 0.95]]
 * b.toArray(); // [1, 1]
 */
export function adamw(
  options: AdamOptions & {
    readonly weightDecay?: number | undefined;
    readonly decays?: ((p: Tensor, path: string) => boolean) | undefined;
  } = {},
): Optimizer {
  const numbers = checked("adamw", options, {
    ...adamChecks(),
    weightDecay: number(NOT_NEGATIVE, 0.01),
    decays: predicate,
  });
  const { learningRate, weightDecay, decays } = numbers;
  return optimizer("adamw", learningRate, 2, (count, params) => {
    const move = adamMove(numbers, count);
    const chosen = decays === null ? null : chosenBy(decays, params);
    return (p, g, averages, rate, i) => {
      if (chosen !== null && !chosen[i]) return move(0, p, g, averages, rate);
      if (typeof rate === "number") return move(rate * weightDecay, p, g, averages, rate);
      return move(0, p.mul(rate.mul(-weightDecay).add(1)), g, averages, rate);
    };
  });
}

type Decays = (p: Tensor, path: string) => boolean;

function predicate(where: string, value: unknown): Decays | null {
  if (value === undefined) return null;
  if (typeof value === "function") return value as Decays;
  throw new UsageError(
    `${where} is ${said(value)}; a function of a parameter and its path was wanted`,
  );
}

/** Which parameters decay, in the order of `leaves`. */
function chosenBy(decays: Decays, params: unknown): boolean[] {
  const chosen: boolean[] = [];
  mapTree(params, (p, path) => {
    const choice: unknown = decays(p, path);
    if (typeof choice !== "boolean") {
      const what = `adamw: decays gave ${said(choice)} for ${path || "the parameter"}`;
      throw new UsageError(`${what}; true or false was wanted`);
    }
    chosen.push(choice);
    return p;
  });
  return chosen;
}

const adamChecks = () => ({
  learningRate: rate(1e-3),
  beta1: number(FRACTION, 0.9),
  beta2: number(FRACTION, 0.999),
  epsilon: number(NOT_NEGATIVE, 1e-8),
});

/** A step of Adam for one parameter, the count-th. */
function adamMove(
  numbers: { readonly beta1: number; readonly beta2: number; readonly epsilon: number },
  count: number,
) {
  const { beta1, beta2 } = numbers;
  // η m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), the corrections taken together.
  const root = Math.sqrt(1 - beta2 ** count);
  const correction = root / (1 - beta1 ** count);
  const epsilon = numbers.epsilon * root;
  return (
    decay: number,
    p: Tensor,
    g: Tensor,
    averages: readonly Tensor[],
    rate: number | Tensor,
  ) => {
    const [m, v] = averages as [Tensor, Tensor];
    const { P, M, V } = moved(p, rate, (p, rate) =>
      adamStep(p, g, m, v, { beta1, beta2, rate: rate * correction, epsilon, decay }),
    );
    return [P, [M, V]] as const;
  };
}
