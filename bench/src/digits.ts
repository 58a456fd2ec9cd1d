import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Values } from "./side.js";

/** Handwritten digits of the `mnist` package, its classes in turn: `[count, 784]` and one-hot labels. */
export function digits(count: number): { readonly images: Values; readonly labels: Values } {
  const require = createRequire(import.meta.url);
  const classes = Array.from({ length: 10 }, (_, digit) => {
    const file = require.resolve(`mnist/src/digits/${digit}.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { data: number[] }).data;
  });
  const images = new Float32Array(count * 784);
  const labels = new Float32Array(count * 10);
  for (let row = 0; row < count; row++) {
    const turn = Math.floor(row / 10);
    images.set((classes[row % 10] as number[]).slice(784 * turn, 784 * (turn + 1)), 784 * row);
    labels[10 * row + (row % 10)] = 1;
  }
  return {
    images: { shape: [count, 784], data: images },
    labels: { shape: [count, 10], data: labels },
  };
}
