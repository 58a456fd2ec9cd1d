import { inner } from "./gemv";
import { lanes } from "./memory";

/** Elements to a piece of an inner product; the pieces are added up in float64. */
const PIECE: i32 = 1024;

export function dot<T>(n: i32, x: usize, y: usize, to: usize): void {
  let sum: f64 = 0;
  for (; n > 0; n -= PIECE) {
    sum += <f64>inner<T>(min(n, PIECE), x, y);
    x += <usize>PIECE * sizeof<T>();
    y += <usize>PIECE * sizeof<T>();
  }
  store<T>(to, <T>sum);
}

/** y = u·x for n elements. */
// @ts-ignore: decorator
@inline
function times<T>(n: i32, u: T, x: usize, y: usize): void {
  const v = v128.splat<T>(u);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>(), x += 16, y += 16) {
    v128.store(y, v128.mul<T>(v, v128.load(x)));
  }
  for (; i < n; i++, x += sizeof<T>(), y += sizeof<T>()) store<T>(y, u * load<T>(x));
}

/** Y = A ⊗ B for A (m × n) and B (p × q): row by row, each element of A times a row of B. */
function kron<T>(m: i32, n: i32, p: i32, q: i32, A: usize, B: usize, Y: usize): void {
  const rowA = <usize>n * sizeof<T>();
  const rowB = <usize>q * sizeof<T>();
  for (; m > 0; m--, A += rowA) {
    let b = B;
    for (let r = 0; r < p; r++, b += rowB) {
      if (q == 1) {
        times<T>(n, load<T>(b), A, Y);
        Y += rowA;
        continue;
      }
      for (let a = A; a < A + rowA; a += sizeof<T>(), Y += rowB) times<T>(q, load<T>(a), b, Y);
    }
  }
}

export function dot_f32(n: i32, x: usize, y: usize, to: usize): void {
  dot<f32>(n, x, y, to);
}

export function dot_f64(n: i32, x: usize, y: usize, to: usize): void {
  dot<f64>(n, x, y, to);
}

export function kron_f32(m: i32, n: i32, p: i32, q: i32, A: usize, B: usize, Y: usize): void {
  kron<f32>(m, n, p, q, A, B, Y);
}

export function kron_f64(m: i32, n: i32, p: i32, q: i32, A: usize, B: usize, Y: usize): void {
  kron<f64>(m, n, p, q, A, B, Y);
}
