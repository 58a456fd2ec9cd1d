import { describe, expect, it } from "vitest";
import { type Derivation, derive, type Language } from "../../src/derive/index.js";
import {
  adjugate,
  cholesky,
  concat,
  diagPart,
  eigh,
  log,
  logSoftmax,
  matmul,
  matrixPower,
  max,
  mul,
  scalar,
  slice,
  solve,
  sum,
  type Tensor,
  tensor,
  trace,
  where,
} from "../../src/index.js";
import { hasPython, loaded, named, runPython, typeErrors } from "../support/code.js";
import { type GoldenRecord, load } from "../support/golden.js";

const numpy = hasPython("numpy");

type Of = (...args: Tensor[]) => Tensor;
const function_ = (f: Of, args: string[], rest: object = {}): Derivation =>
  derive(f, { args, ...rest });

const constant = tensor(new Float64Array([1, 2, 3, 4, 5, 6.5]), { shape: [2, 3] });
const indices = tensor([2, 0, 2], { dtype: "int32" });

/** What golden records do not have. */
const others: Readonly<Record<string, () => Derivation>> = {
  "a Hessian": () => derive("norm2(X*w-y)^2+a*sum(w.^3)", { wrt: "w" }).hessian(),
  "a Hessian by two variables": () => derive("norm2(X*w-y)^2", { wrt: "w" }).hessian({ wrt: "y" }),
  "a Hessian of a matrix": () => derive("tr(X'*A*X)", { wrt: "X" }).hessian(),
  "a Hessian with norms": () => derive("norm2(x)", { wrt: "x" }).hessian(),
  "a second derivative": () => derive("c^3*sin(c)", { wrt: "c" }).hessian(),
  "a symmetric matrix": () =>
    derive("x'*S*S*x+logdet(S)", { wrt: "S", kinds: { S: "symmetric matrix" } }),
  "a Jacobian by a symmetric matrix": () =>
    derive("S*S*x", { wrt: "S", kinds: { S: "symmetric matrix" } }),
  "the same in denominator layout": () =>
    derive("S*S*x", { wrt: "S", kinds: { S: "symmetric matrix" }, layout: "denominator" }),
  "a derivative by a scalar": () => derive("exp(c*A)*x", { wrt: "c" }),
  "a gradient in numerator layout": () =>
    derive("norm2(X*w-y)^2", { wrt: "X", layout: "numerator" }),
  "a gradient that is 0": () => function_((x, y) => y.sum().add(x.sum().mul(0)), ["n", "m"]),
  "a value that is a number": () => function_(() => scalar(3, { dtype: "float64" }), ["n"]),
  "an inverse and its powers": () =>
    function_((X, b) => matmul(matrixPower(X, -2), b).sum(), ["n×n", "n"]),
  "the trace of a power": () => function_((X) => trace(matrixPower(X, 3)), ["n×n"]),
  "diagonal matrices": () => derive("tr(diag(x)*A*diag(x)*B)", { wrt: "x" }),
  "an adjugate": () => function_((X, A) => mul(A, adjugate(X)).sum(), ["n×n", "n×n"]),
  "a Kronecker product": () => derive("norm2(kron(A,X)*b)^2", { wrt: "A" }),
  "a row and a column": () => derive("sum(sin(kron(x,y')))", { wrt: "x" }),
  broadcasting: () => function_((X, b) => X.add(b).exp().mul(b).sum(), ["m×n", "n"], { wrt: 1 }),
  means: () =>
    function_(
      (X) =>
        X.sub(X.mean({ axis: 0 }))
          .square()
          .sum(),
      ["m×n"],
    ),
  "lengths of axes": () =>
    function_(
      (x) => {
        const c = 1 / Math.sqrt(x.shape[0] as number);
        return x.mul(c).exp().sum().mul(c).add(x.mul(c).sum());
      },
      ["n"],
    ),
  "lengths of axes in means": () =>
    function_(
      (x, Y) =>
        x
          .mean()
          .exp()
          .add(Y.sum().mul(x.sub(x.mean()).exp().mean())),
      ["n", "m×k"],
    ),
  "batches of matrices": () =>
    function_((X, W) => X.matmul(W).tanh().sum(), ["b×m×n", "n×k"], { wrt: 1 }),
  "a matrix of one column": () =>
    function_((X, y) => X.matmul(y).square().sum(), ["m×1", "1"], { wrt: 0 }),
  "a classifier": () =>
    function_((X, W, Y) => sum(mul(Y, logSoftmax(X.matmul(W)))).neg(), ["m×n", "n×k", "m×k"], {
      wrt: 1,
    }),
  "a support vector machine": () =>
    derive("0.5*w'*w+c*sum(relu(vector(1)-y.*(X*w)))", { wrt: "w" }),
  "choices of values": () =>
    function_((x, y) => where(x.greater(y), x.mul(y), x.sub(y)).sum(), ["n", "n"]),
  "choices by numbers": () => function_((x, y) => where(x, x.mul(y), y).sum(), ["n", "n"]),
  "a maximum": () => function_((X) => max(X, { axis: 1 }).square().sum(), ["m×n"]),
  "parts of vectors": () =>
    function_(
      (x) =>
        slice(x, [1])
          .mul(slice(x, [0], [3]))
          .sum(),
      ["4"],
    ),
  "vectors in a row": () => function_((x, y) => concat([x, y]).exp().sum(), ["m", "n"]),
  "elements by index": () => function_((x) => x.take(indices).exp().sum(), ["3"]),
  "a constant": () => function_((x) => matmul(constant, x).square().sum(), ["3"]),
  "a Cholesky factor": () =>
    function_(
      (A, b) =>
        log(diagPart(cholesky(A)))
          .sum()
          .add(solve(A, b).mul(b).sum()),
      ["n×n", "n"],
    ),
  eigenvalues: () => function_((A) => eigh(A).w.exp().sum(), ["n×n"]),
  "erf, from SciPy": () => function_((x) => x.erf().sum(), ["n"]),
  "a long sum": () =>
    derive("sum(log(a*exp((Y*P*m).*(Y*m))+(1-a)*exp((Y*P*n).*(Y*n))))", { wrt: "P" }),
  "names that mean something else": () =>
    function_(
      (a, b, c, d, e) => a.matmul(b).mul(c).sum().add(d.square().sum()).mul(e),
      ["m×n", "n", "m", "k", ""],
      { names: ["lambda", "np", "t0", "value", "m"] },
    ),
  "names from elsewhere": () =>
    function_(
      (a, b, c, d) => a.matmul(b).mul(c).sum().add(d.square().sum()),
      ["m×n", "n", "m", "k"],
      { names: ["σ", "x₁", "dtype", "gradient"], wrt: 3 },
    ),
};

describe("code for other formulas", () => {
  it.each(Object.entries(others))("%s, in TypeScript", async (_, derivation) => {
    const { check } = await loaded(derivation().code("typescript"));
    expect(check()).toBeLessThan(1e-8);
    expect(check(5)).toBeLessThan(1e-8);
  });

  it("has no type errors", () => {
    const records = [...load<GoldenRecord>("seeds"), ...load<GoldenRecord>("cookbook")];
    const some = records.filter((_, i) => i % 6 === 0);
    expect(some.length).toBeGreaterThan(30);
    const golden = some.map((record) => named(record, record.wrt));
    const all = [...golden, ...Object.values(others).map((derivation) => derivation())];
    expect(typeErrors(all.map((derivation) => derivation.code("typescript")))).toEqual([]);
  });

  const run = (language: Language, chosen: readonly string[]): Record<string, string> => {
    const cases = chosen.map((name) => ({ code: others[name]?.().code(language) ?? "" }));
    const bound = language === "jax" ? 1e-8 : 1e-5;
    const results = runPython(cases).map(({ error, check }, i) => {
      const off = check !== undefined && check < bound ? [] : [[chosen[i], error ?? `${check}`]];
      return off as [string, string][];
    });
    return Object.fromEntries(results.flat());
  };

  const scipy = ["erf, from SciPy"];
  it.skipIf(!numpy)("runs in NumPy", () => {
    const names = Object.keys(others).filter((name) => !scipy.includes(name));
    expect(run("numpy", names)).toEqual({});
  });

  it.skipIf(!hasPython("scipy.special"))("runs in NumPy with SciPy", () => {
    expect(run("numpy", scipy)).toEqual({});
  });

  it.skipIf(!hasPython("jax"))("runs in JAX", () => {
    const some = ["a symmetric matrix", "a Hessian", "a classifier", "eigenvalues", ...scipy];
    expect(run("jax", some)).toEqual({});
  });
});
