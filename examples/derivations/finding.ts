/** What a printed formula is worth, found by its numbers. */
import { ParseError, SizeError } from "tracegrad/derive";
import {
  entry,
  gap,
  isClose,
  isSameSize,
  type Matrix,
  matrix,
  sizeOf,
  tensorOf,
  turned,
} from "./matrix.js";
import type { Case, Layout } from "./record.js";

export type Verdict =
  | "right"
  | "right in numerator layout only"
  | "right in denominator layout only"
  | "right once a trace is taken"
  | "right for a vector only"
  | "right for a scalar only"
  | "misprint"
  | "wrong";

export interface Finding {
  readonly verdict: Verdict;
  /** What the numbers say, in words that follow a colon. */
  readonly why: string;
  /** By how much it is off, or the sizes where they differ; a dash where it has no value. */
  readonly difference: string;
}

/** How a difference is written. */
export function digits(x: number): string {
  return String(Number(x.toPrecision(3)));
}

export function finding(verdict: Verdict, why: string, difference = "—"): Finding {
  return { verdict, why, difference };
}

/** What an expression comes to, or why it comes to nothing. */
export function evaluated(at: Case, text: string, like: Matrix): Matrix | string {
  const sized = (size?: Matrix): Matrix | SizeError => {
    try {
      return at.value(text, size);
    } catch (error) {
      if (error instanceof SizeError) return error;
      throw error;
    }
  };
  const found = sized(like);
  if (!(found instanceof SizeError)) return found;
  const own = sized();
  if (!(own instanceof SizeError)) return own;
  return `${own.clash[0]} and ${own.clash[1]} do not fit`;
}

/**
 * Compares what is printed with what is right.
 *
 * @param stated the layout that the text says it is in, where it says one
 */
export function compared(
  got: Matrix | string,
  want: Matrix,
  { rtol, what, stated }: { readonly rtol: number; readonly what: string; stated?: Layout },
): Finding {
  if (typeof got === "string") return finding("wrong", `there is no such product: ${got}`);
  if (isClose(got, want, rtol)) return finding("right", `it is ${what}`, "0");
  if (isClose(turned(got), want, rtol)) {
    const off = isSameSize(got, want) ? digits(gap(got, want)) : null;
    const difference = off ?? `${sizeOf(got)} for ${sizeOf(want)}`;
    if (stated !== undefined) {
      const why = `it is the transpose of ${what} in ${stated} layout, which it is said to be`;
      return finding("wrong", why, difference);
    }
    const why = `it is the transpose of ${what}${off === null ? "" : `, and differs from it by up to ${off}`}`;
    return finding("right in numerator layout only", why, difference);
  }
  if (isSameSize(got, want)) {
    const off = digits(gap(got, want));
    return finding("wrong", `it differs from ${what} by up to ${off}`, off);
  }
  const size = `${sizeOf(got)} for ${sizeOf(want)}`;
  return finding("wrong", `it is ${sizeOf(got)}, and ${what} is ${sizeOf(want)}`, size);
}

/** Judges a printed gradient, perhaps one of a function that is not printed as it is meant. */
export function gradientIs(at: Case, says: string, of = at.source.expr): Finding {
  const { expr, wrt, rtol } = at.source;
  const want = at.gradient();
  const got = compared(evaluated(at, says, want), want, { rtol, what: "the gradient" });
  if (of === expr || got.verdict !== "right") return got;
  const value = at.value(of);
  if (value.rows * value.columns > 1) {
    const why = `the function as printed is ${sizeOf(value)}, no number`;
    const isTrace = isClose(at.value(`tr(${of})`), at.value(expr), rtol);
    const verdict = isTrace ? "right once a trace is taken" : "misprint";
    const size = `${sizeOf(value)} for 1×1`;
    return finding(verdict, `${why}; of ${isTrace ? "its trace" : expr} it is right`, size);
  }
  const off = gap(at.gradient(of, wrt), want);
  if (off <= rtol * Math.max(1, ...want.numbers.map(Math.abs))) return got;
  const why =
    `the function as printed has another gradient, off by up to ${digits(off)}; ` +
    "of the function meant it is right";
  return finding("misprint", why, digits(off));
}

/** Judges what cannot be read as it stands, and what it must mean. */
export function misprinted(problem: string | null, meant: Finding): Finding {
  if (problem === null || meant.verdict !== "right") return meant;
  return finding("misprint", `${problem}; as it must be meant, ${meant.why}`);
}

/** Why a formula cannot be read, or null where it can. */
export function unreadable(at: Case, text: string): string | null {
  const stray = at.names(text).find((name) => at.source.variables[name] === undefined);
  if (stray !== undefined) return `there is no ${stray}`;
  try {
    at.value(text);
    return null;
  } catch (error) {
    if (error instanceof ParseError) return "the parentheses do not close";
    throw error;
  }
}

/** Sums over indices: their names with both ends, and the entries that are multiplied. */
export interface IndexSum {
  readonly over: readonly (readonly [index: string, from: number, to: number])[];
  readonly factors: readonly (readonly [name: string, A: Matrix, i: string, j: string])[];
}

/** The value of sums over indices as they are printed, from 1 on, or what is wrong with them. */
export function indexSum({ over, factors }: IndexSum): number | string {
  let problem: string | null = null;
  const factor = (
    at: ReadonlyMap<string, number>,
    [name, A, ...indices]: IndexSum["factors"][0],
  ) => {
    const [i, j] = indices.map((index) => at.get(index));
    const unbound = indices.find((index) => !at.has(index));
    if (unbound !== undefined) problem ??= `no sum is over ${unbound}`;
    else if (
      !(
        (i as number) > 0 &&
        (i as number) <= A.rows &&
        (j as number) > 0 &&
        (j as number) <= A.columns
      )
    ) {
      problem ??= `${name} has no entry (${i}, ${j})`;
    } else return entry(A, (i as number) - 1, (j as number) - 1);
    return 0;
  };
  const visit = (depth: number, at: ReadonlyMap<string, number>): number => {
    const range = over[depth];
    if (range === undefined) return factors.reduce((product, one) => product * factor(at, one), 1);
    const [index, from, to] = range;
    let sum = 0;
    for (let i = from; i <= to; i++) sum += visit(depth + 1, new Map([...at, [index, i]]));
    return sum;
  };
  const sum = visit(0, new Map());
  return problem ?? sum;
}

/** Judges by what a record holds: its printed formula, else all of its equations. */
export function found(at: Case): Finding {
  const { printed, differential, identity, jacobian, hessian, argmin, rtol } = at.source;
  if (printed !== undefined) {
    if (printed.compared_with === "gradient") return gradientIs(at, printed.expr);
    return equationsOf(at, printed.expr, printed.compared_with);
  }
  const findings: Finding[] = [];
  const check = (says: string, want: Matrix, what: string): void => {
    findings.push(compared(evaluated(at, says, want), want, { rtol, what }));
  };
  if (differential !== undefined) {
    const { of, direction, closed_form } = differential;
    check(closed_form, at.differential(of, direction), "the differential");
  }
  if (identity !== undefined) {
    const [first = "", ...others] = identity.sides;
    const value = at.value(first);
    for (const side of others) check(side, value, "what stands on the other side");
  }
  if (jacobian !== undefined) {
    const { of, wrt } = jacobian;
    check(jacobian.closed_form_numerator, at.jacobian(of, wrt), "the Jacobian");
    const turned = at.jacobian(of, wrt, "denominator");
    check(jacobian.closed_form_denominator, turned, "the Jacobian, in its layout");
  }
  if (hessian !== undefined) {
    check(hessian.closed_form, at.hessian(hessian.of, hessian.wrt), "the second derivative");
  }
  if (argmin !== undefined) findings.push(vanishing(at));
  if (findings.length === 0) return gradientIs(at, at.source.closed_form);
  return findings.find(({ verdict }) => verdict !== "right") ?? (findings[0] as Finding);
}

function equationsOf(at: Case, says: string, what: "value" | "differential"): Finding {
  const { differential, expr, rtol } = at.source;
  const want =
    what === "value" || differential === undefined
      ? at.value(expr)
      : at.differential(differential.of, differential.direction);
  return compared(evaluated(at, says, want), want, { rtol, what: `the ${what}` });
}

/** Whether the gradient is zero where the text says that the function is least. */
function vanishing(at: Case): Finding {
  const { argmin, rtol } = at.source;
  const { of, variable, closed_form } = argmin as NonNullable<typeof argmin>;
  const derivation = at.derive(of, variable);
  const names = derivation.variables.map(({ name }) => name);
  const best = at.value(closed_form, matrix(at.get(variable)));
  const values = at.valuesOf(derivation);
  values[names.indexOf(variable)] = tensorOf(best, at.get(variable).shape);
  const G = matrix(derivation.toFunction()(...values));
  const off = Math.max(...G.numbers.map(Math.abs));
  if (off <= rtol) return finding("right", "the gradient is zero there", "0");
  return finding("wrong", `the gradient there is up to ${digits(off)}`, digits(off));
}
