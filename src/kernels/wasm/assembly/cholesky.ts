// Cholesky decomposition. It is made as A = UᵀU, whose steps all go along rows; L is Uᵀ.
import { gemm } from "./gemm";
import { divideRow, strideOf, subtractRows, whole } from "./rows";
import { substitute } from "./triangular";

/** Matrices up to this order are not halved. */
const DIRECT: i32 = 32;
/** Tiles in which matrices are read and written by columns. */
const TILE: i32 = 16;
/** Products that are symmetric are halved down to this order, and then made whole. */
const SYMMETRIC: i32 = 96;

/** `L` with LLᵀ = ½(A + Aᵀ). Returns 0, or 1 where a pivot is not positive or NaN. */
function cholesky<S, T>(n: i32, A: usize, L: usize, U: usize): i32 {
  const ld = strideOf<T>(n);
  readSymmetric<S, T>(n, A, U, ld);
  if (factor<T>(n, U, ld)) return 1;
  writeTransposed<S, T>(n, U, ld, L);
  return 0;
}

/** The upper triangle of ½(A + Aᵀ). */
function readSymmetric<S, T>(n: i32, A: usize, U: usize, ld: i32): void {
  for (let top = 0; top < n; top += TILE) {
    for (let left = top; left < n; left += TILE) {
      for (let i = top; i < min(top + TILE, n); i++) {
        const row = A + <usize>i * <usize>n * sizeof<S>();
        const column = A + <usize>i * sizeof<S>();
        const u = U + <usize>i * <usize>ld * sizeof<T>();
        for (let j = max(left, i); j < min(left + TILE, n); j++) {
          const x = <f64>load<S>(row + <usize>j * sizeof<S>());
          const y = <f64>load<S>(column + <usize>j * <usize>n * sizeof<S>());
          store<T>(u + <usize>j * sizeof<T>(), <T>((x + y) / 2));
        }
      }
    }
  }
}

function writeTransposed<S, T>(n: i32, U: usize, ld: i32, L: usize): void {
  for (let top = 0; top < n; top += TILE) {
    for (let left = 0; left <= top; left += TILE) {
      for (let i = top; i < min(top + TILE, n); i++) {
        const l = L + <usize>i * <usize>n * sizeof<S>();
        const u = U + <usize>i * sizeof<T>();
        for (let j = left; j < min(left + TILE, i + 1); j++) {
          const x = load<T>(u + <usize>j * <usize>ld * sizeof<T>());
          store<S>(l + <usize>j * sizeof<S>(), <S>x);
        }
      }
    }
    for (let i = top; i < min(top + TILE, n); i++) {
      const l = L + (<usize>i * <usize>n + <usize>i + 1) * sizeof<S>();
      memory.fill(l, 0, <usize>(n - i - 1) * sizeof<S>());
    }
  }
}

/** In place, `A₁₁ = U₁₁ᵀU₁₁`, `U₁₂ = U₁₁⁻ᵀA₁₂`, `A₂₂ − U₁₂ᵀU₁₂ = U₂₂ᵀU₂₂`; 1 if it fails. */
function factor<T>(n: i32, A: usize, lda: i32): i32 {
  if (n <= DIRECT) return factorDirectly<T>(n, A, lda);
  const size = sizeof<T>();
  const top = ((n >> 1) + 15) & ~15;
  if (factor<T>(top, A, lda)) return 1;
  const A12 = A + <usize>top * size;
  const A22 = A + <usize>top * <usize>(lda + 1) * size;
  substitute<T>(1, 1, 0, top, whole<T>(n - top), A, lda, A12, lda);
  subtractSquare<T>(n - top, top, A12, lda, A22);
  return factor<T>(n - top, A22, lda);
}

/** The upper triangle of `C − BᵀB`, for B (k × n). */
function subtractSquare<T>(n: i32, k: i32, B: usize, ld: i32, C: usize): void {
  if (n <= SYMMETRIC) return gemm<T>(1, 0, n, n, k, -1, B, ld, B, ld, 1, C, ld);
  const size = sizeof<T>();
  const half = ((n >> 1) + 15) & ~15;
  const right = B + <usize>half * size;
  subtractSquare<T>(half, k, B, ld, C);
  gemm<T>(1, 0, half, n - half, k, -1, B, ld, right, ld, 1, C + <usize>half * size, ld);
  subtractSquare<T>(n - half, k, right, ld, C + <usize>half * <usize>(ld + 1) * size);
}

/** Row by row: what the rows above leave of it, over the root of its pivot. */
function factorDirectly<T>(n: i32, A: usize, lda: i32): i32 {
  const size = sizeof<T>();
  const row = <usize>lda * size;
  const width = <usize>whole<T>(n) * size;
  for (let k = 0; k < n; k++) {
    const column = <usize>k * size;
    const first = column & ~15;
    const a = A + <usize>k * row;
    subtractRows<T>(k, A + column, row, A + first, row, a + first, width - first);
    const pivot = load<T>(a + column);
    if (!(pivot > 0)) return 1;
    const root: T = sqrt<T>(pivot);
    divideRow<T>(a + first, width - first, root);
    store<T>(a + column, root);
  }
  return 0;
}

// A float32 matrix that is not positive definite in float32 may be so in float64.

export function cholesky_f32(n: i32, A: usize, L: usize, work: usize): i32 {
  return cholesky<f32, f32>(n, A, L, work) && cholesky<f32, f64>(n, A, L, work);
}

export function cholesky_f64(n: i32, A: usize, L: usize, work: usize): i32 {
  return cholesky<f64, f64>(n, A, L, work);
}
