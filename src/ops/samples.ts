import type { Sample } from "../core/op.js";
import { tensor } from "../tensor/create.js";
import { generator } from "../tensor/random.js";
import type { Shape } from "../tensor/shape.js";
import { sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

let stream = generator(1);

/** Starts the stream of sample values anew, so that a run of all samples is repeatable. */
export function restartSamples(): void {
  stream = generator(1);
}

/** float64 numbers uniform in [low, high): non-symmetric, and never on a kink by accident. */
export function uniform(shape: Shape, low = -2, high = 2): Tensor {
  const data = Float64Array.from({ length: sizeOf(shape) }, () => low + (high - low) * stream());
  return tensor(data, { shape });
}

/** float64 numbers as given, row by row: samples of exact values, each on one line. */
export function exact(shape: Shape, ...values: number[]): Tensor {
  return tensor(Float64Array.from(values), { shape });
}

/** The shapes that entrywise ops are checked on: scalar, vector, matrix, batch, empty. */
const shapes: readonly Shape[] = [[], [3], [2, 3], [2, 1, 3], [0]];

/** Samples of an entrywise op whose argument lies in [low, high). */
export function entries<A>(low = -2, high = 2, attrs?: A): Sample<"X", A>[] {
  return shapes.map((shape) => {
    const inputs = { X: uniform(shape, low, high) };
    return attrs === undefined ? { inputs } : { inputs, attrs };
  });
}

/** Samples of an entrywise op of two arguments, equal shapes and broadcast ones. */
export function pairs(
  a: readonly [number, number] = [-2, 2],
  b: readonly [number, number] = a,
): Sample<"A" | "B", unknown>[] {
  const pair = (left: Shape, right: Shape) => ({
    inputs: { A: uniform(left, ...a), B: uniform(right, ...b) },
  });
  return [
    pair([], []),
    pair([2, 3], [2, 3]),
    pair([2, 3], [3]),
    pair([3], [2, 1]),
    pair([4, 1, 3], [2, 1]),
    pair([0], [1]),
  ];
}

/** Matrices `[..., n, n]` with entries in ±0.5 and 2 added to the diagonal: far from singular. */
export function wellConditioned(...shape: number[]): Tensor {
  const n = shape.at(-1) as number;
  const data = uniform(shape, -0.5, 0.5).data();
  for (let i = 0; i < data.length; i += n * n) {
    for (let k = 0; k < n; k++) data[i + k * (n + 1)] = (data[i + k * (n + 1)] as number) + 2;
  }
  return tensor(data, { shape });
}

/**
 * Matrices `[..., m, n]` with entries in ±0.3 and 2, 4, 6, … added to the diagonal: eigenvalues and
 * singular values lie far apart, and far from 0.
 */
export function spread(...shape: number[]): Tensor {
  const [m, n] = shape.slice(-2) as [number, number];
  const data = uniform(shape, -0.3, 0.3).data();
  for (let i = 0; i < data.length; i += m * n) {
    for (let k = 0; k < Math.min(m, n); k++) {
      data[i + k * (n + 1)] = (data[i + k * (n + 1)] as number) + 2 * (k + 1);
    }
  }
  return tensor(data, { shape });
}

/** The shapes that ops on square matrices are checked on: order 1, 4, batches, order 0. */
const squareShapes: readonly Shape[] = [
  [1, 1],
  [4, 4],
  [3, 3, 3],
  [2, 1, 2, 2],
  [0, 0],
];

/** Well-conditioned matrices, not symmetric, with a positive determinant, alone and in batches. */
export function squares(): Tensor[] {
  return squareShapes.map((shape) => wellConditioned(...shape));
}
