import { said } from "../checks/said.js";
import { DomainError, leaves, ShapeError, Tensor, UsageError } from "../index.js";
import { requireFloats } from "./state.js";

/** A function; what it should give is in `what`. */
export function requireFunction(name: string, own: string, f: unknown, what: string): void {
  if (typeof f === "function") return;
  throw new UsageError(
    `${name}: ${own} is ${said(f)}; a function that gives ${what} was wanted: ` +
      `${name}(${own}, x0, options)`,
  );
}

/** A callback, if there is one. */
export function requireCallback(name: string, onStep: unknown): void {
  if (onStep === undefined || typeof onStep === "function") return;
  throw new UsageError(`${name}: onStep is ${said(onStep)}; a function was wanted`);
}

/** A tensor, or a tree of tensors, that can be moved a little. */
export function requireStart(name: string, x0: unknown): void {
  if (isNumbers(x0)) {
    throw new UsageError(
      `${name}: x0 is ${typeof x0 === "number" ? x0 : `${said(x0)} of numbers`}; a tensor, or a tree ` +
        "of tensors, was wanted: tensor(x0)",
    );
  }
  const list = leaves(x0, `${name}, x0`);
  if (list.length === 0) {
    throw new UsageError(
      `${name}: x0 is ${said(x0)}, in which there are no tensors; a tensor, or a tree of tensors, ` +
        "was wanted",
    );
  }
  requireFloats(name, list, x0);
}

function isNumbers(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isNumbers);
  return typeof value === "number" || ArrayBuffer.isView(value);
}

/** What the function gave, if it is a scalar tensor. */
export function requireScalar(name: string, y: unknown): Tensor {
  if (y instanceof Promise) {
    throw new UsageError(
      `${name}: f gave a Promise; it must be synchronous: await what it needs before`,
    );
  }
  if (!(y instanceof Tensor)) {
    throw new UsageError(
      `${name}: f gave ${said(y)}; a scalar tensor was wanted ` +
        "(a number read with .item() carries no gradient)",
    );
  }
  if (y.rank > 0) {
    throw new ShapeError(
      `${name}: f gave ${said(y)}; a scalar was wanted: end with .sum() or .mean()`,
    );
  }
  return y;
}

/** That nothing can begin at x0, where `what` is said of the function. */
export function notFinite(name: string, x0: unknown, what: string, hint = ""): DomainError {
  const isOwn = leaves(x0, name).some((x) => !x.data().every(Number.isFinite));
  const why = isOwn
    ? "x0 has entries that are not finite"
    : `${what} at the start, x0; begin where the function and its gradient are finite${hint}`;
  return new DomainError(`${name}: ${why}`);
}
