// The last matrix that was decomposed is kept with its decomposition and inverse: logdet, inv and
// solve are asked for the same one, and their gradients ask again. Its elements, not where they lie,
// tell that it is the same.
import { decompose } from "./lu";

/** Where a block keeps what: sizes and flags (int32), the determinant, the elements, the workspace. */
const ORDER: usize = 0;
const SIZE: usize = 4;
const DOUBT: usize = 8;
const INVERTED: usize = 12;
const DETERMINANT: usize = 16;
const ELEMENTS: usize = 64;

/** The workspace of a block that keeps a matrix of order n. */
// @ts-ignore: decorator
@inline
export function workIn<S>(kept: usize, n: i32): usize {
  return kept + ELEMENTS + ((<usize>n * <usize>n * sizeof<S>() + 63) & ~63);
}

/** As `decompose`, into the workspace of a block, unless it has the decomposition of `X` already. */
export function decomposeOnce<S>(n: i32, X: usize, kept: usize): i32 {
  const bytes = <usize>n * <usize>n * sizeof<S>();
  const known = load<i32>(kept + ORDER) == n && load<i32>(kept + SIZE) == <i32>sizeof<S>();
  if (known && same(bytes, X, kept + ELEMENTS)) return load<i32>(kept + DOUBT);
  const work = workIn<S>(kept, n);
  const doubt = decompose<S>(n, X, work);
  store<i32>(kept + ORDER, n);
  store<i32>(kept + SIZE, <i32>sizeof<S>());
  store<i32>(kept + DOUBT, doubt);
  store<i32>(kept + INVERTED, 0);
  v128.store(kept + DETERMINANT, v128.load(work));
  copy(bytes, X, kept + ELEMENTS);
  return doubt;
}

/** Whether the block has the inverse; it counts as there from then on. */
export function invertedBefore(kept: usize): bool {
  const before = load<i32>(kept + INVERTED) != 0;
  store<i32>(kept + INVERTED, 1);
  return before;
}

/** Has the inverse made anew. */
export function forgetInverse(kept: usize): void {
  store<i32>(kept + INVERTED, 0);
}

/** Whole numbers of 4 bytes. */
function same(bytes: usize, x: usize, y: usize): bool {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    if (v128.any_true(v128.xor(v128.load(x + i), v128.load(y + i)))) return false;
  }
  for (; i < bytes; i += 4) if (load<i32>(x + i) != load<i32>(y + i)) return false;
  return true;
}

function copy(bytes: usize, x: usize, to: usize): void {
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(x + i));
  for (; i < bytes; i += 4) store<i32>(to + i, load<i32>(x + i));
}

export function decompose_f32(n: i32, X: usize, kept: usize): i32 {
  return decomposeOnce<f32>(n, X, kept);
}

export function decompose_f64(n: i32, X: usize, kept: usize): i32 {
  return decomposeOnce<f64>(n, X, kept);
}
