import { isFloat } from "../tensor/dtype.js";
import { DtypeError, ShapeError, UsageError } from "../tensor/errors.js";
import { format } from "../tensor/shape.js";
import { requireInit, Tensor } from "../tensor/tensor.js";
import { describe, leaves, pathOf, walk } from "../tensor/tree.js";

/** Argument `i`, all of whose tensors must be float. */
export function differentiable(name: string, args: readonly unknown[], i: number): unknown {
  requireInit(name);
  if (!Number.isInteger(i) || i < 0 || i >= args.length) {
    throw new UsageError(
      `${name}: wrt is ${i}, but the function was called with ${args.length} argument(s), ` +
        "counted from 0",
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

export function requireFunction(name: string, f: unknown): void {
  if (typeof f === "function") return;
  throw new UsageError(`${name}: f is ${describe(f)}; a function that returns a scalar was wanted`);
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
