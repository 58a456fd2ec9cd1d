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

/** Digits and signs that Unicode has raised. */
const raised = new Map([..."-0123456789T"].map((c, i) => [c, [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ"][i] as string]));

/** How tightly a sign binds: a part that binds less is put in parentheses. */
function binding(n: Notation): number {
  if (n.kind === "infix") {
    if ("=≠<≤>≥".includes(n.text)) return 0;
    return "+−-".includes(n.text) ? 1 : n.text === "⊗" ? 1.6 : 2;
  }
  return n.kind === "prefix" ? 1.5 : n.kind === "power" ? 3 : 4;
}

/** A notation in Unicode, on one line. */
export function print(n: Notation): string {
  const inside = (part: Notation | undefined, least: number): string => {
    if (part === undefined) return "";
    return binding(part) < least ? `(${print(part)})` : print(part);
  };
  const [first, second] = n.parts;
  switch (n.kind) {
    case "name":
      return n.text;
    case "call":
      return `${n.text}(${n.parts.map(print).join(", ")})`;
    case "infix": {
      const gap = binding(n) < 2 ? ` ${n.text} ` : n.text;
      return n.parts.map((part, i) => inside(part, binding(n) + (i > 0 ? 0.1 : 0))).join(gap);
    }
    case "prefix":
      return n.text + inside(first, 2);
    case "fence":
      return (
        n.text.slice(0, n.text.length / 2) + inside(first, 0) + n.text.slice(n.text.length / 2)
      );
    case "power": {
      const up = [...inside(second, 0)].map((c) => raised.get(c));
      return inside(first, 4) + (up.includes(undefined) ? `^${inside(second, 4)}` : up.join(""));
    }
  }
}
