// The singular value decomposition, in float64 for matrices of both kinds, and what solves least
// squares with it.
//
// One-sided Jacobi makes the columns of a tall matrix orthogonal, and finds small singular values
// with as many digits as large ones; but it takes many sweeps. It starts from the eigenvectors of the
// Gram matrix: these make the columns orthogonal up to roundings of the largest, and of the sweeps
// mostly one is left, and one to see that all is done (as Drmac and Veselic 2008 start from QR).
import { arrange, eigenSystem, exponentOf, fillNaN, writeColumns } from "./eigen";
import { gemm } from "./gemm";
import { dot, powerOf2, rotatePair, signOf, sortedOrder } from "./rotate";
import { copyColumn, copyRow, copyRows, strideOf } from "./rows";

const SWEEPS: i32 = 60;
/** Rows that are rotated with one another while they are in the cache. */
const BLOCK: i32 = 16;
const EPSILON: f64 = 2.220446049250313e-16;
/** Beside a largest element of about 1, what is shorter counts as 0: squares are to be held. */
const NOTHING: f64 = 3.872591914849318e-121;

// Where the parts of the last decomposition lie: X = Uᵀ·Diag(s)·V.
let rowsU: usize = 0;
let rowsV: usize = 0;
let strideU: i32 = 0;
let strideV: i32 = 0;
let values: usize = 0;
let rest: usize = 0;

/**
 * Decomposes `X`, with k = min(m, n) and l = max(m, n), in a `work` of 2·k·(k + l + 32) + 38·(k + 2)
 * numbers. Returns 0; 1 if that fails; 2 where an element is not finite.
 */
function decompose<S>(m: i32, n: i32, X: usize, work: usize): i32 {
  const long = max(m, n);
  const k = min(m, n);
  const ldY = strideOf<f64>(long);
  const ldZ = strideOf<f64>(k);
  const A = work;
  const Y = A + <usize>k * <usize>ldY * 8;
  const B = Y + <usize>k * <usize>ldY * 8;
  const Z = B + <usize>k * <usize>ldZ * 8;
  const s = Z + <usize>k * <usize>ldZ * 8;
  const size = <usize>(k + 2) * 8;
  const factors = s + size;
  const order = factors + size;
  const room = order + size;
  const twos = exponentOf<S>(m * n, X);
  if (twos > 1000) return 2;
  readLong<S>(m, n, X, powerOf2(-twos), A, ldY);
  // The eigenvectors of the Gram matrix, the largest first, are the rows of Z.
  gemm<f64>(0, 1, k, k, long, 1, A, ldY, A, ldY, 0, Z, ldZ);
  if (eigenSystem(k, Z, ldZ, s, B, room)) return 1;
  sortedOrder(k, s, order, -1);
  for (let i = 0; i < k; i++) store<f64>(factors + <usize>i * 8, 1);
  arrange(k, k, B, order, factors, Z, ldZ);
  gemm<f64>(0, 0, k, long, k, 1, Z, ldZ, A, ldY, 0, Y, ldY);
  const bound = (sizeof<S>() == 8 ? EPSILON : 1e-9) * sqrt(<f64>long);
  if (orthogonalize(k, long, bound, Y, ldY, Z, ldZ, room)) return 1;
  for (let i = 0; i < k; i++) {
    const y = Y + <usize>i * <usize>ldY * 8;
    const length = sqrt(dot(long, y, y));
    store<f64>(s + <usize>i * 8, length < NOTHING ? 0 : length);
  }
  sortedOrder(k, s, order, -1);
  finish(k, long, Y, ldY, Z, ldZ, s, factors, order, A, B, m < n);
  for (let i = 0; i < k; i++) {
    store<f64>(factors + <usize>i * 8, load<f64>(s + <usize>i * 8) * powerOf2(twos));
  }
  rowsU = m < n ? B : A;
  rowsV = m < n ? A : B;
  strideU = m < n ? ldZ : ldY;
  strideV = m < n ? ldY : ldZ;
  values = factors;
  rest = room;
  return 0;
}

/** The columns of a tall `X` as rows, or the rows of a wide one, times a factor. */
function readLong<S>(m: i32, n: i32, X: usize, factor: f64, A: usize, ld: i32): void {
  const k = min(m, n);
  const long = max(m, n);
  for (let i = 0; i < k; i++) {
    const a = A + <usize>i * <usize>ld * 8;
    if (m < n) copyRow<S, f64>(n, X + <usize>i * <usize>n * sizeof<S>(), a);
    else copyColumn<S, f64>(m, X + <usize>i * sizeof<S>(), n, a);
    if (factor == 1) continue;
    for (let j = 0; j < long; j++) {
      store<f64>(a + <usize>j * 8, load<f64>(a + <usize>j * 8) * factor);
    }
  }
}

/** Rotates pairs of rows of `Y`, and of `Z` with them, until all are orthogonal. */
function orthogonalize(
  k: i32,
  long: i32,
  bound: f64,
  Y: usize,
  ldY: i32,
  Z: usize,
  ldZ: i32,
  room: usize,
): i32 {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let p = 0; p < k; p++) {
      measure(long, p, Y + <usize>p * <usize>ldY * 8, room, room + <usize>k * 8);
    }
    let turned = 0;
    for (let top = 0; top < k; top += BLOCK) {
      for (let left = top; left < k; left += BLOCK) {
        turned += rotateBlock(k, long, bound, Y, ldY, Z, ldZ, room, top, left);
      }
    }
    if (turned == 0) return 0;
  }
  return 1;
}

/** The pairs of one block of rows with another, or within one; gives how many were rotated. */
function rotateBlock(
  k: i32,
  long: i32,
  bound: f64,
  Y: usize,
  ldY: i32,
  Z: usize,
  ldZ: i32,
  squares: usize,
  top: i32,
  left: i32,
): i32 {
  const stepY = <usize>ldY * 8;
  const stepZ = <usize>ldZ * 8;
  const lengths = squares + <usize>k * 8;
  let turned = 0;
  for (let p = top; p < min(top + BLOCK, k); p++) {
    const yp = Y + <usize>p * stepY;
    for (let q = max(left, p + 1); q < min(left + BLOCK, k); q++) {
      const yq = Y + <usize>q * stepY;
      const x = dot(long, yp, yq);
      const lp = load<f64>(lengths + <usize>p * 8);
      const lq = load<f64>(lengths + <usize>q * 8);
      if (!(abs(x) > bound * lp * lq) || min(lp, lq) < NOTHING) continue;
      turned++;
      const a = load<f64>(squares + <usize>p * 8);
      const b = load<f64>(squares + <usize>q * 8);
      const cot2 = (b - a) / (2 * x);
      const tan = (cot2 < 0 ? -1 : 1) / (abs(cot2) + sqrt(1 + cot2 * cot2));
      const c = 1 / sqrt(1 + tan * tan);
      const s = tan * c;
      rotatePair(long, yp, yq, s, s / (1 + c));
      rotatePair(k, Z + <usize>p * stepZ, Z + <usize>q * stepZ, s, s / (1 + c));
      update(long, p, a, a - tan * x, yp, squares, lengths);
      update(long, q, b, b + tan * x, yq, squares, lengths);
    }
  }
  return turned;
}

function measure(n: i32, p: i32, y: usize, squares: usize, lengths: usize): void {
  const square = dot(n, y, y);
  store<f64>(squares + <usize>p * 8, square);
  store<f64>(lengths + <usize>p * 8, sqrt(square));
}

/** The square of a length as the rotation changes it, unless digits cancel. */
// @ts-ignore: decorator
@inline
function update(
  n: i32,
  p: i32,
  before: f64,
  after: f64,
  y: usize,
  squares: usize,
  lengths: usize,
): void {
  if (after > 0.25 * before) {
    store<f64>(squares + <usize>p * 8, after);
    store<f64>(lengths + <usize>p * 8, sqrt(after));
  } else measure(n, p, y, squares, lengths);
}

/**
 * Sorts the values, makes the long rows unit vectors (those of length 0 any that are orthogonal to
 * the others), and settles the signs by the left vectors, which are the short ones if `wide`.
 */
function finish(
  k: i32,
  long: i32,
  Y: usize,
  ldY: i32,
  Z: usize,
  ldZ: i32,
  s: usize,
  factors: usize,
  order: usize,
  A: usize,
  B: usize,
  wide: bool,
): void {
  for (let j = 0; j < k; j++) {
    const i = <usize>load<i32>(order + <usize>j * 4);
    const length = load<f64>(s + i * 8);
    const short = wide || length == 0;
    const sign = short ? signOf(k, Z + i * <usize>ldZ * 8) : signOf(long, Y + i * <usize>ldY * 8);
    store<f64>(factors + <usize>j * 8, length == 0 ? sign : sign / length);
  }
  arrange(k, long, Y, order, factors, A, ldY);
  // Values in their order; then for the short rows the signs alone.
  for (let j = 0; j < k; j++) {
    const i = <usize>load<i32>(order + <usize>j * 4);
    store<f64>(Y + <usize>j * 8, load<f64>(s + i * 8));
    const factor = load<f64>(factors + <usize>j * 8);
    store<f64>(factors + <usize>j * 8, factor < 0 ? -1 : 1);
  }
  arrange(k, k, Z, order, factors, B, ldZ);
  memory.copy(s, Y, <usize>k * 8);
  for (let j = 0; j < k; j++) {
    if (load<f64>(s + <usize>j * 8) == 0) complete(j, long, A, ldY, Y);
  }
}

/** Makes row `j` of `A` a unit vector that is orthogonal to those above it. */
function complete(j: i32, n: i32, A: usize, ld: i32, work: usize): void {
  const row = <usize>ld * 8;
  const a = A + <usize>j * row;
  memory.fill(work, 0, <usize>n * 8);
  for (let i = 0; i < j; i++) {
    for (let c = 0; c < n; c++) {
      const x = load<f64>(A + <usize>i * row + <usize>c * 8);
      store<f64>(work + <usize>c * 8, load<f64>(work + <usize>c * 8) + x * x);
    }
  }
  // The axis that they cover least.
  let best = 0;
  for (let c = 1; c < n; c++) {
    if (load<f64>(work + <usize>c * 8) < load<f64>(work + <usize>best * 8)) best = c;
  }
  memory.fill(a, 0, <usize>n * 8);
  store<f64>(a + <usize>best * 8, 1);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < j; i++) {
      const b = A + <usize>i * row;
      const x = dot(n, a, b);
      for (let c: usize = 0; c < <usize>n * 8; c += 8) {
        store<f64>(a + c, load<f64>(a + c) - x * load<f64>(b + c));
      }
    }
    const length = sqrt(dot(n, a, a));
    for (let c: usize = 0; c < <usize>n * 8; c += 8) store<f64>(a + c, load<f64>(a + c) / length);
  }
  const sign = signOf(n, a);
  for (let c: usize = 0; c < <usize>n * 8; c += 8) store<f64>(a + c, load<f64>(a + c) * sign);
}

function svd<S>(m: i32, n: i32, X: usize, U: usize, s: usize, Vt: usize, work: usize): i32 {
  const k = min(m, n);
  const status = decompose<S>(m, n, X, work);
  if (status == 2) {
    fillNaN<S>(m * k, U);
    fillNaN<S>(k, s);
    fillNaN<S>(k * n, Vt);
    return 0;
  }
  if (status == 1) return 1;
  writeColumns<S>(k, m, rowsU, strideU, U);
  for (let i = 0; i < k; i++) {
    store<S>(s + <usize>i * sizeof<S>(), <S>load<f64>(values + <usize>i * 8));
    const row = rowsV + <usize>i * <usize>strideV * 8;
    const vt = Vt + <usize>i * <usize>n * sizeof<S>();
    for (let j = 0; j < n; j++) {
      store<S>(vt + <usize>j * sizeof<S>(), <S>load<f64>(row + <usize>j * 8));
    }
  }
  return 0;
}

/** How many values count; the rows of `V` that do are divided by them. */
function divideByValues(k: i32, n: i32, rcond: f64): i32 {
  const bound = rcond * load<f64>(values);
  let rank = 0;
  for (; rank < k; rank++) {
    const s = load<f64>(values + <usize>rank * 8);
    if (!(s > bound)) break;
    const row = rowsV + <usize>rank * <usize>strideV * 8;
    for (let j = 0; j < n; j++) store<f64>(row + <usize>j * 8, load<f64>(row + <usize>j * 8) / s);
  }
  return rank;
}

/** `Y` = X⁺ = V·Diag(1/s)·Uᵀ. `work` has room for n·m more numbers than `svd` needs. */
function pinv<S>(m: i32, n: i32, rcond: f64, X: usize, Y: usize, work: usize): i32 {
  const status = decompose<S>(m, n, X, work);
  if (status == 2) fillNaN<S>(n * m, Y);
  if (status != 0) return status & 1;
  const rank = divideByValues(min(m, n), n, rcond);
  const P = sizeof<S>() == 8 ? Y : rest;
  gemm<f64>(1, 0, n, m, rank, 1, rowsV, strideV, rowsU, strideU, 0, P, m);
  if (sizeof<S>() == 4) narrow(n * m, P, Y);
  return 0;
}

function narrow(n: i32, from: usize, to: usize): void {
  for (let i = 0; i < n; i++) store<f32>(to + <usize>i * 4, <f32>load<f64>(from + <usize>i * 8));
}

let rankOfLast: i32 = 0;

/** Prepares for {@link lstsqWith}. */
function lstsq<S>(m: i32, n: i32, rcond: f64, A: usize, work: usize): i32 {
  const status = decompose<S>(m, n, A, work);
  rankOfLast = status == 0 ? divideByValues(min(m, n), n, rcond) : -1;
  return status & 1;
}

/** `Y` (n × k) = A⁺·B. `work` has room for (m + n + rank)·k more numbers than `svd` needs. */
function lstsqWith<S>(m: i32, n: i32, k: i32, B: usize, Y: usize): void {
  const rank = rankOfLast;
  if (rank < 0) return fillNaN<S>(n * k, Y);
  const C = rest;
  const wide = C + <usize>rank * <usize>k * 8;
  const result = wide + <usize>m * <usize>k * 8;
  if (sizeof<S>() == 4) copyRows<S, f64>(m, k, B, k, wide, k);
  gemm<f64>(0, 0, rank, k, m, 1, rowsU, strideU, sizeof<S>() == 4 ? wide : B, k, 0, C, k);
  const P = sizeof<S>() == 8 ? Y : result;
  gemm<f64>(1, 0, n, k, rank, 1, rowsV, strideV, C, k, 0, P, k);
  if (sizeof<S>() == 4) narrow(n * k, P, Y);
}

export function svd_f32(m: i32, n: i32, X: usize, U: usize, s: usize, V: usize, w: usize): i32 {
  return svd<f32>(m, n, X, U, s, V, w);
}

export function svd_f64(m: i32, n: i32, X: usize, U: usize, s: usize, V: usize, w: usize): i32 {
  return svd<f64>(m, n, X, U, s, V, w);
}

export function pinv_f32(m: i32, n: i32, rcond: f64, X: usize, Y: usize, w: usize): i32 {
  return pinv<f32>(m, n, rcond, X, Y, w);
}

export function pinv_f64(m: i32, n: i32, rcond: f64, X: usize, Y: usize, w: usize): i32 {
  return pinv<f64>(m, n, rcond, X, Y, w);
}

export function lstsq_f32(m: i32, n: i32, rcond: f64, A: usize, w: usize): i32 {
  return lstsq<f32>(m, n, rcond, A, w);
}

export function lstsq_f64(m: i32, n: i32, rcond: f64, A: usize, w: usize): i32 {
  return lstsq<f64>(m, n, rcond, A, w);
}

export function lstsqWith_f32(m: i32, n: i32, k: i32, B: usize, Y: usize): void {
  lstsqWith<f32>(m, n, k, B, Y);
}

export function lstsqWith_f64(m: i32, n: i32, k: i32, B: usize, Y: usize): void {
  lstsqWith<f64>(m, n, k, B, Y);
}
