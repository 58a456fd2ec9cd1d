import { scoped } from "../kernels/memory.js";
import { LinearOperator, type OperatorSpec } from "../structure/operator.js";
import { Tape } from "../tape/tape.js";
import { constant } from "../tensor/create.js";
import type { DType } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import type { Tensor } from "../tensor/tensor.js";
import { describe, leaves, tensorsIn } from "../tensor/tree.js";
import { asyncFunction, checkTransform, choose, noTensors, type Wrt } from "./arguments.js";
import {
  type Blocks,
  type DerivativeOptions,
  denseOf,
  type Form,
  type Naming,
  operatorOf,
  type Recording,
  withNames,
} from "./derivative.js";
import { requireLayout } from "./layout.js";
import { type Mode, requireChunk } from "./sweep_many.js";

export interface JacobianOptions<W extends number | readonly number[] = 0, F extends Form = "dense">
  extends DerivativeOptions<W, F> {
  /**
   * `forward` sweeps the directions of the arguments, `reverse` those of the results; unless given,
   * whichever are fewer, or neither where the derivative is a sum of Kronecker products.
   */
  readonly mode?: Mode | undefined;
}

/** What {@link jacobian} gives for a function from `X` to `R`. */
export type JacobianOf<R, X, F extends Form> = F extends "operator"
  ? LinearOperator<X, R, Blocks<R, X>>
  : Blocks<R, X>;

/**
 * The function that gives the Jacobian of `f`, of shape `[...y.shape, ...x.shape]` (numerator layout;
 * in denominator layout `[...x.shape, ...y.shape]`): entry `[i, j]` is `∂yᵢ/∂xⱼ`. All directions go
 * through the rules in one sweep. For trees the result is a tree like `f`'s, of trees like the
 * argument's.
 *
 * | y by x | scalar | vector `[n]` | matrix `[p, q]` |
 * |---|---|---|---|
 * | scalar | `[]` | `[n]` | `[p, q]` |
 * | vector `[m]` | `[m]` | `[m, n]` | `[m, p, q]` |
 * | matrix `[r, s]` | `[r, s]` | `[r, s, n]` | `[r, s, p, q]` |
 *
 * @throws UsageError when `f` gives a Promise or no tensors; DtypeError when a differentiated argument
 *   is not float.
 * @example
 * const A = tensor([[1, 2], [3, 4], [5, 6]]);
 * const f = (x: Tensor) => A.matmul(x).square();
 * jacobian(f)(tensor([1, 1])).toArray(); // [[6, 12], [42, 56], [110, 132]]
 * jacobian(f, { layout: "denominator" })(tensor([1, 1])).shape; // [2, 3]
 */
export function jacobian<
  P extends unknown[] = Tensor[],
  R = Tensor,
  const W extends number | readonly number[] = 0,
  const F extends Form = "dense",
>(
  f: (...args: P) => R,
  options: JacobianOptions<W, F> = {},
): (...args: P) => JacobianOf<R, Wrt<P, W>, F> {
  const known = ["wrt", "layout", "form", "mode", "chunk", "names"];
  const checked = checkTransform("jacobian", f, options, known, "tensors");
  const { wrt, layout = "numerator", form = "dense", mode, chunk, names } = checked;
  requireLayout("jacobian", layout);
  requireChunk("jacobian", chunk);
  requireForm("jacobian", form, wrt);
  requireNames("jacobian", names);
  if (mode !== undefined && mode !== "forward" && mode !== "reverse") {
    throw new UsageError(
      `jacobian: mode is ${describe(mode)}; "forward" or "reverse" was wanted, or none`,
    );
  }
  const record = (args: P): Recording => {
    const chosen = choose("jacobian", args, wrt);
    const tape = new Tape();
    const traced = tape.record(chosen.inputs, (handles) => {
      const y = f(...chosen.with(handles));
      if (y instanceof Promise) throw asyncFunction("jacobian");
      return y;
    });
    const outputs = leaves(traced, "jacobian, result");
    if (outputs.length === 0) throw noTensors("jacobian", traced);
    const common = { tape, chosen, outputs, result: traced, layout, mode, chunk };
    return { what: "Jacobian", symmetric: false, ...common };
  };
  const make = (spec: Spec) => new LinearOperator(spec);
  return (...args) => differentiated("jacobian", f, args, form, names, record, make) as never;
}

/** Records the function on its arguments and makes the derivative in the form asked for. */
export function differentiated<P extends readonly unknown[], T extends Recording>(
  name: string,
  f: (...args: never) => unknown,
  args: P,
  form: Form,
  given: readonly string[] | undefined,
  record: (args: P, seed: Naming["seed"]) => T,
  make: (spec: Spec, recording: T, names: Tape) => LinearOperator<unknown, unknown, unknown>,
): unknown {
  if (form === "dense") return scoped(() => denseOf(record(args, one)), tensorsIn);
  return scoped(
    () =>
      withNames(name, f, args, given, (args, { names, seed }) => {
        const recording = record(args, seed);
        return make(operatorOf(recording, names), recording, names.tape);
      }),
    tensorsIn,
  );
}

type Spec = OperatorSpec<unknown, unknown, unknown>;

/** Names of arguments as a list; how many there must be, a call says. */
export function requireNames(name: string, names: unknown): void {
  if (names === undefined) return;
  if (Array.isArray(names) && names.every((one) => typeof one === "string")) return;
  throw new UsageError(
    `${name}: names is ${describe(names)}; a list of strings was wanted, one for each argument`,
  );
}

/** What a backward pass begins with. */
export const one = (dtype: DType): Tensor => constant(1, dtype);

export function requireForm(name: string, form: unknown, wrt: unknown = 0): void {
  if (Array.isArray(wrt) && form === "operator" && new Set(wrt).size < wrt.length) {
    throw new UsageError(`${name}: wrt is [${wrt}]; an operator takes each argument once`);
  }
  if (form === "dense" || form === "operator") return;
  throw new UsageError(`${name}: form is ${describe(form)}; use "dense" or "operator"`);
}
