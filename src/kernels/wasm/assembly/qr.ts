// QR decomposition by Householder's reflections H = I − τ·v·vᵀ, v = 1 at its top, as the reference
// kernel does it, in a copy whose rows are padded to whole vectors. Blocks of reflections are applied
// as products, H₁·H₂·… = I − V·T·Vᵀ: Schreiber & Van Loan, "A storage-efficient WY representation for
// products of Householder transformations", 1989.
import { gemm } from "./gemm";
import { lanes } from "./memory";
import { copyRow, copyRows, strideOf, whole } from "./rows";
import { reflect, reflector } from "./reflection";

/** Reflections in a block; up to so many are applied one by one. */
const BLOCK: i32 = 32;

/** The parts of the workspace: a copy of X, Q, the τ; for blocks V, each T, and two products. */
let A: usize = 0;
let C: usize = 0;
let taus: usize = 0;
let V: usize = 0;
let Ts: usize = 0;
let W1: usize = 0;
let W2: usize = 0;
/** From row to row of A, and of C, W1 and W2, in elements. */
let lda: i32 = 0;
let ldc: i32 = 0;

/** Divides the workspace up; returns its bytes. */
function layOut<T>(m: i32, n: i32, work: usize): usize {
  const size = sizeof<T>();
  const k = min(m, n);
  lda = strideOf<T>(n);
  ldc = strideOf<T>(k);
  A = work;
  C = A + <usize>m * <usize>lda * size;
  taus = C + <usize>m * <usize>ldc * size;
  V = taus + <usize>whole<T>(k) * size;
  if (k <= BLOCK) return V - work;
  Ts = V + <usize>m * BLOCK * size;
  W1 = Ts + <usize>(k + BLOCK) * BLOCK * size;
  W2 = W1 + <usize>lda * BLOCK * size;
  return W2 + <usize>lda * BLOCK * size - work;
}

function qr<T>(m: i32, n: i32, X: usize, Q: usize, R: usize, work: usize): void {
  layOut<T>(m, n, work);
  const k = min(m, n);
  copyRows<T, T>(m, n, X, n, A, lda);
  padRows<T>(m, n);
  // The last reflections, BLOCK or fewer, are applied one by one.
  const last = k <= BLOCK ? 0 : (k - 1) & -BLOCK;
  for (let p = 0; p < last; p += BLOCK) {
    decompose<T>(m, p, p + BLOCK, p + BLOCK);
    blockOf<T>(m, p);
    apply<T>(1, m, p, place<T>(A, lda, p, p + BLOCK), lda, n - p - BLOCK);
  }
  decompose<T>(m, last, k, n);
  memory.fill(C, 0, <usize>m * <usize>ldc * sizeof<T>());
  for (let j = 0; j < k; j++) store<T>(place<T>(C, ldc, j, j), 1);
  for (let j = k - 1; j >= last; j--) {
    const first = j & -lanes<T>();
    reflect<T>(m - j, place<T>(A, lda, j, j), lda, tau<T>(j), place<T>(C, ldc, j, first), ldc, whole<T>(k) - first, 0);
  }
  for (let p = last - BLOCK; p >= 0; p -= BLOCK) {
    vectorsOf<T>(m, p);
    apply<T>(0, m, p, place<T>(C, ldc, p, p), ldc, k - p);
  }
  writeOut<T>(m, n, Q, R);
}

// @ts-ignore: decorator
@inline
function place<T>(X: usize, ld: i32, i: i32, j: i32): usize {
  return X + (<usize>i * <usize>ld + <usize>j) * sizeof<T>();
}

// @ts-ignore: decorator
@inline
function tau<T>(j: i32): T {
  return load<T>(taus + <usize>j * sizeof<T>());
}

function padRows<T>(m: i32, n: i32): void {
  for (let i = 0; i < m; i++) {
    for (let j = n; j < whole<T>(n); j++) store<T>(place<T>(A, lda, i, j), 0);
  }
}

/** Reflects columns `from` to `to` of A onto the axes, and with each those on its right up to `end`. */
function decompose<T>(m: i32, from: i32, to: i32, end: i32): void {
  for (let j = from; j < to; j++) {
    const v = place<T>(A, lda, j, j);
    const t = reflector<T>(m - j, v, lda);
    store<T>(taus + <usize>j * sizeof<T>(), t);
    const first = (j + 1) & -lanes<T>();
    const width = whole<T>(end) - first;
    reflect<T>(m - j, v, lda, t, place<T>(A, lda, j, first), lda, width, j + 1 - first);
  }
}

/** Copies the vectors of block `p` to V: a unit lower triangle and what is below it. */
function vectorsOf<T>(m: i32, p: i32): void {
  for (let i = p; i < m; i++) {
    const v = place<T>(V, BLOCK, i - p, 0);
    const count = min(i - p, BLOCK);
    if (count < BLOCK) memory.fill(v, 0, BLOCK * sizeof<T>());
    copyRow<T, T>(count, place<T>(A, lda, i, p), v);
    if (count < BLOCK) store<T>(v + <usize>count * sizeof<T>(), 1);
  }
}

/** V of block `p`, and the upper triangle T: its column j is −τ_j·T·Vᵀ·v_j, and τ_j. */
function blockOf<T>(m: i32, p: i32): void {
  vectorsOf<T>(m, p);
  gemm<T>(1, 0, BLOCK, BLOCK, m - p, 1, V, BLOCK, V, BLOCK, 0, W1, BLOCK);
  const t = triangle<T>(p);
  memory.fill(t, 0, BLOCK * BLOCK * sizeof<T>());
  for (let j = 0; j < BLOCK; j++) {
    const scale = tau<T>(p + j);
    for (let i = 0; i < j; i++) {
      let sum: T = 0;
      for (let l = i; l < j; l++) {
        sum += load<T>(place<T>(t, BLOCK, i, l)) * load<T>(place<T>(W1, BLOCK, l, j));
      }
      store<T>(place<T>(t, BLOCK, i, j), -scale * sum);
    }
    store<T>(place<T>(t, BLOCK, j, j), scale);
  }
}

// @ts-ignore: decorator
@inline
function triangle<T>(p: i32): usize {
  return Ts + <usize>p * BLOCK * sizeof<T>();
}

/** Y −= V·op(T)·Vᵀ·Y for the `n` columns of Y, from row `p` on. */
function apply<T>(transT: i32, m: i32, p: i32, Y: usize, ldy: i32, n: i32): void {
  gemm<T>(1, 0, BLOCK, n, m - p, 1, V, BLOCK, Y, ldy, 0, W1, n);
  gemm<T>(transT, 0, BLOCK, n, BLOCK, 1, triangle<T>(p), BLOCK, W1, n, 0, W2, n);
  gemm<T>(0, 0, m - p, n, BLOCK, -1, V, BLOCK, W2, n, 1, Y, ldy);
}

/** Q and R; where the diagonal of R is negative, its row and that column of Q change their sign. */
function writeOut<T>(m: i32, n: i32, Q: usize, R: usize): void {
  const size = sizeof<T>();
  const k = min(m, n);
  for (let j = 0; j < k; j++) {
    const sign: T = load<T>(place<T>(A, lda, j, j)) < 0 ? -1 : 1;
    store<T>(taus + <usize>j * size, sign);
    const r = place<T>(R, n, j, 0);
    memory.fill(r, 0, <usize>j * size);
    // Adding 0 makes 0 of −0.
    for (let i = j; i < n; i++) {
      store<T>(r + <usize>i * size, sign * load<T>(place<T>(A, lda, j, i)) + 0);
    }
  }
  const zero = v128.splat<T>(0);
  for (let i = 0; i < m; i++) {
    const c = place<T>(C, ldc, i, 0);
    for (let j: usize = 0; j < <usize>whole<T>(k) * size; j += 16) {
      v128.store(c + j, v128.add<T>(v128.mul<T>(v128.load(c + j), v128.load(taus + j)), zero));
    }
    copyRow<T, T>(k, c, place<T>(Q, k, i, 0));
  }
}

export function qrRoom_f32(m: i32, n: i32): i32 {
  return <i32>layOut<f32>(m, n, 0);
}

export function qrRoom_f64(m: i32, n: i32): i32 {
  return <i32>layOut<f64>(m, n, 0);
}

export function qr_f32(m: i32, n: i32, X: usize, Q: usize, R: usize, work: usize): void {
  qr<f32>(m, n, X, Q, R, work);
}

export function qr_f64(m: i32, n: i32, X: usize, Q: usize, R: usize, work: usize): void {
  qr<f64>(m, n, X, Q, R, work);
}
