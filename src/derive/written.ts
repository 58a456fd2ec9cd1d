import { byName, type Notation } from "../core/op.js";
import { infix, name, power, print } from "../ops/notation.js";
import type { Shape } from "../tensor/shape.js";
import { flatSize } from "./evaluate.js";
import type { Application } from "./meaning.js";
import { entrywisePower } from "./print.js";

/** How a value was written: by the ops in their order, nothing worked out. */
export interface Written {
  readonly n: Notation;
  /** How many signs and names it has. */
  readonly size: number;
}

/** Longer values are printed as formulas, with names for what they share. */
const MOST = 28;

/** An op's result as it is written, or null where that is long. */
export function written(
  { op, attrs, shapes, shape }: Omit<Application, "output">,
  parts: readonly (Written | null)[],
): Written | null {
  const known = parts.filter((part) => part !== null);
  const size = known.reduce((sum, part) => sum + part.size, 1);
  if (known.length < parts.length || size > MOST || op.outputs.length > 1) return null;
  const entrywise = op.maps === 0 && shape.length <= 2;
  const own = known.map(({ n }, i) => {
    const from = shapes[i] as Shape;
    return entrywise && from.length > 0 ? lifted(n, from, shape) : n;
  });
  const [X] = own as [Notation];
  if (op.view) {
    const n = viewed(X, shapes[0] as Shape, shape);
    return n && { n, size };
  }
  const made = op.notation(byName(op, own) as never, attrs);
  if (made.kind === "call" && made.text === (attrs as { dtype?: unknown } | undefined)?.dtype) {
    return { n: X, size };
  }
  if (made.text === "broadcast") {
    return shape.length > 2 ? null : { n: lifted(X, shapes[0] as Shape, shape), size };
  }
  return { n: tidied(made, own, shapes, shape), size };
}

/** The transpose; a number in front stays there. */
function T(n: Notation): Notation {
  const [base, exponent] = n.parts as [Notation, Notation];
  if (n.kind === "power" && exponent.text === "T") return base;
  if (n.kind === "infix" && n.text === "·" && n.parts.length === 2 && isNumber(base)) {
    return infix("·", base, T(exponent));
  }
  return isNumber(n) ? n : power(n, "T");
}

function isNumber(n: Notation): boolean {
  return n.kind === "name" && Number.isFinite(Number(n.text));
}

const ones = name("𝟏");

/** A row or a column as a matrix that repeats it; a scalar that is no number, too. */
function lifted(n: Notation, from: Shape, to: Shape): Notation {
  const [rows, columns] = flatSize(to);
  const [r, c] = from.length === 1 && to.length === 2 ? [1, from[0] as number] : flatSize(from);
  const own = from.length === 1 && to.length === 2 && columns > 1 ? T(n) : n;
  if (r === rows && c === columns) return own;
  if (isNumber(n)) return n;
  if (r * c === 1) {
    const all = columns === 1 ? [ones] : rows === 1 ? [T(ones)] : [ones, T(ones)];
    return infix("·", n, ...all);
  }
  return r === 1 ? infix("·", ones, own) : infix("·", own, T(ones));
}

/** The same elements under another shape; null where neither rows and columns stay, nor a vector is turned. */
function viewed(n: Notation, from: Shape, to: Shape): Notation | null {
  const [m, k] = flatSize(from);
  const [rows, columns] = flatSize(to);
  if (Math.max(from.length, to.length) > 2) return null;
  if (m === rows && k === columns) return n;
  return m === columns && k === rows && (m === 1 || k === 1) ? T(n) : null;
}

/** Scalars take the signs of numbers; what goes without saying is not said. */
function tidied(
  n: Notation,
  parts: readonly Notation[],
  shapes: readonly Shape[],
  shape: Shape,
): Notation {
  const isScalar = (of: Shape): boolean => flatSize(of).every((k) => k === 1);
  const scalar = (part: Notation): boolean => {
    const at = parts.indexOf(part);
    return at >= 0 && isScalar(shapes[at] as Shape);
  };
  const visit = (m: Notation): Notation => {
    if (parts.includes(m) || m.parts.length === 0) return m;
    const inner = { ...m, parts: m.parts.map(visit) };
    const [a, b] = inner.parts as [Notation, Notation];
    if (m.kind === "power") {
      if (b.text === "T") return T(a);
      if (isScalar(shape)) return b.text.startsWith("∘") ? power(a, b.text.slice(1)) : inner;
      if (!parts.includes(b)) return b.kind === "infix" ? power(a, `∘${print(b)}`) : inner;
      const p = Number(b.text);
      if (!(p < 0)) return entrywisePower(a, b);
      return infix("⊘", name(1), p === -1 ? a : entrywisePower(a, name(-p)));
    }
    if (m.kind !== "infix" || m.parts.length !== 2) return inner;
    if (m.text === "+" || m.text === "−") {
      const [x, y] = [a, b].map((part) =>
        plain(scalar(part) && !isScalar(shape) ? lifted(part, [], shape) : part),
      ) as [Notation, Notation];
      return infix(m.text, x, y);
    }
    if (m.text === "∘" && scalar(a)) return infix("·", a, b);
    if (m.text === "∘" && scalar(b)) return infix("·", b, a);
    return m.text === "⊘" && scalar(b) ? infix("/", a, b) : inner;
  };
  return visit(n);
}

/** What is 1 everywhere is written 1 where it is added. */
function plain(n: Notation): Notation {
  return /^𝟏(·𝟏ᵀ)?$/u.test(print(n)) ? name(1) : n;
}
