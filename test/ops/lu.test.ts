import { describe, expect, it } from "vitest";
import {
  eye,
  grad,
  inv,
  lu,
  matmul,
  ShapeError,
  SingularError,
  type Tensor,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";
import { f64, normal } from "../support/values.js";

/** X = P·L·U, and the three are what their names say. */
function requireFactors(X: Tensor, bound = 1e-14): void {
  const { P, L, U } = lu(X);
  expect(distance(matmul(matmul(P, L), U).data(), X.data())).toBeLessThan(bound);
  expect(P.matmul(P.T).toArray()).toEqual(
    eye(P.shape.at(-1) as number)
      .broadcastTo(P.shape)
      .toArray(),
  );
  expect(L.tril().toArray()).toEqual(L.toArray());
  expect(
    L.diagPart()
      .data()
      .every((x) => x === 1),
  ).toBe(true);
  expect(Math.max(0, ...L.data().map(Math.abs))).toBeLessThanOrEqual(1);
  expect(U.triu().toArray()).toEqual(U.toArray());
}

describe("lu", () => {
  it("gives the factors of square, tall and wide matrices", () => {
    const { P, L, U } = lu(
      f64([
        [1, 2, 4],
        [2, 1, 3],
        [4, 2, 4],
      ]),
    );
    expect(P.toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(L.toArray()).toEqual([
      [1, 0, 0],
      [0.25, 1, 0],
      [0.5, 0, 1],
    ]);
    expect(U.toArray()).toEqual([
      [4, 2, 4],
      [0, 1.5, 3],
      [0, 0, 1],
    ]);
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
    requireFactors(normal([60, 60], 2), 1e-13);
  });

  it("takes empty matrices and batches", () => {
    const shapes = (X: Tensor) => Object.values(lu(X)).map((Y) => Y.shape);
    expect(shapes(zeros([0, 0]))).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(shapes(zeros([0, 3]))).toEqual([
      [0, 0],
      [0, 0],
      [0, 3],
    ]);
    expect(lu(zeros([3, 0])).P.toArray()).toEqual(eye(3).toArray());
    expect(shapes(zeros([0, 2, 3]))).toEqual([
      [0, 2, 2],
      [0, 2, 2],
      [0, 2, 3],
    ]);
  });

  it("works in float32, and in float32 whole numbers", () => {
    const { P, L, U } = lu([
      [1, 2],
      [4, 4],
    ]);
    expect([P.dtype, L.dtype, U.dtype]).toEqual(["float32", "float32", "float32"]);
    expect(U.toArray()).toEqual([
      [4, 4],
      [0, 1],
    ]);
  });

  it("factors singular, defective and nilpotent matrices", () => {
    requireFactors(zeros([3, 3], { dtype: "float64" }));
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
        [1, 1, 1],
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

  it("passes NaN and infinities on", () => {
    expect(
      lu(
        f64([
          [1, 2],
          [Number.NaN, 1],
        ]),
      )
        .U.data()
        .some(Number.isNaN),
    ).toBe(true);
    expect(lu(f64([[Number.POSITIVE_INFINITY]])).U.item()).toBe(Number.POSITIVE_INFINITY);
  });

  it("leads to the gradient of log |det|: Σ log |u_ii|", () => {
    const X = normal([2, 4, 4], 3);
    const G = grad((A: Tensor) => lu(A).U.diagPart().abs().log().sum())(X);
    expect(distance(G.data(), inv(X).T.data())).toBeLessThan(1e-13);
  });

  it("has the gradient of what does not change: P·L·U", () => {
    for (const shape of [
      [4, 4],
      [5, 3],
      [3, 5],
    ]) {
      const [X, W] = [normal(shape, 4), normal(shape, 5)];
      const product = (A: Tensor): Tensor => {
        const { P, L, U } = lu(A);
        return matmul(matmul(P, L), U);
      };
      const G = grad((A: Tensor) => product(A).mul(W).sum())(X);
      expect(distance(G.data(), W.data())).toBeLessThan(1e-13);
    }
  });

  it("takes no notice of cotangents where the factors are constant", () => {
    const [X, W] = [normal([4, 4], 6), normal([4, 4], 7)];
    const of = (V: Tensor, key: "L" | "U"): Tensor =>
      grad((A: Tensor) => lu(A)[key].mul(V).sum())(X);
    expect(of(W.triu(), "L").toArray()).toEqual(zeros([4, 4]).toArray());
    expect(
      of(W.tril(-1), "U")
        .data()
        .every((x) => x === 0),
    ).toBe(true);
  });

  it("differentiates where only the last pivot is 0, which nothing is divided by", () => {
    const X = f64([
      [1, 2],
      [2, 4],
    ]);
    const U = grad((A: Tensor) => lu(A).U.sum())(X);
    // Rows swap: u₁₁ = x₂₁, u₁₂ = x₂₂, u₂₂ = x₁₂ − x₁₁·x₂₂/x₂₁.
    expect(U.toArray()).toEqual([
      [-2, 1],
      [2, 0.5],
    ]);
  });

  it("says that there is no derivative where columns that matter are dependent", () => {
    const message = (j: number, which: string): SingularError =>
      new SingularError(
        `lu: column ${j} of ${which} is a combination of those before it, to working ` +
          "precision; there the factors have no derivative",
      );
    const f = grad((A: Tensor) => lu(A).L.sum());
    expect(() =>
      f(
        f64([
          [1, 2, 3],
          [2, 4, 6],
          [3, 6, 9.5],
        ]),
      ),
    ).toThrow(message(2, "X"));
    expect(() =>
      f(
        f64([
          [1, 2],
          [2, 4],
          [3, 6],
        ]),
      ),
    ).toThrow(message(2, "X"));
    expect(() =>
      f(
        f64([
          [1, 3],
          [2, 6],
          [0.1, 0.3],
        ]),
      ),
    ).toThrow(message(2, "X"));
    expect(() =>
      f(
        f64([
          [
            [1, 0],
            [0, 1],
          ],
          [
            [0, 1],
            [0, 2],
          ],
        ]),
      ),
    ).toThrow(message(1, "X[1]"));
  });

  it("tolerates bad scaling, which is not dependence", () => {
    const X = f64([
      [1, 1e20, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const G = grad((A: Tensor) => lu(A).U.diagPart().log().sum())(X);
    expect(G.diagPart().toArray()).toEqual([1, 1, 1]);
  });

  it("wants matrices", () => {
    expect(() => lu([1, 2])).toThrow(new ShapeError("lu: X is [2]; a matrix was wanted"));
    expect(() => lu(3)).toThrow(new ShapeError("lu: X is []; a matrix was wanted"));
  });
});
