import { cholesky, linspace, stack, type Tensor } from "tracegrad";

/** A point of a closed curve; `order` is its place on the way round. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly order: number;
}

/**
 * The ellipse that holds the share `inside` of a Gaussian in the plane: the points `μ + r L u` with
 * `Σ = LLᵀ`, u on the unit circle, and r² = −2 log(1 − inside), which the squared distance
 * `(x − μ)ᵀΣ⁻¹(x − μ)`, exponential with mean 2, exceeds with the rest of the probability.
 */
export function ellipse(mu: Tensor, Sigma: Tensor, inside: number): CurvePoint[] {
  const angle = linspace(0, 2 * Math.PI, 121, { dtype: "float64" });
  const circle = stack([angle.cos(), angle.sin()], { axis: 1 });
  const radius = Math.sqrt(-2 * Math.log(1 - inside));
  const curve = circle.matmul(cholesky(Sigma).T).mul(radius).add(mu);
  return curve.toArray<number[][]>().map(([x = 0, y = 0], order) => ({ x, y, order }));
}
