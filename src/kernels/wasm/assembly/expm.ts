// The matrix exponential and its derivatives, as the reference kernel calculates them: with jets,
// each so many n × n matrices one after the other, one for each subset of the k directions.
import { gemm } from "./gemm";
import { solveWith } from "./inverse";
import { decompose, freeIn } from "./lu";
import { madd } from "./memory";

/** The order, the subsets of the directions, and the bytes of a jet. */
let n: i32 = 0;
let subsets: i32 = 0;
let jet: usize = 0;

/** The workspace: the coefficients, seven jets, room to decompose a matrix. P₁ = B², P₂ = B⁴, … */
let coefficients: usize = 0;
let B: usize = 0;
let P1: usize = 0;
let P2: usize = 0;
let P3: usize = 0;
let U: usize = 0;
let V: usize = 0;
let S: usize = 0;
let room: usize = 0;

/** Divides the workspace up; returns its bytes. */
function layOut<T>(order: i32, k: i32, work: usize): usize {
  n = order;
  subsets = 1 << k;
  jet = (<usize>subsets * <usize>n * <usize>n * sizeof<T>() + 63) & ~63;
  coefficients = work;
  B = work + 128;
  P1 = B + jet;
  P2 = P1 + jet;
  P3 = P2 + jet;
  U = P3 + jet;
  V = U + jet;
  S = V + jet;
  room = S + jet;
  return room - work + 8 * <usize>n * (2 * <usize>n + 68) + 128;
}

// @ts-ignore: decorator
@inline
function part<T>(A: usize, subset: i32): usize {
  return A + <usize>subset * <usize>n * <usize>n * sizeof<T>();
}

/** Y = A·B */
function product<T>(A: usize, B: usize, Y: usize): void {
  for (let all = 0; all < subsets; all++) {
    const y = part<T>(Y, all);
    gemm<T>(0, 0, n, n, n, 1, A, n, part<T>(B, all), n, 0, y, n);
    for (let some = all; some > 0; some = (some - 1) & all) {
      gemm<T>(0, 0, n, n, n, 1, part<T>(A, some), n, part<T>(B, all ^ some), n, 1, y, n);
    }
  }
}

/** Y with A·Y = B; B is overwritten. */
function quotient<T>(A: usize, B: usize, Y: usize): void {
  decompose<T>(n, A, room);
  for (let all = 0; all < subsets; all++) {
    const b = part<T>(B, all);
    for (let some = all; some > 0; some = (some - 1) & all) {
      gemm<T>(0, 0, n, n, n, -1, part<T>(A, some), n, part<T>(Y, all ^ some), n, 1, b, n);
    }
    solveWith<T>(0, 0, n, n, b, part<T>(Y, all), room, freeIn(room, n));
  }
}

/** Y = y·Y + c_i·P₁ + c_(i+2)·P₂ + c_(i+4)·P₃, where powers above the degree have not been made. */
function terms<T>(i: i32, degree: i32, y: T, Y: usize): void {
  const p2 = degree > 3 ? P2 : P1;
  const p3 = degree > 5 ? P3 : P1;
  const a = v128.splat<T>(coefficient<T>(i));
  const b = v128.splat<T>(coefficient<T>(i + 2));
  const c = v128.splat<T>(coefficient<T>(i + 4));
  for (let at: usize = 0; at < jet; at += 16) {
    let sum = y == 0 ? v128.splat<T>(0) : v128.load(Y + at);
    sum = madd<T>(a, v128.load(P1 + at), sum);
    sum = madd<T>(b, v128.load(p2 + at), sum);
    v128.store(Y + at, madd<T>(c, v128.load(p3 + at), sum));
  }
}

// @ts-ignore: decorator
@inline
function coefficient<T>(i: i32): T {
  return <T>load<f64>(coefficients + (<usize>i << 3));
}

/** c₀ = 1, c₁, …, and 0 above the degree. */
function setCoefficients(degree: i32): void {
  let c: f64 = 1;
  for (let j = 0; j < 16; j++) {
    store<f64>(coefficients + (<usize>j << 3), c);
    c *= <f64>(degree - j) / <f64>((j + 1) * (2 * degree - j));
    if (j >= degree) c = 0;
  }
}

function addToDiagonal<T>(x: T, Y: usize): void {
  const step = <usize>(n + 1) * sizeof<T>();
  for (let i = 0, y = Y; i < n; i++, y += step) store<T>(y, load<T>(y) + x);
}

/** The degree for a norm, or the last one: Higham 2005, table 2.3, for both dtypes. */
function degreeFor<T>(norm: f64): i32 {
  if (sizeof<T>() == 4) return norm <= 4.258730016922831e-1 ? 3 : norm <= 1.880152677804762 ? 5 : 7;
  if (norm <= 1.495585217958292e-2) return 3;
  if (norm <= 2.53939833006323e-1) return 5;
  return norm <= 9.504178996162932e-1 ? 7 : 13;
}

/** Where exp of the jet B is left. */
function exponential<T>(norm: f64): usize {
  const limit: f64 = sizeof<T>() == 4 ? 3.925724783138660 : 5.371920351148152;
  let squarings = 0;
  for (let rest = norm; rest > limit; rest *= 0.5) squarings++;
  if (squarings > 0) scale<T>(subsets * n * n, B, -squarings, B);
  const degree = degreeFor<T>(norm);
  setCoefficients(degree);
  product<T>(B, B, P1);
  if (degree > 3) product<T>(P1, P1, P2);
  if (degree > 5) product<T>(P2, P1, P3);
  // The odd terms, then the even ones; powers from 8 on are B⁶ times those from 2 on.
  if (degree == 13) {
    terms<T>(9, degree, 0, U);
    product<T>(P3, U, S);
    terms<T>(8, degree, 0, U);
    product<T>(P3, U, V);
  }
  const more: T = degree == 13 ? 1 : 0;
  terms<T>(3, degree, more, S);
  addToDiagonal<T>(coefficient<T>(1), S);
  product<T>(B, S, U);
  terms<T>(2, degree, more, V);
  addToDiagonal<T>(1, V);
  for (let at: usize = 0; at < jet; at += 16) {
    const u = v128.load(U + at);
    const v = v128.load(V + at);
    v128.store(S + at, v128.sub<T>(v, u));
    v128.store(V + at, v128.add<T>(v, u));
  }
  quotient<T>(S, V, U);
  let from = U;
  let to = V;
  for (; squarings > 0; squarings--) {
    product<T>(from, from, to);
    const held = from;
    from = to;
    to = held;
  }
  return from;
}

/** Y = X·2^exponent, in two steps: the power itself may overflow where the product does not. */
function scale<T>(count: i32, X: usize, exponent: i32, Y: usize): void {
  const half = exponent / 2;
  const a = powerOf2<T>(half);
  const b = powerOf2<T>(exponent - half);
  const end = X + <usize>count * sizeof<T>();
  for (let x = X, y = Y; x < end; x += sizeof<T>(), y += sizeof<T>()) {
    store<T>(y, load<T>(x) * a * b);
  }
}

function powerOf2<T>(exponent: i32): T {
  const factor: T = exponent < 0 ? 0.5 : 2;
  let power: T = 1;
  for (let i = abs(exponent); i > 0; i--) power *= factor;
  return power;
}

/** The largest sum of sizes in a column, or NaN where one is not finite. */
function norm1<T>(X: usize): f64 {
  const row = <usize>n * sizeof<T>();
  let most: f64 = 0;
  for (let j = 0; j < n; j++) {
    const end = X + <usize>n * row;
    let sum: f64 = 0;
    for (let x = X + <usize>j * sizeof<T>(); x < end; x += row) sum += abs(<f64>load<T>(x));
    most = max(most, sum - sum == 0 ? sum : f64.NaN);
  }
  return most;
}

/** The k-th derivative at X along the matrices whose addresses are in `directions`. */
function expm<T>(order: i32, k: i32, X: usize, directions: usize, Y: usize, work: usize): void {
  layOut<T>(order, k, work);
  const count = n * n;
  memory.fill(B, 0, jet);
  memory.copy(B, X, <usize>count * sizeof<T>());
  let norm = norm1<T>(X);
  let exponents = 0;
  // A derivative is linear in each direction, which is therefore scaled to ½ or less.
  for (let h = 0; h < k; h++) {
    const direction = <usize>load<i32>(directions + (<usize>h << 2));
    let size = norm1<T>(direction);
    let exponent = 0;
    if (size > 0 && size - size == 0) {
      for (; size > 0.5; size *= 0.5) exponent++;
      for (; size <= 0.25; size *= 2) exponent--;
    }
    scale<T>(count, direction, -exponent, part<T>(B, 1 << h));
    norm += size;
    exponents += exponent;
  }
  if (norm - norm != 0) {
    for (let i = 0; i < count; i++) store<T>(Y + <usize>i * sizeof<T>(), <T>f64.NaN);
    return;
  }
  scale<T>(count, part<T>(exponential<T>(norm), subsets - 1), exponents, Y);
}

export function expmRoom_f32(n: i32, k: i32): i32 {
  return <i32>layOut<f32>(n, k, 0);
}

export function expmRoom_f64(n: i32, k: i32): i32 {
  return <i32>layOut<f64>(n, k, 0);
}

export function expm_f32(n: i32, k: i32, X: usize, Hs: usize, Y: usize, work: usize): void {
  expm<f32>(n, k, X, Hs, Y, work);
}

export function expm_f64(n: i32, k: i32, X: usize, Hs: usize, Y: usize, work: usize): void {
  expm<f64>(n, k, X, Hs, Y, work);
}
