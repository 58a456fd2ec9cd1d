import { requireNames } from "../checks/options.js";
import { said } from "../checks/said.js";
import { UsageError } from "../index.js";
import { type Numbers, numbersOf } from "./checks.js";

const SIGNS = "▁▂▃▄▅▆▇█";

/**
 * Numbers as one line of text for a terminal: `▁▂▄▆█`. A longer series is averaged down to `width`
 * characters (60 unless given); a number that is not finite is a blank, unless others share its place.
 *
 * @throws UsageError when the values are no numbers, or the width no whole number of at least 1.
 * @example
 * sparkline([1, 2, 4, 6, 8]); // "▁▂▄▆█"
 */
export function sparkline(
  values: Numbers,
  options: { readonly width?: number | undefined } = {},
): string {
  requireNames("sparkline", options, ["width"]);
  const { width = 60 } = options;
  if (!Number.isInteger(width) || width < 1) {
    throw new UsageError(
      `sparkline: width is ${said(width)}; a whole number of at least 1 was wanted`,
    );
  }
  const all = numbersOf("sparkline", "values", values);
  // Sums and differences of the largest numbers overflow; only their proportions are drawn.
  const most = all.reduce((top, x) => (Number.isFinite(x) ? Math.max(top, Math.abs(x)) : top), 0);
  const scaled = most > 1e300 ? all.map((x) => x / 2 ** 40) : all;
  const drawn = resampled(scaled, width);
  const finite = drawn.filter(Number.isFinite);
  const low = finite.reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY);
  const high = finite.reduce((top, x) => Math.max(top, x), Number.NEGATIVE_INFINITY);
  return drawn.map((x) => signOf((x - low) / (high - low || 1))).join("");
}

/** The sign for a height from 0 to 1, in eight steps. */
function signOf(height: number): string {
  return Number.isFinite(height) ? (SIGNS[Math.max(0, Math.ceil(8 * height) - 1)] as string) : " ";
}

/** At most `width` numbers, each the mean of the finite ones at its place. */
function resampled(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, i) => {
    const from = Math.floor((i * values.length) / width);
    const to = Math.floor(((i + 1) * values.length) / width);
    const finite = values.slice(from, to).filter(Number.isFinite);
    return finite.reduce((sum, x) => sum + x, 0) / finite.length;
  });
}
