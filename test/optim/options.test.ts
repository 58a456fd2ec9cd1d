import { describe, expect, it } from "vitest";
import { DomainError, ones, type Tensor, tensor, UsageError, zeros } from "../../src/index.js";
import {
  adagrad,
  adam,
  adamw,
  gaussNewton,
  lbfgs,
  minimize,
  momentum,
  nesterov,
  newton,
  rmsprop,
  sgd,
} from "../../src/optim/index.js";
import { f64 } from "./problems.js";

/** Calls a function as plain JavaScript does, which no type holds back. */
const call = (f: unknown, ...args: unknown[]): unknown =>
  (f as (...args: unknown[]) => unknown)(...args);

const f = (x: Tensor): Tensor => x.square().sum();
const rateWanted = "a number was wanted, a schedule, or tensors like the parameters";

describe("options of optimizers", () => {
  it.each<[() => unknown, string]>([
    [() => call(sgd), `sgd: learningRate is missing; ${rateWanted}`],
    [() => call(momentum, {}), `momentum: learningRate is missing; ${rateWanted}`],
    [() => call(nesterov, { learningRate: undefined }), "nesterov: learningRate is missing"],
    [
      () => call(sgd, 0.1),
      "sgd: the options are 0.1; an object was wanted, such as { learningRate: … }",
    ],
    [() => call(adam, null), "adam: the options are null"],
    [() => call(adam, [0.1]), "adam: the options are an array"],
    [() => call(adam, "fast"), 'adam: the options are "fast"'],
    [() => call(sgd, { learningRate: "0.1" }), `sgd: learningRate is "0.1"; ${rateWanted}`],
    [() => call(adam, { learningRate: null }), "adam: learningRate is null"],
    [() => call(adam, { learningRate: true }), "adam: learningRate is true"],
    [
      () => call(adam, { learningRate: new Float32Array(2) }),
      "adam: learningRate is a Float32Array",
    ],
    [
      () => call(momentum, { learningRate: 1, momentum: "0.9" }),
      'momentum: momentum is "0.9"; a number from 0',
    ],
    [
      () => call(adam, { beta1: tensor([0.9]) }),
      "adam: beta1 is a tensor [1]; a number from 0 up to but not 1",
    ],
    [() => call(adam, { epsilon: null }), "adam: epsilon is null; a finite number of at least 0"],
    [() => call(rmsprop, { centered: 1 }), "rmsprop: centered is 1; true or false was wanted"],
    [
      () => call(adamw, { decays: true }),
      "adamw: decays is true; a function of a parameter and its path was wanted",
    ],
    [() => call(lbfgs, 10), "lbfgs: the options are 10"],
    [
      () => call(newton, { lineSearch: { C1: 0.1 } }),
      "newton: lineSearch: there is no option C1; did you mean c1?",
    ],
  ])("of a wrong type are refused: %s", (make, message) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  it.each<[() => unknown, string]>([
    [
      () => sgd({ learningRate: -0.1 }),
      "sgd: learningRate is -0.1; a finite number of at least 0 was wanted",
    ],
    [() => sgd({ learningRate: Number.NaN }), "sgd: learningRate is NaN"],
    [() => adam({ learningRate: Number.POSITIVE_INFINITY }), "adam: learningRate is Infinity"],
    [
      () => momentum({ learningRate: 1, momentum: 1 }),
      "momentum: momentum is 1; a number from 0 up to but not 1",
    ],
    [() => nesterov({ learningRate: 1, momentum: -0.5 }), "nesterov: momentum is -0.5"],
    [() => rmsprop({ alpha: 1 }), "rmsprop: alpha is 1; a number from 0 up to but not 1"],
    [() => rmsprop({ momentum: 1.5 }), "rmsprop: momentum is 1.5"],
    [() => adagrad({ initialAccumulator: -1 }), "adagrad: initialAccumulator is -1"],
    [() => adagrad({ epsilon: -1e-9 }), "adagrad: epsilon is -1e-9"],
    [() => adam({ beta2: Number.NaN }), "adam: beta2 is NaN"],
    [
      () => adamw({ weightDecay: -1 }),
      "adamw: weightDecay is -1; a finite number of at least 0 was wanted",
    ],
  ])("out of their range are refused: %s", (make, message) => {
    expect(make).toThrow(DomainError);
    expect(make).toThrow(message);
  });

  it.each<[unknown, string, string | null]>([
    [sgd, "learningrate", "learningRate"],
    [sgd, "learning_rate", "learningRate"],
    [sgd, "lr", "learningRate"],
    [sgd, "momentum", null],
    [momentum, "momentun", "momentum"],
    [nesterov, "LearnRate", "learningRate"],
    [adam, "beta_1", "beta1"],
    [adam, "eps", "epsilon"],
    [adam, "betas", "beta1"],
    [adam, "weightDecay", null],
    [adamw, "weight_decay", "weightDecay"],
    [adamw, "decay", "decays"],
    [rmsprop, "centred", "centered"],
    [rmsprop, "rho", null],
    [adagrad, "initial_accumulator", "initialAccumulator"],
    [lbfgs, "linesearch", "lineSearch"],
    [lbfgs, "m", null],
    [newton, "dampening", "damping"],
  ])("%o knows no %s, and names what is near: %s", (make, name, near) => {
    const run = () => call(make, { learningRate: 0.1, [name]: 0.5 });
    // The two without a learning rate are asked for their own options alone.
    const bare = () => call(make, { [name]: 0.5 });
    const own = make === lbfgs || make === newton ? bare : run;
    expect(own).toThrow(UsageError);
    const hint = near === null ? "" : `did you mean ${near}\\? `;
    expect(own).toThrow(
      new RegExp(`: there is no option ${name}; ${hint}the options? (is|are) [a-z]`),
    );
  });

  it("of minimize and gaussNewton are looked at, too", () => {
    const x = f64([1]);
    expect(() => call(minimize, f, x, { optimiser: adam() })).toThrow(
      "minimize: there is no option optimiser; did you mean optimizer? the options are optimizer, steps, tol, onStep",
    );
    expect(() => call(minimize, f, x, adam())).toThrow("minimize: there is no option name");
    expect(() => call(minimize, f, x, { learningRate: 1 })).toThrow(UsageError);
    expect(() => call(gaussNewton, f, x, { tolerance: 1 })).toThrow("did you mean tol?");
    expect(() => call(minimize, f, x, 100)).toThrow("minimize: the options are 100");
  });

  it("that are undefined are as not given", () => {
    const x = f64([1, 2]);
    const [plain, given] = [
      {},
      { learningRate: undefined, beta1: undefined, decays: undefined },
    ].map((options) => {
      const optimizer = adamw(options);
      return optimizer.update(x, f64([1, -1]), optimizer.init(x))[0].toArray();
    });
    expect(given).toEqual(plain);
    expect(call(minimize, f, x, undefined)).toHaveProperty("converged", false);
  });
});

describe("learning rates in trees", () => {
  const params = () => ({ W: zeros([2]), b: { c: zeros([1]) } });
  const gradients = { W: ones([2]), b: { c: ones([1]) } };
  const step = (learningRate: unknown): unknown => {
    const descent = call(sgd, { learningRate }) as ReturnType<typeof sgd>;
    const [next] = descent.update(params(), gradients, descent.init(params()));
    return [next.W.toArray(), next.b.c.toArray()];
  };

  it("may be numbers, and go for all below", () => {
    expect(step({ W: 1, b: { c: 2 } })).toEqual([[-1, -1], [-2]]);
    expect(step({ W: tensor([1, 3]), b: 0.5 })).toEqual([[-1, -3], [-0.5]]);
    expect(step({ b: { c: tensor(2) }, W: 4 })).toEqual([[-4, -4], [-2]]);
  });

  it.each<[unknown, string]>([
    [{ W: 1 }, "sgd: learningRate is absent at b.c for a parameter of shape [1]"],
    [{ W: 1, b: {} }, "sgd: learningRate is absent at b.c"],
    [{ W: 1, b: { c: null } }, "sgd: learningRate is null at b.c"],
    [{ W: 1, b: null }, "sgd: learningRate is null for a tree of parameters"],
    [{ W: 1, b: "2" }, 'sgd: learningRate is "2" for a tree of parameters'],
    [{ W: [1, 2], b: 1 }, "sgd: learningRate is an array at W for a parameter of shape [2]"],
    [{ W: { u: 1 }, b: 1 }, "sgd: learningRate is an object at W"],
    [{ W: ones([3]), b: 1 }, "sgd: learningRate is [3] for a parameter of shape [2]"],
    [{ W: 1, b: 1, d: 1 }, "sgd: learningRate has d, which the parameters have not"],
    [{ W: -1, b: 1 }, "sgd: learningRate is -1; a finite number of at least 0 was wanted"],
    [{ W: Number.NaN, b: 1 }, "sgd: learningRate is NaN"],
    [{ W: () => Number.NaN, b: 1 }, "sgd: learningRate at step 1 is NaN"],
  ])("are refused where they do not fit: %o", (rate, message) => {
    expect(() => step(rate)).toThrow(message);
  });
});
