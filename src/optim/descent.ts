import { checked, FRACTION, number } from "../checks/options.js";
import { momentumStep, type Tensor } from "../index.js";
import { moved, type Optimizer, optimizer } from "./optimizer.js";
import { type LearningRate, rate } from "./rate.js";

/** What {@link momentum} and {@link nesterov} take. */
export interface MomentumOptions {
  readonly learningRate: LearningRate;
  /** What the velocity keeps of itself, μ; 0.9 unless given. */
  readonly momentum?: number | undefined;
}

/**
 * Gradient descent: `p ← p − η g`.
 *
 * @throws UsageError without a learning rate, or for an option that there is not; DomainError when the
 *   learning rate is negative or not finite; ShapeError, at a step, when it has another shape than the
 *   parameter.
 * @example
 * const x = tensor([1, 2]);
 * const descent = sgd({ learningRate: 0.5 });
 * const [next] = descent.update(x, tensor([2, -2]), descent.init(x));
 * next.toArray(); // [0, 3]
 */
export function sgd(options: { readonly learningRate: LearningRate }): Optimizer {
  const { learningRate } = checked("sgd", options, { learningRate: rate() });
  return optimizer("sgd", learningRate, 0, () => (p, g, _, rate) => [p.sub(g.mul(rate)), []]);
}

/**
 * Gradient descent with momentum: `v ← μ v + g`, `p ← p − η v` (Polyak 1964; the velocity v is free of
 * the rate η, as in PyTorch).
 *
 * @throws As {@link sgd}; DomainError when `momentum` lies outside [0, 1).
 * @example
 * const f = (x: Tensor) => x.square().sum();
 * const optimizer = momentum({ learningRate: 0.05, momentum: 0.5 });
 * minimize(f, tensor([1, 2]), { optimizer, steps: 200 }).value < 1e-9; // true
 */
export function momentum(options: MomentumOptions): Optimizer {
  return withVelocity("momentum", options, false);
}

/**
 * Nesterov's accelerated gradient: `v ← μ v + g`, `p ← p − η (g + μ v)`, as PyTorch's SGD with
 * `nesterov=True`.
 *
 * It is the form of Bengio, Boulanger-Lewandowski and Pascanu (Advances in Optimizing Recurrent
 * Networks, 2013, section 3.5): p is the point `θ + μ u` to which Sutskever et al. (2013, equations 3
 * and 4) look ahead for the gradient, where `u = −η v` is their velocity, so that the gradient is wanted
 * at the parameters themselves. At a constant rate both take the same way.
 *
 * @throws As {@link momentum}.
 * @example
 * const f = (x: Tensor) => x.square().mul([1, 20]).sum();
 * const optimizer = nesterov({ learningRate: 0.02 });
 * minimize(f, tensor([1, 1]), { optimizer, steps: 300 }).value < 1e-9; // true
 */
export function nesterov(options: MomentumOptions): Optimizer {
  return withVelocity("nesterov", options, true);
}

function withVelocity(name: string, options: MomentumOptions, nesterov: boolean): Optimizer {
  const checks = { learningRate: rate(), momentum: number(FRACTION, 0.9) };
  const { learningRate, momentum } = checked(name, options, checks);
  return optimizer(name, learningRate, 1, () => (p, g, averages, rate) => {
    const [v] = averages as [Tensor];
    const { P, V } = moved(p, rate, (p, rate) =>
      momentumStep(p, g, v, { momentum, rate, nesterov }),
    );
    return [P, [V]];
  });
}
