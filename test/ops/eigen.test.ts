import { describe, expect, it } from "vitest";
import {
  DomainError,
  eigh,
  eye,
  grad,
  inv,
  jvp,
  logdet,
  matmul,
  outer,
  ShapeError,
  type Tensor,
  tensor,
  trace,
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
const fromParts = (w: Tensor, V: Tensor): Tensor => matmul(V.mul(w.expandDims(-2)), V.T);
const sym = (X: Tensor): Tensor => X.add(X.T).mul(0.5);

/** Q·Diag(w)·Qᵀ with an orthogonal Q that is no identity. */
function withEigenvalues(...w: number[]): Tensor {
  const n = w.length;
  return sym(fromParts(f64(w), eigh(normal([n, n], 31)).V));
}

/** The derivative of `x => grad(f)(x)` along `D`, back through the gradient. */
const along =
  (f: (x: Tensor) => Tensor, D: Tensor) =>
  (x: Tensor): Tensor =>
    grad((y: Tensor) => grad(f)(y).mul(D).sum())(x);

const sumLog = (A: Tensor): Tensor => eigh(A).w.log().sum();

describe("eigh", () => {
  it("gives ascending eigenvalues and their vectors as columns", () => {
    const { w, V } = eigh(
      f64([
        [2, 0, 0],
        [0, 3, 4],
        [0, 4, 9],
      ]),
    );
    close(w, [1, 2, 11], 13);
    const r = 1 / Math.sqrt(5);
    close(V, [0, 1, 0, 2 * r, 0, r, -r, 0, 2 * r], 13);
  });

  it("gives the eigenvalues 2 − 2cos(kπ/(n+1)) of the second difference", () => {
    const n = 50;
    const D = one(n)
      .mul(2)
      .sub(one(n + 1).slice([1, 0], [n, n]))
      .sub(one(n + 1).slice([0, 1], [n, n]));
    const want = Array.from(
      { length: n },
      (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)),
    );
    close(eigh(D).w, want, 13);
  });

  it.each([1, 2, 3, 7, 24, 61])("multiplies back at order %d, in batches", (n) => {
    const A = normal([2, n, n], n);
    const { w, V } = eigh(A);
    near(fromParts(w, V), sym(A), 1e-15 * (n + 10));
    near(matmul(V.T, V), one(n).broadcastTo([2, n, n]), 1e-15 * (n + 10));
    const sorted = list(w.slice([0], [1])).toSorted((a, b) => a - b);
    expect(list(w.slice([0], [1]))).toEqual(sorted);
  });

  it("works in float32 too", () => {
    const A = tensor(normal([20, 20], 4).data(), { shape: [20, 20], dtype: "float32" });
    const { w, V } = eigh(A);
    expect([w.dtype, V.dtype]).toEqual(["float32", "float32"]);
    near(fromParts(w, V), sym(A), 1e-5);
    near(w, eigh(A.cast("float64")).w, 1e-5);
  });

  it("takes matrices of order 0, zeros, huge and tiny numbers", () => {
    expect(eigh(zeros([0, 0])).V.shape).toEqual([0, 0]);
    expect(eigh(zeros([2, 0, 0])).w.shape).toEqual([2, 0]);
    expect(eigh(zeros([0, 3, 3])).V.shape).toEqual([0, 3, 3]);
    expect(eigh(zeros([2, 2])).w.toArray()).toEqual([0, 0]);
    const A = f64([
      [2, 1],
      [1, 2],
    ]);
    for (const size of [1e300, 1e-300]) {
      near(eigh(A.mul(size)).w.div(size), f64([1, 3]), 1e-14);
    }
  });

  it("makes the first of the large components of each vector positive", () => {
    expect(list(eigh(f64([[-5]])).V)).toEqual([1]);
    const V = eigh(normal([9, 9], 8)).V.T.toArray() as number[][];
    for (const v of V) {
      const most = Math.max(...v.map(Math.abs));
      expect(v.find((x) => Math.abs(x) >= 0.9 * most)).toBeGreaterThan(0);
    }
  });

  it("takes the symmetric part, so that its gradient is symmetric", () => {
    const bend = normal([4, 4], 3);
    const A = normal([4, 4], 2);
    near(eigh(A.add(bend.sub(bend.T))).w, eigh(A).w, 1e-14);
    const G = grad((X: Tensor) => eigh(X).V.mul(bend).sum())(A);
    near(G, G.T, 1e-14);
  });

  it("gives NaN for a matrix with NaN or ∞, and leaves its neighbours alone", () => {
    const { w, V } = eigh(f64([[[Number.NaN]], [[2]], [[Number.POSITIVE_INFINITY]]]));
    expect(list(w)).toEqual([Number.NaN, 2, Number.NaN]);
    expect(list(V)).toEqual([Number.NaN, 1, Number.NaN]);
  });

  it("wants square matrices", () => {
    expect(() => eigh(zeros([2, 3]))).toThrow(
      new ShapeError("eigh: A is [2, 3]; a square matrix was wanted (the last two sizes equal)"),
    );
  });
});

describe("derivatives of eigenvalues", () => {
  const repeated: [string, Tensor][] = [
    ["the identity", one(3)],
    ["a multiple of it", one(4).mul(2.5)],
    ["two pairs", withEigenvalues(1, 1, 3, 3)],
    ["one pair among others", withEigenvalues(0.5, 2, 2, 7, 9)],
    [
      "a batch",
      f64([
        [
          [1, 0],
          [0, 1],
        ],
        [
          [2, 1],
          [1, 2],
        ],
      ]),
    ],
  ];

  it.each(repeated)("are right at repeated ones: %s", (_, A) => {
    near(
      grad((X: Tensor) => eigh(X).w.sum())(A),
      one(A.shape.at(-1) as number).broadcastTo(A.shape),
      1e-14,
    );
    near(grad(sumLog)(A), inv(A), 1e-14);
    near(grad((X: Tensor) => eigh(X).w.square().sum())(A), A.mul(2), 1e-14);
    near(
      grad((X: Tensor) => eigh(X).w.exp().sum().log())(A),
      grad((X: Tensor) => eigh(X).w.logsumexp())(A),
      1e-14,
    );
  });

  it.each(repeated)("are right forward, too: %s", (_, A) => {
    const D = normal([...A.shape], 8);
    for (const f of [sumLog, (X: Tensor): Tensor => eigh(X).w.square().sum()]) {
      const [, forward] = jvp(f, [A], [D]);
      near(forward as Tensor, grad(f)(A).mul(D).sum(), 1e-13);
    }
  });

  it("are right at 0", () => {
    const G = grad((X: Tensor) => eigh(X).w.exp().sum())(zeros([3, 3], { dtype: "float64" }));
    expect(G.toArray()).toEqual(one(3).toArray());
  });

  it("agree with logdet's to second order at distinct ones", () => {
    const A = withEigenvalues(0.5, 1.5, 3, 7);
    const D = normal([4, 4], 5);
    near(along(sumLog, D)(A), along((X) => logdet(sym(X)), D)(A), 1e-13);
    const cubes = (X: Tensor): Tensor => eigh(X).w.pow(3).sum();
    near(
      along(cubes, D)(A),
      along((X) => trace(matmul(sym(X), matmul(sym(X), sym(X)))), D)(A),
      1e-12,
    );
  });

  it("say of the second order at repeated ones that it is not to be had from them", () => {
    const why =
      "there functions of these values have first derivatives alone " +
      "(second ones only in terms of the matrix: trace, norm, logdet, …)";
    const D = normal([3, 3], 5);
    expect(said(() => along(sumLog, D)(one(3).mul(3)))).toEqual([
      DomainError,
      `eigh: eigenvalues 1 and 2 coincide (3); ${why}`,
    ]);
    // The slopes are 0 here, and a rule that divided only what is not 0 would give half the truth.
    const squares = (X: Tensor): Tensor => eigh(X).w.sub(1).square().sum();
    expect(() => along(squares, D)(one(3))).toThrow("eigenvalues 1 and 2 coincide (1)");
    const pair = withEigenvalues(1, 2, 2);
    expect(() => along(sumLog, D)(pair)).toThrow("eigenvalues 2 and 3 coincide (2)");
    expect(() =>
      along(
        sumLog,
        D.broadcastTo([2, 3, 3]),
      )(
        f64([
          [
            [1, 0, 0],
            [0, 2, 0],
            [0, 0, 3],
          ],
          [
            [1, 0, 0],
            [0, 5, 0],
            [0, 0, 5],
          ],
        ]),
      ),
    ).toThrow("eigenvalues 2 and 3 of A[1] coincide (5)");
  });
});

describe("derivatives of eigenvectors", () => {
  const W = normal([4, 4], 7);

  it("agree with differences", () => {
    gradcheck((A: Tensor) => eigh(A).V.mul(W).sum(), [normal([4, 4], 2)]);
    gradcheck(
      (A: Tensor) => fromParts(eigh(A).w.exp(), eigh(A).V).mul(W).sum(),
      [normal([4, 4], 2)],
    );
  });

  it("make A⁻¹ and √A, functions of the matrix, differentiable", () => {
    const A = withEigenvalues(0.5, 1.5, 3, 7);
    const inverse = (X: Tensor): Tensor => {
      const { w, V } = eigh(X);
      return fromParts(w.reciprocal(), V).mul(W).sum();
    };
    near(grad(inverse)(A), grad((X: Tensor) => inv(sym(X)).mul(W).sum())(A), 1e-12);
    const D = normal([4, 4], 9);
    near(along(inverse, D)(A), along((X) => inv(sym(X)).mul(W).sum(), D)(A), 1e-11);
  });

  it("exist for a vector whose own eigenvalue is single, whatever the others", () => {
    const x = f64([1, 2, 2]);
    // The leading vector of x·xᵀ is x/‖x‖; both other eigenvalues are 0.
    const f = (y: Tensor): Tensor =>
      eigh(outer(y, y)).V.slice([0, 2], [3, 1]).squeeze().dot([3, 5, -1]);
    const g = (y: Tensor): Tensor => y.div(y.norm()).dot([3, 5, -1]);
    expect(f(x).item()).toBeCloseTo(g(x).item(), 14);
    near(grad(f)(x), grad(g)(x), 1e-14);
  });

  it("name the eigenvalues that coincide", () => {
    const loss = (A: Tensor): Tensor =>
      eigh(A)
        .V.mul(W.slice([0, 0], A.shape.slice(-2)))
        .sum();
    const consequence = "; their eigenvectors have no derivative";
    expect(said(() => grad(loss)(one(3).mul(3)))).toEqual([
      DomainError,
      `eigh: eigenvalues 1 and 2 coincide (3)${consequence}`,
    ]);
    expect(said(() => grad(loss)(withEigenvalues(-1, 2, 2)))).toEqual([
      DomainError,
      `eigh: eigenvalues 2 and 3 coincide (2)${consequence}`,
    ]);
    const batch = f64([
      [
        [1, 0],
        [0, 2],
      ],
      [
        [4, 0],
        [0, 4],
      ],
    ]);
    expect(() => grad(loss)(batch)).toThrow(
      `eigenvalues 1 and 2 of A[1] coincide (4)${consequence}`,
    );
    const single = tensor([
      [1, 0],
      [0, 1],
    ]);
    expect(() => grad(loss)(single.add(1e-7))).toThrow("eigenvalues 1 and 2 coincide (1)");
  });

  it("do not pass a function of the matrix where parts of the loss cancel", () => {
    // √A is differentiable at I, but not from its eigenvectors: better no gradient than half of one.
    const root = (A: Tensor): Tensor => fromParts(eigh(A).w.sqrt(), eigh(A).V).sum();
    expect(() => grad(root)(withEigenvalues(4, 4))).toThrow("eigenvalues 1 and 2 coincide (4)");
  });
});
