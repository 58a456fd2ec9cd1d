// Maps of each element by itself that take no more than a few operations.

// What to do is a constant to each exported function, so the choice costs nothing.
const NEG: i32 = 0;
const ABS: i32 = 1;
const SIGN: i32 = 2;
const SQRT: i32 = 3;
const SQUARE: i32 = 4;
const RECIPROCAL: i32 = 5;
const RELU: i32 = 6;
const LEAKY_RELU: i32 = 7;
const CUBE: i32 = 8;
const CLIP: i32 = 9;

// @ts-ignore: decorator
@inline
function apply<T>(op: i32, x: v128, a: v128, b: v128): v128 {
  if (op == NEG) return v128.neg<T>(x);
  if (op == ABS) return v128.abs<T>(x);
  if (op == SIGN) {
    // ±1 with the sign of x; x itself where it is ±0 or NaN
    const one = v128.splat<T>(<T>1);
    const signed = v128.bitselect(x, one, v128.splat<T>(<T>-0.0));
    return v128.bitselect(signed, x, v128.gt<T>(v128.abs<T>(x), v128.splat<T>(<T>0)));
  }
  if (op == SQRT) return v128.sqrt<T>(x);
  if (op == SQUARE) return v128.mul<T>(x, x);
  if (op == RECIPROCAL) return v128.div<T>(v128.splat<T>(<T>1), x);
  // Clears what is not above 0, -0 too, but not NaN.
  if (op == RELU) return v128.andnot(x, v128.le<T>(x, v128.splat<T>(<T>0)));
  if (op == LEAKY_RELU) {
    return v128.bitselect(x, v128.mul<T>(x, a), v128.gt<T>(x, v128.splat<T>(<T>0)));
  }
  if (op == CUBE) return v128.mul<T>(v128.mul<T>(x, x), x);
  return v128.min<T>(v128.max<T>(x, a), b); // CLIP
}

// @ts-ignore: decorator
@inline
function map<T>(op: i32, n: i32, x: usize, y: usize, a: f64 = 0, b: f64 = 0): void {
  const va = v128.splat<T>(<T>a);
  const vb = v128.splat<T>(<T>b);
  const end = y + <usize>n * sizeof<T>();
  for (; y + 64 <= end; x += 64, y += 64) {
    v128.store(y, apply<T>(op, v128.load(x), va, vb));
    v128.store(y, apply<T>(op, v128.load(x, 16), va, vb), 16);
    v128.store(y, apply<T>(op, v128.load(x, 32), va, vb), 32);
    v128.store(y, apply<T>(op, v128.load(x, 48), va, vb), 48);
  }
  for (; y + 16 <= end; x += 16, y += 16) {
    v128.store(y, apply<T>(op, v128.load(x), va, vb));
  }
  for (; y < end; x += sizeof<T>(), y += sizeof<T>()) {
    v128.store_lane<T>(y, apply<T>(op, v128.load_splat<T>(x), va, vb), 0);
  }
}

/** Powers that are a product or a quotient, as they are mostly; whether `exponent` is one. */
export function easyPower<T>(n: i32, x: usize, y: usize, exponent: f64): bool {
  if (exponent == 2) map<T>(SQUARE, n, x, y);
  else if (exponent == 3) map<T>(CUBE, n, x, y);
  else if (exponent == -1) map<T>(RECIPROCAL, n, x, y);
  else return false;
  return true;
}

export function neg_f32(n: i32, x: usize, y: usize): void {
  map<f32>(NEG, n, x, y);
}
export function neg_f64(n: i32, x: usize, y: usize): void {
  map<f64>(NEG, n, x, y);
}
export function abs_f32(n: i32, x: usize, y: usize): void {
  map<f32>(ABS, n, x, y);
}
export function abs_f64(n: i32, x: usize, y: usize): void {
  map<f64>(ABS, n, x, y);
}
export function sign_f32(n: i32, x: usize, y: usize): void {
  map<f32>(SIGN, n, x, y);
}
export function sign_f64(n: i32, x: usize, y: usize): void {
  map<f64>(SIGN, n, x, y);
}
export function sqrt_f32(n: i32, x: usize, y: usize): void {
  map<f32>(SQRT, n, x, y);
}
export function sqrt_f64(n: i32, x: usize, y: usize): void {
  map<f64>(SQRT, n, x, y);
}
export function square_f32(n: i32, x: usize, y: usize): void {
  map<f32>(SQUARE, n, x, y);
}
export function square_f64(n: i32, x: usize, y: usize): void {
  map<f64>(SQUARE, n, x, y);
}
export function reciprocal_f32(n: i32, x: usize, y: usize): void {
  map<f32>(RECIPROCAL, n, x, y);
}
export function reciprocal_f64(n: i32, x: usize, y: usize): void {
  map<f64>(RECIPROCAL, n, x, y);
}
export function relu_f32(n: i32, x: usize, y: usize): void {
  map<f32>(RELU, n, x, y);
}
export function relu_f64(n: i32, x: usize, y: usize): void {
  map<f64>(RELU, n, x, y);
}
export function leakyRelu_f32(n: i32, x: usize, y: usize, slope: f64): void {
  map<f32>(LEAKY_RELU, n, x, y, slope);
}
export function leakyRelu_f64(n: i32, x: usize, y: usize, slope: f64): void {
  map<f64>(LEAKY_RELU, n, x, y, slope);
}
export function clip_f32(n: i32, x: usize, y: usize, low: f64, high: f64): void {
  map<f32>(CLIP, n, x, y, low, high);
}
export function clip_f64(n: i32, x: usize, y: usize, low: f64, high: f64): void {
  map<f64>(CLIP, n, x, y, low, high);
}
