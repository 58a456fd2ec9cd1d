import { bytesOf } from "../../tensor/dtype.js";
import { type Shape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { batchIndex } from "../reference/product.js";
import { at, transposed, type WasmKernel } from "./kernel.js";
import { native } from "./native.js";

const multiply = native("multiply");
const inner = native("dot");
const blocks = native("kron");

const matmul: WasmKernel = ([A, B], [Y]) => {
  const a = A as Tensor;
  const b = B as Tensor;
  const y = Y as Tensor;
  const rankA = a.shape.length;
  const rankB = b.shape.length;
  const m = a.shape[rankA - 2] as number;
  const k = a.shape[rankA - 1] as number;
  const n = b.shape[rankB - 1] as number;
  const transA = transposed(a) ? 1 : 0;
  const transB = transposed(b) ? 1 : 0;
  const run = multiply[y.dtype];
  if (rankA === 2 && rankB === 2) {
    run(1, transA, transB, m, n, k, at(a), 0, at(b), 0, at(y), 0);
    return;
  }
  const batch = batchOf(y.shape);
  const batchA = batchOf(a.shape);
  const batchB = batchOf(b.shape);
  if ((batchA === batch || batchA === 1) && (batchB === batch || batchB === 1)) {
    const nextA = batchA === 1 ? 0 : m * k;
    const nextB = batchB === 1 ? 0 : k * n;
    run(batch, transA, transB, m, n, k, at(a), nextA, at(b), nextB, at(y), m * n);
  } else {
    const axes = batchAxes(a.shape, b.shape, y.shape);
    const longest = axes.reduce((best, axis) => (axis.n > best.n ? axis : best));
    const { n: inner, a: nextA, b: nextB, y: nextY } = longest;
    const others = axes.filter((axis) => axis !== longest);
    const count = others.reduce((all, axis) => all * axis.n, 1);
    for (let i = 0; i < count; i++) {
      let [fromA, fromB, to] = [at(a), at(b), at(y)];
      let rest = i;
      for (const axis of others) {
        const step = rest % axis.n;
        rest = Math.floor(rest / axis.n);
        fromA += bytesOf(y.dtype, step * axis.a);
        fromB += bytesOf(y.dtype, step * axis.b);
        to += bytesOf(y.dtype, step * axis.y);
      }
      run(inner, transA, transB, m, n, k, fromA, nextA, fromB, nextB, to, nextY);
    }
  }
};

/** A leading axis: its size, and the elements from matrix to matrix along it. */
interface Axis {
  n: number;
  readonly a: number;
  readonly b: number;
  readonly y: number;
}

/** The leading axes from the right, those that are one in all three as one. */
function batchAxes(a: Shape, b: Shape, y: Shape): Axis[] {
  const axes: Axis[] = [];
  let nextA = sizeOf(a.slice(-2));
  let nextB = sizeOf(b.slice(-2));
  let nextY = sizeOf(y.slice(-2));
  for (let i = 3; i <= y.length; i++) {
    const n = y.at(-i) as number;
    const ofA = a.at(-i) ?? 1;
    const ofB = b.at(-i) ?? 1;
    const axis = { n, a: ofA === 1 ? 0 : nextA, b: ofB === 1 ? 0 : nextB, y: nextY };
    const inside = axes.at(-1);
    if (inside && axis.a === inside.a * inside.n && axis.b === inside.b * inside.n) inside.n *= n;
    else if (n !== 1) axes.push(axis);
    nextA *= ofA;
    nextB *= ofB;
    nextY *= n;
  }
  return axes;
}

function batchOf(shape: Shape): number {
  let batch = 1;
  for (let i = shape.length - 3; i >= 0; i--) batch *= shape[i] as number;
  return batch;
}

/** The addresses of the matrices that meet where leading axes are broadcast. */
function eachMatrix(
  a: Tensor,
  b: Tensor,
  y: Tensor,
  body: (a: number, b: number, y: number) => void,
): void {
  const lead = y.shape.slice(0, -2);
  const ofA = batchIndex(a.shape, lead);
  const ofB = batchIndex(b.shape, lead);
  const bytes = (x: Tensor): number => bytesOf(x.dtype, sizeOf(x.shape.slice(-2)));
  const [nextA, nextB, nextY] = [bytes(a), bytes(b), bytes(y)];
  for (let i = 0; i < ofA.length; i++) {
    body(at(a) + (ofA[i] as number) * nextA, at(b) + (ofB[i] as number) * nextB, at(y) + i * nextY);
  }
}

const dot: WasmKernel = ([a, b], [y]) => {
  const x = a as Tensor;
  inner[x.dtype](x.shape[0] as number, at(x), at(b as Tensor), at(y as Tensor));
};

const outer: WasmKernel = ([a, b], [Y]) => {
  const y = Y as Tensor;
  const [m, n] = y.shape as readonly [number, number];
  blocks[y.dtype](m, 1, 1, n, at(a as Tensor), at(b as Tensor), at(y));
};

const kron: WasmKernel = ([A, B], [Y]) => {
  const a = A as Tensor;
  const b = B as Tensor;
  const y = Y as Tensor;
  const { m, n } = matrices(a.shape);
  const { m: p, n: q } = matrices(b.shape);
  const run = blocks[y.dtype];
  if (y.shape.length === 2) run(m, n, p, q, at(a), at(b), at(y));
  else eachMatrix(a, b, y, (atA, atB, to) => run(m, n, p, q, atA, atB, to));
};

/** The products, by the name of their op. */
export const product: Record<string, WasmKernel> = { matmul, dot, outer, kron };
