/**
 * The Gaussian by maximum likelihood: the heights of sons and of their parents.
 *
 * For the rows of X (n×p), each drawn from the Gaussian of mean μ and covariance Σ, the mean
 * negative log-likelihood is, up to the constant ½ p log 2π,
 *
 *     f(μ, Σ) = ½ tr(Σ⁻¹S(μ)) + ½ log det Σ,   S(μ) = 1/n (X − 1μᵀ)ᵀ(X − 1μᵀ).
 *
 * In the precision P = Σ⁻¹ it is ½ tr(SP) − ½ log det P, and d log det P = tr(P⁻¹ dP) gives
 *
 *     df = ½ tr((S(μ) − P⁻¹) dP) − (x̄ − μ)ᵀP dμ,
 *
 * which is zero for all dP and dμ where μ = x̄ and Σ = P⁻¹ = S(x̄) only: the closed form.
 *
 * Steps on Σ may leave the positive definite matrices. Steps on a factor L, lower triangular with
 * Σ = LLᵀ (Cholesky), cannot. In P the function is convex, and its Hessian ½ P⁻¹ ⊗ P⁻¹ makes the
 * step of Newton's method −P(S − P⁻¹)P. It goes to 2P − PSP, the iteration of Newton and Schulz for
 * the inverse of S, which converges from P = I/tr S, where all eigenvalues of SP are at most 1.
 *
 * The data: 481 sons of 179 families and their parents, measured for Francis Galton, who saw the
 * ellipses of the bivariate Gaussian in such heights, and found regression in these (1886). The
 * model takes them as independent, which brothers are not.
 */
import { eye, full, grad, hessian, init, lstsq, solveTriangular, type Tensor } from "tracegrad";
import { readCsv } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { lbfgs, minimize, type Optimizer, sgd } from "tracegrad/optim";
import { draw } from "./pictures/gaussian_mle.js";
import { checkApart, checkGradient, compare, entry, type Row, size } from "./shared/compare.js";
import { check, heading } from "./shared/print.js";

const names = ["father", "mother", "son"];
const float64 = { dtype: "float64" } as const;

await init();
heading("Maximum likelihood: the Gaussian of three heights");

const children = await readCsv(new URL("data/galton.csv", import.meta.url));
const sons = children.filter(({ sex }) => sex === "male");
const X = sons.tensor(["father", "mother", "height"], float64);
const n = sons.length;
console.log(`${children.length} children; ${n} sons with their parents used\n`);

// The formula of the gradient, derived by the engine.
const inPrecision = (S: Tensor, P: Tensor): Tensor => S.matmul(P).trace().sub(P.logdet()).div(2);
console.log(String(derive(inPrecision, { args: ["p×p", "p×p"], names: ["S", "P"], wrt: "P" })));

// The closed form.
const mean = X.mean({ axis: 0 });
const scatter = (mu: Tensor): Tensor => X.sub(mu).T.matmul(X.sub(mu)).div(n);
const S = scatter(mean);

// Descent on μ and L, from means of 72 inches with a deviation of 3 and no correlation. With
// Σ = LLᵀ, tr(Σ⁻¹S) is 1/n ‖L⁻¹(X − 1μᵀ)ᵀ‖², and ½ log det Σ is the sum of log Lᵢᵢ.
interface Model {
  readonly mu: Tensor;
  readonly L: Tensor;
}
const f = ({ mu, L }: Model): Tensor => {
  const squares = solveTriangular(L, X.sub(mu).T).square();
  return squares
    .sum()
    .div(2 * n)
    .add(L.diagPart().log().sum());
};
const start: Model = { mu: full([3], 72, float64), L: eye(3, float64).mul(3) };
const tol = 1e-12;

console.log("");
const { mu: byMean } = grad(f)(start);
checkGradient("∂f/∂μ", byMean, start.L.matmul(start.L.T).inv().matmul(start.mu.sub(mean)));
function descend(method: string, optimizer: Optimizer): { mu: Tensor; Sigma: Tensor } {
  const { x, steps, converged } = minimize(f, start, { optimizer, tol });
  check(`${method} on μ and L comes to rest (1e-12), after ${steps} steps`, converged);
  return { mu: x.mu, Sigma: x.L.tril().matmul(x.L.tril().T) };
}
const descent = descend("gradient descent", sgd({ learningRate: 2 }));
const quasi = descend("L-BFGS", lbfgs());

// Newton's method on P, its Hessian kept as a Kronecker product; Newton and Schulz beside it.
const inP = (P: Tensor): Tensor => inPrecision(S, P);
const gradient = grad(inP);
const curvature = hessian(inP, { form: "operator", names: ["P"] });
let P = eye(3, float64).div(S.trace());
console.log(String(curvature(P)));
let schulz = P;
let apart = 0;
let steps = 0;
for (; steps < 50 && size(gradient(P)) > tol; steps++) {
  P = P.sub(curvature(P).solve(gradient(P)));
  schulz = schulz.mul(2).sub(schulz.matmul(S).matmul(schulz));
  apart = Math.max(apart, size(P.sub(schulz)));
}
check(`Newton on P comes to rest (1e-12), after ${steps} steps`, steps < 50);
checkApart("with the steps of Newton and Schulz", apart, 1e-12);

// What all find, side by side.
const meansApart = compare(
  "means, in inches",
  ["gradient descent", "L-BFGS", "closed form"],
  names.map((name, i) => [name, entry(descent.mu, i), entry(quasi.mu, i), entry(mean, i)]),
);
const covariances = [descent.Sigma, quasi.Sigma, P.inv(), S];
const entries = names.flatMap((name, i) =>
  names.slice(0, i + 1).map((other, j): Row => {
    const label = i === j ? `variance, ${name}` : `covariance, ${name} and ${other}`;
    return [label, ...covariances.map((Sigma) => entry(Sigma, i, j))];
  }),
);
const methods = ["gradient descent", "L-BFGS", "Newton on P", "closed form"];
const covarianceApart = compare("covariance, in square inches", methods, entries);

// What the precision tells: given his parents, the son is expected at x̄ₛ + b₁(father − x̄) +
// b₂(mother − x̄) with b = −P₃₁/P₃₃ and −P₃₂/P₃₃, which is the regression by least squares.
const Z = X.sub(mean);
const least = lstsq(Z.slice([0, 0], [-1, 2]), Z.slice([0, 2], [-1, 1]));
const slopesApart = compare(
  "regression of the son's height on those of his parents",
  ["by the precision", "least squares"],
  [0, 1].map((j) => [
    `inches an inch of the ${names[j]}`,
    -entry(P, 2, j) / entry(P, 2, 2),
    entry(least, j, 0),
  ]),
);

// Father and son alone have the Gaussian of their means and covariances.
const pair = [0, 2];
const mu = descent.mu.take(pair);
const Sigma = descent.Sigma.take(pair).take(pair, { axis: 1 });
await draw(X.take(pair, { axis: 1 }), mu, Sigma);
const worst = Math.max(meansApart, covarianceApart, slopesApart);
check(`largest difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
