import type { Tensor } from "tracegrad";
import { entry } from "../shared/compare.js";
import { drawSvg, quantitative } from "../shared/plot.js";

/** The flow of the Nile by years, and its level in the band that holds it with 95 %. */
export function draw(
  years: readonly number[],
  flow: readonly number[],
  level: Tensor,
  std: Tensor,
): Promise<void> {
  const values = years.map((year, t) => {
    const [center, reach] = [entry(level, t), 1.96 * entry(std, t)];
    return { year, flow: flow[t], level: center, low: center - reach, high: center + reach };
  });
  const span = { axis: { format: "d" }, scale: { domain: [1870, 1971] } };
  const low = quantitative("low", "flow (10⁸ m³ a year)", { scale: { zero: false } });
  const grey = "#888";
  return drawSvg("kalman", {
    title: {
      text: "The level of the Nile, smoothed by the gradient of a Kalman filter",
      subtitle: "Grey: the flow at Aswan. Blue: its level, and the band that holds it with 95 %",
    },
    width: 640,
    height: 320,
    data: { values },
    encoding: { x: quantitative("year", null, span) },
    layer: [
      { mark: { type: "area", opacity: 0.25 }, encoding: { y: low, y2: { field: "high" } } },
      {
        mark: { type: "line", point: { size: 18, color: grey }, strokeWidth: 0.7, color: grey },
        encoding: { y: { field: "flow", type: "quantitative" } },
      },
      {
        mark: { type: "line", strokeWidth: 2.5 },
        encoding: { y: { field: "level", type: "quantitative" } },
      },
    ],
  });
}
