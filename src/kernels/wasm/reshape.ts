import { bytesOf, type DType } from "../../tensor/dtype.js";
import { stridesOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { at, type WasmKernel } from "./kernel.js";
import { native } from "./native.js";
import { axis, begin, copy } from "./strided.js";

const turn = native("transpose");

/** Writes the transposes of `batch` matrices at `from` to `to`. */
export function transposeInto(
  dtype: DType,
  from: number,
  to: number,
  batch: number,
  rows: number,
  columns: number,
): void {
  const next = bytesOf(dtype, rows * columns);
  turn[dtype === "int32" ? "float32" : dtype](
    batch,
    rows,
    columns,
    from,
    bytesOf(dtype, columns),
    next,
    to,
    bytesOf(dtype, rows),
    next,
  );
}

const t: WasmKernel = ([X], [Y]) => {
  const x = X as Tensor;
  const { batch, m, n } = matrices(x.shape);
  transposeInto(x.dtype, at(x), at(Y as Tensor), batch, m, n);
};

/** An axis of the output: its size, and its strides in bytes in the input and in the output. */
interface Axis {
  readonly n: number;
  readonly from: number;
  readonly to: number;
}

const transpose: WasmKernel = ([X], [Y], attrs: { perm?: readonly number[] }) => {
  const x = X as Tensor;
  const y = Y as Tensor;
  const rank = x.shape.length;
  const strides = stridesOf(x.shape);
  const axes: Axis[] = []; // from the innermost outwards; those that stay together are one
  for (let i = rank - 1, to = bytesOf(y.dtype, 1); i >= 0; i--) {
    const named = attrs.perm?.[i] ?? rank - 1 - i;
    const source = named < 0 ? named + rank : named;
    const n = y.shape[i] as number;
    const from = bytesOf(x.dtype, strides[source] as number);
    const inside = axes.at(-1);
    if (n === 0) return;
    if (inside !== undefined && from === inside.from * inside.n) {
      axes[axes.length - 1] = { ...inside, n: inside.n * n };
    } else if (n > 1) axes.push({ n, from, to });
    to *= n;
  }
  move(x.dtype, at(x), at(y), axes);
};

function move(dtype: DType, from: number, to: number, axes: readonly Axis[]): void {
  const size = bytesOf(dtype, 1);
  const rows = axes[0] ?? { n: 1, from: size, to: size };
  if (rows.from === size) {
    begin();
    axis(rows.n, 1, 1);
    for (const { n, from, to } of axes.slice(1)) axis(n, from / size, to / size);
    copy(dtype, from, to);
    return;
  }
  // The axis innermost in the input and that innermost in the output are the matrix to transpose.
  const columns = axes.find((x) => x.from === size) as Axis;
  const rest = axes.filter((x) => x !== rows && x !== columns);
  const batch = rest.shift() ?? { n: 1, from: 0, to: 0 };
  const each = (at: number, from: number, to: number): void => {
    const outer = rest[at];
    if (outer === undefined) {
      const { n } = batch;
      turn[dtype](n, rows.n, columns.n, from, rows.from, batch.from, to, columns.to, batch.to);
      return;
    }
    for (let i = 0; i < outer.n; i++) each(at + 1, from + i * outer.from, to + i * outer.to);
  };
  each(0, from, to);
}

/** The kernels that reorder axes, by the name of their op. */
export const reshape: Record<string, WasmKernel> = { t, transpose };
