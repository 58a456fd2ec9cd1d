/** A name in an expression, and where it stands. */
export interface Occurrence {
  readonly name: string;
  readonly at: number;
  readonly end: number;
}

// Numbers first: in 2e3 is no name.
const pattern =
  /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?|([\p{Lu}\p{Ll}\p{Lo}_][\p{Lu}\p{Ll}\p{Lo}\p{Nd}_]*)(\s*\()?/gu;

/** The names of variables in an expression that can be read, one by one. */
export function occurrences(text: string): Occurrence[] {
  return [...text.matchAll(pattern)].flatMap(({ 1: name, 2: open, index: at }) =>
    name === undefined || open !== undefined || name === "eye"
      ? []
      : [{ name, at, end: at + name.length }],
  );
}

/** The variables of an expression, each once. */
export const namesIn = (text: string): string[] => [
  ...new Set(occurrences(text).map(({ name }) => name)),
];

/** The entries of a record that are of these names. */
export function only<T>(record: Readonly<Record<string, T>>, names: readonly string[]) {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}
