import { describe, expect, it } from "vitest";
import { derive } from "../../src/derive/index.js";
import { type Nested, tensor } from "../../src/index.js";

describe("what holds for some values only is not done", () => {
  // √(ab) = √a·√b where both are positive.
  it.each<[text: string, wrt: string, values: Nested[]]>([
    ["sum((a*x).^0.5)", "x", [-2, [-1, -3, -0.5]]],
    ["sum((a^2*x.^2).^0.5)", "x", [-2, [-1, 3, 0.5]]],
    ["sum((a*b*x).^0.5)", "x", [-2, -1, [1, 3, 0.5]]],
    [
      "sum((x.*y).^0.5)",
      "x",
      [
        [-1, -2],
        [-3, -0.5],
      ],
    ],
    ["(a^2)^0.5", "a", [-3]],
  ])("%s by %s", (text, wrt, values) => {
    const { ok, error } = derive(text, { wrt }).check(
      values.map((value) => tensor(value, { dtype: "float64" })),
    );
    expect(error).toBeLessThan(1e-12);
    expect(ok).toBe(true);
  });
});

describe("what holds for all values is done", () => {
  it.each<[text: string, wrt: string, gradient: string]>([
    ["X''", "X", "I"],
    ["(X'*A)'", "X", "Aᵀ ⊗ I"],
    ["sum((4*x).^0.5)", "x", "1⊘x^(∘1/2)"],
    ["tr(W'*X*inv(X))", "X", "0"],
    ["norm2(y-X*inv(X'*X)*X'*y)^2", "y", "2·(y − X·(Xᵀ·X)⁻¹·Xᵀ·y)"],
    ["log(sum(exp(x)))", "x", "softmax(x)"],
  ])("%s by %s", (text, wrt, gradient) => {
    const derivation = derive(text, { wrt });
    expect(String(derivation.gradient)).toBe(gradient);
    expect(derivation.check().ok).toBe(true);
  });
});
