import { resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { chapters, readme } from "./support/pages.js";

/** What the compiler, as strict as for our own code, says of texts that are no files. */
function complaints(texts: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  // A reader's program ends where he likes: what it has not used yet is no mistake.
  const own = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(own);
  const { readFile, fileExists } = host;
  host.readFile = (file) => texts.get(file) ?? readFile.call(host, file);
  host.fileExists = (file) => texts.has(file) || fileExists.call(host, file);
  const program = ts.createProgram([...texts.keys()], own, host);
  return [...texts.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return found.map(({ messageText, start = 0 }) => {
      const line = (source?.text ?? "").slice(0, start).split("\n").length;
      const code = (source?.text ?? "").split("\n")[line - 1]?.trim();
      return `${file}: ${code}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
  });
}

describe("code of the README and the guide", () => {
  it("compiles under strict TypeScript, each block of the README and each chapter alone", () => {
    const texts = new Map<string, string>();
    for (const { where, code } of readme.blocks) {
      texts.set(resolve(`examples/${where.replace(/\W+/g, "_")}.ts`), `${code}\nexport {};\n`);
    }
    for (const { file, blocks } of chapters) {
      const code = blocks.map((block) => block.code).join("\n");
      texts.set(resolve(`examples/${file.replace(/\W+/g, "_")}.ts`), `${code}\nexport {};\n`);
    }
    expect(complaints(texts)).toEqual([]);
  });

  it("what does not compile is named", () => {
    const file = resolve("examples/wrong.ts");
    const code = 'import { grad } from "tracegrad";\ngrad(3);\n';
    expect(complaints(new Map([[file, code]]))).toEqual([expect.stringContaining("grad(3);")]);
  });
});
