import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Notation } from "../../src/core/op.js";
import { call, fence, infix, name, power, prefix, print } from "../../src/ops/notation.js";

const [A, B, X, a, b, c] = [name("A"), name("B"), name("X"), name("a"), name("b"), name("c")];
const d = (n: Notation): Notation => prefix("d", n);
const minus = (n: Notation): Notation => prefix("−", n);

describe("notation", () => {
  // biome-ignore format: a formula a line
  it.each<[string, Notation]>([
    ["a − (b + c)", infix("−", a, infix("+", b, c))],
    ["a − (b − c)", infix("−", a, infix("−", b, c))],
    ["a − b − c", infix("−", infix("−", a, b), c)],
    ["a + (−b)", infix("+", a, minus(b))],
    ["a − (−b·c)", infix("−", a, minus(infix("·", b, c)))],
    ["a − (-2·b)", infix("−", a, infix("·", name(-2), b))],
    ["−a + b", infix("+", minus(a), b)],
    ["−(a + b)", minus(infix("+", a, b))],
    ["−a·b", minus(infix("·", a, b))],
    ["−(−a)", minus(minus(a))],
    ["−(-2)", minus(name(-2))],
    ["-2·a", infix("·", name(-2), a)],
    ["a·(-2)", infix("·", a, name(-2))],
    ["(-2)²", power(name(-2), 2)],
    ["(−a)²", power(minus(a), 2)],
    ["−a²", minus(power(a, 2))],
    ["a·(b/c)", infix("·", a, infix("/", b, c))],
    ["(A∘B)·X", infix("·", infix("∘", A, B), X)],
    ["(A·B)∘X", infix("∘", infix("·", A, B), X)],
    ["A∘(B·X)", infix("∘", A, infix("·", B, X))],
    ["A∘B⊘X", infix("⊘", infix("∘", A, B), X)],
    ["A⊘(B∘X)", infix("⊘", A, infix("∘", B, X))],
    ["−A∘B", minus(infix("∘", A, B))],
    ["(A ⊗ B)·X", infix("·", infix("⊗", A, B), X)],
    ["A + B ⊗ X", infix("+", A, infix("⊗", B, X))],
    ["dX", d(X)],
    ["dX1", d(name("X1"))],
    ["d loss", d(name("loss"))],
    ["d p.W", d(name("p.W"))],
    ["d(Xᵀ)", d(power(X, "T"))],
    ["(dX)ᵀ", power(d(X), "T")],
    ["d(A·X)", d(infix("·", A, X))],
    ["A·dX·B", infix("·", A, d(X), B)],
    ["−A·dX", minus(infix("·", A, d(X)))],
    ["A − dX", infix("−", A, d(X))],
    ["d(−X)", d(minus(X))],
    ["d tr(X)", d(call("tr", X))],
    ["dσ(X)", d(call("σ", X))],
    ["d‖X‖", d(fence("‖", X, "‖"))],
    ["d(dX)", d(d(X))],
    ["d²X", prefix("d²", X)],
    ["X⁻ᵀ", power(X, "-T")],
    ["X⁻¹", power(X, "−1")],
    ["X⁺", power(X, "⁺")],
    ["X^∘2", power(X, "∘2")],
    ["X^(∘−1)", power(X, "∘-1")],
    ["X^(∘1/2)", power(X, "∘1/2")],
    ["X^(1/2)", power(X, infix("/", name(1), name(2)))],
    ["X^(-0.5)", power(X, -0.5)],
    ["X^k", power(X, name("k"))],
    ["X³", { kind: "power", text: "3", parts: [X] }],
    ["(VᵀV)⁻¹", power(name("VᵀV"), -1)],
    ["a/(m·n)", infix("/", a, name("m·n"))],
    ["(m + 1)·a", infix("·", name("m + 1"), a)],
    ["‖X‖₂²", power(fence("‖", X, "‖₂"), 2)],
  ])("%s", (text, n) => {
    expect(print(n)).toBe(text);
  });

  it("is read back as what it was", () => {
    const numbers = fc.integer({ min: -9, max: 9 }).map((value) => name(value));
    const { tree } = fc.letrec<{ tree: Notation }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6, depthSize: "small" },
        numbers,
        fc
          .tuple(
            fc.constantFrom("+", "−", "·", "/"),
            fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
          )
          .map(([sign, parts]) => infix(sign, ...parts)),
        tie("tree").map(minus),
        tie("tree").map((n) => fence("⌊", n, "⌋")),
      ),
    }));
    fc.assert(
      fc.property(tree, (n) => {
        const code = print(n)
          .replaceAll("−", "-")
          .replaceAll("·", "*")
          .replaceAll("⌊", "Math.floor(")
          .replaceAll("⌋", ")");
        expect(new Function(`return ${code}`)()).toBe(numberOf(n));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

/** The number that a formula of numbers is. */
function numberOf(n: Notation): number {
  const [first = 0, ...others] = n.parts.map(numberOf);
  switch (n.text) {
    case "+":
      return others.reduce((sum, value) => sum + value, first);
    case "−":
      return n.kind === "prefix" ? -first : others.reduce((rest, value) => rest - value, first);
    case "·":
      return others.reduce((product, value) => product * value, first);
    case "/":
      return others.reduce((quotient, value) => quotient / value, first);
    case "⌊⌋":
      return Math.floor(first);
    default:
      return Number(n.text);
  }
}
