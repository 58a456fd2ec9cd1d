import { describe, expect, it } from "vitest";
import {
  cholesky,
  grad,
  logdet,
  matmul,
  random,
  ShapeError,
  SingularError,
  type Tensor,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";
import { f64 } from "../support/values.js";

const A = f64([
  [4, 2, -2],
  [2, 10, 2],
  [-2, 2, 6],
]);

describe("cholesky", () => {
  it("gives the lower factor", () => {
    expect(cholesky(A).toArray()).toEqual([
      [2, 0, 0],
      [1, 3, 0],
      [-1, 1, 2],
    ]);
    expect(cholesky([[9]]).toArray()).toEqual([[3]]);
    expect(cholesky(zeros([0, 0])).shape).toEqual([0, 0]);
    expect(cholesky(f64([[[4]], [[9]]])).toArray()).toEqual([[[2]], [[3]]]);
  });

  it("multiplies back, at order 40 and in batches", () => {
    const X = random.normal([2, 40, 40], { dtype: "float64", seed: 1 });
    const S = matmul(X, X.T);
    const L = cholesky(S);
    expect(distance(matmul(L, L.T).data(), S.data())).toBeLessThan(1e-14);
  });

  it("takes the symmetric part, so that its gradient is symmetric", () => {
    const bent = A.add([
      [0, 1, -2],
      [-1, 0, 3],
      [2, -3, 0],
    ]);
    expect(cholesky(bent).toArray()).toEqual(cholesky(A).toArray());
    const W = f64([
      [1, 0, 0],
      [2, -1, 0],
      [3, 1, 2],
    ]);
    const G = grad((S: Tensor) => cholesky(S).mul(W).sum())(bent);
    expect(distance(G.data(), G.T.data())).toBeLessThan(1e-16);
  });

  it("takes no notice of a cotangent above the diagonal", () => {
    const g = (W: Tensor): Tensor => grad((S: Tensor) => cholesky(S).mul(W).sum())(A);
    const W = f64([
      [1, 9, 9],
      [2, 3, 9],
      [4, 5, 6],
    ]);
    expect(distance(g(W).data(), g(W.tril()).data())).toBeLessThan(1e-16);
  });

  it("leads to the gradient of logdet: 2 Σ log l_ii", () => {
    const byFactor = grad((S: Tensor) => cholesky(S).diagPart().log().sum().mul(2))(A);
    expect(distance(byFactor.data(), grad((S: Tensor) => logdet(S))(A).data())).toBeLessThan(1e-15);
  });

  it("is √a at order 1, derivatives included", () => {
    const f = (x: Tensor): Tensor => cholesky(x).sum();
    expect(grad(f)(f64([[4]])).toArray()).toEqual([[0.25]]);
    expect(grad((x: Tensor) => grad(f)(x).sum())(f64([[4]])).item()).toBeCloseTo(-1 / 32, 15);
  });

  it("names the pivot that is not positive", () => {
    const remedy = "; where only rounding makes it so, add a small multiple of the identity";
    expect(() =>
      cholesky([
        [1, 2],
        [2, 1],
      ]),
    ).toThrow(new SingularError(`cholesky: A is not positive definite (pivot 2 is -3)${remedy}`));
    expect(() => cholesky(f64([[[1]], [[0]]]))).toThrow(
      new SingularError(`cholesky: A[1] is not positive definite (pivot 1 is 0)${remedy}`),
    );
    expect(() => cholesky(zeros([2, 3]))).toThrow(
      new ShapeError(
        "cholesky: A is [2, 3]; a square matrix was wanted (the last two sizes equal)",
      ),
    );
  });

  it("passes NaN on", () => {
    expect(cholesky(f64([[Number.NaN]])).item()).toBeNaN();
  });
});
