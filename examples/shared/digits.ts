import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Images of handwritten digits: rows of 28·28 grey values from 0 to 1, and what they show. */
export interface Digits {
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly count: number;
}

export const PIXELS = 28 * 28;

/**
 * The 10,000 digits of the `mnist` package, in the fixed order 0, 1, … 9, 0, 1, …: the classes take
 * turns, so that any run of rows holds about as many of each.
 */
export function readDigits(): Digits {
  const require = createRequire(import.meta.url);
  const classes = Array.from({ length: 10 }, (_, digit) => {
    const file = require.resolve(`mnist/src/digits/${digit}.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { data: number[] }).data;
  });
  const sizes = classes.map((pixels) => Math.floor(pixels.length / PIXELS));
  const count = sizes.reduce((sum, size) => sum + size, 0);
  const images = new Float32Array(count * PIXELS);
  const labels = new Int32Array(count);
  let row = 0;
  for (let turn = 0; row < count; turn++) {
    for (const [digit, pixels] of classes.entries()) {
      if (turn >= (sizes[digit] ?? 0)) continue;
      images.set(pixels.slice(turn * PIXELS, (turn + 1) * PIXELS), row * PIXELS);
      labels[row] = digit;
      row++;
    }
  }
  return { images, labels, count };
}
