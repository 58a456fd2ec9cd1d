// The functions of math, over arrays; the formulas are in exp.ts, log.ts and their like.

import { acos, asin, atan, fillArc } from "./arc";
import { erf, fillErf, gelu } from "./erf";
import { cosh, elu, expm1, fillExp, sigmoid, sinh, tanh, vexp } from "./exp";
import { fillHanek } from "./hanek";
import { fillLog, log1p, softplus, vlog } from "./log";
import { TABLE } from "./memory";
import { fillPow } from "./pow";
import { COS, fillTrig, SIN, TAN, trig } from "./trig";

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
  fillTrig();
  fillHanek();
  fillArc();
  fillErf();
  fillPow();
}

const EXP: i32 = 0;
const EXPM1: i32 = 1;
const TANH: i32 = 2;
const SIGMOID: i32 = 3;
const ELU: i32 = 4;
const LOG: i32 = 5;
const LOG1P: i32 = 6;
const SOFTPLUS: i32 = 7;

// Of those calculated as float64; SIN, COS and TAN come before.
const ASIN: i32 = 3;
const ACOS: i32 = 4;
const ATAN: i32 = 5;
const SINH: i32 = 6;
const COSH: i32 = 7;
const ERF: i32 = 8;
const GELU: i32 = 9;

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
  return softplus<T>(x);
}

/** Functions for which float32 is calculated as float64, two at a time. */
// @ts-ignore: decorator
@inline
function applyWide<T>(op: i32, x: v128): v128 {
  if (op <= TAN) return trig<T>(op, x);
  if (op == ASIN) return asin<T>(x);
  if (op == ACOS) return acos(x);
  if (op == ATAN) return atan(x);
  if (op == SINH) return sinh(x);
  if (op == COSH) return cosh(x);
  return op == ERF ? erf<T>(x) : gelu<T>(x);
}

// @ts-ignore: decorator
@inline
function one<T>(wide: bool, op: i32, x: usize, y: usize): void {
  if (!wide) v128.store(y, apply<T>(op, v128.load(x)));
  else if (sizeof<T>() == 8) v128.store(y, applyWide<T>(op, v128.load(x)));
  else {
    const pair = applyWide<T>(op, f64x2.promote_low_f32x4(v128.load64_zero(x)));
    v128.store64_lane(y, f32x4.demote_f64x2_zero(pair), 0);
  }
}

/** Full vectors first; what is left over goes through a vector at the end of the table. */
// @ts-ignore: decorator
@inline
function map<T>(wide: bool, op: i32, n: i32, x: usize, y: usize): void {
  const step: usize = wide ? 2 * sizeof<T>() : 16;
  const bytes = <usize>n * sizeof<T>();
  const rest = bytes & (step - 1);
  const pad = TABLE + 32752;
  let end = y + bytes - rest;
  let left: usize = 0;
  for (;;) {
    for (; y < end; x += step, y += step) one<T>(wide, op, x, y);
    if (rest == 0) return;
    if (left) break;
    left = y;
    v128.store(pad, v128.load_splat<T>(x));
    for (let i: usize = 0; i < rest; i += sizeof<T>()) store<T>(pad + i, load<T>(x + i));
    x = y = pad;
    end = pad + step;
  }
  for (let i: usize = 0; i < rest; i += sizeof<T>()) store<T>(left + i, load<T>(pad + i));
}

export function exp_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, EXP, n, x, y);
}
export function exp_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, EXP, n, x, y);
}
export function expm1_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, EXPM1, n, x, y);
}
export function expm1_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, EXPM1, n, x, y);
}
export function tanh_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, TANH, n, x, y);
}
export function tanh_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, TANH, n, x, y);
}
export function sigmoid_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, SIGMOID, n, x, y);
}
export function sigmoid_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, SIGMOID, n, x, y);
}
export function elu_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, ELU, n, x, y);
}
export function elu_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, ELU, n, x, y);
}
export function log_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, LOG, n, x, y);
}
export function log_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, LOG, n, x, y);
}
export function log1p_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, LOG1P, n, x, y);
}
export function log1p_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, LOG1P, n, x, y);
}
export function softplus_f32(n: i32, x: usize, y: usize): void {
  map<f32>(false, SOFTPLUS, n, x, y);
}
export function softplus_f64(n: i32, x: usize, y: usize): void {
  map<f64>(false, SOFTPLUS, n, x, y);
}
export function sin_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, SIN, n, x, y);
}
export function sin_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, SIN, n, x, y);
}
export function cos_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, COS, n, x, y);
}
export function cos_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, COS, n, x, y);
}
export function tan_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, TAN, n, x, y);
}
export function tan_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, TAN, n, x, y);
}
export function asin_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, ASIN, n, x, y);
}
export function asin_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, ASIN, n, x, y);
}
export function acos_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, ACOS, n, x, y);
}
export function acos_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, ACOS, n, x, y);
}
export function atan_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, ATAN, n, x, y);
}
export function atan_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, ATAN, n, x, y);
}
export function sinh_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, SINH, n, x, y);
}
export function sinh_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, SINH, n, x, y);
}
export function cosh_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, COSH, n, x, y);
}
export function cosh_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, COSH, n, x, y);
}
export function erf_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, ERF, n, x, y);
}
export function erf_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, ERF, n, x, y);
}
export function gelu_f32(n: i32, x: usize, y: usize): void {
  map<f32>(true, GELU, n, x, y);
}
export function gelu_f64(n: i32, x: usize, y: usize): void {
  map<f64>(true, GELU, n, x, y);
}
