import { expm, type Tensor, tensor } from "tracegrad";
import { entry } from "../shared/compare.js";
import { drawSvg, quantitative } from "../shared/plot.js";

/** The matrix of the closed loop, A − BK, after some steps of the search for K. */
export interface Loop {
  readonly step: number;
  readonly system: Tensor;
}

/** Thirty seconds after a sideslip of five degrees, by x(t + s) = e^{(A − BK)s} x(t). */
export function draw(loops: readonly Loop[]): Promise<void> {
  const [seconds, every] = [30, 0.1];
  const values = loops.flatMap(({ step, system }) => {
    const F = expm(system.mul(every));
    let x = tensor([5, 0, 0, 0], { dtype: "float64" });
    return Array.from({ length: seconds / every + 1 }, (_, i) => {
      if (i > 0) x = F.matmul(x);
      return { step, time: i * every, sideslip: entry(x, 0), bank: entry(x, 3) };
    });
  });
  const scale = { range: ["#bbbbbb", "#56B4E9", "#0072B2", "#222222"] };
  const color = { field: "step", type: "ordinal", title: "step of L-BFGS", scale };
  const panel = (field: string, title: string) => ({
    width: 380,
    height: 260,
    mark: { type: "line", strokeWidth: 2 },
    encoding: { x: quantitative("time", "seconds"), y: quantitative(field, title), color },
  });
  return drawSvg("lyapunov", {
    title: {
      text: "A yaw damper by gradient descent through a Lyapunov equation",
      subtitle:
        "Boeing 747 in cruise, after a sideslip of five degrees; step 0 is without feedback",
    },
    data: { values },
    hconcat: [panel("sideslip", "sideslip (degrees)"), panel("bank", "bank angle (degrees)")],
  });
}
