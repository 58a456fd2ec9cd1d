export function fill_f32(n: i32, to: usize, value: f64): void {
  const v = f32x4.splat(<f32>value);
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(to + (<usize>i << 2), v);
  for (; i < n; i++) store<f32>(to + (<usize>i << 2), <f32>value);
}

export function fill_f64(n: i32, to: usize, value: f64): void {
  const v = f64x2.splat(value);
  let i = 0;
  for (; i + 2 <= n; i += 2) v128.store(to + (<usize>i << 3), v);
  for (; i < n; i++) store<f64>(to + (<usize>i << 3), value);
}
