import { parse } from "../derive/index.js";
import { det, lstsq, matmul, ShapeError, type Tensor, tensor } from "../index.js";
import type { Compared, Finding } from "./diagnose.js";
import { occurrences } from "./names.js";
import { isClose, type Numbers, scaled, sizeOf, written } from "./numbers.js";
import type { Question } from "./question.js";

/** More terms than these are not told apart. */
const most = 8;

/** What several appearances of the variable give to the derivative, at each point. */
interface Term {
  /** Which appearances, from 0. */
  readonly of: readonly number[];
  readonly at: readonly Numbers[];
}

/**
 * By the product rule the derivative is a sum with a term for each appearance of the variable.
 * Finds the terms that a claim leaves out, or has with another sign or factor.
 */
export function wrongTerms(question: Question, pairs: readonly Compared[]): Finding | null {
  const { program, wrt } = question;
  const places = occurrences(program.text).filter(({ name }) => name === wrt);
  if (places.length < 2 || places.length > most) return null;
  const terms = distinct(
    termsOf(
      question,
      pairs,
      places.map(({ at }) => at),
    ),
  );
  if (terms.length < 2) return null;
  const weights = fitted(terms, pairs);
  if (weights === null) return null;
  const wrong = terms.flatMap(({ of }, i) => {
    const weight = written(weights[i] as number);
    return weight === "1" ? [] : [{ of, weight }];
  });
  const said = wrong.map(({ of, weight }) => {
    const which = of.map((i) => ordinal(i + 1)).join(" and ");
    return `${of.length === 1 ? "the term" : "the terms"} of the ${which} ${wrt} ${fault(weight, of.length > 1)}`;
  });
  const marks = wrong.flatMap(({ of }) => of.map((i) => places[i]?.at ?? 0));
  const line = program.text.replace(/\s/g, " ");
  const under = Array.from(line, (_, i) => (marks.includes(i) ? "^" : " ")).join("");
  const message = `${said.join(", and ")}\n  ${line}\n  ${under.trimEnd()}`;
  return { code: wrong.every(({ weight }) => weight === "0") ? "term missing" : "terms", message };
}

/** The derivative by each appearance alone: with a name of its own for each. */
function termsOf(
  question: Question,
  pairs: readonly Compared[],
  starts: readonly number[],
): Term[] {
  const { program, wrt, names, at } = question;
  const fresh = starts.map((_, i) => unused(`${wrt}_${i + 1}`, names));
  let text = program.text;
  for (let i = starts.length - 1; i >= 0; i--) {
    const start = starts[i] as number;
    text = text.slice(0, start) + fresh[i] + text.slice(start + wrt.length);
  }
  const others = names.filter((name) => name !== wrt);
  const all = [...others, ...fresh];
  const own = (name: string): string => (fresh.includes(name) ? wrt : name);
  const kindOf = new Map(program.variables.map(({ name, kind }) => [name, kind]));
  const shapes = question.shapes(question.sizes);
  const pick = <T>(of: (name: string) => T) => Object.fromEntries(all.map((n) => [n, of(own(n))]));
  try {
    const split = parse(text, {
      kinds: pick((name) => kindOf.get(name) ?? "matrix"),
      shapes: pick((name) => shapes[name] ?? []),
    });
    return fresh.map((name, i) => ({
      of: [i],
      at: pairs.map(({ values }) => {
        const args = all.map((one) =>
          one === name || fresh.includes(one) ? values[at] : values[names.indexOf(one)],
        );
        return question.derivative(split, all, args as Tensor[], all.indexOf(name));
      }),
    }));
  } catch (error) {
    // Apart they may have sizes that nothing determines.
    if (error instanceof ShapeError) return [];
    throw error;
  }
}

function unused(name: string, names: readonly string[]): string {
  return names.includes(name) ? unused(`${name}_`, names) : name;
}

/** Terms that are equal count as one; those that are zero as none. */
function distinct(terms: readonly Term[]): Term[] {
  const found: Term[] = [];
  for (const term of terms) {
    if (term.at.every((X) => sizeOf(X) < 1e-12)) continue;
    const same = found.findIndex(({ of, at }) =>
      at.every((X, i) => isClose(scaled(1 / of.length, X), term.at[i] as Numbers)),
    );
    const before = found[same];
    if (before === undefined) found.push(term);
    else {
      const at = before.at.map((X) => scaled((before.of.length + 1) / before.of.length, X));
      found[same] = { of: [...before.of, ...term.of], at };
    }
  }
  return found;
}

/** The weights with which the terms add up to the claim, by least squares; null if they do not. */
function fitted(terms: readonly Term[], pairs: readonly Compared[]): readonly number[] | null {
  const columns = terms.map(({ at }) => at.flatMap(({ data }) => data));
  const lengths = columns.map((column) => Math.hypot(...column));
  const claims = pairs.flatMap(({ claim }) => claim.data);
  if (claims.length < terms.length + 3) return null;
  const rows = claims.map((_, i) =>
    columns.map((column, j) => (column[i] as number) / (lengths[j] as number)),
  );
  const A = tensor(rows, { dtype: "float64" });
  // Terms that nearly depend on each other have no weights of their own.
  if (det(matmul(A.T, A)).item() < 1e-8) return null;
  const found = lstsq(A, tensor(claims, { dtype: "float64" })).data();
  const weights = lengths.map((length, j) => (found[j] as number) / length);
  const whole = pairs.map(({ claim }, p) => ({
    ...claim,
    data: claim.data.map((_, i) =>
      terms.reduce((sum, { at }, j) => sum + (weights[j] as number) * (at[p]?.data[i] ?? 0), 0),
    ),
  }));
  return pairs.every(({ claim }, p) => isClose(claim, whole[p] as Numbers)) ? weights : null;
}

function fault(weight: string, several: boolean): string {
  if (weight === "0") return several ? "are missing" : "is missing";
  if (weight === "-1") return several ? "have the wrong sign" : "has the wrong sign";
  const words: Readonly<Record<string, string>> = { "2": "twice", "1/2": "half" };
  return `${several ? "count" : "counts"} ${words[weight] ?? `${weight} times`}`;
}

function ordinal(n: number): string {
  return `${n}${["th", "st", "nd", "rd"][n] ?? "th"}`;
}
