// Products of one matrix or a batch. Where one operand serves the whole batch, the rows of all
// others make one product with it, or meet it packed once.

import { scaled, scaleRows, sparse } from "./diagonal";
import { block, DEPTH, gemm, LONG, MANY, PACK_A, PACK_B, pack, ROWS } from "./gemm";
import { lanes, PACK, PACK_BYTES, TURNED_BYTES } from "./memory";
import { dot } from "./product";
import { turn } from "./transpose";

/** From this k on, and so many rows and columns, a product with zeros is looked for. */
const WORTH: i32 = 16;
const FEW: i32 = 4;
/** Matrices of more rows than this fill tiles well enough by themselves. */
const SOME: i32 = 16;
/** Columns from which on it pays to turn the rows that meet them. */
const WIDE: i32 = 20;
/** Rows, or matrices, from which on it pays to pack what they meet. */
const SEVERAL: i32 = 8;
/** Bytes of a shared matrix that are packed at a time: they stay in the second cache. */
const SHARED: i32 = 262144;

/** C = op(A)·op(B), as `gemm`. */
function product<T>(
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  lda: i32,
  B: usize,
  ldb: i32,
  C: usize,
  ldc: i32,
): void {
  const size = sizeof<T>();
  if (k >= WORTH && m >= FEW && n >= FEW && (sparse<T>(A) || sparse<T>(B))) {
    if (scaled<T>(transA, transB, m, n, k, A, lda, B, ldb, C, ldc)) return;
  }
  if (transB && m <= FEW) {
    // Row by row: packing B would take longer.
    const row = transA ? size : <usize>lda * size;
    for (; m > 0; m--, A += row, C += <usize>ldc * size) {
      gemm<T>(transA, 1, 1, n, k, 1, A, lda, B, ldb, 0, C, ldc);
    }
    return;
  }
  // Cᵀ = op(B)ᵀ·op(A)ᵀ where that fills the tiles, or spares packing the larger operand.
  const width = 2 * lanes<T>();
  const turns = transA
    ? size == 4 && n > 1 && n <= 5 && n != 4 && m > n
    : transB && m <= SOME && m % width == 0 && n > m;
  if (turns && m <= TURNED_BYTES / (n * <i32>size)) {
    const room = PACK + PACK_BYTES - TURNED_BYTES;
    gemm<T>(1 - transB, 1 - transA, n, m, k, 1, B, ldb, A, lda, 0, room, m);
    turn<T>(n, m, room, <usize>m * size, C, <usize>ldc * size);
    return;
  }
  gemm<T>(transA, transB, m, n, k, 1, A, lda, B, ldb, 0, C, ldc);
}

/**
 * The products of a batch of A, each of few rows, with one B; `back` says that they are wanted
 * transposed. As many columns of B as the cache takes are packed once, and met by the rows of as
 * many A as make a block. The matrices that are not transposed on the way lie without gaps.
 */
function shared<T>(
  batch: i32,
  transA: i32,
  transB: i32,
  back: bool,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  nextA: i32,
  B: usize,
  C: usize,
  nextC: i32,
): void {
  const size = sizeof<T>();
  const width = 2 * lanes<T>();
  const lineB = <usize>(transB ? k : n) * size;
  const group = ROWS / m;
  const columns = width * max(1, min(SHARED / (32 * k), TURNED_BYTES / (32 * ROWS)));
  const pieces = (k * <i32>size + DEPTH - 1) / DEPTH;
  const depth = (k + pieces - 1) / pieces;
  const room = PACK + PACK_BYTES - TURNED_BYTES;
  for (let j = 0; j < n; j += columns) {
    const nc = min(columns, n - j);
    // Bytes of a packed row: a panel of up to half its width takes half of them.
    const rest = nc % width;
    const row: usize = 32 * (nc / width) + (rest > lanes<T>() ? 32 : rest > 0 ? 16 : 0);
    const from = B + <usize>j * (transB ? lineB : size);
    for (let p = 0; p < k; p += depth) {
      const b = from + <usize>p * (transB ? size : lineB);
      pack<T>(transB, min(depth, k - p), nc, b, lineB, PACK + PACK_B + <usize>p * row);
    }
    const rowC = <usize>(back ? nc : n) * size;
    let a = A;
    let c = C + <usize>j * (back ? <usize>m * size : size);
    for (let i = 0; i < batch; i += group) {
      const some = min(group, batch - i);
      const to = back ? room : c;
      for (let p = 0; p < k; p += depth) {
        const kc = min(depth, k - p);
        let x = a + <usize>p * (transA ? <usize>m * size : size);
        let rowA = <usize>k * size;
        if (transA) {
          rowA = <usize>kc * size + 64;
          let y = PACK + PACK_A;
          for (let e = 0; e < some; e++, x += <usize>nextA * size, y += <usize>m * rowA) {
            turn<T>(kc, m, x, <usize>m * size, y, rowA);
          }
          x = PACK + PACK_A;
        }
        const all = some * m;
        if (pieces == 1 && k >= WORTH && sparse<T>(x)) {
          if (scaleRows<T>(transB, all, nc, k, x, rowA, from, lineB, to, rowC)) continue;
        }
        const b = PACK + PACK_B + <usize>p * row;
        block<T>(0, false, all, nc, kc, 1, x, rowA, b, 0, p > 0 ? 1 : 0, to, rowC);
      }
      if (back) {
        let x = room;
        let y = c;
        for (let e = 0; e < some; e++, x += <usize>m * rowC, y += <usize>nextC * size) {
          turn<T>(m, nc, x, rowC, y, <usize>m * size);
        }
      }
      a += <usize>(some * nextA) * size;
      c += <usize>(some * nextC) * size;
    }
  }
}

/** The same, where it pays that B is shared; else false, and nothing done. */
function oneMatrix<T>(
  batch: i32,
  transA: i32,
  transB: i32,
  back: bool,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  nextA: i32,
  B: usize,
  C: usize,
  nextC: i32,
): bool {
  const liesA = !transA && nextA == m * k;
  const liesC = !back && nextC == m * n;
  if (!transA && !back && (m == 1 || (liesA && liesC))) {
    const lda = m == 1 ? nextA : k;
    const ldc = m == 1 ? nextC : n;
    // Long float32 sums keep their digits in products that are not too large.
    const some = sizeof<T>() == 4 && k > LONG ? max(1, <i32>MANY / n) : batch * m;
    for (let left = batch * m; left > 0; left -= some) {
      product<T>(0, transB, min(some, left), n, k, A, lda, B, transB ? k : n, C, ldc);
      A += <usize>some * lda * sizeof<T>();
      C += <usize>some * ldc * sizeof<T>();
    }
    return true;
  }
  if (m > SOME || k == 0 || k > LONG || !(transA || liesA) || !(back || liesC)) return false;
  // It does not where the rows of one fill whole tiles, or turning them takes longer than the rest.
  const pays = back
    ? batch * m >= SEVERAL && m % (2 * lanes<T>()) != 0 && k * <i32>sizeof<T>() <= 128 * n
    : n >= WIDE && (transB || (batch >= SEVERAL && m % 5 != 0));
  if (pays) shared<T>(batch, transA, transB, back, m, n, k, A, nextA, B, C, nextC);
  return pays;
}

/**
 * op(A)·op(B) = C for a batch of matrices, each without gaps, which are `nextA`, `nextB` and
 * `nextC` elements apart: 0 where one serves for all.
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
  nextC: i32,
): void {
  if (m == 0 || n == 0) return;
  // A single row or column lies the same either way.
  if (m == 1 || k == 1) transA = 0;
  if (n == 1) transB = 1;
  else if (k == 1) transB = 0;
  if (batch > 1 && nextB == 0) {
    if (oneMatrix<T>(batch, transA, transB, false, m, n, k, A, nextA, B, C, nextC)) return;
  } else if (batch > 1 && nextA == 0) {
    // Cᵀ = op(B)ᵀ·op(A)ᵀ
    const turned = transB || k == 1 ? 0 : 1;
    const back = m > 1 && n > 1;
    if (oneMatrix<T>(batch, turned, 1 - transA, back, n, m, k, B, nextB, A, C, nextC)) return;
  }
  const lda = transA ? m : k;
  const ldb = transB ? k : n;
  const size = sizeof<T>();
  for (; batch > 0; batch--) {
    if (m == 1 && n == 1) dot<T>(k, A, B, C);
    else if (k < WORTH) gemm<T>(transA, transB, m, n, k, 1, A, lda, B, ldb, 0, C, n);
    else product<T>(transA, transB, m, n, k, A, lda, B, ldb, C, n);
    A += <usize>nextA * size;
    B += <usize>nextB * size;
    C += <usize>nextC * size;
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
  nextC: i32,
): void {
  multiply<f32>(batch, transA, transB, m, n, k, A, nextA, B, nextB, C, nextC);
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
  nextC: i32,
): void {
  multiply<f64>(batch, transA, transB, m, n, k, A, nextA, B, nextB, C, nextC);
}
