/**
 * Ridge and lasso: which of ten measurements foretell how diabetes goes on?
 *
 * Least squares with a penalty on large weights, for standardised columns X (n×p) and centred y:
 *
 *     ridge:  f(w) = ½ ‖Xw − y‖² + λ/2 ‖w‖²,      lasso:  f(w) = ½ ‖Xw − y‖² + λ ‖w‖₁.
 *
 * Ridge is smooth. Its differential df = ⟨Xw − y, X dw⟩ + λ⟨w, dw⟩ = ⟨Xᵀ(Xw − y) + λw, dw⟩ shows
 * the gradient, which is zero at w = (XᵀX + λI)⁻¹ Xᵀy.
 *
 * Lasso has kinks where an entry of w is 0, and no closed form. Karush, Kuhn and Tucker: w is its
 * solution if and only if the pull c = Xᵀ(y − Xw) of the residual satisfies
 *
 *     c_j = λ sign(w_j)  where w_j ≠ 0,      |c_j| ≤ λ  where w_j = 0.
 *
 * Proximal gradient descent takes a gradient step along the smooth part g, and then minimizes the
 * rest near where that led:
 *
 *     w ← prox(w − η∇g(w)),      prox(z) = argmin_w  ½ ‖w − z‖² + ηλ ‖w‖₁,
 *
 * which moves each entry of z towards 0 by ηλ, and stops it there. Both descents are sped up by
 * momentum. The classical algorithm is coordinate descent: each weight in turn is put where f is
 * lowest while the others rest (Friedman, Hastie and Tibshirani 2010).
 *
 * The data: ten measurements of 442 patients, and how far the disease had gone a year later (Efron,
 * Hastie, Johnstone and Tibshirani, Least angle regression, 2004).
 */
import { eigh, eye, init, maximum, solve, type Tensor, tensor, where, zeros } from "tracegrad";
import { readCsv, standardize } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { draw, type Found } from "./pictures/ridge_lasso.js";
import { entry, size } from "./shared/compare.js";
import { check, heading, printTable } from "./shared/print.js";
import { proximalDescent } from "./shared/proximal.js";

const features = {
  age: "age",
  sex: "sex",
  bmi: "body mass index",
  bp: "blood pressure",
  tc: "total cholesterol",
  ldl: "LDL cholesterol",
  hdl: "HDL cholesterol",
  tch: "total / HDL",
  ltg: "triglycerides (log)",
  glu: "blood sugar",
};
const labels = Object.values(features);
const p = labels.length;
const float64 = { dtype: "float64" } as const;

await init();
heading("Ridge and lasso: the progression of diabetes");

const patients = await readCsv(new URL("data/diabetes.csv", import.meta.url));
const n = patients.length;
const raw = patients.tensor(Object.keys(features), float64);
const X = standardize(raw).apply(raw);
const progression = patients.tensor("progression", float64);
const y = progression.sub(progression.mean());

// The smooth function of both: for lasso, λ is 0 in it.
const smooth = (X: Tensor, w: Tensor, y: Tensor, lambda: Tensor | number): Tensor =>
  X.matmul(w).sub(y).square().sum().add(w.square().sum().mul(lambda)).div(2);
const names = ["X", "w", "y", "λ"];
const { gradient } = derive(smooth, { args: ["n×p", "p", "n", ""], names, wrt: "w" });
console.log(`${n} patients; ridge: ∂f/∂w = ${gradient}`);

// Steps of 1/L never overshoot, where L is the largest eigenvalue of the Hessian XᵀX + λI.
const XtX = X.T.matmul(X);
const Xty = X.T.matmul(y);
const largest = eigh(XtX).w.max().item();
const tol = 1e-13;

const start = zeros([p], float64);
const ridge = (lambda: number) => {
  const rate = 1 / (largest + lambda);
  return proximalDescent(
    (w) => smooth(X, w, y, lambda),
    (z) => z,
    start,
    { rate, tol },
  );
};
const ridgeClosed = (lambda: number): Tensor => solve(XtX.add(eye(p, float64).mul(lambda)), Xty);
const lasso = (lambda: number) => {
  const rate = 1 / largest;
  const towards0 = (z: Tensor): Tensor => z.sign().mul(maximum(z.abs().sub(rate * lambda), 0));
  return proximalDescent((w) => smooth(X, w, y, 0), towards0, start, { rate, tol });
};

/** Coordinate descent, in plain numbers: w_j ← (c_j + ‖x_j‖² w_j, moved towards 0 by λ) / ‖x_j‖². */
function lassoByCoordinates(lambda: number): Tensor {
  const S = XtX.toArray<number[][]>();
  const b = Xty.toArray<number[]>();
  const w = labels.map(() => 0);
  for (let most = 1; most > tol; ) {
    most = 0;
    for (const [j, row] of S.entries()) {
      const [old = 0, norm = 1] = [w[j], row[j]];
      const pull = (b[j] ?? 0) - row.reduce((sum, s, k) => sum + s * (w[k] ?? 0), 0) + norm * old;
      const next = (Math.sign(pull) * Math.max(Math.abs(pull) - lambda, 0)) / norm;
      most = Math.max(most, Math.abs(next - old));
      w[j] = next;
    }
  }
  return tensor(w, float64);
}

// Each for one λ, side by side.
const columns = {
  "least squares": ridgeClosed(0),
  "ridge, gradient": ridge(n / 10).x,
  "closed form": ridgeClosed(n / 10),
  "lasso, proximal": lasso(2 * n).x,
  "by coordinates": lassoByCoordinates(2 * n),
};
console.log("\nprogression for one standard deviation; ridge at λ = n/10, lasso at λ = 2n");
printTable(
  ["", ...Object.keys(columns)],
  labels.map((label, j) => [label, ...Object.values(columns).map((w) => entry(w, j).toFixed(8))]),
);

// From strong to weak penalties: by gradients at a few, in the classical way also in between.
const path: Found[] = [];
const worst = { ridge: 0, lasso: 0, conditions: 0 };
const rows: string[][] = [];
for (let k = 0; k <= 96; k++) {
  const penalty = 40 * 10 ** (-k / 24);
  const lambda = n * penalty;
  const closed = ridgeClosed(lambda);
  const byCoordinates = lassoByCoordinates(lambda);
  path.push({ model: "ridge", by: "classical", penalty, w: closed });
  path.push({ model: "lasso", by: "classical", penalty, w: byCoordinates });
  if (k % 12 > 0) continue;

  const shrunk = ridge(lambda);
  const sparse = lasso(lambda);
  path.push({ model: "ridge", by: "gradient", penalty, w: shrunk.x });
  path.push({ model: "lasso", by: "gradient", penalty, w: sparse.x });
  const w = sparse.x;
  const c = X.T.matmul(y.sub(X.matmul(w)));
  const breach = where(w.equal(0), maximum(c.abs().sub(lambda), 0), c.sub(w.sign().mul(lambda)));
  worst.ridge = Math.max(worst.ridge, size(shrunk.x.sub(closed)) / size(closed));
  worst.lasso = Math.max(worst.lasso, size(w.sub(byCoordinates)) / size(byCoordinates));
  worst.conditions = Math.max(worst.conditions, size(breach) / lambda);
  const kept = w.sign().abs().sum().item();
  rows.push([penalty.toFixed(4), `${shrunk.steps}`, `${sparse.steps}`, `${kept} of ${p}`]);
}
console.log("\nsteps from 0, and how many weights lasso keeps");
printTable(["λ/n", "ridge", "lasso", "kept"], rows);

await draw(n, labels, path);
for (const [what, error] of [
  ["ridge: largest relative difference", worst.ridge],
  ["lasso: largest relative difference", worst.lasso],
  ["lasso: largest breach of the conditions, of λ,", worst.conditions],
] as const) {
  check(`${what} ${error.toExponential(1)}, promised 1e-8`, error <= 1e-8);
}
