import type { Notation } from "../core/op.js";

/** A symbol or number as it stands. */
export function name(text: string | number): Notation {
  return { kind: "name", text: String(text) };
}

/** `f(a, b)` */
export function call(f: string, ...parts: Notation[]): Notation {
  return { kind: "call", name: f, parts };
}

/** `a · b`; the sign decides how tightly it binds. */
export function infix(sign: string, ...parts: Notation[]): Notation {
  return { kind: "infix", sign, parts };
}

/** `−a` */
export function prefix(sign: string, part: Notation): Notation {
  return { kind: "prefix", sign, part };
}

/** `Xⁿ`; the transpose is the power `ᵀ`. */
export function power(part: Notation, exponent: Notation | number | string): Notation {
  return {
    kind: "power",
    part,
    exponent: typeof exponent === "object" ? exponent : name(exponent),
  };
}

/** `‖x‖`, `|x|` */
export function fence(open: string, part: Notation, close: string): Notation {
  return { kind: "fence", open, part, close };
}

const raised: Readonly<Record<string, string>> = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
  T: "ᵀ",
};

/** How tightly a sign binds: a part that binds less is put in parentheses. */
function binding(n: Notation): number {
  if (n.kind === "infix") return "+−-".includes(n.sign) ? 1 : "=≠<≤>≥".includes(n.sign) ? 0 : 2;
  return n.kind === "prefix" ? 1.5 : n.kind === "power" ? 3 : 4;
}

/** A notation in Unicode, on one line. */
export function print(n: Notation): string {
  const inside = (part: Notation, least: number): string =>
    binding(part) < least ? `(${print(part)})` : print(part);
  switch (n.kind) {
    case "name":
      return n.text;
    case "call":
      return `${n.name}(${n.parts.map(print).join(", ")})`;
    case "infix": {
      const gap = binding(n) < 2 ? ` ${n.sign} ` : n.sign;
      return n.parts.map((part, i) => inside(part, binding(n) + (i > 0 ? 0.1 : 0))).join(gap);
    }
    case "prefix":
      return `${n.sign}${inside(n.part, 2)}`;
    case "fence":
      return `${n.open}${print(n.part)}${n.close}`;
    case "power": {
      const exponent = print(n.exponent);
      const up = [...exponent].map((c) => raised[c]).join("");
      const simple = [...exponent].every((c) => c in raised);
      return `${inside(n.part, 4)}${simple ? up : `^${inside(n.exponent, 4)}`}`;
    }
  }
}
