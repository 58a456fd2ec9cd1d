import { describe, expect, it } from "vitest";
import {
  iterate,
  leaves,
  mapTree,
  matmul,
  random,
  scalar,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "../../src/index.js";
import { lbfgs, minimize, type OptimizerState } from "../../src/optim/index.js";
import { f64, rosenbrock, valley, watched } from "./problems.js";

const distance = (x: Tensor, y: Tensor | number): number => x.sub(y).abs().max().item();

describe("lbfgs", () => {
  it.each([
    [2, 60],
    [20, 200],
  ])("finds the bottom of Rosenbrock's valley in %d dimensions", (n, most) => {
    const found = minimize(rosenbrock, valley(n), { optimizer: lbfgs(), tol: 1e-8 });
    expect(found.converged).toBe(true);
    expect(distance(found.x, 1)).toBeLessThan(1e-8);
    // L-BFGS-B of SciPy 1.17 with the same history and tolerance takes 38 and 137 steps.
    expect(found.steps).toBeLessThan(most);
  });

  it("is soon done with a quadratic whose dimension fits into the history", () => {
    // With exact line searches it would take as many steps as there are variables.
    const d = f64([1, 5, 30, 200]);
    const f = (x: Tensor): Tensor => x.sub(1).square().mul(d).sum();
    const found = minimize(f, f64([3, -2, 0, 5]), { optimizer: lbfgs(), tol: 1e-9 });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(20);
    expect(distance(found.x, 1)).toBeLessThan(1e-9);
  });

  it.each([
    [1e2, 120],
    [1e4, 1100],
  ])("minimizes a quadratic of condition %d", (condition, most) => {
    const d = f64(Array.from({ length: 50 }, (_, i) => condition ** (i / 49)));
    const f = (x: Tensor): Tensor => x.square().mul(d).sum().div(2).sub(x.sum());
    const optimizer = lbfgs();
    const found = minimize(f, zeros([50], { dtype: "float64" }), {
      optimizer,
      tol: 1e-6,
      steps: 2000,
    });
    expect(found.converged).toBe(true);
    expect(distance(found.x.mul(d), 1)).toBeLessThan(2e-6);
    // L-BFGS-B of SciPy 1.17 takes 80 and 720.
    expect(found.steps).toBeLessThan(most);
  });

  it("fits a logistic regression", () => {
    const X = random.normal([200, 10], { seed: 1, dtype: "float64" });
    const noise = random.normal([200], { seed: 2, dtype: "float64" });
    const signs = matmul(X, random.normal([10], { seed: 3, dtype: "float64" }))
      .add(noise)
      .sign();
    const f = (w: Tensor): Tensor =>
      matmul(X, w).mul(signs).neg().softplus().sum().add(w.square().sum().div(2));
    const optimizer = lbfgs();
    const found = minimize(f, zeros([10], { dtype: "float64" }), { optimizer, tol: 1e-7 });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(40);
    // The function is convex: nothing near is lower.
    for (const seed of [4, 5, 6]) {
      const near = random.normal([10], { seed, dtype: "float64" }).mul(1e-3).add(found.x);
      expect(f(near).item()).toBeGreaterThan(found.value);
    }
  });

  it("converges in float32 as far as that goes", () => {
    const found = minimize(rosenbrock, valley(20).cast("float32"), {
      optimizer: lbfgs(),
      tol: 1e-3,
    });
    expect(found.converged).toBe(true);
    expect(found.x.dtype).toBe("float32");
    expect(distance(found.x, 1)).toBeLessThan(1e-3);
    // The constant hides all that the values could tell in the end.
    const f = (x: Tensor): Tensor => x.sub(2).square().sum().add(100);
    const hidden = minimize(f, tensor([1, 5, 1.7]), { optimizer: lbfgs(), tol: 1e-5 });
    expect(hidden.converged).toBe(true);
  });

  it("minimizes over trees of tensors, of any shapes and dtypes", () => {
    const target = { w: random.normal([3, 2], { seed: 1 }), b: [f64([1, -2]), scalar(3)] };
    const [w, b0, b1] = leaves(target) as [Tensor, Tensor, Tensor];
    const parts = [w, b0, b1];
    const f = (p: typeof target): Tensor =>
      leaves(p)
        .map((x, i) => x.sub(parts[i] as Tensor).square())
        .map((x) => x.mul(x.add(1)).sum().cast("float64"))
        .reduce((a, x) => a.add(x));
    const x0 = mapTree(target, (x) => zeros(x.shape, { dtype: x.dtype }));
    const { x } = minimize(f, x0, { optimizer: lbfgs(), steps: 50, tol: 1e-5 });
    expect(leaves(x).map(({ dtype }) => dtype)).toEqual(leaves(target).map(({ dtype }) => dtype));
    leaves(x).forEach((leaf, i) => {
      expect(distance(leaf, leaves(target)[i] as Tensor)).toBeLessThan(1e-5);
    });
  });

  it("evaluates the function nowhere twice, and mostly once a step", () => {
    const { f, seen } = watched(rosenbrock);
    const { steps } = minimize(f, valley(20), { optimizer: lbfgs(), tol: 1e-8 });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeLessThan(1.3 * steps);
  });

  it("goes round where the function has no value", () => {
    // x − log x, whose first steps lead below 0
    const f = (x: Tensor): Tensor => x.sub(x.log().mul(1e-3)).sum();
    const found = minimize(f, f64([1, 2]), { optimizer: lbfgs(), tol: 1e-8 });
    expect(found.converged).toBe(true);
    expect(distance(found.x, 1e-3)).toBeLessThan(1e-10);
  });

  it("stops where nothing lower is found, and gives the parameters back", () => {
    const kink = (x: Tensor): Tensor => x.abs().sum();
    const { f, seen } = watched(kink);
    const found = minimize(f, f64([1]), { optimizer: lbfgs(), steps: 1000 });
    expect(found.value).toBe(0);
    expect(found.steps).toBeLessThan(5);
    expect(seen.length).toBeLessThan(60);
    const x = f64([1, 2]);
    const optimizer = lbfgs();
    const flat = (x: Tensor): Tensor => x.mul(0).sum();
    const [value, gradient] = valueAndGrad(flat)(x);
    const [next, state] = optimizer.update(x, gradient, optimizer.init(x), { f: flat, value });
    expect(next).toBe(x);
    expect(state.pairs).toEqual([]);
    expect(minimize(flat, x, { optimizer }).steps).toBe(0);
  });

  it("leaves out pairs that bend downwards, and begins anew where they mislead", () => {
    // −cos bends downwards from π/2 to 3π/2.
    const f = (x: Tensor): Tensor => x.cos().neg().sum();
    const found = minimize(f, f64([3, 2.5, -3.1]), { optimizer: lbfgs(), tol: 1e-9 });
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(-3, 12);
    const optimizer = lbfgs();
    const x = f64([1, 1]);
    const g = (x: Tensor): Tensor => x.square().sum();
    const [value, gradient] = valueAndGrad(g)(x);
    // ⟨s, y⟩ < 0 cannot come about by lbfgs; it makes −Hg lead upwards.
    const pairs = [{ s: f64([1, 0]), y: f64([-1, 0]), sy: -1 }];
    const state = { ...optimizer.init(x), pairs };
    const [next, after] = optimizer.update(x, gradient, state, { f: g, value });
    expect(g(next).item()).toBeLessThan(value.item());
    expect(after.pairs?.every(({ sy }) => sy > 0)).toBe(true);
  });

  it("keeps the last pairs, in a state that can be written down and read again", () => {
    const optimizer = lbfgs({ history: 3 });
    const walk = (pass: (state: OptimizerState) => OptimizerState): [Tensor, OptimizerState] => {
      let x = valley(4);
      let state = optimizer.init(x);
      for (let i = 0; i < 8; i++) {
        const [value, gradient] = valueAndGrad(rosenbrock)(x);
        [x, state] = optimizer.update(x, gradient, pass(state), { f: rosenbrock, value });
      }
      return [x, state];
    };
    const read = (state: OptimizerState): OptimizerState => {
      const { pairs, ...rest } = JSON.parse(JSON.stringify(state));
      const list = pairs.map(({ s, y, sy }: { s: number[]; y: number[]; sy: number }) => {
        return { s: f64(s), y: f64(y), sy };
      });
      return { ...rest, pairs: list };
    };
    const [x, state] = walk((state) => state);
    expect([state.steps, state.pairs?.length]).toEqual([8, 3]);
    expect(walk(read)[0].toArray()).toEqual(x.toArray());
  });

  it("changes nothing in place", () => {
    const x = valley(2);
    const optimizer = lbfgs();
    const state = optimizer.init(x);
    const [value, gradient] = valueAndGrad(rosenbrock)(x);
    optimizer.update(x, gradient, state, { f: rosenbrock, value });
    expect([x.toArray(), state]).toEqual([
      [-1.2, 1],
      { optimizer: "lbfgs", steps: 0, averages: [], pairs: [] },
    ]);
  });

  it("runs in iterate", () => {
    const optimizer = lbfgs();
    const x = valley(2);
    const training = iterate({ x, state: optimizer.init(x) }, ({ x, state }) => {
      const [value, gradient] = valueAndGrad(rosenbrock)(x);
      const [moved, next] = optimizer.update(x, gradient, state, { f: rosenbrock, value });
      return [{ x: moved, state: next }, value];
    });
    for (let i = 0; i < 40; i++) training.next();
    expect(distance(training.state.x, 1)).toBeLessThan(1e-8);
  });

  it("says what it lacks", () => {
    const optimizer = lbfgs();
    const x = valley(2);
    const [value, gradient] = valueAndGrad(rosenbrock)(x);
    const state = optimizer.init(x);
    const problem = { f: rosenbrock, value };
    expect(() => optimizer.update(x, gradient, state)).toThrow(
      "lbfgs: it evaluates the function along its way; pass { f, value } as fourth argument",
    );
    expect(() => optimizer.update(x, f64([1]), state, problem)).toThrow(
      "lbfgs, gradients: it is [1]; the shape [2] was wanted",
    );
    const other = { optimizer: "newton", steps: 0, averages: [] };
    expect(() => optimizer.update(x, gradient, other, problem)).toThrow(
      "(what came is a state of newton)",
    );
    const nan = { f: rosenbrock, value: f64([Number.NaN]) };
    expect(() => optimizer.update(x, gradient, state, nan)).toThrow("lbfgs: the value is NaN");
    expect(() => lbfgs({ history: 0 })).toThrow("lbfgs: history is 0; a whole number, 1 or more");
    expect(() => lbfgs({ lineSearch: { c1: 2 } })).toThrow("lbfgs: c1 is 2");
  });
});
