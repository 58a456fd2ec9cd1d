import type { Tensor } from "tracegrad";
import { drawSvg, nominal, quantitative } from "../shared/plot.js";

/** The weights w that a model has for a penalty λ/n, and how they were found. */
export interface Found {
  readonly model: "ridge" | "lasso";
  readonly by: "gradient" | "classical";
  readonly penalty: number;
  readonly w: Tensor;
}

/** How the weights of both models go to 0 as the penalty grows: lines, and dots by gradients. */
export function draw(
  patients: number,
  features: readonly string[],
  path: readonly Found[],
): Promise<void> {
  const values = path.flatMap(({ w, ...found }) =>
    w.toArray<number[]>().map((weight, j) => ({ ...found, feature: features[j], weight })),
  );
  const only = (by: Found["by"]) => [{ filter: `datum.by === '${by}'` }];
  const log = {
    scale: { type: "log", domain: [0.0035, 50], nice: false },
    axis: { values: [0.01, 0.1, 1, 10], format: "~g" },
  };
  return drawSvg("ridge_lasso", {
    title: {
      text: "Ridge makes all weights small, lasso lets them go one by one",
      subtitle:
        `Diabetes of ${patients} patients. Dots: by gradients. ` +
        "Lines: by the closed form, and by coordinate descent",
    },
    data: { values },
    facet: {
      column: { field: "model", sort: "descending", title: null, header: { labelFontSize: 13 } },
    },
    spec: {
      width: 340,
      height: 360,
      encoding: {
        x: quantitative("penalty", "penalty λ/n", log),
        y: quantitative("weight", "weight of one standard deviation"),
        color: nominal("feature", null, { sort: features }),
      },
      layer: [
        { transform: only("classical"), mark: "line" },
        { transform: only("gradient"), mark: { type: "point", filled: true, opacity: 1 } },
      ],
    },
  });
}
