import { describe, expect, it } from "vitest";
import {
  eye,
  grad,
  inv,
  matmul,
  ShapeError,
  SingularError,
  solve,
  solveTriangular,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";
import { f64, normal } from "../support/values.js";

const near = (got: Tensor, want: Tensor, bound: number): void => {
  expect(got.shape).toEqual(want.shape);
  expect(distance(got.data(), want.data())).toBeLessThan(bound);
};

describe("inv", () => {
  it("inverts, pivoting where it must", () => {
    expect(inv(f64([[4]])).toArray()).toEqual([[0.25]]);
    expect(
      inv(
        f64([
          [0, 2],
          [1, 0],
        ]),
      ).toArray(),
    ).toEqual([
      [0, 1],
      [0.5, 0],
    ]);
    expect(inv(zeros([0, 0])).shape).toEqual([0, 0]);
    expect(inv(zeros([0, 3, 3])).shape).toEqual([0, 3, 3]);
    const X = normal([2, 20, 20], 1);
    near(matmul(X, inv(X)), eye(20, { dtype: "float64" }).broadcastTo([2, 20, 20]), 1e-12);
  });

  it("works in float32 too", () => {
    const Y = inv(
      tensor([
        [2, 1],
        [1, 1],
      ]),
    );
    expect(Y.dtype).toBe("float32");
    expect(Y.toArray()).toEqual([
      [1, -1],
      [-1, 2],
    ]);
  });

  it("has −X⁻ᵀ·Ȳ·X⁻ᵀ as gradient", () => {
    const X = f64([
      [2, 1],
      [0, 4],
    ]);
    // inv(X)₀₁ = −x₀₁ / (x₀₀·x₁₁ − x₀₁·x₁₀)
    const g = grad((A: Tensor) =>
      inv(A)
        .mul([
          [0, 1],
          [0, 0],
        ])
        .sum(),
    );
    near(
      g(X),
      f64([
        [1 / 16, -1 / 8],
        [-1 / 64, 1 / 32],
      ]),
      1e-15,
    );
  });

  it("tolerates bad scaling, which is not singularity", () => {
    const X = f64([
      [1, 1],
      [0, 1e-20],
    ]);
    expect(inv(X).toArray()).toEqual([
      [1, -1e20],
      [0, 1e20],
    ]);
    expect(
      inv(
        f64([
          [1e-200, 0],
          [0, 1e200],
        ]),
      ).toArray(),
    ).toEqual([
      [1e200, 0],
      [0, 1e-200],
    ]);
  });

  it("names the pivot, and the matrix of a batch", () => {
    expect(() =>
      inv([
        [1, 2],
        [2, 4],
      ]),
    ).toThrow(new SingularError("inv: X is singular (pivot 2 is 0)"));
    const batch = zeros([2, 3, 1, 1]).add([
      [[[1]], [[1]], [[1]]],
      [[[1]], [[0]], [[1]]],
    ]);
    expect(() => inv(batch)).toThrow(new SingularError("inv: X[1, 1] is singular (pivot 1 is 0)"));
  });

  it("refuses a result that would be all rounding", () => {
    expect(() =>
      inv(
        f64([
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ]),
      ),
    ).toThrow(SingularError);
    expect(() =>
      inv(
        f64([
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
        ]),
      ),
    ).toThrow(
      /^inv: X is singular to working precision \(pivot 3 is \S+ in size, which is all rounding\)$/,
    );
  });

  it("passes NaN and infinities on", () => {
    expect(inv([[Number.POSITIVE_INFINITY]]).toArray()).toEqual([[0]]);
    const Y = inv(
      f64([
        [Number.NaN, 1],
        [1, 2],
      ]),
    ).data();
    expect(Y.some(Number.isNaN)).toBe(true);
  });

  it("wants square matrices", () => {
    expect(() => inv([1, 2])).toThrow(
      new ShapeError("inv: X is [2]; a square matrix was wanted (the last two sizes equal)"),
    );
  });
});

describe("solve", () => {
  const A = f64([
    [0, 2, 1],
    [1, -2, -3],
    [-1, 1, 2],
  ]);

  it("solves for one vector, and for many", () => {
    near(solve(A, f64([-8, 0, 3])), f64([-4, -5, 2]), 1e-14);
    near(solve(A, matmul(A, normal([3, 5], 1))), normal([3, 5], 1), 1e-14);
    expect(
      solve(
        [
          [2, 1],
          [1, 3],
        ],
        [3, 4],
      ).dtype,
    ).toBe("float32");
    expect(solve(zeros([0, 0]), zeros([0])).shape).toEqual([0]);
    expect(solve(eye(2), zeros([2, 0])).shape).toEqual([2, 0]);
  });

  it("broadcasts leading axes", () => {
    const X = normal([4, 1, 3, 3], 2);
    const B = normal([2, 3, 2], 3);
    near(matmul(X, solve(X, B)), B.broadcastTo([4, 2, 3, 2]), 1e-12);
    expect(solve(X, normal([3], 4)).shape).toEqual([4, 1, 3]);
  });

  it("agrees with inv in value and gradient", () => {
    const b = normal([3], 5);
    const w = normal([3], 6);
    near(solve(A, b), matmul(inv(A), b), 1e-13);
    const [gA, gb] = grad((X: Tensor, y: Tensor) => solve(X, y).dot(w), { wrt: [0, 1] })(A, b);
    const [hA, hb] = grad((X: Tensor, y: Tensor) => matmul(inv(X), y).dot(w), { wrt: [0, 1] })(
      A,
      b,
    );
    near(gA, hA, 1e-13);
    near(gb, hb, 1e-13);
  });

  it("says what is wrong", () => {
    expect(() =>
      solve(
        [
          [1, 2, 3],
          [0, 1, 1],
          [1, 3, 4],
        ],
        [1, 2, 3],
      ),
    ).toThrow(new SingularError("solve: A is singular (pivot 3 is 0)"));
    expect(() =>
      solve(
        f64([
          [
            [1, 0],
            [0, 1],
          ],
          [
            [1, 1],
            [1, 1],
          ],
        ]),
        [1, 2],
      ),
    ).toThrow(new SingularError("solve: A[1] is singular (pivot 2 is 0)"));
    expect(() => solve(A, [1, 2])).toThrow(
      new ShapeError("solve: A is [3, 3] and B is [2]; B must have as many rows as A, 3"),
    );
    expect(() => solve(A, 1)).toThrow(
      new ShapeError("solve: A is [3, 3] and B is []; B must have as many rows as A, 3"),
    );
    expect(() => solve(zeros([2, 3]), [1, 2])).toThrow(
      new ShapeError("solve: A is [2, 3]; a square matrix was wanted (the last two sizes equal)"),
    );
    expect(() => solve(zeros([2, 3, 3]), zeros([4, 3, 1]))).toThrow(
      new ShapeError(
        "solve: A is [2, 3, 3] and B is [4, 3, 1]; the leading axes [2] and [4] do not broadcast",
      ),
    );
  });
});

describe("solveTriangular", () => {
  const M = f64([
    [2, 7, 9],
    [3, 4, 8],
    [1, 5, 5],
  ]);
  const b = f64([2, 7, 11]);

  it("reads the triangle that is asked for, and no more", () => {
    near(solveTriangular(M, b), f64([1, 1, 1]), 1e-15);
    near(solveTriangular(M, b), solve(M.tril(), b), 1e-14);
    near(solveTriangular(M, b, { lower: false }), solve(M.triu(), b), 1e-14);
    const unit = eye(3, { dtype: "float64" });
    near(solveTriangular(M, b, { unitDiagonal: true }), solve(M.tril(-1).add(unit), b), 1e-12);
    near(
      solveTriangular(M, b, { lower: false, unitDiagonal: true }),
      solve(M.triu(1).add(unit), b),
      1e-12,
    );
  });

  it("has a gradient in that triangle alone, without the diagonal where that is not read", () => {
    const zeroAt = (options: object): boolean[] =>
      [...grad((L: Tensor) => solveTriangular(L, b, options).dot([1, 2, 4]))(M).data()].map(
        (x) => x === 0,
      );
    const [o, x] = [true, false];
    expect(zeroAt({})).toEqual([x, o, o, x, x, o, x, x, x]);
    expect(zeroAt({ lower: false })).toEqual([x, x, x, o, x, x, o, o, x]);
    expect(zeroAt({ unitDiagonal: true })).toEqual([o, o, o, x, o, o, x, x, o]);
    expect(zeroAt({ lower: false, unitDiagonal: true })).toEqual([o, x, x, o, o, x, o, o, o]);
  });

  it("broadcasts leading axes", () => {
    const L = normal([2, 1, 3, 3], 1).add(eye(3).mul(3));
    expect(solveTriangular(L, normal([4, 3, 2], 2)).shape).toEqual([2, 4, 3, 2]);
    expect(solveTriangular(L, b).shape).toEqual([2, 1, 3]);
  });

  it("says what is wrong", () => {
    expect(() =>
      solveTriangular(
        [
          [1, 5],
          [1, 0],
        ],
        [1, 2],
      ),
    ).toThrow(new SingularError("solveTriangular: L is singular (pivot 2 is 0)"));
    expect(() => solveTriangular(M, [1, 2])).toThrow(
      new ShapeError("solveTriangular: L is [3, 3] and B is [2]; B must have as many rows as L, 3"),
    );
    expect(() => solveTriangular([1], [1])).toThrow(
      new ShapeError(
        "solveTriangular: L is [1]; a square matrix was wanted (the last two sizes equal)",
      ),
    );
    expect(() => solveTriangular(zeros([2, 2, 2]), zeros([3, 2, 1]))).toThrow(
      new ShapeError(
        "solveTriangular: L is [2, 2, 2] and B is [3, 2, 1]; " +
          "the leading axes [2] and [3] do not broadcast",
      ),
    );
  });
});
