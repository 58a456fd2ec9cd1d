/** What both forms of the page say beside its formulas. */
import type { Chapter, Part, Quote } from "./entries.js";
import { equation, linesOf } from "./lines.js";
import { remarks, slips } from "./remarks.js";

export const title = "Derivations";

/** Paragraphs at the head; code between backticks. */
export const introduction: readonly string[] = [
  "Every formula of four texts on matrix calculus, derived by `derive` of `tracegrad/derive`: the " +
    "function, its differential step by step with the law of each step, and the derivative that " +
    "is read off. Written by `npm run derivations`; `test/derivations.test.ts` holds the page to " +
    "what the engine says, each step to the differential within 1e-10, each derivative to numbers " +
    "of another system, and each verdict on a text to the numbers.",
  "The method is the same throughout. The differential of a number f is brought to the form " +
    "df = tr(GᵀdX), and G is the gradient. It has the shape of X, which is called denominator " +
    "layout; Gᵀ is the same in numerator layout. Σ aside, capitals are matrices, lower case is " +
    "vectors and numbers; ∘ multiplies and ⊘ divides entry by entry, 𝟏 is a vector of ones, σ the " +
    "logistic function, adj the adjugate.",
  "Under each function stands what the texts print about it, in their letters and with the number " +
    "of the record in `test/golden/seeds.json` (`s0` to `s3` are the texts). Whether it is right " +
    "was found with numbers: the printed formula was evaluated and compared with the derived one.",
];

/** A paragraph that counts the verdicts. */
export function counted(quotes: readonly Quote[]): string {
  const of = (verdict: string): number =>
    quotes.filter(({ finding }) => finding.verdict === verdict).length;
  const layouts = of("right in numerator layout only") + of("right in denominator layout only");
  return (
    `Of ${quotes.length} formulas ${of("right")} are right as they are printed. ` +
    `${of("right once a trace is taken")} are right once a trace is taken, ${layouts} in one ` +
    `layout only, ${of("right for a vector only")} for vectors only and ` +
    `${of("right for a scalar only")} for numbers only; ${of("misprint")} are misprinted, with a ` +
    `right formula meant; ${of("wrong")} are wrong.`
  );
}

export const misprintWords =
  "Each formula that is not right as it stands. *Off by* is the largest difference between an entry " +
  "of what is printed and what is right, at the numbers of the record; or the sizes, where they differ.";

export const slipWords =
  "Beside right formulas, where no number could show it, the texts slip here:";

/** All quotes, in the order of the texts. */
export function quotesOf(chapters: readonly Chapter[]): Quote[] {
  const all = chapters.flatMap(({ entries }) => entries.flatMap(({ quotes }) => quotes));
  return all.sort((p, q) => (p.source.id < q.source.id ? -1 : 1));
}

/** A row of the table of misprints. */
export interface Misprint {
  readonly quote: Quote;
  /** LaTeX. */
  readonly right: string;
  readonly words: string;
}

export function misprints(quotes: readonly Quote[]): Misprint[] {
  return quotes
    .filter(({ finding }) => finding.verdict !== "right")
    .map((quote) => {
      const remark = remarks[quote.source.id];
      if (remark === undefined) throw new Error(`${quote.source.id} has no remark`);
      return { quote, right: remark.right ?? equation(quote.derivation), words: remark.words };
    });
}

/** Slips that are beside quotes. */
export function slipsOf(quotes: readonly Quote[]): { id: string; words: string }[] {
  return Object.entries(slips).map(([id, words]) => {
    if (!quotes.some(({ source }) => source.id === id)) throw new Error(`there is no record ${id}`);
    return { id, words };
  });
}

/** The derivative that a part ends in, in LaTeX. */
export function resultOf(part: Extract<Part, { steps: boolean }>): string {
  if (part.of === true) return equation(part.derivation);
  const { result, legend } = linesOf(part.derivation);
  const where = legend.map(({ left, right }) => `,\\quad ${left} = ${right}`).join("");
  return `${result.left} = ${result.right}${where}`;
}
