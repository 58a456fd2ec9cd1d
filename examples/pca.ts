/**
 * Principal components: the two directions in which penguins differ most.
 *
 * For standardised measurements Z (n×4) with covariance S = 1/n ZᵀZ, the k directions W (4×k) that
 * keep the most variance solve
 *
 *     maximize tr(WᵀSW)   subject to   WᵀW = I.
 *
 * Its Lagrangian has a multiplier for each constraint, together a symmetric matrix Λ (k×k):
 *
 *     L(W, Λ) = tr(WᵀSW) − tr(Λ(WᵀW − I)).
 *
 * The differentials dL = tr(2WᵀS dW) − tr(2ΛWᵀ dW) and dL = −tr((WᵀW − I) dΛ) give
 *
 *     ∂L/∂W = 2(SW − WΛ)   and   ∂L/∂Λ = −(WᵀW − I).
 *
 * Where the first is zero and WᵀW = I, multiplying it by Wᵀ gives Λ = WᵀSW. With this Λ at each
 * step the ascent direction is SW − W(WᵀSW): the pull of the variance, less its part along W. It
 * keeps WᵀW = I to first order, and draws W back when it has left (Oja's subspace rule).
 *
 * The data: bill, flipper and weight of penguins of three species, collected at Palmer Station in
 * Antarctica by Kristen Gorman.
 */
import { eye, grad, init, type Tensor, trace } from "tracegrad";
import { readCsv, standardize } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { draw } from "./pictures/pca.js";
import { checkGradient, size } from "./shared/compare.js";
import { type Eigen, eigenOf, matrixOf, pointedUp, principalAngles } from "./shared/eigen.js";
import { check, heading, percent, printTable } from "./shared/print.js";

const columns = ["culmen_length_mm", "culmen_depth_mm", "flipper_length_mm", "body_mass_g"];
const labels = ["bill length", "bill depth", "flipper length", "body mass"];
const k = 2;
const float64 = { dtype: "float64" } as const;

await init();
heading("Principal components: measurements of penguins");

const file = import.meta.resolve("@observablehq/sample-datasets/penguins.csv");
const all = await readCsv(new URL(file));
const penguins = all.dropMissing(columns);
console.log(
  `${all.length} penguins, ${all.length - penguins.length} left out because a number is missing, ` +
    `${penguins.length} used`,
);
const raw = penguins.tensor(columns, float64);
const Z = standardize(raw).apply(raw);
const S = Z.T.matmul(Z).div(penguins.length);
const total = trace(S).item();

// Gradient ascent. ∂L/∂W comes from the engine; Λ is an argument, so it is held fixed.
const I = eye(k, float64);
const lagrangian = (W: Tensor, Lambda: Tensor, S: Tensor): Tensor =>
  trace(W.T.matmul(S).matmul(W)).sub(trace(Lambda.matmul(W.T.matmul(W).sub(I))));
const ascent = grad(lagrangian);
const constraint = grad(lagrangian, { wrt: 1 });
for (const wrt of ["W", "Λ"]) {
  const { gradient } = derive(lagrangian, {
    args: [`p×${k}`, `${k}×${k}`, "p×p"],
    names: ["W", "Λ", "S"],
    kinds: { S: "symmetric matrix", Λ: "symmetric matrix" },
    wrt,
  });
  console.log(`∂L/∂${wrt} = ${gradient}`);
}

// Near the solution the step multiplies a deviation of WᵀW from I by 1 − 4ηλ, λ an eigenvalue of S;
// η = 1 / (2 tr S) keeps that within ±1, because no eigenvalue exceeds the trace.
const rate = 1 / (2 * total);
const multipliers = (W: Tensor): Tensor => W.T.matmul(S).matmul(W);
let W = eye(columns.length, { ...float64, columns: k });
const bySteps = ascent(W, multipliers(W), S);
checkGradient(
  "∂L/∂W",
  bySteps,
  S.matmul(W)
    .sub(W.matmul(multipliers(W)))
    .mul(2),
);
let steps = 0;
let slope = Number.POSITIVE_INFINITY;
while (slope > 1e-13 && steps < 5000) {
  const G = ascent(W, multipliers(W), S);
  W = W.add(G.mul(rate));
  slope = size(G);
  steps++;
}
const Lambda = multipliers(W);
const gap = size(constraint(W, Lambda, S));
console.log(`gradient ascent: ${steps} steps of ${rate.toFixed(4)}`);
check("∂L/∂W vanishes (1e-12)", slope <= 1e-12);
check("∂L/∂Λ vanishes (1e-12): the columns of W are orthonormal", gap <= 1e-12);

// The closed form: the k eigenvectors of S with the largest eigenvalues, from ml-matrix.
const closed = eigenOf(matrixOf(S));
const V = pointedUp(closed.vectors.subMatrixColumn([...Array(k).keys()]));

// The Lagrangian fixes the subspace, not its basis: WQ is as good as W for every rotation Q. The
// eigenvectors Q of Λ turn W to the components themselves, and the eigenvalues of Λ are their
// variances, since (WQ)ᵀS(WQ) = QᵀΛQ.
const turn = eigenOf(matrixOf(Lambda));
const components = pointedUp(matrixOf(W).mmul(turn.vectors));

// What both find, side by side.
const share = (eigen: Eigen, j: number): number => (eigen.values[j] ?? 0) / total;
const angles = principalAngles(V, components);

console.log("\ndirections");
printTable(
  ["", "ascent 1", "closed form 1", "ascent 2", "closed form 2"],
  labels.map((label, i) => [
    label,
    ...[0, 1].flatMap((j) => [components.get(i, j).toFixed(8), V.get(i, j).toFixed(8)]),
  ]),
);
console.log("\nexplained variance: the multipliers, eigenvalues of Λ, next to those of S");
printTable(
  ["", "multiplier", "eigenvalue", "of all by ascent", "by closed form"],
  [0, 1].map((j) => [
    `component ${j + 1}`,
    (turn.values[j] ?? 0).toFixed(8),
    (closed.values[j] ?? 0).toFixed(8),
    percent(share(turn, j)),
    percent(share(closed, j)),
  ]),
);
console.log(
  `\nangles between the subspaces: ${angles.map((a) => a.toExponential(1)).join(" and ")} radian`,
);

await draw(penguins.column("species").map(String), {
  shares: [share(turn, 0), share(turn, 1)],
  measurements: labels,
  directions: components,
  scores: matrixOf(Z).mmul(components),
});
const difference = Math.max(
  ...[0, 1].map((j) => Math.abs((turn.values[j] ?? Number.NaN) - (closed.values[j] ?? 0))),
);
check(`largest difference ${difference.toExponential(1)}, promised 1e-8`, difference <= 1e-8);
const largest = Math.max(...angles);
check(`largest angle ${largest.toExponential(1)} radian, promised 1e-8`, largest <= 1e-8);
