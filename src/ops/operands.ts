import { isTypedArray, tensor } from "../tensor/create.js";
import { ShapeError } from "../tensor/errors.js";
import { broadcast, format, type Shape } from "../tensor/shape.js";
import { type Nested, Tensor, type TensorLike } from "../tensor/tensor.js";
import { reshape } from "./reshape.js";

/** The leading axes and the sizes of the last two, or a ShapeError. */
export function matrix(op: string, X: Shape): { batch: Shape; m: number; n: number } {
  const [m, n] = X.slice(-2);
  if (m === undefined || n === undefined) {
    throw new ShapeError(`${op}: X is ${format(X)}; a matrix was wanted`);
  }
  return { batch: X.slice(0, -2), m, n };
}

/** The shape of a square matrix or a batch of them, or a ShapeError. */
export function square(op: string, X: Shape, name = "X"): Shape {
  if (X.length < 2 || X.at(-1) !== X.at(-2)) {
    throw new ShapeError(
      `${op}: ${name} is ${format(X)}; a square matrix was wanted (the last two sizes equal)`,
    );
  }
  return X;
}

/**
 * The shapes that an op itself takes: matrices, or batches of them. Where its function takes vectors,
 * it makes matrices of them first.
 */
export function requireMatrices(op: string, shapes: Readonly<Record<string, Shape>>): void {
  for (const [name, shape] of Object.entries(shapes)) {
    if (shape.length > 1) continue;
    throw new ShapeError(
      `${op}: ${name} is ${format(shape)}; the op takes matrices (a vector as a column [n, 1])`,
    );
  }
}

/** What the axes before the last two broadcast to, or a ShapeError. */
export function leading(op: string, A: Shape, B: Shape, [left, right] = ["A", "B"]): Shape {
  const a = A.slice(0, -2);
  const b = B.slice(0, -2);
  const both = broadcast(a, b);
  if (both === null) {
    throw new ShapeError(
      `${op}: ${left} is ${format(A)} and ${right} is ${format(B)}; ` +
        `the leading axes ${format(a)} and ${format(b)} do not broadcast`,
    );
  }
  return both;
}

/**
 * The shape of a derivative at a square `X` along `Hs`, whose leading axes broadcast with those of
 * `X`, or a ShapeError.
 */
export function alongShape(op: string, X: Shape, Hs: readonly Shape[]): Shape {
  const n = square(op, X).at(-1) as number;
  return Hs.reduce<Shape>((shape, H) => {
    if (H.length < 2 || H.at(-1) !== n || H.at(-2) !== n) {
      throw new ShapeError(
        `${op}: a direction is ${format(H)}; matrices of order ${n} were wanted, as X is`,
      );
    }
    return [...leading(op, shape, H, ["X", "a direction"]), n, n];
  }, X);
}

/** The shape of a tensor, or of arrays by their first entries. */
export function shapeOf(x: TensorLike): Shape {
  if (x instanceof Tensor) return x.shape;
  if (isTypedArray(x)) return [x.length];
  return Array.isArray(x) ? [x.length, ...(x.length > 0 ? shapeOf(x[0]) : [])] : [];
}

// Nested arrays stay such, so that `apply` gives them the dtype of the other operand.

/** A vector as a matrix of one row. */
export function row(a: TensorLike): TensorLike {
  if (isTypedArray(a)) return tensor(a, { shape: [1, a.length] });
  return a instanceof Tensor ? reshape(a, [1, a.size]) : [a as Nested];
}

/** A vector as a matrix of one column. */
export function column(b: TensorLike): TensorLike {
  if (isTypedArray(b)) return tensor(b, { shape: [b.length, 1] });
  if (b instanceof Tensor) return reshape(b, [b.size, 1]);
  return (b as readonly Nested[]).map((x) => [x]);
}
