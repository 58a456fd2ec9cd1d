import { describe, expect, it } from "vitest";
import { kindByName } from "../../src/derive/text/kinds.js";
import { namesOf, parseTree } from "../../src/derive/text/parse.js";
import { type ProgramOptions, parse } from "../../src/derive/text/program.js";
import type { SizeError } from "../../src/derive/text/sizes.js";
import { TracegradError } from "../../src/index.js";
import { cpuTime } from "../cpu_time.js";
import { type GoldenBase, load } from "../support/golden.js";

/** What a text is taken for: its variables with their sizes, and the size of the whole. */
function read(text: string, options?: ProgramOptions): string {
  const { variables, rows, columns } = parse(text, options);
  const list = variables.map(({ name, kind, rows, columns }) => {
    if (kind === "scalar") return name;
    return kind === "vector" ? `${name}[${rows}]` : `${name}[${rows}, ${columns}]`;
  });
  return `${list.join(" ")} -> ${rows}×${columns}`;
}

const message = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    expect(error).toBeInstanceOf(TracegradError);
    return (error as Error).message;
  }
  return "nothing was thrown";
};

describe("kinds by name", () => {
  it.each([
    ["scalar", "a b c d e f g a1 b_max c_1 alpha lambda sigma2 mu_x α λ σ_1"],
    ["vector", "h i n x y w z x2 x_1 dx abc bias weights ab alphabet"],
    ["matrix", "A B X W_1 X2 Sigma Σ Abc I T"],
  ])("%s: %s", (kind, names) => {
    for (const name of names.split(" "))
      expect(`${name} ${kindByName(name)}`).toBe(`${name} ${kind}`);
  });
});

describe("the nine examples of matrixcalculus.org", () => {
  it.each([
    ["0.5*x'*A*x", "x[n] A[n, n] -> 1×1"],
    ["A*exp(x)", "A[m, n] x[n] -> m×1"],
    ["(y.*v)'*x", "y[n] v[n] x[n] -> 1×1"],
    ["a^b", "a b -> 1×1"],
    ["norm1(A*x-y)", "A[m, n] x[n] y[m] -> 1×1"],
    ["norm2(A*x-y)^2", "A[m, n] x[n] y[m] -> 1×1"],
    ["sum(log(exp(-y.*(X*w))+vector(1)))", "y[m] X[m, n] w[n] -> 1×1"],
    ["tr(A*X'*B*X*C)", "A[m, n] X[k, n] B[k, k] C[n, m] -> 1×1"],
    ["log(det(inv(X)))", "X[n, n] -> 1×1"],
  ])("%s", (text, want) => {
    expect(read(text)).toBe(want);
  });
});

describe("kinds where names do not fit", () => {
  it.each([
    // Scalars become vectors.
    ["a'*X*b", "a[m] X[m, n] b[n] -> 1×1"],
    ["a'*x", "a[n] x[n] -> 1×1"],
    ["A*x+b", "A[m, n] x[n] b[m] -> m×1"],
    ["tanh(W*x+b)", "W[m, n] x[n] b[m] -> m×1"],
    ["norm2(X*w-b-y)^2", "X[m, n] w[n] b[m] y[m] -> 1×1"],
    ["tr(c*a'*B)", "c[n] a[m] B[m, n] -> 1×1"],
    ["q'*(c*a)", "q[n] c a[n] -> 1×1"],
    ["diag(X*A)'*b", "X[m, n] A[n, m] b[m] -> 1×1"],
    ["norm2(a-b)", "a[n] b[n] -> 1×1"],
    ["sum(a)", "a[n] -> 1×1"],
    ["x+b", "x[n] b[n] -> n×1"],
    ["(A*x+b)'", "A[m, n] x[n] b[m] -> 1×m"],
    ["c+vector(1)", "c[n] -> n×1"],
    // Or stay what they are.
    ["sum(x.^a)", "x[n] a -> 1×1"],
    ["a*X*b", "a X[m, n] b -> m×n"],
    ["A*b", "A[m, n] b -> m×n"],
    ["tr(a)", "a -> 1×1"],
    ["b*x'*A*x", "b x[n] A[n, n] -> 1×1"],
    ["x'*A", "x[m] A[m, n] -> 1×n"],
    ["(A*x)'", "A[m, n] x[n] -> 1×m"],
    // Vectors become scalars.
    ["x^2", "x -> 1×1"],
    ["sin(x)*exp(x)", "x -> 1×1"],
    ["log(1+exp(-y*x))", "y x -> 1×1"],
    ["t*X+Y", "t X[m, n] Y[m, n] -> m×n"],
  ])("%s", (text, want) => {
    expect(read(text)).toBe(want);
  });

  it("tries so many kinds and no more", () => {
    const names = Array.from({ length: 30 }, (_, i) => `z${i}`);
    const start = cpuTime();
    expect(message(() => parse(`${names.join("*")}+X*X'+Y'*1`))).toMatch(/^parse: /);
    expect(cpuTime() - start).toBeLessThan(3000);
  });
});

describe("declared kinds and shapes", () => {
  it.each<[string, ProgramOptions, string]>([
    ["x'*S*x", { kinds: { S: "symmetric matrix" } }, "x[n] S[n, n] -> 1×1"],
    ["x'*A", { kinds: { x: "matrix", A: "vector" } }, "x[m, n] A[m] -> n×1"],
    ["A*b", { kinds: { b: "vector" } }, "A[m, n] b[n] -> m×1"],
    ["A*x", { shapes: { A: [3, 2] } }, "A[3, 2] x[2] -> 3×1"],
    ["A*x", { shapes: { x: [2] } }, "A[n, 2] x[2] -> n×1"],
    ["X+Y", { shapes: { X: [3, 1], Y: [3, 1] } }, "X[3, 1] Y[3, 1] -> 3×1"],
    ["c*A", { shapes: { c: [], A: [2, 2] } }, "c A[2, 2] -> 2×2"],
    ["kron(A, B)", { shapes: { A: [3, 2] } }, "A[3, 2] B[m, n] -> 3·m×2·n"],
    ["S*x", { kinds: { S: "symmetric matrix" }, shapes: { S: [3, 3] } }, "S[3, 3] x[3] -> 3×1"],
    ["eye", { shape: [5, 5] }, " -> 5×5"],
    ["-matrix(0)", { shape: [2, 3] }, " -> 2×3"],
    ["vector(1)", { shape: [2] }, " -> 2×1"],
    ["kron(A, matrix(1))", { shapes: { A: [2, 2] }, shape: [6, 8] }, "A[2, 2] -> 6×8"],
  ])("%s with %j", (text, options, want) => {
    expect(read(text, options)).toBe(want);
  });

  it.each<[string, object, string]>([
    [
      "x'*A*x",
      { kinds: { B: "matrix" } },
      "parse: kinds has B, which is no variable here; these are x, A",
    ],
    [
      "1+1",
      { shapes: { x: [2] } },
      "parse: shapes has x, which is no variable here; there are none",
    ],
    [
      "A*x",
      { kinds: { A: "tensor" } },
      'parse: the kind of A is tensor; known are "scalar", "vector", "matrix", "symmetric matrix"',
    ],
    [
      "A*x",
      { shapes: { A: [1, 2, 3] } },
      "parse: A is [1, 2, 3]; scalars [], vectors [n] and matrices [m, n] are known",
    ],
    [
      "A*x",
      { kinds: { A: "vector" }, shapes: { A: [2, 2] } },
      "parse: A is [2, 2], but declared a vector",
    ],
    [
      "A*x",
      { kinds: { A: "symmetric matrix" }, shapes: { A: [2, 3] } },
      "parse: A is [2, 3], but declared a symmetric matrix",
    ],
    [
      "A*x",
      { shapes: { A: [2.5, 1] } },
      "parse: [2.5, 1] is not a shape; axis 0 must be a whole number, 0 or more",
    ],
  ])("%s with %j is refused", (text, options, want) => {
    expect(message(() => parse(text, options as ProgramOptions))).toBe(want);
  });
});

describe("sizes", () => {
  const shapes = { c: [], x: [3], y: [4], X: [3, 4], S: [3, 3] };
  const own = (text: string) =>
    Object.fromEntries(namesOf(parseTree(text)).map((k) => [k, shapes[k as keyof typeof shapes]]));

  it.each([
    ["c", "1×1"],
    ["x'*X", "1×4"],
    ["x'*X*y", "1×1"],
    ["(x'*x)*X", "3×4"],
    ["x*(y'*y)", "3×1"],
    ["x*vector(1)'+X", "3×4"],
    ["S+c*eye", "3×3"],
    ["x-vector(c)", "3×1"],
    ["X.*matrix(1)", "3×4"],
    ["X*vector(1)", "3×1"],
    ["exp(X)./(exp(X)*matrix(1))", "3×4"],
    ["diag(x)", "3×3"],
    ["diag(S)", "3×1"],
    ["kron(x,X)", "9×4"],
    ["X/norm2(X)", "3×4"],
    ["x.^c", "3×1"],
    ["x.^x", "3×1"],
    ["S^2*x", "3×1"],
    ["softmax(x)", "3×1"],
    ["inv(S)*x", "3×1"],
    ["x*y'", "3×4"],
  ])("%s is %s", (text, want) => {
    const { rows, columns } = parse(text, { shapes: own(text) });
    expect(`${rows}×${columns}`).toBe(want);
  });

  it.each<[string, string, ProgramOptions["kinds"]?]>([
    // Names: matrices first, m, n, k, …; what is alone is n; names of variables are left out.
    ["p'*A*x", "p[m] A[m, n] x[n] -> 1×1"],
    ["S*X*w", "S[m, m] X[m, n] w[n] -> m×1", { S: "symmetric matrix" }],
    ["U*S*V'", "U[m, n] S[n, k] V[p, k] -> m×p"],
    ["m+n", "m[k] n[k] -> k×1"],
    ["X'*n", "X[m, k] n[m] -> k×1"],
    ["kron(A,X)", "A[m, n] X[k, p] -> m·k×n·p"],
    ["tr(kron(A,X))", "A[n, n] X[m, m] -> 1×1"],
    ["kron(A,X)*z", "A[m, n] X[k, p] z[n·p] -> m·k×1"],
    ["kron(x,y)+z", "x[n] y[m] z[n·m] -> n·m×1"],
    ["kron(x,y)-kron(y,x)", "x[n] y[m] -> n·m×1"],
    ["kron(kron(x,y),z)-kron(x,kron(y,z))", "x[n] y[m] z[k] -> n·m·k×1"],
    ["kron(x,y)-kron(z,y)", "x[n] y[m] z[n] -> n·m×1"],
    ["kron(x',y)*kron(z,w')", "x[n] y[m] z[n] w[k] -> m×k"],
    ["kron(a,X)", "a X[m, n] -> m×n"],
    ["eye+A*B", "A[m, n] B[n, m] -> m×m"],
    ["eye", " -> n×n"],
    ["matrix(1)*X", "X[m, n] -> k×n"],
    ["X^2", "X[n, n] -> n×n"],
    ["X⁻ᵀ*y", "X[n, n] y[n] -> n×1"],
  ])("%s is %s", (text, want, kinds = {}) => {
    expect(read(text, { kinds })).toBe(want);
  });

  it.each([
    ["X*x", 2, "X is 3×4 and x is 3×1; the columns of X and the rows of x must match"],
    [
      "X*X",
      2,
      "X is 3×4 and X is 3×4; the columns of X and the rows of X must match (with X' they would)",
    ],
    [
      "c*(x*y)",
      5,
      "x is 3×1 and y is 4×1; write x'*y for the inner product, x*y' for the outer, x.*y entrywise",
    ],
    ["x+y", 2, "x is 3×1 and y is 4×1; + takes operands of one size"],
    [
      "x - (c+1)",
      3,
      "x is 3×1 and (c+1) is a scalar; - takes operands of one size; " +
        "write vector((c+1)) for one that has (c+1) everywhere",
    ],
    [
      "1./X",
      2,
      "1 is a scalar and X is 3×4; ./ takes operands of one size; " +
        "write matrix(1) for one that has 1 everywhere",
    ],
    ["2*det(X)", 3, "X is 3×4; det takes a square matrix"],
    ["diag(X)", 1, "X is 3×4; diag takes a square matrix or a vector"],
    ["softmax(X)", 1, "X is 3×4; softmax takes a vector"],
    [
      "x^2",
      2,
      "x is 3×1; ^ is the power of a scalar or a square matrix, the entrywise power is written x.^2",
    ],
    [
      "X^2",
      2,
      "X is 3×4; ^ is the power of a scalar or a square matrix, the entrywise power is written X.^2",
    ],
    [
      "S^0.5",
      3,
      "S is 3×3, and 0.5 is no whole number; a matrix has whole powers only (the entrywise power is .^)",
    ],
    ["c^x", 2, "x is 3×1; the exponent of ^ is a scalar (.^ is entrywise)"],
    [
      "x.^y",
      2,
      "x is 3×1 and y is 4×1; the exponent of .^ is a scalar, or of the size of the base",
    ],
    [
      "x/y",
      2,
      "y is 4×1; / divides by a scalar (./ divides entrywise, A*inv(B) is the quotient of matrices)",
    ],
    ["vector(x)", 1, "x is 3×1; vector takes a scalar"],
    ["kron(x,y)+x", 10, "kron(x,y) is 12×1 and x is 3×1; + takes operands of one size"],
  ])("%s does not fit", (text, column, what) => {
    const caret = `${" ".repeat(column - 1)}^`;
    const want = `parse: "${text}" at column ${column}: ${what}\n  ${text}\n  ${caret}`;
    expect(message(() => parse(text, { shapes: own(text) }))).toBe(want);
  });

  it.each([
    ["X^T", 2, "T is k×p; the exponent of ^ is a scalar (a transpose is written X')", ""],
    [
      "X+1",
      2,
      "X is m×n and 1 is a scalar; + takes operands of one size; write matrix(1) for one that has 1 everywhere",
      "",
    ],
    ["det(x)", 1, "x is n×1; det takes a square matrix", "x a vector"],
    [
      "sum(x^2)+x'*x",
      6,
      "x is n×1; ^ is the power of a scalar or a square matrix, the entrywise power is written x.^2",
      "x a vector",
    ],
    [
      "x'*y'",
      3,
      "x' is 1×n and y' is 1×m; the columns of x' and the rows of y' must match",
      "x a vector, y a vector",
    ],
  ])("%s does not fit, without numbers", (text, column, what, said) => {
    const caret = `${" ".repeat(column - 1)}^`;
    const names =
      said === "" ? "" : `\n  (by their names: ${said}; the option kinds declares others)`;
    const want = `parse: "${text}" at column ${column}: ${what}\n  ${text}\n  ${caret}${names}`;
    expect(message(() => parse(text))).toBe(want);
  });

  it("says which product of sizes cannot be", () => {
    const no = "no sizes fit the Kronecker product";
    const vector = { kinds: { x: "vector" } } as const;
    const at = (text: string) => `parse: "${text}" at column 1: ${no}`;
    const text = "kron(X,matrix(1))";
    expect(message(() => parse("kron(x,x)-x", vector))).toBe(
      `${at("kron(x,x)-x")}: n would be n times n\n  kron(x,x)-x\n  ^`,
    );
    expect(message(() => parse(text, { shapes: { X: [3, 4] }, shape: [4, 4] }))).toBe(
      `${at(text)}: 4 would be 3 times n\n  ${text}\n  ^`,
    );
  });

  it("says what differs from the size that was asked for", () => {
    const shapes = { X: [3, 4] };
    expect(message(() => parse("X", { shapes, shape: [4, 3] }))).toContain(
      "X is 3×4; 4×3 was expected",
    );
    expect(message(() => parse("eye", { shape: [4, 3] }))).toContain("4×3 was expected");
  });

  it("tells the two sizes that clash", () => {
    try {
      parse("X*x", { shapes: { X: [3, 4], x: [3] } });
    } catch (error) {
      expect((error as SizeError).clash).toEqual([4, 3]);
    }
    expect.assertions(1);
  });
});

describe("golden expressions", () => {
  const records = ["seeds", "cookbook", "hessians", "jacobians"].flatMap((file) =>
    load<GoldenBase>(file),
  );
  const kindOf = (record: GoldenBase, name: string) =>
    (["scalar", "vector", "matrix"] as const)[record.variables[name]?.shape.length as 0 | 1 | 2];

  it("fit with the kinds of their variables", () => {
    for (const record of records) {
      const names = namesOf(parseTree(record.expr));
      const kinds = Object.fromEntries(names.map((name) => [name, kindOf(record, name)]));
      const { variables } = parse(record.expr, { kinds });
      const sizes = new Map<unknown, number>();
      for (const { name, rows, columns } of variables) {
        const [m = 1, n = 1] = record.variables[name]?.shape ?? [];
        for (const [dim, size] of [
          [rows, m],
          [columns, n],
        ] as const) {
          if (typeof dim === "number") expect(size).toBe(dim);
          else expect(sizes.get(dim) ?? size, `${record.id}: ${dim}`).toBe(size);
          sizes.set(dim, size);
        }
      }
    }
  });

  // With b a scalar these fit as well, as matrices, and b is one by its name.
  const others = ["cb-hk-07", "ja-solve-d", "ja-solve-ill", "ja-Xb"];

  it("have their kinds by their names, but for some", () => {
    const differ = records.filter((record) =>
      parse(record.expr).variables.some(({ name, kind }) => kind !== kindOf(record, name)),
    );
    expect(records.length).toBeGreaterThan(250);
    expect(differ.map(({ id }) => id)).toEqual(others);
  });
});
