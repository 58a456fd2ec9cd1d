import { rowsTimes, timesRows } from "./gemv";
import { lanes, madd, PACK } from "./memory";
import { stride, tiles } from "./tile";
import { turn } from "./transpose";

// The blocks of a product, after K. Goto, R. van de Geijn, "Anatomy of high-performance matrix
// multiplication", 2008: of B, a panel of two vectors' columns stays in the first cache while all
// rows of A pass it; of A, a block stays in the second cache while all panels of B pass it.

/** Bytes of a row of A, and elements of a panel's column, in a block. */
export const DEPTH: i32 = 2048;
/** Rows of A in a block. */
export const ROWS: i32 = 120;
/** Columns of B in a block. */
const COLUMNS: i32 = 1536;
/** Up to these bytes B is in the first cache as it lies, and up to these rows packing never pays. */
const SMALL: usize = 32768;
const FEW: i32 = 8;
/** From so many columns on, it pays to write C row by row, or to turn an A that lies transposed. */
const WIDE: i32 = 32;

/** From this k on, float32 products of pieces that long are added up in float64. */
export const LONG: i32 = 4096;
const PIECE: i32 = 256;
/** Where C has no more elements than PACK has room for. */
export const MANY: i64 = 65536;

// Parts of PACK: a tile; a block of A, its rows apart so that they do not share cache lines; B; a
// piece, and the sum of pieces.
export const PACK_A: usize = 4096;
export const PACK_B: usize = PACK_A + <usize>ROWS * (DEPTH + 64);
export const PACK_PIECE: usize = PACK_B + <usize>COLUMNS * DEPTH;
const PACK_SUM: usize = PACK_PIECE + 4 * <usize>MANY;

/** `columns` of B as it lies, into a panel whose rows are `step` bytes; lanes without one get 0. */
function packRows<T>(k: i32, columns: i32, b: usize, row: usize, to: usize, step: usize): void {
  const size = sizeof<T>();
  const bytes = <usize>columns * size;
  for (let p = 0; p < k; p++, b += row, to += step) {
    if (bytes == 32) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
      continue;
    }
    let at: usize = 0;
    for (; at < bytes; at += size) store<T>(to + at, load<T>(b + at));
    for (; at < step; at += size) store<T>(to + at, 0);
  }
}

/** The same of a B that lies transposed. */
function packTurned<T>(k: i32, columns: i32, b: usize, row: usize, to: usize, step: usize): void {
  const size = sizeof<T>();
  turn<T>(columns, k, b, row, to, step);
  for (let at = <usize>columns * size; at < step; at += size) {
    for (let p = 0; p < k; p++) store<T>(to + <usize>p * step + at, 0);
  }
}

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
  if (m <= 0 || n <= 0) return;
  const lineA = <usize>lda * size;
  const lineB = <usize>ldb * size;
  const rowC = <usize>ldc * size;
  if (k <= 0) return scale<T>(m, n, beta, C, rowC);
  const rowA = transA ? size : lineA;
  const stepA = transA ? lineA : size;
  if (sizeof<T>() == 4 && k > LONG && <i64>m * n <= MANY) {
    addUp(transA, transB, m, n, k, <f32>alpha, A, lda, B, ldb, <f32>beta, C, rowC);
    return;
  }
  if (m == 1) {
    if (transB) rowsTimes<T>(n, k, alpha, B, lineB, A, stepA, beta, C);
    else timesRows<T>(n, k, alpha, A, stepA, B, lineB, beta, C);
    return;
  }
  if (n == 1 && ldc == 1) {
    const stepB = transB ? size : lineB;
    if (transA) timesRows<T>(m, k, alpha, B, stepB, A, lineA, beta, C);
    else rowsTimes<T>(m, k, alpha, A, lineA, B, stepB, beta, C);
    return;
  }
  if (k <= 2 && n >= WIDE && !transB) {
    thin<T>(m, n, k, alpha, A, rowA, stepA, B, lineB, beta, C, rowC);
    return;
  }
  const lies = !transB && (m <= FEW || <usize>k * lineB <= SMALL);
  // Pieces of k of about one size.
  const most = DEPTH / <i32>size;
  const pieces = (k + most - 1) / most;
  const depth = (k + pieces - 1) / pieces;
  for (let p = 0; p < k; p += depth) {
    const kc = min(depth, k - p);
    const a = A + <usize>p * stepA;
    const b = B + <usize>p * (transB ? size : lineB);
    for (let j = 0; j < n; j += COLUMNS) {
      const nc = min(COLUMNS, n - j);
      const from = b + <usize>j * (transB ? lineB : size);
      const to = C + <usize>j * size;
      const packed = PACK + PACK_B;
      if (!lies) pack<T>(transB, kc, nc, from, lineB, packed);
      const at = lies ? from : packed;
      block<T>(transA, lies, m, nc, kc, alpha, a, lineA, at, lineB, beta, to, rowC);
    }
    beta = 1;
  }
}

/** The product in pieces: a float32 sum of so many numbers would lose digits. */
function addUp(
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
  rowC: usize,
): void {
  const piece = PACK + PACK_PIECE;
  const sum = PACK + PACK_SUM;
  const count = <usize>(m * n);
  memory.fill(sum, 0, 8 * count);
  for (let p = 0; p < k; p += PIECE) {
    const kc = min(PIECE, k - p);
    const a = A + 4 * <usize>p * (transA ? <usize>lda : 1);
    const b = B + 4 * <usize>p * (transB ? 1 : <usize>ldb);
    gemm<f32>(transA, transB, m, n, kc, 1, a, lda, b, ldb, 0, piece, n);
    for (let i: usize = 0; i < count; i += 2) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(piece + 4 * i));
      v128.store(sum + 8 * i, f64x2.add(v128.load(sum + 8 * i), x));
    }
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const c = C + <usize>i * rowC + 4 * <usize>j;
      const x = alpha * <f32>load<f64>(sum + 8 * <usize>(i * n + j));
      store<f32>(c, beta == 0 ? x : x + beta * load<f32>(c));
    }
  }
}

/** All panels of a block of B, one behind the other. */
export function pack<T>(trans: i32, k: i32, n: i32, b: usize, row: usize, to: usize): void {
  const width = 2 * lanes<T>();
  for (let j = 0; j < n; j += width) {
    const columns = min(width, n - j);
    const step: usize = columns > lanes<T>() ? 32 : 16;
    if (trans) packTurned<T>(k, columns, b + <usize>j * row, row, to, step);
    else packRows<T>(k, columns, b + <usize>j * sizeof<T>(), row, to, step);
    to += <usize>k * step;
  }
}

/** All rows of C by a block of B, which lies packed or as it is. */
// @ts-ignore: decorator
@inline
export function block<T>(
  transA: i32,
  lies: bool,
  m: i32,
  n: i32,
  k: i32,
  alpha: T,
  A: usize,
  lineA: usize,
  B: usize,
  lineB: usize,
  beta: T,
  C: usize,
  rowC: usize,
): void {
  const size = sizeof<T>();
  const width = 2 * lanes<T>();
  // Read across its rows a large A would miss the cache at each element.
  const turns = transA && n > WIDE && <usize>k * lineA > SMALL;
  const tail = n % lanes<T>();
  if (lies && tail != 0) {
    const last = n - n % width;
    const step: usize = n - last > lanes<T>() ? 32 : 16;
    packRows<T>(k, n - last, B + <usize>last * size, lineB, PACK + PACK_B, step);
  }
  for (let i = 0; i < m; i += ROWS) {
    const mc = min(ROWS, m - i);
    let a = A + <usize>i * (transA ? size : lineA);
    let rowA = transA ? size : lineA;
    let stepA = transA ? lineA : size;
    if (turns) {
      rowA = <usize>k * size + 64;
      stepA = size;
      turn<T>(k, mc, a, lineA, PACK + PACK_A, rowA);
      a = PACK + PACK_A;
    }
    const c = C + <usize>i * rowC;
    let packed = lies ? PACK + PACK_B : B;
    for (let j = 0; j < n; j += width) {
      const columns = min(width, n - j);
      const packs = !lies || (tail != 0 && columns < width);
      const b = packs ? packed : B + <usize>j * size;
      const step = packs ? (columns > lanes<T>() ? <usize>32 : <usize>16) : lineB;
      if (packs) packed += <usize>k * step;
      stride(k, rowA, stepA, step);
      tiles<T>(mc, columns, a, b, alpha, beta, c + <usize>j * size, rowC, PACK);
    }
  }
}

/**
 * The product of one or two columns by as many rows. It is all about writing C, and does so row by
 * row: tiles would take twice as long.
 */
function thin<T>(
  m: i32,
  n: i32,
  k: i32,
  alpha: T,
  A: usize,
  rowA: usize,
  stepA: usize,
  B: usize,
  lineB: usize,
  beta: T,
  C: usize,
  rowC: usize,
): void {
  const size = sizeof<T>();
  const bytes = <usize>n * size;
  const whole = beta == 0 ? bytes & ~15 : 0;
  const other = B + lineB;
  for (; m > 0; m--, A += rowA, C += rowC) {
    const s = alpha * load<T>(A);
    const t = k > 1 ? alpha * load<T>(A + stepA) : 0;
    const u = v128.splat<T>(s);
    const v = v128.splat<T>(t);
    let at: usize = 0;
    if (k == 1) {
      for (; at < whole; at += 16) v128.store(C + at, v128.mul<T>(u, v128.load(B + at)));
    } else {
      for (; at < whole; at += 16) {
        const x = v128.mul<T>(u, v128.load(B + at));
        v128.store(C + at, madd<T>(v, v128.load(other + at), x));
      }
    }
    for (; at < bytes; at += size) {
      let x = s * load<T>(B + at);
      if (k > 1) x += t * load<T>(other + at);
      store<T>(C + at, beta == 0 ? x : x + beta * load<T>(C + at));
    }
  }
}

/** C = beta·C. */
function scale<T>(m: i32, n: i32, beta: T, C: usize, rowC: usize): void {
  for (let i = 0; i < m; i++, C += rowC) {
    for (let j: usize = 0; j < <usize>n; j++) {
      const c = C + j * sizeof<T>();
      store<T>(c, beta == 0 ? 0 : beta * load<T>(c));
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
