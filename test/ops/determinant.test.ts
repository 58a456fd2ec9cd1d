import { describe, expect, it } from "vitest";
import {
  adjugate,
  apply,
  DomainError,
  det,
  eye,
  grad,
  jvp,
  logdet,
  matmul,
  ShapeError,
  SingularError,
  slogdet,
  type Tensor,
  zeros,
} from "../../src/index.js";
import { adjugateOp } from "../../src/ops/determinant.js";
import { distance } from "../../src/testing/compare.js";
import { f64, normal } from "../support/values.js";

const rank2 = f64([
  [1, 2, 3],
  [2, 4, 6],
  [1, 1, 1],
]);
const rank1 = f64([
  [1, 2, 3],
  [2, 4, 6],
  [-1, -2, -3],
]);

/** The determinant by Laplace along the first row: slow, and right whatever the rank. */
function laplace(X: number[][]): number {
  if (X.length === 0) return 1;
  const [first, ...below] = X as [number[], ...number[][]];
  return first.reduce((total, x, j) => {
    const minor = laplace(below.map((row) => row.filter((_, k) => k !== j)));
    return total + (j % 2 === 0 ? x : -x) * minor;
  }, 0);
}

/** The transposed cofactors, each from its minor. */
function cofactors(X: number[][]): number[][] {
  return X.map((_, i) =>
    X.map((__, j) => {
      const rows = X.filter((___, k) => k !== j);
      return (-1) ** (i + j) * laplace(rows.map((row) => row.filter((___, k) => k !== i)));
    }),
  );
}

/** A matrix of order `n` and rank `r`. */
function ofRank(n: number, r: number, seed: number): Tensor {
  return r === 0
    ? zeros([n, n], { dtype: "float64" })
    : matmul(normal([n, r], seed), normal([r, n], seed + 100));
}

const detOf = (X: Tensor): Tensor => det(X);
const logdetOf = (X: Tensor): Tensor => logdet(X);
const along = (X: Tensor, Hs: Tensor[]): Tensor => apply(adjugateOp, { X, Hs });

describe("det", () => {
  it("is the determinant, of order 0 and 1 and in batches too", () => {
    expect(
      det([
        [1, 2],
        [3, 4],
      ]).item(),
    ).toBeCloseTo(-2, 14);
    expect(det([[5]]).item()).toBe(5);
    expect(det(zeros([0, 0])).item()).toBe(1);
    expect(
      det(
        f64([
          [0, 1],
          [1, 0],
        ]),
      ).item(),
    ).toBe(-1);
    expect(
      det(
        f64([
          [
            [2, 0],
            [0, 3],
          ],
          [
            [0, 1],
            [1, 0],
          ],
        ]),
      ).toArray(),
    ).toEqual([6, -1]);
    for (const n of [2, 3, 4, 5]) {
      const X = normal([n, n], n);
      expect(det(X).item()).toBeCloseTo(laplace(X.toArray() as number[][]), 12);
    }
  });

  it("does not overflow on the way to a number that fits", () => {
    const d = f64([1e200, 1e200, 1e-200, 1e-200, 3]);
    expect(det(eye(5, { dtype: "float64" }).mul(d)).item()).toBeCloseTo(3, 12);
    expect(det(eye(3, { dtype: "float64" }).mul(1e200)).item()).toBe(Number.POSITIVE_INFINITY);
    expect(det(eye(3, { dtype: "float64" }).mul(1e-200)).item()).toBe(0);
    expect(det(eye(2, { dtype: "float64" }).mul(2 ** -530)).item()).toBe(2 ** -1060);
  });

  it("has the adjugate as gradient where the matrix is singular", () => {
    expect(
      grad(detOf)(
        f64([
          [0, 1],
          [0, 1],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 0],
      [-1, 0],
    ]);
    const at2 = grad(detOf)(rank2);
    const want = cofactors(rank2.toArray() as number[][]);
    expect(distance(at2.T.data(), want.flat())).toBeLessThan(1e-14);
    expect(distance(grad(detOf)(rank1).data(), new Float64Array(9))).toBeLessThan(1e-15);
    expect(distance(grad(detOf)(zeros([3, 3])).data(), new Float64Array(9))).toBe(0);
    expect(grad(detOf)(zeros([1, 1])).toArray()).toEqual([[1]]);
  });

  it("wants square matrices", () => {
    expect(() => det(zeros([2, 3]))).toThrow(
      new ShapeError("det: X is [2, 3]; a square matrix was wanted (the last two sizes equal)"),
    );
  });
});

describe("adjugate", () => {
  it.each([1, 2, 3, 4, 5])("is the transposed cofactors at every rank, order %i", (n) => {
    for (let r = 0; r <= n; r++) {
      const X = ofRank(n, r, 10 * n + r);
      const want = cofactors(X.toArray() as number[][]).flat();
      expect(distance(adjugate(X).data(), want)).toBeLessThan(1e-11);
    }
  });

  it("has X·adj(X) = det(X)·I at order 30", () => {
    const X = normal([30, 30], 1).mul(0.3);
    const want = eye(30, { dtype: "float64" }).mul(det(X));
    const scale = Math.max(...want.data().map(Math.abs));
    expect(distance(matmul(X, adjugate(X)).div(scale).data(), want.div(scale).data())).toBeLessThan(
      1e-11,
    );
  });

  it("is [[1]] at order 1 and empty at order 0", () => {
    expect(adjugate([[7]]).toArray()).toEqual([[1]]);
    expect(adjugate([[0]]).toArray()).toEqual([[1]]);
    expect(adjugate(zeros([0, 0])).shape).toEqual([0, 0]);
  });

  it("has derivatives of every order, at every rank: each from differences of the last", () => {
    const n = 4;
    const Hs = [1, 2, 3, 4].map((seed) => normal([n, n], seed));
    for (let r = 0; r <= n; r++) {
      const X = ofRank(n, r, 40 + r);
      for (let k = 0; k < 4; k++) {
        const rest = Hs.slice(0, k);
        const H = Hs[k] as Tensor;
        const at = (h: number): Tensor => along(X.add(H.mul(h)), rest);
        // The adjugate is a polynomial of degree 3, for which five points are exact.
        const h = 0.5;
        const near = at(h).sub(at(-h)).mul(8);
        const want = near.sub(at(2 * h).sub(at(-2 * h))).div(12 * h);
        expect(distance(along(X, [...rest, H]).data(), want.data())).toBeLessThan(1e-11);
      }
      expect(distance(along(X, Hs).data(), new Float64Array(n * n))).toBeLessThan(1e-11);
    }
  });

  it("is 2! times the adjugate of H in its second derivative at order 3", () => {
    const H = normal([3, 3], 7);
    const want = adjugate(H).mul(2);
    expect(distance(along(rank1, [H, H]).data(), want.data())).toBeLessThan(1e-13);
  });

  it("gives det exact second and third derivatives at singular matrices", () => {
    const along3 = (X: Tensor, V: Tensor): Tensor =>
      jvp((Y: Tensor) => jvp((Z: Tensor) => jvp(det, [Z], [V])[1], [Y], [V])[1], [X], [V])[1];
    const V = normal([3, 3], 8);
    // Along a line, det is a cubic with leading coefficient det(V).
    for (const X of [rank2, rank1, zeros([3, 3], { dtype: "float64" })]) {
      expect(along3(X, V).item()).toBeCloseTo(6 * det(V).item(), 12);
    }
  });

  it("passes NaN on", () => {
    expect(
      adjugate(
        f64([
          [1, 2],
          [Number.NaN, 3],
        ]),
      )
        .data()
        .some(Number.isNaN),
    ).toBe(true);
  });

  it("wants square matrices, and directions like them", () => {
    expect(() => adjugate([1])).toThrow(
      new ShapeError("adjugate: X is [1]; a square matrix was wanted (the last two sizes equal)"),
    );
    expect(() => along(rank2, [zeros([2, 2])])).toThrow(
      new ShapeError("adjugate: a direction is [2, 2]; matrices of order 3 were wanted, as X is"),
    );
    expect(() => along(zeros([2, 3, 3]), [zeros([4, 3, 3])])).toThrow(
      new ShapeError(
        "adjugate: X is [2, 3, 3] and a direction is [4, 3, 3]; " +
          "the leading axes [2] and [4] do not broadcast",
      ),
    );
  });
});

describe("logdet", () => {
  it("is the logarithm, of sizes that det cannot hold too", () => {
    expect(
      logdet(
        f64([
          [2, 1],
          [1, 1],
        ]),
      ).item(),
    ).toBeCloseTo(0, 15);
    expect(logdet(zeros([0, 0])).item()).toBe(0);
    const big = eye(400, { dtype: "float64" }).mul(1e3);
    expect(logdet(big).item()).toBeCloseTo(400 * Math.log(1e3), 9);
    expect(logdet(big.div(1e6)).item()).toBeCloseTo(-400 * Math.log(1e3), 9);
    expect(
      logdet(
        f64([
          [0, 1],
          [-1, 0],
        ]),
      ).item(),
    ).toBe(0);
  });

  it("has X⁻ᵀ as gradient", () => {
    const g = grad(logdetOf)(
      f64([
        [2, 1],
        [0, 4],
      ]),
    );
    expect(g.toArray()).toEqual([
      [0.5, 0],
      [-0.125, 0.25],
    ]);
  });

  it("says where there is no logarithm", () => {
    expect(() =>
      logdet([
        [0, 1],
        [1, 0],
      ]),
    ).toThrow(
      new DomainError(
        "logdet: the determinant of X is negative; logdet needs a positive one, slogdet gives " +
          "its sign and the logarithm of its size",
      ),
    );
    expect(() => logdet(f64([[[1]], [[-2]]]))).toThrow(/^logdet: the determinant of X\[1\] is neg/);
    expect(() =>
      logdet([
        [1, 1],
        [1, 1],
      ]),
    ).toThrow(
      new SingularError("logdet: X is singular (pivot 2 is 0); its determinant has no logarithm"),
    );
  });
});

describe("slogdet", () => {
  it("gives sign and logarithm", () => {
    const { sign, logabsdet } = slogdet(
      f64([
        [0, 2],
        [1, 0],
      ]),
    );
    expect(sign.item()).toBe(-1);
    expect(logabsdet.item()).toBe(Math.log(2));
    const batch = slogdet(f64([[[3]], [[-3]]]));
    expect(batch.sign.toArray()).toEqual([1, -1]);
    expect(batch.logabsdet.toArray()).toEqual([Math.log(3), Math.log(3)]);
  });

  it("gives 0 and −∞ where det is 0, but no gradient there", () => {
    const { sign, logabsdet } = slogdet([
      [1, 1],
      [1, 1],
    ]);
    expect(sign.item()).toBe(0);
    expect(logabsdet.item()).toBe(Number.NEGATIVE_INFINITY);
    expect(() =>
      grad((X: Tensor) => slogdet(X).logabsdet)(
        f64([
          [1, 1],
          [1, 1],
        ]),
      ),
    ).toThrow(new SingularError("inv: X is singular (pivot 2 is 0)"));
  });

  it("has X⁻ᵀ as gradient whatever the sign, and none through the sign", () => {
    const X = f64([
      [0, 2],
      [4, 0],
    ]);
    expect(grad((A: Tensor) => slogdet(A).logabsdet)(X).toArray()).toEqual([
      [0, 0.5],
      [0.25, 0],
    ]);
    expect(grad((A: Tensor) => slogdet(A).sign)(X).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});
