/** What the page shows, and in which order. */
import type { Kind } from "./record.js";

/** One function, and the records that are about it, perhaps in other letters. */
export interface Plan {
  readonly of: string;
  readonly wrt: string;
  /** A heading where the function itself would not be one. */
  readonly title?: string;
  readonly words?: string;
  readonly kinds?: Readonly<Record<string, Kind>>;
  /** Other variables, by which the derivative is shown without its steps. */
  readonly also?: readonly string[];
  readonly records?: readonly string[];
  /** A part of the function, whose Jacobian is shown in both layouts. */
  readonly inner?: string;
  /** Whether it is about the second derivative. */
  readonly second?: boolean;
  /** What is shown beside the derivative. */
  readonly show?: readonly ("numerator layout" | "second derivative" | "TypeScript" | "NumPy")[];
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  readonly plans: readonly Plan[];
}

const a = { a: "vector" } as const;
const b = { b: "vector" } as const;
const symmetric = (name: string): Record<string, Kind> => ({ [name]: "symmetric matrix" });

export const sections: readonly Section[] = [
  {
    id: "linear",
    title: "Linear forms and traces",
    words:
      "The differential of a linear function is the function itself, of the differential. What is " +
      "left is to bring it to the form tr(GᵀdX): a scalar is its own trace, the factors in a trace " +
      "may go round, and a trace is that of the transpose.",
    plans: [
      {
        of: "a'*X*b",
        wrt: "X",
        kinds: { ...a, ...b },
        also: ["a", "b"],
        records: ["s0-20", "s1-17", "s3-14"],
        show: ["numerator layout"],
      },
      {
        of: "tr(a'*X*b)",
        wrt: "X",
        kinds: { ...a, ...b },
        title: "The same as a trace",
        records: ["s0-15", "s0-21"],
      },
      { of: "tr(c*a'*B)", wrt: "B", kinds: { ...a, c: "vector" }, records: ["s1-09"] },
      { of: "u'*v", wrt: "u", also: ["v"], records: ["s1-15"] },
      { of: "tr(X)", wrt: "X", records: ["s0-09", "s1-02", "s3-02"] },
      { of: "tr(X')", wrt: "X", records: ["s0-16", "s1-05", "s2-01", "s3-01", "s3-22"] },
      { of: "tr(A+B)", wrt: "A", also: ["B"], records: ["s0-17", "s1-06a", "s2-03"] },
      { of: "tr(A-B)", wrt: "B", also: ["A"], records: ["s1-06b"] },
      { of: "tr(X+Y)-tr(Y)", wrt: "X", records: ["s2-22"] },
      { of: "tr(a*A)", wrt: "A", also: ["a"], records: ["s3-23"] },
      { of: "tr(X)^2", wrt: "X", records: ["s2-13"] },
      {
        of: "tr(A*X)",
        wrt: "X",
        also: ["A"],
        records: ["s2-02", "s2-25", "s3-04", "s3-05", "s3-06", "s3-24"],
        show: ["numerator layout"],
      },
      {
        of: "tr(A'*B)",
        wrt: "A",
        also: ["B"],
        records: ["s0-05", "s0-18", "s1-04", "s1-16", "s3-03", "s3-28"],
      },
      { of: "tr(W*X')", wrt: "X", records: ["s0-08", "s1-07"] },
      { of: "tr(W'*X')", wrt: "X", records: ["s2-18"] },
    ],
  },
  {
    id: "products",
    title: "Sums, products and identities of matrices",
    words:
      "A function whose value is a matrix has no gradient. Where a text has a rule for such a " +
      "function, it is used here inside tr(Wᵀ·) with any matrix W, which makes a number of it.",
    plans: [
      {
        of: "tr(W'*(X+Y))",
        wrt: "X",
        also: ["Y"],
        title: "The sum rule",
        records: ["s0-06a", "s2-12"],
      },
      { of: "tr(W'*(X-Y))", wrt: "Y", also: ["X"], records: ["s0-06b"] },
      {
        of: "tr(W'*X*Y)",
        wrt: "X",
        also: ["Y"],
        title: "The product rule",
        records: ["s2-14", "s2-20", "s3-14m"],
      },
      {
        of: "tr(W'*X*Y*Z)",
        wrt: "Y",
        also: ["X", "Z"],
        title: "The product rule, with three factors",
        records: ["s0-07"],
      },
      {
        of: "tr(A*X*B)",
        wrt: "X",
        also: ["A", "B"],
        title: "Factors that go round",
        records: ["s1-08", "s2-30", "s2-30b", "s2-31", "s3-21"],
      },
      { of: "tr(A*B*A'*C)", wrt: "A", also: ["B", "C"], records: ["s3-26"] },
      {
        of: "tr(W'*(a*X))",
        wrt: "X",
        also: ["a"],
        title: "A multiple of a matrix",
        records: ["s2-11"],
      },
      { of: "sum(A)+0*sum(X)", wrt: "X", title: "A constant", records: ["s2-10"] },
      {
        of: "-tr(B*Q')",
        wrt: "Q",
        title: "The conjugate transpose",
        words:
          "For X = P + iQ the conjugate transpose is Xᴴ = Pᵀ − iQᵀ. This is the imaginary part of " +
          "tr(B·Xᴴ), for a real matrix B.",
        records: ["s2-19"],
      },
    ],
  },
  {
    id: "quadratic",
    title: "Quadratic forms",
    words:
      "The variable stands twice in the function, so that the product rule gives two terms. They " +
      "become one when one of them is transposed inside the trace; where the matrix is symmetric, " +
      "or there is none, they are equal.",
    plans: [
      { of: "x'*x", wrt: "x", records: ["s3-07v"] },
      {
        of: "x'*A*x",
        wrt: "x",
        records: ["s2-04", "s2-32", "s3-08v"],
        show: ["numerator layout"],
      },
      { of: "tr(x'*A*x)", wrt: "x", title: "The same as a trace", records: ["s2-32b"] },
      { of: "tr(X'*X)", wrt: "X", records: ["s3-07"] },
      {
        of: "tr(X'*A*X)",
        wrt: "X",
        records: ["s0-04", "s0-22", "s0-22b", "s3-08", "s3-29"],
      },
      { of: "tr(A*B*A')", wrt: "A", records: ["s3-30"] },
      { of: "u'*X'*X*u", wrt: "X", records: ["s3-15"] },
      { of: "tr(U'*X'*X*U)", wrt: "X", records: ["s3-15m"] },
      {
        of: "0.5*x'*A*x-b'*x",
        wrt: "x",
        kinds: { ...b, ...symmetric("A") },
        words: "Here A is symmetric. The gradient is zero at x = A⁻¹b.",
        records: ["s3-16", "s3-19"],
      },
    ],
  },
  {
    id: "inverse",
    title: "Inverse and determinant",
    words:
      "The differential of the inverse follows from that of X⁻¹X = I. That of the determinant is " +
      "written with the adjugate, which a singular matrix has, too.",
    plans: [
      { of: "tr(W'*inv(X))", wrt: "X", records: ["s0-10"] },
      { of: "sum(W.*inv(X))", wrt: "X", records: ["s2-15"] },
      { of: "tr(W'*X*inv(X))", wrt: "X", records: ["s0-11"] },
      { of: "tr(W'*(inv(X)*X))", wrt: "X", records: ["s2-21"] },
      {
        of: "det(X)",
        wrt: "X",
        words: "The second of these records is at a singular X, of rank 2.",
        records: ["s0-12", "s0-12s", "s2-16", "s3-27"],
      },
      { of: "log(det(X))", wrt: "X", records: ["s2-17"] },
    ],
  },
  {
    id: "entrywise",
    title: "Entrywise functions and Hadamard products",
    words:
      "A function that is applied to each entry has the differential f′(X) ∘ dX. A Hadamard " +
      "product inside a trace may change places: tr(Aᵀ(B ∘ C)) = tr((A ∘ B)ᵀC).",
    plans: [
      { of: "sum(W.*exp(X))", wrt: "X", records: ["s0-01"] },
      { of: "sum(W.*sin(X))", wrt: "X", records: ["s1-01"] },
      { of: "sum(W.*sigmoid(X))", wrt: "X", records: ["s0-14"] },
      { of: "sum(W.*tanh(X))", wrt: "X", records: ["s0-14b"] },
      { of: "sum(X.^3)", wrt: "X", records: ["s1-13"] },
      { of: "tr(A*sin(X))", wrt: "X", records: ["s2-09"], show: ["numerator layout"] },
      { of: "sum(W.*sin(B'))", wrt: "B", records: ["s3-25"] },
      { of: "p'*exp(x)", wrt: "x", records: ["s0-03"] },
      { of: "sum(W.*(X.*Y))", wrt: "X", also: ["Y"], records: ["s0-13"] },
      { of: "tr(A'*(B.*C))", wrt: "B", also: ["A", "C"], records: ["s0-19"] },
      { of: "tr((A.*B)'*C)", wrt: "A", also: ["B", "C"], records: ["s1-10"] },
      { of: "sum(log(x))*(p'*x)", wrt: "x", records: ["s1-12"] },
    ],
  },
  {
    id: "scalar",
    title: "Functions of one number",
    words: "The rules of school, and what a number does to a matrix.",
    plans: [
      { of: "tr(a)", wrt: "a", title: "A number", records: ["s1-03"] },
      { of: "c*d", wrt: "c", also: ["d"], records: ["s1-14"] },
      { of: "sin(c)*exp(c)", wrt: "c", records: ["s0-02"] },
      { of: "c^3*cos(c)", wrt: "c", records: ["s1-11"] },
      { of: "a*tanh(c)", wrt: "c", records: ["s2-23"] },
      { of: "sum(W.*(c*A))", wrt: "c", records: ["s2-28"] },
      { of: "sum(W.*exp(c*X))", wrt: "c", also: ["X"], records: ["s2-08"] },
      { of: "sum(W.*((exp(c)*p)*(sin(c)*q)'))", wrt: "c", records: ["s3-12"] },
    ],
  },
  {
    id: "least-squares",
    title: "Least squares, with and without a bias",
    words:
      "The squared length of the residual. A bias is a vector, one number for each row, or one " +
      "number b for all rows, written b·𝟏.",
    plans: [
      {
        of: "norm2(X*w-y)^2",
        wrt: "w",
        words: "The gradient is zero at the solution of the normal equations, w = (XᵀX)⁻¹Xᵀy.",
        records: ["s0-25"],
        show: ["second derivative", "NumPy"],
      },
      { of: "(X*w-y)'*(X*w-y)", wrt: "w", also: ["X", "y"], records: ["s1-18"] },
      {
        of: "(X*u-v)'*(X*u-v)",
        wrt: "X",

        also: ["u", "v"],
        title: "The same by the data",
        records: ["s3-13"],
      },
      {
        of: "norm2(X*w-b-y)^2",
        wrt: "w",
        kinds: b,
        also: ["X", "b", "y"],
        title: "A bias for each row",
        records: ["s0-23", "s0-24", "s0-27"],
      },
      {
        of: "norm2(X*w-b*vector(1)-y)^2",
        wrt: "w",
        title: "One bias for all rows, by w",
        records: ["s0-23c"],
        show: ["TypeScript"],
      },
      {
        of: "norm2(X*w-b*vector(1)-y)^2",
        wrt: "b",
        title: "One bias for all rows, by b",
        words:
          "Where it is zero, b is the mean of the residuals Xw − y: the sum over the rows is zero.",
      },
      {
        of: "norm2(X*w-b-y)",
        wrt: "w",
        kinds: b,
        title: "The length, not squared",
        records: ["s0-23b"],
      },
      { of: "tr((X*U-V)'*(X*U-V))", wrt: "X", title: "Several columns", records: ["s3-13m"] },
    ],
  },
  {
    id: "pca",
    title: "Principal components",
    words:
      "The direction w of length 1 in which the variance wᵀΣw is largest. The covariance Σ is " +
      "symmetric, and λ is the multiplier of the condition wᵀw = 1.",
    plans: [
      {
        of: "w'*Σ*w+λ*(1-w'*w)",
        wrt: "w",
        kinds: symmetric("Σ"),
        also: ["λ"],
        title: "The Lagrangian",
        words:
          "Where it is zero, Σw = λw: the direction is an eigenvector, and its variance wᵀΣw the " +
          "eigenvalue λ. The second of these records is at such a point.",
        records: ["s1-19", "s1-19b"],
        show: ["second derivative"],
      },
      {
        of: "w'*Σ*w/(w'*w)",
        wrt: "w",
        kinds: symmetric("Σ"),
        title: "The Rayleigh quotient",
        words: "The same without a condition: only the direction of w counts.",
      },
    ],
  },
  {
    id: "svm",
    title: "Support vector machine",
    words:
      "The rows of X are the examples and y their classes, −1 or 1; λ has a multiplier for each " +
      "condition yᵢ(xᵢᵀw + b) ≥ 1.",
    plans: [
      { of: "0.5*norm2(w)^2", wrt: "w", title: "The objective", records: ["s1-20b"] },
      {
        of: "0.5*w'*w+λ'*(vector(1)-y.*(X*w))",
        wrt: "w",
        kinds: { λ: "vector" },
        also: ["λ"],
        title: "The Lagrangian",
        words: "Where it is zero, w = Σ λᵢyᵢxᵢ.",
        records: ["s1-20"],
      },
      {
        of: "0.5*w'*w+λ'*(vector(1)-y.*(X*w+b*vector(1)))",
        wrt: "b",
        kinds: { λ: "vector", b: "scalar" },
        also: ["w", "λ"],
        title: "The Lagrangian with a bias, by b",
        words: "Where it is zero, Σ λᵢyᵢ = 0: the condition that a bias adds to the dual problem.",
      },
    ],
  },
  {
    id: "jacobians",
    title: "Jacobians, in both layouts",
    words:
      "The derivative of a vector by a vector. Numerator layout has a row for each entry of the " +
      "function and a column for each of the variable, denominator layout is its transpose. The " +
      "gradient of the number pᵀf is the Jacobian in denominator layout times p.",
    plans: [
      { of: "x", wrt: "x", title: "The variable itself", records: ["s3-01v"] },
      { of: "A*x", wrt: "x", records: ["s0-26", "s2-27", "s3-05v"] },
      { of: "A'*x", wrt: "x", records: ["s3-03v", "s3-06v"] },
      { of: "A*exp(x)", wrt: "x", records: ["s2-05"] },
      { of: "tanh(A*x)", wrt: "x", records: ["s3-10"] },
      { of: "A*(y.*y)", wrt: "y", records: ["s3-18"] },
      { of: "c*a", wrt: "c", kinds: a, title: "A vector by a number", records: ["s2-26"] },
      { of: "exp(c)*p", wrt: "c", records: ["s2-07"] },
      {
        of: "a'*x",
        wrt: "x",
        kinds: a,
        title: "A number by a vector",
        records: ["s2-24"],
        show: ["numerator layout"],
      },
      { of: "p'*sin(x)", wrt: "x", records: ["s2-06"], show: ["numerator layout"] },
      { of: "p'*(y.*y)", wrt: "y", records: ["s3-17"], show: ["numerator layout"] },
      {
        of: "sin(A*x)'*(B*x)",
        wrt: "x",
        title: "The product of two vector functions",
        records: ["s3-11"],
      },
      {
        of: "sum(log(vector(1)+(A*tanh(u)).^2))",
        wrt: "u",
        title: "The chain rule",
        inner: "A*tanh(u)",
        records: ["s3-20"],
      },
    ],
  },
  {
    id: "second",
    title: "Second derivatives",
    words:
      "The derivative of the gradient, in numerator layout. By a matrix it has four axes, and is " +
      "written as a matrix that acts on the entries of X row by row: A ⊗ B takes dX to A·dX·Bᵀ, " +
      "and K takes it to its transpose. Texts that stack columns write B ⊗ A.",
    plans: [
      { of: "x'*A*x", wrt: "x", second: true, records: ["s3-09"] },
      { of: "tr(X'*A*X)", wrt: "X", second: true },
      { of: "norm2(X*w-y)^2", wrt: "w", second: true },
      { of: "logdet(X)", wrt: "X", second: true },
    ],
  },
];
