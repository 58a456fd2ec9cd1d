import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import type { Tensor } from "tracegrad";

/** A tensor as a matrix of ml-matrix. */
export const matrixOf = (X: Tensor): Matrix => new Matrix(X.toArray<number[][]>());

/** Eigenvalues, the largest first, and the eigenvector of each as a column. */
export interface Eigen {
  readonly values: readonly number[];
  readonly vectors: Matrix;
}

/** The eigenvalues and eigenvectors of a symmetric matrix. */
export function eigenOf(symmetric: Matrix): Eigen {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  const values = realEigenvalues.map((value, column) => ({ value, column }));
  values.sort((a, b) => b.value - a.value);
  return {
    values: values.map(({ value }) => value),
    vectors: eigenvectorMatrix.subMatrixColumn(values.map(({ column }) => column)),
  };
}

/** A direction is defined up to its sign; the largest entry of each column is made positive. */
export function pointedUp(directions: Matrix): Matrix {
  const out = directions.clone();
  for (let j = 0; j < out.columns; j++) {
    const largest = out.getColumn(j).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    if (largest < 0) out.mulColumn(j, -1);
  }
  return out;
}

/**
 * The principal angles between the spaces of the columns of V and of W, both orthonormal, in rad.
 *
 * Their sines are the singular values of (I − VVᵀ)W, what W has outside of V. (Their cosines are
 * those of VᵀW, but a cosine near 1 has lost half the digits of a small angle.)
 */
export function principalAngles(V: Matrix, W: Matrix): number[] {
  const outside = Matrix.sub(W, V.mmul(V.transpose().mmul(W)));
  const sines = new SingularValueDecomposition(outside).diagonal;
  return sines.map((sine) => Math.asin(Math.min(1, sine))).sort((a, b) => a - b);
}
