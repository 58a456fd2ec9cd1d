import type { TypedArray } from "../../tensor/dtype.js";
import { DomainError } from "../../tensor/errors.js";
import type { Shape } from "../../tensor/shape.js";
import { matrices, type NDArray, type ReferenceKernel } from "./kernel.js";
import { nameOf } from "./lu.js";

/** What the differences are of, which decides what the message says where one is 0. */
export type Gaps = "eigenvalues" | "singular" | "sums" | "zeros";

/** Differences of a square kind say nothing on the diagonal. */
export const isSquare = (gaps: Gaps): boolean => gaps !== "zeros";

/** The error of values i and j (from 0) that are equal to rounding, in matrix `index` of a batch. */
export function coincidence(
  gaps: Gaps,
  shape: Shape,
  index: number,
  [i, j]: readonly [number, number],
  value: number,
  consequence: string,
): DomainError {
  const [op, values, X] =
    gaps === "eigenvalues" ? ["eigh", gaps, "A"] : ["svd", "singular values", "X"];
  const where = shape.length > 2 ? ` of ${nameOf(X, shape, index)}` : "";
  if (gaps === "zeros") {
    return new DomainError(`${op}: singular value ${j + 1}${where} is 0; ${consequence}`);
  }
  const [first, last] = [Math.min(i, j) + 1, Math.max(i, j) + 1];
  const size = Number(value.toPrecision(6));
  return new DomainError(
    `${op}: ${values} ${first} and ${last}${where} coincide (${size}); ${consequence}`,
  );
}

/** Differences up to this are rounding, between values of at most `scale` from matrices of order n. */
export function roundingOf(data: TypedArray, n: number, scale: number): number {
  const epsilon = data instanceof Float32Array ? 2 ** -23 : Number.EPSILON;
  const bound = 4 * n * epsilon * scale;
  return bound < Number.POSITIVE_INFINITY ? bound : 0;
}

export function largest(x: TypedArray, at: number, n: number): number {
  let most = 0;
  for (let i = at; i < at + n; i++) most = Math.max(most, Math.abs(x[i] as number));
  return most;
}

/** What a message about `overGaps` ends with. */
export const noVectors: Readonly<Record<Gaps, string>> = {
  eigenvalues: "their eigenvectors have no derivative",
  singular: "their singular vectors have no derivative",
  sums: "their singular vectors have no derivative",
  zeros: "its singular vectors have no derivative",
};

const overGaps: ReferenceKernel = ([M, a, b], [Y], { gaps }: { gaps: Gaps }) => {
  const { data: x, shape } = M as NDArray;
  const [from, to] = [(a as NDArray).data, (b as NDArray).data];
  const { data: y } = Y as NDArray;
  const { batch, m, n } = matrices(shape);
  for (let at = 0; at < batch; at++) {
    const bound = roundingOf(y, Math.max(m, n), largest(to, at * n, n));
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        if (i === j && isSquare(gaps)) continue;
        const gap = (to[at * n + j] as number) - (from[at * m + i] as number);
        const above = x[(at * m + i) * n + j] as number;
        if (Math.abs(gap) > bound || Number.isNaN(gap)) y[(at * m + i) * n + j] = above / gap;
        else if (above !== 0) {
          const value = to[at * n + j] as number;
          throw coincidence(gaps, shape, at, [i, j], value, noVectors[gaps]);
        }
      }
    }
  }
};

/** What a message about `distinct` ends with. */
export const onlyFirst =
  "there functions of these values have first derivatives alone " +
  "(second ones only in terms of the matrix: trace, norm, logdet, …)";

const distinct: ReferenceKernel = (
  [X, w],
  [Y],
  { gaps, checks, zeros }: { gaps: Gaps; checks: boolean; zeros: boolean },
) => {
  const { data: x } = X as NDArray;
  const { data: values, shape } = w as NDArray;
  const { data: y } = Y as NDArray;
  y.set(x);
  if (!checks) return;
  const n = shape[shape.length - 1] as number;
  for (let at = 0; at < values.length; at += n) {
    const bound = roundingOf(y, n, largest(values, at, n));
    for (let i = 0; i < n; i++) {
      const value = values[at + i] as number;
      const last = zeros && Math.abs(value) <= bound;
      const next = i + 1 < n && Math.abs((values[at + i + 1] as number) - value) <= bound;
      if (!(last || next)) continue;
      const kind = next ? gaps : "zeros";
      const places: [number, number] = next ? [i, i + 1] : [i, i];
      throw coincidence(kind, [...shape, n], at / n, places, value, onlyFirst);
    }
  }
};

/** What derivatives of eigenvalues and -vectors divide by, by the name of the op. */
export const gaps: Record<string, ReferenceKernel> = { overGaps, distinct };
