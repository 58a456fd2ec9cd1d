import { broadcastStrides, type Shape, sizeOf } from "../../tensor/shape.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";

/** For each matrix of the batch `to`, which matrix of `[..., m, n]` broadcasts to it. */
export function batchIndex(shape: Shape, to: Shape): Int32Array {
  const lead = shape.slice(0, -2);
  const out = new Int32Array(sizeOf(to));
  const strides = broadcastStrides(lead, to);
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let at = 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const n = to[axis] as number;
      at += (rest % n) * (strides[axis] as number);
      rest = Math.floor(rest / n);
    }
    out[i] = at;
  }
  return out;
}

/** By rows of `Y` in the order i, k, j, so that all three arrays are read as they lie in memory. */
const matmul: ReferenceKernel = ([A, B], [Y]) => {
  const { data: a, shape: aShape } = A as NDArray;
  const { data: b, shape: bShape } = B as NDArray;
  const { data: y, shape } = Y as NDArray;
  const { m, n: inner } = matrices(aShape);
  const { n } = matrices(bShape);
  const ofA = batchIndex(aShape, shape.slice(0, -2));
  const ofB = batchIndex(bShape, shape.slice(0, -2));
  const row = new Float64Array(n);
  for (let at = 0; at < ofA.length; at++) {
    const fromA = (ofA[at] as number) * m * inner;
    const fromB = (ofB[at] as number) * inner * n;
    for (let i = 0; i < m; i++) {
      row.fill(0);
      for (let k = 0; k < inner; k++) {
        const x = a[fromA + i * inner + k] as number;
        const from = fromB + k * n;
        for (let j = 0; j < n; j++) row[j] = (row[j] as number) + x * (b[from + j] as number);
      }
      y.set(row, (at * m + i) * n);
    }
  }
};

const dot: ReferenceKernel = ([a, b], [y]) => {
  const x = (a as NDArray).data;
  const z = (b as NDArray).data;
  let total = 0;
  for (let i = 0; i < x.length; i++) total += (x[i] as number) * (z[i] as number);
  (y as NDArray).data[0] = total;
};

const outer: ReferenceKernel = ([a, b], [Y]) => {
  const x = (a as NDArray).data;
  const z = (b as NDArray).data;
  const y = (Y as NDArray).data;
  for (let i = 0, at = 0; i < x.length; i++) {
    for (let j = 0; j < z.length; j++) y[at++] = (x[i] as number) * (z[j] as number);
  }
};

const kron: ReferenceKernel = ([A, B], [Y]) => {
  const { data: a, shape: aShape } = A as NDArray;
  const { data: b, shape: bShape } = B as NDArray;
  const { data: y, shape } = Y as NDArray;
  const { m, n } = matrices(aShape);
  const { m: p, n: q } = matrices(bShape);
  const ofA = batchIndex(aShape, shape.slice(0, -2));
  const ofB = batchIndex(bShape, shape.slice(0, -2));
  let to = 0;
  for (let at = 0; at < ofA.length; at++) {
    const fromA = (ofA[at] as number) * m * n;
    const fromB = (ofB[at] as number) * p * q;
    for (let i = 0; i < m * p; i++) {
      const rowA = fromA + Math.floor(i / p) * n;
      const rowB = fromB + (i % p) * q;
      for (let j = 0; j < n; j++) {
        const x = a[rowA + j] as number;
        for (let l = 0; l < q; l++) y[to++] = x * (b[rowB + l] as number);
      }
    }
  }
};

/** The products, by the name of their op. */
export const product: Record<string, ReferenceKernel> = { matmul, dot, outer, kron };
