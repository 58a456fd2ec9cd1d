// Inverses and solutions, from the LU decomposition.
import { decomposeOnce, forgetInverse, invertedBefore, workIn } from "./kept";
import { decomposeDouble, hasTiny, isDouble, luIn, rowsIn, SPARE } from "./lu";
import { lanes } from "./memory";
import { copyColumn, copyRow, strideOf, whole } from "./rows";
import { substitute } from "./triangular";

/** Columns of L⁻¹ that are made at a time: those of a strip start at its own rows. */
const STRIP: i32 = 64;

/** `Y = scale·X⁻¹` for the X that is kept. */
function inverse<S, T>(n: i32, scale: T, Y: usize, kept: usize): void {
  const work = workIn<S>(kept, n);
  const ld = strideOf<T>(n);
  const Z = luIn(work, n) + <usize>n * <usize>ld * sizeof<T>();
  if (!invertedBefore(kept)) invert<T>(n, luIn(work, n), ld, rowsIn(work), Z);
  for (let i = 0; i < n; i++) {
    const z = Z + <usize>i * <usize>ld * sizeof<T>();
    const y = Y + <usize>i * <usize>n * sizeof<S>();
    copyScaled<S, T>(n, scale, z, y);
  }
}

function copyScaled<S, T>(n: i32, scale: T, z: usize, y: usize): void {
  let j = 0;
  if (sizeof<S>() == sizeof<T>()) {
    const many = v128.splat<T>(scale);
    const zero = v128.splat<T>(0);
    for (; j + lanes<T>() <= n; j += lanes<T>()) {
      const at = <usize>j * sizeof<T>();
      // Adding 0 makes 0 of −0.
      v128.store(y + at, v128.add<T>(v128.mul<T>(v128.load(z + at), many), zero));
    }
  }
  for (; j < n; j++) {
    const x: T = load<T>(z + <usize>j * sizeof<T>()) * scale + 0;
    store<S>(y + <usize>j * sizeof<S>(), <S>x);
  }
}

/** `Z = U⁻¹·L⁻¹·P`; behind Z is room for a row. */
function invert<T>(n: i32, lu: usize, ld: i32, rows: usize, Z: usize): void {
  const size = sizeof<T>();
  const row = <usize>ld * size;
  memory.fill(Z, 0, <usize>n * row);
  for (let i = 0; i < n; i++) store<T>(Z + <usize>i * (row + size), 1);
  const width = n <= STRIP ? 16 : STRIP;
  for (let j = 0; j < n; j += width) {
    const at = <usize>j * (row + size);
    substitute<T>(1, 0, 1, n - j, min(width, whole<T>(n) - j), lu + at, ld, Z + at, ld);
  }
  substitute<T>(0, 0, 0, n, whole<T>(n), lu, ld, Z, ld);
  // Column j belongs to the row of X that became row j.
  const held = Z + <usize>n * row;
  for (let i = 0, z = Z; i < n; i++, z += row) {
    for (let j = 0; j < n; j++) {
      const to = <usize>load<i32>(rows + (<usize>j << 2));
      store<T>(held + to * size, load<T>(z + <usize>j * size));
    }
    copyRow<T, T>(n, held, z);
  }
}

/** Above it, det(X)·X⁻¹ has lost few digits. */
const SAFE: f64 = 1 / 4096;

/**
 * The adjugate, as det(X)·X⁻¹, in float64. Returns 1 where X is not well away from a singular
 * matrix, or its numbers are so large or small that the factors could overflow.
 */
function adjugate<S>(n: i32, X: usize, Y: usize, kept: usize): i32 {
  const work = workIn<S>(kept, n);
  decomposeOnce<S>(n, X, kept);
  if (!isDouble(work)) {
    decomposeDouble<S>(n, X, work);
    forgetInverse(kept);
  }
  const ld = strideOf<f64>(n);
  const lu = luIn(work, n);
  if (hasTiny<f64>(n, lu, ld, SAFE, work + SPARE)) return 1;
  let product: f64 = load<f64>(work);
  for (let k = 0; k < n; k++) {
    const pivot = abs(load<f64>(lu + ((<usize>k * <usize>(ld + 1)) << 3)));
    if (!(pivot > 1e-100 && pivot < 1e100)) return 1;
  }
  const exponent = load<f64>(work + 8);
  if (abs(exponent) > 1000) return 1;
  product *= reinterpret<f64>((<i64>exponent + 1023) << 52);
  inverse<S, f64>(n, product, Y, kept);
  return 0;
}

export function adjugate_f32(n: i32, X: usize, Y: usize, kept: usize): i32 {
  return adjugate<f32>(n, X, Y, kept);
}

export function adjugate_f64(n: i32, X: usize, Y: usize, kept: usize): i32 {
  return adjugate<f64>(n, X, Y, kept);
}

/**
 * `Y = op(X)⁻¹·op(B)` (n × k), where the workspace holds the decomposition of X; `Z` is room for n
 * rows of whole vectors.
 */
export function solveWith<S>(
  transX: i32,
  transB: i32,
  n: i32,
  k: i32,
  B: usize,
  Y: usize,
  work: usize,
  Z: usize,
): void {
  if (sizeof<S>() == 8 || isDouble(work)) {
    solveIn<S, f64>(transX, transB, n, k, B, Y, work, Z);
  } else {
    solveIn<S, f32>(transX, transB, n, k, B, Y, work, Z);
  }
}

function solveIn<S, T>(
  transX: i32,
  transB: i32,
  n: i32,
  k: i32,
  B: usize,
  Y: usize,
  work: usize,
  Z: usize,
): void {
  const ld = strideOf<T>(n);
  const lu = luIn(work, n);
  const rows = rowsIn(work);
  const ldz = k == 1 ? 1 : whole<T>(k);
  // P·X = L·U, so X⁻¹ = U⁻¹·L⁻¹·P, where row i of P·B is row rows[i] of B; and X⁻ᵀ = Pᵀ·L⁻ᵀ·U⁻ᵀ.
  for (let i = 0; i < n; i++) {
    const from = transX ? <usize>i : <usize>load<i32>(rows + (<usize>i << 2));
    const z = Z + <usize>i * <usize>ldz * sizeof<T>();
    if (transB) copyColumn<S, T>(k, B + from * sizeof<S>(), n, z);
    else copyRow<S, T>(k, B + from * <usize>k * sizeof<S>(), z);
  }
  substitute<T>(1, transX, transX ? 0 : 1, n, ldz, lu, ld, Z, ldz);
  substitute<T>(0, transX, transX ? 1 : 0, n, ldz, lu, ld, Z, ldz);
  for (let i = 0; i < n; i++) {
    const to = transX ? <usize>load<i32>(rows + (<usize>i << 2)) : <usize>i;
    const z = Z + <usize>i * <usize>ldz * sizeof<T>();
    copyRow<T, S>(k, z, Y + to * <usize>k * sizeof<S>());
  }
}

export function inverse_f32(n: i32, X: usize, Y: usize, kept: usize): i32 {
  const doubt = decomposeOnce<f32>(n, X, kept);
  if (isDouble(workIn<f32>(kept, n))) inverse<f32, f64>(n, 1, Y, kept);
  else inverse<f32, f32>(n, 1, Y, kept);
  return doubt;
}

export function inverse_f64(n: i32, X: usize, Y: usize, kept: usize): i32 {
  const doubt = decomposeOnce<f64>(n, X, kept);
  inverse<f64, f64>(n, 1, Y, kept);
  return doubt;
}

export function solveKept_f32(
  transX: i32,
  transB: i32,
  n: i32,
  k: i32,
  B: usize,
  Y: usize,
  kept: usize,
  room: usize,
): void {
  solveWith<f32>(transX, transB, n, k, B, Y, workIn<f32>(kept, n), room);
}

export function solveKept_f64(
  transX: i32,
  transB: i32,
  n: i32,
  k: i32,
  B: usize,
  Y: usize,
  kept: usize,
  room: usize,
): void {
  solveWith<f64>(transX, transB, n, k, B, Y, workIn<f64>(kept, n), room);
}
