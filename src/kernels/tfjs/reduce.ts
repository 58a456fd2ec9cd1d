import { isInOrder, reducedLast } from "../../tensor/layout.js";
import { checkAxes, checkAxis, type Shape, sizeOf } from "../../tensor/shape.js";
import { call, drop, type Info } from "./backend.js";
import { view } from "./broadcast.js";
import type { TfKernel } from "./kernel.js";

type Axes = number | readonly number[] | undefined;

/** Runs `body` on `[rows, n]`, a row for each result: what `axis` reduces lies side by side. */
function onRows(x: Info, axis: Axes, body: (rows: Info) => Info): Info {
  const axes = checkAxes("reduce", axis, x.shape.length);
  const n = sizeOf(axes.map((i) => x.shape[i] as number));
  const shape = [sizeOf(x.shape) / n, n];
  const perm = reducedLast(x.shape.length, axes);
  if (isInOrder(perm)) return body(view(x, shape));
  const moved = call("Transpose", { x }, { perm });
  const out = body(view(moved, shape));
  drop(moved);
  return out;
}

/** A kernel that makes one number of each row. */
function fold(body: (rows: Info) => Info): TfKernel {
  return ([X], { axis }: { axis: Axes }, [result]) => [
    view(onRows(X as Info, axis, body), (result as { readonly shape: Shape }).shape),
  ];
}

/**
 * Long rows are added up in blocks of this many numbers, then the blocks' sums likewise: the stock
 * kernel adds up in one float32, whose error grows with the number of terms. Of 10⁷ times 0.1 it is
 * off by 3e-5, in blocks of 128 by 3e-6, in blocks of 16 by 2e-7 (and takes two thirds of the time).
 */
const BLOCK = 16;
/** Rows up to here are not worth a second kernel. */
const SHORT = 64;

function sum(rows: Info): Info {
  const [m, n] = rows.shape as [number, number];
  if (n <= SHORT) return call("Sum", { x: rows }, { axis: [1], keepDims: false });
  const blocks = Math.ceil(n / BLOCK);
  const gap = blocks * BLOCK - n;
  const even =
    gap === 0
      ? rows
      : call(
          "PadV2",
          { x: rows },
          {
            paddings: [
              [0, 0],
              [0, gap],
            ],
            constantValue: 0,
          },
        );
  const parts = sum(view(even, [m * blocks, BLOCK]));
  if (even !== rows) drop(even);
  const out = sum(view(parts, [m, blocks]));
  drop(parts);
  return out;
}

function mean(rows: Info): Info {
  const total = sum(rows);
  const n = call("Fill", {}, { shape: [], value: rows.shape[1], dtype: "float32" });
  const out = call("RealDiv", { a: total, b: n });
  drop(total);
  drop(n);
  return out;
}

const max = (rows: Info): Info =>
  call("Max", { x: rows }, { reductionIndices: [1], keepDims: false });

/** The stock Softmax adds up in one float32; rows beyond this length are added up in blocks. */
const MANY = 1024;

/** e^(x−m) of each row, m its largest, and the sums of these. */
function powers(rows: Info): { e: Info; sums: Info } {
  const m = max(rows);
  const less = call("Sub", { a: rows, b: column(m) });
  const e = call("Exp", { x: less });
  for (const x of [m, less]) drop(x);
  return { e, sums: sum(e) };
}

const column = (x: Info): Info => view(x, [x.shape[0] as number, 1]);

function softmaxOfRows(rows: Info): Info {
  if ((rows.shape[1] as number) <= MANY) return call("Softmax", { logits: rows }, { dim: 1 });
  const { e, sums } = powers(rows);
  const out = call("RealDiv", { a: e, b: column(sums) });
  for (const x of [e, sums]) drop(x);
  return out;
}

/**
 * log Σ e^(x−m). Of short rows it is −log max softmax(x), for with the largest m the largest softmax
 * is 1 / Σ e^(x−m): the stock Softmax takes a tenth of the time of the stock Exp.
 */
function logOfSum(rows: Info): Info {
  if ((rows.shape[1] as number) > MANY) {
    const { e, sums } = powers(rows);
    const out = call("Log", { x: sums });
    for (const x of [e, sums]) drop(x);
    return out;
  }
  const y = softmaxOfRows(rows);
  const top = max(y);
  const log = call("Log", { x: top });
  const out = call("Neg", { x: log });
  for (const x of [y, top, log]) drop(x);
  return out;
}

/** m + log Σ e^(x−m); an m that is not finite is the answer itself. */
function logsumexp(rows: Info): Info {
  const m = max(rows);
  const log = logOfSum(rows);
  const y = call("Add", { a: m, b: log });
  const finite = call("IsFinite", { x: m });
  const out = call("Select", { condition: finite, t: y, e: m });
  for (const x of [m, log, y, finite]) drop(x);
  return out;
}

/** x − m − log Σ e^(x−m) */
function logSoftmaxOfRows(rows: Info): Info {
  const m = max(rows);
  const log = logOfSum(rows);
  const less = call("Sub", { a: rows, b: column(m) });
  const out = call("Sub", { a: less, b: column(log) });
  for (const x of [m, log, less]) drop(x);
  return out;
}

/** A kernel of rows that keeps their length, along any axis. */
function along(body: (rows: Info) => Info): TfKernel {
  return ([X], attrs: { axis: number }) => {
    const x = X as Info;
    const rank = x.shape.length;
    const axis = checkAxis("softmax", attrs.axis, rank);
    if (axis === rank - 1) return [view(onRows(x, axis, body), x.shape)];
    // With the axis moved last, swapping it with the last moves it back.
    const perm = x.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
    const moved = call("Transpose", { x }, { perm });
    const out = view(onRows(moved, rank - 1, body), moved.shape);
    const back = call("Transpose", { x: out }, { perm });
    drop(moved);
    drop(out);
    return [back];
  };
}

/** The ops that go over axes and that stock kernels can run. */
export const reduce: Record<string, TfKernel> = {
  sum: fold(sum),
  mean: fold(mean),
  prod: fold((rows) => call("Prod", { x: rows }, { axis: [1], keepDims: false })),
  max: fold(max),
  min: fold((rows) => call("Min", { x: rows }, { axis: [1], keepDims: false })),
  logsumexp: fold(logsumexp),
  softmax: along(softmaxOfRows),
  logSoftmax: along(logSoftmaxOfRows),
};
