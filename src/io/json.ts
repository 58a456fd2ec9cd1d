import { quoted } from "../checks/said.js";
import { FormatError } from "../index.js";

/** What the text may be, beyond the grammar. */
export interface JsonLimits {
  /** How deep objects and arrays may be nested. */
  readonly depth: number;
  /** What a number becomes, by its text. */
  readonly number?: (text: string) => unknown;
}

/**
 * The value of a JSON text (RFC 8259). Unlike `JSON.parse` it refuses an object that has a key twice,
 * and what is nested too deep.
 *
 * @throws FormatError with the position of what is wrong.
 */
export function strictJson(
  where: string,
  text: string,
  { depth: deepest, number = Number }: JsonLimits,
): unknown {
  let at = 0;

  const fail = (what: string): never => {
    throw new FormatError(`${where}: ${what} at character ${at} of the JSON`);
  };

  /** The next character that is no blank, where the position is then; none at the end. */
  const next = (): string => {
    while (isBlank(text.charCodeAt(at))) at++;
    return text.charAt(at);
  };

  const expected = (what: string): never =>
    fail(at < text.length ? `${what} was wanted, not ${quoted(text.charAt(at))}` : "it ends early");

  const value = (depth: number): unknown => {
    const first = next();
    if (first === '"') return string();
    if (first === "{" || first === "[") {
      if (depth === deepest) fail(`it is nested deeper than ${deepest}`);
      at++;
      return first === "{" ? object(depth + 1) : array(depth + 1);
    }
    const from = at;
    while (isWordPart(text.charCodeAt(at))) at++;
    const word = text.slice(from, at);
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    if (isNumber(word)) return number(word);
    at = from;
    return expected("a value");
  };

  const object = (depth: number): object => {
    const entries = new Map<string, unknown>();
    if (next() === "}") at++;
    else {
      for (;;) {
        if (next() !== '"') expected("a key in quotes");
        const from = at;
        const key = string();
        if (entries.has(key)) {
          at = from;
          fail(`the key ${quoted(key)} comes twice`);
        }
        if (next() !== ":") expected('":"');
        at++;
        entries.set(key, value(depth));
        if (!another("}")) break;
      }
    }
    return Object.fromEntries(entries);
  };

  const array = (depth: number): unknown[] => {
    const list: unknown[] = [];
    if (next() === "]") at++;
    else {
      do list.push(value(depth));
      while (another("]"));
    }
    return list;
  };

  /** Whether a comma comes, and not the end. */
  const another = (end: string): boolean => {
    const sign = next();
    if (sign !== "," && sign !== end) expected(`"," or "${end}"`);
    at++;
    return sign === ",";
  };

  const string = (): string => {
    const from = at;
    let plain = true;
    for (at++; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 34) break;
      if (Number.isNaN(code)) fail("it ends early, in a text");
      if (code < 32) fail("a text has a control character");
      if (code === 92) {
        plain = false;
        at++;
      }
    }
    at++;
    if (plain) return text.slice(from + 1, at - 1);
    try {
      return JSON.parse(text.slice(from, at)) as string; // which knows the escapes
    } catch {
      at = from;
      return fail("a text has an escape that JSON does not know");
    }
  };

  const result = value(0);
  if (next() !== "") expected("the end");
  return result;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

/** Letters, digits, and the signs of numbers. */
function isWordPart(code: number): boolean {
  const letter = code | 32;
  return (
    (letter >= 97 && letter <= 122) ||
    (code >= 48 && code <= 57) ||
    code === 43 ||
    code === 45 ||
    code === 46
  );
}

function isNumber(word: string): boolean {
  return word.length < 1000 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word);
}
