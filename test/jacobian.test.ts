import { describe, expect, it } from "vitest";
import {
  eigh,
  grad,
  jacobian,
  jvp,
  linearize,
  random,
  scalar,
  stack,
  type Tensor,
  tensor,
  UsageError,
  vjp,
} from "../src/index.js";
import { memory } from "../src/kernels/memory.js";

const dtype = "float64" as const;
const wide = (values: Parameters<typeof tensor>[0]): Tensor => tensor(values, { dtype });
const x = wide([0.3, -0.7, 1.1]);
const X = random.normal([2, 3], { seed: 1, dtype });
const A = random.normal([4, 3], { seed: 2, dtype });

/** Column by column with jvp: the definition. */
function byColumns(f: (x: Tensor) => Tensor, at: Tensor): number[] {
  const columns = Array.from({ length: at.size }, (_, j) => {
    const unit = new Float64Array(at.size);
    unit[j] = 1;
    return jvp(f, [at], [tensor(unit, { shape: at.shape })])[1].data();
  });
  const rows = columns[0]?.length ?? 0;
  return Array.from({ length: rows }, (_, i) => columns.map((c) => c[i] as number)).flat();
}

function same(got: Tensor, want: ArrayLike<number>, tolerance = 1e-13): void {
  const data = got.data();
  expect(data.length).toBe(want.length);
  for (let i = 0; i < data.length; i++) {
    expect(Math.abs((data[i] as number) - (want[i] as number))).toBeLessThanOrEqual(tolerance);
  }
}

/** One function from each kind to each kind, as the texts tabulate them. */
const table: [name: string, f: (x: Tensor) => Tensor, at: Tensor, y: number[]][] = [
  ["scalar by scalar", (x) => x.sin(), scalar(0.4, { dtype }), []],
  ["vector by scalar", (x) => x.mul(wide([1, 2])).exp(), scalar(0.4, { dtype }), [2]],
  ["matrix by scalar", (x) => X.mul(x).tanh(), scalar(0.4, { dtype }), [2, 3]],
  ["scalar by vector", (x) => x.exp().sum().log(), x, []],
  ["vector by vector", (x) => A.matmul(x).tanh(), x, [4]],
  ["matrix by vector", (x) => x.outer(x.square()), x, [3, 3]],
  ["scalar by matrix", (X) => X.matmul(X.T).det(), X, []],
  ["vector by matrix", (X) => X.matmul(x).sigmoid(), X, [2]],
  ["matrix by matrix", (X) => A.matmul(X.T).exp(), X, [4, 2]],
  ["batch by matrix", (X) => stack([X, X.square()]), X, [2, 2, 3]],
];

describe("jacobian", () => {
  it.each(table)("%s, both layouts, however it is swept", (_, f, at, y) => {
    const want = byColumns(f, at);
    for (const options of [{}, { mode: "forward" }, { mode: "reverse" }, { chunk: 2 }] as const) {
      const J = jacobian(f, options)(at);
      expect(J.shape).toEqual([...y, ...at.shape]);
      same(J, want);
    }
    for (const mode of ["forward", "reverse"] as const)
      same(jacobian(f, { mode, chunk: 2 })(at), want);
    const D = jacobian(f, { layout: "denominator" })(at);
    expect(D.shape).toEqual([...at.shape, ...y]);
    same(D.reshape([at.size, -1]).T, want);
    same(jacobian(f, { form: "operator" })(at).dense(), want);
  });

  it("names its layout where it is printed", () => {
    const f = (x: Tensor) => x.square();
    expect(String(jacobian(f)(x))).toMatch(/^Tensor float64 \[3, 3\], numerator layout\n/);
    expect(String(jacobian(f, { layout: "denominator" })(x))).toMatch(/denominator layout\n/);
    expect(String(jacobian(f, { form: "operator" })(x))).toMatch(/^Jacobian, numerator layout\n/);
    const G = grad((x: Tensor) => x.square().sum(), { layout: "numerator" })(x);
    expect(String(G)).toMatch(/^Tensor float64 \[1, 3\], numerator layout\n/);
    expect(String(G.mul(2))).toMatch(/^Tensor float64 \[1, 3\]\n/);
  });

  it("gives operators in both layouts: the matrix, the formula and the dense tensor agree", () => {
    const f = (x: Tensor) => A.matmul(x);
    const own = { form: "operator", layout: "denominator" } as const;
    const D = jacobian(f, own)(x);
    expect(D.matrix().toArray()).toEqual(A.T.toArray());
    expect(D.dense().toArray()).toEqual(A.T.toArray());
    expect(String(D)).toMatch(/^Jacobian, denominator layout\n\(C1\)ᵀ\n/);
    expect(D.apply(x).toArray()).toEqual(A.matmul(x).toArray());
    const tree = (p: { a: Tensor }) => ({ u: p.a.exp(), v: [p.a.sum()] });
    const lines = String(jacobian(tree, { form: "operator", names: ["p"] })({ a: x })).split("\n");
    expect(lines.slice(1)).toEqual(["∂y.u/∂p.a = diag(exp(p.a))", "∂y.v[0]/∂p.a = 𝟏ᵀ"]);
  });

  it("gives a tree of trees", () => {
    const f = (p: { a: Tensor; b: Tensor[] }) => ({
      u: p.a.mul((p.b[0] as Tensor).sum()),
      v: [(p.b[0] as Tensor).matmul(p.a)],
      w: p.a.sum(),
    });
    const at = { a: x, b: [A] };
    for (const options of [{}, { mode: "forward" }, { mode: "reverse" }] as const) {
      const J = jacobian(f, options)(at);
      same(
        J.u.a,
        byColumns((a) => f({ a, b: [A] }).u, x),
      );
      same(
        J.u.b[0] as Tensor,
        byColumns((b) => f({ a: x, b: [b] }).u, A),
      );
      same(
        J.v[0]?.a as Tensor,
        byColumns((a) => f({ a, b: [A] }).v[0] as Tensor, x),
      );
      same(
        J.v[0]?.b[0] as Tensor,
        byColumns((b) => f({ a: x, b: [b] }).v[0] as Tensor, A),
      );
      same(J.w.b[0] as Tensor, new Float64Array(12));
    }
  });

  it("differentiates the arguments chosen", () => {
    const f = (x: Tensor, A: Tensor) => A.matmul(x);
    const [byA, byX] = jacobian(f, { wrt: [1, 0] })(x, A);
    expect(byA.shape).toEqual([4, 4, 3]);
    same(byX, A.data());
    expect(jacobian(f, { wrt: 1 })(x, A).shape).toEqual([4, 4, 3]);
  });

  it("is 0 where nothing depends on the argument, and keeps its dtype", () => {
    const J = jacobian((x: Tensor) => x.mul(0).add(A))(scalar(1, { dtype: "float32" }));
    expect([J.shape, J.dtype]).toEqual([[4, 3], "float64"]);
    expect(jacobian((_: Tensor) => A)(x).toArray()).toEqual(
      jacobian((_: Tensor) => A, { mode: "reverse" })(x).toArray(),
    );
    expect(jacobian((x: Tensor) => x.sin())(tensor([1, 2])).dtype).toBe("float32");
  });

  it("works on empty tensors", () => {
    const none = wide([]);
    expect(jacobian((x: Tensor) => x.exp())(none).shape).toEqual([0, 0]);
    expect(jacobian((x: Tensor) => x.exp(), { mode: "forward" })(none).shape).toEqual([0, 0]);
    expect(jacobian((x: Tensor) => x.sum())(none).shape).toEqual([0]);
  });

  it("nests, with itself and every other transform", () => {
    const f = (x: Tensor) => A.matmul(x.sin()).square();
    const second = jacobian(jacobian(f))(x);
    expect(second.shape).toEqual([4, 3, 3]);
    for (const inner of ["forward", "reverse"] as const) {
      for (const outer of ["forward", "reverse"] as const) {
        same(jacobian(jacobian(f, { mode: inner }), { mode: outer })(x), second.data());
      }
    }
    const size = (x: Tensor) => jacobian(f)(x).square().sum();
    same(grad(size)(x), byColumns(size, x), 1e-12);
    const along = (x: Tensor) => jvp(f, [x], [wide([1, 2, 3])])[1];
    same(jacobian(along)(x), byColumns(along, x), 1e-12);
  });

  it("refuses what it cannot do, by name", () => {
    const f = (x: Tensor) => x.square();
    expect(() => jacobian(3 as never)).toThrow(
      "jacobian: f is a number (3); a function that returns tensors was wanted",
    );
    expect(() => jacobian(f, { mode: "both" as never })).toThrow('"forward" or "reverse"');
    expect(() => jacobian(f, { mod: "forward" } as never)).toThrow(
      "jacobian: there is no option mod; did you mean mode? the options are wrt, layout, form, mode, chunk, names",
    );
    expect(() => jacobian(f, { chunk: 0.5 })).toThrow("jacobian: chunk is 0.5; the number of");
    expect(() => jacobian(f, { form: "matrix" as never })).toThrow('"dense" or "operator"');
    expect(() => jacobian(f, { layout: "rows" as never })).toThrow('"numerator" or "denominator"');
    expect(() => jacobian((async (x: Tensor) => x) as never)(x)).toThrow("returned a Promise");
    expect(() => jacobian((() => 3) as never)(x)).toThrow(UsageError);
    expect(() => jacobian(f)(tensor([1]).cast("int32"))).toThrow("which has no derivative");
    expect(() => jacobian(f, { form: "operator" })(x).apply(wide([1]))).toThrow(
      "Jacobian.apply, V: it is [1]; the shape [3] was wanted",
    );
    expect(() =>
      jacobian((x: Tensor) => x.sum(), { form: "operator" })(x).solve(scalar(1)),
    ).toThrow("Jacobian.solve: the map leads from 3 numbers to 1");
  });

  it("leaves errors of the rules as they are, and memory as it was", () => {
    const before = memory().used;
    const I = wide([
      [1, 0],
      [0, 1],
    ]);
    const vectors = (X: Tensor) => eigh(X).V;
    expect(() => jacobian(vectors)(I)).toThrow("eigenvalues 1 and 2 coincide");
    for (let i = 0; i < 50; i++) jacobian((X: Tensor) => X.matmul(X.T).tanh())(X);
    expect(memory().used - before).toBeLessThan(50 * 36 * 8 + 10_000);
  });
});

describe("linearize", () => {
  const f = (x: Tensor, y: Tensor) => ({ p: x.mul(y).sin(), q: x.sum().exp() });
  const y = wide([1, 2, -1]);

  it("gives the value, and jvp for any number of tangents from one run", () => {
    let runs = 0;
    const counted = (x: Tensor, y: Tensor) => {
      runs++;
      return f(x, y);
    };
    const [value, push] = linearize(counted, x, y);
    same(value.p, f(x, y).p.data());
    for (let seed = 0; seed < 3; seed++) {
      const [dx, dy] = [5, 9].map((k) => random.normal([3], { seed: seed + k, dtype }));
      const [, want] = jvp(f, [x, y], [dx as Tensor, dy as Tensor]);
      const got = push(dx as Tensor, dy as Tensor);
      same(got.p, want.p.data(), 0);
      same(got.q, want.q.data(), 0);
    }
    expect(runs).toBe(1);
  });

  it("is the transpose of the pullback", () => {
    const [, push] = linearize(f, x, y);
    const [, pull] = vjp(f, x, y);
    const bar = { p: wide([1, -2, 3]), q: scalar(0.5, { dtype }) };
    const d = push(y, x);
    const [xbar, ybar] = pull(bar);
    const left = d.p.mul(bar.p).sum().add(d.q.mul(bar.q)).item();
    expect(left).toBeCloseTo(xbar.dot(y).add(ybar.dot(x)).item(), 12);
  });

  it("differentiates, and refuses tangents of another form", () => {
    const g = (x: Tensor) => linearize((x: Tensor) => x.sin(), x)[1](y).sum();
    same(grad(g)(x), x.sin().mul(y).neg().data());
    const push = linearize(f, x, y)[1] as (...tangents: Tensor[]) => unknown;
    expect(() => push(x)).toThrow(UsageError);
    expect(() => push(x, wide([1]))).toThrow("linearize, tangents: [1] is [1]; the shape [3]");
  });
});
