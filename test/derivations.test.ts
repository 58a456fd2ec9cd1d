import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import temml from "temml";
import { describe, expect, it } from "vitest";
import { judged } from "../examples/derivations/claims.js";
import { chapters, type Part, type Quote } from "../examples/derivations/entries.js";
import type { Verdict } from "../examples/derivations/finding.js";
import { html } from "../examples/derivations/html.js";
import { linesOf } from "../examples/derivations/lines.js";
import { markdown } from "../examples/derivations/markdown.js";
import { isClose, matrix } from "../examples/derivations/matrix.js";
import { misprints, quotesOf } from "../examples/derivations/page.js";
import { Case, type Source, sources } from "../examples/derivations/record.js";
import { remarks } from "../examples/derivations/remarks.js";
import type { Derivation } from "../src/derive/index.js";
import { type Nested, tensor } from "../src/index.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = chapters();
const entries = page.flatMap(({ entries }) => entries);
const quotes = quotesOf(page);

/** The status that says the same as a verdict. */
const statuses: Readonly<Record<Verdict, string>> = {
  right: "correct",
  "right in numerator layout only": "numerator_layout",
  "right in denominator layout only": "denominator_layout",
  "right once a trace is taken": "needs_trace",
  "right for a vector only": "vector_only",
  "right for a scalar only": "scalar_only",
  misprint: "typo",
  wrong: "wrong",
};

const derived = (part: Part): Derivation[] => ("derivation" in part ? [part.derivation] : []);

const numbers = (values: Nested) => matrix(tensor(values, { dtype: "float64" }));

/** How far the steps are from the differential, at random values and in a random direction. */
function unsound(derivation: Derivation, at?: Case): number {
  const values = at === undefined ? undefined : at.valuesOf(derivation);
  const errors = derivation.checkSteps(values);
  expect(errors).toHaveLength(derivation.steps.length);
  return Math.max(...errors);
}

describe("the page of derivations", () => {
  it("is what the engine says", async () => {
    const run = promisify(execFile);
    const args = ["--import", "tsx", "examples/derivations.ts", "--check"];
    await run(process.execPath, args, { cwd: root });
  });

  it("has every record once", () => {
    expect(sources).toHaveLength(128);
    const ids = quotes.map(({ source }) => source.id);
    expect(ids.toSorted()).toEqual(sources.map(({ id }) => id).toSorted());
    for (const file of ["derivations.md", "derivations.html"]) {
      const text = readFileSync(new URL(`../docs/${file}`, import.meta.url), "utf8");
      const shown = (id: string) =>
        text.includes(`\`${id}\``) || text.includes(`<code>${id}</code>`);
      expect(ids.filter((id) => !shown(id))).toEqual([]);
    }
  });

  it("has no function twice", () => {
    const all = entries.map(
      ({ plan }) => `${plan.of} by ${plan.wrt}${plan.second ? ", twice" : ""}`,
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(entries.map((entry) => [entry.id, entry.title, entry] as const))(
    "%s  %s: all steps are sound, and the formulas agree with the tape",
    (_, __, { main, parts }) => {
      for (const one of [main, ...parts.flatMap(derived)]) {
        expect(unsound(one), String(one)).toBeLessThanOrEqual(1e-10);
        expect(one.check()).toMatchObject({ ok: true });
      }
    },
  );

  it("sets every formula", () => {
    const formulas = entries.flatMap(({ main, parts }) =>
      [main, ...parts.flatMap(derived)].flatMap((one) => {
        const { value, steps, result, legend } = linesOf(one);
        expect(steps).toHaveLength(one.steps.length);
        expect(steps.map(({ law }) => law)).toEqual(one.steps.map(({ law }) => law));
        const lines = [value, ...steps, result, ...legend];
        expect(lines.every(({ right }) => right !== "")).toBe(true);
        return [one.latex(), ...lines.flatMap(({ left, right }) => [left, right])];
      }),
    );
    const text = markdown(page);
    const inMarkdown = [
      ...text.matchAll(/^```math\n([\s\S]*?)^```/gm),
      ...text.matchAll(/\$`([^`]*)`\$/g),
    ].map(([, formula = ""]) => formula);
    expect(inMarkdown.length).toBeGreaterThan(2 * entries.length);
    for (const formula of [...formulas, ...inMarkdown]) {
      expect(() =>
        temml.renderToString(formula, { throwOnError: true, strict: true }),
      ).not.toThrow();
      expect(formula).not.toMatch(/\\(operatorname|mbox|phantom)\b/); // GitHub refuses these
    }
  });

  it("stands alone", () => {
    const text = html(page);
    expect(text).not.toMatch(/<(script|link|img|iframe)|@import|url\(|https?:(?!\/\/www\.w3\.org)/);
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, to] of text.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(to);
    expect(text).not.toContain("temml-error");
  });
});

describe("the records of the texts", () => {
  it.each(quotes.map((quote) => [quote.source.id, quote.source.expr, quote] as const))(
    "%s  %s",
    (_, __, { source, derivation, finding }: Quote) => {
      const at = new Case(source);
      const agrees = (one: Derivation, gradient: Nested): void => {
        expect(unsound(one, at), String(one)).toBeLessThanOrEqual(1e-10);
        const own = matrix(one.toFunction()(...at.valuesOf(one)));
        expect(isClose(own, numbers(gradient), source.rtol)).toBe(true);
      };
      agrees(derivation, source.gradient);
      for (const { wrt, gradient } of source.more_gradients ?? []) {
        agrees(at.derive(source.expr, wrt), gradient);
      }
      if (source.jacobian !== undefined) {
        const { of, wrt, numerator } = source.jacobian;
        expect(isClose(at.jacobian(of, wrt), numbers(numerator), source.rtol)).toBe(true);
      }
      expect(statuses[finding.verdict]).toBe(source.status);
    },
  );

  it("the misprints are exactly those that the numbers show", () => {
    const listed = misprints(quotes).map(({ quote }) => quote.source.id);
    const known = sources.filter(({ status }) => status !== "correct").map(({ id }) => id);
    expect(listed.toSorted()).toEqual(known.toSorted());
    expect(Object.keys(remarks).toSorted()).toEqual(known.toSorted());
    const text = readFileSync(new URL("../docs/derivations.md", import.meta.url), "utf8");
    const table = text.split("## Misprints found")[1] ?? "";
    const rows = [...table.matchAll(/^\| `([^`]*)` \|/gm)].map(([, id]) => id);
    expect(rows.toSorted()).toEqual(known.toSorted());
  });

  it("the largest differences are those of the records", () => {
    let compared = 0;
    for (const { source, finding } of quotes) {
      const { printed } = source;
      if (printed?.verdict !== "differs") continue;
      compared++;
      expect(Number(finding.difference)).toBeCloseTo(printed.max_abs_difference as number, 1);
    }
    expect(compared).toBe(3);
  });
});

describe("the verdict is the numbers'", () => {
  const record = (id: string): Source => sources.find((source) => source.id === id) as Source;
  const verdictOn = (id: string, expr: string): Verdict => {
    const source = record(id);
    const printed = { ...(source.printed as NonNullable<Source["printed"]>), expr };
    return judged(new Case({ ...source, printed })).verdict;
  };

  it.each([
    ["s0-20", "a*b'", "right"],
    ["s0-20", "b*a'", "right in numerator layout only"],
    ["s0-20", "2*a*b'", "wrong"],
    ["s0-20", "a*a'", "wrong"],
    ["s0-20", "b'*a", "wrong"],
    ["s3-08", "(A+A')*X", "right once a trace is taken"],
    ["s3-08", "2*A*X", "wrong"],
    ["s0-23", "2*X'*(X*w-b-y)", "misprint"],
    ["s0-23", "X'*(X*w-b-y)/norm2(X*w-b-y)", "wrong"],
    ["s2-32", "(A'+A)*x", "right"],
  ] as const)("%s with %s is %s", (id, expr, verdict) => {
    expect(verdictOn(id, expr)).toBe(verdict);
  });

  it.each([
    ["s1-10", { identity: { sides: ["tr(A'*(B.*C))", "tr((A.*A)'*C)"] } }],
    ["s0-14", { differential: { closed_form: "sigmoid(X).*dX" } }],
  ] as const)("%s is no misprint when what it must mean is wrong, too", (id, change) => {
    const source = record(id);
    const fields = Object.entries(change).map(([key, value]) => [
      key,
      { ...(source[key as keyof Source] as object), ...value },
    ]);
    const other = { ...source, ...Object.fromEntries(fields) } as Source;
    expect(judged(new Case(other)).verdict).toBe("wrong");
  });
});
