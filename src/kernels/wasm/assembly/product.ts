import { gemm } from "./gemm";
import { inner } from "./gemv";
import { lanes } from "./memory";

/**
 * op(A)·op(B) = C for a batch of matrices that lie without gaps; the matrices of A and B are
 * `nextA` and `nextB` elements apart, 0 where one serves for all.
 */
function multiply<T>(
  batch: i32,
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  nextA: i32,
  B: usize,
  nextB: i32,
  C: usize,
): void {
  const lda = transA ? m : k;
  const ldb = transB ? k : n;
  const size = sizeof<T>();
  for (; batch > 0; batch--) {
    gemm<T>(transA, transB, m, n, k, 1, A, lda, B, ldb, 0, C, n);
    A += <usize>nextA * size;
    B += <usize>nextB * size;
    C += <usize>m * <usize>n * size;
  }
}

/** Elements to a piece of an inner product; the pieces are added up in float64. */
const PIECE: i32 = 1024;

function dot<T>(n: i32, x: usize, y: usize, to: usize): void {
  let sum: f64 = 0;
  for (; n > 0; n -= PIECE) {
    sum += <f64>inner<T>(min(n, PIECE), x, y);
    x += <usize>PIECE * sizeof<T>();
    y += <usize>PIECE * sizeof<T>();
  }
  store<T>(to, <T>sum);
}

/** y = u·x for n elements. */
// @ts-ignore: decorator
@inline
function times<T>(n: i32, u: T, x: usize, y: usize): void {
  const v = v128.splat<T>(u);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>(), x += 16, y += 16) {
    v128.store(y, v128.mul<T>(v, v128.load(x)));
  }
  for (; i < n; i++, x += sizeof<T>(), y += sizeof<T>()) store<T>(y, u * load<T>(x));
}

/** Y = A ⊗ B for A (m × n) and B (p × q): row by row, each element of A times a row of B. */
function kron<T>(m: i32, n: i32, p: i32, q: i32, A: usize, B: usize, Y: usize): void {
  const rowA = <usize>n * sizeof<T>();
  const rowB = <usize>q * sizeof<T>();
  for (; m > 0; m--, A += rowA) {
    let b = B;
    for (let r = 0; r < p; r++, b += rowB) {
      if (q == 1) {
        times<T>(n, load<T>(b), A, Y);
        Y += rowA;
        continue;
      }
      for (let a = A; a < A + rowA; a += sizeof<T>(), Y += rowB) times<T>(q, load<T>(a), b, Y);
    }
  }
}

export function multiply_f32(
  batch: i32,
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  nextA: i32,
  B: usize,
  nextB: i32,
  C: usize,
): void {
  multiply<f32>(batch, transA, transB, m, n, k, A, nextA, B, nextB, C);
}

export function multiply_f64(
  batch: i32,
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  nextA: i32,
  B: usize,
  nextB: i32,
  C: usize,
): void {
  multiply<f64>(batch, transA, transB, m, n, k, A, nextA, B, nextB, C);
}

export function dot_f32(n: i32, x: usize, y: usize, to: usize): void {
  dot<f32>(n, x, y, to);
}

export function dot_f64(n: i32, x: usize, y: usize, to: usize): void {
  dot<f64>(n, x, y, to);
}

export function kron_f32(m: i32, n: i32, p: i32, q: i32, A: usize, B: usize, Y: usize): void {
  kron<f32>(m, n, p, q, A, B, Y);
}

export function kron_f64(m: i32, n: i32, p: i32, q: i32, A: usize, B: usize, Y: usize): void {
  kron<f64>(m, n, p, q, A, B, Y);
}
