import { describe, expect, it } from "vitest";
import {
  linspace,
  lstsq,
  matmul,
  random,
  scalar,
  slice,
  type Tensor,
  valueAndGrad,
  zeros,
} from "../../src/index.js";
import { gaussNewton } from "../../src/optim/index.js";
import { f64, watched } from "./problems.js";

const distance = (x: Tensor, y: Tensor | number): number => x.sub(y).abs().max().item();
const entries = (x: Tensor): Tensor[] =>
  Array.from({ length: x.size }, (_, i) => slice(x, [i], [1]));
const normal = (shape: number[], seed: number): Tensor =>
  random.normal(shape, { seed, dtype: "float64" });
const dtypes = [
  ["float64", 1e-10],
  ["float32", 1e-4],
] as const;

/** Rosenbrock's function as residuals. */
const valley = (x: Tensor): Tensor[] => {
  const [a, b] = entries(x) as [Tensor, Tensor];
  return [b.sub(a.square()).mul(10), a.sub(1)];
};

describe("gaussNewton", () => {
  it("solves a linear problem in one step, of any rank", () => {
    for (const [m, n, rank] of [
      [30, 5, 5],
      [5, 30, 5],
      [20, 6, 3],
    ] as const) {
      const A = matmul(normal([m, rank], 1), normal([rank, n], 2));
      const b = normal([m], 3);
      const options = { tol: 1e-10 };
      const found = gaussNewton(
        (x: Tensor) => A.matmul(x).sub(b),
        zeros([n]).cast("float64"),
        options,
      );
      expect([found.steps, found.converged]).toEqual([1, true]);
      const best = A.matmul(lstsq(A, b)).sub(b).square().sum().item() / 2;
      expect(found.value).toBeCloseTo(best, 10);
    }
  });

  it.each(dtypes)("fits an exponential decay, in %s", (dtype, tol) => {
    const t = linspace(0, 5, 40, { dtype });
    const y = t.mul(-1.3).exp().mul(2.5).add(0.75);
    type P = { a: Tensor; k: Tensor; c: Tensor };
    const residuals = ({ a, k, c }: P): Tensor => t.mul(k).neg().exp().mul(a).add(c).sub(y);
    const x0 = { a: scalar(1, { dtype }), k: scalar(0.3, { dtype }), c: scalar(0, { dtype }) };
    const { x, converged, steps, value } = gaussNewton(residuals, x0, { tol: tol / 10 });
    expect(converged).toBe(true);
    expect(steps).toBeLessThan(15);
    expect(value).toBeLessThan(tol ** 2);
    expect(distance(x.a, 2.5)).toBeLessThan(tol);
    expect(distance(x.k, 1.3)).toBeLessThan(tol);
    expect(distance(x.c, 0.75)).toBeLessThan(tol);
    expect(x.a.dtype).toBe(dtype);
  });

  it.each(dtypes)("finds the bottom of Rosenbrock's valley, in %s", (dtype, tol) => {
    const found = gaussNewton(valley, f64([-1.2, 1]).cast(dtype), { tol });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(30);
    expect(distance(found.x, 1)).toBeLessThan(tol);
  });

  it("converges on Powell's function, whose Jacobian is singular where it is lowest", () => {
    const residuals = (x: Tensor): Tensor[] => {
      const [a, b, c, d] = entries(x) as [Tensor, Tensor, Tensor, Tensor];
      return [
        a.add(b.mul(10)),
        c.sub(d).mul(Math.sqrt(5)),
        b.sub(c.mul(2)).square(),
        a.sub(d).square().mul(Math.sqrt(10)),
      ];
    };
    const found = gaussNewton(residuals, f64([3, -1, 0, 1]), { tol: 1e-12 });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(40);
    expect(distance(found.x, 0)).toBeLessThan(1e-3);
  });

  it("fits Meyer's thermistor, whose parameters differ by six orders", () => {
    // MGH10 of the NIST's reference data for nonlinear regression, with the certified values.
    const y = f64([
      34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820,
      3307, 2872,
    ]);
    const t = linspace(50, 125, 16, { dtype: "float64" });
    const residuals = (x: Tensor): Tensor => {
      const [a, b, c] = entries(x) as [Tensor, Tensor, Tensor];
      return b.div(t.add(c)).exp().mul(a).sub(y);
    };
    const found = gaussNewton(residuals, f64([0.02, 4000, 250]), { steps: 400 });
    expect(2 * found.value).toBeCloseTo(87.945855171, 8);
    expect(distance(found.x.div([5.609636471e-3, 6.1813463463e3, 3.4522363462e2]), 1)).toBeLessThan(
      1e-9,
    );
  });

  it("fits with residuals that are left over", () => {
    const t = linspace(0, 3, 60, { dtype: "float64" });
    const y = t.sin().add(normal([60], 1).mul(0.1));
    const model = (x: Tensor): Tensor => {
      const [a, b, c] = entries(x) as [Tensor, Tensor, Tensor];
      return a.mul(t).add(b).div(t.mul(c).square().add(1));
    };
    const residuals = (x: Tensor): Tensor => model(x).sub(y);
    const found = gaussNewton(residuals, f64([1, 0.5, 0.5]), { tol: 1e-9 });
    expect(found.converged).toBe(true);
    const half = (x: Tensor): Tensor => residuals(x).square().sum().div(2);
    const [value, gradient] = valueAndGrad(half)(found.x);
    expect(found.value).toBeCloseTo(value.item(), 12);
    expect(found.gradientNorm).toBeCloseTo(gradient.abs().max().item(), 12);
    for (const seed of [2, 3, 4]) {
      const near = normal([3], seed).mul(1e-4).add(found.x);
      expect(half(near).item()).toBeGreaterThan(found.value);
    }
  });

  it("takes residuals of any shapes, in trees", () => {
    const [A, b] = [normal([4, 3], 1), normal([4, 2], 2)];
    const residuals = (X: Tensor) => ({ fit: A.matmul(X).sub(b), size: [X.mul(0.5), X.sum()] });
    const found = gaussNewton(residuals, zeros([3, 2], { dtype: "float64" }), { tol: 1e-10 });
    expect([found.steps, found.converged, found.x.shape]).toEqual([1, true, [3, 2]]);
  });

  it("tells onStep of each step, and stops when it says so", () => {
    const seen: number[] = [];
    const points: Tensor[] = [];
    const found = gaussNewton(valley, f64([-1.2, 1]), {
      onStep: ({ step, value, x, gradient }) => {
        seen.push(step, value);
        points.push(x, gradient);
        return step < 3;
      },
    });
    // ½ (10 (1 − 1.44))² + ½ 2.2²
    expect(seen.slice(0, 2).map((v) => Number(v.toFixed(12)))).toEqual([1, 12.1]);
    expect([seen.length, found.steps, found.converged]).toEqual([6, 3, false]);
    expect(points.at(-2)).toBe(found.x);
    // Jᵀr with r = (−4.4, −2.2)
    expect(distance(points[1] as Tensor, f64([-107.8, -44]))).toBeLessThan(1e-10);
    expect(seen[3]).toBeLessThan(12.1);
    expect(seen[5]).toBeLessThan(seen[3] as number);
  });

  it("stops where nothing lower is found, and without steps", () => {
    const { f, seen } = watched((x) => x.abs().sqrt().add(1));
    const found = gaussNewton(f, f64([1e-12]));
    expect(found.converged).toBe(false);
    expect(seen.length).toBeLessThan(200);
    const x0 = f64([-1.2, 1]);
    const none = gaussNewton(valley, x0, { steps: 0 });
    expect([none.x, none.steps, none.converged]).toEqual([x0, 0, false]);
    const fit = gaussNewton((x: Tensor) => x.sub([1, 2]), f64([0, 0]));
    expect([fit.x.toArray(), fit.value, fit.steps]).toEqual([[1, 2], 0, 1]);
  });

  it("begins with the damping that it is given", () => {
    const r = (x: Tensor): Tensor => x.mul(2).sub(6);
    const { x } = gaussNewton(r, f64([0]), { damping: 1, steps: 1 });
    // 2 · 6 / (4 + 1 · 4)
    expect(x.item()).toBeCloseTo(1.5, 12);
  });

  it("goes round where the residuals have no value", () => {
    const residuals = (x: Tensor): Tensor => x.log().sub(1);
    const found = gaussNewton(residuals, f64([20]), { tol: 1e-10 });
    expect(found.converged).toBe(true);
    expect(distance(found.x, Math.E)).toBeLessThan(1e-9);
  });

  it("says what is wrong", () => {
    const x = f64([0]);
    const nan = (x: Tensor): Tensor => x.log().add(Number.NaN);
    expect(() => gaussNewton(nan, x)).toThrow(
      "gaussNewton: half the sum of squares is NaN at the start, x0",
    );
    expect(() => gaussNewton((x: Tensor) => x.sqrt(), x)).toThrow("the gradient of half the sum");
    expect(() => gaussNewton(valley, x, { steps: 0.5 })).toThrow("gaussNewton: steps is 0.5");
    expect(() => gaussNewton(valley, x, { damping: -1 })).toThrow("gaussNewton: damping is -1");
    expect(() => gaussNewton(() => 3, x)).toThrow("gaussNewton, residuals: the value is a number");
  });
});
