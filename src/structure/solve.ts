import { look } from "../kernels/memory.js";
import { add, div, mul } from "../ops/arithmetic.js";
import { eigh } from "../ops/eigen.js";
import { matmul } from "../ops/product.js";
import { expandDims, reshape, t } from "../ops/reshape.js";
import { solve } from "../ops/solve.js";
import { constant } from "../tensor/create.js";
import { SingularError } from "../tensor/errors.js";
import { format } from "../tensor/shape.js";
import { storageOf, type Tensor } from "../tensor/tensor.js";
import {
  type Between,
  diagonalSum,
  isLeftOnly,
  isRightOnly,
  sumOfChains,
  times1,
} from "./evaluate.js";
import { isKnown, product } from "./factor.js";
import { asColumns, type Product, sizes, type Term } from "./term.js";

/**
 * The X that a sum of terms leads to `G`, by the structure of the sum, without its matrix; null where
 * the structure does not help. `symmetric` says that the map is its own adjoint, as a Hessian is.
 */
export function solveTerms(
  terms: readonly Term[],
  G: Tensor,
  between: Between,
  symmetric: boolean,
): Tensor | null {
  if (terms.length === 0) return null;
  const { X, Y, dtype } = between;
  const [m, n] = sizes(Y);
  const B = asColumns(G);
  const found = ((): Tensor | null => {
    const entrywise = entrywiseOf(terms, between);
    if (entrywise !== null) return over(B, entrywise);
    if (terms.every(isLeftOnly)) {
      const d = diagonalSum(terms, "left", dtype);
      if (d !== null) return over(B, d.rank === 0 ? d : expandDims(d, -1));
      return solve(sumOfChains(terms, "left", m, dtype), B);
    }
    if (terms.every(isRightOnly)) return overRight(B, terms, between);
    const [only] = terms;
    if (terms.length === 1 && only?.kind === "product" && only.mask === null) {
      const [L, R] = [product(only.left, m, dtype), product(only.right, n, dtype)];
      for (const A of [L, R]) {
        const [rows, columns] = sizes(A.shape);
        if (rows !== columns) throw singular(`has a factor of shape ${format(A.shape)}`);
      }
      const half = solve(L, times1(B, 1 / only.scale));
      const whole = t(solve(t(R), t(half)));
      return only.transposed ? t(whole) : whole;
    }
    const left = terms.filter(isLeftOnly);
    const right = terms.filter((term) => isRightOnly(term) && !isLeftOnly(term)) as Product[];
    if (symmetric && left.length + right.length === terms.length) {
      return sylvester(
        sumOfChains(left, "left", m, dtype),
        sumOfChains(right, "right", n, dtype),
        B,
      );
    }
    return null;
  })();
  return found && reshape(found, X);
}

/** `B ⊘ D`, where D has no 0; values that another transform follows are not looked at. */
function over(B: Tensor, D: Tensor): Tensor {
  if (isKnown(D, null)) {
    const at = look(storageOf(D)).indexOf(0);
    if (at >= 0) throw singular(`has a 0 on its diagonal (entry ${at + 1} of ${D.size})`);
  }
  return div(B, D);
}

function singular(why: string): SingularError {
  return new SingularError(`solve: the map is singular: it ${why}`);
}

/** D where all terms are `D ∘ X`, as a matrix or a scalar. */
function entrywiseOf(terms: readonly Term[], { dtype }: Between): Tensor | null {
  const list = terms.map((term) => {
    if (!isEntrywise(term)) return null;
    const scale = constant(term.scale, dtype);
    return term.mask === null ? scale : mul(term.mask, scale);
  });
  return list.reduce((a, b) => a && b && add(a, b));
}

const isEntrywise = (term: Term): term is Product =>
  term.kind === "product" && !term.transposed && term.left.length === 0 && term.right.length === 0;

/** `X·R = B` */
function overRight(B: Tensor, terms: readonly Product[], { Y, dtype }: Between): Tensor {
  const d = diagonalSum(terms, "right", dtype);
  if (d !== null) return over(B, d);
  return t(solve(t(sumOfChains(terms, "right", sizes(Y)[1], dtype)), t(B)));
}

/**
 * `A·X + X·C = B` for symmetric A = P·Diag(a)·Pᵀ and C = Q·Diag(c)·Qᵀ:
 * `PᵀXQ = PᵀBQ ⊘ (a_i + c_j)` (Bartels and Stewart 1972, in the symmetric case).
 */
function sylvester(A: Tensor, C: Tensor, B: Tensor): Tensor {
  const { w: a, V: P } = eigh(A);
  const { w: c, V: Q } = eigh(C);
  const inner = over(matmul(matmul(t(P), B), Q), add(expandDims(a, -1), c));
  return matmul(matmul(P, inner), t(Q));
}
