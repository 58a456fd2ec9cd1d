import { describe, expect, it } from "vitest";
import {
  add,
  apply,
  arange,
  concat,
  det,
  flip,
  full,
  grad,
  linspace,
  logsumexp,
  maximum,
  ones,
  ops,
  pad,
  pow,
  rebuild,
  reshape,
  scalar,
  softmax,
  split,
  stack,
  stopGradient,
  sum,
  type Tensor,
  take,
  tensor,
  vjp,
  where,
  zeros,
} from "../src/index.js";
import { adam, minimize, sgd } from "../src/optim/index.js";

const tiny = 2 ** -126; // below it are denormals, which vector units may take for 0

/** Whether a float32 result is what the float64 one rounds to, but for 3e-6 of its size. */
const near = (got: number, exact: number): boolean => {
  const want = Math.fround(exact);
  if (Number.isNaN(want)) return Number.isNaN(got);
  return got === want || Math.abs(got - want) <= Math.max(3e-6 * Math.abs(want), tiny);
};

describe("special values in float32 on the backend's kernels", () => {
  const sizes = [0, 1e-45, 1e-40, 1e-30, 1e-12, 1e-7, 1e-5, 1e-3, 0.5, 0.9999, 1, 2, 5, 9, 20, 88];
  const large = [100, 1e4, 1e10, 3e38, Number.POSITIVE_INFINITY];
  const values = [Number.NaN, ...[...sizes, ...large].flatMap((x) => [x, -x])];
  const entrywise = ["arithmetic", "elementwise", "activation", "compare"];
  const inFamily = ops.filter(({ family }) => entrywise.includes(family));

  const unary = inFamily.filter(({ op }) => op.inputs.length === 1 && op.name !== "cast");
  it.each(unary.map(({ op }) => [op.name, op] as const))("%s", (_, op) => {
    const X = tensor(new Float32Array(values));
    const attrs = op.samples()[0]?.attrs;
    const got = apply(op, { X }, attrs).data();
    const exact = apply(op, { X: X.cast("float64") }, attrs).data();
    const off = values.filter((_, i) => !near(got[i] as number, exact[i] as number));
    expect(off).toEqual([]);
  });

  const binary = inFamily.filter(({ op }) => op.inputs.join() === "A,B");
  it.each(binary.map(({ op }) => [op.name, op] as const))("%s", (_, op) => {
    const some = [Number.NaN, Number.POSITIVE_INFINITY, 0, 1, 2, 0.5, 3].flatMap((x) => [x, -x]);
    const A = tensor(new Float32Array(some.flatMap((x) => some.map(() => x))));
    const B = tensor(new Float32Array(some.flatMap(() => some)));
    const got = apply(op, { A, B }).data();
    const exact = apply(op, { A: A.cast("float64"), B: B.cast("float64") }).data();
    const pairs = some.flatMap((a) => some.map((b) => `${a}, ${b}`));
    expect(pairs.filter((_, i) => !near(got[i] as number, exact[i] as number))).toEqual([]);
  });

  it("powers are as IEEE says", () => {
    expect(pow([1, -1, 0, 1], [Number.NaN, Number.POSITIVE_INFINITY, 0, 3]).toArray()).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it("clip takes equal bounds, and keeps NaN", () => {
    expect(tensor([5, 6]).clip(1, 1).toArray()).toEqual([1, 1]);
    expect(tensor([Number.NaN]).clip(0, 1).toArray()).toEqual([Number.NaN]);
    expect(() => tensor([1]).clip(3, 1)).toThrow(
      "clip: low is 3 and high is 1; low must not exceed high",
    );
  });

  it("−0 and 0 stay apart", () => {
    expect(tensor([1]).div(-0).toArray()).toEqual([Number.NEGATIVE_INFINITY]);
    expect(tensor([1]).div(0).toArray()).toEqual([Number.POSITIVE_INFINITY]);
  });

  it("pads with NaN, and the ends of linspace are exact", () => {
    expect(
      tensor([1])
        .pad([[1, 1]], { value: Number.NaN })
        .data()[2],
    ).toBeNaN();
    expect(linspace(-0.3, 0.9, 13, { dtype: "float64" }).data()[12]).toBe(0.9);
  });

  it("softmax and logsumexp of long rows keep their digits", () => {
    const n = 1_000_000;
    const x = arange(n).sin().mul(2);
    const exact = logsumexp(x.cast("float64")).item();
    expect(Math.abs(logsumexp(x).item() / exact - 1)).toBeLessThan(3e-7);
    expect(Math.abs(softmax(x).sum().item() - 1)).toBeLessThan(3e-6);
    expect(Math.abs(x.logSoftmax().exp().sum().item() - 1)).toBeLessThan(1e-5);
  });
});

describe("derivatives where they are delicate", () => {
  const f64 = (x: number): Tensor => scalar(x, { dtype: "float64" });

  it("where sends nothing into the branch not taken, however far back it is singular", () => {
    const f = (x: Tensor): Tensor => where(x.greater(0), x.sqrt(), 0).sum();
    expect(grad(f)(tensor([0, 4, -1])).toArray()).toEqual([0, 0.25, 0]);
    const g = (x: Tensor): Tensor => where(x.greater(0), x.log().div(x), x.mul(3)).sum();
    expect(grad(g)(tensor([0, 1, -1])).toArray()).toEqual([3, 1, 3]);
    const second = grad((x: Tensor) => grad(f)(x).sum())(tensor([0, 4, -1]));
    expect(second.toArray()).toEqual([0, -0.03125, 0]);
  });

  it("where keeps second derivatives at points where the cotangent happens to be 0", () => {
    const f = (x: Tensor): Tensor => where(x.greater(-9), x.sin(), 0).square().sum();
    expect(grad((x: Tensor) => grad(f)(x).sum())(f64(0)).item()).toBe(2);
  });

  it("an infinite slope on the branch taken stays infinite", () => {
    const f = (x: Tensor): Tensor => where(x.greater(-1), x.sqrt(), 0).sum();
    expect(grad(f)(tensor([0])).toArray()).toEqual([Number.POSITIVE_INFINITY]);
  });

  it("powers with exponent 0", () => {
    const mixed = (b: Tensor): Tensor => grad((a: Tensor) => pow(a, b))(f64(2));
    expect(grad(mixed)(f64(0)).item()).toBe(0.5);
    expect(grad((a: Tensor) => pow(a, 0))(f64(0)).item()).toBe(0);
    expect(grad((b: Tensor) => pow(0, b))(f64(-1)).item()).toBe(0);
  });

  it("tiny arguments keep their sign", () => {
    expect(grad((x: Tensor) => x.abs().sum())(tensor([1e-7, -1e-30])).toArray()).toEqual([1, -1]);
  });

  it("ties share equally, and clip passes the gradient at its bounds", () => {
    const x = f64(3);
    expect(grad((v: Tensor) => v.maximum(3))(x).item()).toBe(0.5);
    expect(grad((v: Tensor) => v.minimum(3))(x).item()).toBe(0.5);
    expect(grad((v: Tensor) => v.clip(3, 5))(x).item()).toBe(1);
    expect(grad((v: Tensor) => v.clip(1, 3))(x).item()).toBe(1);
  });

  it("norm at 0 has gradient and second derivative 0", () => {
    const x = zeros([2], { dtype: "float64" });
    const g = grad((v: Tensor) => v.norm());
    expect(g(x).toArray()).toEqual([0, 0]);
    expect(grad((v: Tensor) => g(v).sum())(x).toArray()).toEqual([0, 0]);
  });

  it("where drops infinite cotangents too", () => {
    const f = (v: Tensor): Tensor => where(v.greater(5), v, 0).sqrt().sum();
    expect(grad(f)(tensor([1, 9], { dtype: "float64" })).toArray()).toEqual([0, 1 / 6]);
  });

  it("det where products of its pivots overflow on the way", () => {
    const d = [1e200, 1e200, 1e-200, 1e-200];
    const X = tensor(d, { dtype: "float64" }).diag();
    const g = grad((v: Tensor) => det(v))(X)
      .diagPart()
      .data();
    d.forEach((x, i) => {
      expect((g[i] as number) * x).toBeCloseTo(1, 12);
    });
  });

  it("asin near 1 and expm1 near −1 keep the digits of their slopes", () => {
    const near = 1 - 2 ** -40;
    const slope = grad((v: Tensor) => v.asin())(f64(near)).item();
    expect(slope * Math.sqrt(2 ** -40 * (2 - 2 ** -40))).toBeCloseTo(1, 13);
    expect(grad((v: Tensor) => v.expm1())(f64(-40)).item() / Math.exp(-40)).toBeCloseTo(1, 13);
  });

  it("the same argument twice in wrt", () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum();
    const [g, h] = grad(f, { wrt: [0, 0] })(tensor([1, 2]), tensor([3, 4]));
    expect([g.toArray(), h.toArray()]).toEqual([
      [3, 4],
      [3, 4],
    ]);
  });
});

describe("truth values and whole numbers", () => {
  const mask = (): Tensor => tensor([1, 2, 3]).greater(1);

  it("count as whole numbers in arithmetic", () => {
    const all = tensor([1, 2, 3]).greater(0);
    expect(mask().sub(all).toArray()).toEqual([-1, 0, 0]);
    expect(mask().add(all).toArray()).toEqual([1, 2, 2]);
    expect([mask().neg().dtype, mask().sum().dtype, mask().sum().item()]).toEqual([
      "int32",
      "int32",
      2,
    ]);
  });

  it("are 0 and 1, whatever they are made from", () => {
    expect(tensor([true, false, true]).dtype).toBe("bool");
    expect(tensor([0.5, 0, 7], { dtype: "bool" }).toArray()).toEqual([1, 0, 1]);
    expect(full([1], 2, { dtype: "bool" }).toArray()).toEqual([1]);
    expect(where([true, false], [1, 2], 0).toArray()).toEqual([1, 0]);
  });

  it("bytes are whole numbers", () => {
    const bytes = tensor(new Uint8Array([200, 100]));
    expect([bytes.dtype, bytes.add(bytes).toArray()]).toEqual(["int32", [400, 200]]);
  });

  it("beside whole numbers a fraction, or what int32 cannot hold, makes floats", () => {
    const one = tensor([1], { dtype: "int32" });
    expect(one.add(0.5).toArray()).toEqual([1.5]);
    expect(one.add(3e9).dtype).toBe("float32");
    expect(stack([one, [0.5]]).toArray()).toEqual([[1], [0.5]]);
    expect(concat([one, [2]]).dtype).toBe("int32");
    expect(() => tensor([1e12], { dtype: "int32" })).toThrow(
      "tensor: int32 cannot hold 1000000000000",
    );
    expect(tensor([1e12, -1.9, Number.NaN]).cast("int32").toArray()).toEqual([2147483647, -1, 0]);
  });

  it("a fraction that comes to whole numbers makes floats, also in pad and clip", () => {
    const x = tensor([1, 3], { dtype: "int32" });
    expect(x.clip(0.5, 2.5).toArray()).toEqual([1, 2.5]);
    expect(x.pad([[1, 0]], { value: 0.5 }).toArray()).toEqual([0.5, 1, 3]);
    expect(
      mask()
        .pad([[1, 0]], { value: 2 })
        .toArray(),
    ).toEqual([1, 0, 1, 1]);
    expect(tensor([-2147483648], { dtype: "int32" }).item()).toBe(-2147483648);
  });

  it("typed arrays serve as operands", () => {
    expect(
      ones([2])
        .add(new Float32Array([1, 2]))
        .toArray(),
    ).toEqual([2, 3]);
    expect(
      tensor([[1, 2]])
        .matmul(new Float32Array([1, 2]))
        .toArray(),
    ).toEqual([5]);
  });
});

describe("trees are paired by their keys", () => {
  const P = () => ({ a: zeros([2]), b: zeros([2]) });

  it("in optimizers, tangents and cotangents", () => {
    const descent = sgd({ learningRate: 1 });
    const [next] = descent.update(P(), { b: ones([2]), a: full([2], 2) }, descent.init(P()));
    expect([next.a.toArray(), next.b.toArray()]).toEqual([
      [-2, -2],
      [-1, -1],
    ]);
    const [, pull] = vjp((x: Tensor) => ({ u: x.mul(2), v: x.mul(100) }), tensor([1]));
    expect(pull({ v: tensor([1]), u: tensor([0]) })[0].toArray()).toEqual([100]);
  });

  it("and refused where the keys differ", () => {
    const descent = sgd({ learningRate: 1 });
    const other = { zz: ones([2]) } as unknown as { a: Tensor };
    expect(() => descent.update({ a: ones([2]) }, other, descent.init({ a: ones([2]) }))).toThrow(
      "sgd, gradients: a is missing; a tensor was wanted there",
    );
    expect(() => rebuild(P(), [ones([2])])).toThrow(
      "rebuild: 1 tensors came for the 2 of the tree",
    );
    expect(() =>
      adam().update(ones([2]), ones([2]), sgd({ learningRate: 1 }).init(ones([2]))),
    ).toThrow(
      "adam: the state is not one of adam for these parameters; start with init(params), and pass on " +
        "what update returns",
    );
  });

  it("whatever the keys are called, and rates likewise", () => {
    const P = { "a.b": zeros([1]), a: { b: zeros([1]) } };
    const G = { "a.b": ones([1]), a: { b: full([1], 2) } };
    const rates = { a: { b: scalar(10) }, "a.b": scalar(1) };
    const descent = sgd({ learningRate: rates });
    const [next] = descent.update(P, G, descent.init(P));
    expect([next["a.b"].item(), next.a.b.item()]).toEqual([-1, -20]);
    const wide = sgd({ learningRate: scalar(1, { dtype: "float64" }) });
    expect(wide.update(P, G, wide.init(P))[0].a.b.dtype).toBe("float32");
  });

  it("stopGradient takes a tree", () => {
    expect(stopGradient({ a: ones([1]) }).a.toArray()).toEqual([1]);
  });
});

describe("plain mistakes are named", () => {
  /** Calls a function as plain JavaScript does, which no type holds back. */
  const call = (f: unknown, ...args: unknown[]): unknown =>
    (f as (...args: unknown[]) => unknown)(...args);
  const list = "a list was wanted, such as [2, 3]";
  const mistakes: [string, () => unknown, string][] = [
    ["zeros(3)", () => call(zeros, 3), `zeros: shape is 3; ${list}`],
    ["reshape(x, 1, 4)", () => call(reshape, ones([4]), 1, 4), `reshape: shape is 1; ${list}`],
    [
      "sum(x, 0)",
      () => call(sum, ones([4]), 0),
      "sum: the options are a number (0); an object was wanted, such as { axis: … }",
    ],
    ["sum(x, y)", () => call(sum, ones([4]), ones([4])), "sum: the options are a Tensor"],
    [
      "sum(x, { axes: 0 })",
      () => call(sum, ones([4]), { axes: 0 }),
      "sum: there is no option axes; did you mean axis? the options are axis, keepDims",
    ],
    [
      "concat(a, b)",
      () => call(concat, ones([1]), ones([1])),
      "concat: Xs is a Tensor; a list of tensors was wanted",
    ],
    [
      "pad(x, 1)",
      () => call(pad, ones([2]), 1),
      "pad: paddings is 1; a list was wanted, such as [[1, 1]]",
    ],
    [
      "flip(x, { axis: 0 })",
      () => call(flip, ones([2]), { axis: 0 }),
      "flip: axis is an object; a list was wanted, such as [0, 1]",
    ],
    [
      "split(x)",
      () => call(split, ones([4])),
      "split: parts is undefined; a list was wanted, such as [2, 3]",
    ],
    [
      "take(x, indices, 0)",
      () => call(take, ones([2]), [0], 0),
      "take: the options are a number (0); an object was wanted, such as { axis: … }",
    ],
    [
      "add(x, [null])",
      () => call(add, tensor([1], { dtype: "int32" }), [null]),
      "add: B[0] is null; a number was wanted, NaN where it is missing",
    ],
    [
      "softmax(x, 0)",
      () => call(softmax, ones([4]), 0),
      "softmax: the options are a number (0); an object was wanted, such as { axis: … }",
    ],
    [
      'layout: "row"',
      () => call(grad, (x: Tensor) => x.sum(), { layout: "row" }),
      'grad: layout is a string (row); use "numerator" or "denominator"',
    ],
    [
      "grad(tensor)",
      () => call(grad, ones([1])),
      "grad: f is a Tensor; a function that returns a scalar was wanted",
    ],
  ];
  it.each(mistakes)("%s", (_, body, message) => {
    expect(body).toThrow(message);
  });
});

describe("printing", () => {
  it("shows whole numbers whole, and floats with the digits they have", () => {
    expect(String(tensor([123456789, 16777216], { dtype: "int32" }))).toContain(
      "[123456789, 16777216]",
    );
    expect(String(tensor(new Float64Array([123456.789, 1e20, 1e-7])))).toContain(
      "[123456.79, 1e+20, 1e-7]",
    );
    expect(String(arange(16))).toContain("10, 11, 12");
    expect(String(arange(100))).toContain("[0, 1, 2, 3, …, 96, 97, 98, 99]");
  });

  it("console.log and JSON show the values", () => {
    expect(JSON.stringify({ w: tensor([1, 2]) })).toBe('{"w":[1,2]}');
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    const shown = tensor([1, 2]) as unknown as Record<symbol, () => string>;
    expect(shown[inspect]?.()).toBe("Tensor float32 [2]\n[1, 2]");
  });
});

it("a maximum with NaN is NaN, on every backend", () => {
  expect(maximum([1, Number.NaN], [Number.NaN, 1]).toArray()).toEqual([Number.NaN, Number.NaN]);
});

it("minimize finds the minimum with what it takes by itself", () => {
  const { value } = minimize((x: Tensor) => x.sub(3).square().sum(), tensor([1, 2]));
  expect(value).toBeLessThan(1e-4);
});
