import { describe, expect, it } from "vitest";
import type { Derivation } from "../../src/derive/index.js";
import type { Nested } from "../../src/index.js";
import { hasPython, loaded, named, runPython } from "../support/code.js";
import {
  Case,
  distance,
  type GoldenBase,
  type GoldenRecord,
  type JacobianRecord,
  load,
  outside,
  shapeOf,
} from "../support/golden.js";

const numpy = hasPython("numpy");

interface Wanted {
  readonly record: GoldenRecord;
  readonly derivation: Derivation;
  readonly gradient: Nested;
  readonly value: number | null;
}

const wanted = [...load<GoldenRecord>("seeds"), ...load<GoldenRecord>("cookbook")].flatMap(
  (record): Wanted[] => {
    const { wrt, gradient, more_gradients = [], value } = record;
    const first = { record, derivation: named(record, wrt), gradient, value };
    const more = more_gradients.map((other) => {
      const derivation = named(record, other.wrt);
      return { record, derivation, gradient: other.gradient, value: null };
    });
    return [first, ...more];
  },
);

/** Records whose numbers are not those wanted when the formula is calculated as it is written. */
const lost: Readonly<Record<string, { readonly reason: string; readonly in: readonly string[] }>> =
  {
    "cb-ho-02": { reason: "exp overflows in log(sum(exp(x)))", in: ["value"] },
    "cb-ho-05": { reason: "exp overflows in log(exp(-m)+1)", in: ["value"] },
    "cb-ho-10": { reason: "exp overflows in log(sum(exp(A*x)))", in: ["value"] },
    "cb-ho-09": { reason: "squares underflow in np.linalg.norm", in: ["numpy", "value in numpy"] },
  };

function compare(
  { record, gradient, value }: Wanted,
  language: string,
  [y, G]: readonly [Nested, Nested],
): void {
  const { rtol, scale, nonsmooth, id } = record;
  const off = nonsmooth === undefined ? distance(G, gradient, scale) : outside(G, nonsmooth);
  const reasons = lost[id]?.in ?? [];
  if (reasons.includes(language)) expect(off, id).toBeGreaterThan(rtol);
  else expect(off, id).toBeLessThanOrEqual(rtol);
  if (value === null) return;
  const wrong = reasons.includes("value") || reasons.includes(`value in ${language}`);
  if (wrong) expect(distance(y, value, scale), id).toBeGreaterThan(rtol);
  else expect(distance(y, value, scale), id).toBeLessThanOrEqual(rtol);
}

const list = (one: Wanted) => [one.record.id, one.record.expr, one.derivation.wrt, one] as const;
const argsOf = ({ variables }: Derivation, record: GoldenBase): Nested[] =>
  variables.map(({ name }) => (record.variables[name] as { values: Nested }).values);

describe("code for golden records", () => {
  it.each(wanted.map(list))("%s  %s by %s in TypeScript", async (_, __, ___, one) => {
    const { f, check } = await loaded(one.derivation.code("typescript"));
    const at = new Case(one.record, "float64");
    const [y, G] = f(...one.derivation.variables.map(({ name }) => at.get(name)));
    compare(one, "typescript", [y.toArray(), G.toArray()]);
    expect(check()).toBeLessThan(1e-8);
  });

  it.skipIf(!numpy)("runs in NumPy", () => {
    const results = runPython(
      wanted.map(({ derivation, record }) => {
        return { code: derivation.code("numpy"), args: argsOf(derivation, record) };
      }),
    );
    results.forEach(({ error, value, derivative, check }, i) => {
      const one = wanted[i] as Wanted;
      expect(error, one.record.id).toBeUndefined();
      compare(one, "numpy", [value ?? Number.NaN, derivative as Nested]);
      expect(check).toBeLessThan(1e-5);
    });
    expect(results.length).toBe(wanted.length);
  });
});

describe("code for Jacobians", () => {
  const records = load<JacobianRecord>("jacobians").filter(
    ({ id }) => !["ja-kronAX", "ja-adj"].includes(id), // these have no formula
  );
  const cases = records.flatMap((record) =>
    (["numerator", "denominator"] as const).map((layout) => {
      return { record, layout, derivation: named(record, record.wrt, layout) };
    }),
  );

  it.each(cases.map((one) => [one.record.id, one.layout, one] as const))(
    "%s in %s layout",
    async (_, layout, { record, derivation }) => {
      const { f, check } = await loaded(derivation.code("typescript"));
      const at = new Case(record, "float64");
      const [y, J] = f(...derivation.variables.map(({ name }) => at.get(name)));
      expect(distance(y.toArray(), record.value)).toBeLessThanOrEqual(record.rtol);
      expect(check()).toBeLessThan(1e-8);
      const [x] = [at.get(record.wrt).shape];
      const shape = layout === "numerator" ? [...y.shape, ...x] : [...x, ...y.shape];
      expect(J.shape).toEqual(shape);
      if (layout === "denominator") return;
      const rows = J.reshape(shapeOf(record.jacobian)).toArray();
      expect(distance(rows, record.jacobian)).toBeLessThanOrEqual(record.rtol);
    },
  );

  it.skipIf(!numpy)("runs in NumPy", () => {
    const results = runPython(cases.map(({ derivation }) => ({ code: derivation.code("numpy") })));
    results.forEach(({ error, check }, i) => {
      expect(error, cases[i]?.record.id).toBeUndefined();
      expect(check).toBeLessThan(1e-5);
    });
  });
});
