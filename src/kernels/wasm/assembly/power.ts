import { gemm } from "./gemm";
import { inverse_f32, inverse_f64 } from "./inverse";

function bytesOf<T>(n: i32): usize {
  return (<usize>n * <usize>n * sizeof<T>() + 63) & ~63;
}

/** The workspace holds the inverse and an intermediate power, and what the inversion needs. */
function roomFor<T>(n: i32): usize {
  return 2 * bytesOf<T>(n) + 8 * <usize>n * (2 * <usize>n + 68) + 128;
}

/**
 * `Y = Xᵏ`, by the binary digits of k, highest first: each squares what there is, and a one multiplies
 * it by X. Returns 1 where the inverse is in doubt.
 */
function matrixPower<T>(n: i32, k: f64, X: usize, Y: usize, work: usize): i32 {
  const spare = work + bytesOf<T>(n);
  let base = X;
  if (k < 0) {
    base = work;
    const room = spare + bytesOf<T>(n);
    const doubt = sizeof<T>() == 4 ? inverse_f32(n, X, base, room) : inverse_f64(n, X, base, room);
    if (doubt) return 1;
  }
  let rest = abs(k);
  if (rest == 0) {
    identity<T>(n, Y);
    return 0;
  }
  let digit: f64 = 1;
  while (digit * 2 <= rest) digit *= 2;
  rest -= digit;
  let power = base;
  let next = Y;
  for (digit *= 0.5; digit >= 1; digit *= 0.5) {
    gemm<T>(0, 0, n, n, n, 1, power, n, power, n, 0, next, n);
    power = next;
    next = power == Y ? spare : Y;
    if (rest < digit) continue;
    rest -= digit;
    gemm<T>(0, 0, n, n, n, 1, power, n, base, n, 0, next, n);
    power = next;
    next = power == Y ? spare : Y;
  }
  if (power != Y) memory.copy(Y, power, <usize>n * <usize>n * sizeof<T>());
  return 0;
}

function identity<T>(n: i32, Y: usize): void {
  const step = <usize>(n + 1) * sizeof<T>();
  memory.fill(Y, 0, <usize>n * <usize>n * sizeof<T>());
  for (let i = 0, y = Y; i < n; i++, y += step) store<T>(y, 1);
}

export function matrixPowerRoom_f32(n: i32): i32 {
  return <i32>roomFor<f32>(n);
}

export function matrixPowerRoom_f64(n: i32): i32 {
  return <i32>roomFor<f64>(n);
}

export function matrixPower_f32(n: i32, k: f64, X: usize, Y: usize, work: usize): i32 {
  return matrixPower<f32>(n, k, X, Y, work);
}

export function matrixPower_f64(n: i32, k: f64, X: usize, Y: usize, work: usize): i32 {
  return matrixPower<f64>(n, k, X, Y, work);
}
