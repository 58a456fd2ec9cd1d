/**
 * Support vectors: which penguins decide where the line between two species lies?
 *
 * The support vector machine with a hard margin, through its Lagrangian. A line is to part two
 * classes, y = ±1, of points x (the rows of X) so that the strip without points around it is as wide
 * as can be. With y(xᵀw + b) = 1 on the edges of the strip its width is 2/‖w‖:
 *
 *     minimize ½ ‖w‖²   subject to   y_i(x_iᵀw + b) ≥ 1 for all i.
 *
 * The Lagrangian has a multiplier λ_i ≥ 0 for each constraint,
 *
 *     L(w, b, λ) = ½ ‖w‖² − Σ λ_i (y_i(x_iᵀw + b) − 1),
 *     dL = ⟨w − Xᵀ(λ∘y), dw⟩ − λᵀy db + ⟨1 − y∘(Xw + b), dλ⟩.
 *
 * ∂L/∂w = 0 and ∂L/∂b = 0 give w = Xᵀ(λ∘y) and λᵀy = 0. Put into L, they leave the dual problem
 *
 *     maximize D(λ) = Σ λ_i − ½ ‖Xᵀ(λ∘y)‖²   subject to   λ ≥ 0 and yᵀλ = 0.
 *
 * Projected gradient ascent takes steps of η along ∂D/∂λ = 1 − y∘Xw, and after each goes to the
 * nearest point that is allowed, max(0, λ − μy) with the μ for which yᵀλ = 0. At rest, each point
 * with λ_i > 0 has η(1 − y_i x_iᵀw) = μy_i, or y_i(x_iᵀw + μ/η) = 1: it lies on an edge of the strip,
 * a support vector, and b = μ/η. All others have λ_i = 0, and could as well not be there.
 *
 * The classical algorithm is sequential minimal optimization: it moves two λ at a time, those that
 * break the conditions most, along yᵀλ = 0 (Platt 1998; Keerthi and others 2001).
 *
 * The data: penguins of two species, measured at Palmer Station in Antarctica by Kristen Gorman.
 */
import { eigh, grad, init, norm, scalar, type Tensor, tensor, zeros } from "tracegrad";
import { readCsv, standardize } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { decisionBoundary } from "tracegrad/plot";
import { compare, entry, type Row, size } from "./shared/compare.js";
import { dot, minimalOptimization } from "./shared/minimal_optimization.js";
import { drawSvg } from "./shared/plot.js";
import { check, heading } from "./shared/print.js";
import { proximalDescent } from "./shared/proximal.js";

const features = ["culmen_depth_mm", "flipper_length_mm"];
const float64 = { dtype: "float64" } as const;

await init();
heading("Support vector machine: two species of penguins");

const file = import.meta.resolve("@observablehq/sample-datasets/penguins.csv");
const penguins = (await readCsv(new URL(file)))
  .dropMissing(features)
  .filter(({ species }) => species !== "Chinstrap");
const n = penguins.length;
const raw = penguins.tensor(features, float64);
const { names: species, labels } = penguins.classes("species");
const y = labels.cast("float64").mul(2).sub(1);
const signs = y.toArray<number[]>();
const scaling = standardize(raw);
const X = scaling.apply(raw);

const lagrangian = (w: Tensor, b: Tensor, lambda: Tensor, X: Tensor, y: Tensor): Tensor =>
  w
    .square()
    .sum()
    .div(2)
    .sub(lambda.dot(y.mul(X.matmul(w).add(b)).sub(1)));
const dual = (lambda: Tensor, X: Tensor, y: Tensor): Tensor =>
  lambda.sum().sub(X.T.matmul(lambda.mul(y)).square().sum().div(2));
const args = ["p", "", "n", "n×p", "n"];
const names = ["w", "b", "λ", "X", "y"];
const ofDual = { args: args.slice(2), names: names.slice(2), wrt: "λ" };
console.log(`${n} penguins: ${species.join(" and ")}`);
for (const wrt of ["w", "b", "λ"]) {
  console.log(`∂L/∂${wrt} = ${derive(lagrangian, { args, names, wrt }).gradient}`);
}
console.log(`∂D/∂λ = ${derive(dual, ofDual).gradient}`);

/**
 * The point nearest to z with λ ≥ 0 and yᵀλ = 0. As μ grows, yᵀmax(0, z − μy) falls, on a straight
 * line between the μ where an entry comes to 0: its root lies between two of these.
 */
function project(z: readonly number[]): { readonly lambda: number[]; readonly mu: number } {
  const at = (mu: number) => z.map((value, i) => Math.max(0, value - mu * (signs[i] ?? 0)));
  const sum = (mu: number) => dot(at(mu), signs);
  const bends = z.map((value, i) => value * (signs[i] ?? 0)).sort((a, b) => a - b);
  let [low, high] = [0, bends.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sum(bends[middle] ?? 0) > 0) low = middle;
    else high = middle;
  }
  const [left = 0, right = 0] = [bends[low], bends[high]];
  const [above, below] = [sum(left), sum(right)];
  const mu = above === below ? left : left + ((right - left) * above) / (above - below);
  return { lambda: at(mu), mu };
}

// Projected gradient ascent.
const D = (lambda: Tensor): Tensor => dual(lambda, X, y);
const rate = 1 / eigh(X.T.matmul(X)).w.max().item();
const { x: lambda, steps } = proximalDescent(
  (lambda) => D(lambda).neg(),
  (z) => tensor(project(z.toArray()).lambda, float64),
  zeros([n], float64),
  { rate, tol: 1e-14 },
);
const w = X.T.matmul(lambda.mul(y));
const { mu } = project(lambda.add(grad(D)(lambda).mul(rate)).toArray());
const b = scalar(mu / rate, float64);
console.log(`projected gradient ascent: ${steps} steps`);

const classical = minimalOptimization(X.toArray(), signs);
console.log(`sequential minimal optimization: ${classical.steps} steps`);

const inUse = (lambda: readonly number[]): number[] =>
  lambda.flatMap((value, i) => (value > 0 ? [i] : []));
const support = inUse(lambda.toArray());
const measured = raw.toArray<number[][]>();
const worst = compare(
  "the line wᵀx + b = 0 in standardised units, and the multipliers of the support vectors",
  ["projected gradient", "minimal optimization"],
  [
    ["w₁, bill depth", entry(w, 0), classical.w[0] ?? Number.NaN],
    ["w₂, flipper length", entry(w, 1), classical.w[1] ?? Number.NaN],
    ["b", b.item(), classical.b],
    ["width of the strip, 2/‖w‖", 2 / norm(w).item(), 2 / Math.hypot(...classical.w)],
    ...support.map((i): Row => {
      const label = `λ of ${species[entry(labels, i)]}, ${measured[i]?.join(" mm and ")} mm`;
      return [label, entry(lambda, i), classical.lambda[i] ?? Number.NaN];
    }),
  ],
  { relative: true },
);
const same = `${support}` === `${inUse(classical.lambda)}`;
check(`both find the same ${support.length} support vectors`, same);

// What makes it the solution, by the engine's gradients of L: ∂L/∂λ is 1 − y∘(Xw + b).
const [byW, byB, byLambda] = grad(lagrangian, { wrt: [0, 1, 2] })(w, b, lambda, X, y);
check("∂L/∂w and ∂L/∂b vanish (1e-10)", Math.max(size(byW), size(byB)) <= 1e-10);
check("no penguin lies within the strip: ∂L/∂λ ≤ 0 (1e-10)", byLambda.max().item() <= 1e-10);
check("support vectors lie on its edges: λ∘∂L/∂λ = 0 (1e-10)", size(lambda.mul(byLambda)) <= 1e-10);
const [least, highest] = [w.square().sum().div(2).item(), D(lambda).item()];
const gap = Math.abs(least - highest) / least;
check(`duality gap ${gap.toExponential(1)} of ½‖w‖², promised 1e-8`, gap <= 1e-8);

await drawSvg(
  "svm",
  decisionBoundary((x) => scaling.apply(x).matmul(w).add(b), {
    points: raw,
    labels,
    classes: species,
    support,
    margins: true,
    title: "The widest strip between two species",
    subtitle: `${support.length} of ${n} penguins decide where it lies`,
    xTitle: "bill depth (mm)",
    yTitle: "flipper length (mm)",
    width: 540,
    height: 380,
  }),
);
check(`largest relative difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
