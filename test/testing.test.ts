import { describe, expect, it } from "vitest";
import { random, stack, stopGradient, type Tensor, tensor } from "../src/index.js";
import { checkOp, gradcheck } from "../src/testing/index.js";
import {
  along,
  type Cube,
  cube,
  moments,
  product,
  said,
  slope,
  vector,
  type Wrong,
} from "./support/own_ops.js";

const f64 = (values: number[][]): Tensor => tensor(values, { dtype: "float64" });
const X = (): Tensor =>
  f64([
    [1, 2],
    [3, -1],
  ]);

describe("gradcheck", () => {
  it("passes right gradients, and says how far off they are at most", () => {
    const f = (p: { x: Tensor; y: Tensor }): Tensor => p.x.matmul(p.y).tanh().sum();
    const { error, entries } = gradcheck(f, [{ x: X(), y: f64([[0.5], [0.25]]) }]);
    expect(entries).toBe(6);
    expect(error).toBeLessThan(1e-9);
  });

  it("says which entry is off, with both values", () => {
    const wrong = (x: Tensor): Tensor => x.mul(stopGradient(x)).sum(); // the gradient is 2x
    expect(() => gradcheck(wrong, [X()])).toThrow(
      /^gradcheck: argument 0, entry \[0, 0\]: the gradient is 1, central differences give (2|1\.99)/,
    );
    const inTree = (p: { a: Tensor; b: Tensor[] }): Tensor =>
      p.a.sum().add((p.b[1] as Tensor).mul(stopGradient(p.b[1] as Tensor)).sum());
    expect(() => gradcheck(inTree, [{ a: X(), b: [X(), X()] }])).toThrow(
      /^gradcheck: argument 0, b\[1\], entry \[0, 0\]: the gradient is 1/,
    );
  });

  it("says where a function gives something else each time", () => {
    const noisy = (x: Tensor): Tensor => x.mul(random.normal([2, 2], { dtype: "float64" })).sum();
    expect(() => gradcheck(noisy, [X()])).toThrow(/^gradcheck: f gives .*, and at the same point /);
    const seeded = (x: Tensor): Tensor =>
      x.mul(random.normal([2, 2], { dtype: "float64", seed: 1 })).sum();
    expect(gradcheck(seeded, [X()]).error).toBeLessThan(1e-7);
  });

  it("takes float32 only when told", () => {
    const f = (x: Tensor): Tensor => x.square().sum();
    expect(() => gradcheck(f, [tensor([1, 2])])).toThrow(
      "pass { float32: true } for a rough check",
    );
    expect(gradcheck(f, [tensor([1, 2])], { float32: true }).error).toBeLessThan(1e-2);
  });
});

describe("checkOp", () => {
  it("wants a sample that each rule is checked at", () => {
    const whole = tensor([1, 2], { dtype: "int32" });
    const wrong = { ...cube({ slope }), samples: () => [{ inputs: { X: whole } }] };
    expect(() => checkOp(wrong as never)).toThrow(
      "no sample has a float X and a float output, so its rule was not checked",
    );
  });

  it("passes right rules of each kind, and says how far off they are at most", () => {
    for (const op of [cube({ slope }), cube({ d: along(3), adj: along(3) })]) {
      const { samples, ...off } = checkOp(op);
      expect(samples).toBe(1);
      const bounds = { linear: 1e-12, differences: 1e-7, pairing: 1e-12, second: 1e-10 };
      for (const [name, bound] of Object.entries({ ...bounds, pairing32: 1e-5, values32: 1e-5 })) {
        expect(off[name as keyof typeof off], name).toBeLessThanOrEqual(bound);
      }
    }
    const rounded = cube(
      { constant: "piecewise constant" },
      {
        kernel: ([X], [Y]) => Y?.data.set(X?.data.map(Math.round) ?? []),
        samples: () => [{ inputs: { X: vector(1.2, -2.4) } }],
      },
    );
    expect(said(() => checkOp(rounded))).toBe("nothing");
  });

  it("passes steep functions, and large values", () => {
    const steep = cube(
      { slope: ({ X }) => X.mul(20).exp().mul(20) },
      { kernel: ([X], [Y]) => Y?.data.set(X?.data.map((x) => Math.exp(20 * x)) ?? []) },
    );
    const large = cube({ slope }, { samples: () => [{ inputs: { X: vector(1e7, -3e7) } }] });
    expect([steep, large].map((op) => said(() => checkOp(op)))).toEqual(["nothing", "nothing"]);
  });

  it("checks at further samples, in float64 whatever the samples are", () => {
    const samples = [{ inputs: { X: tensor([[1, 2]]) } }];
    expect(checkOp(cube({ slope }), { samples }).samples).toBe(2);
    const only1 = cube({ slope: ({ X }) => X.mul(3) }, { samples: () => samples });
    const further = [{ inputs: { X: vector(1) } }];
    expect(said(() => checkOp(cube({ slope }, { samples: () => further })))).toBe("nothing");
    expect(said(() => checkOp(only1, { samples: further }))).toBe(
      "cube, sample 0: rules.X.slope gives ∂Y[0, 1]/∂X[0, 1] = 6, but central differences give 12 " +
        "(off by 5.0e-1, allowed 1e-7)",
    );
  });
});

describe("checkOp names the rule that is wrong", () => {
  const twice = "= 8, but central differences give 12 (off by 3.3e-1, allowed 1e-7)";
  it.each<[string, Cube["rules"]["X"], string]>([
    ["d", { d: along(2), adj: along(3) }, `rules.X.d gives ∂Y[1]/∂X[1] ${twice}`],
    ["slope", { slope: ({ X }) => X.square().mul(2) }, `rules.X.slope gives ∂Y[1]/∂X[1] ${twice}`],
    [
      "adj",
      { d: along(3), adj: along(2) },
      "rules.X.adj gives ∂Y[1]/∂X[1] = 8, but rules.X.d gives 12 (off by 3.3e-1, allowed 1e-12)",
    ],
    [
      "the sign of both",
      { d: along(-3), adj: along(-3) },
      "rules.X.d gives ∂Y[1]/∂X[1] = -12, but central differences give 12 " +
        "(off by 2.0e+0, allowed 1e-7)",
    ],
    [
      "constant, of an op that is not",
      { constant: "for the test" },
      "rules.X.constant gives ∂Y[1]/∂X[1] = 0, but central differences give 12 " +
        "(off by 1.0e+0, allowed 1e-7)",
    ],
    [
      "NaN from d",
      { d: (saved, dX) => along(3)(saved, dX).add(vector(0, Number.NaN, 0)), adj: along(3) },
      "rules.X.d gives dY[1] = NaN, but central differences for dX = 1 everywhere give 12",
    ],
    [
      "NaN from adj",
      { d: along(3), adj: (saved, Ybar) => along(3)(saved, Ybar).add(vector(0, Number.NaN, 0)) },
      "rules.X.adj gives X̄[1] = NaN, but for Ȳ = 1 everywhere ⟨Ȳ, dY⟩ of dX = 1 there is 12",
    ],
    [
      "NaN from slope",
      { slope: ({ X }) => X.log().exp().square().mul(3) },
      "rules.X.slope gives dY[1] = NaN, but central differences for dX = 1 everywhere give 12",
    ],
    [
      "the shape of d",
      { d: (_, dX) => dX.reshape([3, 1]), adj: along(3) },
      "rules.X.d gives the shape [3, 1]; that of Y, [3], was wanted",
    ],
    [
      "the shape of adj",
      { d: along(3), adj: (_, Ybar) => Ybar.slice([0], [2]) },
      "rules.X.adj gives the shape [2]; that of X, [3], was wanted",
    ],
    [
      "the shape of slope",
      { slope: ({ X }) => stack([X, X]) },
      "rules.X.slope gives the shape [2, 3]; that of Y, [3], was wanted",
    ],
    [
      "no tensor",
      { slope: () => 3 as unknown as Tensor },
      "rules.X.slope gives 3; a tensor of the shape of Y, [3], was wanted",
    ],
    [
      "a value that is not saved",
      { slope: (saved) => (saved as unknown as { Y: Tensor }).Y.mul(3) },
      'rules.X.slope reads Y, which is not saved; add "Y" to saves, which has "X"',
    ],
    [
      "an error in it",
      { slope: ({ X }) => X.matmul([1, 2]) },
      "rules.X.slope threw ShapeError: matmul: A is [3] and B is [2]; " +
        "the inner sizes 3 and 2 must match",
    ],
  ])("%s", (_, rule, message) => {
    expect(said(() => checkOp(cube(rule)))).toBe(`cube, sample 0: ${message}`);
  });

  it("rules that are not linear", () => {
    expect(
      said(() => checkOp(cube({ d: (s, dX) => along(3)(s, dX.square()), adj: along(3) }))),
    ).toMatch(
      /^cube, sample 0: rules.X.d is not linear in dX: d\(U − 2V\)\[\d\] = \S+, but d\(U\) − 2·d\(V\) is /,
    );
    expect(
      said(() => checkOp(cube({ d: along(3), adj: (s, Ybar) => along(3)(s, Ybar.square()) }))),
    ).toMatch(
      /^cube, sample 0: rules.X.adj is not linear in Ȳ: adj\(P − 2Q\)\[\d\] = \S+, but adj\(P\) − 2·adj\(Q\) is /,
    );
    expect(said(() => checkOp(cube({ linear: (_, Ybar) => Ybar })))).toMatch(
      /^cube, sample 0: rules.X.linear: the op is not linear in X: d\(U − 2V\)\[\d\] = /,
    );
  });

  it("rules that read numbers from tensors, by the second order", () => {
    const differences = "= 0, but central differences give 3 (off by 1.0e+0, allowed 1e-6)";
    const remedy = "; rules are made of ops alone, and read no numbers from tensors";
    const fixed = (X: Tensor): Tensor =>
      vector(...X.data())
        .square()
        .mul(3);
    const frozen = ({ X }: { X: Tensor }, G: Tensor): Tensor => G.mul(fixed(X));
    for (const [rule, name, of] of [
      [{ slope: ({ X }) => fixed(X) }, "slope", "X̄"],
      [{ d: along(3), adj: frozen }, "adj", "X̄"],
      [{ d: frozen, adj: along(3) }, "d", "dY"],
    ] as [Cube["rules"]["X"], string, string][]) {
      expect(said(() => checkOp(cube(rule)))).toBe(
        `cube, sample 0, second order: rules.X.${name} gives ∂${of}[2]/∂X[2] ${differences}${remedy}`,
      );
    }
    expect(
      said(() =>
        checkOp(cube({ d: along(3), adj: (s, Ybar) => along(3)(s, vector(...Ybar.data())) })),
      ),
    ).toBe(
      "cube, sample 0, second order: rules.X.adj gives ∂X̄[1]/∂Ȳ[1] = 0, but central differences " +
        `give 12 (off by 1.0e+0, allowed 1e-6)${remedy}`,
    );
  });

  it("rules that are right in float64 alone", () => {
    const lossy = ({ X }: { X: Tensor }, G: Tensor): Tensor =>
      along(3)({ X: X.add(1e5).sub(1e5) }, G);
    const samples = () => [{ inputs: { X: vector(0.3) } }];
    expect(said(() => checkOp(cube({ d: along(3), adj: lossy }, { samples })))).toMatch(
      /^cube, sample 0: in float32 rules.X.adj gives X̄\[0\] = \S+, but in float64 \S+ \(off by /,
    );
  });
});

describe("checkOp judges every rule by itself", () => {
  it.each<[Wrong, string]>([
    ["nothing", "nothing"],
    [
      "A without transpose",
      "product, sample 0: rules.A.adj gives ∂Y[1, 1]/∂A[1, 0] = -1, but rules.A.d gives 0.5 " +
        "(off by 1.5e+0, allowed 1e-12)",
    ],
    [
      "both signs of A",
      "product, sample 0: rules.A.d gives ∂Y[1, 0]/∂A[1, 0] = -2, but central differences give 2 " +
        "(off by 2.0e+0, allowed 1e-7)",
    ],
    [
      "half of B",
      "product, sample 0: rules.B.linear gives ∂Y[1, 1]/∂B[0, 1] = 1.5, but the op itself gives 3 " +
        "(off by 5.0e-1, allowed 1e-12)",
    ],
  ])("of several inputs: %s", (wrong, message) => {
    expect(said(() => checkOp(product(wrong)))).toBe(message);
  });

  it("of several outputs, and any number of inputs", () => {
    expect(said(() => checkOp(moments("")))).toBe("nothing");
    expect(said(() => checkOp(moments("S")))).toBe(
      "moments, sample 0: rules.Xs.S.adj gives ∂S[1]/∂Xs[0][1] = 0.5, but rules.Xs.S.d gives 1 " +
        "(off by 5.0e-1, allowed 1e-12)",
    );
    expect(said(() => checkOp(moments("Q")))).toBe(
      "moments, sample 0: rules.Xs.Q.slope gives ∂Q[1]/∂Xs[0][1] = 2, but central differences " +
        "give 4 (off by 5.0e-1, allowed 1e-7)",
    );
  });

  it("says where the sample may be to blame, and not the rule", () => {
    const abs = cube(
      { slope: ({ X }) => X.sign() },
      {
        kernel: ([X], [Y]) => Y?.data.set(X?.data.map(Math.abs) ?? []),
        samples: () => [{ inputs: { X: vector(1e-6) } }],
      },
    );
    expect(said(() => checkOp(abs))).toMatch(
      /^cube, sample 0: rules.X.slope gives ∂Y\[0\]\/∂X\[0\] = 1, but central differences give 0\.\d+ .*; the sample may lie at a kink, a jump or the border of the domain$/,
    );
  });
});

describe("checkOp checks the kernel, the shape rule and the samples", () => {
  const written = (write: (x: Float64Array, y: Float64Array) => void): Partial<Cube> => ({
    kernel: ([X], [Y]) => write(X?.data as Float64Array, Y?.data as Float64Array),
  });

  it.each<[string, Partial<Cube>, string]>([
    [
      "entries that are not written",
      written((x, y) => {
        y[0] = (x[0] as number) ** 3;
        y[1] = (x[1] as number) ** 3;
      }),
      "cube, sample 0: rules.X.slope gives ∂Y[2]/∂X[2] = 0.75, but central differences give 0 " +
        "(off by 7.5e-1, allowed 1e-7); the kernel does not write Y[2]",
    ],
    [
      "more than the shape rule says",
      written((x, y) => {
        for (let i = 0; i <= x.length; i++) y[i] = (x[i] as number) ** 3;
      }),
      "cube, sample 0: the kernel writes element 3 of Y, which is [3] by the shape rule: " +
        "3 elements, counted from 0",
    ],
    [
      "inputs that are written",
      written((x, y) => {
        x.forEach((value, i) => {
          x[i] = value ** 3;
        });
        y.set(x);
      }),
      "cube, sample 0: the kernel changes its input X[1] from -2 to -8",
    ],
    [
      "a result that is not finite",
      written((x, y) => y.set(x.map(Math.log))),
      "cube, sample 0: Y[1] is NaN although all inputs are finite; no derivative can be checked there",
    ],
    [
      "a kernel that is for float64 alone",
      written((x, y) => y.set(x.map((value) => (y.BYTES_PER_ELEMENT === 8 ? value ** 3 : value)))),
      "cube, sample 0: in float32 the op gives Y[1] = -2, but in float64 -8 " +
        "(off by 7.5e-1, allowed 1e-5)",
    ],
    [
      "a kernel that throws",
      written((_, y) => y.set([1, 2, 3, 4])),
      "cube, sample 0: the kernel threw RangeError: offset is out of bounds; " +
        "Y is [3] by the shape rule",
    ],
    [
      "a list of shapes for one output",
      { shape: ({ X }) => [X] as unknown as number[] },
      "cube, sample 0: the shape rule gives [[3]]; a shape was wanted",
    ],
    [
      "a dtype that does not follow the inputs",
      { dtype: "float32" },
      "cube, sample 0: Y is float32 although X is float64; rules are checked in float64, so let " +
        'the dtype follow the inputs ("float" or "same")',
    ],
    [
      "an error sample that passes",
      { samples: () => [{ inputs: { X: vector(1) }, error: "cube: 1 is refused" }] },
      'cube, sample 0: it said "nothing"; the sample wants "cube: 1 is refused"',
    ],
    ["no samples", { samples: () => [] }, "cube: it has no sample that it should accept"],
    [
      "empty samples alone",
      { samples: () => [{ inputs: { X: vector() } }] },
      "cube: its samples have no elements",
    ],
  ])("%s", (_, other, message) => {
    expect(said(() => checkOp(cube({ slope }, other)))).toBe(message);
  });

  it("a kernel that gives another result when it runs again", () => {
    let runs = 0;
    const counts = written((_, y) => y.fill(++runs));
    expect(said(() => checkOp(cube({ slope }, counts)))).toBe(
      "cube, sample 0: the kernel gives Y[0] = 1, and 2 when it runs again",
    );
  });

  it("an output that is not written at all", () => {
    const nothing = cube({ constant: "for the test" }, { kernel: () => {} });
    expect(said(() => checkOp(nothing))).toBe("cube: the kernel writes nothing to Y in any sample");
  });

  it("one shape for each of several outputs", () => {
    const op = { ...moments(""), shape: () => [3] };
    expect(said(() => checkOp(op))).toBe(
      "moments, sample 0: the shape rule gives [3]; a shape for each of S, Q was wanted",
    );
  });
});
