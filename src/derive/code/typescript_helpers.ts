/** A function that a program in TypeScript brings along. */
interface Helper {
  readonly source: string;
  /** What it uses of the library. */
  readonly uses: readonly string[];
}

/** By name. */
export const helpers: Readonly<Record<string, Helper>> = {
  overNorm: {
    uses: ["reciprocal", "where"],
    source: `
/** 1 / norm; 0 where the norm is 0, for 0 is a subgradient there. */
function overNorm(norm: Tensor): Tensor {
  return where(norm.equal(0), 0, reciprocal(where(norm.equal(0), 1, norm)));
}`,
  },
  overGaps: {
    uses: ["expandDims", "eye", "maximum", "where"],
    source: `
/** M[i, j] / (b[j] - a[i]); on the diagonal 0 for square kinds, and where M is 0. */
function overGaps(M: Tensor, a: Tensor, b: Tensor, square: boolean): Tensor {
  const gaps = expandDims(b, -2).sub(expandDims(a, -1));
  const [m, n] = M.shape.slice(-2) as [number, number];
  const zero = square ? maximum(M.equal(0), eye(m, { columns: n, dtype: "bool" })) : M.equal(0);
  return where(zero, 0, M.div(where(zero, 1, gaps)));
}`,
  },
};
