import { describe, expect, it } from "vitest";
import { json, leastSquares, tracegrad } from "./support/cli.js";

type Claim = readonly [text: string, wrt: string, claim: string, ...flags: string[]];

/** The arguments of a check. */
const claimed = ([text, wrt, claim, ...flags]: Claim): string[] => [
  ...["check", text, "--wrt", wrt, "--claim", claim],
  ...flags,
];

const logistic = "sum(log(vector(1)+exp(-y.*(X*w))))";

describe("tracegrad check", () => {
  it.each<Claim>([
    [leastSquares, "w", "2*X'*(X*w-y)"],
    [leastSquares, "w", "2*(X*w-y)'*X", "--layout", "numerator"],
    ["tr(A*X)", "X", "A'"],
    ["tr(A*X)", "X", "A", "--layout", "numerator"],
    ["tr(X)", "X", "eye"],
    ["sum(X)", "X", "matrix(1)"],
    ["a'*X*b", "X", "a*b'"],
    ["x'*A*x", "x", "2*A*x", "--kind", "A=symmetric"],
    ["logdet(X)", "X", "inv(X)'"],
    ["sum(log(x))", "x", "vector(1)./x"],
    ["X*w", "w", "X"],
    ["A*X*B", "X", "kron(A,B')"],
    ["kron(x,y)", "x", "kron(eye,y)"],
    ["c*X", "c", "X"],
    ["c*X", "c", "X", "--layout", "denominator"],
    ["-x'*x", "x", "-2*x"],
    [logistic, "w", "-X'*(y./(vector(1)+exp(y.*(X*w))))"],
  ])("of %s by %s: %s is right", async (...claim: Claim) => {
    const { code, out, err } = await tracegrad(...claimed(claim));
    expect(out).toMatch(
      /^correct: .* agrees with the .* (exactly|to \de-\d\d) at (7|14) random inputs/,
    );
    expect(out).toMatch(/\n\n(∂f\/∂\w = |no formula: )/);
    expect([code, err]).toEqual([0, ""]);
  });

  it.each<readonly [code: string, message: string, Claim]>([
    ["transposed", "transposed: that is numerator layout", ["tr(A*X)", "X", "A"]],
    [
      "transposed",
      "transposed: that is denominator layout",
      ["tr(A*X)", "X", "A'", "--layout", "numerator"],
    ],
    ["transposed", "that is numerator layout", ["logdet(X)", "X", "inv(X)"]],
    ["transposed", "that is numerator layout", ["x'*A*x", "x", "x'*(A+A')"]],
    ["transposed", "that is denominator layout", ["X*w", "w", "X'"]],
    ["transposed", "it is transposed", ["c*X", "c", "X'"]],
    ["sign", "the sign is wrong", ["tr(A*X)", "X", "-A'"]],
    ["factor", "half the true gradient", [leastSquares, "w", "X'*(X*w-y)"]],
    ["factor", "twice the true gradient", ["tr(A*X)", "X", "2*A'"]],
    ["factor", "3/2 times the true gradient", ["x'*x", "x", "3*x"]],
    ["factor", "3 times the true Jacobian", ["X*w", "w", "3*X"]],
    ["zero", "it is 0", ["sum(X)", "X", "matrix(0)"]],
    ["transposed, factor", "minus twice the true gradient", ["tr(A*X)", "X", "-2*A"]],
    ["symmetric", "right only if A is symmetric", ["x'*A*x", "x", "2*A*x"]],
    ["counted once", "for a symmetric X", ["logdet(X)", "X", "2*inv(X)-inv(X).*eye"]],
    ["by columns", "vec(X)", ["A*X*B", "X", "kron(B',A)"]],
    ["positive", "right only for positive values", ["norm1(x)", "x", "vector(1)"]],
    [
      "term missing",
      "the term of the 2nd x is missing\n  x'*A*x\n       ^",
      ["x'*A*x", "x", "A*x"],
    ],
    [
      "term missing",
      "the term of the 1st X is missing\n  tr(X*A*X'*B)\n     ^",
      ["tr(X*A*X'*B)", "X", "B*X*A"],
    ],
    ["terms", "the term of the 1st x has the wrong sign", ["x'*A*x", "x", "A'*x-A*x"]],
    [
      "terms",
      "the term of the 2nd w counts half",
      [`${leastSquares}+c*norm2(w)^2`, "w", "2*X'*(X*w-y)+c*w"],
    ],
    ["terms", "the terms of the 1st and 2nd x count half", ["x'*x+b'*x", "x", "x+b"]],
    ["factor missing", "it lacks the factor det(X)", ["det(X)", "X", "inv(X)'"]],
    ["factor missing", "it lacks the factor c", ["c*x'*x", "x", "2*x"]],
    ["factor missing", "the factor 2*exp(sum(x.^2))", ["exp(sum(x.^2))", "x", "x"]],
    ["factor missing", "the entrywise factor 2*x", ["sum(sin(x.^2))", "x", "cos(x.^2)"]],
    ["divisor missing", "divided by norm2(x)", ["norm2(x)", "x", "x"]],
    ["divisor missing", "divided by (1+x'*x)", ["log(1+x'*x)", "x", "2*x"]],
    ["transposed, factor missing", "it lacks the factor det(X)", ["det(X)", "X", "inv(X)"]],
    ["sign of a part", "2*X'*(X*w-y) would be right", [leastSquares, "w", "2*X'*(X*w+y)"]],
    ["order", "would be right", ["tr(inv(X)*A)", "X", "-inv(X)'*inv(X)'*A'"]],
    [
      "symmetric",
      "if A is symmetric; a transpose is missing: A'*A' would be right",
      ["tr(A*X*A)", "X", "A*A'"],
    ],
    [
      "transpose",
      "a transpose is missing: (A*B)'+(B*A)' would be right",
      ["tr(A*B*X)+tr(B*A*X)", "X", "(A*B)'+(B*A)"],
    ],
    [
      "transpose",
      "there is a transpose too many: (A*B)+(B*A) would be right",
      ["tr(A*B*X)+tr(B*A*X)", "X", "(A*B)'+(B*A)", "--layout", "numerator"],
    ],
    ["product", "not entrywise: A*A would be right", ["sum((A*A).*X)", "X", "A.*A"]],
    ["product", "is entrywise: A.*A would be right", ["sum(A.*A.*X)+tr(A)", "X", "A*A"]],
    [
      "order",
      "right only for diagonal matrices",
      ["tr(A*X*B*C)", "X", "B'*C'*A'", "--shape", "A=3x3,B=3x3,C=3x3"],
    ],
    [
      "vectors",
      "right only if m is 1 (X is a row) or n is 1 (X is a column)",
      ["tr(X'*X*X'*X)", "X", "4*norm2(X)^2*X"],
    ],
    ["scalars", "right only for scalars", ["tr(X^2)", "X", "2*tr(X)*eye"]],
    [
      "sizes",
      "right with n = 3, but it is 3/5 times the true gradient with n = 5",
      ["logdet(c*X)", "c", "3/c"],
    ],
    [
      "sizes",
      "right with m = 3, n = 5, but not defined at",
      ["norm2(X*w)^2", "w", "2*X'*inv(X*X')*X*X'*X*w"],
    ],
    ["undeclared", "z is no variable of the expression, which has A, X", ["tr(A*X)", "X", "A'+z"]],
    ["undeclared", "the identity matrix is written eye", ["tr(X)", "X", "I"]],
    ["undefined", "at 3 of 7 random inputs", ["norm2(x)^2", "x", "2*exp(log(x))"]],
    ["undefined", "no finite value at 7", ["x'*x", "x", "sqrt(0-1-x'*x)*x"]],
    ["different", "it is not the gradient: at a random input entry", ["x'*x", "x", "exp(x)"]],
    ["different", "it is not the gradient: at a random input it is", ["exp(c)", "c", "sin(c)"]],
    [
      "shape",
      "the claim is m×n, the gradient n×k (right for scalars only)",
      ["sum(A*X)", "X", "A"],
    ],
    ["shape", "a scalar, the gradient a vector of n; write vector(2)", ["sum(2*x)", "x", "2"]],
    ["shape", "write matrix(c)", ["c*sum(X)", "X", "c"]],
    ["shape", "the Jacobian n×n; write diag(exp(x))", ["exp(x)", "x", "exp(x)"]],
    ["shape", "write sum(2*(X+matrix(b)))", ["norm2(X+matrix(b))^2", "b", "2*(X+matrix(b))"]],
    ["shape", "kron(A,B') would be right", ["A*X*B", "X", "kron(A,B)"]],
    ["shape", "the shape of the transposed gradient, but is not that", ["tr(A*X)", "X", "exp(A)"]],
    [
      "shape",
      "A is 3×5 and X is 5×3; + takes operands of one size\n" +
        "  A+X\n   ^\n  (it was tried with m = 3, n = 5)",
      ["tr(A*X)", "X", "A+X"],
    ],
    ["shape", "(a transpose is missing: 2*X'*(X*w-y) would", [leastSquares, "w", "2*X*(X*w-y)"]],
    ["shape", "(the order of a product is wrong: B'*A' would", ["tr(X*A*B)", "X", "A'*B'"]],
    ["shape", "(right only if m = n)", ["logdet(X'*X)", "X", "2*inv(X)'"]],
  ])("says %s: %s", async (word, message, claim) => {
    const { code, value } = await json(...claimed(claim));
    expect(value.correct).toBe(false);
    expect(value.diagnosis).toMatchObject({ code: word });
    expect((value.diagnosis as { message: string }).message).toContain(message);
    expect(code).toBe(1);
  });

  it("prints the true gradient after what is wrong", async () => {
    const { code, out, err } = await tracegrad(...claimed(["tr(A*X)", "X", "A"]));
    expect(out).toBe(
      "wrong: transposed: that is numerator layout\n\n" +
        "∂f/∂X = Aᵀ\n  gradient in denominator layout: n×m\n",
    );
    expect([code, err]).toEqual([1, ""]);
  });

  it.each<Claim>([
    [leastSquares, "w", "2*X'*(X*w+y)"],
    [leastSquares, "w", "2*X*(X*w-y)"],
    ["tr(X*A*B)", "X", "A'*B'"],
    ["tr(inv(X)*A)", "X", "-inv(X)'*inv(X)'*A'"],
    ["A*X*B", "X", "kron(A,B)"],
    [logistic, "w", "-X'*(y./(vector(1)+exp(-y.*(X*w))))"],
  ])("what it proposes for %s by %s, %s, is right", async (...claim: Claim) => {
    const { out } = await tracegrad(...claimed(claim));
    const proposed = /: ([^:\n]*) would be right/.exec(out)?.[1] ?? "";
    expect(proposed).not.toBe("");
    const [text, wrt] = claim;
    expect((await tracegrad(...claimed([text, wrt, proposed]))).code).toBe(0);
  });

  it("compares numbers where the derivative has no formula", async () => {
    const claim: Claim = ["adj(X)", "X", "kron(X,X)"];
    const { out } = await tracegrad(...claimed(claim));
    expect(out).toMatch(/^wrong: .*\n\nno formula: derive: this derivative is no sum/);
    const { code, value } = await json(...claimed(claim));
    expect(value).toMatchObject({ correct: false, kind: "Jacobian", gradient: null, shape: null });
    expect(code).toBe(1);
  });

  it("takes kinds from the expression", async () => {
    // Alone, a and b would be scalars in the claim.
    expect((await tracegrad(...claimed(["a'*X*b", "X", "a*b'"]))).code).toBe(0);
  });

  it("has everything in JSON", async () => {
    const { code, value } = await json(...claimed(["tr(A*X)", "X", "A'"]));
    expect(code).toBe(0);
    expect(value).toEqual({
      expression: "tr(A*X)",
      wrt: "X",
      kind: "gradient",
      layout: "denominator",
      claim: { text: "A'", shape: "n×m" },
      correct: true,
      diagnosis: null,
      difference: 0,
      inputs: 14,
      gradient: "Aᵀ",
      latex: "A^{\\top}",
      shape: ["n", "m"],
    });
    const wrong = await json(...claimed(["tr(A*X)", "X", "A"]));
    expect(wrong.value).toMatchObject({
      claim: { text: "A", shape: "m×n" },
      correct: false,
      difference: null,
      gradient: "Aᵀ",
    });
  });
});
