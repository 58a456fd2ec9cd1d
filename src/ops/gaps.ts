import { apply } from "../core/apply.js";
import { attributes, defineOp } from "../core/op.js";
import { type Gaps, noVectors, onlyFirst } from "../kernels/reference/gaps.js";
import { ShapeError } from "../tensor/errors.js";
import { format, type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { mul, neg } from "./arithmetic.js";
import { call } from "./notation.js";
import { sum } from "./reduce.js";
import { expandDims } from "./reshape.js";
import { exact, uniform } from "./samples.js";

/*
 * What the derivatives of eigen- and singular vectors divide by: differences of eigenvalues, sums
 * and sizes of singular values. Rules do not look at values, so the look is an op of its own.
 */

/**
 * `M_ij / (b_j − a_i)`, for `M` `[..., m, n]`, `a` `[..., m]` and `b` `[..., n]`; on the diagonal 0
 * for the square kinds. Where the difference is 0 (to rounding) an `M_ij` that is exactly 0 gives 0:
 * the loss does not turn that vector. Any other is a DomainError, for two parts of a loss that
 * cancel may do so at this point alone.
 */
export function overGaps(M: Tensor, a: Tensor, b: Tensor, gaps: Gaps): Tensor {
  return apply(overGapsOp, { M, a, b }, { gaps });
}

export const overGapsOp = defineOp({
  name: "overGaps",
  inputs: ["M", "a", "b"],
  outputs: ["Y"],
  saves: ["a", "b", "Y"],
  attrs: attributes<{ gaps: Gaps }>(),
  shape: ({ M, a, b }) => {
    const lead = M.slice(0, -2);
    const [m, n] = M.slice(-2) as [number, number];
    if (sameShape(a, [...lead, m]) && sameShape(b, [...lead, n])) return M;
    throw new ShapeError(
      `overGaps: M is ${format(M)}, a is ${format(a)} and b is ${format(b)}; ` +
        "one a for each row of M and one b for each column were wanted",
    );
  },
  rules: {
    // Linear in M, entry by entry: its own adjoint.
    M: {
      d: ({ a, b }, dM, { attrs }) => overGaps(dM, a, b, attrs.gaps),
      adj: ({ a, b }, Ybar, { attrs }) => overGaps(Ybar, a, b, attrs.gaps),
    },
    // y_ij·(b_j − a_i) = m_ij  ⇒  dy_ij = y_ij·(da_i − db_j) / (b_j − a_i)
    a: {
      d: ({ a, b, Y }, da, { attrs }) => overGaps(mul(Y, expandDims(da, -1)), a, b, attrs.gaps),
      adj: ({ a, b, Y }, Ybar, { attrs }) =>
        sum(overGaps(mul(Y, Ybar), a, b, attrs.gaps), { axis: -1 }),
    },
    b: {
      d: ({ a, b, Y }, db, { attrs }) =>
        neg(overGaps(mul(Y, expandDims(db, -2)), a, b, attrs.gaps)),
      adj: ({ a, b, Y }, Ybar, { attrs }) =>
        neg(sum(overGaps(mul(Y, Ybar), a, b, attrs.gaps), { axis: -2 })),
    },
  },
  maps: "alike",
  notation: ({ M, a, b }) => call("overGaps", M, a, b),
  samples: () => {
    const sample = (gaps: Gaps, M: Shape, a: number[], b: number[]) => ({
      inputs: {
        M: uniform(M),
        a: exact(M.slice(0, -1), ...a),
        b: exact([...M.slice(0, -2), ...M.slice(-1)], ...b),
      },
      attrs: { gaps },
    });
    const three = [-1.5, 0.5, 2];
    const six = [...three, 1, 3.5, 5];
    return [
      sample("sums", [3, 3], [-5, -3, -1], [5, 3, 1]),
      sample("zeros", [2, 3], [0, 0], [5, 3, 1]),
      sample("eigenvalues", [2, 3, 3], [-1.3, 0.8, 2.3, 1.3, 3.1, 5.4], six),
      sample("eigenvalues", [1, 1], [2], [3]),
      sample("singular", [0, 0], [], []),
      {
        ...sample("eigenvalues", [3, 3], three, [-1.5, 2, 2]),
        error: `eigh: eigenvalues 2 and 3 coincide (2); ${noVectors.eigenvalues}`,
      },
      {
        ...sample("singular", [2, 3, 3], six, [...three, 1, 1, 5]),
        error: `svd: singular values 1 and 2 of X[1] coincide (1); ${noVectors.singular}`,
      },
      {
        ...sample("zeros", [3, 2], [0, 0, 0], [2, 0]),
        error: `svd: singular value 2 is 0; ${noVectors.zeros}`,
      },
      {
        ...sample("singular", [3, 3], three, three),
        inputs: { M: uniform([3, 3]), a: uniform([2]), b: uniform([3]) },
        error:
          "overGaps: M is [3, 3], a is [2] and b is [3]; one a for each row of M and one b for " +
          "each column were wanted",
      },
    ];
  },
});

/** Which values must be distinct, and whether none may be 0 either. */
interface Distinct {
  readonly gaps: Gaps;
  readonly zeros: boolean;
}

interface Checked extends Distinct {
  readonly checks: boolean;
}

/**
 * `X` as it is, the vectors that belong to the values `w`; but its derivatives are a DomainError
 * where some of these coincide. For what is calculated from all the vectors and is smooth in spite
 * of them only for some coefficients, which cannot be told by looking at a single point.
 */
export function withDistinct(X: Tensor, w: Tensor, gaps: Gaps, zeros = false): Tensor {
  return apply(distinctOp, { X, w }, { gaps, zeros, checks: false });
}

/** The same, where `w` must be distinct at once. */
function requireDistinct(X: Tensor, w: Tensor, { gaps, zeros }: Distinct): Tensor {
  return apply(distinctOp, { X, w }, { gaps, zeros, checks: true });
}

export const distinctOp = defineOp({
  name: "distinct",
  inputs: ["X", "w"],
  outputs: ["Y"],
  saves: ["w"],
  attrs: attributes<Checked>(),
  shape: ({ X }) => X,
  rules: {
    X: {
      d: ({ w }, dX, { attrs }) => requireDistinct(dX, w, attrs),
      adj: ({ w }, Ybar, { attrs }) => requireDistinct(Ybar, w, attrs),
    },
    w: { constant: "it is looked at, no more" },
  },
  maps: "alike",
  notation: ({ X }) => X,
  samples: () => {
    const attrs = (gaps: Gaps, zeros: boolean): Checked => ({ gaps, zeros, checks: true });
    return [
      {
        inputs: { X: uniform([2, 2, 3]), w: exact([2, 3], 3, 2, 0, 5, 4, 1) },
        attrs: { ...attrs("singular", false), checks: false },
      },
      {
        inputs: { X: uniform([3, 3]), w: exact([3], -1, 0, 2) },
        attrs: attrs("eigenvalues", false),
      },
      { inputs: { X: uniform([3, 0]), w: exact([0]) }, attrs: attrs("singular", true) },
      {
        inputs: { X: uniform([2, 2]), w: exact([2], 4, 4) },
        attrs: attrs("eigenvalues", false),
        error: `eigh: eigenvalues 1 and 2 coincide (4); ${onlyFirst}`,
      },
      {
        inputs: { X: uniform([2, 2, 2]), w: exact([2, 2], 2, 1, 1, 0) },
        attrs: attrs("singular", true),
        error: `svd: singular value 2 of X[1] is 0; ${onlyFirst}`,
      },
    ];
  },
});
