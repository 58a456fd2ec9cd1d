import { describe, expect, it } from "vitest";
import { leaves, ones, record, scalar, type Tensor, tensor, zeros } from "../src/index.js";
import {
  adagrad,
  adam,
  adamw,
  minimize,
  momentum,
  nesterov,
  type Optimizer,
  rmsprop,
  sgd,
} from "../src/optim/index.js";

const f64 = (values: number[]): Tensor => tensor(new Float64Array(values));

/** The parameters after each of three steps with gradients 1, 2, −1 from 0. */
function walk(optimizer: Optimizer): number[] {
  let x = f64([0]);
  let state = optimizer.init(x);
  return [1, 2, -1].map((g) => {
    [x, state] = optimizer.update(x, f64([g]), state);
    return x.item();
  });
}

const close = (got: readonly number[], want: readonly number[]): void => {
  got.forEach((x, i) => {
    expect(x).toBeCloseTo(want[i] as number, 12);
  });
};

describe("optimizers", () => {
  it("sgd: p ← p − η g", () => {
    close(walk(sgd({ learningRate: 0.1 })), [-0.1, -0.3, -0.2]);
  });

  it("momentum: v ← μ v + g, p ← p − η v", () => {
    // v = 1, 2.5, 0.25
    close(walk(momentum({ learningRate: 0.1, momentum: 0.5 })), [-0.1, -0.35, -0.375]);
  });

  it("adam as in algorithm 1 of Kingma and Ba", () => {
    const [rate, beta1, beta2, epsilon] = [0.1, 0.9, 0.999, 1e-8];
    let [x, m, v] = [0, 0, 0];
    const want = [1, 2, -1].map((g, i) => {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      const [mean, square] = [m / (1 - beta1 ** (i + 1)), v / (1 - beta2 ** (i + 1))];
      x -= (rate * mean) / (Math.sqrt(square) + epsilon);
      return x;
    });
    close(walk(adam({ learningRate: rate })), want);
  });

  it("nesterov goes where Sutskever et al. look ahead to", () => {
    // v ← μ v − η ∇f(θ + μ v), θ ← θ + v (2013, equations 3 and 4), on f = ½ Σ c x².
    const [rate, mu, curvatures] = [0.02, 0.8, [1, 5, 30]];
    const slope = (x: readonly number[]) => x.map((xi, i) => (curvatures[i] as number) * xi);
    let [theta, v] = [
      [1, -2, 0.5],
      [0, 0, 0],
    ];
    const optimizer = nesterov({ learningRate: rate, momentum: mu });
    let x = f64(theta);
    let state = optimizer.init(x);
    for (let step = 0; step < 25; step++) {
      const ahead = theta.map((t, i) => t + mu * (v[i] as number));
      close([...x.data()], ahead);
      const g = slope(ahead);
      v = v.map((vi, i) => mu * vi - rate * (g[i] as number));
      theta = theta.map((t, i) => t + (v[i] as number));
      [x, state] = optimizer.update(x, f64(slope([...x.data()])), state);
    }
  });

  it("nesterov without momentum is gradient descent", () => {
    close(walk(nesterov({ learningRate: 0.1, momentum: 0 })), walk(sgd({ learningRate: 0.1 })));
  });

  it("rmsprop as Graves, also where rounding makes the variance negative", () => {
    const [rate, alpha, epsilon, mu] = [0.1, 0.9, 1e-4, 0.6];
    let [x, n, m, b] = [0, 0, 0, 0];
    const want = [1, 2, -1].map((g) => {
      n = alpha * n + (1 - alpha) * g * g;
      m = alpha * m + (1 - alpha) * g;
      b = mu * b + g / (Math.sqrt(n - m * m) + epsilon);
      x -= rate * b;
      return x;
    });
    close(
      walk(rmsprop({ learningRate: rate, alpha, epsilon, momentum: mu, centered: true })),
      want,
    );
    // In float32 the means of a constant gradient come to g² and g, within rounding of either sign.
    const optimizer = rmsprop({ alpha: 0.5, centered: true, epsilon: 1, learningRate: 1e-3 });
    const g = tensor([0.1, 0.3, 0.7, 1.1, 1.3, 1.7, 1.9, 2.3]);
    let p = zeros([8]);
    let state = optimizer.init(p);
    let lowest = 0;
    for (let step = 0; step < 60; step++) {
      [p, state] = optimizer.update(p, g, state);
      const [squares, mean] = state.averages.map(([a]) => a as Tensor) as [Tensor, Tensor];
      lowest = Math.min(lowest, squares.sub(mean.square()).min().item());
    }
    expect(lowest).toBeLessThan(0);
    expect([...p.data()].every(Number.isFinite)).toBe(true);
  });

  it("adagrad divides by the root of the sum of squares", () => {
    let [x, s] = [0, 0.3];
    const want = [1, 2, -1].map((g) => {
      s += g * g;
      x -= (0.5 * g) / (Math.sqrt(s) + 1e-10);
      return x;
    });
    close(walk(adagrad({ learningRate: 0.5, initialAccumulator: 0.3 })), want);
  });

  it("adagrad is right after many steps in float32", () => {
    const optimizer = adagrad({ learningRate: 0.5 });
    let x = tensor([0]);
    let state = optimizer.init(x);
    let want = 0;
    let s = 0;
    for (let step = 0; step < 3000; step++) {
      const g = 1 + (step % 3);
      [x, state] = optimizer.update(x, tensor([g]), state);
      s += g * g;
      want -= (0.5 * g) / Math.sqrt(s);
    }
    expect(Math.abs(x.item() / want - 1)).toBeLessThan(1e-4);
  });

  it("adamw takes its decay from the parameters, at the rate of the step", () => {
    const options = { learningRate: (step: number) => 0.1 * step, beta1: 0.8, epsilon: 1e-3 };
    const params = { W: f64([2, -3]), b: f64([1]), deep: [{ b: f64([4]) }] };
    const gradients = { W: f64([1, 0]), b: f64([0]), deep: [{ b: f64([0]) }] };
    const seen: [readonly number[], string][] = [];
    const decays = (p: Tensor, path: string): boolean => {
      seen.push([p.shape, path]);
      return !path.endsWith("b");
    };
    const [plain, decayed] = [adam(options), adamw({ ...options, weightDecay: 0.5, decays })];
    let [x, y] = [params, params];
    let [u, v] = [plain.init(x), decayed.init(y)];
    let w = [2, -3];
    for (let step = 1; step <= 3; step++) {
      const before = x.W.data();
      [x, u] = plain.update(x, gradients, u);
      [y, v] = decayed.update(y, gradients, v);
      const moves = [...x.W.data()].map((after, i) => after - (before[i] as number));
      w = w.map((wi, i) => (1 - 0.1 * step * 0.5) * wi + (moves[i] as number));
      close([...y.W.data()], w);
    }
    expect([y.b.toArray(), y.deep[0]?.b.toArray()]).toEqual([[1], [4]]);
    expect(seen.slice(0, 3)).toEqual([
      [[2], "W"],
      [[1], "b"],
      [[1], "deep[0].b"],
    ]);
    const vague = adamw({ decays: ((p: Tensor) => p.rank) as never });
    expect(() => vague.update(params, gradients, vague.init(params))).toThrow(
      "adamw: decays gave 1 for W; true or false was wanted",
    );
  });

  it("adamw decays each entry at its own rate", () => {
    const optimizer = adamw({ learningRate: { a: f64([0.1, 0.2]), b: 0.3 }, weightDecay: 0.5 });
    const params = { a: f64([1, 1]), b: f64([1]) };
    const zero = { a: f64([0, 0]), b: f64([0]) };
    const [{ a, b }] = optimizer.update(params, zero, optimizer.init(params));
    close([...a.data(), ...b.data()], [0.95, 0.9, 0.85]);
  });

  it.each([momentum, nesterov, adam, adamw])("%o runs one op for a parameter", (of) => {
    const [x, g] = [f64([1, 2]), f64([3, 4])];
    const optimizer = of({ learningRate: 0.1 });
    const { tape } = record((x: Tensor) => optimizer.update(x, g, optimizer.init(x))[0], [x]);
    expect(tape.entries.length).toBe(1);
  });

  it("adamw without decay is adam", () => {
    expect(walk(adamw({ learningRate: 0.1, weightDecay: 0 }))).toEqual(
      walk(adam({ learningRate: 0.1 })),
    );
  });

  it("take one step size an entry, also in trees", () => {
    const params = { w: zeros([2]), b: scalar(0) };
    const gradients = { w: ones([2]), b: scalar(1) };
    const rates = { w: tensor([1, 10]), b: scalar(0.5) };
    const optimizer = sgd({ learningRate: rates });
    const [next] = optimizer.update(params, gradients, optimizer.init(params));
    expect([next.w.toArray(), next.b.item()]).toEqual([[-1, -10], -0.5]);
    const single = sgd({ learningRate: tensor([1, 10]) });
    const [x] = single.update(zeros([2]), ones([2]), single.init(zeros([2])));
    expect(x.toArray()).toEqual([-1, -10]);
  });

  it("go as far with a rate for each entry as with one for all", () => {
    for (const of of [momentum, nesterov, rmsprop, adagrad, adam, adamw]) {
      const steps = [0.1, f64([0.1])].map((learningRate) => walk(of({ learningRate })));
      close(steps[1] as number[], steps[0] as number[]);
    }
  });

  it("change nothing in place", () => {
    const x = tensor([1, 2]);
    const optimizer = momentum({ learningRate: 1 });
    const state = optimizer.init(x);
    optimizer.update(x, ones([2]), state);
    expect([x.toArray(), state.steps, state.averages[0]?.[0]?.toArray()]).toEqual([
      [1, 2],
      0,
      [0, 0],
    ]);
  });
});

describe("minimize", () => {
  const f = (x: Tensor): Tensor => x.sub([1, -2]).square().sum();
  const optimizer = sgd({ learningRate: 0.25 });

  it("stops where no entry of the gradient exceeds tol", () => {
    const found = minimize(f, f64([0, 0]), { optimizer, tol: 1e-13 });
    expect(found.converged).toBe(true);
    expect(found.gradientNorm).toBeLessThanOrEqual(1e-13);
    expect(found.steps).toBeLessThan(60);
    close([...found.x.data()], [1, -2]);
    expect(found.value).toBeLessThan(1e-18);
  });

  it("stops after its steps, and says that it did not converge", () => {
    const found = minimize(f, f64([0, 0]), { optimizer, steps: 3, tol: 1e-9 });
    expect([found.steps, found.converged]).toEqual([3, false]);
    expect(found.x.toArray()).toEqual([0.875, -1.75]);
    expect(found.value).toBe(0.078125);
    expect(minimize(f, f64([0, 0]), { steps: 0 }).x.toArray()).toEqual([0, 0]);
  });

  it("tells onStep of each step, and stops when it says so", () => {
    const seen: number[][] = [];
    const found = minimize(f, f64([0, 0]), {
      optimizer,
      onStep: ({ step, value, x, gradient }) => {
        seen.push([step, value, x.data()[0] as number, gradient.data()[0] as number]);
        return step < 2;
      },
    });
    expect(seen).toEqual([
      [1, 5, 0.5, -2],
      [2, 1.25, 0.75, -1],
    ]);
    expect([found.steps, found.value, found.gradientNorm]).toEqual([2, 0.3125, 1]);
  });

  it("stops where the optimizer gives back the parameters that it got", () => {
    const halving = sgd({ learningRate: 0.25 });
    let updates = 0;
    const hesitant: Optimizer = {
      ...halving,
      update: (params, gradients, state) =>
        ++updates > 2 ? [params, state] : halving.update(params, gradients, state),
    };
    const seen: number[] = [];
    const onStep = ({ step }: { step: number }): void => void seen.push(step);
    const found = minimize(f, f64([0, 0]), { optimizer: hesitant, onStep });
    expect([found.steps, found.converged, updates]).toEqual([2, false, 3]);
    expect([found.x.toArray(), found.gradientNorm, seen]).toEqual([[0.75, -1.5], 1, [1, 2]]);
  });

  it("hands optimizers the function and its value, and takes over what they evaluated", () => {
    const told: unknown[] = [];
    let calls = 0;
    const counted = (x: Tensor): Tensor => {
      calls++;
      return f(x);
    };
    const own: Optimizer = {
      ...optimizer,
      update: (params, gradients, state, problem) => {
        told.push(problem?.f === counted, problem?.value.item(), problem?.hessian);
        const [x, next] = optimizer.update(params, gradients, state);
        return [x, next, problem?.evaluate?.(x)];
      },
    };
    const found = minimize(counted, f64([0, 0]), { optimizer: own, steps: 3 });
    expect(told).toEqual([true, 5, undefined, true, 1.25, undefined, true, 0.3125, undefined]);
    expect([found.value, calls]).toEqual([0.078125, 4]);
  });

  it("hands the Hessian, too, to those that want it, but makes none for the last point", () => {
    const norms: (number | undefined)[] = [];
    const curved: Optimizer = {
      ...optimizer,
      curvature: true,
      update: (params, gradients, state, problem) => {
        const there = problem?.evaluate?.(params);
        norms.push(leaves(problem?.hessian?.apply(params))[0]?.norm().item());
        expect(there?.hessian === undefined).toBe(norms.length === 2);
        return optimizer.update(params, gradients, state);
      },
    };
    minimize(f, f64([3, 4]), { optimizer: curved, steps: 2 });
    // H = 2 I, at (3, 4) and half way to (1, −2)
    expect(norms).toEqual([10, 2 * Math.hypot(2, 1)]);
  });

  it("minimizes over trees", () => {
    const g = (p: { a: Tensor; b: Tensor }): Tensor => p.a.sub(3).square().add(p.b.add(1).square());
    const { x } = minimize(g, { a: scalar(0), b: scalar(0) }, { optimizer, steps: 60 });
    expect([x.a.item(), x.b.item()]).toEqual([3, -1]);
  });
});
