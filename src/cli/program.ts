import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import type { CheckFlags } from "./check.js";
import type { DeriveFlags } from "./derive.js";
import { collectKinds, collectShapes } from "./options.js";
import { type Terminal, writeJson } from "./terminal.js";

/** What the program ends with. */
export const exit = { ok: 0, wrong: 1, usage: 2 } as const;

const about =
  "Gradients of matrix expressions as formulas, with their derivation.\n\n" +
  "Expressions are in the grammar of matrixcalculus.org: X' is the transpose, * the matrix product, " +
  ".* that of entries; inv, det, logdet, tr, sum, norm2, exp, log are some of the functions. " +
  "Capitals are matrices, lower case are vectors, a to g and Greek names are scalars, " +
  "unless --kind says otherwise or nothing else fits.";

const codes = `
Exit codes: 0 success; 1 the claim is wrong, or a formula did not pass its check; 2 wrong usage.`;

const examples = `
Examples:
  tracegrad derive "norm2(X*w-y)^2" --wrt w
  tracegrad check "tr(A*X)" --wrt X --claim "A"

tracegrad derive --help and tracegrad check --help show more.
${codes}`;

const deriveExamples = `
Examples:
  tracegrad derive "norm2(X*w-y)^2" --wrt w
  tracegrad derive "x'*A*x" --wrt x --kind A=symmetric --hessian
  tracegrad derive "tr(A*X*B)" --wrt X --layout numerator --latex
  tracegrad derive "logdet(X)" --code numpy --no-steps
${codes}`;

const checkExamples = `
Examples:
  tracegrad check "norm2(X*w-y)^2" --wrt w --claim "2*X'*(X*w-y)"
  tracegrad check "tr(A*X)" --wrt X --claim "A"
  tracegrad check "x'*A*x" --wrt x --claim "2*A*x" --kind A=symmetric
  tracegrad check "sum(X)" --claim "matrix(1)" --json

In the claim variables are what they are in the expression; eye, matrix(c) and vector(c) are of the
size that fits. A Jacobian by or of a matrix is a matrix here, with the entries of each in a row.
${codes}`;

/** Runs the program `tracegrad` with its arguments, and gives the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exit.ok;
  const program = new Command("tracegrad")
    .description(about)
    .version(version())
    .addHelpText("after", examples)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => {} });

  shared(program.command("derive"))
    .description("print the gradient of an expression as a formula, with the steps to it")
    .addOption(new Option("--latex", "in LaTeX").conflicts(["code", "json"]))
    .addOption(
      new Option("--code <language>", "as a function")
        .choices(["numpy", "jax", "typescript"])
        .conflicts("json"),
    )
    .option("--no-steps", "the formula alone")
    .option("--hessian", "derive the gradient once more")
    .addHelpText("after", deriveExamples)
    .action(async (text: string, flags: DeriveFlags) => {
      const { deriveText } = await import("./derive.js");
      await terminal.start();
      code = deriveText(text, flags, terminal) ? exit.ok : exit.wrong;
    });

  shared(program.command("check"))
    .description("compare a claimed gradient with the true one, and say what is wrong with it")
    .addOption(
      new Option("--claim <gradient>", "the claimed gradient")
        .argParser(trim)
        .makeOptionMandatory(),
    )
    .addHelpText("after", checkExamples)
    .action(async (text: string, flags: CheckFlags) => {
      const { checkClaim } = await import("./check.js");
      await terminal.start();
      code = checkClaim(text, flags, terminal) ? exit.ok : exit.wrong;
    });

  try {
    await program.parseAsync(argv.map(guarded), { from: "user" });
    return code;
  } catch (error) {
    return await refused(error, argv.includes("--json"), terminal);
  }
}

/** The options that both commands have. */
function shared(command: Command): Command {
  const layouts = ["numerator", "denominator"];
  return command
    .argument("<expression>", "in quotes, so that the shell leaves it alone", trim)
    .option("--wrt <name>", "the variable; may be left out where there is one only", trim)
    .addOption(new Option("--layout <layout>", "how derivatives are laid out").choices(layouts))
    .option("--kind <name=kind>", "scalar, vector, matrix or symmetric; repeatable", collectKinds)
    .option("--shape <name=shape>", "such as X=3x2 or w=2; repeatable", collectShapes)
    .option("--json", "as JSON, errors too");
}

const trim = (text: string): string => text.trim();

/** An expression that begins with a minus is no option: `-x'*x`. */
function guarded(arg: string): string {
  return /^-[^-]./u.test(arg) ? ` ${arg}` : arg;
}

function version(): string {
  const file = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}

/** Reports an error, and gives the exit code. */
async function refused(error: unknown, json: boolean, terminal: Terminal): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exit.ok;
    // Without a command it has printed its help.
    if (error.code === "commander.help") return exit.usage;
  }
  const { name, message } = await described(error);
  if (json) writeJson(terminal, { error: { name, message } });
  else terminal.err(`error: ${message}\n`);
  return exit.usage;
}

async function described(error: unknown): Promise<{ name: string; message: string }> {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "");
    return { name: "UsageError", message: message + hintFor(error.code) };
  }
  const { TracegradError } = await import("../index.js");
  if (error instanceof TracegradError) return { name: error.name, message: error.message };
  const told = error instanceof Error ? error.stack : String(error);
  return {
    name: "InternalError",
    message: `this is a bug of tracegrad, please report it: ${told}`,
  };
}

function hintFor(code: string): string {
  if (code === "commander.excessArguments") {
    return "\n  (an expression is one argument: write it in double quotes)";
  }
  if (code === "commander.unknownOption") return "\n  (tracegrad --help shows the options)";
  return "";
}
