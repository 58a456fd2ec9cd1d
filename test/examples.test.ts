import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { entries } from "../examples/gallery/page.js";
import { numberAfter, output } from "./support/example.js";

/** Programs of other kinds: one runs some of the rest, two write pages. */
const others = ["main.ts", "derivations.ts", "gallery.ts"];
const examples = readdirSync("examples").filter(
  (file) => file.endsWith(".ts") && !others.includes(file),
);

/** The words of a text, with # for each number: what another machine's rounding does not change. */
const words = (text: string): string =>
  text
    .replace(/-?\d[\d.]*(e[-+]\d+)?/g, "#")
    .replace(/ +/g, " ")
    .trim();
const gallery = words(readFileSync("docs/gallery.md", "utf8"));
// At small size digits does other work than in the gallery.
const shown = entries.map(({ file }) => file).filter((file) => file !== "digits.ts");

describe("the examples keep what they promise, in plain text", () => {
  it.each(examples)("%s, at small size", async (file) => {
    const text = await output(file, "--quick");
    expect(text).toMatch(/^ok /m);
    expect(text).not.toContain("FAILED");
    if (shown.includes(file)) expect(gallery).toContain(words(text));
  });

  it("a broken promise is seen", async () => {
    await expect(output("../test/support/broken_example.ts")).rejects.toThrow("2 is 3");
  });

  it("least_squares: gradient descent gives the closed form", async () => {
    const text = await output("least_squares.ts");
    expect(text).toContain("406 cars, 14 left out because a number is missing, 392 used");
    expect(numberAfter("largest relative difference ", text)).toBeLessThanOrEqual(1e-8);
    expect(numberAfter("R² = ", text)).toBeCloseTo(0.8093, 4);
  });

  it("pca: gradient ascent gives the eigenvectors", async () => {
    const text = await output("pca.ts");
    expect(text).toContain("344 penguins, 2 left out because a number is missing, 342 used");
    expect(numberAfter("largest angle ", text)).toBeLessThanOrEqual(1e-8);
  });

  it("custom_op: ops of one's own pass the check table, and have derivatives of all orders", async () => {
    const text = await output("custom_op.ts");
    expect(text).toContain(
      "squareRoot, sample 1: rules.A.adj gives ∂S[1, 1]/∂A[1, 0] = 0.0375377, " +
        "but rules.A.d gives -0.0187689",
    );
    expect(text.match(/^ok .* from the closed form$/gm)).toHaveLength(9);
  });
});
