import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { type Example, runShown } from "./support/shown.js";

/** What each entry of the package exports, by the entry's name: ".", "./optim" and so on. */
const entries: Record<string, Record<string, unknown>> = {};
for (const entry of Object.keys(manifest.exports)) {
  const file = `../src/${entry.slice(2)}/index.ts`.replace("//", "/");
  if (existsSync(new URL(file, import.meta.url))) entries[entry] = await import(file);
}
/** Examples beside the code need no imports: all names are there. */
const everything: Record<string, unknown> = Object.assign({}, ...Object.values(entries));

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
      expect(await runShown(example, everything), "no line of it shows a value").toBeGreaterThan(0);
    },
  );

  it("the comparison can fail", async () => {
    await expect(
      runShown({ where: "", code: "add(1, 2).item(); // 4" }, everything),
    ).rejects.toThrow("gives 3");
    await expect(
      runShown({ where: "", code: "exp(1).item(); // 2.719…" }, everything),
    ).rejects.toThrow();
    expect(
      await runShown({ where: "", code: "exp([0, 1]).toArray(); // [1, 2.718…]" }, everything),
    ).toBe(1);
  });
});
