import { describe, expect, it } from "vitest";
import { grad, jvp, random, scalar, type Tensor, tensor, vjp } from "../src/index.js";

const f64 = (value: number): Tensor => scalar(value, { dtype: "float64" });
type F = (x: Tensor) => Tensor;

describe("nested gradients, on which tfjs 4.22 errs", () => {
  // d/dy (x·y) at y = x is x; tfjs says 6 at 3.
  const inner: F = (x) => grad((y: Tensor) => x.mul(y))(x);

  it("x ↦ d/dy (x·y) at y = x is x, with derivative 1", () => {
    expect(inner(f64(3)).item()).toBe(3);
    expect(grad(inner)(f64(3)).item()).toBe(1);
  });

  it("d/dx [x · d/dy (x·y)] = 2x", () => {
    expect(grad((x: Tensor) => x.mul(inner(x)))(f64(3)).item()).toBe(6);
  });

  it("an inner gradient with respect to an unrelated point keeps the outer variable constant", () => {
    const f: F = (x) => grad((y: Tensor) => x.mul(y).mul(y))(f64(5)).mul(x);
    // d/dy (x y²) at 5 = 10x; times x: 10x²
    expect(f(f64(3)).item()).toBe(90);
    expect(grad(f)(f64(3)).item()).toBe(60);
  });

  it("three levels, each variable its own", () => {
    const f: F = (x) =>
      grad((y: Tensor) => grad((z: Tensor) => x.mul(y).mul(y).mul(z).mul(z).mul(z))(y))(x);
    // d/dz (x y² z³) at z = y: 3 x y⁴; d/dy at y = x: 12 x⁴; d/dx: 48 x³
    expect(f(f64(2)).item()).toBeCloseTo(12 * 16, 10);
    expect(grad(f)(f64(2)).item()).toBeCloseTo(48 * 8, 10);
  });
});

describe("higher derivatives", () => {
  const nth = (f: F, n: number): F => (n === 0 ? f : nth(grad(f), n - 1));
  const x = 0.7;
  const th = Math.tanh(x);
  const s = 1 / (1 + Math.exp(-x));
  const cases: [string, F, number, number, number][] = [
    ["sin‴", (v) => v.sin(), 3, x, -Math.cos(x)],
    ["sin⁗", (v) => v.sin(), 4, x, Math.sin(x)],
    ["(x eˣ)″ at 1", (v) => v.mul(v.exp()), 2, 1, 3 * Math.E],
    ["tanh″", (v) => v.tanh(), 2, x, -2 * th * (1 - th * th)],
    ["sigmoid″", (v) => v.sigmoid(), 2, x, s * (1 - s) * (1 - 2 * s)],
    ["(x³)‴", (v) => v.pow(3), 3, x, 6],
    ["(1/x)″", (v) => v.reciprocal(), 2, x, 2 / x ** 3],
    ["log‴", (v) => v.log(), 3, x, 2 / x ** 3],
    ["√″", (v) => v.sqrt(), 2, x, -0.25 * x ** -1.5],
  ];
  it.each(cases)("%s", (_, f, n, at, want) => {
    expect(nth(f, n)(f64(at)).item()).toBeCloseTo(want, 11);
  });

  it("forward over reverse equals reverse over reverse", () => {
    const f: F = (w) => w.sin().mul(w.exp()).sum().square();
    const w = random.normal([4], { seed: 3, dtype: "float64" });
    const v = random.normal([4], { seed: 4, dtype: "float64" });
    const [, forward] = jvp(grad(f), [w], [v]);
    const reverse = grad((u: Tensor) => grad(f)(u).mul(v).sum())(w);
    expect(forward.sub(reverse).abs().sum().item()).toBeLessThan(1e-12);
  });

  it("the pullback of vjp can itself be differentiated", () => {
    const f: F = (x) => vjp((y: Tensor) => y.square(), x)[1](x)[0].sum();
    // Σ 2x·x
    expect(grad(f)(tensor([1, 2])).toArray()).toEqual([4, 8]);
  });
});
