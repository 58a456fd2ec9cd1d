import { describe, expect, it } from "vitest";
import { diag, eye, random, tensor, zeros } from "../../src/index.js";

describe("a product with a diagonal matrix", () => {
  const dense = (dtype: "float32" | "float64", shape: readonly [number, number], seed: number) =>
    random.normal(shape, { seed, dtype });

  it.each(["float32", "float64"] as const)("is the same in %s", (dtype) => {
    for (const n of [32, 33, 47]) {
      const D = diag(random.normal([n], { seed: n, dtype }));
      const one = D.add(zeros([n, n], { dtype })); // what is checked has no say in its making
      for (const k of [1, 5, n, 70]) {
        const X = dense(dtype, [n, k], k);
        const s = D.diagPart();
        expect(D.matmul(X).toArray()).toEqual(s.reshape([n, 1]).mul(X).add(0).toArray());
        expect(X.T.matmul(D).toArray()).toEqual(X.T.mul(s).add(0).toArray());
        expect(D.matmul(X.T.add(0).T).toArray()).toEqual(D.matmul(X).toArray());
        expect(X.T.add(0).matmul(one.T).toArray()).toEqual(X.T.matmul(D).toArray());
      }
    }
  });

  it("is none where a single entry lies off the diagonal, or not all is finite", () => {
    const n = 40;
    for (const [i, j] of [
      [0, 1],
      [39, 38],
      [20, 0],
      [0, 39],
      [39, 0],
    ] as const) {
      const E = zeros([n, n]).data();
      E[i * n + j] = 1;
      const D = eye(n).add(tensor(E, { shape: [n, n] }));
      const X = dense("float32", [n, n], 7);
      const want = X.data();
      for (let c = 0; c < n; c++)
        want[i * n + c] = Math.fround(
          (want[i * n + c] as number) + (X.data()[j * n + c] as number),
        );
      expect(D.matmul(X).data()).toEqual(want);
    }
    const holes = dense("float32", [n, 3], 9).data();
    holes[4] = Number.POSITIVE_INFINITY;
    const product = eye(n)
      .matmul(tensor(holes, { shape: [n, 3] }))
      .data();
    expect(product[1]).toBeNaN();
    expect(product[4]).toBe(Number.POSITIVE_INFINITY);
    expect(product[0]).toBe(holes[0]);
  });
});
