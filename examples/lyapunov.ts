/**
 * The Lyapunov equation: how turbulence shakes an airliner, and a damper found by gradient.
 *
 * A linear system dx = Ax dt + noise of covariance Q, with A stable, settles to a covariance X:
 *
 *     AX + XAᵀ + Q = 0.
 *
 * With R(X) = AX + XAᵀ + Q the function f(X) = ½‖R(X)‖² is zero at the solution. From
 * df = tr(Rᵀ(A dX + dX Aᵀ)) its gradient is
 *
 *     ∂f/∂X = AᵀR + RA,
 *
 * which L-BFGS follows. There are two closed forms. By vec(AXB) = (Bᵀ ⊗ A) vec X the equation is
 *
 *     (I ⊗ A + A ⊗ I) vec X = −vec Q,
 *
 * linear of n² unknowns; and X is the integral of e^{At} Q e^{Aᵀt} over all t > 0, of which the
 * part up to 2T is X(2T) = X(T) + e^{AT} X(T) e^{AᵀT}.
 *
 * Feedback u = −Kx makes A − BK of A. The mean of ‖x‖² + ρ‖u‖² is then J(K) = tr((I + ρKᵀK) X), and
 * its gradient goes through the solution X of K. By hand that takes a second equation, the adjoint
 * (A − BK)ᵀP + P(A − BK) + I + ρKᵀK = 0, and is (Levine and Athans, 1970)
 *
 *     ∂J/∂K = 2(ρK − BᵀP)X,
 *
 * zero where K = BᵀP/ρ, and then P solves the equation of Riccati, AᵀP + PA − PBBᵀP/ρ + I = 0. The
 * classical algorithm is Kleinman's (1968): P of K, then K = BᵀP/ρ, and again.
 *
 * The system: sideslip, yaw rate, roll rate and bank angle of a Boeing 747 in cruise, in radians
 * and seconds, moved by rudder and ailerons (Franklin, Powell and Emami-Naeini, Feedback Control of
 * Dynamic Systems; the yaw damper example of MATLAB). Its Dutch roll, where sideslip and bank take
 * turns, hardly dies down by itself. Turbulence is unit noise in all four: Q = I.
 */
import { concat, eye, grad, init, solve, type Tensor, tensor, where, zeros } from "tracegrad";
import { derive } from "tracegrad/derive";
import { lbfgs, minimize } from "tracegrad/optim";
import { draw } from "./pictures/lyapunov.js";
import { checkGradient, compare, entry, type Row, size } from "./shared/compare.js";
import { check, heading } from "./shared/print.js";

const float64 = { dtype: "float64" } as const;
const names = ["sideslip", "yaw rate", "roll rate", "bank angle"];
const n = names.length;
const rho = 10;

await init();
heading("The Lyapunov equation: a Boeing 747 in turbulence");

const A = tensor(
  [
    [-0.0558, -0.9968, 0.0802, 0.0415],
    [0.598, -0.115, -0.0318, 0],
    [-3.05, 0.388, -0.465, 0],
    [0, 0.0805, 1, 0],
  ],
  float64,
);
const B = tensor(
  [
    [0.00729, 0],
    [-0.475, 0.00775],
    [0.153, 0.143],
    [0, 0],
  ],
  float64,
);
const I = eye(n, float64);
const O = zeros([n, n], float64);

// By gradient, whose formula the engine derives.
const residual = (A: Tensor, X: Tensor, Q: Tensor): Tensor => A.matmul(X).add(X.matmul(A.T)).add(Q);
const half = (A: Tensor, X: Tensor, Q: Tensor): Tensor => residual(A, X, Q).square().sum().div(2);
const formula = derive(half, {
  args: ["n×n", "n×n", "n×n"],
  names: ["A", "X", "Q"],
  wrt: "X",
});
console.log(`∂f/∂X = ${formula.gradient}`);
// Its numbers at some X that is not symmetric, here A.
const R = residual(A, A, I);
const slope = grad((X: Tensor) => half(A, X, I))(A);
checkGradient("∂f/∂X", slope, A.T.matmul(R).add(R.matmul(A)));
const found = minimize((X: Tensor) => half(A, X, I), O, {
  optimizer: lbfgs({ history: 20 }),
  tol: 1e-12,
});
check(`L-BFGS comes to rest (1e-12), after ${found.steps} steps`, found.converged);

/** By the product of Kronecker. */
function lyapunov(A: Tensor, Q: Tensor): Tensor {
  return solve(I.kron(A).add(A.kron(I)), Q.reshape([n * n]).neg()).reshape([n, n]);
}

/** By the integral: X(0.1) from one exponential (Van Loan, 1978), then doubled twenty times. */
function integral(A: Tensor, Q: Tensor): Tensor {
  const block = concat([concat([A.neg(), Q], { axis: 1 }), concat([O, A.T], { axis: 1 })]);
  const exponential = block.mul(0.1).expm();
  let F = exponential.slice([n, n]).T;
  let X = F.matmul(exponential.slice([0, n], [n, n]));
  for (let doublings = 0; doublings < 20; doublings++) {
    X = X.add(F.matmul(X).matmul(F.T));
    F = F.matmul(F);
  }
  return X;
}

const solutions = [found.x, integral(A, I), lyapunov(A, I)];
const apart = compare(
  "covariance X",
  ["L-BFGS", "integral", "Kronecker"],
  names.flatMap((name, i) =>
    names.slice(0, i + 1).map((other, j): Row => {
      const label = i === j ? name : `${other}, ${name}`;
      return [label, ...solutions.map((X) => entry(X, i, j))];
    }),
  ),
);

// The cost of a feedback. By Lyapunov's theorem A − BK is stable where X is positive definite;
// elsewhere the cost is infinite, which a line search takes for too long a step.
const cost = (K: Tensor): Tensor => {
  const X = lyapunov(A.sub(B.matmul(K)), I);
  const weight = I.add(K.T.matmul(K).mul(rho));
  return where(X.eigh().w.min().greater(0), weight.matmul(X).trace(), Number.POSITIVE_INFINITY);
};
const none = zeros([2, n], float64);
const gains: Tensor[] = [none];
const damper = minimize(cost, none, {
  optimizer: lbfgs(),
  tol: 1e-10,
  onStep: ({ x }) => {
    gains.push(x);
  },
});
console.log(
  `\ncost without feedback ${cost(none).item().toFixed(4)}, with ${damper.value.toFixed(4)}`,
);
check(`L-BFGS on K comes to rest (1e-10), after ${damper.steps} steps`, damper.converged);

// Kleinman's algorithm.
const adjoint = (K: Tensor): Tensor =>
  lyapunov(A.sub(B.matmul(K)).T, I.add(K.T.matmul(K).mul(rho)));
let K = none;
for (let i = 0; i < 30; i++) K = B.T.matmul(adjoint(K)).div(rho);
const P = adjoint(K);
const PB = P.matmul(B);
const riccati = A.T.matmul(P).add(P.matmul(A)).sub(PB.matmul(PB.T).div(rho)).add(I);
const left = size(riccati);
check(`Riccati's equation holds for Kleinman's P: ${left.toExponential(1)} left`, left <= 1e-10);

const labels = ["rudder", "aileron"].flatMap((input) => names.map((name) => `${input}, ${name}`));
const byEntry = (...gains: readonly Tensor[]): Row[] =>
  labels.map((label, i) => [label, ...gains.map((gain) => entry(gain.reshape([2 * n]), i))]);
const gainsApart = compare("gain K", ["L-BFGS", "Kleinman"], byEntry(damper.x, K));

// The gradient on the way: through the solution, and by hand.
const early = gains[5] ?? none;
const X = lyapunov(A.sub(B.matmul(early)), I);
const byHand = early
  .mul(rho)
  .sub(B.T.matmul(adjoint(early)))
  .matmul(X)
  .mul(2);
const slopesApart = compare(
  "∂J/∂K after 5 steps",
  ["by the tape", "2(ρK − BᵀP)X"],
  byEntry(grad(cost)(early), byHand),
);

const loops = [0, 8, 13, damper.steps].map((step) => {
  return { step, system: A.sub(B.matmul(gains[step] ?? none)) };
});
await draw(loops);
const worst = Math.max(apart, gainsApart, slopesApart);
check(`largest difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
