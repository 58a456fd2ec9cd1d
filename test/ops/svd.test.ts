import { describe, expect, it } from "vitest";
import {
  DomainError,
  eigh,
  eye,
  grad,
  logdet,
  matmul,
  outer,
  ShapeError,
  svd,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";
import { gradcheck } from "../../src/testing/index.js";
import { close, f64, list, normal, said } from "../support/values.js";

const near = (got: Tensor, want: Tensor, bound: number): void => {
  expect(got.shape).toEqual(want.shape);
  expect(distance(got.data(), want.data())).toBeLessThan(bound);
};

const one = (n: number): Tensor => eye(n, { dtype: "float64" });
const product = (U: Tensor, s: Tensor, Vt: Tensor): Tensor => matmul(U.mul(s.expandDims(-2)), Vt);

/** A matrix with these singular values. */
function withValues(m: number, n: number, ...s: number[]): Tensor {
  const U = svd(normal([m, s.length], 41)).U;
  const V = svd(normal([n, s.length], 43)).U;
  return product(U, f64(s), V.T);
}

const along =
  (f: (x: Tensor) => Tensor, D: Tensor) =>
  (x: Tensor): Tensor =>
    grad((y: Tensor) => grad(f)(y).mul(D).sum())(x);

const nuclear = (X: Tensor): Tensor => svd(X).s.sum();

describe("svd", () => {
  it("gives descending values with their vectors", () => {
    const { U, s, Vt } = svd(
      f64([
        [3, 0],
        [4, 5],
      ]),
    );
    close(s, [Math.sqrt(45), Math.sqrt(5)], 13);
    const [a, b, r] = [Math.sqrt(10), 1 / Math.sqrt(10), 1 / Math.sqrt(2)];
    close(U, [b, 3 / a, 3 / a, -b], 13);
    close(Vt, [r, r, r, -r], 13);
  });

  const shapes = [
    [1, 1],
    [2, 2],
    [5, 3],
    [3, 5],
    [1, 4],
    [4, 1],
    [30, 30],
    [60, 7],
    [7, 60],
  ];
  it.each(shapes)("multiplies back at %d × %d, in batches", (m, n) => {
    const k = Math.min(m as number, n as number);
    const X = normal([2, m as number, n as number], 3);
    const { U, s, Vt } = svd(X);
    expect([U.shape, s.shape, Vt.shape]).toEqual([
      [2, m, k],
      [2, k],
      [2, k, n],
    ]);
    near(product(U, s, Vt), X, 1e-15 * (k + 10));
    near(matmul(U.T, U), one(k).broadcastTo([2, k, k]), 1e-15 * (k + 10));
    near(matmul(Vt, Vt.T), one(k).broadcastTo([2, k, k]), 1e-15 * (k + 10));
    expect(list(s.slice([0], [1]))).toEqual(list(s.slice([0], [1])).toSorted((a, b) => b - a));
    near(s.square(), eigh(k === n ? matmul(X.T, X) : matmul(X, X.T)).w.flip(-1), 1e-13);
  });

  it.each([
    ["of rank 1", outer(f64([1, 2, 3]), f64([4, 5]))],
    ["of rank 2 in a larger one", withValues(6, 5, 3, 1)],
    ["with repeated values", withValues(5, 4, 2, 2, 1, 1)],
    [
      "with a column of zeros",
      f64([
        [1, 0, 2],
        [3, 0, 4],
        [5, 0, 6],
      ]),
    ],
    ["of zeros", zeros([4, 3], { dtype: "float64" })],
  ])("keeps the vectors orthonormal for a matrix %s", (_, X) => {
    for (const M of [X, X.T]) {
      const { U, s, Vt } = svd(M);
      const k = Math.min(...(M.shape as [number, number]));
      near(product(U, s, Vt), M, 1e-14);
      near(matmul(U.T, U), one(k), 1e-14);
      near(matmul(Vt, Vt.T), one(k), 1e-14);
    }
  });

  it("finds small singular values beside large ones", () => {
    const X = f64([
      [1, 1],
      [0, 1e-9],
    ]);
    // s₁·s₂ = |det X| = 1e-9, s₁² + s₂² = 2 + 1e-18
    const s = list(svd(X).s);
    expect(s[1] as number).toBeCloseTo(1e-9 / Math.SQRT2, 24);
  });

  it("takes empty matrices, huge and tiny numbers", () => {
    expect(svd(zeros([0, 3])).Vt.shape).toEqual([0, 3]);
    expect(svd(zeros([2, 3, 0])).U.shape).toEqual([2, 3, 0]);
    expect(svd(zeros([0, 2, 2])).s.shape).toEqual([0, 2]);
    const X = normal([4, 3], 1);
    for (const size of [1e300, 1e-300]) near(svd(X.mul(size)).s.div(size), svd(X).s, 1e-14);
  });

  it("makes the first of the large components of each left vector positive", () => {
    for (const v of svd(normal([9, 6], 8)).U.T.toArray() as number[][]) {
      const most = Math.max(...v.map(Math.abs));
      expect(v.find((x) => Math.abs(x) >= 0.9 * most)).toBeGreaterThan(0);
    }
    expect(svd(f64([[-2]])).U.item()).toBe(1);
    expect(svd(f64([[-2]])).Vt.item()).toBe(-1);
  });

  it("works in float32 too", () => {
    const X = tensor(normal([20, 12], 4).data(), { shape: [20, 12], dtype: "float32" });
    const { U, s, Vt } = svd(X);
    expect([U.dtype, s.dtype, Vt.dtype]).toEqual(["float32", "float32", "float32"]);
    near(product(U, s, Vt), X, 1e-5);
    near(s, svd(X.cast("float64")).s, 1e-5);
  });

  it("gives NaN for a matrix with NaN or ∞, and leaves its neighbours alone", () => {
    const { U, s, Vt } = svd(f64([[[Number.NaN]], [[2]], [[Number.POSITIVE_INFINITY]]]));
    for (const x of [U, s, Vt]) expect(list(x).map(Number.isNaN)).toEqual([true, false, true]);
    expect(list(s)[1]).toBe(2);
  });

  it("wants matrices", () => {
    expect(() => svd([1, 2])).toThrow(new ShapeError("svd: X is [2]; a matrix was wanted"));
  });
});

describe("derivatives of singular values", () => {
  it("are right at repeated ones: the polar factor for the nuclear norm", () => {
    for (const [m, n] of [
      [4, 4],
      [5, 4],
      [4, 6],
    ] as const) {
      const X = withValues(m, n, 2, 2, 2, 1);
      const { U, Vt } = svd(X);
      near(grad(nuclear)(X), matmul(U, Vt), 1e-14);
      near(grad((Y: Tensor) => svd(Y).s.square().sum())(X), X.mul(2), 1e-14);
    }
    near(grad(nuclear)(one(3).mul(3)), one(3), 1e-15);
  });

  it("are a subgradient at 0", () => {
    const G = grad(nuclear)(zeros([3, 2], { dtype: "float64" }));
    expect(list(svd(G).s)).toEqual([1, 1]);
    near(
      grad((Y: Tensor) => svd(Y).s.square().sum())(withValues(4, 3, 2)),
      withValues(4, 3, 2).mul(2),
      1e-14,
    );
  });

  it("agree to second order with logdet(XᵀX) at distinct ones", () => {
    const X = withValues(5, 3, 4, 2, 1);
    const D = normal([5, 3], 3);
    const logs = (Y: Tensor): Tensor => svd(Y).s.log().sum();
    const same = (Y: Tensor): Tensor => logdet(matmul(Y.T, Y)).mul(0.5);
    near(grad(logs)(X), grad(same)(X), 1e-13);
    near(along(logs, D)(X), along(same, D)(X), 1e-12);
    near(along((Y) => logs(Y.T), D)(X), along(same, D)(X), 1e-12);
  });

  it("say of the second order where it is not to be had from them", () => {
    const why =
      "there functions of these values have first derivatives alone " +
      "(second ones only in terms of the matrix: trace, norm, logdet, …)";
    const D = normal([3, 3], 5);
    expect(said(() => along(nuclear, D)(one(3)))).toEqual([
      DomainError,
      `svd: singular values 1 and 2 coincide (1); ${why}`,
    ]);
    expect(
      said(() => along(nuclear, D.slice([], [3, 2]))(outer([1, 2, 3], [1, 2]).cast("float64"))),
    ).toEqual([DomainError, `svd: singular value 2 is 0; ${why}`]);
  });
});

describe("derivatives of singular vectors", () => {
  it.each([
    [3, 3],
    [5, 3],
    [3, 5],
  ] as const)("agree with differences at %d × %d", (m, n) => {
    const k = Math.min(m, n);
    const [P, Q] = [normal([m, k], 11), normal([k, n], 12)];
    const X = withValues(m, n, 5, 3, 1);
    gradcheck((Y: Tensor) => svd(Y).U.mul(P).sum().add(svd(Y).Vt.mul(Q).sum()), [X]);
    gradcheck(
      (Y: Tensor) => {
        const { U, s, Vt } = svd(Y);
        return product(U, s.exp(), Vt).mul(matmul(P, Q)).sum();
      },
      [X],
    );
  });

  it("exist for vectors whose own value is single, whatever the others", () => {
    const [x, y] = [f64([1, 2, 2]), f64([3, -1])];
    const f = (v: Tensor): Tensor =>
      svd(outer(v, y)).U.slice([0, 0], [3, 1]).squeeze().dot([3, 5, -1]);
    const g = (v: Tensor): Tensor => v.div(v.norm()).dot([3, 5, -1]);
    near(grad(f)(x), grad(g)(x), 1e-14);
  });

  it("name the values that coincide, or are 0", () => {
    const left = (X: Tensor): Tensor =>
      svd(X)
        .U.mul(normal([4, 3], 1).slice([], [X.shape.at(-2) as number, 3]))
        .sum();
    const right = (X: Tensor): Tensor =>
      svd(X)
        .Vt.mul(normal([3, 3], 1))
        .sum();
    for (const f of [left, right]) {
      expect(said(() => grad(f)(withValues(4, 3, 5, 2, 2)))).toEqual([
        DomainError,
        "svd: singular values 2 and 3 coincide (2); their singular vectors have no derivative",
      ]);
    }
    expect(said(() => grad(left)(withValues(4, 3, 5, 2)))).toEqual([
      DomainError,
      "svd: singular value 3 is 0; its singular vectors have no derivative",
    ]);
    // In a square matrix, and on the short side of another, a single 0 does no harm.
    expect(list(grad(left)(withValues(3, 3, 5, 2))).every(Number.isFinite)).toBe(true);
    expect(list(grad(right)(withValues(4, 3, 5, 2))).every(Number.isFinite)).toBe(true);
  });
});
