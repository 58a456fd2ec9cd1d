// Substitution with a triangular matrix, in place. Small triangles are worked directly, along the
// rows of the right-hand sides; large ones are halved, so that most of the work is a product.
import { gemm } from "./gemm";
import { lanes } from "./memory";
import { copyRows, nmadd, whole } from "./rows";

/** Triangles up to this order are not halved. */
const DIRECT: i32 = 32;

/**
 * Replaces `B` (n × k) by op(M)⁻¹·B. `lower` and `unit` tell of op(M), which transposes if `trans`
 * is not 0: the triangle that is read, and whether its diagonal counts as ones. `k` is 1 (then `ldb`
 * too, and `trans` 0) or a multiple of the lanes.
 */
export function substitute<T>(
  lower: i32,
  trans: i32,
  unit: i32,
  n: i32,
  k: i32,
  M: usize,
  ldm: i32,
  B: usize,
  ldb: i32,
): void {
  const size = sizeof<T>();
  if (k == 1) return substituteVector<T>(lower, unit, n, M, <usize>ldm * size, B);
  const row = trans ? size : <usize>ldm * size;
  const column = trans ? <usize>ldm * size : size;
  const rowB = <usize>ldb * size;
  if (n <= DIRECT) {
    let j = 0;
    for (; j + 4 * lanes<T>() <= k; j += 4 * lanes<T>()) {
      fourVectors<T>(lower, unit, n, M, row, column, B + <usize>j * size, rowB);
    }
    for (; j < k; j += lanes<T>()) {
      oneVector<T>(lower, unit, n, M, row, column, B + <usize>j * size, rowB);
    }
    return;
  }
  // [M₁₁ 0; M₂₁ M₂₂]·[Y₁; Y₂] = [B₁; B₂]: Y₁ = M₁₁⁻¹·B₁, Y₂ = M₂₂⁻¹·(B₂ − M₂₁·Y₁); so from below.
  const top = ((n >> 1) + 15) & ~15;
  const left = n - top;
  const below = B + <usize>top * rowB;
  const M22 = M + <usize>top * (row + column);
  if (lower) {
    substitute<T>(1, trans, unit, top, k, M, ldm, B, ldb);
    const M21 = M + <usize>top * row;
    gemm<T>(trans, 0, left, k, top, -1, M21, ldm, B, ldb, 1, below, ldb);
    substitute<T>(1, trans, unit, left, k, M22, ldm, below, ldb);
  } else {
    substitute<T>(0, trans, unit, left, k, M22, ldm, below, ldb);
    const M12 = M + <usize>top * column;
    gemm<T>(trans, 0, top, k, left, -1, M12, ldm, below, ldb, 1, B, ldb);
    substitute<T>(0, trans, unit, top, k, M, ldm, B, ldb);
  }
}

function fourVectors<T>(
  lower: i32,
  unit: i32,
  n: i32,
  M: usize,
  row: usize,
  column: usize,
  B: usize,
  rowB: usize,
): void {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const b = B + <usize>i * rowB;
    let y0 = v128.load(b);
    let y1 = v128.load(b, 16);
    let y2 = v128.load(b, 32);
    let y3 = v128.load(b, 48);
    const diagonal = M + <usize>i * (row + column);
    let m = lower ? M + <usize>i * row : diagonal + column;
    let y = lower ? B : b + rowB;
    for (let p = 0; p < step; p++) {
      const x = v128.load_splat<T>(m);
      y0 = nmadd<T>(x, v128.load(y), y0);
      y1 = nmadd<T>(x, v128.load(y, 16), y1);
      y2 = nmadd<T>(x, v128.load(y, 32), y2);
      y3 = nmadd<T>(x, v128.load(y, 48), y3);
      m += column;
      y += rowB;
    }
    if (!unit) {
      const d = v128.load_splat<T>(diagonal);
      y0 = v128.div<T>(y0, d);
      y1 = v128.div<T>(y1, d);
      y2 = v128.div<T>(y2, d);
      y3 = v128.div<T>(y3, d);
    }
    v128.store(b, y0);
    v128.store(b, y1, 16);
    v128.store(b, y2, 32);
    v128.store(b, y3, 48);
  }
}

function oneVector<T>(
  lower: i32,
  unit: i32,
  n: i32,
  M: usize,
  row: usize,
  column: usize,
  B: usize,
  rowB: usize,
): void {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const b = B + <usize>i * rowB;
    let y0 = v128.load(b);
    const diagonal = M + <usize>i * (row + column);
    let m = lower ? M + <usize>i * row : diagonal + column;
    let y = lower ? B : b + rowB;
    for (let p = 0; p < step; p++) {
      y0 = nmadd<T>(v128.load_splat<T>(m), v128.load(y), y0);
      m += column;
      y += rowB;
    }
    if (!unit) y0 = v128.div<T>(y0, v128.load_splat<T>(diagonal));
    v128.store(b, y0);
  }
}

/** For one right-hand side: products of the rows of `M` with what is known of the solution. */
function substituteVector<T>(
  lower: i32,
  unit: i32,
  n: i32,
  M: usize,
  row: usize,
  B: usize,
): void {
  const size = sizeof<T>();
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const b = B + <usize>i * size;
    const diagonal = M + <usize>i * (row + size);
    const known = lower
      ? dot<T>(step, M + <usize>i * row, B)
      : dot<T>(step, diagonal + size, b + size);
    const y: T = load<T>(b) - known;
    store<T>(b, unit ? y : <T>(y / load<T>(diagonal)));
  }
}

function dot<T>(n: i32, x: usize, y: usize): T {
  const size = sizeof<T>();
  let s0 = v128.splat<T>(0);
  let s1 = v128.splat<T>(0);
  let i = 0;
  for (; i + 2 * lanes<T>() <= n; i += 2 * lanes<T>()) {
    const at = <usize>i * size;
    s0 = v128.add<T>(s0, v128.mul<T>(v128.load(x + at), v128.load(y + at)));
    s1 = v128.add<T>(s1, v128.mul<T>(v128.load(x + at, 16), v128.load(y + at, 16)));
  }
  s0 = v128.add<T>(s0, s1);
  let sum: T = v128.extract_lane<T>(s0, 0) + v128.extract_lane<T>(s0, 1);
  if (sizeof<T>() == 4) sum += v128.extract_lane<T>(s0, 2) + v128.extract_lane<T>(s0, 3);
  for (; i < n; i++) sum += load<T>(x + <usize>i * size) * load<T>(y + <usize>i * size);
  return sum;
}

/** `Y = M⁻¹·B` (n × k) for a triangle of `M`; `work` has room for n rows of whole vectors. */
function solveTriangular<T>(
  lower: i32,
  unit: i32,
  n: i32,
  k: i32,
  M: usize,
  B: usize,
  Y: usize,
  work: usize,
): void {
  if (k == 1 || whole<T>(k) == k) {
    memory.copy(Y, B, <usize>n * <usize>k * sizeof<T>());
    return substitute<T>(lower, 0, unit, n, k, M, n, Y, k);
  }
  copyRows<T, T>(n, k, B, k, work, whole<T>(k));
  substitute<T>(lower, 0, unit, n, whole<T>(k), M, n, work, whole<T>(k));
  copyRows<T, T>(n, k, work, whole<T>(k), Y, k);
}

export function solveTriangular_f32(
  lower: i32,
  unit: i32,
  n: i32,
  k: i32,
  M: usize,
  B: usize,
  Y: usize,
  work: usize,
): void {
  solveTriangular<f32>(lower, unit, n, k, M, B, Y, work);
}

export function solveTriangular_f64(
  lower: i32,
  unit: i32,
  n: i32,
  k: i32,
  M: usize,
  B: usize,
  Y: usize,
  work: usize,
): void {
  solveTriangular<f64>(lower, unit, n, k, M, B, Y, work);
}
