import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import ts from "typescript";
import { type Derivation, derive } from "../../src/derive/index.js";
import { namesOf, parseTree } from "../../src/derive/text/parse.js";
import type { Nested, Tensor } from "../../src/index.js";
import type { Layout } from "../../src/transforms/layout.js";
import type { GoldenBase } from "./golden.js";

/** A record derived with named axes: it says what its variables are, not their sizes. */
export function named(record: GoldenBase, wrt: string, layout?: Layout): Derivation {
  const kinds = Object.fromEntries(
    namesOf(parseTree(record.expr)).map((name) => {
      const { rank, symmetric } = traits(record, name);
      const kind = ["scalar", "vector", "matrix"][rank] as "matrix";
      return [name, symmetric ? "symmetric matrix" : kind] as const;
    }),
  );
  return derive(record.expr, { wrt, kinds, ...(layout === undefined ? {} : { layout }) });
}

function traits({ variables }: GoldenBase, name: string): { rank: number; symmetric: boolean } {
  const { shape = [], ...rest } = variables[name] ?? {};
  return { rank: shape.length, symmetric: (rest as { kind?: string }).kind === "symmetric" };
}

/** A module that code was written for, loaded. */
export interface Loaded {
  /** The value and the derivative. */
  readonly f: (...args: Tensor[]) => [value: Tensor, derivative: Tensor];
  /** The largest relative difference that its own check finds; throws where that is not small. */
  readonly check: (seed?: number) => number;
}

const folder = mkdtempSync(join(tmpdir(), "code-"));
let count = 0;

/** Loads the text of a module in TypeScript. */
export async function loaded(text: string): Promise<Loaded> {
  const file = join(folder, `module${count++}.ts`);
  const library = JSON.stringify(resolve("src/index.ts"));
  writeFileSync(file, text.replace(JSON.stringify("tracegrad"), library));
  const module: Record<string, unknown> = await import(/* @vite-ignore */ file);
  const [f, check] = [/And/, /^check/].map((name) =>
    Object.entries(module).find(([key]) => name.test(key)),
  );
  return { f: f?.[1] as Loaded["f"], check: check?.[1] as Loaded["check"] };
}

/** What the compiler says of texts in TypeScript, in the strictest terms, beside the library. */
export function typeErrors(texts: readonly string[]): string[] {
  const files = new Map(texts.map((text, i) => [resolve(`written${i}.ts`), text]));
  const options: ts.CompilerOptions = {
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    ...{ noUnusedLocals: true, noUnusedParameters: true, noImplicitReturns: true },
    ...{ verbatimModuleSyntax: true, skipLibCheck: true, noEmit: true, types: ["node"] },
    ...{ lib: ["lib.es2023.d.ts"], target: ts.ScriptTarget.ES2022 },
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    paths: { tracegrad: [resolve("src/index.ts")] },
  };
  const host = ts.createCompilerHost(options);
  const onDisk = { ...host };
  host.fileExists = (file) => files.has(file) || onDisk.fileExists(file);
  host.readFile = (file) => files.get(file) ?? onDisk.readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const text = files.get(file);
    if (text === undefined) return onDisk.getSourceFile(file, target, ...rest);
    return ts.createSourceFile(file, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).flatMap(({ file, start = 0, messageText }) => {
    if (file === undefined || !files.has(file.fileName)) return [];
    const { line } = file.getLineAndCharacterOfPosition(start);
    return [`${file.text.split("\n")[line]}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`];
  });
}

/** A module in Python, and what to call it with. */
export interface PythonCase {
  readonly code: string;
  /** Unless given, only its own check runs. */
  readonly args?: readonly Nested[];
}

/** What came of it: messages of errors, or numbers. */
export interface PythonResult {
  readonly error?: string;
  readonly value?: Nested;
  readonly derivative?: Nested;
  readonly check?: number;
}

const python = (script: string, input = "") =>
  spawnSync("python3", ["-c", script], { input, encoding: "utf8", maxBuffer: 2 ** 28 });

/** Whether Python can import a module. */
export function hasPython(module: string): boolean {
  return python(`import ${module}`).status === 0;
}

const runner = `
import json, sys, warnings
import numpy as np

warnings.simplefilter("ignore")

def run(case):
    module = {"__name__": "written"}
    exec(compile(case["code"], "written", "exec"), module)
    f, check = (next(v for k, v in module.items() if part in k) for part in ("_and_", "check_"))
    result = {"check": float(check())}
    if "args" in case:
        value, derivative = (np.asarray(x).tolist() for x in f(*case["args"]))
        result.update(value=value, derivative=derivative)
    return result

def attempt(case):
    try:
        return run(case)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}

print(json.dumps([attempt(case) for case in json.load(sys.stdin)]))
`;

/** Runs modules in one process of Python. */
export function runPython(cases: readonly PythonCase[]): PythonResult[] {
  const { stdout, stderr, status } = python(runner, JSON.stringify(cases));
  if (status !== 0) throw new Error(stderr);
  // Python writes what is not finite in its own words.
  return JSON.parse(stdout.replace(/-?\b(NaN|Infinity)\b/g, "null")) as PythonResult[];
}
