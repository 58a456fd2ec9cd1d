import { describe, expect, it } from "vitest";
import {
  cholesky,
  DomainError,
  DtypeError,
  diagPart,
  eye,
  logdet,
  ShapeError,
  scalar,
  type Tensor,
  tensor,
  trace,
  UsageError,
  zeros,
} from "../../src/index.js";
import {
  adam,
  gaussNewton,
  lbfgs,
  minimize,
  momentum,
  newton,
  type Optimizer,
  sgd,
} from "../../src/optim/index.js";
import { f64, watched } from "./problems.js";

/** Calls a function as plain JavaScript does, which no type holds back. */
const call = (f: unknown, ...args: unknown[]): unknown =>
  (f as (...args: unknown[]) => unknown)(...args);
const bowl = (x: Tensor): Tensor => x.sub(1).square().sum();
const stop = (): boolean => false;
const slow = sgd({ learningRate: 0.1 });

describe("stopped", () => {
  it.each([
    ["converged", { optimizer: slow, tol: 1e-3 }],
    ["converged", { optimizer: newton(), tol: 1e-3, steps: 1 }],
    ["converged", { optimizer: newton(), tol: 1e-3, onStep: stop }],
    ["steps", { optimizer: slow, steps: 5, tol: 1e-3 }],
    ["steps", { optimizer: slow, steps: 0 }],
    ["steps", { optimizer: newton(), steps: 1 }],
    ["stuck", { optimizer: newton() }],
    ["stuck", { optimizer: lbfgs() }],
    ["callback", { optimizer: slow, onStep: stop }],
    ["callback", { optimizer: slow, steps: 1, onStep: stop }],
  ] as const)("says %s, for %o", (reason, options) => {
    const found = minimize(bowl, f64([3, -2]), options);
    expect(found.stopped).toBe(reason);
    expect(found.converged).toBe(reason === "converged");
  });

  it.each([
    ["converged", { tol: 1e-9 }],
    ["converged", { tol: 1e-3, steps: 1 }],
    ["steps", { steps: 0 }],
    ["steps", { steps: 1 }],
    ["stuck", {}],
    ["callback", { onStep: stop }],
  ] as const)("of gaussNewton says %s, for %o", (reason, options) => {
    const found = gaussNewton((x: Tensor) => x.exp().sub(2), f64([0.7, 0.69]), options);
    expect(found.stopped).toBe(reason);
    expect(found.converged).toBe(reason === "converged");
  });

  // trace(S P) − log det P: negative definite matrices P of even order have a determinant, too.
  const S = tensor([
    [2, 0.5],
    [0.5, 1],
  ]).cast("float64");
  const byDeterminant = (P: Tensor): Tensor => trace(S.matmul(P)).sub(logdet(P));
  const byCholesky = (P: Tensor): Tensor =>
    trace(S.matmul(P)).sub(diagPart(cholesky(P)).log().sum().mul(2));
  const eye2 = eye(2, { dtype: "float64" });

  it.each<[string, (x: Tensor) => Tensor, Tensor, Optimizer, number]>([
    ["a determinant", byDeterminant, eye2, newton(), 1000],
    ["a determinant", byDeterminant, eye2.mul(0.3), newton(), 1000],
    ["a determinant", byDeterminant, eye2.neg(), lbfgs(), 100],
    ["a determinant", byDeterminant, eye2.neg(), sgd({ learningRate: 1e6 }), 50],
    ["a slope", (x) => x.sum(), f64([1, 2]), sgd({ learningRate: 1e9 }), 50],
    ["a hill", (x) => x.square().sum().neg(), f64([1, 2]), newton(), 40],
    ["a hill", (x) => x.square().sum().neg(), tensor([1, 2]), newton(), 40],
    ["a saddle", (x) => x.square().mul([1, -1]).sum(), tensor([1, 2]), slow, 100],
    ["a cubic", (x) => x.pow(3).sum(), f64([-1]), lbfgs(), 15],
  ])("says unbounded where the value runs off: %s (%#)", (_, f, x0, optimizer, steps) => {
    const { stopped, converged, value } = minimize(f, x0, { optimizer, steps });
    expect([stopped, converged]).toEqual(["unbounded", false]);
    expect(value).toBeLessThan(-1e3);
  });

  it.each<[string, (x: Tensor) => Tensor, Tensor, Optimizer, number]>([
    ["a slope that only began", (x) => x.sum(), f64([1, 2]), slow, 50],
    ["a low minimum", (x) => x.square().div(2).sub(x.mul(1e20)).sum(), f64([0]), newton(), 50],
    ["a way to it", (x) => x.square().div(2).sub(x.mul(1e20)).sum(), f64([0]), slow, 50],
    ["deep waves", (x) => x.cos().sum().mul(1e12), f64([1.4]), lbfgs(), 50],
    ["a bound", (x) => x.neg().add(x.neg().add(1e12).log()).sum(), f64([0]), lbfgs(), 50],
    ["a kink", (x) => x.abs().sum(), f64([1]), lbfgs(), 50],
  ])("and only there: not for %s", (_, f, x0, optimizer, steps) => {
    expect(["steps", "stuck"]).toContain(minimize(f, x0, { optimizer, steps }).stopped);
  });

  it("has no trouble with a precision by cholesky, which refuses what is not definite", () => {
    for (const optimizer of [newton(), lbfgs()]) {
      const { x, stopped } = minimize(byCholesky, eye2, { optimizer, tol: 1e-8 });
      expect(stopped).toBe("converged");
      expect(x.matmul(S).sub(eye2).abs().max().item()).toBeLessThan(1e-7);
    }
  });

  it("does not evaluate the function for it where nothing has run off", () => {
    const { f, seen } = watched(bowl);
    minimize(f, f64([3]), { optimizer: slow, steps: 3 });
    expect(seen.length).toBe(4);
  });
});

describe("what minimize and gaussNewton refuse", () => {
  const x = f64([1, 2]);
  it.each<[unknown[], string]>([
    [
      [undefined, x],
      "f is undefined; a function that gives a scalar was wanted: minimize(f, x0, options)",
    ],
    [[x, bowl], "f is a tensor [2]; a function"],
    [
      [bowl],
      "x0 is undefined, in which there are no tensors; a tensor, or a tree of tensors, was wanted",
    ],
    [[bowl, {}], "x0 is an object, in which there are no tensors"],
    [[bowl, 3], "x0 is 3; a tensor, or a tree of tensors, was wanted: tensor(x0)"],
    [[bowl, [[1, 2]]], "x0 is an array of numbers; a tensor"],
    [[bowl, new Float64Array(2)], "x0 is a Float64Array of numbers; a tensor"],
    [
      [bowl, x, { optimizer: "lbfgs" }],
      'optimizer is "lbfgs"; an optimizer was wanted, which its function makes: { optimizer: lbfgs() }',
    ],
    [[bowl, x, { optimizer: "SGD" }], "{ optimizer: sgd({ learningRate: 0.1 }) }"],
    [
      [bowl, x, { optimizer: "bfgs" }],
      '"bfgs"; an optimizer was wanted, which its function makes: { optimizer: lbfgs() }',
    ],
    [
      [bowl, x, { optimizer: newton }],
      "optimizer is the function newton; an optimizer was wanted, which its function makes: { optimizer: newton() }",
    ],
    [[bowl, x, { optimizer: momentum }], "{ optimizer: momentum({ learningRate: 0.1 }) }"],
    [[bowl, x, { optimizer: bowl }], "optimizer is a function; an optimizer was wanted"],
    [[bowl, x, { optimizer: null }], "optimizer is null; an optimizer was wanted"],
    [
      [bowl, x, { optimizer: { learningRate: 1 } }],
      "optimizer is an object; an optimizer was wanted",
    ],
    [[bowl, x, { steps: "9" }], 'steps is "9"; a whole number, 0 or more, was wanted'],
    [[bowl, x, { tol: -1 }], "tol is -1; a number of at least 0 was wanted"],
    [[bowl, x, { onStep: 3 }], "onStep is 3; a function was wanted"],
    [
      [() => 3, x],
      "f gave 3; a scalar tensor was wanted (a number read with .item() carries no gradient)",
    ],
    [
      [async () => scalar(3), x],
      "f gave a Promise; it must be synchronous: await what it needs before",
    ],
  ])("is named (%#)", (args, message) => {
    expect(() => call(minimize, ...args)).toThrow(UsageError);
    expect(() => call(minimize, ...args)).toThrow(`minimize: `);
    expect(() => call(minimize, ...args)).toThrow(message);
  });

  it.each([adam(), newton(), lbfgs()])("whichever the optimizer (%#)", (optimizer) => {
    const vector = (x: Tensor): Tensor => x.square();
    expect(() => minimize(vector, x, { optimizer })).toThrow(
      "minimize: f gave a tensor [2]; a scalar was wanted: end with .sum() or .mean()",
    );
    expect(() => minimize(vector, x, { optimizer })).toThrow(ShapeError);
    const whole = { W: x, n: tensor([3], { dtype: "int32" }) };
    const f = ({ W }: typeof whole): Tensor => bowl(W);
    expect(() => minimize(f, whole, { optimizer })).toThrow(DtypeError);
    expect(() => minimize(f, whole, { optimizer })).toThrow("minimize: the parameter n is int32");
    expect(() => call(minimize, f, { W: 3 }, { optimizer })).toThrow(
      "minimize, x0: W is a number (3); a tensor",
    );
    expect(minimize(bowl, zeros([0]), { optimizer, steps: 3 }).value).toBe(0);
  });

  it("is a start that is not finite, and not the learning rate", () => {
    const anomaly = "; grad(f, { anomaly: true })(x) names the op that makes it";
    const begin = "; begin where the function and its gradient are finite";
    const log = (x: Tensor): Tensor => x.log().sum();
    const cases: [() => unknown, string][] = [
      [() => minimize(log, f64([-1, 1])), `minimize: f is NaN at the start, x0${begin}${anomaly}`],
      [() => minimize(log, f64([0, 1])), "minimize: f is -Infinity at the start, x0"],
      [() => minimize(bowl, f64([1, Number.NaN])), "minimize: x0 has entries that are not finite"],
      [
        () => minimize((x: Tensor) => x.sqrt().sum(), f64([0, 1])),
        "minimize: the gradient of f has entries that are not finite at the start, x0; begin where",
      ],
      [
        () => gaussNewton((x: Tensor) => x.log(), f64([-1])),
        "gaussNewton: half the sum of squares is NaN at the start, x0",
      ],
      [
        () => gaussNewton((x: Tensor) => x.sqrt(), f64([0])),
        "gaussNewton: the gradient of half the sum of squares has entries that are not finite at",
      ],
      [() => gaussNewton((x: Tensor) => x, f64([Number.NaN])), "gaussNewton: x0 has entries that"],
    ];
    for (const [run, message] of cases) {
      expect(run).toThrow(DomainError);
      expect(run).toThrow(message);
    }
  });

  it("says what happened where the value stops being finite", () => {
    const far = (f: (x: Tensor) => Tensor, optimizer: Optimizer) => () =>
      minimize(f, f64([1, 2]), { optimizer, steps: 2000 });
    const hill = (x: Tensor): Tensor => x.square().sum().neg();
    expect(far(hill, sgd({ learningRate: 1 }))).toThrow(
      /minimize: the value is -Infinity after \d+ steps of sgd; the function seems to have no lower bound, grad/,
    );
    expect(far(bowl, sgd({ learningRate: 2 }))).toThrow(
      /minimize: the value is Infinity after \d+ steps of sgd; a smaller learning rate may help, grad/,
    );
    const rash = newton({ lineSearch: false });
    // x − log x, from 2 to 0
    expect(far((x) => x.sub(x.log()).sum(), rash)).toThrow(
      "minimize: the value is Infinity after 1 steps of newton; grad(f, { anomaly: true })(x) names",
    );
  });

  it.each<[unknown[], string]>([
    [
      [3, x],
      "residuals is 3; a function that gives tensors was wanted: gaussNewton(residuals, x0, options)",
    ],
    [[bowl], "x0 is undefined, in which there are no tensors"],
    [[bowl, [1]], "x0 is an array of numbers"],
    [[bowl, x, { steps: null }], "steps is null"],
    [[bowl, x, { onStep: {} }], "onStep is an object; a function was wanted"],
  ])("of gaussNewton is named, too (%#)", (args, message) => {
    expect(() => call(gaussNewton, ...args)).toThrow(UsageError);
    expect(() => call(gaussNewton, ...args)).toThrow(`gaussNewton: ${message}`);
  });
});
