import { relu, sigmoid, softplus } from "../../ops/activation.js";
import { abs, sign, sqrt } from "../../ops/arithmetic.js";
import {
  acos,
  asin,
  atan,
  cos,
  cosh,
  exp,
  log,
  sin,
  sinh,
  tan,
  tanh,
} from "../../ops/elementwise.js";
import { max, norm, sum } from "../../ops/reduce.js";
import { logsumexp } from "../../ops/softmax.js";
import type { Tensor } from "../../tensor/tensor.js";
import { edits } from "../../tensor/words.js";

/** What a function makes of sizes; those that are named alone have a rule of their own. */
export type SizeRule =
  | "entrywise"
  | "reduces"
  | "square to scalar"
  | "square to square"
  | "vector to vector"
  | "diag"
  | "kron"
  | "vector"
  | "matrix";

/** A function of the grammar. */
export interface TextFunction {
  readonly args: number;
  readonly size: SizeRule;
  /** The op, where it takes tensors as they come: scalars `[]`, vectors `[n]`, matrices `[m, n]`. */
  readonly op?: (X: Tensor) => Tensor;
}

const entrywise = {
  ...{ exp, log, sqrt, sin, cos, tan, sinh, cosh, tanh, abs, sign, relu, sigmoid, softplus },
  ...{ arcsin: asin, arccos: acos, arctan: atan },
};

const reduces: Readonly<Record<string, (X: Tensor) => Tensor>> = {
  sum: (X) => sum(X),
  norm1: (X) => sum(abs(X)),
  norm2: (X) => norm(X),
  max: (X) => max(X),
  logsumexp: (X) => logsumexp(X),
};

/** All functions of the grammar, by name. */
export const functions: ReadonlyMap<string, TextFunction> = new Map<string, TextFunction>([
  ...Object.entries(entrywise).map(([f, op]) => entry(f, "entrywise", op)),
  ...Object.entries(reduces).map(([f, op]) => entry(f, "reduces", op)),
  entry("softmax", "vector to vector"),
  entry("tr", "square to scalar"),
  entry("det", "square to scalar"),
  entry("logdet", "square to scalar"),
  entry("inv", "square to square"),
  entry("adj", "square to square"),
  entry("diag", "diag"),
  entry("vector", "vector"),
  entry("matrix", "matrix"),
  ["kron", { args: 2, size: "kron" }],
]);

function entry(name: string, size: SizeRule, op?: (X: Tensor) => Tensor): [string, TextFunction] {
  return [name, op === undefined ? { args: 1, size } : { args: 1, size, op }];
}

/** How others call what the grammar has under another name, or writes in another way. */
const others: Readonly<Record<string, string>> = {
  trace: "tr",
  determinant: "det",
  inverse: "inv",
  adjugate: "adj",
  adjoint: "adj",
  norm: "norm2 (or norm1)",
  ln: "log",
  asin: "arcsin",
  acos: "arccos",
  atan: "arctan",
  log_det: "logdet",
  sigm: "sigmoid",
  lse: "logsumexp",
  transpose: "X'",
  pow: "x.^2",
  square: "x.^2",
  mean: "sum(x)/n",
  dot: "x'*y",
  outer: "x*y'",
  matmul: "A*B",
  ones: "vector(1) or matrix(1)",
  zeros: "vector(0) or matrix(0)",
  I: "eye",
  identity: "eye",
};

/** What was probably meant by a name that is no function: a known one, or how it is written. */
export function nearest(name: string): string | null {
  const other = [name, name.toLowerCase()].flatMap((key) =>
    Object.hasOwn(others, key) ? [others[key]] : [],
  )[0];
  if (other !== undefined) return other;
  let best: string | null = null;
  let least = name.length < 2 ? 1 : name.length < 4 ? 2 : 3; // more changes make another word
  for (const known of [...functions.keys(), ...Object.keys(others)]) {
    const changes = edits(name.toLowerCase(), known);
    if (changes < least) [best, least] = [others[known] ?? known, changes];
  }
  return best;
}
