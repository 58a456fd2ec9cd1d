import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";

/**
 * Householder's QR (Golub & Van Loan, "Matrix Computations", 5.2): reflections H_j = I − τ·v·vᵀ,
 * v = e₁ at its top, turn column after column onto the axis; R is what is left, Q = H₁·H₂·… . Rows
 * of R whose diagonal is negative change their sign, and so do the columns of Q.
 */
export const qr: ReferenceKernel = ([X], [Q, R]) => {
  const { data, shape } = X as NDArray;
  const { batch, m, n } = matrices(shape);
  const k = Math.min(m, n);
  for (let b = 0; b < batch; b++) {
    const A = Float64Array.from(data.subarray(b * m * n, (b + 1) * m * n));
    const taus = new Float64Array(k);
    for (let j = 0; j < k; j++) {
      const tau = reflector(A, m, n, j);
      taus[j] = tau;
      reflect(A, n, j, tau, A, n, j + 1, m);
    }
    const I = new Float64Array(m * k);
    for (let j = 0; j < k; j++) I[j * (k + 1)] = 1;
    for (let j = k - 1; j >= 0; j--) reflect(A, n, j, taus[j] as number, I, k, j, m);
    for (let j = 0; j < k; j++) {
      const sign = (A[j * (n + 1)] as number) < 0 ? -1 : 1;
      // Adding 0 makes 0 of −0.
      for (let i = 0; i < m; i++) I[i * k + j] = sign * (I[i * k + j] as number) + 0;
      for (let i = j; i < n; i++) {
        (R as NDArray).data[(b * k + j) * n + i] = sign * (A[j * n + i] as number) + 0;
      }
    }
    (Q as NDArray).data.set(I, b * m * k);
  }
};

/**
 * Replaces column `j` of `A` from its diagonal on by what the reflection leaves of it, and by v below;
 * gives τ. Nothing to do where nothing is below: τ = 0.
 */
function reflector(A: Float64Array, m: number, n: number, j: number): number {
  const column = Float64Array.from({ length: m - j }, (_, i) => A[(j + i) * n + j] as number);
  const most = column.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
  const top = column[0] as number;
  if (column.every((x, i) => i === 0 || x === 0)) return 0;
  // Divided by the largest, the squares neither overflow nor vanish.
  const length = most * Math.sqrt(column.reduce((a, x) => a + (x / most) ** 2, 0));
  const left = top > 0 ? -length : length; // so that top − left does not cancel
  for (let i = 1; i < m - j; i++) A[(j + i) * n + j] = (column[i] as number) / (top - left);
  A[j * (n + 1)] = left;
  return (left - top) / left;
}

/** Applies the reflection whose v is in column `j` of `A` to `Y`, from column `from` on. */
function reflect(
  A: Float64Array,
  n: number,
  j: number,
  tau: number,
  Y: Float64Array,
  columns: number,
  from: number,
  m: number,
): void {
  if (tau === 0) return;
  for (let c = from; c < columns; c++) {
    let along = Y[j * columns + c] as number;
    for (let i = j + 1; i < m; i++) {
      along += (A[i * n + j] as number) * (Y[i * columns + c] as number);
    }
    along *= tau;
    Y[j * columns + c] = (Y[j * columns + c] as number) - along;
    for (let i = j + 1; i < m; i++) {
      const at = i * columns + c;
      Y[at] = (Y[at] as number) - along * (A[i * n + j] as number);
    }
  }
}
