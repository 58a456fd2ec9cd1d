import type { Tensor } from "tracegrad";
import { drawSvg, nominal, quantitative } from "../shared/plot.js";

/** The tables of judges by qualities, NaN where a rating is hidden. */
export interface Tables {
  readonly known: Tensor;
  readonly found: Tensor;
  readonly all: Tensor;
}

/** Judges from the best rated to the worst: what was known, what was found, and how they were rated. */
export function draw(qualities: readonly string[], tables: Tables, rank: number): Promise<void> {
  const means = tables.all.mean({ axis: 1 }).toArray<number[]>();
  const order = [...means.keys()].sort((i, j) => (means[j] ?? 0) - (means[i] ?? 0));
  const cells = (X: Tensor) =>
    X.take(order)
      .toArray<number[][]>()
      .flatMap((row, judge) => row.map((rating, j) => ({ judge, quality: qualities[j], rating })))
      .filter(({ rating }) => !Number.isNaN(rating));
  return drawSvg("matrix_factorization", {
    title: {
      text: `Ratings of ${means.length} judges: a quarter hidden, and found again`,
      subtitle: `UVᵀ of rank ${rank} by gradient descent on the ratings that are known`,
    },
    hconcat: Object.entries(tables).map(([title, X]) => ({
      title: { text: title, fontSize: 13 },
      width: 170,
      height: 360,
      data: { values: cells(X) },
      mark: "rect",
      encoding: {
        x: nominal("quality", null, { sort: qualities }),
        y: { field: "judge", type: "ordinal", axis: null },
        color: quantitative("rating", "rating", { scale: { scheme: "viridis" } }),
      },
    })),
  });
}
