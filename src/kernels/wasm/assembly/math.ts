// The functions of math, over arrays; the formulas are in exp.ts, log.ts and their like.

import { elu, expm1, fillExp, sigmoid, tanh, vexp } from "./exp";
import { fillLog, log1p, vlog } from "./log";
import { TABLE } from "./memory";
import { signBit } from "./vector";

export { vexp, vlog };

/** `eˣ` of one number. */
// @ts-ignore: decorator
@inline
export function sexp<T>(x: T): T {
  return v128.extract_lane<T>(vexp<T>(v128.splat<T>(x)), 0);
}

/** The natural logarithm of one number. */
// @ts-ignore: decorator
@inline
export function slog<T>(x: T): T {
  return v128.extract_lane<T>(vlog<T>(v128.splat<T>(x)), 0);
}

/** Writes the constants of them all. */
export function fillMath(): void {
  fillExp();
  fillLog();
}

const EXP: i32 = 0;
const EXPM1: i32 = 1;
const TANH: i32 = 2;
const SIGMOID: i32 = 3;
const ELU: i32 = 4;
const LOG: i32 = 5;
const LOG1P: i32 = 6;
const SOFTPLUS: i32 = 7;

// @ts-ignore: decorator
@inline
function apply<T>(op: i32, x: v128): v128 {
  if (op == EXP) return vexp<T>(x);
  if (op == EXPM1) return expm1<T>(x);
  if (op == TANH) return tanh<T>(x);
  if (op == SIGMOID) return sigmoid<T>(x);
  if (op == ELU) return elu<T>(x);
  if (op == LOG) return vlog<T>(x);
  if (op == LOG1P) return log1p<T>(x);
  // log(1 + eˣ) without overflow
  const tail = log1p<T>(vexp<T>(v128.or(x, signBit<T>())));
  const above = v128.andnot(x, v128.le<T>(x, v128.splat<T>(<T>0)));
  return v128.add<T>(above, tail);
}

/** Full vectors first; what is left over goes through a vector at the end of the table. */
// @ts-ignore: decorator
@inline
function map<T>(op: i32, n: i32, x: usize, y: usize): void {
  const bytes = <usize>n * sizeof<T>();
  const rest = bytes & 15;
  const pad = TABLE + 32752;
  let end = y + bytes - rest;
  let left: usize = 0;
  for (;;) {
    for (; y < end; x += 16, y += 16) v128.store(y, apply<T>(op, v128.load(x)));
    if (rest == 0) return;
    if (left) break;
    left = y;
    v128.store(pad, v128.load_splat<T>(x));
    for (let i: usize = 0; i < rest; i += sizeof<T>()) store<T>(pad + i, load<T>(x + i));
    x = y = pad;
    end = pad + 16;
  }
  for (let i: usize = 0; i < rest; i += sizeof<T>()) store<T>(left + i, load<T>(pad + i));
}

export function exp_f32(n: i32, x: usize, y: usize): void {
  map<f32>(EXP, n, x, y);
}
export function exp_f64(n: i32, x: usize, y: usize): void {
  map<f64>(EXP, n, x, y);
}
export function expm1_f32(n: i32, x: usize, y: usize): void {
  map<f32>(EXPM1, n, x, y);
}
export function expm1_f64(n: i32, x: usize, y: usize): void {
  map<f64>(EXPM1, n, x, y);
}
export function tanh_f32(n: i32, x: usize, y: usize): void {
  map<f32>(TANH, n, x, y);
}
export function tanh_f64(n: i32, x: usize, y: usize): void {
  map<f64>(TANH, n, x, y);
}
export function sigmoid_f32(n: i32, x: usize, y: usize): void {
  map<f32>(SIGMOID, n, x, y);
}
export function sigmoid_f64(n: i32, x: usize, y: usize): void {
  map<f64>(SIGMOID, n, x, y);
}
export function elu_f32(n: i32, x: usize, y: usize): void {
  map<f32>(ELU, n, x, y);
}
export function elu_f64(n: i32, x: usize, y: usize): void {
  map<f64>(ELU, n, x, y);
}
export function log_f32(n: i32, x: usize, y: usize): void {
  map<f32>(LOG, n, x, y);
}
export function log_f64(n: i32, x: usize, y: usize): void {
  map<f64>(LOG, n, x, y);
}
export function log1p_f32(n: i32, x: usize, y: usize): void {
  map<f32>(LOG1P, n, x, y);
}
export function log1p_f64(n: i32, x: usize, y: usize): void {
  map<f64>(LOG1P, n, x, y);
}
export function softplus_f32(n: i32, x: usize, y: usize): void {
  map<f32>(SOFTPLUS, n, x, y);
}
export function softplus_f64(n: i32, x: usize, y: usize): void {
  map<f64>(SOFTPLUS, n, x, y);
}
