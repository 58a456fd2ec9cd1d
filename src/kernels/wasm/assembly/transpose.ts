import { PACK } from "./memory";

/** to[j, i] = from[i, j] for four rows by four columns of float32, or two by two of float64. */
// @ts-ignore: decorator
@inline
function block<T>(from: usize, rowFrom: usize, to: usize, rowTo: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + rowFrom);
  if (sizeof<T>() == 8) {
    v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
    v128.store(to + rowTo, v128.shuffle<f64>(a, b, 1, 3));
    return;
  }
  const c = v128.load(from + 2 * rowFrom);
  const d = v128.load(from + 3 * rowFrom);
  const ac = v128.shuffle<f32>(a, c, 0, 4, 1, 5);
  const bd = v128.shuffle<f32>(b, d, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<f32>(ac, bd, 0, 4, 1, 5));
  v128.store(to + rowTo, v128.shuffle<f32>(ac, bd, 2, 6, 3, 7));
  const ca = v128.shuffle<f32>(a, c, 2, 6, 3, 7);
  const db = v128.shuffle<f32>(b, d, 2, 6, 3, 7);
  v128.store(to + 2 * rowTo, v128.shuffle<f32>(ca, db, 0, 4, 1, 5));
  v128.store(to + 3 * rowTo, v128.shuffle<f32>(ca, db, 2, 6, 3, 7));
}

/** to[j, i] = from[i, j]; `rowFrom` and `rowTo` are the bytes from row to row. */
export function turn<T>(
  rows: i32,
  columns: i32,
  from: usize,
  rowFrom: usize,
  to: usize,
  rowTo: usize,
): void {
  const size = sizeof<T>();
  const n = <i32>(16 / size);
  const wholeRows = rows - (rows % n);
  const wholeColumns = columns - (columns % n);
  for (let i = 0; i < wholeRows; i += n) {
    let x = from + <usize>i * rowFrom;
    let y = to + <usize>i * size;
    for (let j = 0; j < wholeColumns; j += n, x += 16, y += <usize>n * rowTo) {
      block<T>(x, rowFrom, y, rowTo);
    }
  }
  for (let i = 0; i < rows; i++) {
    const x = from + <usize>i * rowFrom;
    const y = to + <usize>i * size;
    for (let j = i < wholeRows ? wholeColumns : 0; j < columns; j++) {
      store<T>(y + <usize>j * rowTo, load<T>(x + <usize>j * size));
    }
  }
}

/** Rows and columns of the blocks that a transpose goes by, so that both sides stay in the cache. */
const BLOCK: i32 = 32;
/** Rows so far apart, or a multiple of it, fall on the same few places of the cache. */
const CLASH: usize = 2048;

/** The same by way of a block without gaps, of which whole rows are copied. */
function turnAside<T>(
  rows: i32,
  columns: i32,
  from: usize,
  rowFrom: usize,
  to: usize,
  rowTo: usize,
): void {
  const row = <usize>BLOCK * sizeof<T>();
  const bytes = <usize>rows * sizeof<T>();
  turn<T>(rows, columns, from, rowFrom, PACK, row);
  for (let at = PACK; columns > 0; columns--, at += row, to += rowTo) {
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(at + i));
    for (; i < bytes; i += sizeof<T>()) store<T>(to + i, load<T>(at + i));
  }
}

/** The same of a batch by blocks; rows and matrices are so many bytes apart. */
export function transpose<T>(
  batch: i32,
  rows: i32,
  columns: i32,
  from: usize,
  rowFrom: usize,
  nextFrom: usize,
  to: usize,
  rowTo: usize,
  nextTo: usize,
): void {
  const size = sizeof<T>();
  for (; batch > 0; batch--, from += nextFrom, to += nextTo) {
    for (let i = 0; i < rows; i += BLOCK) {
      for (let j = 0; j < columns; j += BLOCK) {
        const x = from + <usize>i * rowFrom + <usize>j * size;
        const y = to + <usize>j * rowTo + <usize>i * size;
        const m = min(BLOCK, rows - i);
        const n = min(BLOCK, columns - j);
        if (rowTo % CLASH == 0) turnAside<T>(m, n, x, rowFrom, y, rowTo);
        else turn<T>(m, n, x, rowFrom, y, rowTo);
      }
    }
  }
}

export function transpose_f32(
  batch: i32,
  rows: i32,
  columns: i32,
  from: usize,
  rowFrom: usize,
  nextFrom: usize,
  to: usize,
  rowTo: usize,
  nextTo: usize,
): void {
  transpose<f32>(batch, rows, columns, from, rowFrom, nextFrom, to, rowTo, nextTo);
}

export function transpose_f64(
  batch: i32,
  rows: i32,
  columns: i32,
  from: usize,
  rowFrom: usize,
  nextFrom: usize,
  to: usize,
  rowTo: usize,
  nextTo: usize,
): void {
  transpose<f64>(batch, rows, columns, from, rowFrom, nextFrom, to, rowTo, nextTo);
}
