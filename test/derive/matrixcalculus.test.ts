import { describe, expect, it } from "vitest";
import { derive } from "../../src/derive/index.js";
import { random, reshape, type Tensor } from "../../src/index.js";

/**
 * The documented examples of matrixcalculus.org: the function, the variable, the derivative as the site
 * gives it, in its grammar (the Jacobian of A·exp(x) as a function of x), and as we print it.
 */
const examples: readonly (readonly [f: string, by: string, theirs: string, ours: string])[] = [
  ["0.5*x'*A*x", "x", "0.5*(A*x+A'*x)", "0.5·(A + Aᵀ)·x"],
  ["A*exp(x)", "x", "A*diag(exp(x))", "A·diag(exp(x))"],
  ["(y.*v)'*x", "x", "y.*v", "y∘v"],
  ["a^b", "a", "b*a^(b-1)", "b·a^(b − 1)"],
  ["norm1(A*x-y)", "x", "A'*sign(A*x-y)", "Aᵀ·sign(A·x − y)"],
  ["norm2(A*x-y)^2", "x", "2*A'*(A*x-y)", "2·Aᵀ·(A·x − y)"],
  [
    "sum(log(exp(-y.*(X*w))+vector(1)))",
    "w",
    "-(X'*((y.*exp(-y.*(X*w)))./(exp(-y.*(X*w))+vector(1))))",
    "−Xᵀ·(y∘σ(−y∘(X·w)))",
  ],
  ["tr(A*X'*B*X*C)", "X", "B*X*C*A+B'*X*A'*C'", "B·X·C·A + Bᵀ·X·Aᵀ·Cᵀ"],
  ["log(det(inv(X)))", "X", "-inv(X)'", "−X⁻ᵀ"],
];

describe("the examples of matrixcalculus.org", () => {
  it.each(examples)("%s by %s", (f, wrt, theirs, ours) => {
    const own = derive(f, { wrt });
    expect(String(own.gradient)).toBe(ours);
    expect(own.check().ok).toBe(true);
    expect(Math.max(...own.checkSteps())).toBeLessThan(1e-10);

    // Theirs, written by the same printer, is not shorter, and is worth the same.
    const kinds = Object.fromEntries(
      own.variables
        .filter(({ name }) => new RegExp(`\\b${name}\\b`).test(theirs))
        .map(({ name, shape }) => [name, (["scalar", "vector", "matrix"] as const)[shape.length]]),
    ) as Record<string, "scalar" | "vector" | "matrix">;
    const second = derive(theirs, { wrt: Object.keys(kinds)[0] as string, kinds });
    const other = second.value;
    const length = (text: unknown): number => [...String(text).replaceAll(" ", "")].length;
    expect(length(own.gradient)).toBeLessThanOrEqual(length(other));

    const at = new Map(
      own.variables.map(({ name, shape }, i): [string, Tensor] => {
        const size = shape.map((axis) => ({ m: 5, n: 4, k: 3 })[axis] as number);
        const x = random.normal(size, { dtype: "float64", seed: i + 1 });
        return [name, name === "a" || name === "b" ? x.abs() : x];
      }),
    );
    const got = own.toFunction()(...at.values());
    const named = second.variables.map(({ name }) => at.get(name) as Tensor);
    const want = other.toFunction()(...named);
    expect(got.sub(reshape(want, got.shape)).abs().max().item()).toBeLessThan(1e-12);
  });
});
