import fc from "fast-check";
import temml from "temml";
import { describe, expect, it } from "vitest";
import { byName, type Notation } from "../../src/core/op.js";
import { latex } from "../../src/derive/latex.js";
import { ops } from "../../src/index.js";
import { along, call, fence, infix, name, power, prefix, print } from "../../src/ops/notation.js";

/** Throws where a formula is not LaTeX, or has characters that LaTeX takes in no formula. */
function typesets(formula: string): void {
  const options = { strict: true, throwOnError: true, displayMode: true };
  expect(temml.renderToString(formula, options)).toMatch(/^<math/);
  expect(formula).not.toMatch(/\\(operatorname|mbox|phantom)\b/); // GitHub refuses these
}

const tex = String.raw;
const [A, B, X, w, x, y] = [name("A"), name("B"), name("X"), name("w"), name("x"), name("y")];
const [one, two] = [name(1), name(2)];
const T = (n: Notation): Notation => power(n, "T");
const d = (n: Notation): Notation => prefix("d", n);
const times = (...parts: Notation[]): Notation => infix("·", ...parts);
const over = (a: Notation, b: Notation): Notation => infix("/", a, b);
const residual = infix("−", times(X, w), y);
const logistic = call("σ", times(X, w));

// biome-ignore format: a formula a line
const formulas: [Notation, string][] = [
  [times(T(x), A, x), tex`x^{\top}\,A\,x`],
  [times(infix("+", A, T(A)), x), tex`(A + A^{\top})\,x`],
  [infix("−", A, infix("+", B, X)), "A - (B + X)"],
  [infix("−", infix("−", A, B), X), "A - B - X"],
  [infix("+", A, prefix("−", B)), "A + (-B)"],
  [prefix("−", times(power(X, -1), d(X), power(X, -1))), tex`-X^{-1}\,\mathrm{d}X\,X^{-1}`],
  [prefix("−", infix("+", A, B)), "-(A + B)"],
  [power(times(T(X), X), -1), tex`(X^{\top}\,X)^{-1}`],
  [power(X, "-T"), tex`X^{-\top}`],
  [power(X, "⁺"), "X^{+}"],
  [times(two, T(residual), X), tex`2\,(X\,w - y)^{\top}\,X`],
  [power(fence("‖", residual, "‖"), 2), tex`\left\lVert X\,w - y \right\rVert^{2}`],
  [power(fence("‖", X, "‖₂"), 2), tex`\left\lVert X \right\rVert_{2}^{2}`],
  [power(fence("‖", X, "‖²"), 2), tex`\left(\left\lVert X \right\rVert^{2}\right)^{2}`],
  [times(fence("(", times(x, y), ")"), w), tex`(x\,y)\,w`],
  [fence("[", over(one, two), "]"), tex`\left[\frac{1}{2}\right]`],
  [call("log", fence("|", x, "|")), tex`\log\left(\left\lvert x \right\rvert\right)`],
  [call("log", call("det", X)), tex`\log(\det(X))`],
  [times(two, name(3)), tex`2 \cdot 3`],
  [times(two, name(-3)), tex`2 \cdot (-3)`],
  [times(two, over(one, two)), tex`2 \cdot \frac{1}{2}`],
  [times(x, power(two, name("n"))), tex`x \cdot 2^{n}`],
  [times(name(0.5), X), tex`0.5\,X`],
  [power(name(-2), 2), "(-2)^{2}"],
  [times(name(1e-7), X), tex`10^{-7}\,X`],
  [power(name(2.5e-7), 2), tex`(2.5 \cdot 10^{-7})^{2}`],
  [over(infix("+", A, B), name("n")), tex`\frac{A + B}{n}`],
  [over(over(A, B), X), tex`\frac{\frac{A}{B}}{X}`],
  [times(A, over(x, y)), tex`A\,\frac{x}{y}`],
  [power(over(A, B), 2), tex`\left(\frac{A}{B}\right)^{2}`],
  [call("tr", over(A, B)), tex`\mathrm{tr}\left(\frac{A}{B}\right)`],
  [power(X, over(one, two)), "X^{1/2}"],
  [power(X, "∘2"), tex`X^{\circ 2}`],
  [power(X, "∘-1"), tex`X^{\circ -1}`],
  [power(X, "∘1/2"), tex`X^{\circ 1/2}`],
  [power(X, infix("−", name("k"), one)), "X^{k - 1}"],
  [{ kind: "power", text: "3", parts: [X] }, "X^{3}"],
  [times(infix("∘", A, B), X), tex`(A \circ B)\,X`],
  [infix("∘", A, times(B, X)), tex`A \circ (B\,X)`],
  [infix("⊘", one, X), tex`1 \oslash X`],
  [times(infix("⊗", T(B), A), call("vec", X)), tex`(B^{\top} \otimes A)\,\mathrm{vec}(X)`],
  [times(T(X), call("diag", logistic)), tex`X^{\top}\,\mathrm{diag}(\sigma(X\,w))`],
  [times(A, call("exp", x)), tex`A \exp(x)`],
  [call(along("mean", [0, 1]), X), tex`\mathrm{mean}_{0,1}(X)`],
  [call(along("sum", -1), X), tex`\mathrm{sum}_{-1}(X)`],
  [call("log1p", X), tex`\mathrm{log1p}(X)`],
  [infix("≤", A, B), tex`A \leq B`],
  [infix("=", d(T(X)), T(d(X))), tex`\mathrm{d}(X^{\top}) = (\mathrm{d}X)^{\top}`],
  [d(times(T(X), A)), tex`\mathrm{d}(X^{\top}\,A)`],
  [d(call("tr", times(A, X))), tex`\mathrm{d}\,\mathrm{tr}(A\,X)`],
  [d(call("log", x)), tex`\mathrm{d}\log(x)`],
  [call("d", T(X)), tex`\mathrm{d}(X^{\top})`],
  [prefix("d²", x), tex`\mathrm{d}^{2}x`],
];

// biome-ignore format: a name a line
const names: [string, string][] = [
  ["X", "X"],
  ["W1", "W_{1}"],
  ["W_1", "W_{1}"],
  ["W_12", "W_{12}"],
  ["W₁", "W_{1}"],
  ["x_1_2", "x_{1,2}"],
  ["W_in", tex`W_{\mathit{in}}`],
  ["lambda_max", tex`\lambda_{\mathit{max}}`],
  ["loss", tex`\mathit{loss}`],
  ["layer1", tex`\mathit{layer}_{1}`],
  ["learning_rate", tex`\mathit{learning\_rate}`],
  ["a1b", tex`\mathit{a1b}`],
  ["$x", tex`\mathit{\$x}`],
  ["alpha", tex`\alpha`],
  ["beta2", tex`\beta_{2}`],
  ["λ", tex`\lambda`],
  ["Ω", tex`\Omega`],
  ["Α", tex`\mathrm{A}`],
  ["Δx", tex`\mathit{\Delta x}`],
  ["X′", "X'"],
  ["W1″", "W_{1}''"],
  ["ŷ", tex`\hat{y}`],
  ["X̄", tex`\bar{X}`],
  ["größe", tex`\textit{größe}`],
  ["ж1", tex`\textit{ж}_{1}`],
  ["p.layers[0].W", tex`\mathtt{p.layers[0].W}`],
  ['p["a-b #1"].ключ', tex`\mathtt{p["a{-}b\ \#1"].\texttt{ключ}}`],
  ["I", "I"],
  ["𝟏", tex`\mathbf{1}`],
  ["𝟏ₘ", tex`\mathbf{1}_{m}`],
  ["𝟏𝟏ᵀ", tex`\mathbf{1}\mathbf{1}^{\top}`],
  ["VᵀV", tex`V^{\top}V`],
  ["-1.5", "-1.5"],
  ["−∞", tex`-\infty`],
  ["-Infinity", tex`-\infty`],
  ["1e+21", "10^{21}"],
  ["[3, -1]", "[3, -1]"],
  ["2·3", tex`2 \cdot 3`],
  ["2·m·n", tex`2\,m\,n`],
  ["[m·n, n_1 + 2]", tex`[m\,n, n_{1} + 2]`],
  ["m − 1", "m - 1"],
  ["[[0,1],[m,n]]", "[[0, 1], [m, n]]"],
];

/** Names as users choose them, and any text, which a key of an object may be. */
const anyName = fc
  .oneof(
    fc.constantFrom(...names.map(([text]) => text)),
    fc.stringMatching(/^[\p{L}$_][\p{L}\p{N}_$]{0,4}$/u),
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.string({ unit: "binary", maxLength: 4 }),
  )
  .map((text) => name(text));

/** Formulas of these names, functions, signs and exponents. */
function formulasOf(
  leaf: fc.Arbitrary<Notation>,
  functions: readonly string[],
  signs: readonly string[],
  prefixes: readonly string[],
  powers: readonly (string | number)[],
  more: (tree: fc.Arbitrary<Notation>) => fc.Arbitrary<Notation>[] = () => [],
): fc.Arbitrary<Notation> {
  const parts = (tree: fc.Arbitrary<Notation>, most: number): fc.Arbitrary<Notation[]> =>
    fc.array(tree, { minLength: most > 1 ? 2 : 1, maxLength: most });
  return fc.letrec<{ tree: Notation }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      leaf,
      fc
        .tuple(fc.constantFrom(...functions), parts(tie("tree"), 1))
        .map(([f, of]) => call(f, ...of)),
      fc.tuple(fc.constantFrom(...signs), parts(tie("tree"), 3)).map(([s, of]) => infix(s, ...of)),
      fc.tuple(fc.constantFrom(...prefixes), tie("tree")).map(([sign, of]) => prefix(sign, of)),
      fc.tuple(tie("tree"), fc.constantFrom(...powers)).map(([of, up]) => power(of, up)),
      ...more(tie("tree")),
    ),
  })).tree;
}

describe("LaTeX", () => {
  it.each(formulas.map(([n, text]) => [print(n), n, text] as const))("%s", (_, n, text) => {
    expect(latex(n)).toBe(text);
    typesets(text);
  });

  it.each(names)("the name %s", (own, text) => {
    expect(latex(name(own))).toBe(text);
    typesets(text);
  });

  it("typesets the formula of every op", () => {
    let count = 0;
    for (const { op } of ops) {
      const symbols = op.inputs.map((input: string) => name(input.replace("...", "")));
      for (const { attrs } of op.samples()) {
        typesets(latex(op.notation(byName(op, symbols), attrs ?? {})));
        count++;
      }
    }
    expect(count).toBeGreaterThan(ops.length);
  });

  it("typesets random formulas of any names", () => {
    const random = formulasOf(
      anyName,
      ["exp", "tr", "σ", "sum₀,₁", "log₂", "D2adj", "my_f$", "größe", "p.f"],
      [..."+−·∘⊘⊗/=≠<≤>≥×-*", "mod", "∗"],
      ["−", "-", "d", "d²", "∂", "∇", "not"],
      ["T", "-T", -1, 2, 0.5, "⁺", "∘2", "∘-1", "∘1/2", "k", "∘k", "", "''", "_"],
      (tree) => [
        fc.tuple(tree, tree).map(([base, up]) => power(base, up)),
        fc
          .tuple(fc.constantFrom("‖ ‖", "| |", "⟨ ⟩", "⌊ ⌋", "‖ ‖₂", "‖ ‖²", "< >", "( )"), tree)
          .map(([pair, of]) => fence(pair[0] ?? "", of, pair.slice(2))),
      ],
    );
    fc.assert(
      fc.property(random, (n) => {
        typesets(latex(n));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("has the parentheses that are printed in Unicode", () => {
    const letters = fc.constantFrom(A, B, X, w, x, y);
    const signs = [..."+−·∘⊘⊗="];
    const plain = formulasOf(letters, ["σ", "f"], signs, ["−", "d"], ["T", -1, 2]);
    const unicode: [string, string][] = [
      [tex`\mathrm{d}`, "d"],
      [tex`\sigma`, "σ"],
      [tex`\,`, "·"],
      [tex` \circ `, "∘"],
      [tex` \oslash `, "⊘"],
      [tex`\otimes`, "⊗"],
      [tex`^{\top}`, "ᵀ"],
      ["^{-1}", "⁻¹"],
      ["^{2}", "²"],
      ["-", "−"],
    ];
    const translated = (n: Notation): string =>
      unicode.reduce((text, [from, to]) => text.replaceAll(from, to), latex(n));
    fc.assert(
      fc.property(plain, (n) => {
        expect(translated(n)).toBe(print(n));
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it.each([tex`\frac{A`, "a_b_c", "x^{2}^{3}", tex`\lft(x)`, "ж", "größe", tex`\operatorname{f}`])(
    "%s would not pass",
    (wrong) => {
      expect(() => typesets(wrong)).toThrow();
    },
  );
});
