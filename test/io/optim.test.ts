import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type DType, hessian, type Tensor, tensor, valueAndGrad } from "../../src/index.js";
import { load, save } from "../../src/io/index.js";
import * as optim from "../../src/optim/index.js";
import { plain, temporaryFolder } from "./files.js";

const folder = temporaryFolder();

/** What an optimizer is made with: the first of these that it takes. */
const options: readonly object[] = [
  { learningRate: (step: number) => 0.02 / Math.sqrt(step) },
  { learningRate: 0.02 },
  {},
];

type Make = (options: object) => optim.Optimizer;

/** Whether an export of the entry makes optimizers, and how. */
function makerOf(value: unknown): [name: string, make: () => optim.Optimizer][] {
  for (const own of options) {
    try {
      const optimizer = (value as Make)(own);
      if (typeof optimizer.init === "function" && typeof optimizer.update === "function") {
        return [[optimizer.name, () => (value as Make)(own)]];
      }
    } catch {
      // No optimizer, or one that takes other options.
    }
  }
  return [];
}

const makers = Object.values(optim).flatMap((value) =>
  typeof value === "function" ? makerOf(value) : [],
);

interface Params {
  readonly layers: readonly { readonly a: Tensor; readonly b: Tensor }[];
  readonly c: Tensor;
}

/** Rosenbrock's valley for each layer, and a bowl. */
function f({ layers, c }: Params): Tensor {
  return layers.reduce(
    (sum, { a, b }) => sum.add(b.sub(a.square()).square().mul(10).add(a.sub(1).square()).sum()),
    c.sub(0.3).square().sum(),
  );
}

interface Checkpoint {
  readonly params: Params;
  readonly state: optim.OptimizerState;
}

function steps(optimizer: optim.Optimizer, from: Checkpoint, count: number): Checkpoint {
  let { params, state } = from;
  for (let i = 0; i < count; i++) {
    const [value, gradient] = valueAndGrad(f)(params);
    const H = optimizer.curvature ? hessian(f, { form: "operator" })(params) : undefined;
    const problem = { f, value, hessian: H as optim.Curvature<Params> | undefined };
    [params, state] = optimizer.update(params, gradient as Params, state, problem);
  }
  return { params, state };
}

describe("training that goes on from a file", () => {
  it("is done by every optimizer there is", () => {
    const names = makers.map(([name]) => name);
    const wanted = ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"];
    expect(names).toEqual(expect.arrayContaining([...wanted, "lbfgs", "newton"]));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(makers)("has the same numbers with %s", async (name, make) => {
    const optimizer = make();
    for (const dtype of ["float32", "float64"] as DType[]) {
      const start = (...values: number[]): Tensor => tensor(values, { dtype });
      const params: Params = {
        layers: [
          { a: start(-1.2, 0.4, 0.1), b: start(1, -0.7, 0.2) },
          { a: start(0.3), b: start(-0.2) },
        ],
        c: tensor([[0.1, 0.7]], { dtype }),
      };
      const half = steps(optimizer, { params, state: optimizer.init(params) }, 4);
      const path = join(folder, `${name}_${dtype}.safetensors`);
      await save(path, half);
      const loaded = await load<Checkpoint>(path);
      expect(plain(loaded)).toStrictEqual(plain(half));
      const resumed = steps(make(), loaded, 4);
      const unbroken = steps(optimizer, half, 4);
      expect(plain(resumed)).toStrictEqual(plain(unbroken));
      expect(plain(resumed.params)).not.toEqual(plain(half.params));
    }
  });
});
