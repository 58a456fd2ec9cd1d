/**
 * Mixtures of Gaussians: the eruptions of Old Faithful.
 *
 * Each row x of X (n×2) is drawn from one of k Gaussians, from the j-th with probability πⱼ. With
 * aᵢⱼ = log πⱼ + log N(xᵢ; μⱼ, Cⱼ) the mean negative log-likelihood is
 *
 *     f = −1/n Σᵢ log Σⱼ exp aᵢⱼ,   ∂f/∂aᵢⱼ = −rᵢⱼ/n,   rᵢⱼ = exp aᵢⱼ / Σₗ exp aᵢₗ:
 *
 * the gradient of logsumexp is softmax, and rᵢⱼ the probability that row i came from the j-th. With
 * d log N(x; μ, C) = (x − μ)ᵀC⁻¹ dμ in the mean,
 *
 *     ∂f/∂μⱼ = −1/n Cⱼ⁻¹ Σᵢ rᵢⱼ(xᵢ − μⱼ).
 *
 * There is no closed form. The classical algorithm, EM, calculates r and then sets πⱼ, μⱼ and Cⱼ to
 * the share, the mean and the covariance of the rows, weighted by r. It moves μⱼ by −Cⱼ ∂f/∂μⱼ /
 * πⱼ, with the new share πⱼ: a gradient step, scaled by a matrix (Xu and Jordan, 1996). Here L-BFGS
 * follows the engine's gradient by w, μ and L, with π = softmax(w) and Cⱼ = LⱼLⱼᵀ (Cholesky), which
 * are weights and covariances wherever a step goes.
 *
 * The data: how long 272 eruptions of the geyser in Yellowstone took, and the wait for the next.
 */
import {
  concat,
  eye,
  full,
  grad,
  init,
  solveTriangular,
  stack,
  type Tensor,
  zeros,
} from "tracegrad";
import { readCsv, standardize } from "tracegrad/data";
import { lbfgs, minimize } from "tracegrad/optim";
import { draw, type Step } from "./pictures/gaussian_mixture.js";
import { checkApart, compare, entry, type Row, size } from "./shared/compare.js";
import { check, heading } from "./shared/print.js";

const float64 = { dtype: "float64" } as const;
const TOL = 1e-12;

await init();
heading("Mixtures of Gaussians: the eruptions of Old Faithful");

const table = await readCsv(new URL("data/old_faithful.csv", import.meta.url));
const minutes = table.tensor(["eruption", "waiting"], float64);
const scale = standardize(minutes);
const X = scale.apply(minutes);
const n = table.length;

/** Weights [k], means [k, 2] and covariances [k, 2, 2]. */
interface Mixture {
  readonly pi: Tensor;
  readonly mu: Tensor;
  readonly C: Tensor;
}

/** aᵢⱼ as [k, n]: (x − μ)ᵀC⁻¹(x − μ) is ‖L⁻¹(x − μ)‖², and ½ log det C the sum of log Lᵢᵢ. */
function joint(logPi: Tensor, mu: Tensor, L: Tensor): Tensor {
  const Z = solveTriangular(L, X.T.sub(mu.expandDims(2)));
  const constant = logPi.sub(L.diagPart().log().sum({ axis: 1 })).sub(Math.log(2 * Math.PI));
  return constant.expandDims(1).sub(Z.square().sum({ axis: 1 }).div(2));
}
const jointOf = ({ pi, mu, C }: Mixture): Tensor => joint(pi.log(), mu, C.cholesky());
const loss = (a: Tensor): Tensor => a.logsumexp({ axis: 0 }).mean().neg();

/** Both begin with equal weights, the first rows as means, and round clouds. */
const startOf = (k: number): Mixture => ({
  pi: full([k], 1 / k, float64),
  mu: X.slice([0, 0], [k, 2]),
  C: stack(Array.from({ length: k }, () => eye(2, float64))),
});
/** How the loss fell on the way. */
const path: Step[] = [];

/** By gradient. */
function descended(k: number): Mixture {
  const { mu, C } = startOf(k);
  const start = { w: zeros([k], float64), mu, L: C.cholesky() };
  const { x, steps, converged } = minimize(
    ({ w, mu, L }) => loss(joint(w.logSoftmax(), mu, L)),
    start,
    {
      optimizer: lbfgs(),
      tol: TOL,
      onStep: ({ step, value }) => {
        path.push({ method: "L-BFGS", gaussians: k, step: step - 1, f: value });
      },
    },
  );
  check(`L-BFGS comes to rest (${TOL}), after ${steps} steps`, converged);
  return { pi: x.w.softmax(), mu: x.mu, C: x.L.tril().matmul(x.L.tril().T) };
}

/** By EM: one step, and all. */
function em(mixture: Mixture): Mixture {
  const r = jointOf(mixture).softmax({ axis: 0 });
  const count = r.sum({ axis: 1, keepDims: true });
  const mu = r.matmul(X).div(count);
  const D = X.sub(mu.expandDims(1));
  const C = D.T.matmul(D.mul(r.expandDims(2))).div(count.expandDims(2));
  return { pi: count.squeeze(1).div(n), mu, C };
}
function maximized(k: number): Mixture {
  let mixture = startOf(k);
  let moved = 1;
  let step = 0;
  for (; step < 2000 && moved > TOL; step++) {
    path.push({ method: "EM", gaussians: k, step, f: loss(jointOf(mixture)).item() });
    const next = em(mixture);
    moved = size(next.mu.sub(mixture.mu));
    mixture = next;
  }
  check(`EM comes to rest (${TOL}), after ${step} steps`, moved <= TOL);
  return mixture;
}

// At the start, where EM moves the means, and what the gradient says.
const start = startOf(2);
const next = em(start);
const G = grad((mu: Tensor) => loss(jointOf({ ...start, mu })))(start.mu);
const scaled = start.C.matmul(G.expandDims(2)).squeeze(2).div(next.pi.expandDims(1));
const apart = size(next.mu.sub(start.mu.sub(scaled)));
checkApart("EM moves the means by −Cⱼ ∂f/∂μⱼ / πⱼ", apart, TOL);

// Both, in minutes.
const inMinutes = ({ pi, mu, C }: Mixture): Mixture => ({
  pi,
  mu: scale.invert(mu),
  C: C.mul(scale.std).mul(scale.std.expandDims(1)),
});
const labels = [
  "weight",
  "eruption",
  "wait",
  "variance of eruption",
  "covariance",
  "variance of wait",
];
/** All numbers of a mixture, a row for each of its Gaussians. */
const rowsOf = ({ pi, mu, C }: Mixture): Tensor =>
  concat([pi.expandDims(1), mu, C.reshape([-1, 4]).take([0, 1, 3], { axis: 1 })], { axis: 1 });

let worst = 0;
const found = [2, 3].map((k) => {
  console.log(`\n${k} Gaussians`);
  const [ours, theirs] = [descended(k), maximized(k)];
  const [a, b] = [rowsOf(inMinutes(ours)), rowsOf(inMinutes(theirs))];
  const rows = [...Array(k).keys()].flatMap((j) =>
    labels.map((label, i): Row => [`${j + 1}: ${label}`, entry(a, j, i), entry(b, j, i)]),
  );
  worst = Math.max(worst, compare("in minutes", ["L-BFGS", "EM"], rows, { relative: true }));
  const likeliest = jointOf(ours).T.argmax({ axis: 1 }).toArray<number[]>();
  return { ...inMinutes(ours), likeliest, f: loss(jointOf(ours)).item() };
});

await draw(minutes, found, path);
check(`largest relative difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
