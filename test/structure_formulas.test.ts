import { describe, expect, it } from "vitest";
import { hessian, jacobian, outer, random, type Tensor, tensor } from "../src/index.js";

// What operators print; each was printed wrongly once.

const dtype = "float64" as const;
const wide = (values: Parameters<typeof tensor>[0]): Tensor => tensor(values, { dtype });
const normal = (shape: number[], seed: number): Tensor => random.normal(shape, { seed, dtype });
const operator = { form: "operator" } as const;
const formula = (map: object): string => String(map).split("\n").slice(1).join("\n");

describe("structure, formulas", () => {
  const [x, X, Y] = [wide([1, 2]), normal([2, 2], 1), normal([2, 2], 2)];
  const J = (f: (...args: Tensor[]) => Tensor, names: string[], ...args: Tensor[]): string =>
    formula(jacobian(f, { form: "operator", names })(...args));
  it.each<[string, () => string, string]>([
    ["ones", () => formula(hessian((x: Tensor) => outer(x, x).sum(), operator)(x)), "2·𝟏𝟏ᵀ"],
    ["a transposed vector", () => J((x) => x.outer(x), ["x"], x), "(x ⊗ I) + (I ⊗ x)·K"],
    [
      "a coefficient of a sum",
      () =>
        J(
          (x, A, B) =>
            (A as Tensor)
              .add(B as Tensor)
              .matmul(x as Tensor)
              .mul(3),
          ["x", "A", "B"],
          x,
          X,
          Y,
        ),
      "3·(A + B)",
    ],
    [
      "a sum subtracted",
      () =>
        J(
          (x, A, B) =>
            (A as Tensor)
              .matmul(x as Tensor)
              .sub((A as Tensor).sub(B as Tensor).matmul(x as Tensor)),
          ["x", "A", "B"],
          x,
          X,
          Y,
        ),
      "A − (A − B)",
    ],
    [
      "sums over other axes",
      () =>
        J(
          (x, A) =>
            (x as Tensor)
              .mul((A as Tensor).sum({ axis: 0 }))
              .add((x as Tensor).mul((A as Tensor).sum({ axis: 1 }))),
          ["x", "A"],
          x,
          X,
        ),
      "diag(sum₀(A) + sum₁(A))",
    ],
    [
      "scalars alone",
      () =>
        formula(
          hessian(
            (x: Tensor) => x.reshape([3, 1]).sub(x).square().sum(),
            operator,
          )(wide([1, 2, 3])),
        ),
      "−4·𝟏·𝟏ᵀ + 12·I",
    ],
    [
      "a reshape",
      () =>
        J(
          (x, A) => (A as Tensor).reshape([3, 2]).matmul(x as Tensor),
          ["x", "A"],
          x,
          normal([2, 3], 1),
        ),
      "reshape(A, [3, 2])",
    ],
    [
      "an entrywise power",
      () =>
        J(
          (x, A) =>
            (A as Tensor)
              .square()
              .matmul((A as Tensor).T)
              .matmul(x as Tensor),
          ["x", "A"],
          x,
          X,
        ),
      "A^∘2·Aᵀ",
    ],
    [
      "a number that is an argument",
      () =>
        formula(
          hessian(
            (x: Tensor, A: Tensor, l: Tensor) =>
              A.matmul(x).square().sum().add(x.square().sum().mul(l)),
            { form: "operator", names: ["x", "A", "l"] },
          )(x, X, wide(0.5)),
        ),
      "2·l·I + 2·AᵀA",
    ],
    [
      "an argument called I",
      () => J((x, I) => (I as Tensor).matmul(x as Tensor), ["x", "I"], x, X),
      "I′",
    ],
    [
      "numbers that meet",
      () =>
        formula(
          hessian((x: Tensor) => x.square().sin().mean(), { form: "operator", names: ["x"] })(x),
        ),
      "diag(0.5·((2·x)∘(−sin(x^∘2))∘(2·x)) + cos(x^∘2))",
    ],
    [
      "ones that are a row",
      () =>
        formula(
          hessian((X: Tensor, A: Tensor) => A.matmul(X.exp()).sum(), {
            form: "operator",
            names: ["X", "A"],
          })(X, normal([1, 2], 3)),
        ),
      "diag(vec(exp(X)∘(Aᵀ·𝟏ᵀ)))",
    ],
  ])("%s", (_, got, want) => expect(got()).toBe(want));

  it("names what is long once, and grows with the function", () => {
    const f = (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 30; i++) y = y.mul(y).exp().sin();
      return y;
    };
    const lines = formula(jacobian(f, { form: "operator", names: ["x"] })(x)).split("\n");
    expect(lines.every((line) => line.length < 200)).toBe(true);
    expect(lines.some((line) => /^S1 is /.test(line))).toBe(true);
  });
});
