/**
 * Matrix factorization: what lawyers think of judges, all of it and with a quarter hidden.
 *
 * A table A (m×n) is to be UVᵀ of rank k: a row of U (m×k) for each judge, a row of V (n×k) for each
 * quality. With M 1 where an entry is known and 0 where it is not, and a penalty λ,
 *
 *     f(U, V) = ½ ‖M∘(UVᵀ − A)‖² + λ/2 (‖U‖² + ‖V‖²).
 *
 * With the residual R = M∘(UVᵀ − A) its differential is ⟨R, dU Vᵀ + U dVᵀ⟩ + λ⟨U, dU⟩ + λ⟨V, dV⟩, so
 *
 *     ∂f/∂U = RV + λU,   ∂f/∂V = RᵀU + λV.
 *
 * Where all is known and λ = 0 the closed form is the singular value decomposition cut off after k
 * values (Eckart and Young 1936), and what is left of f is ½ Σ σᵢ², i > k. Every other place where the
 * gradient vanishes is a saddle (Baldi and Hornik 1989), so that descent finds it, too.
 *
 * Where entries are missing there is no closed form. The classical algorithm is alternating least
 * squares: for fixed V each row u of U has its own ridge regression, (VᵀDV + λI)u = VᵀDa with a the
 * row of A and D = diag(the row of M); then V in the same way. Both only find a place where no small
 * step is better. There Uᵀ ∂f/∂U = (Vᵀ ∂f/∂V)ᵀ = 0 gives λUᵀU = λVᵀV: the penalty balances the factors.
 *
 * The data: 43 judges of Connecticut, as rated by the lawyers in 1977 (New Haven Register, 14
 * January; John Hartigan).
 */
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { eye, grad, init, ones, random, solve, svd, type Tensor, tensor, where } from "tracegrad";
import { readCsv } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { minimize, sgd } from "tracegrad/optim";
import { draw } from "./pictures/matrix_factorization.js";
import { checkGradient, compare, type Row, size } from "./shared/compare.js";
import { matrixOf } from "./shared/eigen.js";
import { check, heading } from "./shared/print.js";

const k = 3;
const float64 = { dtype: "float64" } as const;

await init();
heading("Matrix factorization: ratings of judges");

const judges = await readCsv(new URL("data/judge_ratings.csv", import.meta.url));
const qualities = judges.names.slice(2);
const ratings = judges.tensor(qualities, float64);
const [m = 0, n = 0] = ratings.shape;

interface Factors {
  readonly U: Tensor;
  readonly V: Tensor;
}
type Penalty = Tensor | number;
const f = (U: Tensor, V: Tensor, A: Tensor, M: Tensor, lambda: Penalty): Tensor => {
  const squares = M.mul(U.matmul(V.T).sub(A).square()).sum();
  return squares.add(U.square().sum().add(V.square().sum()).mul(lambda)).div(2);
};
for (const wrt of ["U", "V"]) {
  const args = ["m×k", "n×k", "m×n", "m×n", ""];
  const { gradient } = derive(f, { args, names: ["U", "V", "A", "M", "λ"], wrt });
  console.log(`∂f/∂${wrt} = ${gradient}`);
}

// Both begin with small random factors. Gradient descent takes steps below 1/L near the solution,
// where the largest eigenvalue L of the Hessian is about 2σ₁ ≤ 2‖A‖.
const start: Factors = {
  U: random.normal([m, k], { ...float64, seed: 1 }).mul(0.1),
  V: random.normal([n, k], { ...float64, seed: 2 }).mul(0.1),
};
function descend(name: string, A: Tensor, M: Tensor, lambda: number): Factors {
  const learningRate = 1 / (2 * A.mul(M).norm().item() + lambda);
  const found = minimize(({ U, V }: Factors) => f(U, V, A, M, lambda), start, {
    optimizer: sgd({ learningRate }),
    steps: 50_000,
    tol: 1e-12,
  });
  console.log(`${name}: gradient descent, ${found.steps} steps of ${learningRate.toFixed(4)}`);
  check("it comes to rest: no entry of the gradient exceeds 1e-12", found.converged);
  return found.x;
}

/** The ridge regression of each row of A on the columns of V. */
function regress(A: Tensor, M: Tensor, V: Tensor, lambda: number): Tensor {
  const [rows = 0, columns = 0] = A.shape;
  const normal = M.reshape([rows, 1, columns]).mul(V.T).matmul(V).add(eye(k, float64).mul(lambda));
  return solve(normal, M.mul(A).matmul(V).reshape([rows, k, 1])).reshape([rows, k]);
}

function alternate(A: Tensor, M: Tensor, lambda: number): Factors {
  let { U, V } = start;
  let rounds = 0;
  for (let change = 1; change > 1e-14 && rounds < 5000; rounds++) {
    U = regress(A, M, V, lambda);
    const next = regress(A.T, M.T, U, lambda);
    change = size(next.sub(V));
    V = next;
  }
  console.log(`alternating least squares: ${rounds} rounds`);
  return { U, V };
}

const product = ({ U, V }: Factors): Tensor => U.matmul(V.T);
const spectrum = (X: Tensor): number[] => svd(X).s.toArray<number[]>().slice(0, k);

// All is known: the closed form, by the decomposition of ml-matrix.
const A = ratings.sub(ratings.mean({ axis: 0 }));
const all = ones([m, n], float64);
const whole = descend("\nall ratings", A, all, 0);
const { leftSingularVectors, diagonal, rightSingularVectors } = new SingularValueDecomposition(
  matrixOf(A),
);
const first = [...Array(k).keys()];
const cut = leftSingularVectors
  .subMatrixColumn(first)
  .mmul(Matrix.diag(diagonal.slice(0, k)))
  .mmul(rightSingularVectors.subMatrixColumn(first).transpose());
const rest = diagonal.slice(k).reduce((sum, sigma) => sum + sigma ** 2, 0) / 2;
const toSvd = compare(
  `of rank ${k}`,
  ["gradient", "cut off SVD"],
  [
    ...spectrum(product(whole)).map((s, i): Row => [`σ ${i + 1}`, s, diagonal[i] ?? Number.NaN]),
    ["f, what is left", f(whole.U, whole.V, A, all, 0).item(), rest],
  ],
);
const fromSvd = size(product(whole).sub(tensor(cut.to2DArray(), float64)));
console.log(`largest difference of UVᵀ: ${fromSvd.toExponential(1)}`);

// A quarter is hidden; the means are those of what is left.
const lambda = 0.5;
const seen = random.uniform([m, n], { ...float64, seed: 3 }).greater(0.25);
const M = seen.cast("float64");
const hidden = all.sub(M);
const means = M.mul(ratings)
  .sum({ axis: 0 })
  .div(M.sum({ axis: 0 }));
const B = ratings.sub(means);
const R = M.mul(product(start).sub(B));
const [byU, byV] = grad(f, { wrt: [0, 1] })(start.U, start.V, B, M, lambda);
console.log("");
checkGradient("∂f/∂U", byU, R.matmul(start.V).add(start.U.mul(lambda)));
checkGradient("∂f/∂V", byV, R.T.matmul(start.U).add(start.V.mul(lambda)));
const partly = descend(`\n${hidden.sum().item()} of ${m * n} hidden`, B, M, lambda);
const classical = alternate(B, M, lambda);

/** The root mean square of the entries of X that count. */
const rms = (X: Tensor, counts: Tensor): number =>
  Math.sqrt(X.square().mul(counts).sum().div(counts.sum()).item());
const row = (label: string, of: (found: Factors) => number): Row => [
  label,
  ...[partly, classical].map(of),
];
const toClassical = compare(
  `of rank ${k}, with the penalty ${lambda}`,
  ["gradient", "alternating"],
  [
    row("f", ({ U, V }) => f(U, V, B, M, lambda).item()),
    row("error where known", (found) => rms(product(found).sub(B), M)),
    row("error where hidden", (found) => rms(product(found).sub(B), hidden)),
  ],
);
const fromClassical = size(product(partly).sub(product(classical)));
console.log(`largest difference of UVᵀ: ${fromClassical.toExponential(1)}`);
console.log(`error where hidden, by the mean of each quality: ${rms(B, hidden).toFixed(4)}`);
const { U, V } = partly;
check("UᵀU = VᵀV (1e-10)", size(U.T.matmul(U).sub(V.T.matmul(V))) <= 1e-10);

const known = where(seen, ratings, Number.NaN);
await draw(qualities, { known, found: product(partly).add(means), all: ratings }, k);
const largest = Math.max(toSvd, fromSvd, toClassical, fromClassical);
check(`largest difference ${largest.toExponential(1)}, promised 1e-8`, largest <= 1e-8);
