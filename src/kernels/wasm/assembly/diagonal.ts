// Products with a diagonal matrix, which calculus makes often (`diag(s)·X`, the cotangent of a trace):
// n² multiplications instead of n³. A dense matrix shows at its first entries that it is none.

import { lanes } from "./memory";

/** Whether all n·n entries off the diagonal are 0. */
function isDiagonal<T>(n: i32, A: usize): bool {
  const zero = v128.splat<T>(<T>0);
  const w = <i32>sizeof<T>();
  // Between two diagonal entries lie n that are off it.
  for (let i = 0; i + 1 < n; i++) {
    let at = A + <usize>((i * (n + 1) + 1) * w);
    const end = at + <usize>(n * w);
    for (; at + 16 <= end; at += 16) if (v128.any_true(v128.ne<T>(v128.load(at), zero))) return false;
    for (; at < end; at += w) if (load<T>(at) != <T>0) return false;
  }
  return true;
}

/** Whether all are finite: of others, 0 times them is NaN. */
function isFinite<T>(count: i32, X: usize): bool {
  const zero = v128.splat<T>(<T>0);
  let sum = zero;
  let i = 0;
  for (; i + lanes<T>() <= count; i += lanes<T>()) {
    sum = v128.add<T>(sum, v128.mul<T>(v128.load(X + <usize>i * sizeof<T>()), zero));
  }
  let rest: T = v128.extract_lane<T>(sum, 0) + v128.extract_lane<T>(sum, 1);
  if (lanes<T>() == 4) rest += v128.extract_lane<T>(sum, 2) + v128.extract_lane<T>(sum, 3);
  for (; i < count; i++) rest += load<T>(X + <usize>i * sizeof<T>()) * <T>0;
  return rest == <T>0;
}

/** `Y ← D·Y` in place, for a diagonal `D` of order m and `Y` of n columns. */
function scaleRows<T>(m: i32, n: i32, Y: usize, D: usize): void {
  const zero = v128.splat<T>(<T>0);
  for (let i = 0; i < m; i++) {
    const d = load<T>(D + <usize>(i * (m + 1)) * sizeof<T>());
    const all = v128.splat<T>(d);
    let at = Y + <usize>(i * n) * sizeof<T>();
    const end = at + <usize>n * sizeof<T>();
    // + 0, since the products that are left out would have made 0 of −0.
    for (; at + 16 <= end; at += 16) {
      v128.store(at, v128.add<T>(v128.mul<T>(v128.load(at), all), zero));
    }
    for (; at < end; at += sizeof<T>()) store<T>(at, load<T>(at) * d + <T>0);
  }
}

/** `Y ← Y·D` in place, for `Y` of m rows and a diagonal `D` of order n. */
function scaleColumns<T>(m: i32, n: i32, Y: usize, D: usize): void {
  for (let j = 0; j < n; j++) {
    const d = load<T>(D + <usize>(j * (n + 1)) * sizeof<T>());
    let at = Y + <usize>j * sizeof<T>();
    for (let i = 0; i < m; i++, at += <usize>n * sizeof<T>()) {
      store<T>(at, load<T>(at) * d + <T>0);
    }
  }
}

export function isDiagonal_f32(n: i32, A: usize): i32 {
  return <i32>isDiagonal<f32>(n, A);
}

export function isDiagonal_f64(n: i32, A: usize): i32 {
  return <i32>isDiagonal<f64>(n, A);
}

export function allFinite_f32(count: i32, X: usize): i32 {
  return <i32>isFinite<f32>(count, X);
}

export function allFinite_f64(count: i32, X: usize): i32 {
  return <i32>isFinite<f64>(count, X);
}

export function scaleRows_f32(m: i32, n: i32, Y: usize, D: usize): void {
  scaleRows<f32>(m, n, Y, D);
}

export function scaleRows_f64(m: i32, n: i32, Y: usize, D: usize): void {
  scaleRows<f64>(m, n, Y, D);
}

export function scaleColumns_f32(m: i32, n: i32, Y: usize, D: usize): void {
  scaleColumns<f32>(m, n, Y, D);
}

export function scaleColumns_f64(m: i32, n: i32, Y: usize, D: usize): void {
  scaleColumns<f64>(m, n, Y, D);
}
