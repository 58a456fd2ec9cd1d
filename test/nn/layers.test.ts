import { describe, expect, expectTypeOf, it } from "vitest";
import {
  DomainError,
  grad,
  leaves,
  ones,
  random,
  relu,
  ShapeError,
  type Tensor,
  tensor,
  UsageError,
  vmap,
} from "../../src/index.js";
import {
  type DenseParams,
  dense,
  dropout,
  embedding,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Layer,
  layerNorm,
  mlp,
  type NoParams,
  sequential,
} from "../../src/nn/index.js";
import { gradcheck } from "../../src/testing/index.js";

const numbers = (x: Tensor): number[] => [...x.data()].map(Number);

describe("dense", () => {
  it("is f(xW + b), row by row, with any leading axes", () => {
    const layer = dense(2, 3, { activation: "relu" });
    const params = {
      W: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      b: tensor([-10, 0, 1]),
    };
    expect(layer.apply(params, tensor([[1, 1]])).toArray()).toEqual([[0, 7, 10]]);
    expect(layer.apply(params, ones([4, 5, 2])).shape).toEqual([4, 5, 3]);
    expect(layer.apply(params, ones([2])).shape).toEqual([3]);
  });

  it("leaves out the bias where it is told so, in its type, too", () => {
    const layer = dense(2, 3, { bias: false });
    expectTypeOf(layer.init()).toEqualTypeOf<Pick<DenseParams, "W">>();
    expect(Object.keys(layer.init())).toEqual(["W"]);
    const flag: boolean = layer.name === "";
    const either = dense(2, 3, { bias: flag }).init();
    expectTypeOf(either.b).toEqualTypeOf<Tensor | undefined>();
    expect(either.b).toBeUndefined();
    expect(layer.apply({ W: ones([2, 3]) }, ones([1, 2])).toArray()).toEqual([[2, 2, 2]]);
  });

  it("takes weights that suit the activation, seeded, in the dtype asked for", () => {
    const spread = (x: Tensor): number => x.square().mean().item();
    const He = dense(300, 100, { activation: "relu" }).init({ seed: 1 }).W;
    const Glorot = dense(300, 100, { activation: "tanh" }).init({ seed: 1 }).W;
    expect(spread(He) * 150).toBeCloseTo(1, 1);
    expect(spread(Glorot) * 200).toBeCloseTo(1, 1);
    const own = dense(2, 2, { initializer: (m, n) => ones([m, n]).mul(7) }).init();
    expect(own.W.toArray()).toEqual([
      [7, 7],
      [7, 7],
    ]);
    expect(dense(2, 2).init({ dtype: "float64" }).b.dtype).toBe("float64");
    expect(numbers(dense(3, 3).init({ seed: 5 }).W)).toEqual(
      numbers(dense(3, 3).init({ seed: 5 }).W),
    );
    expect(numbers(dense(3, 3).init({ seed: 5 }).W)).not.toEqual(
      numbers(dense(3, 3).init({ seed: 6 }).W),
    );
  });

  it("says what is wrong", () => {
    expect(() => dense(0, 3)).toThrow("dense: inputs is 0; a whole number, 1 or more, was wanted");
    expect(() => dense(2, 3, { activation: "reluu" as "relu" })).toThrow(
      'dense: there is no activation "reluu"; there are relu, ',
    );
    expect(() => dense(2, 3, { activate: "relu" } as object)).toThrow(
      "there is no option activate",
    );
    const layer = dense(2, 3);
    const params = layer.init();
    expect(() => layer.apply(params, ones([4, 3]))).toThrow(
      new ShapeError("dense(2, 3): x is [4, 3]; 2 as the size of its last axis was wanted"),
    );
    expect(() => layer.apply({ ...params, b: ones([1]) }, ones([4, 2]))).toThrow(
      "dense(2, 3): the parameter b is [1]; [3] was wanted",
    );
    expect(() => layer.apply({} as DenseParams, ones([4, 2]))).toThrow(UsageError);
    expect(() => layer.apply(params, [[1, 2]] as unknown as Tensor)).toThrow(
      "x is an array, no tensor",
    );
  });
});

describe("first parameters", () => {
  it.each([
    ["dense", dense(2, 3)],
    ["embedding", embedding(2, 3)],
    ["layerNorm", layerNorm(2)],
    ["dropout", dropout(0.5)],
    ["sequential", sequential(relu)],
    ["mlp", mlp([2, 3])],
  ])("of %s: a seed is a whole number, a dtype one of floats", (_, layer) => {
    const init = (options: unknown) => () => layer.init(options as { seed: number });
    expect(init(7)).toThrow("init: the options are 7; an object was wanted, such as { seed: … }");
    expect(init(null)).toThrow("init: the options are null");
    expect(init({ sed: 7 })).toThrow("init: there is no option sed; did you mean seed?");
    expect(init({ seed: 1.5 })).toThrow("init: seed is 1.5; a whole number was wanted");
    expect(init({ dtype: "int32" })).toThrow('dtype is "int32"; float32 or float64 was wanted');
    expect(init({ seed: undefined, dtype: undefined })).not.toThrow();
  });
});

describe("initializers", () => {
  it.each([
    ["glorotUniform", glorotUniform, 2 / 500, true],
    ["glorotNormal", glorotNormal, 2 / 500, false],
    ["heUniform", heUniform, 2 / 200, true],
    ["heNormal", heNormal, 2 / 200, false],
  ] as const)(
    "%s has mean 0 and the variance of its paper",
    (_, initializer, variance, bounded) => {
      const W = initializer(200, 300, { seed: 4, dtype: "float64" });
      expect(W.mean().abs().item()).toBeLessThan(4 * Math.sqrt(variance / 60000));
      expect(W.square().mean().item() / variance).toBeCloseTo(1, 1);
      const limit = Math.sqrt(3 * variance);
      expect(W.abs().max().item() <= limit).toBe(bounded);
    },
  );
});

describe("sequential and mlp", () => {
  it("apply layers in turn; functions count, and have no parameters", () => {
    const model = sequential(dense(2, 4), relu, dropout(0.5), dense(4, 1));
    const params = model.init({ seed: 3 });
    expectTypeOf(params[0]).toEqualTypeOf<DenseParams>();
    expectTypeOf(params[1]).toEqualTypeOf<NoParams>();
    expect(params).toHaveLength(4);
    expect(leaves(params)).toHaveLength(4);
    const x = random.normal([3, 2], { seed: 1 });
    const byHand = x.matmul(params[0].W).relu().matmul(params[3].W);
    expect(numbers(model.apply(params, x))).toEqual(numbers(byHand));
  });

  it("nest", () => {
    const block = sequential(dense(3, 3), relu);
    const model = sequential(block, block, dense(3, 2));
    const params = model.init({ seed: 1 });
    expect(params[1][0].W.shape).toEqual([3, 3]);
    expect(numbers(params[0][0].W)).not.toEqual(numbers(params[1][0].W));
    expect(model.apply(params, ones([1, 3])).shape).toEqual([1, 2]);
  });

  it("mlp is the same as its layers", () => {
    const model = mlp([3, 5, 4, 2], { activation: "tanh", outputActivation: "sigmoid" });
    const params = model.init({ seed: 3 });
    expect(params.map(({ W }) => W.shape)).toEqual([
      [3, 5],
      [5, 4],
      [4, 2],
    ]);
    const x = random.normal([7, 3], { seed: 1 });
    const [a, b, c] = params as [DenseParams, DenseParams, DenseParams];
    const h = x.matmul(a.W).add(a.b).tanh().matmul(b.W).add(b.b).tanh();
    expect(numbers(model.apply(params, x))).toEqual(numbers(h.matmul(c.W).add(c.b).sigmoid()));
  });

  it("drops hidden entries in training, by the seed alone, others in each layer", () => {
    const model = mlp([4, 1000, 1000, 1], { dropout: 0.5 });
    const params = model.init({ seed: 1 });
    const x = ones([1, 4]);
    const at = (seed: number): number => model.apply(params, x, { training: true, seed }).item();
    expect(at(1)).toBe(at(1));
    expect(at(1)).not.toBe(at(2));
    expect(model.apply(params, x).item()).toBe(model.apply(params, x, { seed: 1 }).item());
  });

  it("say what is wrong", () => {
    expect(() => sequential()).toThrow("sequential: it has no layers");
    expect(() => sequential(3 as unknown as Layer<object>)).toThrow(
      "sequential: layer 0 is 3; a layer",
    );
    const forgotten = sequential(relu, dropout as unknown as (x: Tensor) => Tensor);
    expect(() => forgotten.apply(forgotten.init(), ones([1]))).toThrow(/layer 1|dropout: rate is/);
    expect(() => mlp([3])).toThrow("mlp: a list of two sizes or more was wanted");
    expect(() => mlp([3, 2.5])).toThrow("mlp: size 1 is 2.5");
    expect(() => mlp([3, 2], { dropout: 1 })).toThrow(DomainError);
    const model = mlp([3, 2]);
    expect(() => model.apply([], ones([1, 3]))).toThrow("mlp: the parameters of 1 layer");
    expect(() => sequential(relu).apply({} as unknown as readonly [NoParams], ones([1]))).toThrow(
      "sequential: the parameters of 1 layer",
    );
  });
});

describe("dropout", () => {
  it("keeps the mean, leaves out the rate, and does nothing outside training", () => {
    const x = ones([100, 100]);
    const y = dropout(0.3).apply({}, x, { training: true, seed: 7 });
    const values = new Set(numbers(y));
    expect([...values].sort()).toEqual([0, Math.fround(1 / Math.fround(0.7))]);
    expect(y.mean().item()).toBeCloseTo(1, 1);
    expect(y.equal(0).cast("float32").mean().item()).toBeCloseTo(0.3, 1);
    expect(dropout(0.3).apply({}, x)).toBe(x);
    expect(dropout(0).apply({}, x, { training: true })).toBe(x);
  });

  it("lets gradients through where entries stay", () => {
    const x = ones([50]);
    const layer = dropout(0.5);
    const pass = { training: true, seed: 3 };
    const y = layer.apply({}, x, pass);
    const g = grad((x: Tensor) => layer.apply({}, x, pass).sum())(x);
    expect(numbers(g)).toEqual(numbers(y));
  });

  it("refuses rates that are none", () => {
    for (const rate of [-0.1, 1, Number.NaN]) expect(() => dropout(rate)).toThrow(DomainError);
  });
});

describe("layerNorm", () => {
  it("centres and scales each row, then gains and adds", () => {
    const layer = layerNorm(4, { epsilon: 0 });
    const x = random.normal([3, 4], { seed: 2, dtype: "float64", mean: 5, std: 3 });
    const y = layer.apply(layer.init({ dtype: "float64" }), x);
    for (const m of numbers(y.mean({ axis: -1 }))) expect(m).toBeCloseTo(0, 12);
    for (const v of numbers(y.square().mean({ axis: -1 }))) expect(v).toBeCloseTo(1, 12);
    const params = { gain: tensor([1, 2, 3, 4]), bias: tensor([10, 20, 30, 40]) };
    const z = layer.apply(params, x);
    expect(
      z
        .sub(y.mul([1, 2, 3, 4]).add([10, 20, 30, 40]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-5);
  });

  it("has the right gradient, and survives constant rows", () => {
    const layer = layerNorm(3);
    const x = random.normal([2, 3], { seed: 2, dtype: "float64" });
    const params = layer.init({ dtype: "float64" });
    const f = (x: Tensor): Tensor => layer.apply(params, x).mul(x.square()).sum();
    expect(() => gradcheck(f, [x])).not.toThrow();
    const flat = grad((x: Tensor) => layer.apply(layer.init(), x).square().sum())(ones([2, 3]));
    expect(flat.abs().max().item()).toBe(0);
  });
});

describe("embedding", () => {
  it("looks rows up, and their gradients add up", () => {
    const layer = embedding(5, 2);
    const params = layer.init({ seed: 1 });
    const x = tensor([[1, 1, 4]], { dtype: "int32" });
    expect(layer.apply(params, x).shape).toEqual([1, 3, 2]);
    const g = grad((p: typeof params) => layer.apply(p, x).sum())(params);
    expect(g.W.toArray()).toEqual([
      [0, 0],
      [2, 2],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    expect(() => layer.apply(params, tensor([5], { dtype: "int32" }))).toThrow(DomainError);
  });
});

describe("layers under transforms", () => {
  it("have per-example gradients by vmap", () => {
    const model = mlp([2, 3, 1], { activation: "tanh" });
    const params = model.init({ seed: 1 });
    const X = random.normal([4, 2], { seed: 2 });
    const loss = (p: typeof params, x: Tensor): Tensor => model.apply(p, x).square().sum();
    const each = vmap(grad(loss), { inAxes: [null, 0] });
    const g = each(params, X) as typeof params;
    expect(g[0]?.W.shape).toEqual([4, 2, 3]);
    const whole = grad((p: typeof params) => model.apply(p, X).square().sum())(params);
    const gap = g[0]?.W.sum({ axis: 0 })
      .sub(whole[0]?.W as Tensor)
      .abs()
      .max()
      .item();
    expect(gap).toBeLessThan(1e-5);
  });
});
