import type { Derivation, Language } from "../derive/index.js";
import type { Flags } from "./options.js";
import { partsOf, precision, subjectOf } from "./subject.js";
import { styled, type Terminal, writeJson } from "./terminal.js";

/** The options of `tracegrad derive`. */
export interface DeriveFlags extends Flags {
  readonly latex?: boolean;
  readonly code?: Language;
  readonly steps: boolean;
  readonly hessian?: boolean;
}

/** Prints the derivation of an expression, and whether its numeric check passed. */
export function deriveText(text: string, flags: DeriveFlags, terminal: Terminal): boolean {
  const first = subjectOf(text, flags).derived();
  const derivation = flags.hessian
    ? first.hessian(flags.layout === undefined ? {} : { layout: flags.layout })
    : first;
  const check = checked(derivation, flags.steps);
  if (flags.json) writeJson(terminal, asJson(text, derivation, flags, check));
  else if (flags.latex || flags.code !== undefined) {
    const source = sourceOf(derivation, flags);
    terminal.out(`${source.trimEnd()}\n`);
    if (check.ok !== true) terminal.err(`${check.text}\n`);
  } else terminal.out(`${asText(derivation, flags, check, terminal)}\n`);
  return check.ok !== false;
}

interface Checked {
  /** Null where nothing could be compared. */
  readonly ok: boolean | null;
  /** The largest difference of the formula, and of a step. */
  readonly error: number;
  readonly stepError: number;
  readonly text: string;
}

/** A step may be off by so much from rounding. */
const CLOSE = 1e-8;

/** Compares the formula, and the steps if they are shown, with the tape. */
function checked(derivation: Derivation, withSteps: boolean): Checked {
  const { ok, error } = derivation.check();
  const stepErrors = withSteps ? derivation.checkSteps() : [];
  const stepError = Math.max(0, ...stepErrors);
  const found = { error, stepError };
  if (Number.isNaN(error)) {
    const text = "check: not possible, the expression has no finite value at random inputs";
    return { ...found, ok: null, text };
  }
  if (!ok) {
    const text = `check: DIFFERS from the tape by ${error.toExponential(1)} at random inputs`;
    return { ...found, ok: false, text };
  }
  const wrong = stepErrors.findIndex((one) => one > CLOSE);
  if (wrong >= 0) {
    const size = (stepErrors[wrong] as number).toExponential(1);
    const text = `check: line ${wrong + 1} of the derivation DIFFERS from the tape by ${size}`;
    return { ...found, ok: false, text };
  }
  const each =
    stepErrors.length > 0 && !Number.isNaN(stepError) ? `, each line ${precision(stepError)}` : "";
  return {
    ...found,
    ok: true,
    text: `check: agrees with the tape ${precision(error)} at random inputs${each}`,
  };
}

function asText(
  derivation: Derivation,
  { steps }: DeriveFlags,
  check: Checked,
  terminal: Terminal,
): string {
  const [head, derived, result] = partsOf(derivation);
  const [formula = "", ...rest] = result.split("\n");
  const style = check.ok === null ? "dim" : check.ok ? "green" : "red";
  const told = styled(terminal, style, check.text);
  const end = [styled(terminal, "bold", formula), ...rest, told].join("\n");
  return steps ? [head, derived, end].join("\n\n") : end;
}

function sourceOf(derivation: Derivation, { code, steps }: DeriveFlags): string {
  if (code !== undefined) return derivation.code(code);
  return steps ? derivation.latex() : derivation.gradient.latex();
}

function asJson(text: string, derivation: Derivation, { steps }: DeriveFlags, check: Checked) {
  const { gradient, kind, layout, wrt, variables } = derivation;
  const lines = derivation.steps.map(({ law, formula }) => ({
    law,
    formula: String(formula),
    latex: formula.latex(),
  }));
  return {
    expression: text,
    value: String(derivation.value),
    variables: variables.map(({ name, shape, symmetric }) => ({ name, shape, symmetric })),
    wrt,
    kind,
    layout,
    gradient: String(gradient),
    latex: gradient.latex(),
    shape: gradient.shape,
    ...(steps ? { steps: lines } : {}),
    check: {
      ok: check.ok,
      error: finite(check.error),
      ...(steps ? { stepError: finite(check.stepError) } : {}),
    },
  };
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);
