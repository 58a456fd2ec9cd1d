// Substitution with a triangular matrix, in place. Small triangles are worked directly, along the
// rows of the right-hand sides; large ones are halved, so that most of the work is a product.
import { gemm } from "./gemm";
import { lanes } from "./memory";
import { copyColumn, copyRows, divideRow, nmadd, subtractRows, whole } from "./rows";

/** Triangles up to this order are not halved. */
const DIRECT: i32 = 32;
/** Bytes of so many rows that stay in the nearest cache. */
const NEAR: usize = 512;

/**
 * Replaces `B` (n × k) by op(M)⁻¹·B. `lower` and `unit` tell of op(M), which transposes if `trans`
 * is not 0: the triangle that is read, and whether its diagonal counts as ones. `k` is 1 (then `ldb`
 * too) or a multiple of the lanes.
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
  if (k == 1) return substituteVector<T>(lower, trans, unit, n, M, <usize>ldm * size, B);
  const row = trans ? size : <usize>ldm * size;
  const column = trans ? <usize>ldm * size : size;
  const rowB = <usize>ldb * size;
  if (n <= DIRECT) {
    const width = <usize>k * size;
    for (let j: usize = 0; j < width; j += NEAR) {
      substituteRows<T>(lower, unit, n, M, row, column, B + j, rowB, min(NEAR, width - j));
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

/** Row by row, from the known ones. */
function substituteRows<T>(
  lower: i32,
  unit: i32,
  n: i32,
  M: usize,
  row: usize,
  column: usize,
  B: usize,
  rowB: usize,
  bytes: usize,
): void {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const b = B + <usize>i * rowB;
    const diagonal = M + <usize>i * (row + column);
    const m = lower ? M + <usize>i * row : diagonal + column;
    subtractRows<T>(step, m, column, lower ? B : b + rowB, rowB, b, bytes);
    if (!unit) divideRow<T>(b, bytes, load<T>(diagonal));
  }
}

/**
 * For one right-hand side, along the rows of `M` as they lie: their products with what is known of
 * the solution; or, transposed, what each new part of it takes from the rest.
 */
function substituteVector<T>(
  lower: i32,
  trans: i32,
  unit: i32,
  n: i32,
  M: usize,
  row: usize,
  B: usize,
): void {
  const size = sizeof<T>();
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const start = M + <usize>i * row;
    const diagonal = start + <usize>i * size;
    const b = B + <usize>i * size;
    let y = load<T>(b);
    if (!trans) y -= lower ? dot<T>(step, start, B) : dot<T>(step, diagonal + size, b + size);
    if (!unit) y /= load<T>(diagonal);
    store<T>(b, y);
    if (!trans) continue;
    const left = n - 1 - step;
    if (lower) subtract<T>(left, y, diagonal + size, b + size);
    else subtract<T>(left, y, start, B);
  }
}

/** `y − a·x`, in place. */
function subtract<T>(n: i32, a: T, x: usize, y: usize): void {
  const size = sizeof<T>();
  const many = v128.splat<T>(a);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    const at = <usize>i * size;
    v128.store(y + at, nmadd<T>(many, v128.load(x + at), v128.load(y + at)));
  }
  for (; i < n; i++) {
    const at = <usize>i * size;
    store<T>(y + at, load<T>(y + at) - a * load<T>(x + at));
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

/**
 * `Y = op(M)⁻¹·op(B)` (n × k) for a triangle of op(M); `work` has room for n rows of whole vectors.
 * Returns 1 where a number on the diagonal is 0.
 */
function solveTriangular<T>(
  lower: i32,
  unit: i32,
  transM: i32,
  transB: i32,
  n: i32,
  k: i32,
  M: usize,
  B: usize,
  Y: usize,
  work: usize,
): i32 {
  for (let i = 0; i < n && !unit; i++) {
    if (load<T>(M + <usize>i * <usize>(n + 1) * sizeof<T>()) == 0) return 1;
  }
  const ldz = k == 1 ? 1 : whole<T>(k);
  const Z = ldz == k ? Y : work;
  if (transB) {
    for (let i = 0; i < n; i++) {
      copyColumn<T, T>(k, B + <usize>i * sizeof<T>(), n, Z + <usize>(i * ldz) * sizeof<T>());
    }
  } else {
    copyRows<T, T>(n, k, B, k, Z, ldz);
  }
  substitute<T>(lower, transM, unit, n, ldz, M, n, Z, ldz);
  if (Z != Y) copyRows<T, T>(n, k, Z, ldz, Y, k);
  return 0;
}

export function solveTriangular_f32(
  lower: i32,
  unit: i32,
  transM: i32,
  transB: i32,
  n: i32,
  k: i32,
  M: usize,
  B: usize,
  Y: usize,
  work: usize,
): i32 {
  return solveTriangular<f32>(lower, unit, transM, transB, n, k, M, B, Y, work);
}

export function solveTriangular_f64(
  lower: i32,
  unit: i32,
  transM: i32,
  transB: i32,
  n: i32,
  k: i32,
  M: usize,
  B: usize,
  Y: usize,
  work: usize,
): i32 {
  return solveTriangular<f64>(lower, unit, transM, transB, n, k, M, B, Y, work);
}
