import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));

/** What an example prints when no terminal is there; a broken promise (exit code 1) rejects. */
async function output(file: string, ...args: string[]): Promise<string> {
  const options = { cwd: root };
  const { stdout, stderr } = await run(
    process.execPath,
    ["--import", "tsx", `examples/${file}`, ...args],
    options,
  );
  expect(stderr).toBe("");
  return stdout;
}

/** The number that follows `label`. */
function numberAfter(label: string, text: string): number {
  const at = text.indexOf(label);
  expect(at, `"${label}" is printed`).toBeGreaterThanOrEqual(0);
  return Number.parseFloat(text.slice(at + label.length));
}

/** Control characters other than the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

describe("the examples keep what they promise, in plain text", () => {
  it("least_squares: gradient descent gives the closed form", async () => {
    const text = await output("least_squares.ts");
    expect(text).toContain("406 cars, 14 left out because a number is missing, 392 used");
    expect(numberAfter("largest relative difference ", text)).toBeLessThanOrEqual(1e-8);
    expect(numberAfter("R² = ", text)).toBeCloseTo(0.8093, 4);
    expect(text).not.toContain("FAILED");
    expect(text).not.toMatch(control);
  });

  it("pca: gradient ascent gives the eigenvectors", async () => {
    const text = await output("pca.ts");
    expect(text).toContain("344 penguins, 2 left out because a number is missing, 342 used");
    expect(numberAfter("largest angle ", text)).toBeLessThanOrEqual(1e-8);
    expect(text).not.toContain("FAILED");
    expect(text).not.toMatch(control);
  });

  it("digits: the network learns, on fewer images", async () => {
    const text = await output("digits.ts", "--quick");
    expect(text).toContain("2000 images to learn from, 500 others to test on");
    expect(text).not.toContain("FAILED");
    expect(text).not.toMatch(control);
  });

  it("custom_op: ops of one's own pass the check table, and have derivatives of all orders", async () => {
    const text = await output("custom_op.ts");
    expect(text).toContain(
      "squareRoot, sample 1: rules.A.adj gives ∂S[1, 1]/∂A[1, 0] = 0.0375377, " +
        "but rules.A.d gives -0.0187689",
    );
    expect(text.match(/^ok .* from the closed form$/gm)).toHaveLength(9);
    expect(text).not.toContain("FAILED");
    expect(text).not.toMatch(control);
  });
});
