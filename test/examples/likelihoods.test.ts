import { describe, expect, it } from "vitest";
import { numberAfter, output } from "../support/example.js";

/** The numbers of the table row that begins with `label`, without the difference at its end. */
function row(text: string, label: string): number[] {
  const line = text.split("\n").find((line) => line.trimStart().startsWith(`${label}  `));
  expect(line, `a row "${label}"`).toBeDefined();
  const cells = (line ?? "").trim().slice(label.length).trim().split(/\s+/);
  return cells.slice(0, -1).map(Number);
}

/** Each column of the row is `value`, to so many parts of it. */
function expectRow(text: string, label: string, value: number, relative = 1e-8): void {
  for (const found of row(text, label)) {
    expect(Math.abs(found / value - 1), `${label}: ${found}`).toBeLessThanOrEqual(relative);
  }
}

describe("the examples of likelihoods and control give what Python's libraries give", () => {
  it("gaussian_mle: mean, covariance and least squares as in NumPy 2.4", async () => {
    const text = await output("gaussian_mle.ts");
    expect(text).toContain("934 children; 481 sons");
    expect(text).toContain("∂f/∂P = 0.5·(S − P⁻¹)ᵀ");
    expectRow(text, "son", 69.234095634096);
    expectRow(text, "variance, son", 6.870563059461);
    expectRow(text, "covariance, son and father", 2.369028833727);
    expectRow(text, "covariance, son and mother", 1.963564386392);
    expectRow(text, "inches an inch of the father", 0.417556220503);
    expectRow(text, "inches an inch of the mother", 0.328773419877);
  });

  it("gaussian_mixture: two and three Gaussians as in scikit-learn 1.9, from the same start", async () => {
    const text = await output("gaussian_mixture.ts");
    const [, two = "", three = ""] = text.split(/^[23] Gaussians$/m);
    expectRow(two, "1: weight", 0.64412714289);
    expectRow(two, "2: eruption", 2.036388454629);
    expectRow(two, "1: variance of wait", 36.04621131603);
    expectRow(three, "2: wait", 54.382894018777, 1e-6);
    expectRow(three, "3: weight", 0.090356780512, 1e-5);
    expectRow(three, "3: covariance", 7.849603045091, 1e-5);
  });

  it("kalman: variances and the smoothed level as in statsmodels 0.15", async () => {
    const text = await output("kalman.ts");
    expectRow(text, "e, noise of the measurements", 15098.518540785559, 1e-6);
    expectRow(text, "h, noise of the level", 1469.176580325912, 1e-6);
    expectRow(text, "1871", 1111.668679276733, 1e-7);
    expectRow(text, "1970", 798.367288484874, 1e-7);
    expect(text).toContain("∂f/∂e = 0.5·(tr(S1·T) − zᵀ·S1·T·S1·z)");
  });

  it("lyapunov: covariance and the gain of Riccati as in SciPy 1.17", async () => {
    const text = await output("lyapunov.ts");
    expect(text).toContain("∂f/∂X = (A·X + X·Aᵀ + Q)·A + Aᵀ·(A·X + X·Aᵀ + Q)");
    expectRow(text, "sideslip, bank angle", 54.702556039519);
    expectRow(text, "bank angle", 2825.400526820921);
    expectRow(text, "rudder, yaw rate", -2.272599664903);
    expectRow(text, "aileron, bank angle", 0.04120223164);
    expect(numberAfter("with ", text.slice(text.indexOf("without feedback")))).toBeCloseTo(
      91.98577287708372,
      4,
    );
  });
});
