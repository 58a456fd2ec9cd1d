import { lanes, madd } from "./memory";

// The innermost part of a product: tiles of C that stay in registers while k runs.

// What all tiles of a product share: sizes and strides in bytes. `tiles` sets it.
let K: usize = 0;
let ROW_A: usize = 0;
let STEP_A: usize = 0;
let STEP_B: usize = 0;

// @ts-ignore: decorator
@inline
function splat<T>(from: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(from) : v128.load64_splat(from);
}

/**
 * c = A·B for `rows` (known when compiled) of A by two vectors of B, or by one where not `wide`.
 *
 * Five rows by two vectors are ten sums, two vectors of B, one element of A and one product: with
 * six rows, or with k unrolled, V8 runs out of its fifteen registers. Its order of loads follows
 * that of the stores at the end, so nothing else may follow the loop (c += A·B, say), and each tile
 * is a function of its own: inlined into a loop around it, one is half as fast.
 */
// @ts-ignore: decorator
@inline
function tile<T>(
  rows: i32,
  wide: bool,
  a: usize,
  b: usize,
  c: usize,
  rowC: usize,
): void {
  const zero = v128.splat<T>(0);
  let c00 = zero;
  let c01 = zero;
  let c10 = zero;
  let c11 = zero;
  let c20 = zero;
  let c21 = zero;
  let c30 = zero;
  let c31 = zero;
  let c40 = zero;
  let c41 = zero;
  const rowA = ROW_A;
  const stepA = STEP_A;
  const stepB = STEP_B;
  for (const end = b + K * stepB; b < end; b += stepB, a += stepA) {
    const b0 = v128.load(b);
    const b1 = wide ? v128.load(b, 16) : b0;
    let x = splat<T>(a);
    c00 = madd<T>(x, b0, c00);
    if (wide) c01 = madd<T>(x, b1, c01);
    let row = a;
    if (rows > 1) {
      x = splat<T>((row += rowA));
      c10 = madd<T>(x, b0, c10);
      if (wide) c11 = madd<T>(x, b1, c11);
    }
    if (rows > 2) {
      x = splat<T>((row += rowA));
      c20 = madd<T>(x, b0, c20);
      if (wide) c21 = madd<T>(x, b1, c21);
    }
    if (rows > 3) {
      x = splat<T>((row += rowA));
      c30 = madd<T>(x, b0, c30);
      if (wide) c31 = madd<T>(x, b1, c31);
    }
    if (rows > 4) {
      x = splat<T>((row += rowA));
      c40 = madd<T>(x, b0, c40);
      if (wide) c41 = madd<T>(x, b1, c41);
    }
  }
  v128.store(c, c00);
  if (wide) v128.store(c, c01, 16);
  if (rows > 1) {
    c += rowC;
    v128.store(c, c10);
    if (wide) v128.store(c, c11, 16);
  }
  if (rows > 2) {
    c += rowC;
    v128.store(c, c20);
    if (wide) v128.store(c, c21, 16);
  }
  if (rows > 3) {
    c += rowC;
    v128.store(c, c30);
    if (wide) v128.store(c, c31, 16);
  }
  if (rows > 4) {
    c += rowC;
    v128.store(c, c40);
    if (wide) v128.store(c, c41, 16);
  }
}
function wide5<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(5, true, a, b, c, rowC);
}

function wide4<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(4, true, a, b, c, rowC);
}

function wide3<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(3, true, a, b, c, rowC);
}

function wide2<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(2, true, a, b, c, rowC);
}

function wide1<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(1, true, a, b, c, rowC);
}

function narrow5<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(5, false, a, b, c, rowC);
}

function narrow4<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(4, false, a, b, c, rowC);
}

function narrow3<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(3, false, a, b, c, rowC);
}

function narrow2<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(2, false, a, b, c, rowC);
}

function narrow1<T>(a: usize, b: usize, c: usize, rowC: usize): void {
  tile<T>(1, false, a, b, c, rowC);
}

// @ts-ignore: decorator
@inline
function run<T>(wide: bool, rows: i32, a: usize, b: usize, c: usize, rowC: usize): void {
  if (wide) {
    if (rows == 5) wide5<T>(a, b, c, rowC);
    else if (rows == 4) wide4<T>(a, b, c, rowC);
    else if (rows == 3) wide3<T>(a, b, c, rowC);
    else if (rows == 2) wide2<T>(a, b, c, rowC);
    else wide1<T>(a, b, c, rowC);
  } else if (rows == 5) narrow5<T>(a, b, c, rowC);
  else if (rows == 4) narrow4<T>(a, b, c, rowC);
  else if (rows == 3) narrow3<T>(a, b, c, rowC);
  else if (rows == 2) narrow2<T>(a, b, c, rowC);
  else narrow1<T>(a, b, c, rowC);
}

/** Bytes from row to row of a tile that is not put straight into C. */
const ROW: usize = 32;

/** C = alpha·X + beta·C for a tile X; C is not read where beta is 0. */
export function put<T>(
  rows: i32,
  columns: i32,
  x: usize,
  alpha: T,
  beta: T,
  c: usize,
  rowC: usize,
): void {
  const u = v128.splat<T>(alpha);
  const v = v128.splat<T>(beta);
  for (; rows > 0; rows--, x += ROW, c += rowC) {
    let j = 0;
    for (; j + lanes<T>() <= columns; j += lanes<T>()) {
      const at = <usize>j * sizeof<T>();
      const y = v128.mul<T>(u, v128.load(x + at));
      v128.store(c + at, beta == 0 ? y : madd<T>(v, v128.load(c + at), y));
    }
    for (; j < columns; j++) {
      const at = <usize>j * sizeof<T>();
      const y = alpha * load<T>(x + at);
      store<T>(c + at, beta == 0 ? y : y + beta * load<T>(c + at));
    }
  }
}

/** The strides of the products that follow: of A from row to row and along a row, of B's rows. */
export function stride(k: i32, rowA: usize, stepA: usize, stepB: usize): void {
  K = <usize>k;
  ROW_A = rowA;
  STEP_A = stepA;
  STEP_B = stepB;
}

/**
 * C = alpha·A·B + beta·C for m rows by up to two vectors of columns. B has all lanes of its vectors;
 * of C only `columns` are written. `room` is space for one tile.
 */
export function tiles<T>(
  m: i32,
  columns: i32,
  a: usize,
  b: usize,
  alpha: T,
  beta: T,
  c: usize,
  rowC: usize,
  room: usize,
): void {
  const wide = columns > lanes<T>();
  const direct = columns % lanes<T>() == 0 && alpha == 1 && beta == 0;
  while (m > 0) {
    // Fives and fours make up any m from 12 on.
    const rows = m > 16 || m % 5 == 0 ? 5 : min(m, 4);
    if (direct) {
      run<T>(wide, rows, a, b, c, rowC);
    } else {
      run<T>(wide, rows, a, b, room, ROW);
      put<T>(rows, columns, room, alpha, beta, c, rowC);
    }
    a += <usize>rows * ROW_A;
    c += <usize>rows * rowC;
    m -= rows;
  }
}
