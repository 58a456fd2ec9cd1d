// Products with a matrix of few entries: a diagonal one, which calculus makes often (`diag(s)·X`,
// the cotangent of a trace), and the directions that a Jacobian is made of. They take m·n
// multiplications instead of m·n·k. A dense matrix shows at its first entries that it is none.

import { PACK_PIECE } from "./gemm";
import { lanes, PACK } from "./memory";
import { transpose } from "./transpose";

/** Rows that are looked at before they are multiplied. */
const LOOK: i32 = 4096;
/** Columns of a B that lies transposed which are read side by side. */
const BESIDE: i32 = 32;
/** Parts of PACK: the places of entries, and the entries. */
const PLACES: usize = PACK_PIECE;
const VALUES: usize = PLACES + 8 * <usize>LOOK;

const NONE: i32 = -1;
const SEVERAL: i32 = -2;

/** The entries of a vector that are not 0, as bits. */
// @ts-ignore: decorator
@inline
function bits<T>(x: v128): i32 {
  const found = v128.ne<T>(x, v128.splat<T>(0));
  return sizeof<T>() == 4 ? i32x4.bitmask(found) : i64x2.bitmask(found);
}

/** Whether a matrix begins with zeros, but for one entry: others are not looked at any further. */
// @ts-ignore: decorator
@inline
export function sparse<T>(X: usize): bool {
  return popcnt(bits<T>(v128.load(X))) < 2;
}

/** The place of the only entry of a row that is not 0, or NONE or SEVERAL. */
function only<T>(k: i32, row: usize): i32 {
  let found = NONE;
  let j = 0;
  for (; j + lanes<T>() <= k; j += lanes<T>()) {
    const mask = bits<T>(v128.load(row + <usize>j * sizeof<T>()));
    if (mask == 0) continue;
    if (found != NONE || popcnt(mask) > 1) return SEVERAL;
    found = j + ctz(mask);
  }
  for (; j < k; j++) {
    if (load<T>(row + <usize>j * sizeof<T>()) == 0) continue;
    if (found != NONE) return SEVERAL;
    found = j;
  }
  return found;
}

/**
 * Lists the entries of a matrix that are not 0: row and column at PLACES, and the entry. Their
 * number, or SEVERAL if there are more than `most`.
 */
function entries<T>(rows: i32, columns: i32, X: usize, line: usize, most: i32): i32 {
  let count = 0;
  for (let i = 0; i < rows; i++, X += line) {
    for (let j = 0; j < columns; ) {
      const at = X + <usize>j * sizeof<T>();
      if (j + lanes<T>() <= columns && bits<T>(v128.load(at)) == 0) {
        j += lanes<T>();
        continue;
      }
      const x = load<T>(at);
      if (x != 0) {
        if (count == most) return SEVERAL;
        store<i32>(PACK + PLACES + 8 * <usize>count, i);
        store<i32>(PACK + PLACES + 8 * <usize>count, j, 4);
        store<T>(PACK + VALUES + <usize>count * sizeof<T>(), x);
        count++;
      }
      j++;
    }
  }
  return count;
}

/** Whether all n·n entries off the diagonal are 0. */
function isDiagonal<T>(n: i32, A: usize, line: usize): bool {
  const zero = v128.splat<T>(0);
  const size = sizeof<T>();
  if (line != <usize>n * size) return false;
  // Between two diagonal entries lie n that are off it.
  for (let i = 0; i + 1 < n; i++) {
    let at = A + (<usize>i * <usize>(n + 1) + 1) * size;
    const end = at + <usize>n * size;
    for (; at + 16 <= end; at += 16) {
      if (v128.any_true(v128.ne<T>(v128.load(at), zero))) return false;
    }
    for (; at < end; at += size) if (load<T>(at) != 0) return false;
  }
  return true;
}

/** Whether all are finite: of others, 0 times them is NaN. Rows are `line` bytes apart. */
function allFinite<T>(rows: i32, columns: i32, X: usize, line: usize): bool {
  const size = sizeof<T>();
  const zero = v128.splat<T>(0);
  let sum = zero;
  let rest: T = 0;
  for (; rows > 0; rows--, X += line) {
    let at = X;
    const end = X + <usize>columns * size;
    for (; at + 16 <= end; at += 16) {
      sum = v128.add<T>(sum, v128.mul<T>(v128.load(at), zero));
    }
    for (; at < end; at += size) rest += load<T>(at) * 0;
  }
  return rest == 0 && !v128.any_true(v128.ne<T>(sum, zero));
}

/** y = u·x for n elements; + 0, since the products that are left out would have made 0 of −0. */
function scale<T>(n: i32, u: T, x: usize, y: usize): void {
  const zero = v128.splat<T>(0);
  const all = v128.splat<T>(u);
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>(), x += 16, y += 16) {
    v128.store(y, v128.add<T>(v128.mul<T>(v128.load(x), all), zero));
  }
  for (; i < n; i++, x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(x) * u + 0);
}

/** `C ← A·op(B)` for an A of at most one entry a row; false where it is not, or B not finite. */
export function scaleRows<T>(
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  rowA: usize,
  B: usize,
  lineB: usize,
  C: usize,
  rowC: usize,
): bool {
  const size = sizeof<T>();
  const places = PACK + PLACES;
  const values = PACK + VALUES;
  for (let i = 0; i < m; i += LOOK) {
    const rows = min(LOOK, m - i);
    for (let r = 0; r < rows; r++, A += rowA) {
      const at = only<T>(k, A);
      if (at == SEVERAL) return false;
      store<i32>(places + 4 * <usize>r, max(0, at));
      store<T>(values + <usize>r * size, at == NONE ? 0 : load<T>(A + <usize>at * size));
    }
    if (i == 0 && !allFinite<T>(transB ? n : k, transB ? k : n, B, lineB)) return false;
    const columns = transB ? BESIDE : n;
    for (let j = 0; j < n; j += columns) {
      const nc = min(columns, n - j);
      let c = C + <usize>j * size;
      for (let r = 0; r < rows; r++, c += rowC) {
        const u = load<T>(values + <usize>r * size);
        const at = <usize>load<i32>(places + 4 * <usize>r);
        if (!transB) {
          scale<T>(n, u, B + at * lineB, c);
          continue;
        }
        let b = B + <usize>j * lineB + at * size;
        const end = c + <usize>nc * size;
        for (let to = c; to < end; to += size, b += lineB) store<T>(to, load<T>(b) * u + 0);
      }
    }
    C += <usize>rows * rowC;
  }
  return true;
}

/** `C ← op(A)·op(B)` for a B of at most as many entries as columns; false where it is none. */
function addColumns<T>(
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  lineA: usize,
  B: usize,
  lineB: usize,
  C: usize,
  rowC: usize,
): bool {
  const size = sizeof<T>();
  const count = entries<T>(transB ? n : k, transB ? k : n, B, lineB, min(n, LOOK));
  if (count < 0 || !allFinite<T>(transA ? k : m, transA ? m : k, A, lineA)) return false;
  const rowA = transA ? size : lineA;
  const stepA = transA ? lineA : size;
  for (let i = 0; i < m; i++) memory.fill(C + <usize>i * rowC, 0, <usize>n * size);
  for (let e = 0; e < count; e++) {
    const place = PACK + PLACES + 8 * <usize>e;
    const row = <usize>load<i32>(place);
    const column = <usize>load<i32>(place, 4);
    const u = load<T>(PACK + VALUES + <usize>e * size);
    let a = A + (transB ? column : row) * stepA;
    let c = C + (transB ? row : column) * size;
    for (let i = 0; i < m; i++, a += rowA, c += rowC) store<T>(c, load<T>(c) + u * load<T>(a));
  }
  return true;
}

/** `C ← op(A)·D` for a finite A and a diagonal D of order n. */
function scaleColumns<T>(
  transA: i32,
  m: i32,
  n: i32,
  A: usize,
  lineA: usize,
  D: usize,
  C: usize,
  rowC: usize,
): void {
  const size = sizeof<T>();
  const zero = v128.splat<T>(0);
  if (transA) {
    transpose<T>(1, n, m, A, lineA, 0, C, rowC, 0);
    A = C;
    lineA = rowC;
  }
  const d = PACK + VALUES;
  const next = <usize>(n + 1) * size;
  for (let j = 0; j < n; j += LOOK) {
    const columns = min(LOOK, n - j);
    for (let p = 0; p < columns; p++, D += next) store<T>(d + <usize>p * size, load<T>(D));
    const bytes = <usize>columns * size;
    let a = A + <usize>j * size;
    let c = C + <usize>j * size;
    for (let i = 0; i < m; i++, a += lineA, c += rowC) {
      let at: usize = 0;
      for (; at + 16 <= bytes; at += 16) {
        const x = v128.mul<T>(v128.load(a + at), v128.load(d + at));
        v128.store(c + at, v128.add<T>(x, zero));
      }
      for (; at < bytes; at += size) store<T>(c + at, load<T>(a + at) * load<T>(d + at) + 0);
    }
  }
}

/**
 * C = op(A)·op(B) where A has at most one entry in each row, A or B is diagonal, or B has at most
 * as many entries as columns; false, and C to be written anew, elsewhere, or where the other has
 * entries that are not finite.
 */
export function scaled<T>(
  transA: i32,
  transB: i32,
  m: i32,
  n: i32,
  k: i32,
  A: usize,
  lda: i32,
  B: usize,
  ldb: i32,
  C: usize,
  ldc: i32,
): bool {
  const size = sizeof<T>();
  const lineA = <usize>lda * size;
  const lineB = <usize>ldb * size;
  const rowC = <usize>ldc * size;
  // A diagonal matrix is its own transpose.
  if (sparse<T>(A) && (!transA || (m == k && isDiagonal<T>(k, A, lineA)))) {
    if (scaleRows<T>(transB, m, n, k, A, lineA, B, lineB, C, rowC)) return true;
  }
  if (!sparse<T>(B)) return false;
  if (n == k && isDiagonal<T>(k, B, lineB)) {
    if (!allFinite<T>(transA ? k : m, transA ? m : k, A, lineA)) return false;
    scaleColumns<T>(transA, m, n, A, lineA, B, C, rowC);
    return true;
  }
  return addColumns<T>(transA, transB, m, n, k, A, lineA, B, lineB, C, rowC);
}
