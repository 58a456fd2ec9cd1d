import { isLength } from "../ops/notation.js";

// Names in LaTeX. A user's names come from JavaScript: letters of any script, digits, `_` and `$`,
// and paths such as `p.layers[0].W`, with any text between quotes.

/** The Greek letters in Unicode's order; where it has a gap in the capitals, it has a final sigma. */
const letters = (
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu " +
  "nu xi omicron pi rho varsigma sigma tau upsilon phi chi psi omega"
).split(" ");

const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;

/** LaTeX has commands for these; other capitals look like Latin ones. */
const capitals = new Set(
  "gamma delta theta lambda xi pi sigma upsilon phi psi omega".split(" ").map(capital),
);

/** Greek letters by character. */
const greek = new Map<string, string>([
  ...letters.map((word, i) => [String.fromCodePoint(0x3b1 + i), `\\${word}`] as const),
  ...letters
    .map((word, i) => [String.fromCodePoint(0x391 + i), `\\${capital(word)}`] as const)
    .filter(([, command]) => capitals.has(command.slice(1))),
  ...[..."ΑΒΕΖΗΙΚΜΝΟΡΤΧ"].map((c, i) => [c, `\\mathrm{${"ABEZHIKMNOPTX"[i]}}`] as const),
  ["ο", "o"],
  ["ε", "\\varepsilon"],
  ["φ", "\\varphi"],
  ["ϵ", "\\epsilon"],
  ["ϕ", "\\phi"],
  ["ϑ", "\\vartheta"],
  ["ϱ", "\\varrho"],
  ["ϖ", "\\varpi"],
]);

/** What one symbol stands for: Greek letters by their names, too. */
const symbols = new Map<string, string>([
  ...[...greek.values()]
    .filter((command) => /^\\[a-z]+$/i.test(command))
    .map((command) => [command.slice(1), command] as const),
  ...greek,
  ["∞", "\\infty"],
  ["Infinity", "\\infty"],
  ["NaN", "\\mathrm{NaN}"],
  ["ℓ", "\\ell"],
  ["∇", "\\nabla"],
  ["∂", "\\partial"],
  ["…", "\\ldots"],
  ["𝟎", "\\mathbf{0}"],
  ["𝟏", "\\mathbf{1}"],
]);

/** Marks over a letter, as Unicode has them after it. */
const accents = new Map([
  ["\u0300", "grave"],
  ["\u0301", "acute"],
  ["\u0302", "hat"],
  ["\u0303", "tilde"],
  ["\u0304", "bar"],
  ["\u0306", "breve"],
  ["\u0307", "dot"],
  ["\u0308", "ddot"],
  ["\u030c", "check"],
  ["\u20d7", "vec"],
]);

/** Functions that have a command. */
export const commands = new Set(
  "arccos arcsin arctan cos cosh det exp log max min sin sinh tan tanh".split(" "),
);

/** What LaTeX would misread, and what it would set as a sign with gaps. */
const escapes = new Map([
  ...[..."$#%&_{}"].map((c) => [c, `\\${c}`] as const),
  ...[..."-+*/=<>:,;|!?'"].map((c) => [c, `{${c}}`] as const),
  ["\\", "\\backslash "],
  ["^", "\\hat{\\ }"],
  ["~", "\\sim "],
  [" ", "\\ "],
]);

const raised = "⁺⁻⁰¹²³⁴-⁹ᵀⁿⁱ";
const lowered = "₀-₉₊₋ₐₑₒₓₕ-ₜᵢ-ᵥⱼ";
/** Superscripts, subscripts (of axes: `₀,₁`), primes, ones, or other characters in a row. */
const runs = new RegExp(
  `([${raised}]+)|([${lowered}]+(?:,[${lowered}]+)*)|([′″‴']+)` +
    `|[𝟎𝟏](?:_\\w+)?|[^𝟎𝟏${raised}${lowered}′″‴']+`,
  "gu",
);

const onlyRaised = new RegExp(`^[${raised}]+$`, "u");

export const isNumber = (text: string): boolean =>
  /^[-−]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);

/** A name, a number, a list of numbers, or a length such as `m·n`. */
export function symbol(text: string): string {
  if (isNumber(text)) return number(text);
  if (/^[-−]./u.test(text)) return `-${symbol(text.slice(1))}`;
  if (/^\d+\/\d+$/.test(text)) return text;
  if (/^\[[^"'`]*\]$/.test(text)) {
    const item = (part: string): string => (part.startsWith(",") ? ", " : symbol(part));
    return text.replace(/,\s*|[^,[\]]+/gu, item);
  }
  if (isLength(text))
    return text
      .split(/( [+−] |·)/)
      .map(lengthPart)
      .join("");
  // What is no identifier, as a path, stands as it does in code.
  const identifier = /^[\p{L}\p{M}\p{N}_$⁺⁻₊₋′″‴',…∞∂∇]+$/u.test(text);
  return identifier ? withScripts(text, word) : literal("tt", text);
}

/** Names and numbers in turn with signs. */
function lengthPart(part: string, i: number, all: readonly string[]): string {
  if (i % 2 === 0) return symbol(part);
  if (part !== "·") return plain(part);
  return /^\d/.test(all[i + 1] ?? "") ? " \\cdot " : "\\,";
}

/** The name of a function, upright: `\log`, `\mathrm{sum}_{0}`; the `d` of a differential, too. */
export function functionName(text: string): string {
  return withScripts(text, (own) => {
    if (commands.has(own)) return `\\${own}`;
    if (own === "d") return "\\mathrm{d}";
    return ([...own].length === 1 ? letter(own) : undefined) ?? literal("rm", own);
  });
}

/** What a power is raised to, where it is a name: `T`, `-1`, `∘2`. */
export function exponent(text: string): string {
  const own = onlyRaised.test(text) ? plain(text) : text;
  if (own.startsWith("∘")) return `\\circ ${exponent(own.slice(1))}`;
  if (own === "T") return "\\top";
  if (own === "+" || own === "*") return own;
  return /^[-−]./u.test(own) ? `-${exponent(own.slice(1))}` : symbol(own);
}

function number(text: string): string {
  const [digits = "", power] = text.replace("−", "-").toLowerCase().split("e");
  if (power === undefined) return digits;
  const scale = `10^{${Number(power)}}`;
  return /^-?1$/.test(digits) ? digits.replace("1", scale) : `${digits} \\cdot ${scale}`;
}

/** Sets what stands on the line by `base`, and what stands above or below it by `^` and `_`. */
export function withScripts(text: string, base: (own: string) => string): string {
  let out = "";
  let [sub, primes, sup] = ["", "", ""];
  const close = (): void => {
    if (out === "" && (sub || primes || sup)) out = "{}";
    out += (sub && `_{${sub}}`) + primes + (sup && `^{${sup}}`);
    [sub, primes, sup] = ["", "", ""];
  };
  for (const [run, up, down, prime] of text.normalize("NFC").matchAll(runs)) {
    if (up !== undefined) sup += plain(up).replaceAll("T", "\\top ").trim();
    else if (down !== undefined) sub += plain(down).replace(/\p{L}+/gu, word);
    else if (prime !== undefined) primes += "'".repeat(plain(prime).length);
    else {
      close();
      out += base(run);
    }
  }
  close();
  return out || "{}";
}

/** Characters that Unicode has raised or lowered, on the line. */
const plain = (text: string): string => text.normalize("NFKC").replaceAll("−", "-");

/** A letter, Greek by its name too, with a mark over it or none; undefined of other words. */
function letter(own: string): string | undefined {
  const known = symbols.get(own);
  if (known !== undefined) return known;
  const apart = own.normalize("NFD");
  if (!/^\p{L}\p{M}?$/u.test(apart)) return undefined;
  const [base = "", mark] = apart;
  const one = symbols.get(base) ?? (base <= "z" ? base : undefined);
  const accent = mark === undefined ? "" : accents.get(mark);
  if (one === undefined || accent === undefined) return literal("it", own);
  return accent === "" ? one : `\\${accent}{${one}}`;
}

/** An identifier: digits behind it, and what follows `_` behind one letter, are an index. */
function word(own: string): string {
  const one = letter(own);
  if (one !== undefined || /^\d+$/.test(own)) return one ?? own;
  const [, base, index] = /^(.+?)_?(\d+(?:_\d+)*)$/u.exec(own) ?? [];
  if (base !== undefined && (letter(base) !== undefined || /^\p{L}[\p{L}\p{M}]*$/u.test(base))) {
    return `${word(base)}_{${index?.replaceAll("_", ",")}}`;
  }
  const [, first = "", rest = ""] = /^([^_]+)_([\p{L}\p{N}].*)$/u.exec(own) ?? [];
  const stem = /[_$]$/.test(own) ? undefined : letter(first);
  return stem === undefined ? literal("it", own) : `${stem}_{${word(rest)}}`;
}

/** Sums, integrals and the like, which text does not take. */
const large = "∏-∑∫-∲⊕⋀-⋃⨀-⨉⨌-⨏⨒⨓⨕-⨚";
const isLarge = (c: string): boolean => new RegExp(`^[${large}]$`, "u").test(c);
/** Other scripts in a row, or one character with its marks. */
const pieces = new RegExp(`[^ -~\\p{Script=Greek}${large}]+|\\P{M}\\p{M}*`, "gu");

/** Text as it stands, slanted, upright or as code. */
function literal(font: "it" | "rm" | "tt", text: string): string {
  const clean = text
    .normalize("NFC")
    .replace(/\s/gu, " ")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/gu, "?")
    .replace(/(^|[^\p{L}\p{M}\p{N}])\p{M}+/gu, "$1"); // marks over nothing
  const isForeign = (c: string): boolean => /[^ -~]/.test(c) && !greek.has(c) && !isLarge(c);
  // Formulas take no letters but Latin and Greek ones, and text takes no escapes everywhere.
  const isText = !/[\\{}$#%&_^~]/.test(clean) && ![...clean].some(isLarge);
  if (isText && [...clean].some(isForeign)) return `\\text${font}{${clean}}`;
  const inner = clean.replace(pieces, (c) => {
    const command = greek.get(c);
    if (command !== undefined) return `${command} `;
    return isForeign(c) ? `\\text${font}{${c}}` : (escapes.get(c) ?? c);
  });
  return `\\math${font}{${inner}}`;
}
