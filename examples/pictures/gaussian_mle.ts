import type { Tensor } from "tracegrad";
import { entry } from "../shared/compare.js";
import { ellipse } from "../shared/ellipse.js";
import { drawSvg, quantitative } from "../shared/plot.js";

/** The heights of fathers and sons, two ellipses of their Gaussian, and the regression. */
export function draw(heights: Tensor, mu: Tensor, Sigma: Tensor): Promise<void> {
  const domain = [59, 80];
  const [father, son] = [entry(mu, 0), entry(mu, 1)];
  const slope = entry(Sigma, 1, 0) / entry(Sigma, 0, 0);
  const line = domain.map((x) => ({ x, y: son + slope * (x - father) }));
  const points = heights.toArray<number[][]>().map(([x, y]) => ({ x, y }));
  const curves = [0.5, 0.9].flatMap((share) =>
    ellipse(mu, Sigma, share).map((point) => ({ ...point, share })),
  );
  const scale = { range: [20, 160] };
  const count = { aggregate: "count", title: "sons", scale, legend: { values: [1, 5, 10] } };
  return drawSvg("gaussian_mle", {
    title: {
      text: "The Gaussian of fathers and sons, by gradient descent",
      subtitle:
        "Half and nine tenths of it are inside the ellipses; dashed: regression on the father",
    },
    width: 460,
    height: 460,
    layer: [
      {
        data: { values: points },
        mark: { type: "circle", opacity: 0.6 },
        encoding: { size: count },
      },
      {
        data: { values: curves },
        mark: { type: "line", strokeWidth: 2, color: "#D55E00" },
        encoding: { order: { field: "order" }, detail: { field: "share" } },
      },
      { data: { values: line }, mark: { type: "line", strokeDash: [6, 4], color: "#222222" } },
    ],
    encoding: {
      x: quantitative("x", "father (inches)", { scale: { domain } }),
      y: quantitative("y", "son (inches)", { scale: { domain } }),
    },
  });
}
