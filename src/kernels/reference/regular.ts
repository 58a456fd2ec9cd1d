import type { DType, TypedArray } from "../../tensor/dtype.js";
import { SingularError } from "../../tensor/errors.js";
import type { Shape } from "../../tensor/shape.js";
import { nameOf } from "./lu.js";

/** Which factorization asks, and how many terms, at most, its elements are made of. */
export interface Judgement {
  readonly op: string;
  readonly size: number;
}

/** What counts as all rounding, beside the terms that an element is made of. */
export function rounding(dtype: DType, { size }: Judgement): number {
  return size * (dtype === "float32" ? 2 ** -23 : Number.EPSILON);
}

/**
 * Refuses the upper triangle `T` `[..., n, n]` where an element of its diagonal is 0, or all
 * rounding of its dtype beside what was subtracted to make it: the elements above it in size, each
 * times that of row j of `L` where there is one.
 */
export function requireRegularFactor(
  T: TypedArray,
  L: TypedArray | undefined,
  shape: Shape,
  attrs: Judgement,
): void {
  const n = shape.at(-1) as number;
  const bound = rounding(T instanceof Float32Array ? "float32" : "float64", attrs);
  for (let at = 0, b = 0; at < T.length; at += n * n, b++) {
    for (let j = 0; j < n; j++) {
      let terms = 0;
      for (let i = 0; i < j; i++) {
        const weight = L === undefined ? 1 : (L[at + j * n + i] as number);
        terms += Math.abs(weight * (T[at + i * n + j] as number));
      }
      if (!(Math.abs(T[at + j * (n + 1)] as number) <= bound * terms)) continue;
      throw new SingularError(
        `${attrs.op}: column ${j + 1} of ${nameOf("X", shape, b)} is a combination of those before it, ` +
          "to working precision; there the factors have no derivative",
      );
    }
  }
}
