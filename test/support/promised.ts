/*
 * What the examples of the documentation promise: `value; // expected`. Plain TypeScript, for tests and
 * for the check of the package.
 */

/** A line that shows a value; `const`, `await` and other statements only run. */
const shown = /^(?!\s*(?:const|let|for|if|import|await|\/\/|\*))(\s*)(\S.*);\s*\/\/\s*(.+)$/;

/** Turns each line `value; // expected` into a call `check(value, "expected");`. */
export function withChecks(code: string): string {
  const lines = code.split("\n").map((line) => {
    const [, space, expression, expected] = shown.exec(line) ?? [];
    if (expression === undefined || expected === undefined) return line;
    return `${space}check(${expression}, ${JSON.stringify(expected)});`;
  });
  return lines.join("\n");
}

const numbers = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?…?/g;

/**
 * The value that a comment promises, up to words as in `[1, 2], which is X⁻¹`; null where it is prose:
 * what is left of a value without numbers and strings is brackets.
 */
export function promised(comment: string): string | null {
  const text = comment.replace(/, which (?:is|are) .*$/, "");
  const rest = text
    .replace(/"[^"]*"/g, "")
    .replace(numbers, "")
    .replace(/true|false/g, "");
  return /^[[\]{},:\s]*$/.test(rest) ? text : null;
}

/** Compares a value, as JSON, with how a comment writes it: `2.718…` is cut off, others are rounded. */
export function agree(json: string, expected: string): boolean {
  const [shape, wanted] = [json, expected].map((s) => s.replace(/\s/g, "").replace(numbers, "#"));
  if (shape !== wanted) return false;
  const values = json.match(numbers) ?? [];
  return (expected.match(numbers) ?? []).every((want, i) => {
    const value = Number(values[i]);
    const near = Number.parseFloat(want);
    const digits = (want.split(".")[1] ?? "").replace("…", "").length;
    if (!want.endsWith("…")) return Math.abs(value - near) <= 1e-5 * Math.max(1, Math.abs(near));
    const more = Math.abs(value) - Math.abs(near);
    return value * near >= 0 && more > -1e-6 && more < 10 ** -digits;
  });
}
