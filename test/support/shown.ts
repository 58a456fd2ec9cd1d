import ts from "typescript";
import { expect } from "vitest";

/** A piece of code that the documentation shows, and where. */
export interface Example {
  readonly where: string;
  readonly code: string;
}

/** `value; // expected` in an example becomes a comparison; prose after // only runs. */
const shown = /^(?!\s*(?:const|let|for|if|import|await|\/\/|\*))(\s*)(\S.*);\s*\/\/\s*(.+)$/;

const numbers = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?…?/g;

/** Whether `text` is a value and not prose: what is left without numbers and strings is brackets. */
const isValue = (text: string): boolean =>
  /^[[\]{},:\s]*$/.test(
    text
      .replace(/"[^"]*"/g, "")
      .replace(numbers, "")
      .replace(/true|false/g, ""),
  );

/** Compares a value with how the comment writes it: `2.718…` is cut off, others are rounded. */
function agree(got: unknown, expected: string): boolean {
  const text = JSON.stringify(got) ?? String(got);
  const [shape, wanted] = [text, expected].map((s) => s.replace(/\s/g, "").replace(numbers, "#"));
  if (shape !== wanted) return false;
  const values = text.match(numbers) ?? [];
  return (expected.match(numbers) ?? []).every((want, i) => {
    const value = Number(values[i]);
    const near = Number.parseFloat(want);
    const digits = (want.split(".")[1] ?? "").replace("…", "").length;
    if (!want.endsWith("…")) return Math.abs(value - near) <= 1e-5 * Math.max(1, Math.abs(near));
    const more = Math.abs(value) - Math.abs(near);
    return value * near >= 0 && more > -1e-6 && more < 10 ** -digits;
  });
}

/** Gives the exports of a module that code imports from, by the name it says. */
export type Modules = (name: string) => Promise<object>;

/**
 * Runs an example, with all names of `scope`; imports are taken from `modules`. Gives how many of its
 * lines were compared with what they promise.
 */
export async function runShown(
  { where, code }: Example,
  scope: Readonly<Record<string, unknown>>,
  modules: Modules = (name) => import(name),
): Promise<number> {
  let compared = 0;
  const check = (value: unknown, expected: string): void => {
    if (!isValue(expected)) return;
    compared++;
    const said = JSON.stringify(value);
    expect(agree(value, expected), `${where}: wants ${expected}, gives ${said}`).toBe(true);
  };
  const lines = code.split("\n").map((line) => {
    const [, space, expression, expected] = shown.exec(line) ?? [];
    if (expression === undefined || expected === undefined) return line;
    return `${space}check(${expression}, ${JSON.stringify(expected)});`;
  });
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const js = ts
    .transpileModule(lines.join("\n"), { compilerOptions })
    .outputText.replace(/^export \{\s*\};$/gm, "")
    .replace(/^import \{([^}]*)\} from "([^"]+)";$/gm, (_, names: string, from: string) => {
      return `const {${names.replace(/ as /g, ": ")}} = await modules("${from}");`;
    })
    .replace(/^import \* as (\w+) from "([^"]+)";$/gm, 'const $1 = await modules("$2");');
  const all = { ...scope, check, modules };
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  await new AsyncFunction(...Object.keys(all), `"use strict";\n${js}`)(...Object.values(all));
  return compared;
}
