import { describe, expect, it } from "vitest";
import {
  DomainError,
  grad,
  inv,
  lstsq,
  matmul,
  pinv,
  ShapeError,
  solve,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";
import { close, f64, list, normal } from "../support/values.js";

const near = (got: Tensor, want: Tensor, bound: number): void => {
  expect(got.shape).toEqual(want.shape);
  expect(distance(got.data(), want.data())).toBeLessThan(bound);
};

/** `[m, n]` of rank r. */
const ofRank = (m: number, n: number, r: number): Tensor =>
  matmul(normal([m, r], 10 * m + n), normal([r, n], 10 * n + m));

/** Matrices tall, wide and square, of full rank and less. */
const all: [string, Tensor][] = [
  ["square", ofRank(3, 3, 3)],
  ["tall", ofRank(5, 3, 3)],
  ["wide", ofRank(3, 5, 3)],
  ["square of rank 2", ofRank(4, 4, 2)],
  ["tall of rank 2", ofRank(5, 3, 2)],
  ["wide of rank 1", ofRank(3, 4, 1)],
  ["of zeros", zeros([3, 2], { dtype: "float64" })],
];

/** A direction that keeps the rank of `X`: the differential of P·X·Q. */
function keeping(X: Tensor): Tensor {
  const [m, n] = X.shape as [number, number];
  return matmul(normal([m, m], 51), X).add(matmul(X, normal([n, n], 52)));
}

/** The derivative of `f` at `X` along a path of matrices of the same rank, by differences. */
function byDifferences(f: (X: Tensor) => Tensor, X: Tensor): number {
  const [m, n] = X.shape as [number, number];
  const [P, Q] = [normal([m, m], 51), normal([n, n], 52)];
  const at = (h: number): number => {
    const Y = X.add(matmul(P, X).mul(h));
    return f(Y.add(matmul(Y, Q).mul(h))).item();
  };
  const h = 1e-3;
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

describe("pinv", () => {
  it.each(all)("meets the four conditions of Penrose: %s", (_, X) => {
    const Y = pinv(X);
    near(matmul(matmul(X, Y), X), X, 1e-13);
    near(matmul(matmul(Y, X), Y), Y, 1e-13);
    near(matmul(X, Y), matmul(X, Y).T, 1e-13);
    near(matmul(Y, X), matmul(Y, X).T, 1e-13);
  });

  it("is the inverse of a regular matrix", () => {
    const X = normal([2, 4, 4], 5);
    near(pinv(X), inv(X), 1e-12);
    const Y = pinv(
      tensor([
        [2, 0],
        [0, 4],
      ]),
    );
    expect(Y.dtype).toBe("float32");
    expect(Y.toArray()).toEqual([
      [0.5, 0],
      [0, 0.25],
    ]);
  });

  it("takes what is small beside the largest singular value for 0", () => {
    const X = f64([
      [1, 0],
      [0, 1e-6],
    ]);
    close(pinv(X), [1, 0, 0, 1e6], 6);
    close(pinv(X, { rcond: 1e-5 }), [1, 0, 0, 0], 14);
    close(
      pinv(
        f64([
          [1, 0],
          [0, 1e-17],
        ]),
      ),
      [1, 0, 0, 0],
      14,
    );
    close(
      pinv(
        f64([
          [1, 0],
          [0, 1e-17],
        ]),
        { rcond: 0 },
      ).mul(1e-17),
      [1e-17, 0, 0, 1],
      14,
    );
    expect(() => pinv(X, { rcond: -1 })).toThrow(
      new DomainError("pinv: rcond is -1; a number of at least 0 was wanted"),
    );
  });

  it("takes empty matrices, and gives NaN for NaN", () => {
    expect(pinv(zeros([0, 3])).shape).toEqual([3, 0]);
    expect(pinv(zeros([2, 3, 0])).shape).toEqual([2, 0, 3]);
    expect(list(pinv(f64([[[Number.NaN]], [[2]]])))).toEqual([Number.NaN, 0.5]);
    expect(() => pinv([1, 2])).toThrow(new ShapeError("pinv: X is [2]; a matrix was wanted"));
  });

  it.each(all)("is differentiable where the rank stays: %s", (_, X) => {
    const [m, n] = X.shape as [number, number];
    const W = normal([n, m], 61);
    const f = (Y: Tensor): Tensor => pinv(Y).mul(W).sum();
    const D = keeping(X);
    const slope = grad(f)(X).mul(D).sum().item();
    expect(slope).toBeCloseTo(byDifferences(f, X), 6);
    // Second order: the derivative of ⟨∇f(Y), Z(Y)⟩, Z a direction that keeps the rank everywhere.
    const [P, Q] = [normal([m, m], 71), normal([n, n], 72)];
    const g = (Y: Tensor): Tensor =>
      grad(f)(Y)
        .mul(matmul(P, Y).add(matmul(Y, Q)))
        .sum();
    expect(grad(g)(X).mul(D).sum().item()).toBeCloseTo(byDifferences(g, X), 4);
  });
});

describe("lstsq", () => {
  it.each(all)("is the pseudo-inverse times B: %s", (_, A) => {
    const B = normal([A.shape[0] as number, 2], 4);
    near(lstsq(A, B), matmul(pinv(A), B), 1e-12);
    const b = B.slice([], [A.shape[0] as number, 1]).squeeze(-1);
    near(lstsq(A, b), matmul(pinv(A), b), 1e-12);
  });

  it("solves the normal equations, and squarely what is square", () => {
    const [A, b] = [normal([20, 4], 1), normal([20], 2)];
    near(lstsq(A, b), solve(matmul(A.T, A), matmul(A.T, b)), 1e-13);
    near(
      lstsq(normal([5, 5], 3), b.slice([0], [5])),
      solve(normal([5, 5], 3), b.slice([0], [5])),
      1e-12,
    );
  });

  it("keeps digits that the normal equations lose", () => {
    const e = 1e-7; // its square is rounding beside 1
    const A = f64([
      [1, 1, 1],
      [e, 0, 0],
      [0, e, 0],
      [0, 0, e],
    ]);
    close(lstsq(A, f64([3, e, e, e])), [1, 1, 1], 8);
  });

  it("gives the shortest of many solutions", () => {
    close(lstsq(f64([[1, 1]]), f64([2])), [1, 1], 14);
    close(
      lstsq(
        f64([
          [1, 1],
          [1, 1],
        ]),
        f64([1, 3]),
      ),
      [1, 1],
      14,
    );
    expect(list(lstsq(zeros([2, 3]), [1, 2]))).toEqual([0, 0, 0]);
    close(
      lstsq(
        f64([
          [1, 0],
          [0, 1e-6],
        ]),
        [1, 1],
        { rcond: 1e-5 },
      ),
      [1, 0],
      14,
    );
  });

  it("broadcasts leading axes, takes empty systems", () => {
    expect(lstsq(normal([2, 1, 4, 3], 1), normal([5, 4, 2], 2)).shape).toEqual([2, 5, 3, 2]);
    expect(lstsq(normal([2, 1, 4, 3], 1), normal([4], 2)).shape).toEqual([2, 1, 3]);
    expect(list(lstsq(zeros([0, 2]), zeros([0])))).toEqual([0, 0]);
    expect(lstsq(zeros([3, 0]), zeros([3, 2])).shape).toEqual([0, 2]);
    expect(list(lstsq(f64([[[Number.NaN]], [[2]]]), f64([4])))).toEqual([Number.NaN, 2]);
  });

  it.each(all)("is differentiable where the rank stays: %s", (_, A) => {
    const [m, n] = A.shape as [number, number];
    const [B, W] = [normal([m, 2], 62), normal([n, 2], 63)];
    const f = (Y: Tensor): Tensor => lstsq(Y, B).mul(W).sum();
    const D = keeping(A);
    expect(grad(f)(A).mul(D).sum().item()).toBeCloseTo(byDifferences(f, A), 6);
    near(grad((C: Tensor) => lstsq(A, C).mul(W).sum())(B), matmul(pinv(A).T, W), 1e-12);
    const [P, Q] = [normal([m, m], 71), normal([n, n], 72)];
    const g = (Y: Tensor): Tensor =>
      grad(f)(Y)
        .mul(matmul(P, Y).add(matmul(Y, Q)))
        .sum();
    expect(grad(g)(A).mul(D).sum().item()).toBeCloseTo(byDifferences(g, A), 4);
  });

  it("has for a line the gradient that the closed form has", () => {
    const t = f64([0, 1, 2, 4]);
    const A = f64([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 4],
    ]);
    const slope = (y: Tensor): Tensor => lstsq(A, y).slice([1], [1]).sum();
    const centred = t.sub(t.mean());
    near(grad(slope)(f64([1, 3, 2, 5])), centred.div(centred.square().sum()), 1e-14);
  });

  it("says what is wrong", () => {
    expect(() => lstsq(zeros([3, 2]), [1, 2])).toThrow(
      new ShapeError("lstsq: A is [3, 2] and B is [2]; B must have as many rows as A, 3"),
    );
    expect(() => lstsq([1, 2], [1, 2])).toThrow(
      new ShapeError("lstsq: A is [2]; a matrix was wanted"),
    );
    expect(() => lstsq(zeros([2, 3, 3]), zeros([4, 3, 1]))).toThrow(
      new ShapeError(
        "lstsq: A is [2, 3, 3] and B is [4, 3, 1]; the leading axes [2] and [4] do not broadcast",
      ),
    );
    expect(() => lstsq(zeros([3, 2]), [1, 2, 3], { rcond: Number.NaN })).toThrow(
      new DomainError("lstsq: rcond is NaN; a number of at least 0 was wanted"),
    );
  });
});
