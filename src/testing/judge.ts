import { random, type Tensor } from "../index.js";
import { blameBackward, blameForward, type Remedy } from "./blame.js";
import { apart, distance, entry, numbers, pairing, worst } from "./compare.js";
import { backward, central, disagree, forward, type Part } from "./part.js";

/** What rules are called where they are to blame. */
export interface Names {
  /** The rule that gives the differential, and the one that gives the adjoint. */
  readonly forward: string;
  readonly backward: string;
  /** The differential is the op itself: it is declared linear. */
  readonly linear: boolean;
}

export interface Deviations {
  readonly linear: number;
  readonly differences: number;
  readonly pairing: number;
}

/**
 * Judges the rules behind a function of one tensor: first the differential, which is linear and
 * agrees with central differences, then the adjoint, which pairs with it.
 */
export function judge(
  part: Part,
  names: Names,
  bounds: Deviations,
  seed: number,
  remedy: Remedy = () => "",
): Deviations {
  const { where, f, x, by } = part;
  const y = f(x);
  const [u, v] = [noise(x, seed), noise(x, seed + 1000)];
  const [du, dv] = [forward(part, u), forward(part, v)];
  const whole = forward(part, u.sub(v.mul(2)));
  const sum = du.map((value, m) => value - 2 * (dv[m] as number));
  const linear = distance(whole, sum);
  if (!(linear <= bounds.linear)) {
    const m = worst(whole, sum);
    const what = names.linear ? `the op is not linear in ${by}` : `is not linear in d${by}`;
    const said = `${where}: ${names.forward}${names.linear ? ": " : " "}${what}: `;
    disagree(
      said + entry("d(U − 2V)", y.shape, m),
      whole[m] as number,
      "d(U) − 2·d(V) is",
      sum[m] as number,
      bounds.linear,
    );
  }
  const want = central(part, u, du, bounds.differences);
  const off = distance(du, want);
  if (!(off <= bounds.differences)) {
    blameForward(part, names.forward, bounds.differences, u, remedy);
  }
  const Ybar = noise(y, seed + 500);
  const left = pairing([numbers(Ybar)], [du]);
  const pairs = apart(left, pairing([backward(part, Ybar)], [numbers(u)]));
  if (!(pairs <= bounds.pairing)) {
    const right = names.linear ? "the op itself" : names.forward;
    blameBackward(part, names.backward, right, bounds.pairing, u, Ybar);
  }
  return { linear, differences: off, pairing: pairs };
}

/** Random numbers in the shape and dtype of a float tensor. */
export function noise(x: Tensor, seed: number): Tensor {
  return random.normal(x.shape, { dtype: x.dtype as "float64", seed });
}
