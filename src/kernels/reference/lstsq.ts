import { type DType, dtypeOf, type TypedArray } from "../../tensor/dtype.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import { nameOf } from "./lu.js";
import { batchIndex } from "./product.js";
import { decomposeSingular, type SVD } from "./svd.js";

/** Singular values up to this times the largest count as 0, unless the caller says otherwise. */
export function defaultRcond(dtype: DType, m: number, n: number): number {
  return Math.max(m, n) * (dtype === "float32" ? 2 ** -23 : Number.EPSILON);
}

/** How many singular values count; they descend. */
function rankOf(s: Float64Array, rcond: number): number {
  const bound = rcond * (s[0] ?? 0);
  let rank = 0;
  while (rank < s.length && (s[rank] as number) > bound) rank++;
  return rank;
}

/** `X⁺·B = V·Diag(1/s)·Uᵀ·B` over the singular values that count, for the `B` `[m, k]` at `at`. */
function timesInverse(
  { m, n, U, s, V }: SVD,
  rank: number,
  B: TypedArray,
  at: number,
  k: number,
): Float64Array {
  const Y = new Float64Array(n * k);
  const row = new Float64Array(k);
  for (let r = 0; r < rank; r++) {
    row.fill(0);
    for (let i = 0; i < m; i++) {
      const u = U[r * m + i] as number;
      for (let j = 0; j < k; j++) {
        row[j] = (row[j] as number) + u * (B[at + i * k + j] as number);
      }
    }
    for (let i = 0; i < n; i++) {
      const v = (V[r * n + i] as number) / (s[r] as number);
      for (let j = 0; j < k; j++) Y[i * k + j] = (Y[i * k + j] as number) + v * (row[j] as number);
    }
  }
  return Y;
}

const pinv: ReferenceKernel = ([X], [Y], { rcond }: { rcond: number | null }) => {
  const { data: x, shape } = X as NDArray;
  const { data: y } = Y as NDArray;
  const { batch, m, n } = matrices(shape);
  const identity = new Float64Array(m * m);
  for (let i = 0; i < m; i++) identity[i * (m + 1)] = 1;
  for (let b = 0, at = 0; b < batch; b++, at += m * n) {
    const found = decomposeSingular(x, at, m, n, `pinv: ${nameOf("X", shape, b)}`);
    if (found === null) y.fill(Number.NaN, at, at + m * n);
    else {
      const rank = rankOf(found.s, rcond ?? defaultRcond(dtypeOf(y), m, n));
      y.set(timesInverse(found, rank, identity, 0, m), at);
    }
  }
};

const lstsq: ReferenceKernel = ([A, B], [Y], { rcond }: { rcond: number | null }) => {
  const { data: a, shape: aShape } = A as NDArray;
  const { data: b, shape: bShape } = B as NDArray;
  const { data: y, shape } = Y as NDArray;
  const { batch, m, n } = matrices(aShape);
  const { n: k } = matrices(bShape);
  const decomposed = Array.from({ length: batch }, (_, i) =>
    decomposeSingular(a, i * m * n, m, n, `lstsq: ${nameOf("A", aShape, i)}`),
  );
  const ofA = batchIndex(aShape, shape.slice(0, -2));
  const ofB = batchIndex(bShape, shape.slice(0, -2));
  ofA.forEach((i, at) => {
    const found = decomposed[i] as SVD | null;
    if (found === null) {
      y.fill(Number.NaN, at * n * k, (at + 1) * n * k);
      return;
    }
    const rank = rankOf(found.s, rcond ?? defaultRcond(dtypeOf(y), m, n));
    y.set(timesInverse(found, rank, b, (ofB[at] as number) * m * k, k), at * n * k);
  });
};

/** The least squares solvers, by the name of their op. */
export const leastSquares: Record<string, ReferenceKernel> = { pinv, lstsq };
