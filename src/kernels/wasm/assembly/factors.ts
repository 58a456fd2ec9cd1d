// The factors P, L and U of a matrix of any size.
import { exchange, factor, orderRows } from "./lu";
import { copyRow, copyRows, strideOf, whole } from "./rows";
import { substitute } from "./triangular";

/** The workspace: a copy of the first min(m, n) columns, one of the others, the exchanges, the rows. */
let A: usize = 0;
let B: usize = 0;
let pivots: usize = 0;
let rows: usize = 0;
let lda: i32 = 0;
let ldb: i32 = 0;

/** Divides the workspace up; returns its bytes. */
function layOut<T>(m: i32, n: i32, work: usize): usize {
  const k = min(m, n);
  lda = strideOf<T>(k);
  ldb = strideOf<T>(n - k);
  A = work;
  B = A + <usize>m * <usize>lda * sizeof<T>();
  pivots = B + <usize>m * <usize>ldb * sizeof<T>();
  rows = pivots + (<usize>k << 2);
  return rows + (<usize>m << 2) - work;
}

function lu<T>(m: i32, n: i32, X: usize, P: usize, L: usize, U: usize, work: usize): void {
  layOut<T>(m, n, work);
  const size = sizeof<T>();
  const k = min(m, n);
  memory.fill(A, 0, pivots - A);
  copyRows<T, T>(m, k, X, n, A, lda);
  factor<T>(m, k, A, lda, pivots);
  orderRows(m, k, pivots, rows);
  if (n > k) {
    copyRows<T, T>(m, n - k, X + <usize>k * size, n, B, ldb);
    exchange<T>(n - k, B, ldb, pivots, k);
    substitute<T>(1, 0, 1, k, whole<T>(n - k), A, lda, B, ldb);
  }
  memory.fill(P, 0, <usize>m * <usize>m * size);
  memory.fill(L, 0, <usize>m * <usize>k * size);
  memory.fill(U, 0, <usize>k * <usize>n * size);
  for (let i = 0; i < m; i++) {
    const row = load<i32>(rows + (<usize>i << 2));
    store<T>(P + (<usize>row * <usize>m + <usize>i) * size, 1);
    const a = A + <usize>i * <usize>lda * size;
    const l = L + <usize>i * <usize>k * size;
    copyRow<T, T>(min(i, k), a, l);
    if (i >= k) continue;
    store<T>(l + <usize>i * size, 1);
    const u = U + <usize>i * <usize>n * size;
    const diagonal = <usize>i * size;
    copyRow<T, T>(k - i, a + diagonal, u + diagonal);
    copyRow<T, T>(n - k, B + <usize>i * <usize>ldb * size, u + <usize>k * size);
  }
}

export function luRoom_f32(m: i32, n: i32): i32 {
  return <i32>layOut<f32>(m, n, 0);
}

export function luRoom_f64(m: i32, n: i32): i32 {
  return <i32>layOut<f64>(m, n, 0);
}

export function lu_f32(
  m: i32,
  n: i32,
  X: usize,
  P: usize,
  L: usize,
  U: usize,
  work: usize,
): void {
  lu<f32>(m, n, X, P, L, U, work);
}

export function lu_f64(
  m: i32,
  n: i32,
  X: usize,
  P: usize,
  L: usize,
  U: usize,
  work: usize,
): void {
  lu<f64>(m, n, X, P, L, U, work);
}
