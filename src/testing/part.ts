import { jvp, type Tensor, tensor, vjp } from "../index.js";
import { distance, numbers, shown } from "./compare.js";
import { CheckError } from "./gradcheck.js";

/**
 * A function of one tensor that gives one: an output of an op by one of its inputs, or what a rule
 * gives by something it is made from.
 */
export interface Part {
  readonly where: string;
  readonly f: (x: Tensor) => Tensor;
  readonly x: Tensor;
  /** What it gives, and by what, as messages call them: `Y` and `X`. */
  readonly of: string;
  readonly by: string;
}

/** The differential dY along dX. */
export function forward({ f, x }: Part, dX: Tensor): Float64Array {
  return numbers(jvp(f, [x], [dX])[1]);
}

/** The adjoint X̄ of Ȳ. */
export function backward({ f, x }: Part, Ybar: Tensor): Float64Array {
  return numbers(vjp(f, x)[1](Ybar)[0]);
}

/** What central differences say in the place of {@link forward}. */
export function central({ f, x }: Part, dX: Tensor, got: Float64Array, bound: number) {
  return differences((h) => [numbers(f(x.add(dX.mul(h))))], [got], bound)[0] as Float64Array;
}

type Four = [number, number, number, number];

/**
 * Steps of central differences: where the first is not exact enough, a smaller one for functions that
 * are steep, and a larger one for values so large that their rounding shows.
 */
const steps = [2e-3, 1e-4, 5e-2];

/**
 * Five-point differences of f(x + h·dX), as `at` gives it: the error is of order h⁴. Of the
 * steps, the result that is nearest to `got`.
 */
export function differences(
  at: (h: number) => readonly Float64Array[],
  got: readonly Float64Array[],
  bound: number,
): Float64Array[] {
  let best: Float64Array[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const h of steps) {
    const points = [h, -h, 2 * h, -2 * h].map((step) => at(step));
    const result = got.map((list, k) =>
      list.map((_, m) => {
        const [a, b, c, e] = points.map((outputs) => outputs[k]?.[m] as number) as Four;
        return (8 * (a - b) - (c - e)) / (12 * h);
      }),
    );
    const off = Math.max(0, ...got.map((list, k) => distance(list, result[k] as Float64Array)));
    if (best.length === 0 || off < least) [best, least] = [result, off];
    if (off <= bound) break;
  }
  return best;
}

/** Throws what is said and what denies it, with both values. */
export function disagree(
  said: string,
  got: number,
  denied: string,
  want: number,
  bound: number,
  remedy = "",
): never {
  const [a, b] = shown(got, want);
  const off = Math.abs(got - want) / Math.max(1, Math.abs(want));
  const by = Number.isFinite(off)
    ? ` (off by ${off.toExponential(1)}, allowed ${bound.toExponential(0)})`
    : "";
  throw new CheckError(`${said} = ${a}, but ${denied} ${b}${by}${remedy}`);
}

/** 1 at every entry. */
export function ones(x: Tensor): Tensor {
  return tensor(x.data().fill(1), { shape: x.shape });
}

/** 1 at entry `k`, 0 at the others. */
export function unit(x: Tensor, k: number): Tensor {
  const data = x.data().fill(0);
  data[k] = 1;
  return tensor(data, { shape: x.shape });
}
