import { afterAll, describe, expect, it } from "vitest";
import { SizeError, twoDimensional } from "../src/derive/text/sizes.js";
import {
  eye,
  grad,
  mul,
  type Nested,
  neg,
  sub,
  type Tensor,
  t,
  tensor,
  tril,
} from "../src/index.js";
import { minimize, sgd } from "../src/optim/index.js";
import {
  Case,
  distance,
  flat,
  type GoldenRecord,
  load,
  outside,
  type Printed,
  shapeOf,
} from "./support/golden.js";

const records = [...load<GoldenRecord>("seeds"), ...load<GoldenRecord>("cookbook")];

/**
 * The records that are not run as they stand, each with the reason and with `instead`: how the same
 * function is written in tracegrad so that it is right. A record that starts to pass must go.
 */
const uncovered: Readonly<Record<string, { readonly reason: string; readonly instead: string }>> = {
  "cb-ho-02": {
    reason: "log(sum(exp(x))) overflows in exp as written; logsumexp(x) is right",
    instead: "logsumexp(x)",
  },
  "cb-ho-05": {
    reason: "log(exp(-m)+1) overflows in exp as written; softplus(-m) is right",
    instead: "sum(softplus(-y.*(X*w)))",
  },
  "cb-ho-10": {
    reason: "log(sum(exp(A*x))) overflows in exp as written; logsumexp(A*x) is right",
    instead: "logsumexp(A*x)",
  },
};

const float64 = new Set<string>();
const float32 = new Set<string>();
const covered = records.filter(({ id }) => !(id in uncovered));
const tame = covered.filter(({ hard }) => (hard ?? null) === null);

/** Value and gradient, for any dtype; at a kink the gradient must be a subgradient. */
function checkGradient(at: Case, record: GoldenRecord, rtol = record.rtol) {
  const { expr, wrt, gradient, nonsmooth, scale, value } = record;
  const [y, G] = at.gradient(expr, wrt);
  expect(distance(y, value, scale)).toBeLessThanOrEqual(rtol);
  if (nonsmooth === undefined) expect(distance(G, gradient, scale)).toBeLessThanOrEqual(rtol);
  else expect(outside(G, nonsmooth)).toBeLessThanOrEqual(rtol);
}

/** All that a record says beside its gradient, in float64. */
const fields: Readonly<Record<string, (at: Case, record: GoldenRecord) => void>> = {
  closedForm(at, { closed_form, gradient, nonsmooth, rtol, scale }) {
    if (closed_form === null) return;
    const G = at.value(closed_form, shapeOf(gradient));
    if (nonsmooth === undefined) expect(distance(G, gradient, scale)).toBeLessThanOrEqual(rtol);
    else expect(outside(G, nonsmooth)).toBeLessThanOrEqual(rtol);
  },
  moreGradients(at, record) {
    const { more_gradients = [], rtol, scale } = record;
    for (const { wrt, gradient, closed_form } of more_gradients) {
      checkGradient(at, { ...record, wrt, gradient });
      if (closed_form === null) continue;
      const G = at.value(closed_form, shapeOf(gradient));
      expect(distance(G, gradient, scale)).toBeLessThanOrEqual(rtol);
    }
  },
  identity(at, { identity, rtol }) {
    for (const side of identity?.sides ?? []) {
      const want = identity?.value as Nested;
      expect(distance(at.value(side, shapeOf(want)), want)).toBeLessThanOrEqual(rtol);
    }
  },
  differential(at, { differential, rtol }) {
    if (differential === undefined) return;
    const { of, direction, closed_form, value } = differential;
    const dy = at.differential(of, direction, shapeOf(value));
    expect(distance(dy, value)).toBeLessThanOrEqual(rtol);
    if (closed_form === null) return;
    expect(distance(at.value(closed_form, shapeOf(value)), value)).toBeLessThanOrEqual(rtol);
  },
  printed(at, record) {
    const { printed, rtol } = record;
    if (printed === undefined) return;
    const [verdict, difference] = judge(at, record, printed);
    expect(verdict).toBe(printed.verdict);
    if (printed.max_abs_difference === null) expect(difference).toBeNull();
    else expect(distance(difference as number, printed.max_abs_difference)).toBeLessThan(rtol);
  },
  jacobian(at, { jacobian, rtol }) {
    if (jacobian === undefined) return;
    const { of, wrt, numerator, denominator } = jacobian;
    const J = at.jacobian(of, wrt);
    expect(distance(J, numerator)).toBeLessThanOrEqual(rtol);
    expect(distance(transposed(J), denominator)).toBeLessThanOrEqual(rtol);
    const forms = [
      [jacobian.closed_form_numerator, numerator],
      [jacobian.closed_form_denominator, denominator],
    ] as const;
    for (const [form, want] of forms) {
      expect(distance(at.value(form, shapeOf(want)), want)).toBeLessThanOrEqual(rtol);
    }
  },
  hessian(at, { hessian, rtol }) {
    if (hessian === undefined) return;
    const { of, wrt, closed_form, value } = hessian;
    expect(distance(at.hessian(of, wrt), value)).toBeLessThanOrEqual(rtol);
    expect(distance(at.value(closed_form, shapeOf(value)), value)).toBeLessThanOrEqual(rtol);
  },
  argmin(at, { argmin, rtol }) {
    if (argmin === undefined) return;
    const { of, variable, closed_form, value } = argmin;
    expect(distance(at.value(closed_form, shapeOf(value)), value)).toBeLessThanOrEqual(rtol);
    const best = tensor(value, { dtype: "float64" });
    const G = grad(at.function(of, [variable], []))(best).toArray();
    expect(
      distance(
        G,
        flat(value).map(() => 0),
      ),
    ).toBeLessThanOrEqual(rtol);
  },
  steps(at, { expr, wrt, steps, rtol }) {
    if (steps === undefined) return;
    const f = at.function(expr, [wrt], []);
    const step = (learningRate: number | Tensor) =>
      minimize(f, at.get(wrt), { optimizer: sgd({ learningRate }), steps: 1 }).x.toArray();
    const rates = tensor(steps.alpha_diag, { dtype: "float64" });
    expect(distance(step(steps.alpha), steps.y_next)).toBeLessThanOrEqual(rtol);
    expect(distance(step(rates), steps.y_next_diag)).toBeLessThanOrEqual(rtol);
  },
  // The gradient in the matrices of a structure is that of the function after the projection.
  structure(at, { expr, wrt, structure, rtol }) {
    if (structure === undefined) return;
    const { kind, projected_gradient, cookbook_gradient } = structure;
    const [, G] = at.gradient(expr, wrt, projections[kind]);
    expect(distance(G, projected_gradient)).toBeLessThanOrEqual(rtol);
    if (cookbook_gradient === undefined) return;
    // The partials in the free entries of the lower triangle, shown in both triangles.
    const [, free] = at.gradient(expr, wrt, fromLower);
    const L = tensor(free, { dtype: "float64" });
    expect(distance(fromLower(L).toArray(), cookbook_gradient)).toBeLessThanOrEqual(rtol);
  },
  // tracegrad is real: X = P + iQ as two matrices, Xᴴ = Pᵀ − iQᵀ.
  complex(_, { complex, rtol }) {
    if (complex === undefined) return;
    const part = (name: string): Tensor => tensor(complex[name] as Nested, { dtype: "float64" });
    const dXH = [t(part("dX_re")), neg(t(part("dX_im")))] as const;
    const printed = [t(part("dX_re")), t(part("dX_im"))] as const;
    ["re", "im"].forEach((name, i) => {
      const [right, wrong] = [dXH[i] as Tensor, printed[i] as Tensor];
      expect(distance(right.toArray(), complex[`d_XH_${name}`] as Nested)).toBeLessThanOrEqual(
        rtol,
      );
      const seen = complex[`printed_dXT_${name}`] as Nested;
      expect(distance(wrong.toArray(), seen)).toBeLessThanOrEqual(rtol);
    });
    const gaps = [0, 1].map((i) => flat(sub(dXH[i] as Tensor, printed[i] as Tensor).toArray()));
    const most = Math.max(...gaps.flat().map(Math.abs));
    expect(distance(most, complex.max_abs_difference_of_printed)).toBeLessThanOrEqual(rtol);
  },
};

const projections: Readonly<Record<string, (X: Tensor) => Tensor>> = {
  symmetric: (X) => X.add(t(X)).div(2),
  skew: (X) => X.sub(t(X)).div(2),
  lower: (X) => tril(X),
};

/** The symmetric matrix whose lower triangle is that of X. */
function fromLower(X: Tensor): Tensor {
  const L = tril(X);
  return L.add(t(L)).sub(mul(L, eye(X.shape[0] as number, { dtype: X.dtype })));
}

function transposed(rows: readonly (readonly number[])[]): number[][] {
  return (rows[0] ?? []).map((_, j) => rows.map((row) => row[j] as number));
}

/** What a printed right-hand side is worth, in the words of the data, and how far it is off. */
function judge(
  at: Case,
  record: GoldenRecord,
  { expr, compared_with }: Printed,
): [verdict: string, difference: number | null] {
  const { differential, rtol } = record;
  const want = compared_with === "differential" ? differential?.value : record[compared_with];
  const [m, n] = twoDimensional(shapeOf(want as Nested));
  const size = (): [number, number] => {
    try {
      at.program(expr, [m, n]);
      return [m, n];
    } catch (error) {
      if (!(error instanceof SizeError)) throw error;
      return at.size(expr);
    }
  };
  let own: readonly [number, number];
  try {
    own = size();
  } catch (error) {
    if (!(error instanceof SizeError)) throw error;
    return [`shape error in the formula itself: ${error.clash.join(" vs ")}`, null];
  }
  const [p, q] = own;
  const got = at.value(expr, [p, q]) as number[][];
  const wanted = flat(want as Nested);
  const off = (rows: number[][]) =>
    Math.max(...flat(rows).map((x, i) => Math.abs(x - (wanted[i] as number))));
  const close = rtol * Math.max(1, ...wanted.map(Math.abs));
  if (p === m && q === n && off(got) <= close) return ["equal", off(got)];
  const turned = transposed(got);
  if (p === n && q === m && off(turned) <= close) return ["transpose", off(turned)];
  if (p === m && q === n) return ["differs", off(got)];
  return [`shape mismatch: ${p}x${q}, should be ${m}x${n}`, null];
}

describe("golden, float64", () => {
  it.each(covered.map((record) => [record.id, record.expr, record] as const))(
    "%s  %s",
    (id, _, record) => {
      const at = new Case(record, "float64");
      checkGradient(at, record);
      for (const check of Object.values(fields)) check(at, record);
      float64.add(id);
    },
  );
});

describe("golden, float32 on the WASM backend", () => {
  it.each(tame.map((record) => [record.id, record.expr, record] as const))(
    "%s  %s",
    (id, _, record) => {
      checkGradient(new Case(record, "float32"), record, 1e-4);
      float32.add(id);
    },
  );
});

describe("golden, not covered", () => {
  it.each(Object.entries(uncovered))("%s overflows as it stands", (id, { instead }) => {
    const record = records.find((one) => one.id === id) as GoldenRecord;
    const at = new Case(record, "float64");
    const [y, G] = at.gradient(record.expr, record.wrt);
    const finite = [y, ...flat(G)].every(Number.isFinite);
    expect(finite, `${id} is finite now: take it off the list`).toBe(false);
    checkGradient(at, { ...record, expr: instead });
  });
});

describe("golden, the count", () => {
  it("runs or lists every record once", () => {
    const ids = records.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(uncovered)));
    expect(covered.length + Object.keys(uncovered).length).toBe(records.length);
    expect([...float64]).toEqual(covered.map(({ id }) => id));
    expect([...float32]).toEqual(tame.map(({ id }) => id));
  });

  afterAll(() => {
    const hard = covered.filter((record) => !tame.includes(record));
    const lines = [
      `golden: ${records.length} records, ${float64.size} covered in float64, ` +
        `${float32.size} in float32 (marked hard, float64 only: ` +
        `${hard.map(({ id }) => id).join(" ")}); not covered:`,
      ...Object.entries(uncovered).map(([id, { reason }]) => `  ${id}: ${reason}`),
    ];
    console.log(lines.join("\n"));
  });
});
