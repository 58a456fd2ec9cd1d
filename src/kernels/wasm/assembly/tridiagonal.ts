// A symmetric matrix of float64 as Q·T·Qᵀ with a tridiagonal T, and the eigenvalues of T.
// Golub and Van Loan, "Matrix Computations", 4th ed., sections 8.3.1 and 8.3.3.
import { madd } from "./memory";
import { CHAINS, dot, rotateChains, total } from "./rotate";
import { nmadd } from "./rows";

/** QL steps, on the average of all eigenvalues; two are usual. */
const STEPS: i32 = 40;
const EPSILON: f64 = 2.220446049250313e-16;

// @ts-ignore: decorator
@inline
function get(x: usize, i: i32): f64 {
  return load<f64>(x + <usize>i * 8);
}

// @ts-ignore: decorator
@inline
function set(x: usize, i: i32, value: f64): void {
  store<f64>(x + <usize>i * 8, value);
}

/**
 * Reads the upper triangle of `A` and leaves the diagonal of T in `d`, the one beside it in `e`, and
 * the vectors v of the reflections H = I − τ·v·vᵀ in the rows of `A` to the right of the diagonal.
 * `work` has room for 3·(n + 2) numbers.
 *
 * H·A·H = A − v·wᵀ − w·vᵀ with w = τ·(p − ½τ·(pᵀv)·v), p = A·v. The subtraction waits for the next
 * step, which in one pass over the matrix subtracts, and multiplies with the next v.
 */
export function tridiagonalize(
  n: i32,
  A: usize,
  ld: i32,
  d: usize,
  e: usize,
  tau: usize,
  work: usize,
): void {
  const row = <usize>ld * 8;
  let v = work;
  const w = v + <usize>(n + 2) * 8;
  const p = w + <usize>(n + 2) * 8;
  memory.fill(work, 0, <usize>(n + 2) * 24);
  for (let k = 0; k < n; k++) {
    const a = A + <usize>k * row;
    subtractFromRow(k, n, v, w, a);
    set(d, k, get(a, k));
    if (k == n - 1) break;
    const t = reflection(n - k - 1, a + <usize>(k + 1) * 8, e + <usize>k * 8);
    set(tau, k, t);
    memory.fill(p + <usize>(k + 1) * 8, 0, <usize>(n - k - 1) * 8);
    let i = k + 1;
    for (; i + 2 <= n; i += 2) twoRows(i, n, A + <usize>i * row, row, v, w, a, p);
    if (i < n) {
      subtractFromRow(i, n, v, w, A + <usize>i * row);
      set(p, i, get(p, i) + get(A + <usize>i * row, i) * get(a, i));
    }
    const half = 0.5 * t * t * dot(n - k - 1, p + <usize>(k + 1) * 8, a + <usize>(k + 1) * 8);
    for (let j = k + 1; j < n; j++) set(w, j, t * get(p, j) - half * get(a, j));
    v = a;
  }
  for (let k = 0; k + 1 < n; k++) {
    // What the passes over groups of vectors read before their starts.
    const from = max(k - 2, 0);
    memory.fill(A + <usize>k * row + <usize>from * 8, 0, <usize>(k + 1 - from) * 8);
  }
}

/** Subtracts v·wᵀ + w·vᵀ from row `i`, from the diagonal on. */
function subtractFromRow(i: i32, n: i32, v: usize, w: usize, a: usize): void {
  const vi = get(v, i);
  const wi = get(w, i);
  for (let j = i; j < n; j++) set(a, j, get(a, j) - vi * get(w, j) - wi * get(v, j));
}

/** Turns the `count` numbers at `x` onto the first axis: leaves v there, the length in `e`; gives τ. */
function reflection(count: i32, x: usize, e: usize): f64 {
  const top = load<f64>(x);
  const below = dot(count - 1, x + 8, x + 8);
  store<f64>(x, 1);
  if (below == 0) {
    store<f64>(e, top);
    return 0;
  }
  const length = sqrt(top * top + below);
  const left = top > 0 ? -length : length; // so that top − left does not cancel
  for (let i = 1; i < count; i++) set(x, i, get(x, i) / (top - left));
  store<f64>(e, left);
  return (left - top) / left;
}

/**
 * Subtracts from the rows i and i + 1, and adds to `p` what these (and by symmetry, these columns)
 * contribute to A·u.
 */
function twoRows(
  i: i32,
  n: i32,
  a: usize,
  row: usize,
  v: usize,
  w: usize,
  u: usize,
  p: usize,
): void {
  const b = a + row;
  const v0 = get(v, i);
  const v1 = get(v, i + 1);
  const w0 = get(w, i);
  const w1 = get(w, i + 1);
  const u0 = get(u, i);
  const u1 = get(u, i + 1);
  const a00 = get(a, i) - 2 * v0 * w0;
  const a01 = get(a, i + 1) - v0 * w1 - w0 * v1;
  const a11 = get(b, i + 1) - 2 * v1 * w1;
  set(a, i, a00);
  set(a, i + 1, a01);
  set(b, i + 1, a11);
  const vv0 = f64x2.splat(v0);
  const vv1 = f64x2.splat(v1);
  const ww0 = f64x2.splat(w0);
  const ww1 = f64x2.splat(w1);
  const uu0 = f64x2.splat(u0);
  const uu1 = f64x2.splat(u1);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let j = i + 2;
  for (; j + 2 <= n; j += 2) {
    const at = <usize>j * 8;
    const vj = v128.load(v + at);
    const wj = v128.load(w + at);
    const uj = v128.load(u + at);
    const x = nmadd<f64>(ww0, vj, nmadd<f64>(vv0, wj, v128.load(a + at)));
    const y = nmadd<f64>(ww1, vj, nmadd<f64>(vv1, wj, v128.load(b + at)));
    v128.store(a + at, x);
    v128.store(b + at, y);
    s0 = madd<f64>(x, uj, s0);
    s1 = madd<f64>(y, uj, s1);
    v128.store(p + at, madd<f64>(y, uu1, madd<f64>(x, uu0, v128.load(p + at))));
  }
  let t0 = total(s0);
  let t1 = total(s1);
  for (; j < n; j++) {
    const x = get(a, j) - v0 * get(w, j) - w0 * get(v, j);
    const y = get(b, j) - v1 * get(w, j) - w1 * get(v, j);
    set(a, j, x);
    set(b, j, y);
    t0 += x * get(u, j);
    t1 += y * get(u, j);
    set(p, j, get(p, j) + x * u0 + y * u1);
  }
  set(p, i, get(p, i) + t0 + a00 * u0 + a01 * u1);
  set(p, i + 1, get(p, i + 1) + t1 + a01 * u0 + a11 * u1);
}

/**
 * Qᵀ of the reflections in the rows of `A`: the unit matrix, whose rows z go through them from the
 * last on, z − τ·(zᵀv)·v. Three at a time, so that each row is read and written less often:
 * the factors of the second and third see what the ones before them take away.
 */
export function formTransposed(n: i32, A: usize, ld: i32, tau: usize, Z: usize): void {
  const row = <usize>ld * 8;
  for (let i = 0; i < n; i++) {
    memory.fill(Z + <usize>i * row, 0, <usize>n * 8);
    set(Z + <usize>i * row, i, 1);
  }
  let k = n - 2;
  for (; k >= 2; k -= 3) {
    const from = k - 1;
    const count = n - from;
    const at = <usize>from * 8;
    const a = A + <usize>k * row + at;
    const b = a - row;
    const c = b - row;
    const ab = dot(count, a, b);
    const ac = dot(count, a, c);
    const bc = dot(count, b, c);
    const ta = get(tau, k);
    const tb = get(tau, k - 1);
    const tc = get(tau, k - 2);
    for (let i = from; i < n; i++) {
      const z = Z + <usize>i * row + at;
      threeDots(count, z, a, b, c);
      const fa = ta * dotA;
      const fb = tb * (dotB - fa * ab);
      const fc = tc * (dotC - fa * ac - fb * bc);
      subtractThree(count, z, fa, a, fb, b, fc, c);
    }
  }
  for (; k >= 0; k--) {
    const from = k + 1;
    const v = A + <usize>k * row + <usize>from * 8;
    for (let i = from; i < n; i++) {
      const z = Z + <usize>i * row + <usize>from * 8;
      const f = get(tau, k) * dot(n - from, z, v);
      for (let j = 0; j < n - from; j++) set(z, j, get(z, j) - f * get(v, j));
    }
  }
}

let dotA: f64 = 0;
let dotB: f64 = 0;
let dotC: f64 = 0;

function threeDots(n: i32, z: usize, a: usize, b: usize, c: usize): void {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let r0 = s0;
  let r1 = s0;
  let r2 = s0;
  let i: usize = 0;
  const end = <usize>n * 8;
  for (; i + 32 <= end; i += 32) {
    const x = v128.load(z + i);
    const y = v128.load(z + i, 16);
    s0 = madd<f64>(x, v128.load(a + i), s0);
    s1 = madd<f64>(x, v128.load(b + i), s1);
    s2 = madd<f64>(x, v128.load(c + i), s2);
    r0 = madd<f64>(y, v128.load(a + i, 16), r0);
    r1 = madd<f64>(y, v128.load(b + i, 16), r1);
    r2 = madd<f64>(y, v128.load(c + i, 16), r2);
  }
  let ta = total(f64x2.add(s0, r0));
  let tb = total(f64x2.add(s1, r1));
  let tc = total(f64x2.add(s2, r2));
  for (; i < end; i += 8) {
    const x = load<f64>(z + i);
    ta += x * load<f64>(a + i);
    tb += x * load<f64>(b + i);
    tc += x * load<f64>(c + i);
  }
  dotA = ta;
  dotB = tb;
  dotC = tc;
}

function subtractThree(
  n: i32,
  z: usize,
  fa: f64,
  a: usize,
  fb: f64,
  b: usize,
  fc: f64,
  c: usize,
): void {
  const va = f64x2.splat(fa);
  const vb = f64x2.splat(fb);
  const vc = f64x2.splat(fc);
  let i: usize = 0;
  const end = <usize>n * 8;
  for (; i + 16 <= end; i += 16) {
    const x = nmadd<f64>(va, v128.load(a + i), v128.load(z + i));
    const y = nmadd<f64>(vb, v128.load(b + i), x);
    v128.store(z + i, nmadd<f64>(vc, v128.load(c + i), y));
  }
  for (; i < end; i += 8) {
    const x = load<f64>(z + i) - fa * load<f64>(a + i) - fb * load<f64>(b + i);
    store<f64>(z + i, x - fc * load<f64>(c + i));
  }
}

/**
 * The implicit QL method: leaves the eigenvalues of T in `d`, and turns the rows of `Z` into their
 * vectors. `work` has room for 33·(n + 2) numbers. Returns 0, or 1 where it finds no end.
 */
export function implicitQL(n: i32, d: usize, e: usize, work: usize, Z: usize, ld: i32): i32 {
  const ends = work;
  const turns = work + <usize>CHAINS * 8;
  const step = <usize>n * 16;
  if (n > 0) set(e, n - 1, 0);
  let left = STEPS * n;
  let chains = 0;
  for (let l = 0; l < n; l++) {
    for (;;) {
      let m = l;
      while (m < n - 1 && !isNegligible(get(e, m), get(d, m), get(d, m + 1))) m++;
      if (m == l) break;
      if (left-- == 0) return 1;
      const first = stepQL(l, m, d, e, turns + <usize>chains * step);
      store<i32>(ends + <usize>chains * 8, first);
      store<i32>(ends + <usize>chains * 8, m, 4);
      chains++;
      if (chains < CHAINS) continue;
      rotateChains(chains, ends, turns, step, Z, ld, n);
      chains = 0;
    }
  }
  rotateChains(chains, ends, turns, step, Z, ld, n);
  return 0;
}

// @ts-ignore: decorator
@inline
function isNegligible(e: f64, d0: f64, d1: f64): bool {
  return abs(e) <= EPSILON * sqrt(abs(d0)) * sqrt(abs(d1)) || abs(e) < 1e-150;
}

/** One step on the rows l to m, with Wilkinson's shift; gives where its chain of rotations ends. */
function stepQL(l: i32, m: i32, d: usize, e: usize, turns: usize): i32 {
  let g = (get(d, l + 1) - get(d, l)) / (2 * get(e, l));
  let r = sqrt(g * g + 1);
  g = get(d, m) - get(d, l) + get(e, l) / (g + (g < 0 ? -r : r));
  let s: f64 = 1;
  let c: f64 = 1;
  let p: f64 = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * get(e, i);
    const b = c * get(e, i);
    r = sqrt(f * f + g * g);
    set(e, i + 1, r);
    if (r == 0) {
      set(d, i + 1, get(d, i + 1) - p);
      set(e, m, 0);
      return i + 1;
    }
    s = f / r;
    c = g / r;
    g = get(d, i + 1) - p;
    const t = (get(d, i) - g) * s + 2 * c * b;
    p = s * t;
    set(d, i + 1, g + p);
    g = c * t - b;
    set(turns, 2 * i, c);
    set(turns, 2 * i + 1, s);
  }
  set(d, l, get(d, l) - p);
  set(e, l, g);
  set(e, m, 0);
  return l;
}
