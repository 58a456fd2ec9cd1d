import { FRACTION, requireNumber } from "../checks/options.js";
import { random, where } from "../index.js";
import { type Layer, type NoParams, requireFirst, requireInput } from "./layer.js";

/**
 * In training, sets each entry to 0 with probability `rate`, and divides those left by `1 − rate`, so
 * that their mean stays (Srivastava et al., "Dropout", 2014, in its inverted form). Else it does
 * nothing. What is left out depends on the seed of the pass alone.
 *
 * @throws DomainError when `rate` lies outside [0, 1); UsageError when it is no number.
 * @example
 * const layer = dropout(0.5);
 * layer.apply({}, ones([3])).toArray(); // [1, 1, 1]
 * layer.apply({}, ones([1000]), { training: true, seed: 1 }).mean().sub(1).abs().item() < 0.2; // true
 */
export function dropout(rate: number): Layer<NoParams> {
  requireNumber("dropout: rate", rate, FRACTION);
  const name = `dropout(${rate})`;
  return {
    name,
    init: (first) => {
      requireFirst(name, first);
      return {};
    },
    apply: (_, x, pass) => {
      requireInput(name, x);
      if (pass?.training !== true || rate === 0) return x;
      const u = random.uniform(x.shape, { seed: pass.seed });
      return where(u.greaterEqual(rate), x.div(1 - rate), 0);
    },
  };
}
