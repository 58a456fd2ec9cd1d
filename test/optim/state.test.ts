import { beforeAll, describe, expect, it } from "vitest";
import {
  arange,
  type DType,
  DtypeError,
  grad,
  hessian,
  iterate,
  leaves,
  random,
  type Tensor,
  Tensor as TensorClass,
  tensor,
  UsageError,
  valueAndGrad,
} from "../../src/index.js";
import {
  adagrad,
  adam,
  adamw,
  cosineDecay,
  type LearningRate,
  lbfgs,
  minimize,
  momentum,
  nesterov,
  newton,
  type Optimizer,
  type OptimizerState,
  rmsprop,
  sgd,
  warmup,
} from "../../src/optim/index.js";
import { f64 } from "./problems.js";

const learningRate = warmup(cosineDecay(0.05, { decaySteps: 20 }), 3);
/** Made anew each time, as by a program that is started again. */
const makers: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => sgd({ learningRate }),
  momentum: () => momentum({ learningRate }),
  nesterov: () => nesterov({ learningRate }),
  rmsprop: () => rmsprop({ learningRate }),
  "rmsprop, centered with momentum": () => rmsprop({ centered: true, momentum: 0.9, learningRate }),
  adagrad: () => adagrad({ learningRate, initialAccumulator: 0.1 }),
  adam: () => adam({ learningRate }),
  adamw: () => adamw({ learningRate, weightDecay: 0.1, decays: (p) => p.rank > 1 }),
  lbfgs: () => lbfgs({ history: 3 }),
  newton: () => newton(),
};

interface Params {
  readonly layers: readonly { readonly W: Tensor; readonly b: Tensor }[];
  readonly scale: Tensor;
}

let start: Params;
let X: Tensor;
beforeAll(() => {
  const normal = (shape: number[], seed: number) => random.normal(shape, { seed });
  X = normal([8, 2], 4);
  start = {
    layers: [
      { W: normal([2, 3], 1), b: normal([3], 2) },
      { W: normal([3, 1], 3), b: normal([1], 5) },
    ],
    scale: normal([], 6),
  };
});

const castTo = (dtype: DType, params: Params): Params => ({
  layers: params.layers.map(({ W, b }) => ({ W: W.cast(dtype), b: b.cast(dtype) })),
  scale: params.scale.cast(dtype),
});

function loss({ layers, scale }: Params): Tensor {
  const [first, second] = layers as [Params["layers"][0], Params["layers"][0]];
  const hidden = X.cast(scale.dtype).matmul(first.W).add(first.b).tanh();
  const out = hidden.matmul(second.W).add(second.b).mul(scale);
  return out
    .sub(X.cast(scale.dtype).sum({ axis: 1, keepDims: true }))
    .square()
    .mean();
}

/** One step of any optimizer. */
function step(optimizer: Optimizer, params: Params, state: OptimizerState) {
  if (optimizer.curvature) {
    const there = hessian(loss, { form: "operator" })(params);
    const { value, gradient } = there;
    const problem = { f: loss, value, hessian: there as never };
    return optimizer.update(params, gradient as unknown as Params, state, problem);
  }
  const [value, gradient] = valueAndGrad(loss)(params);
  return optimizer.update(params, gradient, state, { f: loss, value });
}

/** The same value with all tensors, arrays and objects in it made anew; nothing else may be in it. */
function copied(value: unknown): unknown {
  if (value instanceof TensorClass) {
    const { shape, dtype } = value;
    return tensor(value.data(), { dtype }).reshape(shape);
  }
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value === "object" && value !== null) {
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copied(part)]));
  }
  expect(["string", "number"]).toContain(typeof value);
  return value;
}

/** After eight steps; the optimizer and its state are made anew after every `every` of them. */
function train(make: () => Optimizer, dtype: DType, every: number): number[][] {
  let optimizer = make();
  let params = castTo(dtype, start);
  let state = optimizer.init(params);
  for (let i = 0; i < 8; i++) {
    [params, state] = step(optimizer, params, state);
    if ((i + 1) % every !== 0) continue;
    optimizer = make();
    [params, state] = copied([params, state]) as [Params, OptimizerState];
  }
  expect(state.steps).toBe(8);
  return leaves(params).map((p) => {
    expect(p.dtype).toBe(dtype);
    return [...p.data()];
  });
}

describe.each(Object.entries(makers))("the state of %s", (title, make) => {
  it.each(["float32", "float64"] as const)(
    "taken apart and put together goes on bit for bit, in %s",
    (dtype) => {
      const unbroken = train(make, dtype, 100);
      expect(train(make, dtype, 1)).toEqual(unbroken);
      expect(train(make, dtype, 3)).toEqual(unbroken);
      const before = leaves(castTo(dtype, start)).map((p) => [...p.data()]);
      unbroken.forEach((p, i) => {
        expect(p).not.toEqual(before[i]);
      });
    },
  );

  it("knows its optimizer's name and its steps", () => {
    const optimizer = make();
    expect(optimizer.name).toBe(title.split(",")[0]);
    const params = castTo("float64", start);
    const first = optimizer.init(params);
    expect([first.optimizer, first.steps]).toEqual([optimizer.name, 0]);
    const [, second] = step(optimizer, params, first);
    expect([second.optimizer, second.steps, first.steps]).toEqual([optimizer.name, 1, 0]);
  });

  it("is refused by others, which say whose it is", () => {
    const params = castTo("float64", start);
    const own = make();
    for (const other of Object.values(makers).map((of) => of())) {
      if (other.name === own.name) continue;
      const state = own.init(params);
      expect(() => step(other, params, state)).toThrow(UsageError);
      expect(() => step(other, params, state)).toThrow(
        `${other.name}: the state is not one of ${other.name} for these parameters; start with ` +
          `init(params), and pass on what update returns (what came is a state of ${own.name})`,
      );
    }
  });

  it("is refused where it is none", () => {
    const params = castTo("float64", start);
    const optimizer = make();
    const first = optimizer.init(params);
    const none: [unknown, string][] = [
      [undefined, "what came, undefined, is no state"],
      [null, "what came, null, is no state"],
      [{}, "what came, an object, is no state"],
      [3, "what came, 3, is no state"],
      [{ ...first, steps: 1.5 }, "(steps is 1.5)"],
      [{ ...first, steps: -1 }, "(steps is -1)"],
      [{ ...first, steps: "1" }, '(steps is "1")'],
      [{ optimizer: first.optimizer }, "(steps is undefined)"],
    ];
    for (const [state, message] of none) {
      expect(() => step(optimizer, params, state as OptimizerState)).toThrow(UsageError);
      expect(() => step(optimizer, params, state as OptimizerState)).toThrow(message);
    }
  });

  it("is for parameters that are float32 or float64, each of which is named else", () => {
    const broken = { layers: [{ W: f64([1]), b: arange(3).cast("int32") }], scale: f64([1]) };
    const message =
      `${make().name}: the parameter layers[0].b is int32, and steps are fractions; ` +
      'use .cast("float32"), or keep it out of the parameters';
    expect(() => make().init(broken)).toThrow(DtypeError);
    expect(() => make().init(broken)).toThrow(message);
    expect(() => make().init(tensor([true]))).toThrow("the parameter is bool");
    const state = make().init(f64([1]));
    const problem = { f: (x: Tensor) => x.sum(), value: f64([1]), hessian: {} as never };
    const whole = arange(1).cast("int32");
    expect(() => make().update(whole, f64([1]), state, problem)).toThrow(DtypeError);
  });

  it("is kept by iterate", () => {
    const optimizer = make();
    const params = castTo("float64", start);
    const loop = iterate({ params, state: optimizer.init(params) }, ({ params, state }) => {
      const [moved, next] = step(optimizer, params, state);
      return [{ params: moved, state: next }, null];
    });
    for (let i = 0; i < 8; i++) loop.next();
    expect(leaves(loop.state.params).map((p) => [...p.data()])).toEqual(
      train(make, "float64", 100),
    );
  });
});

describe("the states of first-order optimizers", () => {
  const first = Object.entries(makers).filter(([name]) => !["lbfgs", "newton"].includes(name));

  it.each(first.filter(([name]) => name !== "sgd"))(
    "%s refuses averages of other numbers, shapes and dtypes, and says which",
    (_, make) => {
      const optimizer = make();
      const params = { a: f64([1, 2]), b: f64([3]) };
      const state = optimizer.init(params);
      const of = (other: unknown): OptimizerState => optimizer.init(other);
      const kinds = state.averages.length;
      const cases: [OptimizerState, string][] = [
        [
          of({ a: f64([1, 2]), b: f64([3, 4]) }),
          "averages[0][1] is float64 [2], the parameter float64 [1]",
        ],
        [
          of({ a: tensor([1, 2]), b: f64([3]) }),
          "averages[0][0] is float32 [2], the parameter float64 [2]",
        ],
        [of({ a: f64([1, 2]) }), "averages[0] is for 1 parameters, not 2"],
        [{ ...state, averages: [] }, `it has 0 kinds of averages, not ${kinds}`],
        [{ ...state, averages: undefined as never }, "it has undefined kinds of averages"],
        [
          { ...state, averages: state.averages.map(() => null) as never },
          "averages[0] is for undefined",
        ],
        // As JSON alone brings it back.
        [
          JSON.parse(JSON.stringify(state)),
          "averages[0][0] is an array, the parameter float64 [2]",
        ],
      ];
      for (const [other, message] of cases) {
        expect(() => optimizer.update(params, params, other)).toThrow(UsageError);
        expect(() => optimizer.update(params, params, other)).toThrow(message);
      }
    },
  );

  it.each(first)("%s moves scalars, and leaves empty trees and tensors", (_, make) => {
    const optimizer = make();
    const [none, state] = optimizer.update({}, {}, optimizer.init({}));
    expect([none, state.steps]).toEqual([{}, 1]);
    const params = { s: f64([2]).reshape([]), e: f64([]) };
    const [{ s, e }] = optimizer.update(params, params, optimizer.init(params));
    expect([s.shape, e.shape]).toEqual([[], [0]]);
    expect(s.item()).toBeLessThan(2);
  });

  it.each(first)("%s keeps the dtype of parameters whose gradient has another", (_, make) => {
    const optimizer = make();
    const x = tensor([1, 2]);
    const [moved, state] = optimizer.update(x, f64([1, 2]), optimizer.init(x));
    expect([moved.dtype, ...state.averages.map(([a]) => a?.dtype)]).toEqual([
      "float32",
      ...state.averages.map(() => "float32"),
    ]);
  });

  it.each(first)("%s goes as far with a rate for each entry as with one for all", (_, make) => {
    const makers = { sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw };
    const of = makers[make().name as keyof typeof makers];
    const end = (learningRate: LearningRate): number[] => {
      const optimizer = of({ learningRate });
      let p = { x: f64([1, 2]) };
      let state = optimizer.init(p);
      for (const g of [1, 2, -1]) [p, state] = optimizer.update(p, { x: f64([g, -g]) }, state);
      return [...p.x.data()];
    };
    const want = end(0.1);
    for (const rate of [{ x: f64([0.1, 0.1]) }, f64([0.1, 0.1]), f64([0.1]).reshape([])]) {
      end(rate).forEach((x, i) => {
        expect(x).toBeCloseTo(want[i] as number, 14);
      });
    }
  });

  it.each(first)("%s may be differentiated through its step", (_, make) => {
    // By how a step from p = 1 with gradient g² moves: against central differences.
    const optimizer = make();
    const after = (g: Tensor): Tensor => {
      const p = f64([1, -2]);
      const [once, state] = optimizer.update(p, g.square(), optimizer.init(p));
      return optimizer.update(once, g, state)[0].mul([3, 5]).sum();
    };
    const at = [0.7, 1.3];
    const slope = grad(after)(f64(at)).data();
    at.forEach((_, i) => {
      const [up, down] = [1e-5, -1e-5].map((h) =>
        after(f64(at.map((x, j) => (i === j ? x + h : x)))).item(),
      ) as [number, number];
      expect(slope[i]).toBeCloseTo((up - down) / 2e-5, 6);
    });
  });

  it.each(first)("%s minimizes", (_, make) => {
    const f = (x: Tensor): Tensor => x.sub([0.3, -0.2]).square().mul([1, 4]).sum();
    const optimizer = { ...make() };
    const before = f(f64([0, 0])).item();
    expect(minimize(f, f64([0, 0]), { optimizer, steps: 20 }).value).toBeLessThan(before);
  });
});
