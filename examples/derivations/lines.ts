/** A derivation and the quotes of the texts, in pieces that are ready to be set. */
import temml from "temml";
import type { Derivation } from "tracegrad/derive";

/** One line of a derivation, in LaTeX, and the law by which it is equal to the line above. */
export interface Line {
  readonly left: string;
  readonly right: string;
  readonly law: string;
}

export interface Lines {
  readonly value: Line;
  readonly steps: readonly Line[];
  readonly result: Line;
  /** What the names stand for that are short for long parts. */
  readonly legend: readonly Line[];
}

/** The lines of `Derivation.latex()`. */
export function linesOf(derivation: Derivation): Lines {
  const rows = derivation.latex().split("\n").slice(1, -1);
  const lines = rows.map((row): Line => {
    const [formula = "", law = ""] = row.replace(/ \\\\$/, "").split(" && \\text{");
    const [left = "", right = ""] = formula.split("&=").map((part) => part.trim());
    return { left, right, law: law.slice(0, -1) };
  });
  const count = derivation.steps.length;
  const [value, result] = [lines[0], lines[count + 1]];
  if (value === undefined || result === undefined) throw new Error("the derivation has no lines");
  return { value, steps: lines.slice(1, count + 1), result, legend: lines.slice(count + 2) };
}

/** Several lines under each other, in LaTeX. */
export function aligned(lines: readonly Line[]): string {
  const rows = lines.map(({ left, right, law }) => {
    return `${left} &= ${right}${law === "" ? "" : ` && \\text{${law}}`}`;
  });
  return `\\begin{aligned}\n${rows.join(" \\\\\n")}\n\\end{aligned}`;
}

/** The derivative of the function itself rather than of f: `\frac{\partial}{\partial x} … = …`. */
export function equation(derivation: Derivation): string {
  const { value, result, legend } = linesOf(derivation);
  const of = `\\frac{\\partial}{\\partial ${letter(derivation.wrt)}}`;
  const where = legend.map(({ left, right }) => `,\\quad ${left} = ${right}`).join("");
  return `${of}\\left(${value.right}\\right) = ${result.right}${where}`;
}

/** Where the variables are from: `X \in \mathbb{R}^{m \times n}`. */
export function sizes({ variables }: Derivation): string {
  const one = variables.map(({ name, shape, symmetric }) => {
    const space = shape.length === 0 ? "" : `^{${shape.map(axis).join(" \\times ")}}`;
    const words = symmetric ? " \\text{ symmetric}" : "";
    return `${letter(name)} \\in \\mathbb{R}${space}${words}`;
  });
  return one.join(",\\; ");
}

const greek = new Map([
  ["λ", "\\lambda"],
  ["Σ", "\\Sigma"],
]);

function letter(name: string): string {
  return greek.get(name) ?? name;
}

function axis(length: string | number): string {
  return String(length).replaceAll("·", "\\,");
}

/** A piece of a quote: LaTeX, words, or source that is no whole formula. */
export interface Piece {
  readonly kind: "math" | "text" | "source";
  readonly text: string;
}

/** A quote as it is printed, formulas and the words between them. */
export function pieces(quote: string): Piece[] {
  const math = (text: string): Piece => {
    // ± under the name that HTML has for it, which MathJax does not know.
    const known = text.replaceAll("\\plusmn", "\\pm");
    return isWhole(known) ? { kind: "math", text: known } : { kind: "source", text };
  };
  if (!quote.includes("$")) return [math(quote)];
  return quote.split("$").flatMap((text, i): Piece[] => {
    if (i % 2 === 1) return [math(text.trim())];
    return text === "" ? [] : [{ kind: "text", text }];
  });
}

function isWhole(formula: string): boolean {
  try {
    temml.renderToString(formula, { throwOnError: true, strict: true });
    return true;
  } catch {
    return false;
  }
}
