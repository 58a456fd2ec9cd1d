import { describe, expect, it } from "vitest";
import { leaves, ones, scalar, type Tensor, tensor, zeros } from "../src/index.js";
import { adam, minimize, momentum, type Optimizer, sgd } from "../src/optim/index.js";

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
    for (const of of [momentum, adam]) {
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
