/**
 * The Kalman filter: how much of the flow of the Nile is noise?
 *
 * The local level model has a level α that walks at random, and measurements y of it:
 *
 *     yₜ = αₜ + εₜ,   αₜ₊₁ = αₜ + ηₜ,   εₜ ~ N(0, e),   ηₜ ~ N(0, h).
 *
 * Of the first level nothing is known, so that a₂ = y₁ and P₂ = e + h are mean and variance of the
 * second. The filter predicts each measurement from those before it, with error vₜ of variance Fₜ:
 *
 *     vₜ = yₜ − aₜ,   Fₜ = Pₜ + e,   Kₜ = Pₜ/Fₜ,   aₜ₊₁ = aₜ + Kₜvₜ,   Pₜ₊₁ = (1 − Kₜ)Pₜ + h,
 *
 * and f = ½ Σₜ (log 2πFₜ + vₜ²/Fₜ), t = 2 … n, is the negative log-likelihood. The variances e and
 * h that make it smallest have no closed form. Its gradient through the n steps of the filter comes
 * from the tape; by log e and log h, which may be any numbers, L-BFGS follows it.
 *
 * Run backward through the filter, the tape is the smoother of the textbooks. With the whole series
 * y known, the expected noise and its variance are, by Tweedie's formula,
 *
 *     E(εₜ | y) = e ∂f/∂yₜ,   Var(εₜ | y) = e − e² ∂²f/∂yₜ²,
 *
 * so that the gradient by y smooths the series, and the diagonal of the Hessian says how surely.
 *
 * The classical algorithm is EM: smooth, then set e and h to the expected squares of the noises
 * (Shumway and Stoffer, 1982). On e this is a gradient step again, e − 2e²/n ∂f/∂e.
 *
 * The data: the yearly flow of the Nile at Aswan, 1871 to 1970, with the estimates of Durbin and
 * Koopman, Time Series Analysis by State Space Methods, 2012, chapter 2.
 */
import { eye, grad, hessian, init, scalar, split, stack, type Tensor, tensor } from "tracegrad";
import { readCsv } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { lbfgs, minimize } from "tracegrad/optim";
import { draw } from "./pictures/kalman.js";
import { checkApart, compare, entry, type Row, size } from "./shared/compare.js";
import { type Noise, smooth } from "./shared/local_level.js";
import { check, heading } from "./shared/print.js";

const published = [15099, 1469.1] as const;
const float64 = { dtype: "float64" } as const;

await init();
heading("The Kalman filter: the level of the Nile");

const table = await readCsv(new URL("data/nile.csv", import.meta.url), {
  columns: { year: "number", volume: "number" },
});
const y = table.tensor("volume", float64);
const n = y.size;

/** The negative log-likelihood f, by the filter. */
function negLogLikelihood(y: Tensor, e: Tensor, h: Tensor): Tensor {
  const [first, ...others] = split(y, n) as [Tensor, ...Tensor[]];
  let a = first;
  let P = e.add(h);
  let sum = scalar((n - 1) * Math.log(2 * Math.PI), float64);
  for (const yt of others) {
    const v = yt.sub(a);
    const F = P.add(e);
    const K = P.div(F);
    sum = sum.add(F.log()).add(v.square().div(F));
    a = a.add(K.mul(v));
    P = P.sub(K.mul(P)).add(h);
  }
  return sum.sum().div(2);
}

// By gradient, from half the variance of the series for each noise.
const half = y.sub(y.mean()).square().mean().div(2);
const noises = (x: Tensor): [e: Tensor, h: Tensor] => split(x.exp(), 2) as [Tensor, Tensor];
const f = (x: Tensor): Tensor => negLogLikelihood(y, ...noises(x));
const found = minimize(f, stack([half, half]).log(), { optimizer: lbfgs(), tol: 1e-9 });
check(`L-BFGS comes to rest (1e-9), after ${found.steps} steps`, found.converged);
const [e, h] = noises(found.x);

// By EM.
const flow = y.toArray<number[]>();
const expectedSquare = (noises: readonly Noise[]): number =>
  noises.reduce((sum, { mean, variance }) => sum + mean ** 2 + variance, 0) / noises.length;
const em = (e: number, h: number): [e: number, h: number] => {
  const { eps, eta } = smooth(flow, e, h);
  return [expectedSquare(eps), expectedSquare(eta)];
};
let byEm: [e: number, h: number] = [half.item(), half.item()];
let steps = 0;
for (let moved = 1; moved > 1e-15 && steps < 10_000; steps++) {
  const next = em(...byEm);
  moved = Math.abs(next[1] - byEm[1]) / byEm[1];
  byEm = next;
}
check(`EM comes to rest (1e-15), after ${steps} steps`, steps < 10_000);
const [stepE] = em(half.item(), half.item());
const slope = grad((e: Tensor) => negLogLikelihood(y, e, half))(half).item();
const scaled = half.item() - (2 * half.item() ** 2 * slope) / n;
checkApart("its first step of e is e − 2e²/n ∂f/∂e", Math.abs(stepE / scaled - 1), 1e-12);

// Without a filter: the differences zₜ = yₜ₊₁ − yₜ are Gaussian with covariance eT + hI, T = DDᵀ,
// for the matrix D of differences. The engine derives the gradient, which takes n³ operations.
const formula = derive("(logdet(e*T + h*I) + z'*inv(e*T + h*I)*z)/2", {
  wrt: "e",
  kinds: { T: "symmetric matrix", h: "scalar" },
}).gradient;
console.log(`\n∂f/∂e = ${formula}`);
const I = eye(n, float64);
const D = I.slice([1, 0]).sub(I.slice([0, 0], [n - 1, n]));
const byFormula = formula
  .toFunction()(half, D.matmul(D.T), half, eye(n - 1, float64), D.matmul(y))
  .item();
checkApart("the filter's tape has the same", Math.abs(byFormula / slope - 1), 1e-10);

// What both find, and how surely: the inverse of the Hessian is the covariance of log e and log h.
const spread = hessian(f)(found.x).inv().diagPart().sqrt();
const labels = ["e, noise of the measurements", "h, noise of the level"];
const apart = compare(
  "variances",
  ["L-BFGS", "EM"],
  labels.map((label, i): Row => [label, entry(found.x.exp(), i), byEm[i] ?? Number.NaN]),
  { relative: true, digits: 6 },
);
for (const [i, name] of ["e", "h"].entries()) {
  const [center, reach] = [entry(found.x, i), 1.96 * entry(spread, i)];
  const [low, high] = [Math.exp(center - reach), Math.exp(center + reach)];
  console.log(`95 % confidence interval of ${name}: ${low.toFixed(0)} to ${high.toFixed(0)}`);
}

// The tape as a smoother: the level yₜ − εₜ, as uncertain as the noise.
const ofSeries = (y: Tensor): Tensor => negLogLikelihood(y, e, h);
const level = y.sub(grad(ofSeries)(y).mul(e));
const std = e.sub(hessian(ofSeries)(y).diagPart().mul(e.square())).sqrt();
const { eps } = smooth(flow, e.item(), h.item());
const vector = (list: readonly Noise[], f: (noise: Noise, t: number) => number): Tensor =>
  tensor(list.map(f), float64);
const smoothed = vector(eps, ({ mean }, t) => (flow[t] ?? Number.NaN) - mean);
const smoothedStd = vector(eps, ({ variance }) => Math.sqrt(variance));
const years = table.column("year");
compare(
  "level of the Nile, in 10⁸ m³ a year",
  ["by the tape", "smoother"],
  [1871, 1898, 1899, 1970].flatMap((year): Row[] => {
    const t = years.indexOf(year);
    return [
      [`${year}`, entry(level, t), entry(smoothed, t)],
      ["± std", entry(std, t), entry(smoothedStd, t)],
    ];
  }),
);
const levelApart = size(level.sub(smoothed));
const stdApart = size(std.sub(smoothedStd));

await draw(years, flow, level, std);
const rounded = Math.max(
  ...published.map((value, i) => Math.abs(entry(found.x.exp(), i) / value - 1)),
);
check(
  `Durbin and Koopman have ${published.join(" and ")}: relative difference ` +
    `${rounded.toExponential(1)}, promised 1e-4 for their rounding`,
  rounded <= 1e-4,
);
const worst = Math.max(apart, levelApart, stdApart);
check(
  `largest difference ${worst.toExponential(1)}, of variances relative, promised 1e-8`,
  worst <= 1e-8,
);
