import { type Derivation, ParseError, parse } from "../derive/index.js";
import { TracegradError, UsageError } from "../index.js";
import { judge } from "./diagnose.js";
import type { Flags } from "./options.js";
import { Question } from "./question.js";
import { partsOf, precision, type Subject, subjectOf } from "./subject.js";
import { styled, type Terminal, writeJson } from "./terminal.js";

/** The options of `tracegrad check`. */
export interface CheckFlags extends Flags {
  readonly claim: string;
}

/** Compares a claimed derivative with the true one; says whether it is right. */
export function checkClaim(text: string, flags: CheckFlags, terminal: Terminal): boolean {
  const { claim } = flags;
  const subject = subjectOf(text, flags);
  readable(claim);
  const { program, wrt } = subject;
  const isScalar = program.rows === 1 && program.columns === 1;
  const by = program.variables.find(({ name }) => name === wrt)?.kind;
  const noun = isScalar ? "gradient" : by === "scalar" ? "derivative" : "Jacobian";
  const layout = flags.layout ?? (isScalar ? "denominator" : "numerator");
  const { finding, error, inputs, shape } = judge(new Question(program, wrt, layout, claim), noun);
  const { derivation, why } = formulaOf(subject);
  if (flags.json) {
    writeJson(terminal, {
      expression: text,
      wrt,
      kind: noun,
      layout,
      claim: { text: claim, shape },
      correct: finding === null,
      diagnosis: finding,
      difference: Number.isFinite(error) ? error : null,
      inputs,
      gradient: derivation === null ? null : String(derivation.gradient),
      latex: derivation?.gradient.latex() ?? null,
      shape: derivation?.gradient.shape ?? null,
    });
  } else {
    const verdict =
      finding === null
        ? `${styled(terminal, "green", "correct")}: ${claim} agrees with the ${noun} ` +
          `${precision(error)} at ${inputs} random inputs`
        : `${styled(terminal, "red", "wrong")}: ${finding.message}`;
    const result = derivation === null ? `no formula: ${why}` : partsOf(derivation)[2];
    const [formula = "", ...rest] = result.split("\n");
    terminal.out(`${[verdict, "", styled(terminal, "bold", formula), ...rest].join("\n")}\n`);
  }
  return finding === null;
}

/** The true derivative, or why it is not written: it is known by its numbers all the same. */
function formulaOf(subject: Subject): { derivation: Derivation | null; why: string } {
  try {
    return { derivation: subject.derived(), why: "" };
  } catch (error) {
    if (error instanceof UsageError) return { derivation: null, why: error.message };
    throw error;
  }
}

/** Throws if the claim is no expression; whether its sizes fit is seen later. */
function readable(claim: string): void {
  try {
    parse(claim);
  } catch (error) {
    if (error instanceof ParseError || !(error instanceof TracegradError)) throw error;
  }
}
