import type { TypedArray } from "../../tensor/dtype.js";
import { DomainError } from "../../tensor/errors.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import { nameOf, timesPowerOf2 } from "./lu.js";

/** More than any matrix was ever seen to need: convergence is quadratic. */
export const SWEEPS = 60;

/** The message of an iteration that found no end. */
export function notConverged(who: string): DomainError {
  return new DomainError(`${who} did not converge`);
}

/**
 * The exponent of the power of 2 next to the largest of `n` numbers in size, so that nothing
 * overflows once they are divided by it; 0 where all are 0, NaN where one is not finite.
 */
export function exponentOf(X: TypedArray, at: number, n: number): number {
  let most = 0;
  for (let i = at; i < at + n; i++) {
    const x = Math.abs(X[i] as number);
    if (!(x <= most)) most = x;
    if (Number.isNaN(most)) break;
  }
  if (most === 0) return 0;
  return Number.isFinite(most) ? Math.floor(Math.log2(most)) : Number.NaN;
}

/**
 * Whether the sign of a vector of `n` numbers, `step` apart, is the wrong one: of the components
 * that are nearly as large as the largest in size, the first is to be positive. (With the largest
 * itself rounding would choose among equal ones.)
 */
export function isReversed(V: Float64Array, at: number, n: number, step: number): boolean {
  let most = 0;
  for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(V[at + i * step] as number));
  for (let i = 0; i < n; i++) {
    const v = V[at + i * step] as number;
    if (Math.abs(v) >= 0.9 * most) return v < 0;
  }
  return false;
}

/**
 * Rotates two vectors of `n` numbers, `step` apart: x to c·x − s·y, y to s·x + c·y. Written with
 * τ = s / (1 + c), so that a small angle makes a small error.
 */
export function rotate(
  X: Float64Array,
  x: number,
  y: number,
  n: number,
  step: number,
  [s, tau]: readonly [number, number],
): void {
  for (let i = 0, at = x, to = y; i < n; i++, at += step, to += step) {
    const [p, q] = [X[at] as number, X[to] as number];
    X[at] = p - s * (q + tau * p);
    X[to] = q + s * (p - tau * q);
  }
}

/** The sine and τ that make `[[a, x], [x, b]]` diagonal, by the smaller of the two angles. */
export function rotation(a: number, x: number, b: number): [s: number, tau: number] {
  const cot2 = (b - a) / (2 * x);
  const tan = (cot2 < 0 ? -1 : 1) / (Math.abs(cot2) + Math.sqrt(1 + cot2 * cot2));
  const c = 1 / Math.sqrt(1 + tan * tan);
  return [tan * c, (tan * c) / (1 + c)];
}

/** The elements on the diagonal become the eigenvalues of `S`; their vectors are the rows of `Q`. */
function diagonalize(S: Float64Array, Q: Float64Array, n: number, who: string): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const x = S[p * n + q] as number;
        const [a, b] = [S[p * (n + 1)] as number, S[q * (n + 1)] as number];
        if (Math.abs(x) <= 2 ** -54 * Math.sqrt(Math.abs(a * b)) || Math.abs(x) < 2 ** -500)
          continue;
        rotated = true;
        const angle = rotation(a, x, b);
        rotate(S, p * n, q * n, n, 1, angle);
        rotate(S, p, q, n, n, angle);
        S[p * n + q] = S[q * n + p] = 0;
        rotate(Q, p * n, q * n, n, 1, angle);
      }
    }
    if (!rotated) return;
  }
  throw notConverged(who);
}

/**
 * Jacobi's method: rotations in the planes of two axes, each of which makes one element 0, until all
 * beside the diagonal are. Golub and Van Loan, "Matrix Computations", 4th ed., section 8.5.
 */
const eigh: ReferenceKernel = ([A], [W, V]) => {
  const { data: a, shape } = A as NDArray;
  const { data: w } = W as NDArray;
  const { data: v } = V as NDArray;
  const { batch, n } = matrices(shape);
  const S = new Float64Array(n * n);
  const Q = new Float64Array(n * n);
  for (let b = 0, at = 0; b < batch; b++, at += n * n) {
    const twos = exponentOf(a, at, n * n);
    if (Number.isNaN(twos)) {
      w.fill(Number.NaN, b * n, (b + 1) * n);
      v.fill(Number.NaN, at, at + n * n);
      continue;
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const [x, y] = [a[at + i * n + j] as number, a[at + j * n + i] as number];
        S[i * n + j] = (timesPowerOf2(x, -twos) + timesPowerOf2(y, -twos)) / 2;
        Q[i * n + j] = i === j ? 1 : 0;
      }
    }
    diagonalize(S, Q, n, `eigh: ${nameOf("A", shape, b)}`);
    const order = Array.from({ length: n }, (_, i) => i);
    order.sort((i, j) => (S[i * (n + 1)] as number) - (S[j * (n + 1)] as number));
    order.forEach((from, to) => {
      w[b * n + to] = timesPowerOf2(S[from * (n + 1)] as number, twos);
      const sign = isReversed(Q, from * n, n, 1) ? -1 : 1;
      for (let i = 0; i < n; i++) v[at + i * n + to] = sign * (Q[from * n + i] as number);
    });
  }
};

/** Eigenvalues and -vectors, by the name of their op. */
export const eigen: Record<string, ReferenceKernel> = { eigh };
