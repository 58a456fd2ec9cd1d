import { quoted } from "../checks/said.js";
import { FormatError } from "../index.js";

/** Where a text stops being JSON, and what was wanted there. */
interface Fault {
  readonly at: number;
  readonly wanted: string;
}

/**
 * Refuses a text that is no JSON, with the line and character of the first fault: the messages of
 * `JSON.parse` differ between engines, and some name no place.
 */
export function requireSyntax(text: string, name: string): void {
  const fault = faultIn(text);
  if (fault === null) return;
  const { at, wanted } = fault;
  const before = text.slice(0, at).split(/\r\n?|\n/);
  const where = `line ${before.length}, character ${(before.at(-1) as string).length + 1}`;
  const came = at < text.length ? `${quoted([...text.slice(at, at + 2)][0] as string)} came` : "";
  throw new FormatError(
    `${name}, ${where}: ${came === "" ? "the text ends" : came} where ${wanted} was wanted`,
  );
}

const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The first fault of a JSON text (RFC 8259), or null; in one pass, however deep arrays nest. */
export function faultIn(text: string): Fault | null {
  const open: ("[" | "{")[] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  // What may come: a value, a key, or what follows a value; an empty array or object may close.
  let next: "value" | "key" | "after" = "value";
  let mayClose = false;
  for (;;) {
    skip(space);
    const inner = open.at(-1);
    const close = inner === "[" ? "]" : "}";
    const sign = text[at];
    if (inner !== undefined && sign === close && (next === "after" || mayClose)) {
      open.pop();
      at++;
      next = "after";
      mayClose = false;
    } else if (next === "after") {
      if (inner === undefined) return at === text.length ? null : { at, wanted: "its end" };
      if (sign !== ",") return { at, wanted: `a comma or ${close}` };
      at++;
      next = inner === "[" ? "value" : "key";
    } else if (next === "key") {
      if (sign !== '"') {
        return { at, wanted: mayClose ? 'a name in "…" or }' : 'a name in "…"' };
      }
      const fault = pastString(text, at);
      if (typeof fault !== "number") return fault;
      at = fault;
      skip(space);
      if (text[at] !== ":") return { at, wanted: "a colon" };
      at++;
      next = "value";
      mayClose = false;
    } else if (sign === "[" || sign === "{") {
      open.push(sign);
      at++;
      next = sign === "[" ? "value" : "key";
      mayClose = true;
    } else if (sign === '"') {
      const end = pastString(text, at);
      if (typeof end !== "number") return end;
      at = end;
      next = "after";
      mayClose = false;
    } else {
      if (!skip(scalar)) return { at, wanted: mayClose ? "a value or ]" : "a value" };
      next = "after";
      mayClose = false;
    }
  }
}

/** The end of the string that begins at `from`, or what is wrong in it. */
function pastString(text: string, from: number): number | Fault {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20)
      return { at, wanted: 'the quote that ends the string (a line end in it is "\\n")' };
    if (code !== 0x5c) continue;
    at++;
    if (text[at] === "u") {
      if (!/^[\da-f]{4}$/i.test(text.slice(at + 1, at + 5))) {
        return { at: at - 1, wanted: "\\u with four hexadecimal digits" };
      }
      at += 4;
    } else if (at < text.length && !'"\\/bfnrt'.includes(text[at] as string)) {
      return { at: at - 1, wanted: 'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u' };
    }
  }
  return { at: text.length, wanted: "the quote that ends a string" };
}
