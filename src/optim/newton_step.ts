import {
  cholesky,
  diagPart,
  eigh,
  eye,
  SingularError,
  solveTriangular,
  type Tensor,
  where,
} from "../index.js";
import { epsilonOf } from "./vector.js";

/**
 * `−(H + μ I)⁻¹ g` where Cholesky shows the matrix to be positive definite beyond rounding; else the
 * same with a positive definite one that has its eigenvectors.
 */
export function denseStep(H: Tensor, g: Tensor, mu: number): Tensor {
  if (g.size === 0) return g;
  const A = mu === 0 ? H : H.add(eye(g.size, { dtype: H.dtype }).mul(mu));
  return byCholesky(A, g) ?? byEigenvalues(A, g);
}

/** `−A⁻¹ g`, or null where A is not positive definite, or not by more than half of the digits. */
function byCholesky(A: Tensor, g: Tensor): Tensor | null {
  try {
    const L = cholesky(A);
    // The part of each diagonal entry that the columns before do not explain, whatever the scale of its
    // parameter: where all of it is explained, rounding is what is left.
    const left = diagPart(L).square().div(diagPart(A));
    if (!(left.min().item() > Math.sqrt(epsilonOf(A)))) return null;
    return solveTriangular(L.T, solveTriangular(L, g), { lower: false }).neg();
  } catch (error) {
    if (error instanceof SingularError) return null;
    throw error;
  }
}

/**
 * `−B⁻¹ g`, where B has the eigenvectors of A, and for each eigenvalue its size, or that of the lowest
 * where this is negative and larger: the way leads down, and no farther than the function bends
 * (Nocedal and Wright, Numerical Optimization, 2006, section 3.4, eigenvalue modification).
 *
 * An eigenvalue up to `n ε` times the largest is rounding, and counts as the largest. Along its vectors
 * the step is a short one of gradient descent: none where the gradient has no part there, as on all
 * convex quadratics, while `−g / λ` would be rounding over rounding.
 */
function byEigenvalues(A: Tensor, g: Tensor): Tensor {
  const { w, V } = eigh(A);
  const sizes = w.abs();
  const largest = sizes.max().item();
  const known = sizes.greater(g.size * epsilonOf(A) * largest);
  const bends = sizes.maximum(-w.min().item());
  const curvature = where(known, bends, largest > 0 ? largest : 1);
  return V.matmul(V.T.matmul(g).div(curvature)).neg();
}
