import { isFloat } from "../tensor/dtype.js";
import { DtypeError, ShapeError, UsageError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import { format } from "../tensor/shape.js";
import { requireInit, Tensor } from "../tensor/tensor.js";
import { describe, leaves, pathOf, rebuild, walk } from "../tensor/tree.js";

/** What a gradient is for an argument of type `T`: a tensor where numbers would do, too. */
type Gradient<T> = Tensor extends T ? Tensor : T;

/** The gradient of the chosen argument of `P`, or a list of those chosen. */
export type Wrt<P extends readonly unknown[], W> = W extends number
  ? Gradient<P[W]>
  : W extends readonly number[]
    ? { -readonly [K in keyof W]: Gradient<P[W[K] & keyof P]> }
    : never;

/** The arguments of a call that are differentiated, and the way back from their tensors. */
export interface Chosen<P extends readonly unknown[]> {
  /** Of all of them. */
  readonly inputs: readonly Tensor[];
  /** The arguments with others in the places of `inputs`. */
  with(list: readonly Tensor[]): P;
  /** One thing for each of `inputs`, in the form of the argument, or a list of those chosen. */
  result(list: readonly Tensor[]): unknown;
}

/** The arguments that `wrt` names: the number of one, or a list of them. */
export function choose<P extends readonly unknown[]>(
  name: string,
  args: P,
  wrt: number | readonly number[] = 0,
): Chosen<P> {
  const wanted = [wrt].flat();
  const chosen = [...new Set(wanted)];
  const trees = chosen.map((i) => differentiable(name, args, i));
  return {
    inputs: leaves(trees, name),
    with(list) {
      const own = [...args];
      rebuild(trees, list, name).forEach((tree, i) => {
        own[chosen[i] as number] = tree;
      });
      return own as readonly unknown[] as P;
    },
    result(list) {
      const parts = rebuild(trees, list, name);
      return typeof wrt === "number" ? parts[0] : wanted.map((i) => parts[chosen.indexOf(i)]);
    },
  };
}

/** Argument `i`, all of whose tensors must be float. */
export function differentiable(name: string, args: readonly unknown[], i: number): unknown {
  requireInit(name);
  if (!Number.isInteger(i) || i < 0 || i >= args.length) {
    throw new UsageError(
      `${name}: wrt is ${i}, but the function was called with ${args.length} argument(s); wrt is a ` +
        "position, counted from 0, or a list of them",
    );
  }
  const where = `${name}, argument ${i}`;
  if (!leaves(args[i], where).every((x) => isFloat(x.dtype))) walk(args[i], where, null, refuse);
  return args[i];

  function refuse(x: Tensor, step: Parameters<typeof pathOf>[0]): Tensor {
    if (isFloat(x.dtype)) return x;
    throw new DtypeError(
      `${name}: ${pathOf(step) || `argument ${i}`} is ${x.dtype}, which has no derivative; ` +
        'use .cast("float32") or .cast("float64")',
    );
  }
}

export function requireFunction(name: string, f: unknown, what = "a scalar"): void {
  if (typeof f === "function") return;
  throw new UsageError(`${name}: f is ${describe(f)}; a function that returns ${what} was wanted`);
}

/** The options of a transform of `f`, when both are such. */
export function checkTransform<T>(
  name: string,
  f: unknown,
  options: T,
  known: readonly string[],
  what?: string,
): T {
  requireFunction(name, f, what);
  return requireOptions(name, options, known);
}

/** Transforms that differentiate by all arguments take them as a list. */
export function requireArguments(name: string, args: unknown, what = "arguments"): void {
  if (Array.isArray(args)) return;
  throw new UsageError(
    `${name}: the ${what} are ${describe(args)}; a list of them was wanted: ${name}(f, [x], …)`,
  );
}

/** A function that returned no tensors has nothing to differentiate. */
export function noTensors(name: string, y: unknown): UsageError {
  return new UsageError(
    `${name}: the function returned ${describe(y)} with no tensors in it; tensors were wanted`,
  );
}

/** What a function gave, if it is a scalar tensor. */
export function requireScalar(name: string, y: unknown): Tensor {
  if (y instanceof Promise) throw asyncFunction(name);
  if (!(y instanceof Tensor)) {
    throw new UsageError(
      `${name}: the function returned ${describe(y)}; a scalar tensor was wanted ` +
        "(a number read with .item() carries no gradient)",
    );
  }
  if (y.rank > 0) {
    throw new ShapeError(
      `${name}: the function returned a tensor of shape ${format(y.shape)}; a scalar was wanted: ` +
        "end with .sum() or .mean(), or use vjp for a function of several values",
    );
  }
  return y;
}

/** A transform whose function returns a Promise would record nothing. */
export function asyncFunction(name: string): UsageError {
  return new UsageError(
    `${name}: the function returned a Promise; it must be synchronous, since its ops are recorded ` +
      "while it runs: await data before, and pass it as an argument",
  );
}
