// Eigenvalues and -vectors of symmetric matrices, in float64 for matrices of both kinds.
import { powerOf2, signOf, sortedOrder } from "./rotate";
import { strideOf } from "./rows";
import { formTransposed, implicitQL, tridiagonalize } from "./tridiagonal";

/** Rows that are written as columns together. */
const TILE: i32 = 8;

/**
 * The exponent of the power of 2 next to the largest of `n` numbers in size, within ±1000; 2000 where
 * one is not finite.
 */
export function exponentOf<S>(n: i32, X: usize): i32 {
  let most: f64 = 0;
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const x = abs(<f64>load<S>(X + <usize>i * sizeof<S>()));
    most = max(most, x);
    sum += x - x; // NaN from NaN and ∞
  }
  if (sum != 0) return 2000;
  if (most == 0) return 0;
  const exponent = <i32>(reinterpret<u64>(most) >> 52) - 1023;
  return max(-1000, min(1000, exponent));
}

/**
 * The eigenvalues `d` and, as rows of `Z`, the eigenvectors of the symmetric matrix whose upper
 * triangle is in `A`, in no order. `work` has room for 35·(n + 2) numbers. 1 if that fails.
 */
export function eigenSystem(n: i32, A: usize, ld: i32, d: usize, Z: usize, work: usize): i32 {
  const size = <usize>(n + 2) * 8;
  const e = work;
  const tau = e + size;
  const more = tau + size;
  tridiagonalize(n, A, ld, d, e, tau, more);
  formTransposed(n, A, ld, tau, Z);
  return implicitQL(n, d, e, more, Z, ld);
}

/** Row j of `to` is the row `order[j]` of `from`, times its factor. */
export function arrange(
  count: i32,
  width: i32,
  from: usize,
  order: usize,
  factors: usize,
  to: usize,
  ld: i32,
): void {
  const row = <usize>ld * 8;
  for (let j = 0; j < count; j++) {
    const x = from + <usize>load<i32>(order + <usize>j * 4) * row;
    const y = to + <usize>j * row;
    const factor = load<f64>(factors + <usize>j * 8);
    for (let i = 0; i < width; i++) {
      store<f64>(y + <usize>i * 8, load<f64>(x + <usize>i * 8) * factor);
    }
  }
}

/** `count` rows of `Z` as the columns of `V`, `width` high. */
export function writeColumns<S>(count: i32, width: i32, Z: usize, ld: i32, V: usize): void {
  for (let left = 0; left < count; left += TILE) {
    const right = min(left + TILE, count);
    for (let i = 0; i < width; i++) {
      const v = V + <usize>i * <usize>count * sizeof<S>();
      for (let j = left; j < right; j++) {
        const x = load<f64>(Z + (<usize>j * <usize>ld + <usize>i) * 8);
        store<S>(v + <usize>j * sizeof<S>(), <S>x);
      }
    }
  }
}

export function fillNaN<S>(n: i32, X: usize): void {
  for (let i = 0; i < n; i++) store<S>(X + <usize>i * sizeof<S>(), <S>NaN);
}

/** Not 0 if it fails. `work` has room for 2·n·(n + 16) + 38·(n + 2) numbers. */
function eigh<S>(n: i32, A: usize, w: usize, V: usize, work: usize): i32 {
  const twos = exponentOf<S>(n * n, A);
  if (twos > 1000) {
    fillNaN<S>(n, w);
    fillNaN<S>(n * n, V);
    return 0;
  }
  const ld = strideOf<f64>(n);
  const B = work;
  const Z = B + <usize>n * <usize>ld * 8;
  const d = Z + <usize>n * <usize>ld * 8;
  const signs = d + <usize>(n + 2) * 8;
  const order = signs + <usize>(n + 2) * 8;
  readSymmetric<S>(n, A, powerOf2(-twos) / 2, B, ld);
  if (eigenSystem(n, B, ld, d, Z, order + <usize>(n + 2) * 8)) return 1;
  sortedOrder(n, d, order, 1);
  const scale = powerOf2(twos);
  for (let j = 0; j < n; j++) {
    const from = load<i32>(order + <usize>j * 4);
    store<S>(w + <usize>j * sizeof<S>(), <S>(load<f64>(d + <usize>from * 8) * scale));
    store<f64>(signs + <usize>j * 8, signOf(n, Z + <usize>from * <usize>ld * 8));
  }
  arrange(n, n, Z, order, signs, B, ld);
  writeColumns<S>(n, n, B, ld, V);
  return 0;
}

/** The upper triangle of (A + Aᵀ)·factor. */
function readSymmetric<S>(n: i32, A: usize, factor: f64, B: usize, ld: i32): void {
  const step = <usize>n * sizeof<S>();
  for (let i = 0; i < n; i++) {
    const b = B + <usize>i * <usize>ld * 8;
    const row = A + <usize>i * step;
    const column = A + <usize>i * sizeof<S>();
    for (let j = i; j < n; j++) {
      const x = <f64>load<S>(row + <usize>j * sizeof<S>());
      const y = <f64>load<S>(column + <usize>j * step);
      store<f64>(b + <usize>j * 8, x * factor + y * factor);
    }
  }
}

export function eigh_f32(n: i32, A: usize, w: usize, V: usize, work: usize): i32 {
  return eigh<f32>(n, A, w, V, work);
}

export function eigh_f64(n: i32, A: usize, w: usize, V: usize, work: usize): i32 {
  return eigh<f64>(n, A, w, V, work);
}
