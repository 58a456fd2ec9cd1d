// Conversions between the dtypes.

export function toBool_f32(n: i32, x: usize, y: usize): void {
  for (const end = y + n; y < end; y++, x += 4) store<u8>(y, load<f32>(x) != 0 ? 1 : 0);
}
export function toBool_f64(n: i32, x: usize, y: usize): void {
  for (const end = y + n; y < end; y++, x += 8) store<u8>(y, load<f64>(x) != 0 ? 1 : 0);
}

/** Fractions are dropped, the range is kept to, and NaN is 0. */
export function toInt32_f32(n: i32, x: usize, y: usize): void {
  for (const end = x + (<usize>n << 2); x < end; y += 4, x += 4) store<i32>(y, <i32>load<f32>(x));
}
export function toInt32_f64(n: i32, x: usize, y: usize): void {
  for (const end = x + (<usize>n << 3); x < end; y += 4, x += 8) store<i32>(y, <i32>load<f64>(x));
}

export function fromBool_f32(n: i32, x: usize, y: usize): void {
  const end = x + n;
  for (; x + 4 <= end; x += 4, y += 16) {
    const words = i16x8.extend_low_i8x16_u(v128.load32_zero(x));
    v128.store(y, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)));
  }
  for (; x < end; x++, y += 4) store<f32>(y, <f32>load<u8>(x));
}
export function fromBool_f64(n: i32, x: usize, y: usize): void {
  for (const end = x + n; x < end; x++, y += 8) store<f64>(y, <f64>load<u8>(x));
}

export function fromInt32_f32(n: i32, x: usize, y: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, y += 4) store<f32>(y, <f32>load<i32>(x));
}
export function fromInt32_f64(n: i32, x: usize, y: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, y += 8) store<f64>(y, <f64>load<i32>(x));
}

/** From float64 to float32. */
export function fromFloat_f32(n: i32, x: usize, y: usize): void {
  const end = y + (<usize>n << 2);
  for (; y + 8 <= end; x += 16, y += 8) {
    v128.store64_lane(y, f32x4.demote_f64x2_zero(v128.load(x)), 0);
  }
  if (y < end) store<f32>(y, <f32>load<f64>(x));
}
/** From float32 to float64. */
export function fromFloat_f64(n: i32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  for (; x + 8 <= end; x += 8, y += 16) {
    v128.store(y, f64x2.promote_low_f32x4(v128.load64_zero(x)));
  }
  if (x < end) store<f64>(y, <f64>load<f32>(x));
}
