import { describe, expect, it } from "vitest";
import { output } from "../support/example.js";

/** The numbers of the row of a table that begins with `label`. */
function row(text: string, label: string): number[] {
  const line = text.split("\n").find((line) => line.startsWith(`  ${label}  `));
  expect(line, `a row "${label}"`).toBeDefined();
  return (line ?? "")
    .slice(label.length + 2)
    .trim()
    .split(/\s+/)
    .map(Number);
}

/** That all numbers of the row but its difference are the expected one. */
function expectRow(text: string, label: string, expected: number, digits: number): void {
  const numbers = row(text, label).slice(0, -1);
  expect(numbers.length).toBeGreaterThanOrEqual(2);
  for (const number of numbers) expect(number, label).toBeCloseTo(expected, digits);
}

describe("the regressions find what others have found", () => {
  // scikit-learn 1.9.1: Ridge(alpha=44.2) and Lasso(alpha=2), fit_intercept=False, on X standardised.
  it("ridge_lasso: the weights of scikit-learn", async () => {
    const text = await output("ridge_lasso.ts");
    const ridge = [0.0622487692, -9.8551383132, 23.2924239809, 14.3534525004, -3.9700743779];
    const lasso = [0, -7.5681983827, 24.6228315663, 13.177846874, -2.716899714];
    const labels = ["age", "sex", "body mass index", "blood pressure", "total cholesterol"];
    for (const [j, label] of labels.entries()) {
      const [, byGradient, closed, proximal, byCoordinates] = row(text, label);
      for (const weight of [byGradient, closed]) expect(weight).toBeCloseTo(ridge[j] ?? 0, 7);
      for (const weight of [proximal, byCoordinates]) expect(weight).toBeCloseTo(lasso[j] ?? 0, 7);
    }
    expect(row(text, "LDL cholesterol").slice(3)).toEqual([0, 0]);
  });

  // York 1966 and scipy.odr 1.17.1 (weighted total, total), statsmodels 0.15.0 (weighted).
  it("weighted_total_least_squares: the line of York", async () => {
    const text = await output("weighted_total_least_squares.ts");
    expectRow(text, "weighted total: a", 5.479910224, 8);
    expectRow(text, "weighted total: b", -0.480533407, 8);
    expect(text).toContain("χ² = 11.866353");
    expectRow(text, "total: b", -0.545561, 6);
    expectRow(text, "weighted: b", -0.6108129566, 9);
    expectRow(text, "weighted: a", 6.1001093167, 9);
  });

  // statsmodels 0.15.0: Logit on the petals of versicolor and virginica.
  it("logistic_regression: the coefficients, errors and likelihood of statsmodels", async () => {
    const text = await output("logistic_regression.ts");
    const [coefficients = "", errors = ""] = text.split("their standard errors");
    expectRow(coefficients, "petal length", 5.7545323189, 8);
    expectRow(coefficients, "petal width", 10.4466998947, 8);
    expectRow(coefficients, "intercept", -45.2723437721, 7);
    expectRow(errors, "petal length", 2.3059124319, 8);
    expectRow(errors, "petal width", 3.7556509809, 8);
    expectRow(errors, "intercept", 13.6116683976, 8);
    expect(text).toContain("log likelihood -10.281754; 94 of 100 flowers");
    const steps = [...text.matchAll(/after (\d+) steps/g)].map(([, steps]) => Number(steps));
    const [descent = 0, newton = 0] = steps;
    expect(newton).toBeLessThanOrEqual(10);
    expect(descent).toBeGreaterThan(100 * newton);
  });

  // scikit-learn 1.9.1: SVC(kernel="linear", C=1e10, tol=1e-12).
  it("svm: the line and the support vectors of scikit-learn", async () => {
    const text = await output("svm.ts");
    expectRow(text, "w₁, bill depth", -2.0006382, 6);
    expectRow(text, "w₂, flipper length", 2.1749072, 6);
    expectRow(text, "b", -0.9738746, 6);
    expectRow(text, "λ of Adelie, 18 mm and 210 mm", 4.366387, 5);
    expectRow(text, "λ of Gentoo, 17.3 mm and 219 mm", 3.763715, 5);
    expectRow(text, "λ of Gentoo, 15.7 mm and 208 mm", 0.602672, 5);
    expect(text).toContain("both find the same 3 support vectors");
  });
});
