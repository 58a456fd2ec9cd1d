import ts from "typescript";
import { expect } from "vitest";
import { agree, promised, withChecks } from "./promised.js";

/** A piece of code that the documentation shows, and where. */
export interface Example {
  readonly where: string;
  readonly code: string;
}

/** Gives the exports of a module that code imports from, by the name it says. */
export type Modules = (name: string) => Promise<object>;

/**
 * Runs an example, with all names of `scope`; imports are taken from `modules`. Its lines
 * `value; // expected` become comparisons: gives how many.
 */
export async function runShown(
  { where, code }: Example,
  scope: Readonly<Record<string, unknown>>,
  modules: Modules = (name) => import(name),
): Promise<number> {
  let compared = 0;
  const check = (value: unknown, comment: string): void => {
    const expected = promised(comment);
    if (expected === null) return;
    compared++;
    const json = JSON.stringify(value) ?? String(value);
    expect(agree(json, expected), `${where}: wants ${expected}, gives ${json}`).toBe(true);
  };
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const js = ts
    .transpileModule(withChecks(code), { compilerOptions })
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
