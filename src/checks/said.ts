import { Tensor } from "../index.js";
import { withRemedy } from "../tensor/words.js";

export { edits } from "../tensor/words.js";

/** A text in quotes as messages show it, on one line and cut where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text, 40));
}

/** The first characters of a text, none cut in two. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const first = [...text.slice(0, 2 * most)];
  return first.length > most || text.length > 2 * most ? `${first.slice(0, most).join("")}…` : text;
}

/** A shape as it is written: [2, 3]. */
export function bracketed(shape: readonly unknown[]): string {
  return `[${shape.join(", ")}]`;
}

/** What a value is, in a few words, for messages. */
export function said(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined) return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Tensor) return `a tensor ${bracketed(value.shape)}`;
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return String(value);
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (name === undefined || name === "Object") return "an object";
  if (typeof name !== "string" || name === "") return "an object of a class";
  return withRemedy(`${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`);
}
