// The module owns no memory: it works in tfjs's, at the addresses it is given. No static arrays, no
// strings, no `throw`: they would emit data segments. Constants live in a table that `setup` fills.

import { fillMath } from "./math";

/** Where the constants are; each file that needs some has its own part of it. */
export let TABLE: usize = 0;
/** Where products pack their operands. */
export let PACK: usize = 0;

/** Of what is at `pack`, the last part: a result on its way to being turned. */
export const TURNED_BYTES: i32 = 262144;

/** Bytes that `setup` wants at `table` and at `pack`. */
export const TABLE_BYTES: i32 = 65536;
export const PACK_BYTES: i32 = 4194304 + TURNED_BYTES;

export function setup(table: usize, pack: usize): void {
  TABLE = table;
  PACK = pack;
  fillMath();
}

/** `a·b + c`, fused in the relaxed module. */
// @ts-ignore: decorator
@inline
export function madd<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** Elements in a vector: 4 of float32, 2 of float64. */
// @ts-ignore: decorator
@inline
export function lanes<T>(): i32 {
  return <i32>(16 / sizeof<T>());
}
