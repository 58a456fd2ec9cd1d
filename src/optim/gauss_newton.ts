import { requireNames } from "../checks/options.js";
import {
  cholesky,
  concat,
  DomainError,
  DtypeError,
  diagPart,
  eye,
  jacobian,
  leaves,
  lstsq,
  matmul,
  SingularError,
  solveTriangular,
  type Tensor,
  tidy,
  UsageError,
  where,
  zeros,
} from "../index.js";
import { type Minimum, requireLimits, type StepInfo } from "./minimize.js";
import { notFinite, requireCallback, requireFunction, requireStart } from "./start.js";
import { epsilonOf, fromVector, inner, toVector } from "./vector.js";

/** What is known where a step begins; parameters and residuals as vectors. */
interface Place {
  readonly x: Tensor;
  readonly r: Tensor;
  /** ½ ‖r‖² */
  readonly value: number;
  /** The Jacobian of the residuals, and the gradient Jᵀ r. */
  readonly J: Tensor;
  readonly g: Tensor;
  /** The largest entry of the gradient, in size. */
  readonly norm: number;
  /** The largest norm that each column of the Jacobian had so far; 1 where that is 0. */
  readonly scale: Tensor;
}

/** The damping of the first step that needs any, and below what it is left out. */
const FIRST = 1e-3;
const LEAST = 1e-10;
/** How often a step is tried with more damping. */
const TRIES = 20;

/**
 * Minimizes half the sum of squares, `½ ‖r(x)‖²`, of residuals: a function that gives a tensor, or a
 * tree of tensors, of any shapes. `x0` is a tensor or a tree of tensors.
 *
 * This is the method of Gauss and Newton with the damping of Levenberg and Marquardt (Nocedal and
 * Wright, Numerical Optimization, 2006, chapter 10): steps to where the sum of squares of the linear
 * model `r + J p` is smallest. `damping` times the squares of the largest norms that the columns of J
 * had so far (Moré, 1978) is added to `JᵀJ`; it is 0 at first unless given, grows where a step does not
 * lower the sum, and shrinks where it does (Nielsen, 1999). Linear problems take one step.
 *
 * Stops after `steps` steps (100), when no entry of the gradient `Jᵀ r` exceeds `tol` in size, when no
 * lower point is found, or when `onStep` returns false; `stopped` tells which. `value` is half the sum
 * of squares.
 *
 * @throws DomainError when the residuals or their derivatives are not finite, or damping is negative;
 *   UsageError when `residuals`, `x0` or an option is not what it should be; DtypeError when a tensor of
 *   `x0`, or a residual, is not float32 or float64.
 * @example
 * const times = tensor(new Float64Array([0, 1, 2, 3]));
 * const y = tensor(new Float64Array([2, 1, 0.5, 0.25]));
 * const residuals = ({ a, k }: { a: Tensor; k: Tensor }) => a.mul(times.mul(k).neg().exp()).sub(y);
 * const one = scalar(1, { dtype: "float64" });
 * const { x, converged } = gaussNewton(residuals, { a: one, k: one }, { tol: 1e-10 });
 * converged; // true
 * x.a.item(); // 2
 * x.k.item(); // 0.693147…
 */
export function gaussNewton<P>(
  residuals: (x: P) => unknown,
  x0: P,
  options: {
    readonly steps?: number | undefined;
    readonly tol?: number | undefined;
    readonly damping?: number | undefined;
    // biome-ignore lint/suspicious/noConfusingVoidType: a callback may return nothing.
    readonly onStep?: ((info: StepInfo<P>) => boolean | void) | undefined;
  } = {},
): Minimum<P> {
  requireNames("gaussNewton", options, ["steps", "tol", "damping", "onStep"]);
  const { steps = 100, tol, damping = 0, onStep } = options;
  requireLimits("gaussNewton", steps, tol);
  if (!(damping >= 0 && Number.isFinite(damping))) {
    throw new DomainError(`gaussNewton: damping is ${damping}; a number of at least 0 was wanted`);
  }
  requireCallback("gaussNewton", onStep);
  requireFunction("gaussNewton", "residuals", residuals, "tensors");
  requireStart("gaussNewton", x0);
  const tree = (vector: Tensor): P => fromVector(vector, x0, "gaussNewton, parameters");
  const vector = (x: Tensor): Tensor => {
    const r = residuals(tree(x));
    requireResiduals(r);
    return toVector(r, r, "gaussNewton, residuals");
  };
  const derivatives = jacobian(vector);

  const place = (x: Tensor, r: Tensor, before?: Tensor): Place =>
    tidy(() => {
      const J = derivatives(x);
      const g = matmul(r, J);
      const norms = J.square().sum({ axis: 0 }).sqrt();
      const largest = before === undefined ? norms : norms.maximum(before);
      const scale = where(largest.greater(0), largest, 1);
      const norm = x.size === 0 ? 0 : g.abs().max().item();
      return { x, r, value: inner(r, r) / 2, J, g, norm, scale };
    });

  // λ, and by what it grows if the next step does not lower the sum.
  let lambda = damping;
  let growth = 2;
  /** A lower place, or null. */
  const lower = (at: Place): Place | null => {
    const rounding = 10 * epsilonOf(at.r) * at.value;
    for (let i = 0; i < TRIES; i++) {
      const { x, r, expected } = tidy(() => {
        const p = dampedStep(at, lambda);
        const change = matmul(at.J, p);
        const x = at.x.add(p);
        return { x, r: vector(x), expected: -inner(at.g, p) - inner(change, change) / 2 };
      });
      const value = inner(r, r) / 2;
      if (expected <= rounding) {
        // The values do not tell any more, but the gradient may.
        if (!(value <= at.value + rounding)) return null;
        const there = place(x, r, at.scale);
        return there.norm < at.norm / 2 ? there : null;
      }
      const gain = (at.value - value) / expected;
      if (gain > 1e-4) {
        lambda *= Math.max(1 / 3, 1 - (2 * gain - 1) ** 3);
        if (lambda < LEAST) lambda = 0;
        growth = 2;
        return place(x, r, at.scale);
      }
      lambda = lambda === 0 ? FIRST : lambda * growth;
      growth *= 2;
    }
    return null;
  };

  const start = toVector(x0, x0, "gaussNewton, parameters");
  let at = place(start, vector(start));
  let x = x0;
  let stopped: Minimum<P>["stopped"] | null = null;
  for (let step = 0; ; ) {
    const { value, norm, g } = at;
    if (!Number.isFinite(value) || !Number.isFinite(norm)) {
      const sum = "half the sum of squares";
      const what = Number.isFinite(value)
        ? `the gradient of ${sum} has entries that are not finite`
        : `${sum} is ${value}`;
      if (step === 0) throw notFinite("gaussNewton", x0, what);
      throw new DomainError(`gaussNewton: after ${step} steps ${what}`);
    }
    const converged = tol !== undefined && norm <= tol;
    if (converged) stopped = "converged";
    else if (step === steps) stopped ??= "steps";
    if (stopped !== null) {
      return { x, value, steps: step, gradientNorm: norm, converged, stopped };
    }
    const next = lower(at);
    if (next === null) stopped = "stuck";
    else {
      step++;
      at = next;
      x = tree(at.x);
      if (onStep?.({ step, value, gradient: tree(g), x }) === false) stopped = "callback";
    }
  }
}

/** The `p` that makes `‖J p + r‖² + λ ‖D p‖²` smallest, for D the scale of the place. */
function dampedStep({ J, r, g, scale }: Place, lambda: number): Tensor {
  const n = g.size;
  const S = J.div(scale); // q = D p
  const I = eye(n, { dtype: J.dtype });
  try {
    // The normal equations take a third to a seventh of the time of lstsq, but square the condition.
    const A = matmul(S.T, S).add(I.mul(lambda));
    const L = cholesky(A);
    // The square of the part of each column that those before it do not explain; where less than √ε
    // is left, so would be less than half of the digits of the step.
    const left = diagPart(L).square().div(diagPart(A));
    if (left.min().item() > Math.sqrt(epsilonOf(J))) {
      const y = solveTriangular(L, g.div(scale).neg());
      return solveTriangular(L.T, y, { lower: false }).div(scale);
    }
  } catch (error) {
    if (!(error instanceof SingularError)) throw error;
  }
  const rows = lambda > 0 ? concat([S, I.mul(Math.sqrt(lambda))]) : S;
  const rhs = lambda > 0 ? concat([r.neg(), zeros([n], { dtype: r.dtype })]) : r.neg();
  return lstsq(rows, rhs).div(scale);
}

/** Float tensors, one at least. */
function requireResiduals(r: unknown): void {
  const list = leaves(r, "gaussNewton, residuals");
  if (list.length === 0) {
    throw new UsageError("gaussNewton: the function returned no tensors; residuals were wanted");
  }
  const other = list.find(({ dtype }) => !dtype.startsWith("float"));
  if (other === undefined) return;
  throw new DtypeError(
    `gaussNewton: a residual is ${other.dtype}, which has no derivative; use .cast("float64")`,
  );
}
