import { type Derivation, derive, type Program, parse } from "../derive/index.js";
import { UsageError } from "../index.js";
import { declarations, type Flags } from "./options.js";

/** What a command is about. */
export interface Subject {
  readonly program: Program;
  readonly wrt: string;
  /** Derives the expression by that variable. */
  derived(): Derivation;
}

/** Reads an expression as the options say. */
export function subjectOf(text: string, flags: Flags): Subject {
  const declared = declarations(flags);
  const program = parse(text, declared);
  const wrt = flags.wrt ?? onlyVariable(program);
  const names = program.variables.map(({ name }) => name);
  if (!names.includes(wrt)) {
    throw new UsageError(`${wrt} is no variable of the expression; these are ${names.join(", ")}`);
  }
  const layout = flags.layout === undefined ? {} : { layout: flags.layout };
  return { program, wrt, derived: () => derive(text, { wrt, ...declared, ...layout }) };
}

function onlyVariable({ variables }: Program): string {
  const [first, ...more] = variables.map(({ name }) => name);
  if (first === undefined) throw new UsageError("the expression has no variable to derive by");
  if (more.length === 0) return first;
  const names = [first, ...more];
  throw new UsageError(
    `the variables are ${names.join(", ")}; say by which to derive, such as --wrt ${first}`,
  );
}

/** The three parts of a derivation as it prints itself: the function, the steps, the result. */
export function partsOf(derivation: Derivation): readonly [string, string, string] {
  const [head = "", steps = "", result = ""] = String(derivation).split("\n\n");
  return [head, steps, result];
}

/** How well numbers agree, such as `to 2e-16`. */
export function precision(error: number): string {
  return error === 0 ? "exactly" : `to ${error.toExponential(0)}`;
}
