import type { Notation } from "../core/op.js";
import { encloses, exponentOf, isDifferential } from "../ops/notation.js";
import * as names from "./latex_names.js";

/**
 * A notation in LaTeX, for math mode: what LaTeX, MathJax, KaTeX and Temml read alike, without the
 * commands that GitHub refuses (`\operatorname` is one).
 */
export function latex(n: Notation): string {
  return typeset(n, false);
}

/** Signs between parts, other than those that are the same in LaTeX. */
const signs = new Map([
  ...[..."+-=<>*"].map((sign) => [sign, sign] as const),
  ["−", "-"],
  ["∘", "\\circ"],
  ["⊘", "\\oslash"],
  ["⊗", "\\otimes"],
  ["×", "\\times"],
  ["≠", "\\neq"],
  ["≤", "\\leq"],
  ["≥", "\\geq"],
]);

/** Fences, which grow with what they enclose. */
const left = new Map([
  ["‖", "\\lVert"],
  ["|", "\\lvert"],
  ["⟨", "\\langle"],
  ["⌊", "\\lfloor"],
  ["⌈", "\\lceil"],
]);
const right = new Map([
  ["‖", "\\rVert"],
  ["|", "\\rvert"],
  ["⟩", "\\rangle"],
  ["⌋", "\\rfloor"],
  ["⌉", "\\rceil"],
]);

/** `small`: in an exponent, where fractions stand on the line. */
function typeset(n: Notation, small: boolean): string {
  const own = n.parts.map((part) => typeset(part, small));
  const [first = ""] = own;
  switch (n.kind) {
    case "name":
      return names.symbol(n.text);
    case "call":
      return names.functionName(n.text) + parentheses(own.join(", "));
    case "infix":
      return infix(n, own, small);
    case "prefix": {
      const part = encloses(n, 0) ? parentheses(first) : first;
      if (isDifferential(n)) return differential(n.text, part);
      return /^[-−]$/.test(n.text) ? `-${part}` : `${names.functionName(n.text)}\\,${part}`;
    }
    case "fence":
      return fence(n.text, first);
    case "power": {
      const exponent = exponentOf(n);
      const up = exponent.kind === "name" ? names.exponent(exponent.text) : typeset(exponent, true);
      const isRaised = /\^\{[^{}]*\}$/.test(first); // 10^{-7}, and a fence with an exponent
      return `${encloses(n, 0) || isRaised ? parentheses(first) : first}^{${up}}`;
    }
  }
}

function infix(n: Notation, own: readonly string[], small: boolean): string {
  const isFraction = (one: Notation | undefined): boolean =>
    one?.kind === "infix" && one.text === "/" && !small;
  const [first = "", ...others] = own;
  if (isFraction(n)) return others.reduce((over, under) => `\\frac{${over}}{${under}}`, first);
  // A fraction's bar holds it together.
  const parts = own.map((text, i) =>
    encloses(n, i) && !isFraction(n.parts[i]) ? parentheses(text) : text,
  );
  if (n.text === "/") return parts.join("/");
  if (n.text !== "·") {
    return parts.join(` ${signs.get(n.text) ?? `\\mathbin{${names.functionName(n.text)}}`} `);
  }
  const isNumber = n.parts.map((part) => part.kind === "name" && names.isNumber(part.text));
  return parts.reduce((before, part, i) => {
    // What begins with a digit would be read on behind a number.
    if (/^(\\frac\{)*\d/.test(part) || (isNumber[i - 1] && isNumber[i])) {
      return `${before} \\cdot ${part}`;
    }
    return before + (hasGap(part) ? " " : "\\,") + part;
  });
}

function differential(sign: string, part: string): string {
  const d = names.functionName(sign);
  if (/^\\mathrm\{/.test(part)) return `${d}\\,${part}`;
  return d.endsWith("}") ? d + part : `${d} ${part}`;
}

function fence(text: string, part: string): string {
  const middle = Math.floor(text.length / 2);
  const [open, close] = [text.slice(0, middle), text.slice(middle)];
  const [before, after] = [left.get(open), right.get(close.slice(0, 1))];
  if (/^(\(\)|\[\])$/.test(text)) return enclosed(open, part, close);
  if (before === undefined || after === undefined) {
    return `${names.functionName(open)}\\,${part}\\,${names.functionName(close)}`;
  }
  return `\\left${before} ${part} ${names.withScripts(close, () => `\\right${after}`)}`;
}

/** Whether LaTeX leaves a gap before it by itself. */
function hasGap(text: string): boolean {
  const [, command = ""] = /^\\([a-z]+)/.exec(text) ?? [];
  return command === "left" || names.commands.has(command);
}

const parentheses = (text: string): string => enclosed("(", text, ")");

/** Between parentheses or brackets, as tall as the text where that is taller than a line. */
function enclosed(open: string, text: string, close: string): string {
  return /\\frac|\\left/.test(text) ? `\\left${open}${text}\\right${close}` : open + text + close;
}
