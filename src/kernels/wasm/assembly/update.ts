// The steps of optimizers, each in one pass over parameters, gradient and averages.

import { lanes, madd } from "./memory";
import { loadSome, storeSome } from "./partial";

/** V = μ v + g, P = p − η V, or P = p − η (g + μ V) */
// @ts-ignore: decorator
@inline
function momentumStep<T>(
  p: usize, g: usize, v: usize, P: usize, V: usize, n: i32, momentum: f64, rate: f64,
  nesterov: bool,
): void {
  const mu = v128.splat<T>(<T>momentum);
  const step = v128.splat<T>(<T>-rate);
  for (let i = 0; i < n; i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    const slope = loadSome<T>(g + at, n - i);
    let along = madd<T>(loadSome<T>(v + at, n - i), mu, slope);
    storeSome<T>(V + at, along, n - i);
    if (nesterov) along = madd<T>(along, mu, slope);
    storeSome<T>(P + at, madd<T>(along, step, loadSome<T>(p + at, n - i)), n - i);
  }
}

export function momentumStep_f32(
  p: usize, g: usize, v: usize, P: usize, V: usize, n: i32, momentum: f64, rate: f64,
  nesterov: bool,
): void {
  momentumStep<f32>(p, g, v, P, V, n, momentum, rate, nesterov);
}

export function momentumStep_f64(
  p: usize, g: usize, v: usize, P: usize, V: usize, n: i32, momentum: f64, rate: f64,
  nesterov: bool,
): void {
  momentumStep<f64>(p, g, v, P, V, n, momentum, rate, nesterov);
}

/** M = β₁ m + (1 − β₁) g, V = β₂ v + (1 − β₂) g², P = (1 − δ) p − η M / (√V + ε) */
// @ts-ignore: decorator
@inline
function adamStep<T>(
  p: usize, g: usize, m: usize, v: usize, P: usize, M: usize, V: usize, n: i32,
  beta1: f64, beta2: f64, rate: f64, epsilon: f64, decay: f64,
): void {
  const b1 = v128.splat<T>(<T>beta1);
  const b2 = v128.splat<T>(<T>beta2);
  const a1 = v128.splat<T>(<T>(1 - beta1));
  const a2 = v128.splat<T>(<T>(1 - beta2));
  const keep = v128.splat<T>(<T>(1 - decay));
  const step = v128.splat<T>(<T>rate);
  const least = v128.splat<T>(<T>epsilon);
  for (let i = 0; i < n; i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    const slope = loadSome<T>(g + at, n - i);
    const mean = madd<T>(loadSome<T>(m + at, n - i), b1, v128.mul<T>(slope, a1));
    const square = v128.mul<T>(v128.mul<T>(slope, a2), slope);
    const size = madd<T>(loadSome<T>(v + at, n - i), b2, square);
    const root = v128.add<T>(v128.sqrt<T>(size), least);
    const move = v128.div<T>(v128.mul<T>(mean, step), root);
    const kept = v128.mul<T>(loadSome<T>(p + at, n - i), keep);
    storeSome<T>(P + at, v128.sub<T>(kept, move), n - i);
    storeSome<T>(M + at, mean, n - i);
    storeSome<T>(V + at, size, n - i);
  }
}

export function adamStep_f32(
  p: usize, g: usize, m: usize, v: usize, P: usize, M: usize, V: usize, n: i32,
  beta1: f64, beta2: f64, rate: f64, epsilon: f64, decay: f64,
): void {
  adamStep<f32>(p, g, m, v, P, M, V, n, beta1, beta2, rate, epsilon, decay);
}

export function adamStep_f64(
  p: usize, g: usize, m: usize, v: usize, P: usize, M: usize, V: usize, n: i32,
  beta1: f64, beta2: f64, rate: f64, epsilon: f64, decay: f64,
): void {
  adamStep<f64>(p, g, m, v, P, M, V, n, beta1, beta2, rate, epsilon, decay);
}
