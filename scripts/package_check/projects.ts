import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { example, judge, recording } from "./example.js";
import { demand, run } from "./run.js";

const here = import.meta.dirname;
const find = createRequire(import.meta.url).resolve;
const tsc = join(dirname(find("typescript/package.json")), "bin/tsc");

/** The names that each entry of the package exports, by the entry: ".", "./optim" and so on. */
export type Exports = Readonly<Record<string, readonly string[]>>;

/** A new project of somebody else's, with the package installed from its tarball. */
export async function install(folder: string, tarball: string): Promise<void> {
  mkdirSync(folder);
  const manifest = { name: "project", private: true, type: "module" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  await run(folder, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", tarball);
}

/** Throws unless the entries have the names that the sources export. */
export function compareExports(got: Exports, wanted: Exports): string {
  for (const [entry, names] of Object.entries(wanted)) {
    const own = got[entry] ?? [];
    const missing = names.filter((name) => !own.includes(name));
    const others = own.filter((name) => !names.includes(name));
    demand(missing.length === 0, `entry "${entry}" lacks ${missing.join(", ")}`);
    demand(others.length === 0, `entry "${entry}" has ${others.join(", ")}, which src has not`);
  }
  return `${Object.keys(wanted).length} entries have all their names`;
}

/** Plain JavaScript in Node. */
export async function checkNode(folder: string, wanted: Exports): Promise<string> {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const js = ts.transpileModule(example, { compilerOptions }).outputText;
  const end = "console.log(JSON.stringify(said));";
  writeFileSync(join(folder, "readme.js"), recording(js, end));
  const values = judge(await run(folder, "node", "readme.js"));
  const imports = Object.keys(wanted).map((entry) => {
    const name = JSON.stringify(join("tracegrad", entry));
    return `names[${JSON.stringify(entry)}] = Object.keys(await import(${name}));`;
  });
  const program = ["const names = {};", ...imports, "console.log(JSON.stringify(names));"];
  writeFileSync(join(folder, "entries.js"), program.join("\n"));
  const got = JSON.parse(await run(folder, "node", "entries.js")) as Exports;
  return `${values}; ${compareExports(got, wanted)}`;
}

/** The program of the command line, as a user calls it. */
export async function checkBin(folder: string): Promise<string> {
  const args = ["--no-install", "tracegrad", "derive", "tr(A*X)", "--wrt", "X"];
  const out = await run(folder, "npx", ...args);
  const line = out.split("\n").find((text) => text.startsWith("∂f/∂X"));
  demand(line === "∂f/∂X = Aᵀ", `it prints\n${out}`);
  return `npx ${args.slice(1).join(" ")} prints ${line}`;
}

/** Strict TypeScript: the example, every entry, and what types promise; then what it compiled to runs. */
export async function checkTypes(folder: string, wanted: Exports): Promise<string> {
  cpSync(join(here, "types.ts"), join(folder, "types.ts"));
  writeFileSync(join(folder, "readme.ts"), example);
  const entries = Object.keys(wanted).map((entry, i) => {
    return `export * as entry${i} from ${JSON.stringify(join("tracegrad", entry))};\n`;
  });
  writeFileSync(join(folder, "entries.ts"), entries.join(""));
  const options = { strict: true, target: "es2022", types: [], skipLibCheck: true };
  const compile = async (file: string, others: object): Promise<void> => {
    const compilerOptions = { ...options, ...others };
    const files = ["types.ts", "readme.ts", "entries.ts"];
    writeFileSync(join(folder, file), JSON.stringify({ compilerOptions, files }));
    await run(folder, "node", tsc, "-p", file);
  };
  await compile("tsconfig.json", { module: "nodenext", outDir: "out" });
  const bundler = { module: "esnext", moduleResolution: "bundler", noEmit: true };
  await compile("tsconfig.bundler.json", bundler);
  const js = ts.sys.readFile(join(folder, "out/readme.js")) ?? "";
  const end = "console.log(JSON.stringify(said));";
  writeFileSync(join(folder, "out/readme.js"), recording(js, end));
  const values = judge(await run(folder, "node", "out/readme.js"));
  return `NodeNext and bundler resolution compile; ${values}`;
}

/** Without skipLibCheck tfjs's declarations fail; the package's own, beside those of Node, may not. */
export async function checkDeclarations(folder: string): Promise<string> {
  const typeRoots = [resolve(dirname(find("@types/node/package.json")), "..")];
  const compilerOptions = { strict: true, target: "es2022", types: ["node"], typeRoots };
  const file = "tsconfig.declarations.json";
  const all = { compilerOptions: { ...compilerOptions, module: "nodenext", noEmit: true } };
  writeFileSync(join(folder, file), JSON.stringify({ ...all, files: ["entries.ts"] }));
  const said = await run(folder, "node", tsc, "-p", file).catch((error: Error) => error.message);
  const errors = said.split("\n").filter((line) => / error TS\d+:/.test(line));
  const own = errors.filter((line) => /^(node_modules\/tracegrad\/|\w+\.ts\()/.test(line));
  demand(own.length === 0, own.join("\n"));
  return `none of the package's own fails; skipLibCheck is for ${errors.length} errors of others`;
}
