import { describe, expect, it } from "vitest";
import {
  add,
  dot,
  grad,
  kron,
  matmul,
  mul,
  outer,
  random,
  ShapeError,
  scalar,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";
import { distance } from "../../src/testing/compare.js";

const f64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "float64" });
const normal = (shape: number[], seed: number): Tensor =>
  random.normal(shape, { dtype: "float64", seed });

describe("matmul", () => {
  it("multiplies matrices, and vectors as NumPy does", () => {
    const A = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(
      matmul(A, [
        [1, 0],
        [0, 1],
        [1, 1],
      ]).toArray(),
    ).toEqual([
      [4, 5],
      [10, 11],
    ]);
    expect(matmul(A, [1, 0, 2]).toArray()).toEqual([7, 16]);
    expect(matmul([1, 2], A).toArray()).toEqual([9, 12, 15]);
    expect(matmul([1, 2], [3, 4]).toArray()).toBe(11);
  });

  it("drops the axis that a vector lent, beside a batch too", () => {
    const A = normal([2, 3, 4], 1);
    expect(matmul(A, normal([4], 2)).shape).toEqual([2, 3]);
    expect(matmul(normal([3], 3), A).shape).toEqual([2, 4]);
  });

  it("keeps the digits of arrays beside float64", () => {
    expect(matmul([0.1, 0.2], f64([[1], [1]])).toArray()).toEqual([0.1 + 0.2]);
    expect(matmul(f64([[1, 1]]), [0.1, 0.2]).toArray()).toEqual([0.1 + 0.2]);
  });

  it("gives vectors their gradient in their own shape", () => {
    const A = f64([
      [1, 2],
      [3, 4],
    ]);
    const byX = grad((x: Tensor) => matmul(A, x).mul([1, 10]).sum());
    const byA = grad((X: Tensor) => matmul(X, [5, 7]).mul([1, 10]).sum());
    expect(byX(f64([5, 7])).toArray()).toEqual([31, 42]);
    expect(byA(A).toArray()).toEqual([
      [5, 7],
      [50, 70],
    ]);
  });

  it.each([
    [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    [
      [1, 3, 4],
      [6, 4, 2],
    ],
    [
      [6, 3, 4],
      [1, 4, 2],
    ],
    [
      [3, 1, 2, 2],
      [1, 4, 2, 2],
    ],
    [
      [3, 4],
      [2, 0, 4, 2],
    ],
    [
      [2, 3, 0],
      [2, 0, 2],
    ],
    [
      [0, 3],
      [3, 2],
    ],
  ])("agrees on %j by %j between float32 kernels and the reference", (a, b) => {
    const [A, B] = [normal(a, 5), normal(b, 6)];
    const want = matmul(A, B);
    const got = matmul(A.cast("float32"), B.cast("float32"));
    expect(got.shape).toEqual(want.shape);
    expect(got.dtype).toBe("float32");
    expect(distance(got.data(), want.data())).toBeLessThan(1e-6);
  });

  it("passes NaN and infinities on as IEEE says", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const B = tensor(
        [
          [Number.NaN, Number.POSITIVE_INFINITY],
          [1, 1],
        ],
        { dtype },
      );
      expect(matmul(tensor([[0, 1]], { dtype }), B).toArray()).toEqual([[Number.NaN, Number.NaN]]);
      expect(matmul(tensor([[1, 1]], { dtype }), B).toArray()).toEqual([
        [Number.NaN, Number.POSITIVE_INFINITY],
      ]);
    }
  });

  it("keeps six digits in float32 over long inner sizes", () => {
    const [A, B] = [
      random.uniform([2, 200000], { seed: 1 }),
      random.uniform([200000, 2], { seed: 2 }),
    ];
    const want = matmul(A.cast("float64"), B.cast("float64")).data();
    const got = matmul(A, B).data();
    want.forEach((w, i) => {
      expect(Math.abs((got[i] as number) / w - 1)).toBeLessThan(1e-6);
    });
  });

  it("calculates whole numbers in the default float", () => {
    const X = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "int32" },
    );
    expect(matmul(X, X).dtype).toBe("float32");
    expect(matmul(X, X).toArray()).toEqual([
      [7, 10],
      [15, 22],
    ]);
  });

  it.each([
    [[3], [4], "matmul: A is [3] and B is [4]; the inner sizes 3 and 4 must match"],
    [[2, 3], [2], "matmul: A is [2, 3] and B is [2]; the inner sizes 3 and 2 must match"],
    [
      [3],
      [2, 3],
      "matmul: A is [3] and B is [2, 3]; the inner sizes 3 and 2 must match (with t(B) they would)",
    ],
    [
      [],
      [2, 2],
      "matmul: A is [] and B is [2, 2]; a scalar is no matrix (mul multiplies by a number)",
    ],
  ])("says what is wrong with %j by %j", (a, b, message) => {
    expect(() => matmul(zeros(a), zeros(b))).toThrow(new ShapeError(message));
  });

  it("says so of numbers and arrays as well", () => {
    expect(() => matmul(2, [[1]])).toThrow(/^matmul: A is \[\] and B is \[1, 1\]; a scalar/);
    expect(() => matmul([[1, 2]], [[1, 2]])).toThrow(
      /inner sizes 2 and 1 must match \(with t\(B\)/,
    );
  });
});

describe("dot", () => {
  it("is a scalar, with the other vector as gradient", () => {
    expect(dot([1, 2, 3], [4, 5, 6]).toArray()).toBe(32);
    expect(dot([], []).toArray()).toBe(0);
    const g = grad((x: Tensor) => dot(x, [4, 5, 6]).mul(2));
    expect(g(f64([1, 2, 3])).toArray()).toEqual([8, 10, 12]);
  });

  it("is 2x where both are one", () => {
    expect(grad((x: Tensor) => dot(x, x))(f64([1, -2])).toArray()).toEqual([2, -4]);
  });

  it("keeps its digits in float32", () => {
    const x = random.uniform([1000000], { seed: 3 });
    const want = dot(x.cast("float64"), x.cast("float64")).item();
    expect(Math.abs(dot(x, x).item() / want - 1)).toBeLessThan(1e-7);
  });

  it("takes vectors alone", () => {
    expect(() => dot([[1, 2]], [1, 2])).toThrow(
      new ShapeError(
        "dot: a is [1, 2]; a vector was wanted (matmul multiplies matrices, sum(mul(A, B)) is " +
          "their inner product)",
      ),
    );
    expect(() => dot([1], [1, 2])).toThrow(
      new ShapeError("dot: a is [1] and b is [2]; the lengths 1 and 2 must match"),
    );
  });
});

describe("outer", () => {
  it("multiplies each by each", () => {
    expect(outer([1, 2], [3, 4, 5]).toArray()).toEqual([
      [3, 4, 5],
      [6, 8, 10],
    ]);
    const W = f64([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const g = grad((a: Tensor) => outer(a, [1, 0, -1]).mul(W).sum());
    expect(g(f64([7, 8])).toArray()).toEqual([-2, -2]);
  });

  it("takes vectors alone", () => {
    expect(() => outer([1], scalar(2))).toThrow(
      new ShapeError(
        "outer: b is []; a vector was wanted (kron multiplies matrices block by block)",
      ),
    );
  });
});

describe("kron", () => {
  const A = f64([
    [1, 2],
    [3, 4],
  ]);
  const B = f64([
    [0, 1],
    [1, 0],
  ]);

  it("puts the blocks where they belong", () => {
    expect(kron(A, B).toArray()).toEqual([
      [0, 1, 0, 2],
      [1, 0, 2, 0],
      [0, 3, 0, 4],
      [3, 0, 4, 0],
    ]);
  });

  it("obeys (A ⊗ B)(C ⊗ D) = AC ⊗ BD", () => {
    const [P, Q] = [normal([2, 3], 1), normal([3, 2], 2)];
    const [R, S] = [normal([3, 2], 3), normal([2, 4], 4)];
    const left = matmul(kron(P, Q), kron(R, S));
    expect(distance(left.data(), kron(matmul(P, R), matmul(Q, S)).data())).toBeLessThan(1e-14);
  });

  it("has the sums of the blocks as gradients", () => {
    expect(grad((X: Tensor) => kron(X, B).sum())(A).toArray()).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(grad((X: Tensor) => kron(A, X).sum())(B).toArray()).toEqual([
      [10, 10],
      [10, 10],
    ]);
  });

  it("broadcasts leading axes", () => {
    const Y = kron(normal([2, 1, 2, 2], 1), normal([3, 1, 2], 2));
    expect(Y.shape).toEqual([2, 3, 2, 4]);
  });

  it("takes matrices alone", () => {
    expect(() => kron(A, [1, 2])).toThrow(
      new ShapeError("kron: B is [2]; a matrix was wanted (reshape makes one of a vector)"),
    );
  });
});

describe("methods", () => {
  it("are there", () => {
    const A = f64([
      [1, 2],
      [3, 4],
    ]);
    expect(A.matmul([1, 1]).dot([1, 1]).item()).toBe(10);
    expect(add(mul(A, A), A.kron([[1]])).toArray()).toEqual([
      [2, 6],
      [12, 20],
    ]);
  });
});
