import { describe, expect, it } from "vitest";
import { namesOf, parseTree } from "../src/derive/text/parse.js";
import { json } from "./support/cli.js";
import { type GoldenBase, type GoldenRecord, type JacobianRecord, load } from "./support/golden.js";

interface Verdict {
  readonly correct: boolean;
  readonly diagnosis: { readonly code: string; readonly message: string } | null;
}

/** What `tracegrad check` says of a claim about a record, whose variables have the kinds it gives. */
async function verdict(
  { expr, wrt, variables }: GoldenBase,
  claim: string,
  symmetric: readonly string[] = [],
): Promise<Verdict> {
  const kinds = namesOf(parseTree(expr)).flatMap((name) => {
    const kind = ["scalar", "vector", "matrix"][variables[name]?.shape.length ?? -1];
    return ["--kind", `${name}=${symmetric.includes(name) ? "symmetric" : kind}`];
  });
  const argv = ["check", expr, "--wrt", wrt, "--claim", claim, ...kinds];
  const { code, value } = await json(...argv);
  expect(value).toHaveProperty("correct");
  expect(code).toBe(value.correct ? 0 : 1);
  return value as unknown as Verdict;
}

const records = [...load<GoldenRecord>("seeds"), ...load<GoldenRecord>("cookbook")].filter(
  ({ closed_form }) => closed_form !== null,
);

/** Closed forms that are right for the values of their records only, and what is said of them. */
const special: Readonly<Record<string, string>> = {
  "cb-det-02": "(right only if m = n = k)",
  "cb-hk-07": "the identity matrix is written eye",
  "cb-hk-08": "2/3 times the true gradient with n = 3",
};

describe("closed forms as claims", () => {
  it.each(records)("$id: the gradient of $expr by $wrt is $closed_form", async (record) => {
    const claim = record.closed_form as string;
    const { diagnosis } = await verdict(record, claim);
    const expected = special[record.id];
    if (expected !== undefined) return expect(diagnosis?.message).toContain(expected);
    if (diagnosis === null) return;
    // The record has symmetric values; said so, its closed form is right.
    expect(diagnosis).toMatchObject({ code: "symmetric" });
    const [, names = ""] =
      /^right only if (.*?) (?:is|are) symmetric/.exec(diagnosis.message) ?? [];
    const symmetric = names.split(/, | and /);
    expect((await verdict(record, claim, symmetric)).diagnosis).toBe(null);
  });
});

const printed = load<GoldenRecord>("seeds").flatMap((record) =>
  record.printed?.compared_with === "gradient"
    ? [{ ...record, claim: record.printed.expr, verdict: record.printed.verdict }]
    : [],
);

describe("what source texts print as the gradient", () => {
  it.each(printed)(
    "$id: $claim of $expr by $wrt: $verdict",
    async ({ verdict: said, ...record }) => {
      const { correct, diagnosis } = await verdict(record, record.claim);
      if (said === "transpose") expect(diagnosis?.code).toBe("transposed");
      else if (said.startsWith("shape")) expect(diagnosis?.code).toBe("shape");
      else if (correct || diagnosis?.code === "symmetric") expect(said).toBe("equal");
      else expect(said).toBe("differs");
    },
  );
});

const jacobians = load<JacobianRecord>("jacobians").filter(
  // Where I is a variable, the formula takes more than the expression has.
  ({ closed_form_colmajor, variables }) => closed_form_colmajor !== null && !("I" in variables),
);

describe("Jacobians for vec by columns", () => {
  it.each(jacobians)("$id: $expr by $wrt: $closed_form_colmajor", async (record) => {
    const { diagnosis } = await verdict(record, record.closed_form_colmajor as string);
    // For vectors there is no difference, and for the inverse it is the transpose as well.
    expect(["by columns", "transposed", undefined]).toContain(diagnosis?.code);
  });
});
