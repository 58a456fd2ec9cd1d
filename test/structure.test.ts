import { describe, expect, it } from "vitest";
import {
  grad,
  hessian,
  jacobian,
  leaves,
  ones,
  random,
  stack,
  type Tensor,
  tensor,
  tidy,
  vmap,
} from "../src/index.js";
import { cpuTime } from "./cpu_time.js";

// Where a structure is found, hidden, refused or written down wrongly: each was a bug once.

const dtype = "float64" as const;
const wide = (values: Parameters<typeof tensor>[0]): Tensor => tensor(values, { dtype });
const normal = (shape: number[], seed: number): Tensor => random.normal(shape, { seed, dtype });
const operator = { form: "operator" } as const;

function same(got: unknown, want: unknown, tolerance = 1e-13): void {
  const [a, b] = [leaves(got), leaves(want)];
  expect(a.map((x) => x.shape)).toEqual(b.map((x) => x.shape));
  a.forEach((x, i) => {
    const off = x.sub(b[i] as Tensor).abs();
    expect(x.size === 0 ? 0 : off.max().item()).toBeLessThanOrEqual(tolerance);
  });
}

describe("structure, as a sweep has it", () => {
  const x4 = wide([1, 2, 3, 4]);
  it.each<[string, (x: Tensor) => Tensor, Tensor]>([
    ["a vector times [1, 1]", (x) => x.mul(normal([1, 1], 1)).matmul(normal([4, 1], 2)), x4],
    ["a vector times [1, n]", (x) => x.mul(normal([1, 4], 1)).matmul(normal([4, 1], 2)), x4],
    ["a vector beside a matrix", (x) => x.mul(normal([3, 4], 1)), x4],
    ["a vector plus a column", (x) => x.add(normal([3, 1], 1)), x4],
    [
      "one element times a vector",
      (x) => normal([2, 1], 1).matmul(x.mul(wide([1, 2, 3]))),
      wide([[5]]),
    ],
    ["a scalar times a matrix", (x) => x.mul(normal([2, 3], 1)).matmul(normal([3, 2], 2)), wide(2)],
    [
      "a mean times ones",
      (x) =>
        x
          .sub(ones([1, 3]))
          .mean({ axis: 1, keepDims: true })
          .mul(ones([1, 3])),
      wide(2),
    ],
    ["a sum times a matrix", (X) => X.sum().mul(normal([2, 3], 1)), normal([2, 2], 3)],
    ["rank 3 without an op", (X) => X, normal([2, 2, 2], 1)],
    ["rank 3 in a sum", (X) => X.sum({ axis: 0 }), normal([2, 2, 2], 1)],
    [
      "both sides",
      (X) =>
        normal([2, 2], 1)
          .matmul(X.T)
          .matmul(normal([2, 3], 2)),
      normal([2, 2], 3),
    ],
    ["a batch", (X) => stack([X, X.T]), normal([2, 2], 1)],
  ])("%s", (_, f, x) => {
    const want = jacobian(f, { mode: "reverse" })(x);
    same(jacobian(f)(x), want);
    same(jacobian(f, operator)(x).dense(), want);
  });

  it("keeps sums of terms short: loops take linear time, and no digit is lost", () => {
    const smoothed = (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 500; i++) y = y.mul(0.9).add(x.mul(0.1));
      return y.square().sum();
    };
    const start = cpuTime();
    same(
      hessian(smoothed)(wide([1, 1.01])),
      wide([
        [2, 0],
        [0, 2],
      ]),
      1e-12,
    );
    expect(cpuTime() - start).toBeLessThan(5000); // it took minutes
    const residual = (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 20; i++) y = y.add(y.sin());
      return y;
    };
    const at = tensor([3, 3.3, 2.9]);
    const swept = jacobian(residual, { mode: "forward" })(at);
    const off = jacobian(residual)(at).sub(swept).abs().max().item();
    expect(off).toBeLessThanOrEqual(1e-6 * swept.abs().max().item());
  });

  it("falls back on a sweep where terms are many", () => {
    const A = normal([3, 3], 1).mul(0.1);
    const f = (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 6; i++) y = y.add(A.matmul(y.tanh()));
      return y;
    };
    const J = jacobian(f, operator)(wide([1, 2, 3]));
    expect(J.structured).toBe(false);
    expect(String(J)).toMatch(
      /no sum of Kronecker products and diagonals \(it ends at .* of many terms/,
    );
    same(J.dense(), jacobian(f, { mode: "reverse" })(wide([1, 2, 3])));
  });

  it("takes an argument twice, but not as an operator", () => {
    const f = (x: Tensor) => x.exp().sum();
    const [a, b] = hessian(f, { wrt: [0, 0] })(wide([1, 2]));
    expect(a).toEqual(b);
    expect(() => hessian(f, { wrt: [0, 0], form: "operator" })).toThrow(
      "hessian: wrt is [0,0]; an operator takes each argument once",
    );
  });
});

describe("structure, solve", () => {
  const zero = "solve: the map is singular: it has a 0 on its diagonal";
  it.each<[string, () => unknown, string]>([
    [
      "a 0 among the entries",
      () => hessian((x: Tensor) => x.pow(3).sum(), operator)(wide([0, 1])).solve(wide([1, 1])),
      `${zero} (entry 1 of 2)`,
    ],
    [
      "a 0 in a mask",
      () =>
        jacobian(
          (X: Tensor) => X.mul(wide([[2, 0]])),
          operator,
        )(wide([[1, 2]])).solve(wide([[1, 2]])),
      `${zero} (entry 2 of 2)`,
    ],
    [
      "a shift that cancels",
      () =>
        hessian(
          (X: Tensor) => X.square().sum().neg(),
          operator,
        )(ones([2, 2])).solve(ones([2, 2]), { shift: 2 }),
      zero,
    ],
    [
      "Sylvester's equation",
      () =>
        hessian(
          (X: Tensor) =>
            X.mul(
              wide([
                [1, 0],
                [0, 2],
              ]).matmul(X),
            )
              .sum()
              .sub(
                X.mul(
                  X.matmul(
                    wide([
                      [1, 0],
                      [0, 3],
                    ]),
                  ),
                ).sum(),
              ),
          operator,
        )(normal([2, 2], 1)).solve(normal([2, 2], 1)),
      zero,
    ],
    [
      "factors that are not square",
      () =>
        jacobian(
          (X: Tensor) =>
            normal([2, 1], 1)
              .matmul(X)
              .matmul(normal([4, 2], 2)),
          operator,
        )(normal([1, 4], 3)).solve(normal([2, 2], 4)),
      "solve: the map is singular: it has a factor of shape [2, 1]",
    ],
    [
      "nothing",
      () => hessian((x: Tensor) => x.sum(), operator)(wide([1, 2])).solve(wide([1, 2])),
      "solve: A is singular",
    ],
  ])("refuses %s", (_, f, message) => expect(f).toThrow(message));

  it("shifts tensors of any rank", () => {
    const H = hessian((X: Tensor) => X.sum(), operator)(normal([2, 2, 2], 1));
    same(H.solve(normal([2, 2, 2], 2), { shift: 2 }), normal([2, 2, 2], 2).div(2));
  });

  it("refuses options that are none", () => {
    const sum = hessian((x: Tensor) => x.sum().square(), operator)(wide([1, 2]));
    expect(() => sum.solve(wide([1, 2]))).toThrow(
      "Hessian.solve: A is singular (pivot 2 is 0); with { shift } a multiple of the identity is added",
    );
    expect(() => sum.solve(wide([1, 2]), { shft: 1 } as never)).toThrow(
      "Hessian.solve: there is no option shft; did you mean shift? the option is shift",
    );
    const H = hessian((x: Tensor) => x.exp().sum(), operator)(wide([1, 2]));
    expect(() => H.solve(wide([1, 2]), { shift: Number.NaN })).toThrow("shift is a number (NaN)");
    expect(() => H.matrix("row" as never)).toThrow("the options are a string (row)");
    for (const names of [3, "x", ["x", 3]]) {
      expect(() => hessian((x: Tensor) => x.sum(), { names: names as never })).toThrow(
        "a list of strings",
      );
    }
    const two = hessian((x: Tensor) => x.sum(), { form: "operator", names: ["x", "y"] });
    expect(() => two(wide([1]))).toThrow("hessian: names has 2 entries for 1 argument(s)");
  });
});

describe("structure, where another transform follows", () => {
  // No number may be looked at, so that none is folded.
  it.each<[string, (x: Tensor) => Tensor]>([
    ["scalars that add up", (x) => x.dot(x).mul(x).sum()],
    ["a function of a scalar", (x) => x.dot(x).sin()],
    ["ones", (x) => x.outer(x).sum({ axis: 0 }).square().sum()],
  ])("%s", (_, f) => {
    const x = wide([0.3, -0.5, 0.8]);
    const swept = jacobian(grad(f), { mode: "forward" });
    const bar = normal([3, 3], 1);
    const through = (H: (x: Tensor) => Tensor) => grad((x: Tensor) => H(x).mul(bar).sum())(x);
    same(through(hessian(f)), through(swept), 1e-12);
    same(
      through((x) => hessian(f, operator)(x).dense()),
      through(swept),
      1e-12,
    );
    const many = normal([4, 3], 2);
    same(
      vmap(hessian(f))(many),
      stack([0, 1, 2, 3].map((i) => swept(many.slice([i], [1]).reshape([3])))),
      1e-12,
    );
  });
});

describe("structure, memory", () => {
  it("lets operators out of tidy", () => {
    for (const f of [
      (x: Tensor) => x.exp().sum(),
      (x: Tensor) =>
        x
          .reshape([2, 1])
          .matmul(x.reshape([1, 2]))
          .tanh()
          .sum(),
    ]) {
      const want = hessian(f)(wide([1, 2]));
      const { H } = tidy(() => ({ H: hessian(f, operator)(wide([1, 2])) }));
      for (let i = 0; i < 2000; i++) tidy(() => normal([10], i).exp()); // what was freed is written over
      same(H.dense(), want);
      same(H.gradient, grad(f)(wide([1, 2])));
    }
  });
});
