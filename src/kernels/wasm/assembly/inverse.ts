// Inverses and solutions, from the LU decomposition.
import { decompose, decomposeIn, hasTiny, isDouble, luIn, rowsIn, SPARE } from "./lu";
import { copyColumn, copyRow, strideOf, whole } from "./rows";
import { substitute } from "./triangular";

/** Columns of L⁻¹ that are made at a time: those of a strip start at its own rows. */
const STRIP: i32 = 64;

/** `Y = scale·X⁻¹`, where the workspace holds the decomposition of X. */
function inverse<S, T>(n: i32, scale: T, Y: usize, work: usize): void {
  const ld = strideOf<T>(n);
  const lu = luIn(work, n);
  const size = sizeof<T>();
  const row = <usize>ld * size;
  const Z = lu + <usize>n * row;
  memory.fill(Z, 0, <usize>n * row);
  for (let i = 0; i < n; i++) store<T>(Z + <usize>i * (row + size), 1);
  const width = n <= STRIP ? 16 : STRIP;
  for (let j = 0; j < n; j += width) {
    const at = <usize>j * (row + size);
    substitute<T>(1, 0, 1, n - j, min(width, whole<T>(n) - j), lu + at, ld, Z + at, ld);
  }
  substitute<T>(0, 0, 0, n, whole<T>(n), lu, ld, Z, ld);
  // X⁻¹ = U⁻¹·L⁻¹·P: column j of Z belongs to the row of X that became row j.
  const rows = rowsIn(work);
  for (let i = 0; i < n; i++) {
    const z = Z + <usize>i * row;
    const y = Y + <usize>i * <usize>n * sizeof<S>();
    for (let j = 0; j < n; j++) {
      const to = <usize>load<i32>(rows + (<usize>j << 2));
      // Adding 0 makes 0 of −0.
      store<S>(y + to * sizeof<S>(), <S>(scale * load<T>(z + <usize>j * size) + 0));
    }
  }
}

/** Above it, det(X)·X⁻¹ has lost few digits. */
const SAFE: f64 = 1 / 4096;

/**
 * The adjugate, as det(X)·X⁻¹, in float64. Returns 1 where X is not well away from a singular
 * matrix, or its numbers are so large or small that the factors could overflow.
 */
function adjugate<S>(n: i32, X: usize, Y: usize, work: usize): i32 {
  decomposeIn<S, f64>(n, X, work);
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
  inverse<S, f64>(n, product, Y, work);
  return 0;
}

export function adjugate_f32(n: i32, X: usize, Y: usize, work: usize): i32 {
  return adjugate<f32>(n, X, Y, work);
}

export function adjugate_f64(n: i32, X: usize, Y: usize, work: usize): i32 {
  return adjugate<f64>(n, X, Y, work);
}

/** `Y = op(X)⁻¹·op(B)` (n × k), where the workspace holds the decomposition of X. */
function solveWith<S, T>(
  transX: i32,
  transB: i32,
  n: i32,
  k: i32,
  B: usize,
  Y: usize,
  work: usize,
): void {
  const ld = strideOf<T>(n);
  const lu = luIn(work, n);
  const rows = rowsIn(work);
  const ldz = k == 1 ? 1 : whole<T>(k);
  const Z = lu + <usize>n * <usize>ld * sizeof<T>();
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

export function inverse_f32(n: i32, X: usize, Y: usize, work: usize): i32 {
  const doubt = decompose<f32>(n, X, work);
  if (isDouble(work)) inverse<f32, f64>(n, 1, Y, work);
  else inverse<f32, f32>(n, 1, Y, work);
  return doubt;
}

export function inverse_f64(n: i32, X: usize, Y: usize, work: usize): i32 {
  const doubt = decompose<f64>(n, X, work);
  inverse<f64, f64>(n, 1, Y, work);
  return doubt;
}

export function solveWith_f32(
  transX: i32,
  transB: i32,
  n: i32,
  k: i32,
  B: usize,
  Y: usize,
  work: usize,
): void {
  if (isDouble(work)) solveWith<f32, f64>(transX, transB, n, k, B, Y, work);
  else solveWith<f32, f32>(transX, transB, n, k, B, Y, work);
}

export function solveWith_f64(
  transX: i32,
  transB: i32,
  n: i32,
  k: i32,
  B: usize,
  Y: usize,
  work: usize,
): void {
  solveWith<f64, f64>(transX, transB, n, k, B, Y, work);
}
