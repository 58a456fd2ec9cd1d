/**
 * Least squares: what decides how far a car drives on a gallon?
 *
 * The model is y ≈ Xw + b, one row of X a car. Half the mean squared residual,
 *
 *     f(w, b) = 1/(2n) ‖Xw + b − y‖²,
 *
 * has the gradients 1/n Xᵀ(Xw + b − y) and 1/n 1ᵀ(Xw + b − y). Here nobody writes them down:
 * tracegrad derives them, gradient descent follows them, and the result is compared with the closed
 * form θ = (AᵀA)⁻¹ Aᵀy, where A = [X 1] and θ = (w, b).
 *
 * The data: 406 cars of the model years 1970 to 1982, from the 1983 data exposition of the American
 * Statistical Association.
 */
import { concat, grad, init, ones, random, scalar, solve, type Tensor, zeros } from "tracegrad";
import { readCsv, standardize } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { minimize, momentum, type Optimizer, sgd } from "tracegrad/optim";
import { lines } from "tracegrad/plot";
import { checkGradient, compare, entry, type Row } from "./shared/compare.js";
import { drawSvg } from "./shared/plot.js";
import { check, heading } from "./shared/print.js";

// The file says "cc" of the displacement, but the numbers are cubic inches: 68 to 455.
const mpg = "economy (mpg)";
const features = [
  { column: "weight (lb)", label: "weight (lb)" },
  { column: "power (hp)", label: "horsepower" },
  { column: "displacement (cc)", label: "displacement (cu in)" },
  { column: "0-60 mph (s)", label: "0 to 60 mph (s)" },
  { column: "cylinders", label: "cylinders" },
  { column: "year", label: "model year" },
];
const names = features.map((feature) => feature.column);
const float64 = { dtype: "float64" } as const;

await init();
heading("Least squares: fuel economy of cars");

// Rows with a missing number are left out, and counted.
const file = import.meta.resolve("@observablehq/sample-datasets/cars.csv");
const all = await readCsv(new URL(file));
const cars = all.dropMissing([mpg, ...names]);
console.log(
  `${all.length} cars, ${all.length - cars.length} left out because a number is missing, ` +
    `${cars.length} used`,
);

// Standardised columns, (x − mean) / std: without this the weights in pounds would set a step size
// so small that the others hardly move.
const raw = cars.tensor(names, float64);
const y = cars.tensor(mpg, float64);
const { mean, std, apply } = standardize(raw);
const X = apply(raw);
const n = cars.length;
const p = features.length;

// The closed form, through the engine's own `solve`.
const A = concat([X, ones([n, 1], float64)], { axis: 1 });
const closed = solve(A.T.matmul(A), A.T.matmul(y));

// Gradient descent. The Hessian of f is H = 1/n AᵀA; steps of 1/L, where L is the largest
// eigenvalue of H, always descend. Power iteration finds L: v ← Hv / ‖Hv‖ turns
// v to its eigenvector.
interface Model {
  readonly w: Tensor;
  readonly b: Tensor;
}
const f = ({ w, b }: Model): Tensor => X.matmul(w).add(b).sub(y).square().mean().div(2);

// The formulas that it follows, derived by the engine from the same loss.
const loss = (X: Tensor, w: Tensor, b: Tensor, y: Tensor): Tensor =>
  X.matmul(w).add(b).sub(y).square().mean().div(2);
for (const wrt of ["w", "b"]) {
  const derivation = derive(loss, {
    args: ["n×p", "p", "", "n"],
    names: ["X", "w", "b", "y"],
    wrt,
  });
  console.log(`∂f/∂${wrt} = ${derivation.gradient}`);
}

// And its numbers at some point, next to these formulas worked out.
const point: Model = { w: random.normal([p], { ...float64, seed: 2 }), b: scalar(1, float64) };
const residualThere = X.matmul(point.w).add(point.b).sub(y);
const gradient = grad(f)(point);
checkGradient("∂f/∂w", gradient.w, X.T.matmul(residualThere).div(n));
checkGradient("∂f/∂b", gradient.b, residualThere.mean());

const stack = ({ w, b }: Model): Tensor => concat([w, b.reshape([1])]);
const start: Model = { w: zeros([p], float64), b: scalar(0, float64) };

const H = A.T.matmul(A).div(n);
let v = random.normal([p + 1], { ...float64, seed: 1 });
for (let i = 0; i < 100; i++) v = H.matmul(v).div(H.matmul(v).norm());
const learningRate = 1 / H.matmul(v).norm().item();

const path: Record<string, { x: number[]; y: number[] }> = {};

/** Minimizes f and notes on the way how far θ is from the closed form: ‖θ − θ*‖ / ‖θ*‖. */
function descend(method: string, optimizer: Optimizer): Tensor {
  const line: { x: number[]; y: number[] } = { x: [], y: [] };
  path[method] = line;
  const { x, steps, converged } = minimize(f, start, {
    optimizer,
    steps: 20_000,
    tol: 1e-12,
    onStep: ({ step, x }) => {
      if (step % 5 > 0) return;
      line.x.push(step);
      line.y.push(stack(x).sub(closed).norm().div(closed.norm()).item());
    },
  });
  console.log(`${method}: ${steps} steps of ${learningRate.toFixed(4)}`);
  check(`${method} comes to rest: no entry of the gradient exceeds 1e-12`, converged);
  return stack(x);
}

const descended = descend("gradient descent", sgd({ learningRate }));
descend("with momentum 0.9", momentum({ learningRate, momentum: 0.9 }));

// Back to miles per gallon for one pound, one horsepower, …: with x = (r − mean) / std,
// wᵀx + b = (w/std)ᵀ r + (b − (w/std)ᵀ mean).
function inOriginalUnits(theta: Tensor): Tensor {
  const slopes = theta.slice([0], [p]).div(std);
  const intercept = theta.slice([p], [1]).sub(slopes.dot(mean));
  return concat([slopes, intercept]);
}

const labels = [...features.map((feature) => feature.label), "intercept"];
const sideBySide = (unit: string, ours: Tensor, theirs: Tensor): number => {
  const rows = labels.map((label, i): Row => [label, entry(ours, i), entry(theirs, i)]);
  const ways = ["gradient descent", "closed form"];
  return compare(`miles per gallon for one ${unit}`, ways, rows, { relative: true });
};
const worst = Math.max(
  sideBySide("standard deviation", descended, closed),
  sideBySide("unit", inOriginalUnits(descended), inOriginalUnits(closed)),
);

// The share of the variance that the model explains: R² = 1 − Σ residual² / Σ (y − mean)².
const residual = A.matmul(descended).sub(y).square().sum();
const r2 = 1 - residual.div(y.sub(y.mean()).square().sum()).item();
console.log(`\nR² = ${r2.toFixed(4)}`);

await drawSvg(
  "least_squares",
  lines(path, {
    title: "Least squares: gradient descent reaches the closed form",
    subtitle: `Fuel economy of ${n} cars from ${p} features, step size 1/L`,
    log: true,
    xTitle: "step",
    yTitle: "distance to the closed form, relative",
  }),
);
check(`largest relative difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
