import { describe, expect, it } from "vitest";
import { numberAfter, output } from "../support/example.js";

/** What the examples print agrees with other programs on the same data, in the versions named here. */
describe("examples that find subspaces and rotations", () => {
  it("pca: variances and components of scikit-learn 1.9.1", async () => {
    const text = await output("pca.ts");
    expect(text).toMatch(/component 1 +2\.75375512 +2\.75375512 +68\.8 % +68\.8 %/);
    expect(text).toMatch(/component 2 +0\.77251675 +0\.77251675 +19\.3 % +19\.3 %/);
    expect(text).toMatch(/bill depth +-0\.40033468 +-0\.40033468 +0\.79776657 +0\.79776657/);
    expect(text).toContain("∂L/∂W = 2·(S·W − W·Λ)\n");
  });

  it("lda: discriminants of scikit-learn 1.9.1, and whom they take for another species", async () => {
    const text = await output("lda.ts");
    expect(text).toMatch(/bill length +-0\.48364722 +-0\.48364722 +2\.28812098 +2\.28812098/);
    expect(text).toMatch(/body mass +-1\.04522568 +-1\.04522568 +-1\.37653618 +-1\.37653618/);
    const [first, second] = [1, 2].map((j) => numberAfter(`discriminant ${j}`, text));
    // Its explained_variance_ratio_.
    expect((first ?? 0) / ((first ?? 0) + (second ?? 0))).toBeCloseTo(0.86604598, 8);
    expect(numberAfter("linear discriminants: ", text)).toBe(4);
    expect(numberAfter("principal components: ", text)).toBe(41);
  });

  it("procrustes: Rotation.align_vectors of SciPy 1.17.1", async () => {
    const text = await output("procrustes.ts");
    expect(numberAfter("best rotation", text)).toBeCloseTo(1.5508116819, 9);
    expect(numberAfter("the best turn is by ", text)).toBe(118.61);
    expect(numberAfter("row 2, column 3", text)).toBeCloseTo(-0.9965848, 7);
  });

  it("matrix_factorization: TruncatedSVD of scikit-learn 1.9.1, alternating steps in NumPy", async () => {
    const text = await output("matrix_factorization.ts");
    expect(numberAfter("σ 1", text)).toBeCloseTo(19.63580839, 8);
    expect(numberAfter("σ 3", text)).toBeCloseTo(3.08247046, 8);
    expect(numberAfter("f, what is left", text)).toBeCloseTo(3.2731567747, 9);
    expect(numberAfter("\n  f  ", text)).toBeCloseTo(15.6027536413, 9);
    expect(numberAfter("error where hidden", text)).toBeCloseTo(0.3653115389, 9);
    expect(numberAfter("by the mean of each quality: ", text)).toBe(1.0956);
  });
});
