/**
 * Logistic regression: Newton's method against gradient descent.
 *
 * A flower with the measurements x, a row of X with a 1 at its end, is of the second species with the
 * probability σ(xᵀw), where σ(z) = 1/(1 + e⁻ᶻ). With t = 1 for the second species and 0 for the
 * first, the negative log likelihood is
 *
 *     f(w) = Σ log(1 + exp(x_iᵀw)) − t_i x_iᵀw.
 *
 * Since the slope of log(1 + eᶻ) is σ(z), and that of σ is σ(1 − σ), with p = σ(Xw)
 *
 *     df = ⟨p − t, X dw⟩,              ∂f/∂w = Xᵀ(p − t),
 *     d(∂f/∂w) = Xᵀ((p∘(1 − p))∘X dw),   H = XᵀSX with S = diag(p∘(1 − p)).
 *
 * H is positive semidefinite, so that f is convex, and no σ(1 − σ) exceeds 1/4: steps of 1/L with
 * L = ¼ λ_max(XᵀX) always descend. There is no closed form, but for each Newton step there is: it is
 * a weighted least squares fit of z = Xw + S⁻¹(t − p),
 *
 *     w − H⁻¹Xᵀ(p − t) = (XᵀSX)⁻¹ XᵀS z,
 *
 * iteratively reweighted least squares, as in R's glm (McCullagh and Nelder 1989). Where the gradient
 * is zero, Xᵀp = Xᵀt, the score equations: what is expected is what was observed. There H⁻¹ estimates
 * the covariance of w.
 *
 * The data: petals of Iris versicolor and virginica (Fisher 1936), two species that overlap.
 */
import { concat, grad, hessian, init, ones, solve, type Tensor, zeros } from "tracegrad";
import { readCsv, standardize } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { minimize, newton, type Optimizer, sgd } from "tracegrad/optim";
import { draw } from "./pictures/logistic_regression.js";
import { checkGradient, compare, entry, type Row } from "./shared/compare.js";
import { check, heading } from "./shared/print.js";

const features = ["petal_length", "petal_width"];
const float64 = { dtype: "float64" } as const;

await init();
heading("Logistic regression: two species of iris");

const flowers = (await readCsv(new URL("data/iris.csv", import.meta.url))).filter(
  ({ species }) => species !== "setosa",
);
const n = flowers.length;
const raw = flowers.tensor(features, float64);
const { names: species, labels } = flowers.classes("species");
const t = labels.cast("float64");
const scaling = standardize(raw);
const withOnes = (X: Tensor): Tensor =>
  concat([X, ones([X.shape[0] ?? 0, 1], float64)], { axis: 1 });
const X = withOnes(scaling.apply(raw));

const loss = (X: Tensor, w: Tensor, t: Tensor): Tensor =>
  X.matmul(w)
    .softplus()
    .sum()
    .sub(t.dot(X.matmul(w)));
const f = (w: Tensor): Tensor => loss(X, w, t);
const derivation = derive(loss, { args: ["n×p", "p", "n"], names: ["X", "w", "t"], wrt: "w" });
console.log(`${n} flowers: ${species.join(" and ")}`);
console.log(`∂f/∂w   = ${derivation.gradient}`);
console.log(`∂²f/∂w² = ${derivation.hessian().gradient}`);

const at = ones([features.length + 1], float64);
checkGradient("∂f/∂w", grad(f)(at), X.T.matmul(X.matmul(at).sigmoid().sub(t)));

// The same loss from the same start to the same tolerance; the sizes of the gradients on the way.
const tol = 1e-10;
const start = zeros([features.length + 1], float64);
const way: Record<string, number[]> = {};
function descend(method: string, optimizer: Optimizer): Tensor {
  const sizes: number[] = [];
  const { x, steps, gradientNorm, converged } = minimize(f, start, {
    optimizer,
    tol,
    steps: 100_000,
    onStep: ({ gradient }) => {
      sizes.push(gradient.abs().max().item());
    },
  });
  way[method] = [...sizes, gradientNorm];
  check(`${method}: no entry of the gradient exceeds ${tol} after ${steps} steps`, converged);
  return x;
}
const learningRate = 4 / X.T.matmul(X).eigh().w.max().item();
const byDescent = descend("gradient descent", sgd({ learningRate }));
const byNewton = descend("Newton", newton());

// The classical algorithm: each step is a weighted least squares fit in closed form.
let w = start;
let fits = 0;
for (let size = 1; size > tol && fits < 100; fits++) {
  const z = X.matmul(w);
  const p = z.sigmoid();
  const S = p.mul(p.neg().add(1));
  const XtS = X.T.mul(S);
  w = solve(XtS.matmul(X), XtS.matmul(z.add(t.sub(p).div(S))));
  size = grad(f)(w).abs().max().item();
}
console.log(`reweighted least squares: ${fits} fits`);

// To a centimetre: with x = (r − mean)/std, xᵀw + b = rᵀ(w/std) + b − meanᵀ(w/std).
const { mean, std } = scaling;
const inCentimetres = (w: Tensor): Tensor => {
  const slopes = w.slice([0], [2]).div(std);
  return concat([slopes, w.slice([2], [1]).sub(slopes.dot(mean))]);
};
const names = ["petal length", "petal width", "intercept"];
/** Shows vectors side by side, the classical one last; gives their largest relative difference. */
const sideBySide = (title: string, ways: readonly string[], vectors: readonly Tensor[]): number => {
  const rows = names.map((name, j): Row => [name, ...vectors.map((v) => entry(v, j))]);
  return compare(title, ways, rows, { relative: true });
};
const found = inCentimetres(byNewton);
const estimates = [inCentimetres(byDescent), found, inCentimetres(w)];
const ways = ["gradient descent", "Newton", "reweighted"];
const differences = [sideBySide("log odds of virginica, to a centimetre", ways, estimates)];

// The standard errors, by the engine's Hessian and by the formula of H.
const R = withOnes(raw);
const p = R.matmul(found).sigmoid();
const H = hessian((w: Tensor) => loss(R, w, t))(found);
const XtSX = R.T.mul(p.mul(p.neg().add(1))).matmul(R);
const errors = [H, XtSX].map((H) => H.inv().diagPart().sqrt());
differences.push(sideBySide("their standard errors", ["hessian()", "(XᵀSX)⁻¹"], errors));
const scores = [R.T.matmul(p), R.T.matmul(t)];
differences.push(sideBySide("the score equations", ["Xᵀp, expected", "Xᵀt, observed"], scores));
const right = p.greater(0.5).equal(t.greater(0.5)).cast("int32").sum().item();
const logLikelihood = f(byNewton).neg().item();
console.log(
  `\nlog likelihood ${logLikelihood.toFixed(6)}; ${right} of ${n} flowers on their own side`,
);

const probability = (X: Tensor): Tensor => withOnes(X).matmul(found).sigmoid();
await draw({ petals: raw, labels, species, probability }, way);
const worst = Math.max(...differences);
check(`largest relative difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
