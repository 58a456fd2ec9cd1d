import { describe, expect, it } from "vitest";
import {
  exp,
  expm,
  eye,
  grad,
  inv,
  jvp,
  matmul,
  matrixPower,
  SingularError,
  type Tensor,
  trace,
  UsageError,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";
import { f64, normal } from "../support/values.js";

const near = (got: Tensor, want: Tensor, bound: number): void => {
  expect(got.shape).toEqual(want.shape);
  expect(distance(got.data(), want.data())).toBeLessThan(bound);
};

const nilpotent = f64([
  [0, 1, 2],
  [0, 0, 3],
  [0, 0, 0],
]);
const defective = f64([
  [2, 1],
  [0, 2],
]);

describe("matrixPower", () => {
  const X = normal([2, 3, 3], 1);

  it("multiplies X so many times", () => {
    expect(matrixPower(X, 1).toArray()).toEqual(X.toArray());
    near(matrixPower(X, 2), matmul(X, X), 1e-15);
    near(matrixPower(X, 5), matmul(matmul(matmul(matmul(X, X), X), X), X), 1e-14);
    expect(
      matrixPower(
        [
          [1, 1],
          [1, 0],
        ],
        30,
      ).toArray(),
    ).toEqual([
      [1346269, 832040],
      [832040, 514229],
    ]);
    expect(matrixPower(f64([[0.5]]), 2 ** 40 + 1).item()).toBe(0);
    expect(matrixPower(f64([[-1]]), 2 ** 40 + 1).item()).toBe(-1);
  });

  it("takes 0 and negative powers", () => {
    const I = eye(3, { dtype: "float64" }).broadcastTo([2, 3, 3]);
    expect(matrixPower(X, 0).toArray()).toEqual(I.toArray());
    expect(matrixPower(zeros([2, 2]), 0).toArray()).toEqual(eye(2).toArray());
    near(matrixPower(X, -1), inv(X), 1e-14);
    near(matmul(matrixPower(X, -3), matrixPower(X, 3)), I, 1e-12);
  });

  it("takes nilpotent, defective and empty matrices", () => {
    expect(matrixPower(nilpotent, 2).toArray()).toEqual([
      [0, 0, 3],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(matrixPower(nilpotent, 3).toArray()).toEqual(zeros([3, 3]).toArray());
    expect(matrixPower(defective, 4).toArray()).toEqual([
      [16, 32],
      [0, 16],
    ]);
    expect(matrixPower(zeros([0, 0]), -2).shape).toEqual([0, 0]);
    expect(matrixPower(zeros([0, 2, 2]), 3).shape).toEqual([0, 2, 2]);
  });

  it("overflows and underflows as numbers do", () => {
    expect(matrixPower(f64([[2]]), 1023).item()).toBe(2 ** 1023);
    expect(matrixPower(f64([[2]]), 1024).item()).toBe(Number.POSITIVE_INFINITY);
    expect(
      matrixPower(
        [
          [10, 0],
          [0, 0.1],
        ],
        60,
      ).data()[3],
    ).toBeLessThan(1e-38);
  });

  it("has k·(Xᵏ⁻¹)ᵀ as the gradient of its trace", () => {
    for (const k of [-2, -1, 0, 1, 2, 3, 6]) {
      const G = grad((A: Tensor) => trace(matrixPower(A, k)).sum())(X);
      const want = k === 0 ? zeros(X.shape) : matrixPower(X, k - 1).T.mul(k);
      near(G, want, 1e-11);
    }
    const second = grad((A: Tensor) => grad((B: Tensor) => matrixPower(B, 3).sum())(A).sum());
    expect(second(f64([[2]])).item()).toBe(12);
  });

  it("says what is wrong", () => {
    expect(() => matrixPower(X, 1.5)).toThrow(
      new UsageError("matrixPower: k is 1.5; a whole number was wanted"),
    );
    expect(() => matrixPower(X, Number.POSITIVE_INFINITY)).toThrow(UsageError);
    expect(() =>
      matrixPower(
        f64([
          [
            [1, 0],
            [0, 1],
          ],
          [
            [1, 2],
            [2, 4],
          ],
        ]),
        -1,
      ),
    ).toThrow(new SingularError("matrixPower: X[1] is singular (pivot 2 is 0)"));
    expect(
      grad((A: Tensor) => matrixPower(A, 2).sum())(
        f64([
          [1, 2],
          [2, 4],
        ]),
      ).toArray(),
    ).toEqual([
      [6, 9],
      [9, 12],
    ]);
  });
});

describe("expm", () => {
  it("is exp on the diagonal, and of order 1", () => {
    near(expm([[1]]), exp([[1]]), 1e-6);
    const x = f64([-3, 0, 0.5, 20]);
    near(expm(x.diag()).diagPart().div(exp(x)), f64([1, 1, 1, 1]), 1e-13);
    expect(expm(zeros([2, 2])).toArray()).toEqual(eye(2).toArray());
    expect(expm(zeros([0, 0])).shape).toEqual([0, 0]);
    expect(expm(zeros([0, 2, 2])).shape).toEqual([0, 2, 2]);
  });

  it("rotates by a skew matrix, however far", () => {
    for (const angle of [1e-3, 0.1, 0.5, 1, 3, 100]) {
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      near(
        expm(
          f64([
            [0, -angle],
            [angle, 0],
          ]),
        ),
        f64([
          [c, -s],
          [s, c],
        ]),
        1e-13,
      );
    }
  });

  it("is exact for nilpotent and defective matrices", () => {
    expect(expm(nilpotent).toArray()).toEqual([
      [1, 1, 3.5],
      [0, 1, 3],
      [0, 0, 1],
    ]);
    expect(
      expm(
        f64([
          [0, 1e10],
          [0, 0],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 1e10],
      [0, 1],
    ]);
    const e = Math.exp(2);
    near(
      expm(defective),
      f64([
        [e, e],
        [0, e],
      ]),
      1e-14,
    );
  });

  it("has expm(−X) as its inverse, in batches", () => {
    const X = normal([3, 5, 5], 1);
    const I = eye(5, { dtype: "float64" }).broadcastTo(X.shape);
    near(matmul(expm(X), expm(X.neg())), I, 1e-11);
    near(
      expm(X.cast("float32")).cast("float64").div(expm(X).abs().max()),
      expm(X).div(expm(X).abs().max()),
      1e-6,
    );
  });

  it("overflows to what is not finite, and underflows to 0", () => {
    expect(expm(f64([[1000]])).item()).toBe(Number.POSITIVE_INFINITY);
    expect(expm(f64([[-1000]])).item()).toBe(0);
    expect(
      expm(f64([[1e300]]))
        .data()
        .some(Number.isFinite),
    ).toBe(false);
    expect(
      expm(
        f64([
          [Number.NaN, 0],
          [0, 1],
        ]),
      )
        .data()
        .some(Number.isFinite),
    ).toBe(false);
    expect(
      expm(f64([[Number.POSITIVE_INFINITY]]))
        .data()
        .some(Number.isFinite),
    ).toBe(false);
  });

  it("has exp(X)ᵀ as the gradient of its trace", () => {
    const X = normal([2, 4, 4], 2);
    near(grad((A: Tensor) => trace(expm(A)).sum())(X), expm(X).T, 1e-13);
  });

  it("is as exact along large directions as along small ones", () => {
    const [X, H] = [normal([3, 3], 3), normal([3, 3], 4)];
    const along = (scale: number): Tensor =>
      jvp((A: Tensor) => expm(A), [X], [H.mul(scale)])[1].div(scale);
    for (const scale of [1e-12, 1e12, 1e-200, 1e200]) near(along(scale), along(1), 1e-14);
    expect(along(1).data().every(Number.isFinite)).toBe(true);
    const none = jvp((A: Tensor) => expm(A), [X], [zeros([3, 3])])[1];
    expect(none.data().every((x) => x === 0)).toBe(true);
  });

  it("has derivatives of every order at order 1", () => {
    const f = (x: Tensor): Tensor => expm(x).sum();
    const g = (x: Tensor): Tensor => grad(f)(x).sum();
    const h = (x: Tensor): Tensor => grad(g)(x).sum();
    const x = f64([[0.5]]);
    for (const k of [f, g, h, (y: Tensor) => grad(h)(y).sum()]) {
      expect(k(x).item()).toBeCloseTo(Math.exp(0.5), 12);
    }
  });
});
