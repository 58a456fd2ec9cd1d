import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Control characters other than the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/**
 * What an example prints where no terminal is. A broken promise (exit code 1) rejects, with the
 * lines that say so; nothing but plain text may come.
 */
export async function output(file: string, ...args: string[]): Promise<string> {
  const command = ["--import", "tsx", `examples/${file}`, ...args];
  const { stdout, stderr } = await run(process.execPath, command, { cwd: root }).catch((error) => {
    const broken = String(error.stdout).match(/^FAILED.*$/gm) ?? [];
    throw new Error([`${file} failed`, ...broken, error.stderr].join("\n"));
  });
  expect(stderr).toBe("");
  expect(stdout).not.toMatch(control);
  return stdout;
}

/** The number that follows `label`. */
export function numberAfter(label: string, text: string): number {
  const at = text.indexOf(label);
  expect(at, `"${label}" is printed`).toBeGreaterThanOrEqual(0);
  return Number.parseFloat(text.slice(at + label.length));
}
