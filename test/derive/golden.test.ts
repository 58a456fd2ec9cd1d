import { afterAll, describe, expect, it } from "vitest";
import { sum, transpose } from "../../src/derive/algebra.js";
import { type Expr, intern, ones, symbol } from "../../src/derive/expr.js";
import { type Derivation, derive, type Formula } from "../../src/derive/index.js";
import { type Nested, type Tensor, tril } from "../../src/index.js";
import { derived, leftovers, lengthOf, valuesOf, written } from "../support/derived.js";
import {
  Case,
  distance,
  flat,
  type GoldenBase,
  type GoldenRecord,
  type HessianRecord,
  type JacobianRecord,
  load,
  type Nonsmooth,
  outside,
  shapeOf,
} from "../support/golden.js";
import { calculate } from "../support/read_formula.js";

/** A gradient of a record: that by its variable, or one of `more_gradients`. */
interface Wanted {
  readonly record: GoldenRecord;
  readonly wrt: string;
  readonly gradient: Nested;
  readonly closed_form: string | null;
  readonly nonsmooth?: Nonsmooth | undefined;
}

const records = [...load<GoldenRecord>("seeds"), ...load<GoldenRecord>("cookbook")];
const wanted = records.flatMap((record): Wanted[] => {
  const { wrt, gradient, closed_form, nonsmooth, more_gradients = [] } = record;
  const more = more_gradients.map((other) => ({ record, ...other }));
  return [{ record, wrt, gradient, closed_form, nonsmooth }, ...more];
});

/** What has no formula, and where it ends; a record that starts to have one must go. */
const noJacobian: Readonly<Record<string, string>> = { "ja-kronAX": "kron", "ja-adj": "adjugate" };
const noHessian: Readonly<Record<string, string>> = {
  "he-det-sing": "adjugate",
  "he-det-rank1": "adjugate",
  "he-mlogit": "diag",
};

/** The record's values, but not where formulas as written overflow or lose their digits there. */
function stepErrors(at: Case, record: GoldenBase, derivation: Derivation): readonly number[] {
  const tame = (record.hard ?? null) === null;
  return tame ? derivation.checkSteps(valuesOf(at, derivation)) : derivation.checkSteps();
}

function soundSteps(at: Case, record: GoldenBase, derivation: Derivation): void {
  const errors = stepErrors(at, record, derivation);
  const unsound = derivation.steps.filter((_, i) => !((errors[i] as number) <= 1e-10));
  expect(unsound.map(({ law, formula }) => `${law}: ${formula}`)).toEqual([]);
  expect(errors.length).toBe(derivation.steps.length);
}

function evaluated(at: Case, derivation: Derivation): Tensor {
  return derivation.toFunction()(...valuesOf(at, derivation));
}

describe("derive, golden gradients", () => {
  const untidy: string[] = [];
  const lengths: { readonly id: string; readonly ours: number; readonly closed: number }[] = [];
  let count = 0;

  it.each(wanted.map((one) => [one.record.id, one.record.expr, one.wrt, one] as const))(
    "%s  %s by %s",
    (id, expr, wrt, { record, gradient, closed_form, nonsmooth }) => {
      const at = new Case(record, "float64");
      const { rtol, scale } = record;
      for (const declare of [true, false]) {
        const derivation = derived(at, expr, wrt, { declare });
        const G = evaluated(at, derivation).toArray();
        if (nonsmooth === undefined) expect(distance(G, gradient, scale)).toBeLessThanOrEqual(rtol);
        else expect(outside(G, nonsmooth)).toBeLessThanOrEqual(rtol);
        soundSteps(at, record, derivation);
      }

      const formula = derived(at, expr, wrt).gradient;
      const found = leftovers(formula.expression, at);
      if (found.length > 0) untidy.push(`  ${id} by ${wrt}: ${found.join(", ")} in ${formula}`);
      count++;
      if (closed_form === null) return;
      const closed = written(at, closed_form, shapeOf(gradient), wrt);
      lengths.push({ id: `${id} by ${wrt}`, ours: lengthOf(formula), closed: lengthOf(closed) });
    },
  );

  it("leaves at least 95 % free of raw adjoints, unexpanded sums and duplicated terms", () => {
    expect(count).toBe(wanted.length);
    expect(untidy.length, untidy.join("\n")).toBeLessThanOrEqual(0.05 * count);
  });

  const ratios = () => lengths.map(({ ours, closed }) => ours / closed).sort((a, b) => a - b);
  const median = () => ratios()[Math.floor(lengths.length / 2)] as number;

  it("is mostly as short as the closed forms", () => {
    expect(median()).toBeLessThanOrEqual(1.2);
  });

  afterAll(() => {
    const list = [...lengths].sort((a, b) => b.ours / b.closed - a.ours / a.closed);
    const [most] = list as [(typeof list)[number]];
    const longest = list.reduce((a, b) => (b.ours > a.ours ? b : a), most);
    const lines = [
      `derive: ${count} gradients of ${records.length} records; ${lengths.length} have a closed form`,
      `  length, ours by the closed form's: median ${median().toFixed(2)}, ` +
        `most ${(most.ours / most.closed).toFixed(2)} (${most.id}); ` +
        `the longest of ours has ${longest.ours} characters (${longest.id})`,
      `  ${list.filter((one) => one.ours < one.closed).length} shorter, ` +
        `${list.filter((one) => one.ours === one.closed).length} as long, ` +
        `${list.filter((one) => one.ours > one.closed).length} longer`,
      `  ${untidy.length} with leftovers`,
      ...untidy,
    ];
    console.log(lines.join("\n"));
  });
});

describe("derive, golden Jacobians", () => {
  const list = load<JacobianRecord>("jacobians");

  it.each(list.filter(({ id }) => !(id in noJacobian)).map((r) => [r.id, r.expr, r] as const))(
    "%s  %s",
    (_, expr, r) => {
      const at = new Case(r, "float64");
      const derivation = derived(at, expr, r.wrt);
      const J = evaluated(at, derivation);
      expect(J.shape).toEqual([...r.value_shape, ...at.get(r.wrt).shape]);
      const m = flat(r.value).length;
      expect(distance(J.reshape([m, -1]).toArray(), r.jacobian, r.scale)).toBeLessThanOrEqual(
        r.rtol,
      );
      expect(leftovers(derivation.gradient.expression, at)).toEqual([]);
      soundSteps(at, r, derivation);
    },
  );

  it.each(Object.entries(noJacobian))("%s ends at %s", (id, end) => {
    const r = list.find((one) => one.id === id) as JacobianRecord;
    const at = new Case(r, "float64");
    expect(() => derived(at, r.expr, r.wrt)).toThrow(`it ends at ${end}`);
  });

  const seeds = records.flatMap((r) =>
    r.jacobian === undefined ? [] : [[r, r.jacobian] as const],
  );
  it.each(seeds.map(([r, jacobian]) => [r.id, jacobian.of, r, jacobian] as const))(
    "%s  %s, both layouts",
    (_, of, r, { wrt, numerator, denominator }) => {
      const at = new Case(r, "float64");
      for (const [layout, want] of Object.entries({ numerator, denominator })) {
        const J = evaluated(at, derived(at, of, wrt, { layout: layout as "numerator" }));
        const got = J.reshape(shapeOf(want)).toArray();
        expect(distance(got, want), layout).toBeLessThanOrEqual(r.rtol);
      }
    },
  );
});

describe("derive, golden Hessians", () => {
  const list = load<HessianRecord>("hessians");

  it.each(list.map((r) => [r.id, r.expr, r] as const))("%s  %s", (id, expr, r) => {
    const at = new Case(r, "float64");
    const first = derived(at, expr, r.wrt);
    const G = evaluated(at, first).toArray();
    expect(distance(G, r.gradient, r.scale)).toBeLessThanOrEqual(r.rtol);
    soundSteps(at, r, first);
    if (id in noHessian) {
      expect(() => first.hessian()).toThrow(`it ends at ${noHessian[id]}`);
      return;
    }
    const second = first.hessian();
    const H = evaluated(at, second);
    expect(H.shape).toEqual(r.hessian_shape);
    expect(distance(H.toArray(), r.hessian, r.scale)).toBeLessThanOrEqual(r.rtol);
    expect(leftovers(second.gradient.expression, at)).toEqual([]);
    soundSteps(at, r, second);
  });
});

describe("what is printed is the formula", () => {
  const tame = wanted.filter(({ record }) => (record.hard ?? null) === null);

  /** How far a formula of so many rows is from what its text says. */
  function misprint(at: Case, derivation: Derivation, formula: Formula, rows: number): number {
    const want = formula.toFunction()(...valuesOf(at, derivation));
    const [m = 1, n = 1] = at.get(derivation.wrt).shape;
    const got = calculate(String(formula), {
      values: at.variables,
      size: [rows, want.size / rows],
      exchanges: [m, n],
    });
    return distance(flat(got.toArray()), flat(want.toArray()));
  }

  /** Of the value and gradient. */
  function misprints(record: GoldenRecord, wrt: string): number[] {
    const at = new Case(record, "float64");
    const derivation = derived(at, record.expr, wrt);
    const rows = at.get(wrt).shape[0] ?? 1;
    const { value, gradient } = derivation;
    return [misprint(at, derivation, value, 1), misprint(at, derivation, gradient, rows)];
  }

  it.each(tame.map(({ record, wrt }) => [record.id, record.expr, wrt, record] as const))(
    "%s  %s by %s",
    (_id, _expr, wrt, record) => {
      for (const error of misprints(record, wrt)) expect(error).toBeLessThanOrEqual(1e-10);
    },
  );

  // biome-ignore format: a text a line
  const texts = [
    "x'*x/3", "2*sum(x.*x.*x)/7", "(x'*x)^(2/3)", "(x'*x)^(-1.5)/(6*c)", "norm2(x)^3/(c*(a'*x))",
    "exp(-x'*x/6)", "(a'*x)^2*(b'*x)/(a'*b)", "sum(x.*a./(b.*b))/c^2", "sum((x-a).^2./b)/3",
    "a'*X'*X'*X'*x", "a'*X*X*inv(X')*x", "tr(inv(X)^2*(x*a'))", "-(a-x)'*X*(b-x)/(-c)",
    "log(sum(exp(x/c)))/c", "c-(a'*x-(b'*x-c))", "-(c-(-(x'*x)))", "sum(abs(x-a))-(c/(a'*x))/c",
    "sum(sqrt(a+x.*x)./b)", "sum((x.*x).^c)",
  ];
  const record = { id: "text", expr: "", wrt: "x", rtol: 0 };
  const values = {
    x: [0.4, -0.7, 1.1],
    a: [0.9, 0.2, 0.6],
    b: [1.3, 0.8, 0.5],
    c: 0.7,
    X: [
      [1.2, 0.3, -0.4],
      [0.1, 0.9, 0.5],
      [-0.6, 0.2, 1.5],
    ],
  };
  const variables = Object.fromEntries(
    Object.entries(values).map(([name, x]) => [name, { shape: shapeOf(x), values: x }]),
  );

  it.each(texts)("%s", (text) => {
    const at = new Case({ ...record, variables }, "float64");
    const derivation = derived(at, text, "x");
    expect(misprint(at, derivation, derivation.value, 1)).toBeLessThanOrEqual(1e-12);
    expect(misprint(at, derivation, derivation.gradient, 3)).toBeLessThanOrEqual(1e-12);
    const second = derivation.hessian();
    expect(misprint(at, second, second.gradient, 3)).toBeLessThanOrEqual(1e-12);
    expect(derivation.check(valuesOf(at, derivation)).ok).toBe(true);
    expect(second.check(valuesOf(at, second)).ok).toBe(true);
  });

  const jacobians = load<JacobianRecord>("jacobians").filter(({ id }) => !(id in noJacobian));
  it.each(jacobians.map((r) => [r.id, r.expr, r] as const))("%s  %s", (_, expr, r) => {
    const at = new Case(r, "float64");
    const derivation = derived(at, expr, r.wrt);
    const rows = flat(r.value).length;
    expect(misprint(at, derivation, derivation.gradient, rows)).toBeLessThanOrEqual(1e-10);
  });

  const hessians = load<HessianRecord>("hessians").filter(({ id }) => !(id in noHessian));
  it.each(hessians.map((r) => [r.id, r.expr, r] as const))("%s  ∂² %s", (_, expr, r) => {
    const at = new Case(r, "float64");
    const second = derived(at, expr, r.wrt).hessian();
    const rows = at.get(r.wrt).size;
    expect(misprint(at, second, second.gradient, rows)).toBeLessThanOrEqual(1e-10);
  });
});

describe("what is left over", () => {
  const at = new Case(records.find(({ id }) => id === "s0-04") as GoldenRecord, "float64");
  const value = (text: string): Expr => derived(at, text, "A").value.expression;

  it("is found: raw adjoints, unexpanded sums, duplicated terms", () => {
    const [trace, total] = [value("tr(X'*A*X)"), value("sum((A*X).*X)")];
    expect(trace).not.toBe(total);
    expect(leftovers(sum([trace, total]), at)).toEqual(["duplicated term (terms 1 and 2)"]);
    expect(leftovers(sum([trace, value("norm2(A*X)")]), at)).toEqual([]);

    const A = at.get("A");
    const lower = derive((A: Tensor) => tril(A).sum(), { args: [A.shape] }).value.expression;
    expect(leftovers(lower, at)).toEqual(["raw tril"]);

    const one = ones(A.shape[0] as number);
    const parts = [transpose(one), symbol("A", one.rows, one.rows), one];
    const chain = intern(
      "as it stands",
      { kind: "product", parts },
      { rows: 1, columns: 1, parts },
    );
    expect(leftovers(chain, at)).toEqual(["unexpanded sum"]);
  });
});
