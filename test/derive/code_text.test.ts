import { describe, expect, it } from "vitest";
import { derive, type Language } from "../../src/derive/index.js";
import { apply, full, lu, ShapeError, type Tensor, tensor, UsageError } from "../../src/index.js";
import { hasPython, loaded, runPython } from "../support/code.js";
import { type Cube, cube, slope } from "../support/own_ops.js";

const numpy = hasPython("numpy");
const languages: readonly Language[] = ["typescript", "numpy", "jax"];

describe("the text of code", () => {
  const leastSquares = () => derive("norm2(X*w-y)^2", { wrt: "w" });

  it("shares parts, and puts parentheses only where they are needed", () => {
    const body = (text: string, language: Language, wrt: string): string[] => {
      const lines = derive(text, { wrt }).code(language).split("\n");
      const from = lines.indexOf(
        "",
        lines.findIndex((line) => /^(export function|def) \w+And|_and_/.test(line)),
      );
      const to = lines.findIndex((line, i) => i > from && /return/.test(line));
      return lines.slice(from + 1, to).map((line) => line.trim());
    };
    expect(body("tr(inv(X)*A)", "numpy", "X")).toEqual([
      "t0 = np.linalg.solve(X, A)",
      "value = np.trace(t0)",
      "gradient = -np.linalg.solve(X.T, t0.T)",
    ]);
    expect(body("x'*A*x/(x'*x)", "numpy", "A")).toEqual([
      "t0 = x @ x",
      "value = (x @ (A @ x)) / t0",
      "gradient = np.outer(x, x) / t0",
    ]);
    expect(body("a^2/(b*c)-(a-b^3)/c^2", "numpy", "a")).toEqual([
      "t0 = b * c",
      "t1 = c**2",
      "value = a**2 / t0 - (a - b**3) / t1",
      "gradient = 2 * a / t0 - 1 / t1",
    ]);
    expect(body("a^2/(b*c)-(a-b^3)/c^2", "typescript", "a")).toEqual([
      "const t0 = b.mul(c);",
      "const t1 = square(c);",
      "const value = square(a).div(t0).sub(a.sub(b.pow(3)).div(t1));",
      "const gradient = a.mul(2).div(t0).sub(reciprocal(t1));",
    ]);
    expect(body("norm2(x)", "typescript", "x")).toEqual([
      "const value = norm(x);",
      "const gradient = overNorm(value).mul(x);",
    ]);
  });

  it("says what it calls otherwise", () => {
    const f = (X: Tensor, w: Tensor, m: Tensor): Tensor => X.matmul(w).sum().mul(m);
    const derivation = derive(f, { args: ["m×n", "n", ""], names: ["lambda", "w", "m"] });
    expect(derivation.code("numpy").split("\n").slice(4, 10)).toEqual([
      "# lambda: m×n",
      "# w: a vector of n",
      "# m: a scalar",
      "# lambda is called lambda_ below",
      "# m is called m_ below",
      "",
    ]);
  });

  it("names the op and the language where a language has none", () => {
    const factor = derive((X: Tensor) => lu(X).U.sum(), { args: ["3×3"] });
    expect(() => factor.code("numpy")).toThrow(new UsageError("code: numpy has no lu"));
    expect(factor.code("jax")).toContain("jax.scipy.linalg.lu(X)");
    expect(() => factor.code("fortran" as Language)).toThrow(
      new UsageError('code: "fortran" is no language; "typescript", "numpy" and "jax" are'),
    );
    const notation: Cube["notation"] = ({ X }) => ({ kind: "call", text: "cube", parts: [X] });
    const cubeOp = cube({ slope }, { notation });
    const own = derive((x: Tensor) => apply(cubeOp, { X: x }).sum(), { args: ["n"] });
    const message = "code: cube is an op of your own, which no other program has";
    for (const language of languages) {
      expect(() => own.code(language)).toThrow(new UsageError(message));
    }
  });

  it("refuses constants that nobody would read", () => {
    const large = tensor(Float64Array.from({ length: 20_000 }, Math.sin));
    const derivation = derive((x: Tensor) => x.mul(large).sum(), { args: ["20000"] });
    const message =
      "code: the constant C1 has 20000 elements, more than 10000; make it an argument of the function";
    for (const language of languages) {
      expect(() => derivation.code(language)).toThrow(new UsageError(message));
    }
  });

  it("says what is wrong with shapes", async () => {
    const { f } = await loaded(leastSquares().code("typescript"));
    const ones = (...shape: number[]): Tensor => full(shape, 1, { dtype: "float64" });
    const wrong =
      (...shapes: number[][]) =>
      () =>
        f(...shapes.map((shape) => ones(...shape)));
    expect(wrong([3], [3], [3])).toThrow(new ShapeError("X is [3]; [m, n] was wanted"));
    expect(wrong([3, 2], [3], [3])).toThrow(new ShapeError("w is [3]; [n] = [2] was wanted"));
    expect(wrong([3, 2], [2], [])).toThrow(new ShapeError("y is []; [m] = [3] was wanted"));
  });

  it.skipIf(!numpy)("says what is wrong with shapes in NumPy", () => {
    const code = leastSquares().code("numpy");
    const X = [[1, 2]];
    const cases = [[1], X, X].map((first, i) => [first, i === 1 ? [1] : [1, 2], i === 2 ? 1 : [1]]);
    const errors = runPython(cases.map((args) => ({ code, args }))).map(({ error }) => error);
    expect(errors).toEqual([
      "AssertionError: X is (1,); (m, n) was wanted",
      "AssertionError: w is (1,); (n,) = (2,) was wanted",
      "AssertionError: y is (); (m,) = (1,) was wanted",
    ]);
  });

  it("is a whole module of TypeScript", () => {
    expect(leastSquares().code("typescript")).toMatchInlineSnapshot(`
      "// f = ‖X·w − y‖²
      // ∂f/∂w = 2·Xᵀ·(X·w − y)
      //
      // gradient in denominator layout: a vector of n
      // X: m×n
      // w: a vector of n
      // y: a vector of m

      import { abs, grad, init, max, random, ShapeError, type Tensor } from "tracegrad";

      /** The value of f and its gradient by w. */
      export function fAndGradient(X: Tensor, w: Tensor, y: Tensor): [value: Tensor, gradient: Tensor] {
        assert(X.rank === 2, \`X is [\${X.shape}]; [m, n] was wanted\`);
        const [m, n] = X.shape as [number, number];
        assert(String(w.shape) === String([n]), \`w is [\${w.shape}]; [n] = [\${[n]}] was wanted\`);
        assert(String(y.shape) === String([m]), \`y is [\${y.shape}]; [m] = [\${[m]}] was wanted\`);

        const t0 = X.matmul(w).sub(y);
        const value = t0.dot(t0);
        const gradient = X.T.matmul(t0).mul(2);
        return [value, gradient];
      }

      function assert(condition: boolean, message: string): void {
        if (!condition) throw new ShapeError(message);
      }

      /** The largest relative difference to the gradient of the tape, at random values. */
      export function checkGradient(seed = 0): number {
        const m = 4;
        const n = 3;
        const X = random.normal([m, n], { dtype: "float64", seed: seed + 1 });
        const w = random.normal([n], { dtype: "float64", seed: seed + 2 });
        const y = random.normal([m], { dtype: "float64", seed: seed + 3 });
        const [, gradient] = fAndGradient(X, w, y);
        const expected = grad((w: Tensor) => fAndGradient(X, w, y)[0])(w);
        const error = max(abs(gradient.sub(expected))).item() / Math.max(1, max(abs(expected)).item());
        if (!(error < 1e-8)) throw new Error(\`the gradient is wrong: \${gradient} is not \${expected}\`);
        return error;
      }

      // Run as a program, it checks itself.
      const main = globalThis.process?.argv[1]?.replaceAll("\\\\", "/");
      if (main !== undefined && decodeURIComponent(import.meta.url).endsWith(main)) {
        await init();
        console.log(\`gradient: the largest relative difference is \${checkGradient()}\`);
      }
      "
    `);
  });

  it("is a whole module for NumPy", () => {
    expect(derive("norm2(X*w-y)", { wrt: "w" }).code("numpy")).toMatchInlineSnapshot(`
      "# f = ‖X·w − y‖
      # ∂f/∂w = Xᵀ·(X·w − y)/‖X·w − y‖
      #
      # gradient in denominator layout: a vector of n
      # X: m×n
      # w: a vector of n
      # y: a vector of m

      import numpy as np


      def over_norm(norm):
          """1 / norm; 0 where the norm is 0, for 0 is a subgradient there."""
          return np.where(norm == 0, 0.0, 1 / np.where(norm == 0, 1.0, norm))


      def f_and_gradient(X, w, y):
          """The value of f and its gradient by w."""
          X = np.asarray(X, dtype=float)
          w = np.asarray(w, dtype=float)
          y = np.asarray(y, dtype=float)
          assert X.ndim == 2, f"X is {X.shape}; (m, n) was wanted"
          m, n = X.shape
          assert w.shape == (n,), f"w is {w.shape}; (n,) = {(n,)} was wanted"
          assert y.shape == (m,), f"y is {y.shape}; (m,) = {(m,)} was wanted"

          t0 = X @ w - y
          value = np.linalg.norm(t0)
          gradient = over_norm(value) * (X.T @ t0)
          return value, gradient


      def check_gradient(seed=0):
          """Compares the gradient with central differences at random values."""
          m, n = 4, 3
          rng = np.random.default_rng(seed)
          X = rng.standard_normal((m, n))
          w = rng.standard_normal(n)
          y = rng.standard_normal(m)
          gradient = f_and_gradient(X, w, y)[1]
          expected = np.zeros(np.shape(w))
          for i in np.ndindex(np.shape(w)):
              step = np.zeros(np.shape(w))
              step[i] = 1e-6
              above = f_and_gradient(X, w + step, y)[0]
              below = f_and_gradient(X, w - step, y)[0]
              expected[i] = (above - below) / 2e-6
          if not np.all(np.isfinite(expected)):
              raise ValueError(f"not defined around the values of seed {seed}; try another")
          error = np.max(np.abs(gradient - expected)) / max(1.0, np.max(np.abs(expected)))
          assert error < 1e-5, f"the gradient is wrong: {gradient} is not {expected}"
          return error


      if __name__ == "__main__":
          print(f"gradient: the largest relative difference is {check_gradient():.1e}")
      "
    `);
  });

  it("is a whole module for JAX", () => {
    expect(derive("logdet(S)+x'*inv(S)*x", { wrt: "S" }).code("jax")).toMatchInlineSnapshot(`
      "# f = log(det(S)) + xᵀ·S⁻¹·x
      # ∂f/∂S = (S⁻¹ − S⁻¹·x·xᵀ·S⁻¹)ᵀ
      #
      # gradient in denominator layout: n×n
      # S: n×n
      # x: a vector of n

      import jax
      import jax.numpy as jnp
      import numpy as np

      jax.config.update("jax_enable_x64", True)


      def logdet(X):
          """log(det(X)), for a positive determinant; else nan."""
          sign, log = jnp.linalg.slogdet(X)
          return jnp.where(sign > 0, log, jnp.nan)


      def f_and_gradient(S, x):
          """The value of f and its gradient by S."""
          S = jnp.asarray(S, dtype=float)
          x = jnp.asarray(x, dtype=float)
          assert S.ndim == 2, f"S is {S.shape}; (n, n) was wanted"
          n = S.shape[0]
          assert S.shape == (n, n), f"S is {S.shape}; (n, n) = {(n, n)} was wanted"
          assert x.shape == (n,), f"x is {x.shape}; (n,) = {(n,)} was wanted"

          t0 = jnp.linalg.solve(S, x)
          value = logdet(S) + x @ t0
          gradient = (jnp.linalg.inv(S) - jnp.outer(t0, jnp.linalg.solve(S.T, x))).T
          return value, gradient


      def check_gradient(seed=0):
          """Compares the gradient with that of JAX at random values."""
          n = 4
          rng = np.random.default_rng(seed)
          S = rng.standard_normal((n, n))
          S = S @ S.T + np.eye(n)
          x = rng.standard_normal(n)
          gradient = f_and_gradient(S, x)[1]
          expected = jax.grad(lambda S: f_and_gradient(S, x)[0])(S)
          if not jnp.all(jnp.isfinite(expected)):
              raise ValueError(f"not defined around the values of seed {seed}; try another")
          error = jnp.max(jnp.abs(gradient - expected)) / max(1.0, jnp.max(jnp.abs(expected)))
          assert error < 1e-8, f"the gradient is wrong: {gradient} is not {expected}"
          return error


      if __name__ == "__main__":
          print(f"gradient: the largest relative difference is {check_gradient():.1e}")
      "
    `);
  });
});
