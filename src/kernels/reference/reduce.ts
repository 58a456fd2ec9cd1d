import type { TypedArray } from "../../tensor/dtype.js";
import { checkAxes } from "../../tensor/shape.js";
import type { NDArray, ReferenceKernel } from "./kernel.js";
import { rows } from "./strided.js";

/** A kernel that makes one number of each row `data[from … to)` of reduced elements. */
function fold(f: (data: TypedArray, from: number, to: number) => number): ReferenceKernel {
  return ([X], [Y], { axis }: { axis?: number | readonly number[] }) => {
    const x = X as NDArray;
    const { data: out } = Y as NDArray;
    if (out.length === 0) return;
    const data = rows(x, checkAxes("reduce", axis, x.shape.length));
    const n = data.length / out.length;
    for (let i = 0; i < out.length; i++) out[i] = f(data, i * n, (i + 1) * n);
  };
}

/** Sums are taken in double precision whatever the dtype. */
function total(data: TypedArray, from: number, to: number): number {
  let s = 0;
  for (let i = from; i < to; i++) s += data[i] as number;
  return s;
}

/** The kernels that make fewer numbers of many. */
export const reduce: Record<string, ReferenceKernel> = {
  sum: fold(total),
};
