import { describe, expect, it } from "vitest";
import {
  cholesky,
  diagPart,
  eigh,
  eye,
  hessian,
  inv,
  matmul,
  pinv,
  random,
  slice,
  type Tensor,
  tensor,
  trace,
  zeros,
} from "../../src/index.js";
import { minimize, newton } from "../../src/optim/index.js";
import { f64 } from "./problems.js";

const distance = (x: Tensor, y: Tensor | number): number => x.sub(y).abs().max().item();
const entry = (x: Tensor, i: number): Tensor => slice(x, [i], [1]);
const normal = (shape: number[], seed: number): Tensor =>
  random.normal(shape, { seed, dtype: "float64" });

/** Parameters along which the function is constant, or bends downwards. */
describe("newton where the Hessian is not positive definite", () => {
  const whole = newton({ lineSearch: false });
  /** The whole step from `x`. */
  const step = (f: (x: Tensor) => Tensor, x: Tensor, optimizer = whole): Tensor => {
    const H = hessian(f, { form: "operator" })(x);
    const problem = { f, value: H.value, hessian: H };
    return optimizer.update(x, H.gradient, optimizer.init(x), problem)[0].sub(x);
  };
  /** An orthogonal matrix. */
  const turn = (n: number): Tensor => eigh(normal([n, n], 5)).V;
  /** `½ xᵀ Q Diag(w) Qᵀ x + ⟨Q c, x⟩`, whose gradient at 0 is `Q c`. */
  const quadratic = (Q: Tensor, w: readonly number[], c: readonly number[]) => (x: Tensor) => {
    const y = Q.T.matmul(x);
    return y
      .square()
      .mul(f64(w))
      .sum()
      .div(2)
      .add(y.mul(f64(c)).sum());
  };

  it.each(["float64", "float32"] as const)("shares out alike, in %s", (dtype) => {
    const digits = dtype === "float64" ? 14 : 6;
    for (const n of [2, 5, 40]) {
      const f = (x: Tensor): Tensor => x.sum().sub(1).square();
      const options = { optimizer: newton(), tol: 10 ** (2 - digits) };
      const { x, steps, converged } = minimize(f, zeros([n], { dtype }), options);
      expect([steps, converged]).toEqual([1, true]);
      expect(distance(x, 1 / n)).toBeLessThan(10 ** -digits);
    }
  });

  it("finds the least solution of too few equations in a step", () => {
    const [A, b] = [normal([100, 400], 1), normal([100], 2)];
    const f = (x: Tensor): Tensor => A.matmul(x).sub(b).square().sum();
    const x0 = zeros([400], { dtype: "float64" });
    const found = minimize(f, x0, { optimizer: newton(), tol: 1e-9 });
    expect([found.steps, found.converged]).toEqual([1, true]);
    expect(distance(found.x, pinv(A).matmul(b))).toBeLessThan(1e-12);
  });

  it.each([
    [2, 0],
    [4, 0],
    [4, 2],
    [12, 1],
  ])("keeps a precision of order %d symmetric, and converges quadratically (%d)", (n, decades) => {
    // The likelihood has no derivative along skew matrices, as cholesky takes the symmetric part.
    const scales = f64(Array.from({ length: n }, (_, i) => 10 ** ((-decades * i) / (n - 1))));
    const Z = normal([300, n], 5)
      .matmul(normal([n, n], 6).mul(0.3).add(eye(n)))
      .mul(scales);
    const S = Z.T.matmul(Z).div(300);
    const f = (P: Tensor): Tensor =>
      trace(S.matmul(P)).sub(diagPart(cholesky(P)).log().sum().mul(2));
    const norms: number[] = [];
    const skew: number[] = [];
    const x0 = eye(n, { dtype: "float64" }).mul(0.3);
    const found = minimize(f, x0, {
      optimizer: newton(),
      tol: 1e-11,
      onStep: ({ x, gradient }) => {
        norms.push(gradient.abs().max().item());
        skew.push(distance(x, x.T) / x.abs().max().item());
      },
    });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(25);
    expect(Math.max(...skew)).toBeLessThan(1e-10);
    const P = inv(S);
    expect(distance(found.x.div(P.abs().max()), P.div(P.abs().max()))).toBeLessThan(1e-6);
    const [a, b, c] = [...norms.slice(-2), found.gradientNorm] as [number, number, number];
    expect(b / a).toBeLessThan(0.05);
    expect(c / b).toBeLessThan(Math.max(10 * (b / a) ** 2, 1e-11 / b));
  });

  it("leaves the sum of softmax's weights at 0, where it was", () => {
    const X = normal([50, 3], 1);
    const right = X.matmul(normal([3, 4], 2))
      .add(normal([50, 4], 3))
      .argmax({ axis: 1 });
    const picked = right
      .reshape([50, 1])
      .equal(tensor([0, 1, 2, 3]))
      .cast("float64");
    const f = (W: Tensor): Tensor => X.matmul(W).logSoftmax().mul(picked).sum().neg();
    const W0 = zeros([3, 4], { dtype: "float64" });
    const found = minimize(f, W0, { optimizer: newton(), tol: 1e-11 });
    expect(found.converged).toBe(true);
    expect(found.steps).toBeLessThan(10);
    expect(distance(found.x.sum({ axis: 1 }), 0)).toBeLessThan(1e-12);
  });

  it("takes each curvature by its size, and by that of the lowest at least", () => {
    const Q = turn(4);
    const f = quadratic(Q, [8, -2, 1, -0.5], [3, 5, 7, -9]);
    const p = step(f, zeros([4], { dtype: "float64" }));
    expect(distance(Q.T.matmul(p), f64([-3 / 8, -5 / 2, -7 / 2, 9 / 2]))).toBeLessThan(1e-13);
    // An indefinite H without a negative entry on its diagonal.
    const g = (x: Tensor): Tensor => x.prod().add(x.mul([1, 3]).sum());
    expect(distance(step(g, f64([0, 0])), f64([-1, -3]))).toBeLessThan(1e-15);
  });

  it("goes down gently where there is a gradient, but no curvature", () => {
    const Q = turn(3);
    const f = quadratic(Q, [4, 2, 0], [4, 4, 8]);
    const p = step(f, zeros([3], { dtype: "float64" }));
    expect(distance(Q.T.matmul(p), f64([-1, -2, -2]))).toBeLessThan(1e-13);
    // 0 of the second derivative at the start, where a step of least norm would stay for ever.
    const quartic = (x: Tensor): Tensor => entry(x, 0).square().add(x.pow(4)).add(x).sum();
    const found = minimize(quartic, f64([0, 0]), { optimizer: newton(), tol: 1e-12 });
    expect(found.converged).toBe(true);
  });

  it("still takes the whole of a Hessian that is badly conditioned", () => {
    const w = [1e10, 1e5, 1, 1e-2];
    const c = [1e6, 1e3, 2, 0.1];
    const turned = step(quadratic(turn(4), w, c), zeros([4], { dtype: "float64" }));
    expect(distance(turn(4).T.matmul(turned), f64([-1e-4, -1e-2, -2, -10]))).toBeLessThan(1e-3);
    // Scales alone are no condition.
    const scaled = quadratic(eye(3, { dtype: "float64" }), [1e16, 1, 1e-16], [1e16, 2, 3e-16]);
    expect(distance(step(scaled, f64([0, 0, 0])), f64([-1, -2, -3]))).toBeLessThan(1e-14);
  });

  it("adds the damping first", () => {
    const Q = turn(3);
    const f = quadratic(Q, [4, 0, -1], [6, 4, 2]);
    const at0 = (damping: number): Tensor =>
      Q.T.matmul(step(f, zeros([3], { dtype: "float64" }), newton({ damping, lineSearch: false })));
    expect(distance(at0(2), f64([-1, -2, -2]))).toBeLessThan(1e-13);
    // 4.5, 0.5 and −0.5
    expect(distance(at0(0.5), f64([-6 / 4.5, -8, -4]))).toBeLessThan(1e-13);
  });

  it.each([
    [0.5, -0.1],
    [1e-3, 1e-3],
    [-1, 0.3],
  ])("leaves a monkey's saddle behind from (%d, %d)", (a, b) => {
    const f = (x: Tensor): Tensor => {
      const [u, v] = [entry(x, 0), entry(x, 1)];
      const monkey = u.pow(3).sub(u.mul(v.square()).mul(3));
      return monkey.add(u.square().add(v.square()).square()).sum();
    };
    const found = minimize(f, f64([a, b]), { optimizer: newton(), tol: 1e-10 });
    expect(found.converged).toBe(true);
    expect(found.value).toBeCloseTo(-27 / 256, 12);
    expect(found.steps).toBeLessThan(30);
  });

  it("minimizes factors that any turn may change, and a small net", () => {
    const T = matmul(normal([12, 3], 1), normal([3, 10], 2));
    const factors = ({ U, V }: { U: Tensor; V: Tensor }): Tensor =>
      T.sub(U.matmul(V.T)).square().sum();
    const x0 = { U: normal([12, 4], 3), V: normal([10, 4], 4) };
    const found = minimize(factors, x0, { optimizer: newton(), tol: 1e-8, steps: 60 });
    expect([found.converged, found.value < 1e-14]).toEqual([true, true]);
    const X = normal([40, 2], 5);
    const y = X.sum({ axis: 1, keepDims: true }).sin();
    type Net = { A: Tensor; b: Tensor; C: Tensor };
    const net = ({ A, b, C }: Net): Tensor =>
      X.matmul(A).add(b).tanh().matmul(C).sub(y).square().mean();
    const first = {
      A: normal([2, 12], 6),
      b: zeros([12], { dtype: "float64" }),
      C: normal([12, 1], 7),
    };
    const trained = minimize(net, first, { optimizer: newton(), steps: 60 });
    expect(trained.value).toBeLessThan(1e-5);
  });

  it("says where the Hessian is not finite", () => {
    // x^1.5 at 0: the value and the gradient are 0, the second derivative is not finite.
    const x = f64([0, 1]);
    const f = (x: Tensor): Tensor => x.pow(1.5).sum();
    expect(() => step(f, x)).toThrow("the gradient or the Hessian has entries that are not finite");
  });
});
