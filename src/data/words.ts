import { UsageError } from "../index.js";

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

/** What a value is, in a few words, for messages. */
export function described(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined) return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
  return name === "Object" ? "an object" : `a ${name}`;
}

/** The first of some names; how many more there are where they are many. */
export function listed(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map(quoted).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** That there is no column of this name, and which was probably meant. */
export function unknownColumn(where: string, name: unknown, names: readonly string[]): UsageError {
  const near = typeof name === "string" ? nearest(name, names) : [];
  const meant = near.length > 0 ? `did you mean ${near.map(quoted).join(" or ")}? ` : "";
  const all = names.length === 0 ? "the table has none" : `there are ${listed(names)}`;
  return new UsageError(`${where}: there is no column ${described(name)}; ${meant}${all}`);
}

/** At most three of the names that are like one in spelling, the most alike first. */
function nearest(name: string, names: readonly string[]): string[] {
  const wanted = name.trim().toLowerCase().slice(0, 64);
  if (wanted === "") return [];
  const near = names.slice(0, 1000).flatMap((known) => {
    const own = known.toLowerCase().slice(0, 64);
    const isPart = wanted.length > 1 && (own.includes(wanted) || wanted.includes(own));
    const changes = isPart ? 1 : distance(wanted, own);
    const most = wanted.length < 2 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
    return changes <= most ? [{ known, changes }] : [];
  });
  near.sort((a, b) => a.changes - b.changes);
  return near.slice(0, 3).map(({ known }) => known);
}

/** How many letters must be put in, left out or exchanged, or swapped with the next (Damerau). */
function distance(a: string, b: string): number {
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (last[j - 2] as number) + 1 : same;
      next.push(Math.min(same, swapped, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    [last, row] = [row, next];
  }
  return row[b.length] as number;
}

/** Refuses what is no object of options, such as a number where `{ size: 32 }` was wanted. */
export function requireOptions<T>(where: string, options: T, example: string): T {
  if (typeof options === "object" && options !== null) return options;
  throw new UsageError(
    `${where}: the options are ${described(options)}; an object was wanted, such as ${example}`,
  );
}
