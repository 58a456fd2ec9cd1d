import { add, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/product.js";
import { t } from "../../ops/reshape.js";
import { eye } from "../../tensor/create.js";
import { TracegradError } from "../../tensor/errors.js";
import { random } from "../../tensor/random.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Expr } from "../expr.js";
import type { Problem } from "../problem.js";

/** How a check draws random values: of square matrices, and of all else. */
export interface Draw {
  readonly square: "normal" | "uniform" | "definite";
  readonly other: "normal" | "uniform";
}

/** In the order in which they are tried. */
const draws: readonly Draw[] = [
  { square: "normal", other: "normal" },
  { square: "definite", other: "normal" },
  { square: "uniform", other: "uniform" },
  { square: "definite", other: "uniform" },
];

/** Where uniform values lie: inside the domain of most functions. */
export const low = 0.3;
export const high = 0.9;

/** Lengths for named axes, different ones, so that a formula with a wrong one does not run. */
export function lengthOf(i: number): number {
  return [4, 3, 2, 5, 6, 7][i % 6] as number;
}

export function isSquare(shape: Shape): boolean {
  return shape.length > 1 && shape.at(-1) === shape.at(-2);
}

/** Differences of values larger than this say little. */
const LARGE = 1e4;

/** A kind of values at which formulas are finite and not large, whatever is drawn. */
export function drawFor(problem: Problem, formulas: readonly Expr[]): Draw {
  const tame = (draw: Draw, seed: number): boolean => {
    try {
      const numbers = problem.evaluator(valuesOf(problem, draw, seed));
      return formulas.every((e) =>
        numbers
          .of(e)
          .data()
          .every((x) => Math.abs(x) < LARGE),
      );
    } catch (error) {
      if (error instanceof TracegradError) return false; // not defined there
      throw error;
    }
  };
  const seeds = [1, 2, 3, 4, 5, 6];
  const found = draws.find((draw) => seeds.every((seed) => tame(draw, seed)));
  return found ?? { square: "definite", other: "uniform" };
}

function valuesOf({ axes, variables, shapes }: Problem, draw: Draw, seed: number): Tensor[] {
  const at = new Map(axes.names.map((name, i) => [name, lengthOf(i)]));
  return variables.map(({ symmetric }, i) => {
    const shape = (shapes[i] as Shape).map((n) => axes.resized(n, at));
    const dtype = "float64";
    const options = { dtype, seed: 97 * seed + i } as const;
    const kind = draw[isSquare(shape) ? "square" : "other"];
    if (kind === "uniform" && !symmetric) return random.uniform(shape, { ...options, low, high });
    const X =
      kind === "uniform"
        ? random.uniform(shape, { ...options, low, high })
        : random.normal(shape, options);
    if (kind === "definite") return add(matmul(X, t(X)), eye(shape.at(-1) as number, { dtype }));
    return symmetric ? mul(add(X, t(X)), 0.5) : X;
  });
}
