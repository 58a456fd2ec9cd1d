/**
 * Copies `T`, so many n × n matrices, to `Y`; returns 1 where an element of a diagonal is at most
 * `rounding` times the sum of the sizes above it, each times that of row j of `L` if it is not 0.
 */
function regular<T>(count: i32, n: i32, rounding: f64, X: usize, L: usize, Y: usize): i32 {
  const size = sizeof<T>();
  const row = <usize>n * size;
  const step = <usize>n * row;
  memory.copy(Y, X, <usize>count * step);
  const end = X + <usize>count * step;
  for (let x = X, l = L; x < end; x += step, l += step) {
    for (let j = 0; j < n; j++) {
      let sum: f64 = 0;
      let t = x + <usize>j * size;
      let weight = l + <usize>j * row;
      for (let i = 0; i < j; i++, t += row, weight += size) {
        const product = <f64>load<T>(t) * (L ? <f64>load<T>(weight) : 1);
        sum += abs(product);
      }
      if (abs(<f64>load<T>(t)) <= rounding * sum) return 1;
    }
  }
  return 0;
}

export function regular_f32(
  count: i32,
  n: i32,
  rounding: f64,
  X: usize,
  L: usize,
  Y: usize,
): i32 {
  return regular<f32>(count, n, rounding, X, L, Y);
}

export function regular_f64(
  count: i32,
  n: i32,
  rounding: f64,
  X: usize,
  L: usize,
  Y: usize,
): i32 {
  return regular<f64>(count, n, rounding, X, L, Y);
}
