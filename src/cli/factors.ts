import { type Program, parse } from "../derive/index.js";
import { type Tensor, TracegradError } from "../index.js";
import type { Compared, Finding } from "./diagnose.js";
import { namesIn, only } from "./names.js";
import { type Numbers, sameShape, sizeOf, written } from "./numbers.js";
import { numbersOf, type Question } from "./question.js";

type Expression = Program["tree"];

/** More parts of an expression than these are not tried. */
const most = 60;

/** The claim is the truth times `number · part^exponent`, entry by entry. */
interface Fit {
  readonly part: string;
  readonly number: number;
  readonly exponent: number;
  readonly entrywise: boolean;
}

const exponents = [-1, 1, -2, 2, -0.5, 0.5];

/**
 * A factor that is missing, or there in place of its reciprocal, as by the chain rule: parts of the
 * expression are tried, which are scalars or of the shape of the derivative.
 */
export function missingFactor(question: Question, pairs: readonly Compared[]): Finding | null {
  const fits = parts(question.program)
    .slice(0, most)
    .flatMap((part) => fitsOf(question, pairs, part));
  const rank = ({ part, number, exponent }: Fit): number =>
    (written(number) === "1" ? 0 : 1000) + 100 * exponents.indexOf(exponent) + part.length;
  const [best] = fits.toSorted((a, b) => rank(a) - rank(b));
  if (best === undefined) return null;
  const { exponent, entrywise } = best;
  const by = entrywise ? "entrywise " : "";
  if (exponent < 0)
    return { code: "factor missing", message: `it lacks the ${by}factor ${factor(best)}` };
  return { code: "divisor missing", message: `it must be divided ${by}by ${factor(best)}` };
}

/** `2*x^2`, what the claim must be multiplied or divided by. */
function factor({ part, number, exponent, entrywise }: Fit): string {
  const q = Math.abs(exponent);
  const base = isOne(part) ? part : `(${part})`;
  const power =
    q === 1
      ? base
      : q === 2
        ? `${base}${entrywise ? ".^2" : "^2"}`
        : `sqrt${base.startsWith("(") ? base : `(${base})`}`;
  const times = written(exponent < 0 ? 1 / number : number);
  return times === "1" ? power : `${times}*${power}`;
}

/** Whether it needs no brackets in a product: a name, a call, or what has some already. */
function isOne(part: string): boolean {
  const open = /^[\p{Lu}\p{Ll}\p{Lo}\p{N}_]*/u.exec(part)?.[0].length ?? 0;
  if (open === part.length) return true;
  let depth = 0;
  for (let at = open; at < part.length; at++) {
    depth += part[at] === "(" ? 1 : part[at] === ")" ? -1 : 0;
    if (depth === 0) return part[at] === ")" && at === part.length - 1;
  }
  return false;
}

function fitsOf(question: Question, pairs: readonly Compared[], part: string): Fit[] {
  const values = pairs.map((pair) => partValue(question, pair, part));
  const [first] = values;
  const { truth } = pairs[0] as Compared;
  if (first === undefined || first === null) return [];
  const entrywise = first.data.length > 1;
  if (entrywise && !sameShape(first, truth)) return [];
  return exponents.flatMap((exponent) => {
    const numbers = pairs.flatMap(({ claim, truth }, p) => {
      const least = 1e-9 * sizeOf(truth);
      return truth.data.flatMap((y, i) => {
        const x = claim.data[i] as number;
        if (Math.abs(y) <= least) return Math.abs(x) <= 1e-9 * sizeOf(claim) ? [] : [Number.NaN];
        const s = values[p]?.data[entrywise ? i : 0] ?? Number.NaN;
        return [x / (y * s ** exponent)];
      });
    });
    const [number = Number.NaN] = numbers;
    const alike = numbers.every((one) => Math.abs(one - number) <= 1e-7 * Math.abs(number));
    return alike && number !== 0 ? [{ part, number, exponent, entrywise }] : [];
  });
}

/** The value of a part of the expression, or null where it has none. */
function partValue(question: Question, { values }: Compared, part: string): Numbers | null {
  const { names, program } = question;
  const own = namesIn(part);
  const kinds = Object.fromEntries(program.variables.map(({ name, kind }) => [name, kind]));
  try {
    const read = parse(part, {
      kinds: only(kinds, own),
      shapes: only(question.shapes(question.sizes), own),
    });
    return numbersOf(read.run(new Map(own.map((n) => [n, values[names.indexOf(n)] as Tensor]))));
  } catch (error) {
    if (error instanceof TracegradError) return null;
    throw error;
  }
}

/** The parts of an expression as they are written, each once, without numbers alone. */
function parts({ text, tree }: Program): string[] {
  const found = new Set<string>();
  const visit = (node: Expression): void => {
    for (const part of below(node)) visit(part);
    const written = text.slice(node.at, node.end).trim();
    if (namesIn(written).length > 0) found.add(written);
  };
  visit(tree);
  return [...found];
}

function below(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "number":
    case "name":
      return [];
    case "minus":
    case "transpose":
      return [node.arg];
    case "call":
      return node.args;
    case "binary":
      return [node.left, node.right];
  }
}
