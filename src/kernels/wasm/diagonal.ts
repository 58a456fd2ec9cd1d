import type { Tensor } from "../../tensor/tensor.js";
import { heap } from "./heap.js";
import { at, transposed } from "./kernel.js";
import { native } from "./native.js";
import { transposeInto } from "./reshape.js";

const isDiagonal = native("isDiagonal");
const allFinite = native("allFinite");
const scaleRows = native("scaleRows");
const scaleColumns = native("scaleColumns");

/** Below this order a product costs no more than looking. */
const WORTH = 32;

/**
 * The product of two matrices of which one is diagonal; false, and nothing done, where none is, or the
 * other has entries that are not finite (which times 0 are NaN).
 */
export function multiplyDiagonal(A: Tensor, B: Tensor, Y: Tensor): boolean {
  const { dtype } = Y;
  const [m, n] = Y.shape as readonly [number, number];
  const k = A.shape[1] as number;
  if (k < WORTH) return false;
  const left = m === k && isDiagonal[dtype](k, at(A)) === 1;
  if (!left && !(n === k && isDiagonal[dtype](k, at(B)) === 1)) return false;
  const [D, X] = left ? [A, B] : [B, A];
  if (allFinite[dtype](m * n, at(X)) === 0) return false;
  if (transposed(X)) transposeInto(dtype, at(X), at(Y), 1, n, m);
  else heap.uint8().copyWithin(at(Y), at(X), at(X) + m * n * (dtype === "float64" ? 8 : 4));
  (left ? scaleRows : scaleColumns)[dtype](m, n, at(Y), at(D));
  return true;
}
