import { type Layout, ShapeError, UsageError } from "../index.js";
import { condition, fitsOnlyWhere, narrowCondition } from "./conditions.js";
import { edits } from "./edits.js";
import { missingFactor } from "./factors.js";
import { fromShape } from "./misfit.js";
import {
  distance,
  isClose,
  type Numbers,
  ratio,
  sameShape,
  scaled,
  sizeOf,
  transposed,
  written,
} from "./numbers.js";
import type { Pair, Point, Question, Setting, Sizes } from "./question.js";
import { wrongTerms } from "./terms.js";

/** What is wrong with a claim: a word for programs, and a sentence. */
export interface Finding {
  readonly code: string;
  readonly message: string;
}

/** What came out of a comparison. */
export interface Judgement {
  /** Null where the claim is right. */
  readonly finding: Finding | null;
  /** The largest difference, relative to the largest entry; NaN where none could be taken. */
  readonly error: number;
  /** At how many inputs values were compared. */
  readonly inputs: number;
  /** The shape of the claim, where it has one. */
  readonly shape: string | null;
}

/** A pair with a finite claim. */
export type Compared = Pair & { readonly claim: Numbers };

/** Compares the claim with the true derivative, and looks for the mistake where they differ. */
export function judge(question: Question, noun: string): Judgement {
  const { strangers, settings } = question;
  if (strangers.length > 0) return { ...nothing, finding: undeclared(question, strangers) };
  const [first, ...others] = settings;
  if (first === undefined) {
    const message = `the ${noun} has no finite value at random inputs that could be relied on`;
    throw new UsageError(message);
  }
  const judged = judgeAt(question, first, noun);
  return others.reduce((before, other) => comparedAt(question, before, other, noun), judged);
}

/** Compares at other lengths of the axes, for the number in a factor may be one of them. */
function comparedAt(
  question: Question,
  before: Judgement,
  { sizes, points }: Setting,
  noun: string,
): Judgement {
  const { finding } = before;
  if (finding !== null && finding.code !== "factor") return before;
  const pairs = question.pairs(sizes, points).filter(isCompared);
  const error = Math.max(before.error, ...pairs.map((pair) => distance(pair.claim, pair.truth)));
  const judged = { ...before, error, inputs: before.inputs + pairs.length };
  const here = messageAt(pairs, points.length, noun);
  const there = finding?.message ?? null;
  if (here === there) return judged;
  const [one, other] = [there, here].map((message) => message ?? "right");
  const message = `${one} with ${lengths(question.sizes)}, but ${other} with ${lengths(sizes)}`;
  return { ...judged, finding: { code: "sizes", message } };
}

/** What is wrong at these lengths, in few words; null if nothing is. */
function messageAt(pairs: readonly Compared[], points: number, noun: string): string | null {
  if (pairs.length < points) return `not defined at ${points - pairs.length} of ${points} inputs`;
  return agree(pairs) ? null : (multiple(pairs, noun)?.message ?? difference(pairs, noun));
}

const isCompared = (pair: Pair): pair is Compared => pair.claim !== null;

const nothing = { error: Number.NaN, inputs: 0, shape: null };

/** The judgement at these lengths of the axes. */
function judgeAt(question: Question, { sizes, points }: Setting, noun: string): Judgement {
  let all: readonly Pair[];
  try {
    all = question.pairs(sizes, points);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const right = edited(question, points)?.message;
    const remedy = right === undefined ? fitsOnlyWhere(question) : `\n  (${right})`;
    const tried = sizes.size === 0 ? "" : `\n  (it was tried with ${lengths(sizes)})`;
    const message = `its sizes do not fit: ${error.message}${tried}${remedy}`;
    return { ...nothing, finding: { code: "shape", message } };
  }
  const pairs = all.filter(isCompared);
  const [pair] = pairs;
  if (pair === undefined) {
    const message = `it has no finite value at ${all.length} random inputs where the ${noun} has`;
    return { ...nothing, finding: { code: "undefined", message } };
  }
  const shape = question.described(pair.claim);
  const inputs = pairs.length;
  const straight = sameShape(pair.claim, pair.truth);
  if (!straight && !sameShape(pair.claim, transposed(pair.truth))) {
    const right = edited(question, points)?.message ?? null;
    return { ...nothing, shape, finding: fromShape(question, pairs, noun, right) };
  }
  const errors = pairs.map(({ claim, truth }) => (straight ? distance(claim, truth) : Number.NaN));
  const judged = { error: Math.max(...errors), inputs, shape };
  if (!agree(pairs)) return { ...judged, finding: mistake(question, pairs, noun) };
  if (inputs === all.length) return { ...judged, finding: null };
  const message =
    `right where it is defined, but at ${all.length - inputs} of ${all.length} random inputs ` +
    `the ${noun} is finite and the claim is not`;
  return { ...judged, finding: { code: "undefined", message } };
}

const agree = (pairs: readonly Compared[]): boolean =>
  pairs.every(({ claim, truth }) => isClose(claim, truth));

/** The likely mistakes, those first that explain the values completely. */
function mistake(question: Question, pairs: readonly Compared[], noun: string): Finding {
  const other = otherLayout(question);
  const turned = pairs.map((pair) => ({ ...pair, claim: transposed(pair.claim) }));
  if (agree(turned)) {
    const message = other === null ? "it is transposed" : `transposed: that is ${other} layout`;
    return { code: "transposed", message };
  }
  const [first] = pairs as [Compared];
  const straight = sameShape(first.claim, first.truth);
  const found =
    (straight
      ? (multiple(pairs, noun) ??
        special(question, pairs) ??
        wrongTerms(question, pairs) ??
        missingFactor(question, pairs))
      : null) ??
    alsoTransposed(question, turned, noun, other) ??
    edited(question, pairs) ??
    narrowCondition(question);
  if (found !== null) return found;
  if (straight) return { code: "different", message: difference(pairs, noun) };
  const message = `it has the shape of the transposed ${noun}, but is not that either`;
  return { code: "shape", message };
}

/** The layout that was not asked for; null where there is no difference, as by a scalar. */
function otherLayout({ layout, program, at }: Question): Layout | null {
  if (program.variables[at]?.kind === "scalar") return null;
  return layout === "numerator" ? "denominator" : "numerator";
}

/** The case in which the claim is right, and for symmetric matrices how it would always be. */
function special(question: Question, pairs: readonly Compared[]): Finding | null {
  const found = condition(question, pairs);
  if (found?.code !== "symmetric") return found;
  const right = edited(question, pairs);
  return right === null ? found : { ...found, message: `${found.message}; ${right.message}` };
}

/** What else is wrong with a claim that is transposed. */
function alsoTransposed(
  question: Question,
  turned: readonly Compared[],
  noun: string,
  other: Layout | null,
): Finding | null {
  const [first] = turned as [Compared];
  if (!sameShape(first.claim, first.truth)) return null;
  const found =
    multiple(turned, noun) ?? wrongTerms(question, turned) ?? missingFactor(question, turned);
  if (found === null || found.code === "zero") return null;
  const where = other === null ? "" : ` (that is ${other} layout)`;
  const message = `transposed${where}, and ${found.message}`;
  return { code: `transposed, ${found.code}`, message };
}

/** A claim that is a number times the truth, the same number everywhere. */
function multiple(pairs: readonly Compared[], noun: string): Finding | null {
  if (pairs.every(({ claim }) => sizeOf(claim) < 1e-12)) {
    return { code: "zero", message: `it is 0, and the true ${noun} is not` };
  }
  const c = ratio(pairs.map(({ claim, truth }) => [claim, truth] as const));
  if (!Number.isFinite(c)) return null;
  if (!pairs.every(({ claim, truth }) => isClose(claim, scaled(c, truth)))) return null;
  const factor = written(c);
  if (factor === "-1") {
    return { code: "sign", message: `the sign is wrong: it is minus the true ${noun}` };
  }
  const sign = c < 0 ? "minus " : "";
  const words: Readonly<Record<string, string>> = { "2": "twice", "1/2": "half" };
  const size = factor.replace("-", "");
  return {
    code: "factor",
    message: `it is ${sign}${words[size] ?? `${size} times`} the true ${noun}`,
  };
}

/** A change of one sign in the claim that makes it right. */
function edited(question: Question, points: readonly Point[]): Finding | null {
  const { sizes, claim } = question;
  const right = edits(claim).find(({ text }) => question.holds(sizes, points, text));
  if (right === undefined) return null;
  const { code, what, text } = right;
  return { code, message: `${what}: ${text} would be right` };
}

function difference(pairs: readonly Compared[], noun: string): string {
  const { claim, truth } = pairs[0] as Compared;
  const off = claim.data.map((x, i) => Math.abs(x - (truth.data[i] as number)));
  const i = off.indexOf(Math.max(...off));
  const [row, column] = [Math.floor(i / truth.columns), i % truth.columns];
  const entry =
    truth.data.length === 1
      ? "it"
      : truth.columns === 1
        ? `entry ${row + 1} of it`
        : `entry (${row + 1}, ${column + 1}) of it`;
  const [own, wanted] = [claim, truth].map(({ data }) =>
    Number((data[i] as number).toPrecision(4)),
  );
  return `it is not the ${noun}: at a random input ${entry} is ${own}, and should be ${wanted}`;
}

function undeclared({ names }: Question, strangers: readonly string[]): Finding {
  const are = strangers.length === 1 ? "is no variable" : "are no variables";
  const message = `${strangers.join(", ")} ${are} of the expression, which has ${names.join(", ")}`;
  const hint = strangers.includes("I") ? "; the identity matrix is written eye" : "";
  return { code: "undeclared", message: message + hint };
}

/** The lengths of the axes, as `m = 3, n = 4`. */
function lengths(sizes: Sizes): string {
  return [...sizes].map(([name, length]) => `${name} = ${length}`).join(", ");
}
