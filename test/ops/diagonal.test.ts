import { describe, expect, it } from "vitest";
import {
  diag,
  diagPart,
  grad,
  reshape,
  ShapeError,
  sum,
  type Tensor,
  tidy,
  trace,
  tril,
  triu,
  zeros,
} from "../../src/index.js";
import { said } from "../support/values.js";

const A = (): Tensor => reshape([1, 2, 3, 4, 5, 6], [2, 3]);

describe("diagonals and triangles", () => {
  it("read and write the diagonal", () => {
    expect(
      trace([
        [1, 2],
        [3, 4],
      ]).item(),
    ).toBe(5);
    expect(trace(reshape([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])).toArray()).toEqual([5, 13]);
    expect(trace(zeros([0, 0])).item()).toBe(0);
    expect(diag([1, 2]).toArray()).toEqual([
      [1, 0],
      [0, 2],
    ]);
    expect(diag([[1], [2]]).toArray()).toEqual([[[1]], [[2]]]);
    expect(diagPart(A()).toArray()).toEqual([1, 5]);
    expect(diagPart(A().T).toArray()).toEqual([1, 5]);
  });

  it("read and write the triangles", () => {
    expect(tril(A()).toArray()).toEqual([
      [1, 0, 0],
      [4, 5, 0],
    ]);
    expect(tril(A(), 1).toArray()).toEqual([
      [1, 2, 0],
      [4, 5, 6],
    ]);
    expect(triu(A()).toArray()).toEqual([
      [1, 2, 3],
      [0, 5, 6],
    ]);
    expect(triu(A(), -1).toArray()).toEqual(A().toArray());
    expect(tidy(() => triu(A().add(1), 5)).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("have gradients on their elements alone", () => {
    expect(grad((X: Tensor) => trace(X))(zeros([2, 2])).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(grad((X: Tensor) => sum(diagPart(X).mul([1, 10])))(A()).toArray()).toEqual([
      [1, 0, 0],
      [0, 10, 0],
    ]);
    expect(grad((X: Tensor) => sum(tril(X, -1)))(A()).toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ]);
  });

  it("say what does not fit", () => {
    expect(said(() => trace(A()))).toEqual([
      ShapeError,
      "trace: X is [2, 3]; a square matrix was wanted. sum(diagPart(X)) adds up the diagonal of any",
    ]);
    expect(said(() => trace([1]))[1]).toBe("trace: X is [1]; a matrix was wanted");
    expect(said(() => diag(1))[1]).toBe("diag: x is []; a vector was wanted");
    expect(said(() => diagPart([1]))[1]).toBe("diagPart: X is [1]; a matrix was wanted");
    expect(said(() => tril([1]))[1]).toBe("tril: X is [1]; a matrix was wanted");
    expect(said(() => triu(A(), 0.5))[1]).toBe("triu: k is 0.5; a whole number was wanted");
  });
});
