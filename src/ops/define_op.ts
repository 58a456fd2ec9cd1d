import { defineOp as define, type Op, type OpSpec } from "../core/op.js";
import { UsageError } from "../tensor/errors.js";
import { checkSpec } from "./spec.js";
import { ops } from "./table.js";
import { watched } from "./watch.js";

/**
 * Defines an op: what it is called, its shape, and its two rules for each input. An op of your own
 * brings its kernel along; `checkOp` of `tracegrad/testing` checks it from its samples.
 *
 * @throws UsageError for a field that is missing, misspelt or of another type, an input without a
 *   rule, the name of an op that there is, or a linear rule that needs another input than is saved.
 *   Where the op runs: UsageError, ShapeError or DtypeError for what its shape rule, its kernel or
 *   a rule gives, if that cannot be right.
 * @example
 * const cubeOp = defineOp({
 *   name: "cube", inputs: ["X"], outputs: ["Y"], saves: ["X"],
 *   shape: ({ X }) => X,
 *   rules: { X: { slope: ({ X }) => X.square().mul(3) } },
 *   notation: ({ X }) => ({ kind: "power", text: "3", parts: [X] }),
 *   samples: () => [{ inputs: { X: tensor(new Float64Array([1, -2])) } }],
 *   kernel: ([X], [Y]) => X?.data.forEach((x, i) => { if (Y) Y.data[i] = x ** 3; }),
 * });
 * const cube = (X: Tensor) => apply(cubeOp, { X });
 * grad((x: Tensor) => cube(x).sum())(tensor([1, 2])).toArray(); // [3, 12]
 */
export function defineOp<
  const In extends string,
  const Out extends string,
  const Saved extends In | Out = never,
  A = unknown,
>(spec: OpSpec<In, Out, Saved, A>): Op<In, Out, A> {
  checkSpec(spec);
  if (ops.some(({ op }) => op.name === spec.name)) {
    throw new UsageError(
      `defineOp: there is an op called ${spec.name} in the library; give yours another name`,
    );
  }
  return define(watched(spec));
}
