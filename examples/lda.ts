/**
 * Linear discriminants: the two directions along which species of penguins differ most.
 *
 * The covariance of standardised measurements is the sum of two: Sw, the mean covariance within the
 * classes, and Sb, that of the means of the classes. Fisher's criterion is the variance between the
 * classes measured in the variance within them, here along k directions W (p×k):
 *
 *     J(W) = tr(C WᵀSbW),   C = (WᵀSwW)⁻¹.
 *
 * With dC = −C (dWᵀSwW + WᵀSw dW) C the differential and the gradient are
 *
 *     dJ = tr(2 C Wᵀ(Sb − Sb W C Wᵀ Sw) dW),   ∂J/∂W = 2(Sb − Sw W C Wᵀ Sb) W C.
 *
 * J(WT) = J(W) for every invertible T (k×k): only the space of the columns counts, and W may be
 * scaled to WᵀSwW = I at any time. With this as a constraint, the Lagrangian
 *
 *     L(W, Λ) = tr(WᵀSbW) − tr(Λ(WᵀSwW − I))   has   ∂L/∂W = 2(SbW − SwWΛ).
 *
 * Where that is zero, multiplying it by Wᵀ gives Λ = WᵀSbW, and what is left is the generalized
 * eigenproblem Sb v = λ Sw v, turned: each eigenvalue of Λ is the ratio of the variances between and
 * within the classes along its direction.
 *
 * The data: bill, flipper and weight of penguins of three species, collected at Palmer Station in
 * Antarctica by Kristen Gorman; examples/pca.ts looks at the same numbers without the species.
 */
import { CholeskyDecomposition, inverse } from "ml-matrix";
import { eye, grad, init, solve, type Tensor, trace, valueAndGrad } from "tracegrad";
import { readCsv, standardize } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { draw } from "./pictures/lda.js";
import { checkGradient, size } from "./shared/compare.js";
import { eigenOf, matrixOf, pointedUp, principalAngles } from "./shared/eigen.js";
import { check, heading, printTable } from "./shared/print.js";

const columns = ["culmen_length_mm", "culmen_depth_mm", "flipper_length_mm", "body_mass_g"];
const labels = ["bill length", "bill depth", "flipper length", "body mass"];
const k = 2;
const float64 = { dtype: "float64" } as const;

await init();
heading("Linear discriminants: three species of penguins");

const file = import.meta.resolve("@observablehq/sample-datasets/penguins.csv");
const penguins = (await readCsv(new URL(file))).dropMissing(columns);
const n = penguins.length;
const raw = penguins.tensor(columns, float64);

// Z are the measurements, a row of Y says who is what, a row of means is that of a class.
const Z = standardize(raw).apply(raw);
const { values: Y } = penguins.oneHot("species", float64);
const means = Y.T.matmul(Z).div(Y.sum({ axis: 0 }).reshape([-1, 1]));
const between = Y.matmul(means);
const within = Z.sub(between);
const Sb = between.T.matmul(between).div(n);
const Sw = within.T.matmul(within).div(n);

// Gradient ascent on J, the gradient from the engine. Near the solution its steps must be below
// 1/(λ₁‖Sw‖), two over the largest curvature of J; those of 1/(J tr Sw) are, for J ≥ λ₁ there.
const J = (W: Tensor, Sw: Tensor, Sb: Tensor): Tensor =>
  trace(solve(W.T.matmul(Sw).matmul(W), W.T.matmul(Sb).matmul(W)));
const ascent = valueAndGrad(J);

// At the first columns of I, the formula above worked out: WC is W times C.
const first = eye(columns.length, { ...float64, columns: k });
const WC = first.matmul(first.T.matmul(Sw).matmul(first).inv());
const byHand = Sb.sub(Sw.matmul(WC).matmul(first.T).matmul(Sb)).matmul(WC).mul(2);
checkGradient("∂J/∂W", ascent(first, Sw, Sb)[1], byHand);

const scaled = (W: Tensor): Tensor => W.T.matmul(Sw).matmul(W).cholesky().solveTriangular(W.T).T;
let W = scaled(first);
let steps = 0;
let slope = Number.POSITIVE_INFINITY;
while (slope > 5e-13 && steps < 20_000) {
  const [value, G] = ascent(W, Sw, Sb);
  W = scaled(W.add(G.div(value.mul(trace(Sw)))));
  slope = size(G);
  steps++;
}
console.log(`gradient ascent: ${steps} steps`);
const symmetric = "symmetric matrix";
const { gradient } = derive(J, {
  args: ["p×k", "p×p", "p×p"],
  names: ["W", "Sw", "Sb"],
  kinds: { Sw: symmetric, Sb: symmetric },
});
console.log(`∂J/∂W = ${gradient}`);

// The multipliers that the constraint WᵀSwW = I has there.
const Lambda = W.T.matmul(Sb).matmul(W);
const lagrangian = (W: Tensor, Lambda: Tensor): Tensor =>
  trace(W.T.matmul(Sb).matmul(W)).sub(trace(Lambda.matmul(W.T.matmul(Sw).matmul(W).sub(eye(k)))));
const [byW, byLambda] = grad(lagrangian, { wrt: [0, 1] })(W, Lambda);
check("∂L/∂W vanishes (1e-12)", size(byW) <= 1e-12);
check("∂L/∂Λ vanishes (1e-12): WᵀSwW = I", size(byLambda) <= 1e-12);

// The closed form, by ml-matrix: with Sw = LLᵀ and u = Lᵀv, Sb v = λ Sw v is L⁻¹SbL⁻ᵀ u = λu.
const L = new CholeskyDecomposition(matrixOf(Sw)).lowerTriangularMatrix;
const Linv = inverse(L);
const closed = eigenOf(Linv.mmul(matrixOf(Sb)).mmul(Linv.transpose()));
const U = closed.vectors.subMatrixColumn([...Array(k).keys()]);
const V = pointedUp(Linv.transpose().mmul(U));

// Directions of one space: the eigenvectors of Λ turn W to the discriminants themselves.
const turn = eigenOf(matrixOf(Lambda));
const discriminants = pointedUp(matrixOf(W).mmul(turn.vectors));
const angles = principalAngles(U, L.transpose().mmul(matrixOf(W)));

console.log("\ndirections, scaled to a variance of 1 within the species");
printTable(
  ["", "ascent 1", "closed form 1", "ascent 2", "closed form 2"],
  labels.map((label, i) => [
    label,
    ...[0, 1].flatMap((j) => [discriminants.get(i, j).toFixed(8), V.get(i, j).toFixed(8)]),
  ]),
);
console.log("\nvariance between the species, in the variance within them");
printTable(
  ["", "multiplier, by ascent", "eigenvalue, closed form"],
  [0, 1].map((j) => [
    `discriminant ${j + 1}`,
    (turn.values[j] ?? 0).toFixed(8),
    (closed.values[j] ?? 0).toFixed(8),
  ]),
);
console.log(
  `\nangles between the subspaces: ${angles.map((a) => a.toExponential(1)).join(" and ")} radian`,
);

// How many are nearest to the mean of another species, in the plane of the discriminants, where
// distances are in standard deviations within the species, and in that of the principal components?
const components = pointedUp(eigenOf(matrixOf(Sw.add(Sb))).vectors.subMatrixColumn([0, 1]));
const planes = [
  { title: "linear discriminants", axes: discriminants },
  { title: "principal components", axes: components },
].map(({ title, axes }) => {
  const plane = axes.to2DArray();
  const scores = Z.matmul(plane);
  const away = scores.reshape([n, 1, k]).sub(means.matmul(plane)).square().sum({ axis: 2 });
  const nearest = away.neg().argmax({ axis: 1 });
  const wrong = nearest
    .notEqual(Y.argmax({ axis: 1 }))
    .cast("int32")
    .sum()
    .item();
  console.log(`${title}: ${wrong} of ${n} penguins are nearest to the mean of another species`);
  return { title, wrong, scores: scores.toArray<number[][]>() };
});

await draw(penguins.column("species").map(String), planes);
const difference = Math.max(
  ...[0, 1].map((j) => Math.abs((turn.values[j] ?? Number.NaN) - (closed.values[j] ?? 0))),
);
check(`largest difference ${difference.toExponential(1)}, promised 1e-8`, difference <= 1e-8);
const largest = Math.max(...angles);
check(`largest angle ${largest.toExponential(1)} radian, promised 1e-8`, largest <= 1e-8);
