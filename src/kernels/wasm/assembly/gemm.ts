/**
 * C = alpha·op(A)·op(B) + beta·C for row-major C (m × n), where op transposes if its flag is not 0.
 * `lda`, `ldb`, `ldc` are the elements from row to row of the arrays as they are stored. Where beta
 * is 0, C is not read.
 */
export function gemm<T>(
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  alpha: T,
  A: usize,
  lda: i32,
  B: usize,
  ldb: i32,
  beta: T,
  C: usize,
  ldc: i32,
): void {
  const size = sizeof<T>();
  const rowA = transA ? size : <usize>lda * size;
  const stepA = transA ? <usize>lda * size : size;
  const stepB = transB ? size : <usize>ldb * size;
  const columnB = transB ? <usize>ldb * size : size;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let a = A + <usize>i * rowA;
      let b = B + <usize>j * columnB;
      let sum: T = 0;
      for (let p = 0; p < k; p++, a += stepA, b += stepB) sum += load<T>(a) * load<T>(b);
      const c = C + (<usize>i * <usize>ldc + <usize>j) * size;
      store<T>(c, beta == 0 ? alpha * sum : alpha * sum + beta * load<T>(c));
    }
  }
}

export function gemm_f32(
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  alpha: f32,
  A: usize,
  lda: i32,
  B: usize,
  ldb: i32,
  beta: f32,
  C: usize,
  ldc: i32,
): void {
  gemm<f32>(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc);
}

export function gemm_f64(
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  alpha: f64,
  A: usize,
  lda: i32,
  B: usize,
  ldb: i32,
  beta: f64,
  C: usize,
  ldc: i32,
): void {
  gemm<f64>(transA, transB, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc);
}
