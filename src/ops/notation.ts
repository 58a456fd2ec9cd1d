import type { Notation } from "../core/op.js";

/** A symbol or number as it stands. */
export function name(text: string | number): Notation {
  return { kind: "name", text: String(text), parts: [] };
}

/** `f(a, b)` */
export function call(f: string, ...parts: Notation[]): Notation {
  return { kind: "call", text: f, parts };
}

/** The name of an op along axes: `sum₀`, `mean₀,₁`. */
export function along(op: string, axis: number | readonly number[] | undefined): string {
  const lowered = (n: number): string => [...String(n)].map((c) => lower.get(c)).join("");
  return axis === undefined ? op : op + [axis].flat().map(lowered).join(",");
}

const lower = new Map([..."-0123456789"].map((c, i) => [c, [..."₋₀₁₂₃₄₅₆₇₈₉"][i] as string]));

/** `a · b`; the sign decides how tightly it binds. */
export function infix(sign: string, ...parts: Notation[]): Notation {
  return { kind: "infix", text: sign, parts };
}

/** `−a` */
export function prefix(sign: string, part: Notation): Notation {
  return { kind: "prefix", text: sign, parts: [part] };
}

/** `Xⁿ`; the transpose is the power `T`. */
export function power(base: Notation, exponent: Notation | number | string): Notation {
  return {
    kind: "power",
    text: "^",
    parts: [base, typeof exponent === "object" ? exponent : name(exponent)],
  };
}

/** `‖x‖`, `|x|` */
export function fence(open: string, part: Notation, close: string): Notation {
  return { kind: "fence", text: open + close, parts: [part] };
}

/** The exponent of a power; where it has no part of its own, the text is it. */
export function exponentOf(n: Notation): Notation {
  return n.parts[1] ?? name(n.text);
}

/** Digits and signs that Unicode has raised. */
const raised = new Map(
  [..."-−+⁺0123456789T"].map((c, i) => [c, [..."⁻⁻⁺⁺⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ"][i] as string]),
);

/** Whether a formula is the differential of its part: `dX`, `d²X`. */
export const isDifferential = (n: Notation): boolean =>
  n.kind === "prefix" && /^[d∂][²³]?$/.test(n.text);

/** Whether a name is what an axis's length is in other lengths: `m·n`, `m + 1`. */
export const isLength = (text: string): boolean =>
  /^[\p{L}\p{N}_]+(( [+−] |·)[\p{L}\p{N}_]+)+$/u.test(text);

/** How tightly a formula holds together. */
function binding(n: Notation): number {
  switch (n.kind) {
    case "name":
      if (/^[-−]./.test(n.text)) return 2;
      if (isLength(n.text)) return / [+−] /.test(n.text) ? 1 : 2;
      return /[⁻⁺⁰¹²³⁴-⁹ᵀⁿⁱ]/.test(n.text) ? 3 : 4; // a product that is written as one name: VᵀV
    case "infix":
      if ("=≠<≤>≥".includes(n.text)) return 0;
      if ("+−-".includes(n.text)) return 1;
      return n.text === "⊗" ? 1.6 : "∘⊘".includes(n.text) ? 1.8 : 2;
    case "prefix":
      return isDifferential(n) ? 3 : 1.5;
    case "power":
      return 3;
    default:
      return 4;
  }
}

/** How tightly part `i` must bind where it stands. */
function least(n: Notation, i: number): number {
  if (n.kind === "power") return i === 0 ? 4 : 0;
  if (n.kind === "prefix") return n.text === "∂" ? 3 : isDifferential(n) ? 4 : 1.7; // ∂x²
  if (n.kind !== "infix") return 0;
  if ("∘⊘".includes(n.text) && n.parts[i]?.text === "·") return 2.1; // (A·B)∘C
  if (i === 0) return binding(n);
  return "∘⊘".includes(n.text) ? 2.1 : binding(n) + 0.1; // A∘(B·C)
}

/** Whether a formula begins with a minus. */
function isSigned(n: Notation): boolean {
  const [first] = n.parts;
  if (n.kind === "name") return /^[-−]./.test(n.text);
  if (n.kind === "prefix") return !isDifferential(n);
  return n.kind === "infix" && first !== undefined && !encloses(n, 0) && isSigned(first);
}

/** Whether part `i` of a formula is put in parentheses. */
export function encloses(n: Notation, i: number): boolean {
  const part = n.parts[i];
  if (part === undefined) return false;
  if (binding(part) < least(n, i)) return true;
  const follows = n.kind === "prefix" || (n.kind === "infix" && i > 0);
  return follows && isSigned(part); // a + (−b)
}

/** A notation in Unicode, on one line. */
export function print(n: Notation): string {
  const part = (i: number): string => {
    const own = n.parts[i] === undefined ? "" : print(n.parts[i]);
    return encloses(n, i) ? `(${own})` : own;
  };
  switch (n.kind) {
    case "name":
      return n.text;
    case "call":
      return `${n.text}(${n.parts.map(print).join(", ")})`;
    case "infix": {
      const gap = binding(n) < 1.7 ? ` ${n.text} ` : n.text;
      return n.parts.map((_, i) => part(i)).join(gap);
    }
    case "prefix": {
      // A gap where the sign would be read as a letter of the name: d loss, d tr(X).
      const own = part(0);
      const gap = isDifferential(n) && /^(\p{L}+[.[]|[\p{Ll}\p{Lu}\p{Lo}]{2})/u.test(own);
      return n.text + (gap ? " " : "") + own;
    }
    case "fence":
      return n.text.slice(0, n.text.length / 2) + part(0) + n.text.slice(n.text.length / 2);
    case "power": {
      const exponent = exponentOf(n);
      const text = print(exponent);
      const up = [...text].map((c) => raised.get(c));
      if (!up.includes(undefined)) return part(0) + up.join("");
      const whole = binding(exponent) === 4 && /^∘?[^∘/−-]*$/.test(text);
      return `${part(0)}^${whole ? text : `(${text.replace("∘-", "∘−")})`}`;
    }
  }
}
