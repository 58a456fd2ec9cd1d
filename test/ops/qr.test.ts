import { describe, expect, it } from "vitest";
import {
  eye,
  grad,
  matmul,
  pad,
  qr,
  ShapeError,
  SingularError,
  solve,
  type Tensor,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";
import { f64, normal } from "../support/values.js";

/** X = Q·R, QᵀQ = I, R upper with a diagonal that is not negative. */
function requireFactors(X: Tensor, bound = 1e-14): void {
  const { Q, R } = qr(X);
  const k = Q.shape.at(-1) as number;
  expect(distance(matmul(Q, R).data(), X.data())).toBeLessThan(bound);
  const I = eye(k, { dtype: "float64" }).broadcastTo([...X.shape.slice(0, -2), k, k]);
  expect(distance(matmul(Q.T, Q).data(), I.data())).toBeLessThan(bound);
  expect(R.triu().toArray()).toEqual(R.toArray());
  expect(
    R.diagPart()
      .data()
      .every((x) => x >= 0),
  ).toBe(true);
}

describe("qr", () => {
  it("gives the factors of square, tall and wide matrices", () => {
    const { Q, R } = qr(
      f64([
        [0, 1],
        [0, 1],
        [-2, 1],
      ]),
    );
    const h = Math.SQRT1_2;
    expect(distance(Q.data(), [0, h, 0, h, -1, 0])).toBeLessThan(1e-15);
    expect(distance(R.data(), [2, -1, 0, 2 * h])).toBeLessThan(1e-15);
    expect(qr([[-3, 6]]).R.toArray()).toEqual([[3, -6]]);
    for (const shape of [
      [1, 1],
      [6, 6],
      [7, 3],
      [3, 7],
      [1, 4],
      [4, 1],
      [2, 3, 5, 4],
    ]) {
      requireFactors(normal(shape, 1));
    }
    requireFactors(normal([60, 50], 2), 1e-13);
  });

  it("leaves an upper triangle with positive diagonal as it is", () => {
    const X = f64([
      [2, -1, 3],
      [0, 1, 5],
      [0, 0, 4],
    ]);
    const { Q, R } = qr(X);
    expect(Q.toArray()).toEqual(eye(3).toArray());
    expect(R.toArray()).toEqual(X.toArray());
  });

  it("takes empty matrices and batches", () => {
    const shapes = (X: Tensor) => Object.values(qr(X)).map((Y) => Y.shape);
    expect(shapes(zeros([0, 0]))).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(shapes(zeros([0, 3]))).toEqual([
      [0, 0],
      [0, 3],
    ]);
    expect(shapes(zeros([3, 0]))).toEqual([
      [3, 0],
      [0, 0],
    ]);
    expect(shapes(zeros([0, 2, 3]))).toEqual([
      [0, 2, 2],
      [0, 2, 3],
    ]);
  });

  it("factors rank-deficient, defective and nilpotent matrices", () => {
    requireFactors(zeros([3, 2], { dtype: "float64" }));
    requireFactors(
      f64([
        [0, 1, 2],
        [0, 0, 3],
        [0, 0, 0],
      ]),
    );
    requireFactors(
      f64([
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ]),
    );
    requireFactors(
      f64([
        [1, 1],
        [0, 1],
      ]),
    );
  });

  it("neither overflows nor underflows", () => {
    for (const scale of [2 ** 600, 2 ** -600]) {
      const X = normal([4, 3], 3);
      const [one, other] = [qr(X), qr(X.mul(scale))];
      expect(distance(other.Q.data(), one.Q.data())).toBeLessThan(1e-15);
      expect(distance(other.R.div(scale).data(), one.R.data())).toBeLessThan(1e-15);
    }
  });

  it("passes NaN on", () => {
    expect(
      qr(
        f64([
          [1, 2],
          [Number.NaN, 1],
        ]),
      )
        .R.data()
        .some(Number.isNaN),
    ).toBe(true);
  });

  it("solves least squares, with the gradient of the normal equations", () => {
    const [X, y] = [normal([6, 3], 4), normal([6, 1], 5)];
    const byFactors = (A: Tensor): Tensor => {
      const { Q, R } = qr(A);
      return solve(R, matmul(Q.T, y)).sum();
    };
    const byEquations = (A: Tensor): Tensor => solve(matmul(A.T, A), matmul(A.T, y)).sum();
    expect(distance(grad(byFactors)(X).data(), grad(byEquations)(X).data())).toBeLessThan(1e-12);
  });

  it("has the gradient of what does not change: Q·R, QᵀQ, RᵀR", () => {
    for (const shape of [
      [4, 4],
      [5, 3],
      [3, 5],
    ]) {
      const [m, n] = shape as [number, number];
      const k = Math.min(m, n);
      const X = normal(shape, 6);
      const [W, V, Z] = [normal(shape, 7), normal([k, k], 8), normal([n, n], 9)];
      const of = (f: (Q: Tensor, R: Tensor) => Tensor): Tensor =>
        grad((A: Tensor) => {
          const { Q, R } = qr(A);
          return f(Q, R).sum();
        })(X);
      const product = of((Q, R) => matmul(Q, R).mul(W));
      expect(distance(product.data(), W.data())).toBeLessThan(1e-13);
      const orthogonal = of((Q) => matmul(Q.T, Q).mul(V));
      expect(distance(orthogonal.data(), zeros(shape).data())).toBeLessThan(1e-13);
      const gram = of((_, R) => matmul(R.T, R).mul(Z));
      expect(distance(gram.data(), matmul(X, Z.add(Z.T)).data())).toBeLessThan(1e-12);
    }
  });

  it("says that there is no derivative where the first columns are dependent", () => {
    const f = grad((A: Tensor) => qr(A).Q.sum());
    const message = (j: number, which: string): SingularError =>
      new SingularError(
        `qr: column ${j} of ${which} is a combination of those before it, to working ` +
          "precision; there the factors have no derivative",
      );
    expect(() =>
      f(
        f64([
          [1, 3],
          [2, 6],
          [0.1, 0.3],
        ]),
      ),
    ).toThrow(message(2, "X"));
    expect(() => f(zeros([2, 2]))).toThrow(message(1, "X"));
    expect(() =>
      f(
        f64([
          [1, 3, 1],
          [2, 6, 2],
        ]),
      ),
    ).toThrow(message(2, "X"));
    expect(() => f(normal([2, 4, 2], 1).mul([[[1, 1]], [[1, 0]]]))).toThrow(message(2, "X[1]"));
    const dependent = matmul(normal([50, 3], 1), normal([3, 5], 2));
    expect(() => f(dependent)).toThrow(message(4, "X"));
  });

  it("differentiates wide matrices whose first columns are independent", () => {
    const X = pad(
      f64([
        [2, 1],
        [0, 3],
      ]),
      [
        [0, 0],
        [0, 2],
      ],
    );
    const G = grad((A: Tensor) => qr(A).R.slice([0, 2]).sum())(X);
    expect(G.slice([0, 2]).toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it("wants matrices", () => {
    expect(() => qr([1, 2])).toThrow(new ShapeError("qr: X is [2]; a matrix was wanted"));
  });
});
