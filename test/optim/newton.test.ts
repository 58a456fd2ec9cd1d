import { describe, expect, it } from "vitest";
import {
  hessian,
  leaves,
  random,
  SingularError,
  scalar,
  slice,
  type Tensor,
  tensor,
  UsageError,
  valueAndGrad,
  zeros,
} from "../../src/index.js";
import { type Curvature, minimize, newton, type Problem } from "../../src/optim/index.js";
import { f64, rosenbrock, valley, watched } from "./problems.js";

const distance = (x: Tensor, y: Tensor | number): number => x.sub(y).abs().max().item();
const entry = (x: Tensor, i: number): Tensor => slice(x, [i], [1]);
const normal = (shape: number[], seed: number): Tensor =>
  random.normal(shape, { seed, dtype: "float64" });

/** All that update wants to know at `x`. */
function known(
  f: (x: Tensor) => Tensor,
  x: Tensor,
): { gradient: Tensor; problem: Problem<Tensor> } {
  const H = hessian(f, { form: "operator" })(x);
  return { gradient: H.gradient, problem: { f, value: H.value, hessian: H } };
}

/** The same Hessian, whose `solve` fails. */
function failing(H: Curvature<Tensor>, error: Error): Curvature<Tensor> {
  return {
    structured: true,
    apply: (V) => H.apply(V),
    matrix: (options) => H.matrix(options),
    solve: () => {
      throw error;
    },
  };
}

describe("newton", () => {
  it.each([1, 1e3, 1e6])("takes one step on a quadratic of condition %d", (condition) => {
    const d = f64(Array.from({ length: 50 }, (_, i) => condition ** (i / 49)));
    const f = (x: Tensor): Tensor => x.sub(1).square().mul(d).sum();
    const x0 = normal([50], 1);
    const found = minimize(f, x0, { optimizer: newton(), tol: 1e-8 * condition });
    expect([found.steps, found.converged]).toEqual([1, true]);
    expect(distance(found.x, 1)).toBeLessThan(1e-9);
  });

  it("takes one step to the matrix U with the least ‖T − U·Vᵀ‖², also with 10⁴ parameters", () => {
    for (const [n, k] of [
      [8, 3],
      [1000, 10],
    ] as const) {
      const T = random.normal([n, n], { seed: 1 });
      const V = random.normal([n, k], { seed: 2 });
      const { f, seen } = watched((U) => T.sub(U.matmul(V.T)).square().sum());
      const U0 = random.normal([n, k], { seed: 3 });
      const found = minimize(f, U0, { optimizer: newton(), tol: 0.1 });
      expect([found.steps, found.converged, seen.length]).toEqual([1, true, 2]);
      // The residuals of the closed form are orthogonal to V.
      const left = T.sub(found.x.matmul(V.T)).matmul(V);
      expect(distance(left, 0)).toBeLessThan(1e-2);
    }
  });

  it("converges quadratically", () => {
    const A = normal([20, 4], 1);
    const f = (x: Tensor): Tensor => A.matmul(x).exp().sum();
    const norms: number[] = [];
    const found = minimize(f, f64([1, -1, 0.5, 0]), {
      optimizer: newton(),
      tol: 1e-12,
      onStep: ({ gradient }) => void norms.push(gradient.abs().max().item()),
    });
    expect(found.converged).toBe(true);
    expect(norms.length).toBeLessThan(10);
    const [a, b, c] = norms.slice(-3) as [number, number, number];
    expect(a).toBeLessThan(1);
    expect(c / b).toBeLessThan(2 * (b / a) ** 2);
  });

  it.each([2, 10])("finds the bottom of Rosenbrock's valley in %d dimensions", (n) => {
    const x0 = f64(new Array(n).fill(-1.2));
    const found = minimize(rosenbrock, x0, { optimizer: newton(), tol: 1e-9 });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(100);
    expect(found.x.sub(1).abs().max().item()).toBeLessThan(1e-9);
  });

  it("minimizes over trees of tensors, of any shapes and dtypes", () => {
    type P = { U: Tensor; V: Tensor; c: Tensor };
    const T = normal([6, 5], 1);
    const f = ({ U, V, c }: P): Tensor =>
      T.sub(U.matmul(V.T)).sub(c).square().sum().add(c.square().sum().mul(0.1));
    const x0 = { V: normal([5, 2], 2), U: normal([6, 2], 3), c: scalar(0) };
    const found = minimize(f, x0, { optimizer: newton(), tol: 1e-5, steps: 200 });
    expect(found.converged).toBe(true);
    expect(leaves(found.x).map(({ shape, dtype }) => [shape, dtype])).toEqual(
      leaves(x0).map(({ shape, dtype }) => [shape, dtype]),
    );
    // No saddle: with c as it is, the best approximation of rank 2 (Eckart and Young).
    const { s } = T.sub(found.x.c).svd();
    const rest = slice(s, [2]).square().sum().item() + 0.1 * found.x.c.item() ** 2;
    expect(found.value).toBeCloseTo(rest, 5);
  });

  it("takes the Hessian of a tree as hessian gives it", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }): Tensor =>
      a.sub(1).square().sum().add(b.sub(a.sum()).square().sum());
    const x = { b: f64([5, 6]), a: f64([0, 0, 4]) };
    const H = hessian(f, { form: "operator" })(x);
    const optimizer = newton();
    const problem = { f, value: H.value, hessian: H };
    const [next] = optimizer.update(x, H.gradient, optimizer.init(x), problem);
    expect(distance(next.a, 1)).toBeLessThan(1e-12);
    expect(distance(next.b, 3)).toBeLessThan(1e-12);
  });

  it("leaves saddles behind, and steps down where the function bends downwards", () => {
    // Lowest at (±1, 0); at 0 a saddle, to which p = −H⁻¹g leads.
    const f = (x: Tensor): Tensor => {
      const [a, b] = [entry(x, 0), entry(x, 1)];
      return a.pow(4).div(4).sub(a.square().div(2)).add(b.square()).sum();
    };
    const found = minimize(f, f64([0.1, 3]), { optimizer: newton(), tol: 1e-10 });
    expect([found.converged, found.value]).toEqual([true, -0.25]);
    const hill = minimize((x: Tensor) => x.cos().sum(), f64([0.1, -0.2, 0.3]), {
      optimizer: newton(),
      tol: 1e-12,
    });
    expect([hill.converged, hill.value]).toEqual([true, -3]);
  });

  it("copes with a Hessian that is singular, and with none at all", () => {
    const f = (x: Tensor): Tensor => x.sum().sub(3).square();
    const found = minimize(f, zeros([4], { dtype: "float64" }), { optimizer: newton(), tol: 1e-9 });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(3);
    expect(found.x.sum().item()).toBeCloseTo(3, 9);
    const slope = minimize((x: Tensor) => x.sum(), f64([1, 2]), { optimizer: newton(), steps: 3 });
    expect(slope.x.toArray()).toEqual([-2, -1]);
  });

  it("minimizes with many parameters and no structure, by conjugate gradients", () => {
    const d = f64(Array.from({ length: 600 }, (_, i) => 1 + (i % 7)));
    const x0 = normal([600], 1);
    const f = (x: Tensor): Tensor => x.sub(1).softplus().mul(d).sum().add(cubes(x));
    // Entries sorted, which has no structure.
    const cubes = (x: Tensor): Tensor => x.square().cumsum().square().mul(d).sum().mul(1e-3);
    const optimizer = newton();
    expect(hessian(f, { form: "operator" })(x0).structured).toBe(false);
    const { f: seenF, seen } = watched(f);
    const found = minimize(seenF, x0, { optimizer, tol: 1e-8, steps: 60 });
    expect(found.converged).toBe(true);
    expect(seen.length).toBeLessThan(100);
  });

  it("turns to conjugate gradients where solve fails", () => {
    const f = (x: Tensor): Tensor => x.square().sum().add(x.pow(4).sum());
    const x = normal([600], 1);
    const { gradient, problem } = known(f, x);
    const optimizer = newton();
    const step = (error: Error): number => {
      const hessian = failing(problem.hessian as Curvature<Tensor>, error);
      const own = { ...problem, hessian };
      return f(optimizer.update(x, gradient, optimizer.init(x), own)[0]).item();
    };
    expect(step(new UsageError("too large"))).toBeLessThan(problem.value.item() / 2);
    expect(step(new SingularError("singular"))).toBeLessThan(problem.value.item() / 2);
    expect(() => step(new TypeError("something else"))).toThrow("something else");
  });

  it("does not end at a saddle of many variables that conjugate gradients see", () => {
    // A diagonal Hessian, so that H.solve leads to where the gradient is 0, be it up or down.
    const f = (x: Tensor): Tensor => x.cos().sum();
    const found = minimize(f, normal([600], 1), { optimizer: newton(), tol: 1e-9 });
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(-600, 9);
  });

  it("damps", () => {
    const f = (x: Tensor): Tensor => x.square().sum();
    for (const n of [3, 400]) {
      const x = f64(new Array(n).fill(6));
      const { gradient, problem } = known(f, x);
      const optimizer = newton({ damping: 4 });
      const [next] = optimizer.update(x, gradient, optimizer.init(x), problem);
      // 6 − 12 / (2 + 4)
      expect(distance(next, 4)).toBeLessThan(1e-12);
    }
  });

  it("goes less far where the whole step does not lower the function enough", () => {
    // The steps for √(1 + x²) lead from x to −x³.
    const f = (x: Tensor): Tensor => x.square().add(1).sqrt().sum();
    const far = minimize(f, f64([3]), { optimizer: newton(), tol: 1e-12 });
    expect(far.converged).toBe(true);
    const whole = newton({ lineSearch: false });
    const { x } = minimize(f, f64([2]), { optimizer: whole, steps: 2 });
    expect(x.item()).toBeCloseTo(512, 6);
    // x − log x has no value where the first step leads.
    const g = (x: Tensor): Tensor => x.sub(x.log()).sum();
    const found = minimize(g, f64([2.5, 0.1]), { optimizer: newton(), tol: 1e-12 });
    expect(found.converged).toBe(true);
    expect(distance(found.x, 1)).toBeLessThan(1e-12);
  });

  it("evaluates the function once a step where whole steps will do", () => {
    const { f, seen } = watched((x) => x.sub(2).square().sum().add(x.exp().sum()));
    const found = minimize(f, zeros([3], { dtype: "float64" }), {
      optimizer: newton(),
      tol: 1e-12,
    });
    expect(found.converged).toBe(true);
    expect(seen.length).toBe(found.steps + 1);
  });

  it("evaluates only the value where nobody says that the next step starts there", () => {
    const { f, seen } = watched((x) => x.square().sum());
    const x = f64([1, 2]);
    const { gradient, problem } = known(f, x);
    const optimizer = newton();
    const [next, state, there] = optimizer.update(x, gradient, optimizer.init(x), problem);
    expect(distance(next, 0)).toBeLessThan(1e-15);
    expect([state.steps, there, seen.length]).toEqual([1, undefined, 2]);
  });

  it("ends where rounding hides the decrease, as near as the gradient tells", () => {
    const { f, seen } = watched((x) => x.sub([1, 2]).square().sum().add(1000));
    const found = minimize(f, tensor([3, -1]), { optimizer: newton() });
    expect(found.x.toArray()).toEqual([1, 2]);
    expect(seen.length).toBeLessThan(10);
    const flat = minimize((x: Tensor) => x.mul(0).sum(), f64([1]), { optimizer: newton() });
    expect([flat.steps, flat.x.item()]).toEqual([0, 1]);
  });

  it("changes nothing in place", () => {
    const x = valley(2);
    const { gradient, problem } = known(rosenbrock, x);
    const optimizer = newton();
    const state = optimizer.init(x);
    const before = gradient.toArray();
    optimizer.update(x, gradient, state, problem);
    expect([x.toArray(), gradient.toArray(), state]).toEqual([
      [-1.2, 1],
      before,
      { optimizer: "newton", steps: 0, averages: [] },
    ]);
  });

  it("says what it lacks", () => {
    const optimizer = newton();
    const x = valley(2);
    const [value, gradient] = valueAndGrad(rosenbrock)(x);
    const state = optimizer.init(x);
    expect(() => optimizer.update(x, gradient, state)).toThrow("newton: it evaluates the function");
    expect(() => optimizer.update(x, gradient, state, { f: rosenbrock, value })).toThrow(
      "newton: it needs the Hessian; pass { f, value, hessian } as fourth argument of update",
    );
    const { problem } = known(rosenbrock, x);
    expect(() => optimizer.update(x, f64([1]), state, problem)).toThrow(
      "newton, gradients: it is [1]; the shape [2] was wanted",
    );
    expect(() => optimizer.update(x, f64([1, Number.NaN]), state, problem)).toThrow(
      "newton: the gradient or the Hessian has entries that are not finite",
    );
    expect(() => newton({ damping: -1 })).toThrow("newton: damping is -1; a number of at least 0");
    expect(() => newton({ lineSearch: { c1: 0 } })).toThrow("newton: c1 is 0");
  });
});
