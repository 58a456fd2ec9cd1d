import { describe, expect, it } from "vitest";
import {
  eye,
  grad,
  hessian,
  hvp,
  jacobian,
  leaves,
  logdet,
  logsumexp,
  random,
  scalar,
  softplus,
  type Tensor,
  tensor,
  trace,
  vmap,
} from "../src/index.js";
import { memory } from "../src/kernels/memory.js";

const dtype = "float64" as const;
const normal = (shape: number[], seed: number): Tensor => random.normal(shape, { seed, dtype });
const I3 = eye(3, { dtype });

/** How far apart two tensors or trees of them are, relative to the size of the second. */
function apart(a: unknown, b: unknown): number {
  const [p, q] = [leaves(a), leaves(b)];
  expect(p.map((x) => x.shape)).toEqual(q.map((x) => x.shape));
  const size = Math.max(1, ...q.map((x) => (x.size ? x.abs().max().item() : 0)));
  const off = p.map((x, i) =>
    x.size
      ? x
          .sub(q[i] as Tensor)
          .abs()
          .max()
          .item()
      : 0,
  );
  return Math.max(0, ...off) / size;
}

/** A formula as `String` prints it, without its title. */
const formula = (operator: object): string => String(operator).split("\n").slice(1).join("\n");

const data = normal([7, 3], 1);
const labels = random.uniform([7], { seed: 2, dtype }).greater(0.5).cast(dtype);
const vector = normal([3], 3);
const matrix = normal([3, 2], 4);
const square = normal([3, 3], 5);
const other = normal([4, 2], 6);
const target = normal([3, 4], 7);

const factorization = (U: Tensor, V: Tensor, T: Tensor) => T.sub(U.matmul(V.T)).square().sum();
const quadratic = (x: Tensor, A: Tensor) => x.dot(A.matmul(x));
const logistic = (w: Tensor, X: Tensor, y: Tensor) => {
  const z = X.matmul(w);
  return softplus(z).sub(y.mul(z)).sum();
};
const ridge = (w: Tensor, X: Tensor, y: Tensor) =>
  X.matmul(w).sub(y).square().sum().add(w.square().sum().mul(0.1));

/** Function, its arguments, the formula; the Hessian is by the first argument. */
const cases: [name: string, f: (...args: Tensor[]) => Tensor, args: Tensor[], text: string][] = [
  ["matrix factorization", factorization, [matrix, other, target], "2·(VᵀV ⊗ I)"],
  ["quadratic form", quadratic, [vector, square], "A + Aᵀ"],
  ["logistic regression", logistic, [vector, data, labels], "Xᵀ·diag(σ(X·w)∘(1 − σ(X·w)))·X"],
  ["ridge", ridge, [vector, data, labels], "0.2·I + 2·XᵀX"],
  [
    "least squares by matmul",
    (w, X) => X.matmul(w).square().mean(),
    [vector, data],
    "0.2857143·XᵀX",
  ],
  ["product with itself", (X) => X.mul(X).sum(), [matrix], "2·I"],
  ["trace form", (X, A) => trace(X.T.matmul(A).matmul(X)), [matrix, square], "(I ⊗ Aᵀ) + (I ⊗ A)"],
  ["trace of a square", (X) => trace(X.matmul(X)), [square], "2·K"],
  ["entrywise", (x) => x.exp().sum(), [matrix], "diag(vec(exp(x)))"],
  ["entrywise of a vector", (x) => x.exp().sum(), [vector], "diag(exp(x))"],
  ["squared sum", (w) => w.sum().square(), [vector], "2·𝟏·𝟏ᵀ"],
  ["column sums", (X) => X.sum({ axis: 0 }).square().sum(), [matrix], "2·(I ⊗ 𝟏·𝟏ᵀ)"],
  ["row sums", (X) => X.sum({ axis: 1 }).square().sum(), [matrix], "2·(𝟏·𝟏ᵀ ⊗ I)"],
  [
    "inner product squared",
    (X, A) => X.mul(A).sum().square(),
    [matrix, matrix],
    "2·vec(A)·vec(A)ᵀ",
  ],
  ["log determinant", (X) => logdet(X), [square.matmul(square.T)], "−(X⁻¹ ⊗ (X⁻¹)ᵀ)·K"],
  ["linear", (x, A) => x.dot(A), [vector, vector], "0"],
  ["scalar", (x) => x.pow(3), [scalar(2, { dtype })], "6·x·I"],
];

describe("hessian, structure", () => {
  it.each(cases)("%s", (_, f, args, text) => {
    const names = /^\(?(\w+)(?:, (\w+))?(?:, (\w+))?\)? =>/.exec(String(f))?.slice(1) as string[];
    const given = args.map((_, i) => (names[i] as string).replace(/\d+$/, ""));
    const H = hessian(f, { form: "operator", names: given })(...args);
    expect(H.structured).toBe(true);
    expect(formula(H)).toBe(text);
    const x = args[0] as Tensor;
    const gradient = (x: Tensor) => grad(f)(x, ...args.slice(1));
    const swept = jacobian(gradient, { mode: "forward" })(x);
    const n = x.size;
    expect(apart(H.dense(), swept)).toBeLessThan(1e-13);
    expect(apart(hessian(f)(...args), swept)).toBeLessThan(1e-13);
    expect(apart(H.matrix({ order: "row" }), swept.reshape([n, n]))).toBeLessThan(1e-13);
    const V = normal([...x.shape], 11);
    expect(
      apart(
        H.apply(V),
        swept
          .reshape([n, n])
          .matmul(V.reshape([n]))
          .reshape(x.shape),
      ),
    ).toBeLessThan(1e-13);
    expect(apart(H.value, f(...args))).toBe(0);
    expect(apart(H.gradient, gradient(x))).toBe(0);
  });

  it("is the matrix that the formula says", () => {
    const H = hessian(factorization, { form: "operator" })(matrix, other, target);
    const want = other.T.matmul(other).mul(2).kron(I3);
    expect(apart(H.matrix(), want)).toBeLessThan(1e-14);
    // K takes vec(X) to vec(Xᵀ).
    const K = hessian((X: Tensor) => trace(X.matmul(X)), { form: "operator" })(square).matrix();
    const vec = (X: Tensor) => X.T.reshape([9, 1]);
    expect(apart(K.matmul(vec(square)), vec(square.T).mul(2))).toBe(0);
  });

  it("takes names from the function, from options, and of constants", () => {
    const f = (weights: Tensor) => data.matmul(weights).square().sum();
    expect(formula(hessian(f, { form: "operator" })(vector))).toBe(
      "2·C1ᵀ·C1\nC1 is a constant of shape [7, 3]",
    );
    const g = (weights: Tensor) => weights.pow(4).sum();
    expect(formula(hessian(g, { form: "operator" })(vector))).toMatch(/diag\(.*weights.*\)/);
    expect(formula(hessian(g, { form: "operator", names: ["w"] })(vector))).not.toMatch(/weights/);
    const tree = (p: { a: Tensor; b: Tensor[] }) => p.a.dot((p.b[0] as Tensor).exp());
    const H = hessian(tree, { form: "operator", names: ["p"] })({ a: vector, b: [vector] });
    expect(formula(H).split("\n")).toEqual([
      "∂²/∂p.a∂p.a = 0",
      "∂²/∂p.a∂p.b[0] = diag(exp(p.b[0]))",
      "∂²/∂p.b[0]∂p.a = diag(exp(p.b[0]))",
      "∂²/∂p.b[0]∂p.b[0] = diag(exp(p.b[0])∘p.a)",
    ]);
  });

  it("never makes n² × n² numbers", () => {
    const [U, V] = [random.normal([1000, 10], { seed: 1 }), random.normal([1000, 10], { seed: 2 })];
    const T = random.normal([1000, 1000], { seed: 3 });
    const H = hessian(factorization, { form: "operator" })(U, V, T);
    const step = H.solve(H.gradient);
    // The function is quadratic in U: one Newton step leads to the minimum.
    const G = grad(factorization)(U.sub(step), V, T);
    expect(G.abs().max().item()).toBeLessThan(1e-3 * H.gradient.abs().max().item());
    expect(memory().used).toBeLessThan(64 * 2 ** 20);
  });
});

describe("hessian, solve", () => {
  const solved = (f: (x: never) => Tensor, x: unknown, tolerance = 1e-11): void => {
    const H = hessian(f as (x: unknown) => Tensor, { form: "operator" })(x);
    expect(apart(H.solve(H.apply(x as never)), x)).toBeLessThan(tolerance);
  };

  it.each<[string, (x: Tensor) => Tensor, Tensor]>([
    ["a Kronecker product", (U) => factorization(U, other, target), matrix],
    ["one from both sides", (X) => square.matmul(X).matmul(other.T).square().sum(), matrix],
    ["a vector", (x) => logistic(x, data, labels), vector],
    ["a diagonal", (x) => x.exp().sum(), vector],
    ["a diagonal of a matrix", (X) => X.exp().sum().add(X.square().sum()), matrix],
    ["a multiple of the identity", (X) => X.square().sum().mul(3), matrix],
    ["a transpose", (X) => trace(X.matmul(X)), square],
    [
      "both sides, as Sylvester's equation",
      (X) => square.matmul(X).square().sum().add(X.matmul(other.T).square().sum()),
      matrix,
    ],
    ["sums on one side", (X) => factorization(X, other, target).add(X.square().sum()), matrix],
    [
      "no structure to solve by",
      (X) => logdet(X.matmul(X.T).add(I3)).add(X.square().sum()),
      matrix,
    ],
    ["no structure at all", (X) => X.matmul(other.T).tanh().matmul(other).square().sum(), matrix],
    ["a scalar", (x) => x.pow(3), scalar(2, { dtype })],
  ])("%s", (_, f, x) => solved(f, x));

  it("trees", () => {
    const f = (p: { w: Tensor; b: Tensor }) => data.matmul(p.w).add(p.b).sub(labels).square().sum();
    solved(f, { w: vector, b: scalar(0.3, { dtype }) });
  });

  it("adds a multiple of the identity", () => {
    for (const f of [
      (X: Tensor) => factorization(X, other, target),
      (X: Tensor) => X.matmul(other.T).tanh().square().sum(),
      (X: Tensor) => X.exp().sum(),
      (X: Tensor) => X.sum().square(),
    ]) {
      const H = hessian(f, { form: "operator" })(matrix);
      const V = H.solve(matrix, { shift: 3 });
      expect(apart(H.apply(V).add(V.mul(3)), matrix)).toBeLessThan(1e-12);
    }
  });

  it("says when there is no solution", () => {
    const flat = hessian((x: Tensor) => x.sum().square(), { form: "operator" })(vector);
    expect(() => flat.solve(vector)).toThrow("solve: A is singular (pivot 2 is 0)");
    const large = random.normal([70, 70], { seed: 1 });
    const mixed = (X: Tensor) => X.matmul(X).tanh().square().sum();
    const H = hessian(mixed, { form: "operator" })(large);
    expect(() => H.solve(large)).toThrow(
      "Hessian.solve: it has no structure to solve by, and a matrix of order 4900 is too large",
    );
  });
});

describe("hessian, in general", () => {
  const mlp = (p: { W: Tensor; b: Tensor }[]): Tensor =>
    p
      .reduce((h, { W, b }, i) => (i === 0 ? data : h).matmul(W).add(b).tanh(), data)
      .square()
      .mean();
  const params = [
    { W: normal([3, 4], 21), b: normal([4], 22) },
    { W: normal([4, 2], 23), b: normal([2], 24) },
  ];

  it("is a tree of trees, symmetric, for models without a structure", () => {
    const H = hessian(mlp)(params);
    expect(H[0]?.W[1]?.b.shape).toEqual([3, 4, 2]);
    const operator = hessian(mlp, { form: "operator" })(params);
    expect(operator.structured).toBe(false);
    expect(String(operator)).toMatch(
      /no sum of Kronecker products and diagonals \(it ends at matmul of/,
    );
    const M = operator.matrix({ order: "row" });
    expect(M.shape).toEqual([26, 26]);
    expect(apart(M, M.T)).toBeLessThan(1e-12);
    for (const chunk of [1, 3, 100])
      expect(apart(hessian(mlp, { chunk })(params), H)).toBeLessThan(1e-13);
    for (const mode of ["forward", "reverse"] as const) {
      expect(apart(jacobian(grad(mlp), { mode })(params), H)).toBeLessThan(1e-13);
    }
    const v = params.map(({ W, b }) => ({ W: W.sin(), b: b.cos() }));
    expect(apart(operator.apply(v), hvp(mlp, [params], [v])[0])).toBeLessThan(1e-13);
  });

  it("differentiates, maps, and is mapped", () => {
    const f = (x: Tensor) => logsumexp(data.matmul(x)).add(x.pow(3).sum());
    const trace3 = (x: Tensor) => trace(hessian(f)(x));
    const step = 1e-5;
    const numeric = [0, 1, 2].map((i) => {
      const e = tensor(
        [0, 1, 2].map((k) => (k === i ? step : 0)),
        { dtype },
      );
      return (trace3(vector.add(e)).item() - trace3(vector.sub(e)).item()) / (2 * step);
    });
    expect(apart(grad(trace3)(vector), tensor(numeric, { dtype }))).toBeLessThan(1e-8);
    const byOperator = (x: Tensor) => trace(hessian(f, { form: "operator" })(x).dense());
    expect(apart(grad(byOperator)(vector), grad(trace3)(vector))).toBeLessThan(1e-13);
    const many = normal([5, 3], 9);
    const each = vmap(hessian(f))(many);
    expect(each.shape).toEqual([5, 3, 3]);
    expect(
      apart(each.slice([2], [1]).reshape([3, 3]), hessian(f)(many.slice([2], [1]).reshape([3]))),
    ).toBeLessThan(1e-14);
  });

  it("takes other arguments and several, and keeps the dtype", () => {
    const H = hessian(factorization, { wrt: [0, 1] })(matrix, other, target);
    expect(H[0][1].shape).toEqual([3, 2, 4, 2]);
    expect(apart(H[0][1].transpose([2, 3, 0, 1]), H[1][0])).toBeLessThan(1e-14);
    expect(apart(H[0][0], hessian(factorization)(matrix, other, target))).toBe(0);
    const single = hessian((x: Tensor) => x.exp().sum())(tensor([1, 2]));
    expect([single.dtype, String(single)]).toEqual([
      "float32",
      expect.stringContaining("float32 [2, 2], numerator layout"),
    ]);
  });

  it("refuses as grad does", () => {
    expect(() => hessian((x: Tensor) => x)(vector)).toThrow(
      "hessian: the function returned a tensor of shape [3]",
    );
    expect(() => hessian((x: Tensor) => x.sum())(tensor([1]).cast("int32"))).toThrow(
      "has no derivative",
    );
    expect(() => hvp((x: Tensor) => x.sum(), [vector], [scalar(1)])).toThrow(
      "hvp, vectors: [0] is []; the shape [3]",
    );
    const H = hessian((x: Tensor) => x.square().sum(), { form: "operator" })(vector);
    expect(() => H.apply(scalar(1))).toThrow(
      "Hessian.apply, V: it is []; the shape [3] was wanted",
    );
    expect(() => H.matrix({ order: "rows" as never })).toThrow('use "row" or "column"');
  });
});
