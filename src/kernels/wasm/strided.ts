import { bytesOf, type DType } from "../../tensor/dtype.js";
import { native } from "./native.js";

/*
 * Copies between two places on the heap. A kernel names the axes from the innermost outwards,
 *
 *   begin(); axis(n, 1, 1); axis(m, stride, n); copy("float32", from, to);
 *
 * each by its size and its stride in both places, in elements, negative or 0 as may be. Axes that
 * continue the one inside them become one with it. The WASM function takes three; few copies have
 * more left. (The lists are reused: an op on a small tensor costs less than making them.)
 */

const sizes: number[] = [];
const fromStrides: number[] = [];
const toStrides: number[] = [];
let rank = 0;

const INNER = 3;
type Three = [number, number, number];
const copyInner = native("copy");

export function begin(): void {
  rank = 0;
  for (let i = 0; i < INNER; i++) {
    sizes[i] = 1;
    fromStrides[i] = toStrides[i] = 0;
  }
}

export function axis(n: number, fromStride: number, toStride: number): void {
  if (n === 1) return;
  if (rank > 0) {
    const inside = sizes[rank - 1] as number;
    const fromNext = (fromStrides[rank - 1] as number) * inside;
    if (fromStride === fromNext && toStride === (toStrides[rank - 1] as number) * inside) {
      sizes[rank - 1] = inside * n;
      return;
    }
  }
  sizes[rank] = n;
  fromStrides[rank] = fromStride;
  toStrides[rank] = toStride;
  rank++;
}

export function copy(dtype: DType, from: number, to: number): void {
  copyAxes(dtype, from, to, Math.max(rank, INNER));
}

/** The innermost `count` axes. */
function copyAxes(dtype: DType, from: number, to: number, count: number): void {
  if (count === INNER) {
    const [n0, n1, n2] = sizes as Three;
    const [f0, f1, f2] = fromStrides as Three;
    const [t0, t1, t2] = toStrides as Three;
    copyInner[dtype](from, to, n0, n1, n2, f0, f1, f2, t0, t1, t2);
    return;
  }
  const n = sizes[count - 1] as number;
  const fromStep = bytesOf(dtype, fromStrides[count - 1] as number);
  const toStep = bytesOf(dtype, toStrides[count - 1] as number);
  for (let i = 0; i < n; i++) {
    copyAxes(dtype, from + i * fromStep, to + i * toStep, count - 1);
  }
}
