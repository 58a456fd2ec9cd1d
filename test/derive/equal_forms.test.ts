import { describe, expect, it } from "vitest";
import { type DeriveFunctionOptions, type DeriveOptions, derive } from "../../src/derive/index.js";
import {
  abs,
  add,
  det,
  diag,
  div,
  dot,
  exp,
  inv,
  log,
  logdet,
  logsumexp,
  matmul,
  mul,
  norm,
  outer,
  pow,
  relu,
  sigmoid,
  sin,
  softmax,
  softplus,
  solve,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  t,
  tanh,
  trace,
} from "../../src/index.js";

type Form = [
  text: string,
  f: (...args: Tensor[]) => Tensor,
  options: DeriveFunctionOptions,
  also?: DeriveOptions,
];

/** A text, the same function by public ops, and what both are derived by. */
const forms: Form[] = [
  // Least squares and regression.
  [
    "norm2(X*w-y)^2",
    (X, w, y) => sum(square(sub(matmul(X, w), y))),
    { args: ["m×n", "n", "m"], wrt: "w" },
  ],
  [
    "(X*w-y)'*(X*w-y)",
    (X, w, y) => dot(matmul(X, w).sub(y), matmul(X, w).sub(y)),
    { args: ["m×n", "n", "m"], wrt: "w" },
  ],
  [
    "norm2(X*w+b*vector(1)-y)^2",
    (X, w, b, y) => square(norm(X.matmul(w).add(b).sub(y))),
    { args: ["m×n", "n", "", "m"], wrt: "b" },
  ],
  [
    "norm2(X*w-y)^2+c*norm2(w)^2",
    (X, w, y, c) => sum(square(sub(matmul(X, w), y))).add(mul(c, sum(square(w)))),
    { args: ["m×n", "n", "m", ""], wrt: "w" },
  ],
  [
    "norm2(A-U*V')^2",
    (A, U, V) => sum(square(A.sub(matmul(U, t(V))))),
    { args: ["m×n", "m×k", "n×k"], wrt: "U" },
  ],
  // Logistic regression and other losses.
  [
    "sum(log(exp(-y.*(X*w))+vector(1)))",
    (y, X, w) => sum(log(exp(mul(y.neg(), matmul(X, w))).add(1))),
    { args: ["m", "m×n", "n"], wrt: "w" },
  ],
  [
    "sum(softplus(-y.*(X*w)))",
    (y, X, w) => sum(softplus(mul(y.neg(), matmul(X, w)))),
    { args: ["m", "m×n", "n"], wrt: "w" },
  ],
  [
    "-y'*log(sigmoid(X*w))",
    (y, X, w) => dot(y, log(sigmoid(matmul(X, w)))).neg(),
    { args: ["m", "m×n", "n"], wrt: "w" },
  ],
  [
    "sum(relu(vector(1)-y.*(X*w)))",
    (y, X, w) => sum(relu(sub(1, mul(y, matmul(X, w))))),
    { args: ["m", "m×n", "n"], wrt: "w" },
  ],
  ["logsumexp(A*x)", (A, x) => logsumexp(matmul(A, x)), { args: ["m×n", "n"], wrt: "x" }],
  [
    "c'*softmax(A*x)",
    (c, A, x) => dot(c, softmax(matmul(A, x))),
    { args: ["m", "m×n", "n"], wrt: "x" },
    { kinds: { c: "vector" } },
  ],
  // Quadratic forms.
  ["x'*A*x", (x, A) => dot(x, matmul(A, x)), { args: ["n", "n×n"], wrt: "x" }],
  ["x'*A*x", (x, A) => dot(x, matmul(A, x)), { args: ["n", "n×n"], wrt: "A" }],
  [
    "x'*S*x",
    (x, S) => dot(x, matmul(S, x)),
    { args: ["n", "n×n"], wrt: "x", kinds: { S: "symmetric matrix" } },
  ],
  ["a'*X*b", (a, X, b) => dot(a, matmul(X, b)), { args: ["m", "m×n", "n"], wrt: "X" }],
  [
    "(x'*A*x)/(x'*x)",
    (x, A) => div(dot(x, matmul(A, x)), dot(x, x)),
    { args: ["n", "n×n"], wrt: "x", kinds: { A: "symmetric matrix" } },
  ],
  [
    "(x-m)'*inv(S)*(x-m)",
    (x, m, S) => dot(x.sub(m), solve(S, x.sub(m))),
    { args: ["n", "n", "n×n"], wrt: "m", kinds: { S: "symmetric matrix" } },
  ],
  ["(x'*x)^2", (x) => square(dot(x, x)), { args: ["n"], wrt: "x" }],
  // Traces.
  ["tr(A*X)", (A, X) => trace(matmul(A, X)), { args: ["n×m", "m×n"], wrt: "X" }],
  [
    "tr(A*X'*B*X*C)",
    (A, X, B, C) => trace(A.matmul(X.T).matmul(B).matmul(X).matmul(C)),
    { args: ["k×n", "m×n", "m×m", "n×k"], wrt: "X" },
  ],
  ["tr(X'*X)", (X) => trace(matmul(X.T, X)), { args: ["m×n"], wrt: "X" }],
  ["tr(X'*X)", (X) => sum(square(X)), { args: ["m×n"], wrt: "X" }],
  [
    "tr(A*inv(X)*B)",
    (A, X, B) => trace(A.matmul(inv(X)).matmul(B)),
    { args: ["k×n", "n×n", "n×k"], wrt: "X" },
  ],
  ["a'*inv(X)*b", (a, X, b) => dot(a, solve(X, b)), { args: ["n", "n×n", "n"], wrt: "X" }],
  ["tr(diag(x)*A)", (x, A) => trace(matmul(diag(x), A)), { args: ["n", "n×n"], wrt: "x" }],
  // Norms.
  ["norm2(x)", (x) => norm(x), { args: ["n"], wrt: "x" }],
  [
    "norm2(A*x-b)",
    (A, x, b) => norm(matmul(A, x).sub(b)),
    { args: ["m×n", "n", "m"], wrt: "x" },
    { kinds: { b: "vector" } },
  ],
  ["norm2(X)", (X) => sqrt(sum(square(X))), { args: ["m×n"], wrt: "X" }],
  ["norm1(A*x)", (A, x) => sum(abs(matmul(A, x))), { args: ["m×n", "n"], wrt: "x" }],
  // Determinants.
  ["det(X)", (X) => det(X), { args: ["n×n"], wrt: "X" }],
  ["logdet(X)", (X) => logdet(X), { args: ["n×n"], wrt: "X" }],
  ["log(det(A*X))", (A, X) => log(det(matmul(A, X))), { args: ["m×n", "n×m"], wrt: "X" }],
  ["logdet(X*X')", (X) => logdet(matmul(X, X.T)), { args: ["m×n"], wrt: "X" }],
  [
    "logdet(S)+tr(inv(S)*A)",
    (S, A) => logdet(S).add(trace(solve(S, A))),
    { args: ["n×n", "n×n"], wrt: "S" },
  ],
  // Entry by entry.
  ["sum(exp(X).*A)", (X, A) => sum(mul(exp(X), A)), { args: ["m×n", "m×n"], wrt: "X" }],
  ["sum(sin(X./Y))", (X, Y) => sum(sin(div(X, Y))), { args: ["m×n", "m×n"], wrt: "Y" }],
  [
    "sum(tanh(W*x+b))",
    (W, x, b) => sum(tanh(matmul(W, x).add(b))),
    { args: ["m×n", "n", "m"], wrt: "W" },
    { kinds: { b: "vector" } },
  ],
  ["sum(x.^3)", (x) => sum(pow(x, 3)), { args: ["n"], wrt: "x" }],
  ["sum(log(vector(1)+x))", (x) => sum(log(add(1, x))), { args: ["n"], wrt: "x" }],
  ["sum((x*y').*A)", (x, y, A) => sum(mul(outer(x, y), A)), { args: ["m", "n", "m×n"], wrt: "x" }],
  ["x'*log(x)", (x) => dot(x, log(x)), { args: ["n"], wrt: "x" }],
  // Scalars.
  ["sin(a)*exp(b)", (a, b) => mul(sin(a), exp(b)), { args: ["", ""], wrt: "a" }],
  ["a^3*log(a)", (a) => mul(pow(a, 3), log(a)), { args: [""], wrt: "a" }],
  ["(a*b+c)^2", (a, b, c) => square(a.mul(b).add(c)), { args: ["", "", ""], wrt: "b" }],
  ["log(1+exp(a))", (a) => log(add(1, exp(a))), { args: [""], wrt: "a" }],
  // Jacobians.
  ["A*exp(x)", (A, x) => matmul(A, exp(x)), { args: ["m×n", "n"], wrt: "x" }],
  ["x/norm2(x)", (x) => div(x, norm(x)), { args: ["n"], wrt: "x" }],
  ["inv(X)", (X) => inv(X), { args: ["n×n"], wrt: "X" }],
];

describe("a function by public ops, and its text", () => {
  it.each(forms.map((form) => [form[0], form] as const))("%s", (text, [, f, options, also]) => {
    const { wrt, kinds } = options;
    const typed = derive(text, { wrt: wrt as string, ...(kinds && { kinds }), ...also });
    const written = derive(f, { ...options });
    expect(String(written.gradient)).toBe(String(typed.gradient));
    expect(written.gradient.latex()).toBe(typed.gradient.latex());
    expect(written.kind).toBe(typed.kind);
    expect(written.check().ok, String(written.check().error)).toBe(true);
    expect(typed.check().ok, String(typed.check().error)).toBe(true);
  });
});
