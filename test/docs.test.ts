import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import ts from "typescript";
import { describe, expect, it, vi } from "vitest";
import manifest from "../package.json" with { type: "json" };

/** What each entry of the package exports, by the entry's name: ".", "./optim" and so on. */
const entries: Record<string, Record<string, unknown>> = {};
for (const entry of Object.keys(manifest.exports)) {
  const file = `../src/${entry.slice(2)}/index.ts`.replace("//", "/");
  if (existsSync(new URL(file, import.meta.url))) entries[entry] = await import(file);
}
const everything: Record<string, unknown> = Object.assign({}, ...Object.values(entries));

/** A piece of code that the documentation shows, and where. */
interface Example {
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

/** Runs an example; gives how many of its lines were compared with what they promise. */
async function run({ where, code }: Example): Promise<number> {
  let compared = 0;
  const check = (value: unknown, expected: string): void => {
    if (!isValue(expected)) return;
    compared++;
    const said = JSON.stringify(value);
    expect(agree(value, expected), `${where}: wants ${expected}, gives ${said}`).toBe(true);
  };
  const lines = code.split("\n").map((line) => {
    if (/^\s*import /.test(line)) return "";
    const [, space, expression, expected] = shown.exec(line) ?? [];
    if (expression === undefined || expected === undefined) return line;
    return `${space}check(${expression}, ${JSON.stringify(expected)});`;
  });
  const target = ts.ScriptTarget.ES2022;
  const js = ts.transpileModule(lines.join("\n"), { compilerOptions: { target } }).outputText;
  const scope: Record<string, unknown> = { ...everything, tf, check };
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  await new AsyncFunction(...Object.keys(scope), `"use strict";\n${js}`)(...Object.values(scope));
  return compared;
}

/** The doc comment before each exported name of a source file, with its example. */
function commented(file: string): { name: string; comment: string }[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:async )?(?:function|class|const) (\w+)/g,
  );
  return [...found].map(([, comment = "", name = ""]) => ({ name, comment }));
}

const documented = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => commented(join("src", file)).map((entry) => ({ file, ...entry })));

const examples: Example[] = documented.flatMap(({ file, name, comment }) => {
  const code = comment.split("@example\n")[1]?.replace(/^ {0,2}\* ?/gm, "");
  return code === undefined
    ? []
    : [{ where: `${file}: ${name}`, code: code.split(/^@/m)[0] ?? "" }];
});

/** The README's TypeScript, and what it prints where a block of output follows. */
const readme = [
  ...readFileSync("README.md", "utf8").matchAll(/```ts\n([\s\S]*?)```(?:\n+```\n([\s\S]*?)```)?/g),
].map(([, code = "", printed], i) => ({ where: `README.md, block ${i + 1}`, code, printed }));

describe("documentation", () => {
  it("every public function has a doc comment with an example", () => {
    const shows = (name: string): boolean =>
      documented.some((entry) => entry.name === name && entry.comment.includes("@example"));
    const names = Object.entries(everything).flatMap(([name, value]) =>
      typeof value === "function" && !/^[A-Z]/.test(name) ? [name] : [],
    );
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !shows(name))).toEqual([]);
  });

  it.each(examples.map((example) => [example.where, example] as const))(
    "%s",
    async (_, example) => {
      expect(await run(example), "no line of it shows a value").toBeGreaterThan(0);
    },
  );

  it.each(readme.map((example) => [example.where, example] as const))("%s", async (_, example) => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const compared = await run(example);
    const printed = log.mock.calls.map((parts) => `${parts.join(" ")}\n`).join("");
    log.mockRestore();
    expect(printed).toBe(example.printed ?? "");
    expect(compared > 0 || printed !== "", "it shows nothing that is checked").toBe(true);
  });

  it("the comparison can fail", async () => {
    await expect(run({ where: "", code: "add(1, 2).item(); // 4" })).rejects.toThrow("gives 3");
    await expect(run({ where: "", code: "exp(1).item(); // 2.719…" })).rejects.toThrow();
    expect(await run({ where: "", code: "exp([0, 1]).toArray(); // [1, 2.718…]" })).toBe(1);
  });
});
