import { UsageError } from "../../tensor/errors.js";
import { atPlace } from "./place.js";

/** The text is no expression of the grammar; the message shows where, and what was expected. */
export class ParseError extends UsageError {
  override name = "ParseError";

  constructor(
    readonly text: string,
    /** Where in the text: an offset, from 0. */
    readonly at: number,
    what: string,
  ) {
    super(atPlace(text, at, what));
  }
}

export interface Token {
  readonly kind: "number" | "name" | "sign" | "superscript" | "end";
  /** As the grammar writes it; `written` has it as it stands in the text. */
  readonly text: string;
  readonly written: string;
  readonly at: number;
  readonly end: number;
}

/** A longer text is refused: it was not typed. */
export const longest = 20_000;

const name = "[\\p{Lu}\\p{Ll}\\p{Lo}_][\\p{Lu}\\p{Ll}\\p{Lo}\\p{Nd}_]*";
// `2.*X` is 2 times entrywise X: a point belongs to a number only when a digit follows it.
const number = "(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:[eE][+-]?\\d+)?";
const sign = "\\.[*/^]|\\*(?!\\*)|[-+/^'(),−·⋅∘⊙⊘’′ᵀ]";
const superscript = "⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|⁻(?=ᵀ)";
const pattern = new RegExp(`\\s*(?:(${number})|(${name})|(${sign})|(${superscript}))`, "uy");

/** Signs that formulas are printed with, beside those of a keyboard. */
const plain: Readonly<Record<string, string>> = {
  ...{ "−": "-", "·": "*", "⋅": "*", "∘": ".*", "⊙": ".*", "⊘": "./" },
  ...{ "’": "'", "′": "'", ᵀ: "'" },
};

/** What stands for something else elsewhere, with how it is written here. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^\*\*/, "** is not of the grammar; a power is written ^, entrywise .^"],
  [/^×/, "× could mean two products; write * for the matrix product, .* entrywise"],
  [/^\.(T|t|mT)\b/, ".T is not of the grammar; a transpose is written X'"],
  [/^\.\p{L}/u, "there are no methods; write f(X) for X.f()"],
  [/^\.'/, ".' is not of the grammar; a transpose is written X'"],
  [/^\./, "a point belongs to a number, or to one of .* ./ .^"],
  [/^@/, "@ is not of the grammar; the matrix product is written *"],
  [/^\\/, "\\ is not of the grammar; A\\b is written inv(A)*b"],
  [/^(‖|\|\|)/, "norms are written norm2(x) or norm1(x)"],
  [/^\|/, "write abs(x) for absolute values, det(X) for a determinant, norm2(x) for a norm"],
  [/^[[\]{}]/, "there are only round brackets, and no indices or lists"],
  [/^=/, "an expression has no =; write one side"],
  [/^⊗/, "⊗ is not of the grammar; the Kronecker product is written kron(A, B)"],
  [/^√/, "√ is not of the grammar; write sqrt(x)"],
  [/^∑/, "∑ is not of the grammar; write sum(x)"],
];

/**
 * The words of a text; the last one is its end.
 *
 * @throws ParseError for signs that the grammar does not know, and for very long texts.
 */
export function tokenize(text: string): Token[] {
  if (text.length > longest) {
    const what = `the text has ${text.length} characters; at most ${longest} are read`;
    throw new ParseError(text, longest, what);
  }
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  pattern.lastIndex = 0;
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) refuse(text, end - text.slice(from, end).trimStart().length);
    const [whole, number, name, sign, superscript] = match;
    const written = (number ?? name ?? sign ?? superscript) as string;
    const at = from + whole.length - written.length;
    const kind = number ? "number" : name ? "name" : sign ? "sign" : "superscript";
    tokens.push({
      kind,
      text: Object.hasOwn(plain, written) ? (plain[written] as string) : written,
      written,
      at,
      end: pattern.lastIndex,
    });
  }
  tokens.push({ kind: "end", text: "", written: "", at: end, end });
  return tokens;
}

/** The error of a sign that is unknown, or known for something else. */
function refuse(text: string, at: number): never {
  const rest = text.slice(at, at + 8);
  const known = elsewhere.find(([sign]) => sign.test(rest));
  throw new ParseError(text, at, known?.[1] ?? `unknown sign "${[...rest][0]}"`);
}
