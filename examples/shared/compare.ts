import { norm, type Tensor } from "tracegrad";
import { check, printTable } from "./print.js";

/** A label, and what each method finds for it; the last is what the others should have. */
export type Row = readonly [label: string, ...values: readonly number[]];

/**
 * Prints numbers found by several methods side by side, the reference last, and how far the others
 * are from it at most. Returns the largest distance of all; infinity where a number is none.
 */
export function compare(
  title: string,
  methods: readonly string[],
  rows: readonly Row[],
  options: { readonly digits?: number; readonly relative?: boolean } = {},
): number {
  const { digits = 10, relative = false } = options;
  let worst = 0;
  const lines = rows.map(([label, ...values]) => {
    const reference = values.at(-1) ?? Number.NaN;
    const scale = relative ? Math.abs(reference) : 1;
    const distances = values.map((value) => Math.abs(value - reference) / scale);
    const difference = Math.max(...distances);
    worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    return [label, ...values.map((value) => value.toFixed(digits)), difference.toExponential(1)];
  });
  console.log(`\n${title}`);
  printTable(["", ...methods, relative ? "relative difference" : "difference"], lines);
  return worst;
}

/**
 * Checks a gradient by the tape against its formula, worked out by hand. Where a descent comes to rest
 * does not tell: a gradient twice as large is zero at the same place.
 */
export function checkGradient(name: string, byTape: Tensor, byHand: Tensor): void {
  const apart = norm(byTape.sub(byHand)).div(norm(byHand)).item();
  checkApart(`${name} by the tape is that by hand (1e-12)`, apart, 1e-12);
}

/** Checks that what is promised to be one is no more than `most` apart. */
export function checkApart(promise: string, apart: number, most: number): void {
  check(`${promise}: ${apart.toExponential(1)} apart`, apart <= most);
}

/** The size of the largest entry. */
export const size = (X: Tensor): number => X.abs().max().item();

/** One number of a tensor: `entry(A, 0, 1)` is that of the first row in the second column. */
export function entry(X: Tensor, ...place: readonly number[]): number {
  const one = place.map(() => 1);
  return X.slice(place, one).item();
}
