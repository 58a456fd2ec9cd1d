import { ParseError, parse } from "../derive/index.js";
import { TracegradError } from "../index.js";
import { judge } from "./diagnose.js";
import type { Flags } from "./options.js";
import { Question } from "./question.js";
import { partsOf, precision, subjectOf } from "./subject.js";
import { styled, type Terminal, writeJson } from "./terminal.js";

/** The options of `tracegrad check`. */
export interface CheckFlags extends Flags {
  readonly claim: string;
}

/** Compares a claimed derivative with the true one; says whether it is right. */
export function checkClaim(text: string, flags: CheckFlags, terminal: Terminal): boolean {
  const { claim } = flags;
  const { program, derivation } = subjectOf(text, flags);
  readable(claim);
  const { wrt, layout, kind: noun, gradient } = derivation;
  const question = new Question(program, wrt, layout, claim);
  const { finding, error, inputs, shape } = judge(question, noun);
  const [, , result] = partsOf(derivation);
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
      gradient: String(gradient),
      latex: gradient.latex(),
      shape: gradient.shape,
    });
  } else {
    const verdict =
      finding === null
        ? `${styled(terminal, "green", "correct")}: ${claim} agrees with the ${noun} ` +
          `${precision(error)} at ${inputs} random inputs`
        : `${styled(terminal, "red", "wrong")}: ${finding.message}`;
    const [formula = "", ...rest] = result.split("\n");
    terminal.out(`${[verdict, "", styled(terminal, "bold", formula), ...rest].join("\n")}\n`);
  }
  return finding === null;
}

/** Throws if the claim is no expression; whether its sizes fit is seen later. */
function readable(claim: string): void {
  try {
    parse(claim);
  } catch (error) {
    if (error instanceof ParseError || !(error instanceof TracegradError)) throw error;
  }
}
