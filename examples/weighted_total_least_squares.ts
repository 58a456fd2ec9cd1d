/**
 * Weighted and total least squares: whose errors count, and how much?
 *
 * Three answers for the line y = a + bx, which believe different things of the data.
 *
 * Weighted least squares: only y is in error, with variances 1/ω. With X = [1 x] and c = (a, b),
 *
 *     f(c) = ½ Σ ω_i (Xc − y)_i²,      df = ⟨ω∘(Xc − y), X dc⟩,      ∂f/∂c = Xᵀ(ω∘(Xc − y)),
 *
 * which is zero at c = (XᵀWX)⁻¹ XᵀWy, W = diag(ω).
 *
 * Total least squares (Pearson 1901): x and y are in error alike, and what counts is the distance
 * to the line at a right angle. For centred points, the rows of A, and a line across the direction
 * v the sum of its squares is the Rayleigh quotient
 *
 *     ρ(v) = ‖Av‖²/‖v‖²,      dρ = 2⟨AᵀAv − ρv, dv⟩/‖v‖².
 *
 * Where the gradient is zero AᵀAv = ρv: v is a right singular vector of A, here the one of the
 * smallest singular value σ, and ρ = σ². The slope is b = −v₁/v₂.
 *
 * Weighted total least squares (York 1966): each point has variances u in x and v in y of its own. A
 * residual a + bx − y has the variance v + b²u, and what is to be least is
 *
 *     χ²(a, b) = Σ (a + bx_i − y_i)² / (v_i + b²u_i).
 *
 * That has no closed form; the classical algorithm is York's iteration for b.
 *
 * The data: ten points of Karl Pearson (On lines and planes of closest fit to systems of points in
 * space, 1901) with the weights of Derek York (Least-squares fitting of a straight line, 1966).
 */
import { grad, init, ones, scalar, solve, stack, svd, type Tensor, tensor, zeros } from "tracegrad";
import { readCsv } from "tracegrad/data";
import { derive } from "tracegrad/derive";
import { lbfgs, minimize } from "tracegrad/optim";
import { draw } from "./pictures/weighted_total_least_squares.js";
import { checkGradient, compare, entry, type Row } from "./shared/compare.js";
import { check, heading } from "./shared/print.js";

const float64 = { dtype: "float64" } as const;

await init();
heading("Weighted and total least squares: ten points of Pearson's");

const number = "number" as const;
const points = await readCsv(new URL("data/pearson.csv", import.meta.url), {
  columns: { x: number, y: number, x_weight: number, y_weight: number },
});
const n = points.length;
const x = points.tensor("x", float64);
const y = points.tensor("y", float64);
const omega = points.tensor("y_weight", float64);
const u = points.tensor("x_weight", float64).reciprocal();
const v = omega.reciprocal();
const X = stack([ones([n], float64), x], { axis: 1 });
const A = stack([x.sub(x.mean()), y.sub(y.mean())], { axis: 1 });

// What each method minimizes, and the gradients that the engine derives.
const weighted = (X: Tensor, c: Tensor, y: Tensor, omega: Tensor): Tensor =>
  omega.mul(X.matmul(c).sub(y).square()).sum().div(2);
const rayleigh = (A: Tensor, v: Tensor): Tensor => A.matmul(v).square().sum().div(v.square().sum());
const chi2 = (a: Tensor, b: Tensor, x: Tensor, y: Tensor, u: Tensor, v: Tensor): Tensor =>
  x.mul(b).add(a).sub(y).square().div(b.square().mul(u).add(v)).sum();

const args = { weighted: ["n×2", "2", "n", "n"], chi2: ["", "", "n", "n", "n", "n"] };
const names = { weighted: ["X", "c", "y", "ω"], chi2: ["a", "b", "x", "y", "u", "v"] };
const formulas = {
  "∂f/∂c": derive(weighted, { args: args.weighted, names: names.weighted, wrt: "c" }),
  "∂ρ/∂v": derive(rayleigh, { args: ["n×2", "2"], names: ["A", "v"], wrt: "v" }),
  "∂χ²/∂a": derive(chi2, { args: args.chi2, names: names.chi2, wrt: "a" }),
};
for (const [name, { gradient }] of Object.entries(formulas)) console.log(`${name} = ${gradient}`);

// Their numbers at some point, next to the formulas above worked out.
const at = tensor([2, -1], float64);
const bySlope = grad((c: Tensor) => weighted(X, c, y, omega))(at);
checkGradient("∂f/∂c", bySlope, X.T.matmul(omega.mul(X.matmul(at).sub(y))));
const pull = A.T.matmul(A.matmul(at)).sub(at.mul(rayleigh(A, at)));
const byDirection = grad((v: Tensor) => rayleigh(A, v))(at);
checkGradient("∂ρ/∂v", byDirection, pull.mul(2).div(at.square().sum()));

/** Where f is lowest near the start, by gradients. */
function lowest<P>(method: string, f: (p: P) => Tensor, start: P): P {
  const found = minimize(f, start, { optimizer: lbfgs(), tol: 1e-10 });
  check(`${method}: the gradient vanishes (1e-10), ${found.steps} steps`, found.converged);
  return found.x;
}

interface Line {
  readonly a: number;
  readonly b: number;
}
interface Fit {
  readonly method: string;
  readonly byGradients: Line;
  readonly classical: Line;
}

function weightedFit(method: string, weights: Tensor): Fit {
  const c = lowest(method, (c: Tensor) => weighted(X, c, y, weights), zeros([2], float64));
  const XtW = X.T.mul(weights);
  const closed = solve(XtW.matmul(X), XtW.matmul(y));
  const lineOf = (c: Tensor): Line => ({ a: entry(c, 0), b: entry(c, 1) });
  return { method, byGradients: lineOf(c), classical: lineOf(closed) };
}
const ordinary = weightedFit("ordinary", ones([n], float64));

const normal = lowest("total", (v: Tensor) => rayleigh(A, v), tensor([0, 1], float64));
const { s, Vt } = svd(A);
/** The line at a right angle to v through the middle of the points. */
function across(v: Tensor): Line {
  const b = -entry(v, 0) / entry(v, 1);
  return { a: y.mean().item() - b * x.mean().item(), b };
}

/**
 * York's iteration, as in York, Evensen, Martínez and De Basabe Delgado (2004): with the weights W
 * that the residuals have at a slope b, and their β, comes the next slope.
 */
function york(start: number): Line {
  let line = { a: Number.NaN, b: start };
  for (let move = 1; Math.abs(move) > 1e-14; ) {
    const { b } = line;
    const W = v.add(u.mul(b * b)).reciprocal();
    const middle = { x: W.dot(x).div(W.sum()), y: W.dot(y).div(W.sum()) };
    const [U, V] = [x.sub(middle.x), y.sub(middle.y)];
    const beta = W.mul(v.mul(U).add(u.mul(V).mul(b)));
    const next = W.mul(beta).dot(V).div(W.mul(beta).dot(U)).item();
    line = { a: middle.y.item() - next * middle.x.item(), b: next };
    move = next - b;
  }
  return line;
}
// χ² has a second valley, of lines that rise; from the ordinary line the way leads to the deeper one.
const start = ordinary.byGradients;
const valley = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => chi2(a, b, x, y, u, v);
const from = { a: scalar(start.a, float64), b: scalar(start.b, float64) };
const deepest = lowest("weighted total", valley, from);

const fits: Fit[] = [
  ordinary,
  weightedFit("weighted", omega),
  { method: "total", byGradients: across(normal), classical: across(Vt.T.matmul([0, 1])) },
  {
    method: "weighted total",
    byGradients: { a: deepest.a.item(), b: deepest.b.item() },
    classical: york(ordinary.classical.b),
  },
];
const rows = fits.flatMap(({ method, byGradients, classical }): Row[] => [
  [`${method}: a`, byGradients.a, classical.a],
  [`${method}: b`, byGradients.b, classical.b],
]);
const least: Row = ["total: ρ and σ²", rayleigh(A, normal).item(), entry(s, 1) ** 2];
const ways = ["by gradients", "classical"];
const worst = compare("y = a + bx", ways, [...rows, least], { relative: true });
console.log(`\nweighted total: χ² = ${valley(deepest).item().toFixed(6)}`);

await draw(points, fits);
check(`largest relative difference ${worst.toExponential(1)}, promised 1e-8`, worst <= 1e-8);
