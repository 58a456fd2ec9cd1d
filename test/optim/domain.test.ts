import { describe, expect, it } from "vitest";
import {
  cholesky,
  DomainError,
  diag,
  diagPart,
  grad,
  init,
  logdet,
  type Tensor,
  tensor,
} from "../../src/index.js";
import { lbfgs, minimize, newton } from "../../src/optim/index.js";

await init();

describe("steps that leave the domain of a function", () => {
  const float64 = { dtype: "float64" } as const;
  // 2v − log v by a determinant, which two negative entries would make positive again.
  const byDeterminant = (v: Tensor) =>
    v
      .mul(2)
      .sum()
      .sub(logdet(diag(v)));
  // The same of more entries by Cholesky, whose error is another.
  const byCholesky = (v: Tensor) =>
    v
      .mul(2)
      .sum()
      .sub(
        diagPart(cholesky(diag(v)))
          .log()
          .sum()
          .mul(2),
      );

  it.each([
    ["lbfgs", lbfgs(), byDeterminant, tensor([5], float64)],
    ["lbfgs", lbfgs(), byCholesky, tensor([5, 4, 3], float64)],
    ["newton", newton(), byDeterminant, tensor([5], float64)],
    ["newton", newton(), byCholesky, tensor([5, 4, 3], float64)],
  ] as const)("%s takes shorter ones (%#)", (_, optimizer, f, start) => {
    expect(() => f(start.sub(grad(f)(start).mul(20)))).toThrow(); // it would be left
    const { x, converged } = minimize(f, start, { optimizer, tol: 1e-8 });
    expect(converged).toBe(true);
    expect(x.mul(2).sub(1).abs().max().item()).toBeLessThan(1e-6);
  });

  it("but a start outside of it is an error", () => {
    for (const optimizer of [lbfgs(), newton()]) {
      const start = tensor([-1], float64);
      expect(() => minimize(byDeterminant, start, { optimizer })).toThrow(DomainError);
    }
  });
});
