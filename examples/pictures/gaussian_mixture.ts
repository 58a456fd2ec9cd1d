import type { Tensor } from "tracegrad";
import { ellipse } from "../shared/ellipse.js";
import { drawSvg, nominal, quantitative } from "../shared/plot.js";

/** The Gaussians of a mixture, the likeliest of them for each point, and the least loss f. */
export interface Found {
  readonly mu: Tensor;
  readonly C: Tensor;
  readonly likeliest: readonly number[];
  readonly f: number;
}

/** The loss f at a step of a method, for a mixture of so many Gaussians. */
export interface Step {
  readonly method: string;
  readonly gaussians: number;
  readonly step: number;
  readonly f: number;
}

/** Eruptions and waits with the ellipses of each mixture; and how the loss comes to its least. */
export function draw(
  minutes: Tensor,
  found: readonly Found[],
  path: readonly Step[],
): Promise<void> {
  const size = { width: 250, height: 300 };
  const eruption = quantitative("x", "eruption (minutes)", { scale: { domain: [1, 6] } });
  const wait = quantitative("y", "wait for the next (minutes)", { scale: { domain: [35, 105] } });
  const clouds = found.map(({ mu, C, likeliest }) => {
    const points = minutes.toArray<number[][]>().map(([x, y], i) => ({ x, y, of: likeliest[i] }));
    const [k = 0] = mu.shape;
    const curves = [...Array(k).keys()].flatMap((j) =>
      [0.5, 0.9].flatMap((inside) =>
        ellipse(mu.take(j), C.take(j), inside).map((point) => ({ ...point, of: j, inside })),
      ),
    );
    return {
      title: { text: `${k} Gaussians`, fontSize: 13, offset: 6 },
      ...size,
      layer: [
        { data: { values: points }, mark: { type: "circle", size: 22, opacity: 0.5 } },
        {
          data: { values: curves },
          mark: { type: "line", strokeWidth: 2 },
          encoding: { order: { field: "order" }, detail: { field: "inside" } },
        },
      ],
      encoding: { x: eruption, y: wait, color: nominal("of", null, { legend: null }) },
    };
  });
  const least = new Map(found.map(({ mu, f }) => [mu.shape[0], f]));
  const left = path.map(({ method, gaussians, step, f }) => {
    const below = f - (least.get(gaussians) ?? Number.NaN);
    return { line: `${method}, ${gaussians} Gaussians`, step, below };
  });
  const log = {
    scale: { type: "log" },
    axis: { format: ".0e", values: [1, 1e-3, 1e-6, 1e-9, 1e-12] },
  };
  const [em, ours] = ["#332288", "#CC79A7"];
  const whole = [1, 0];
  const dashed = [5, 4];
  const domain = [2, 3].flatMap((k) => [`EM, ${k} Gaussians`, `L-BFGS, ${k} Gaussians`]);
  const range = { color: [em, ours, em, ours], dash: [whole, whole, dashed, dashed] };
  const legend = { title: null, orient: "top-right", symbolSize: 500, offset: 8 };
  const descent = {
    ...size,
    data: { values: left.filter(({ below }) => below > 1e-13) },
    layer: [{ mark: { type: "line", strokeWidth: 2 } }],
    encoding: {
      x: quantitative("step", "step"),
      y: quantitative("below", "mean log-likelihood below its maximum", log),
      color: nominal("line", null, { scale: { domain, range: range.color }, legend }),
      strokeDash: nominal("line", null, { scale: { domain, range: range.dash } }),
    },
  };
  return drawSvg("gaussian_mixture", {
    title: {
      text: "Old Faithful as a mixture of Gaussians",
      subtitle: "Half and nine tenths of each Gaussian are inside its ellipses",
    },
    resolve: { scale: { color: "independent", strokeDash: "independent" } },
    hconcat: [...clouds, descent],
  });
}
