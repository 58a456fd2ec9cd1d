import { drawSvg, nominal, quantitative } from "../shared/plot.js";

/** A point with its weights, one over the variances. */
export interface Weighted {
  readonly x: number;
  readonly y: number;
  readonly x_weight: number;
  readonly y_weight: number;
}

/** The line y = a + bx that a method finds. */
export interface Found {
  readonly method: string;
  readonly byGradients: { readonly a: number; readonly b: number };
}

/** The points with their standard errors, and the line of each method. */
export function draw(points: Iterable<Weighted>, fits: readonly Found[]): Promise<void> {
  const dots = [...points].map(({ x, y, x_weight, y_weight }) => {
    const [dx, dy] = [x_weight ** -0.5, y_weight ** -0.5];
    return { x, y, left: x - dx, right: x + dx, low: y - dy, high: y + dy };
  });
  const span = [-0.5, 8.5];
  const lines = fits.flatMap(({ method, byGradients: { a, b } }) =>
    span.map((x) => ({ x, y: a + b * x, method: `${method} least squares` })),
  );
  const across = (field: string) =>
    quantitative(field, "x", { scale: { domain: span, nice: false } });
  const up = (field: string) =>
    quantitative(field, "y", { scale: { domain: [0.5, 7.5], nice: false } });
  const bar = { type: "rule", color: "#999999" };
  const legend = { orient: "top-right", offset: 12, symbolSize: 400, fillColor: "white" };
  const color = nominal("method", null, { sort: null, legend });
  // The total line lies over the ordinary one: dashes let both be seen.
  const range = fits.map(({ method }) => (method === "total" ? [6, 6] : [1, 0]));
  return drawSvg("weighted_total_least_squares", {
    title: {
      text: "Which line fits best depends on whose errors count",
      subtitle: "Pearson's points of 1901, and the standard errors by York's weights of 1966",
    },
    width: 540,
    height: 380,
    data: { values: dots },
    encoding: { x: across("x"), y: up("y") },
    layer: [
      { mark: bar, encoding: { x: across("left"), x2: { field: "right" } } },
      { mark: bar, encoding: { y: up("low"), y2: { field: "high" } } },
      {
        data: { values: lines },
        mark: "line",
        encoding: { color, strokeDash: { ...color, scale: { range } } },
      },
      { mark: { type: "point", filled: true, size: 55, opacity: 1, color: "#222222" } },
    ],
  });
}
