import { describe, expect, it } from "vitest";
import { grad, jvp, type Nested, type Tensor, tensor, vjp } from "../src/index.js";
import {
  Case,
  distance,
  flat,
  type HessianRecord,
  type JacobianRecord,
  load,
  shapeOf,
} from "./support/golden.js";

const wide = (values: Nested): Tensor => tensor(values, { dtype: "float64" });

describe("golden, Hessians", () => {
  const records = load<HessianRecord>("hessians");

  it.each(records.map((record) => [record.id, record.expr, record] as const))(
    "%s  %s",
    (_, f, r) => {
      const at = new Case(r, "float64");
      const close = (got: Nested, want: Nested) =>
        expect(distance(got, want, r.scale)).toBeLessThanOrEqual(r.rtol);
      const [y, G] = at.gradient(f, r.wrt);
      close(y, r.value);
      close(G, r.gradient);
      const n = at.get(r.wrt).size;
      const H = at.hessian(f, r.wrt);
      expect(shapeOf(r.hessian)).toEqual(r.hessian_shape);
      close(flat(H), flat(r.hessian));
      close(H, transposed(H));
      const gradient = grad(at.function(f, [r.wrt], []));
      const [, Hd] = jvp(gradient, [at.get(r.wrt)], [wide(r.direction)]);
      close(Hd.toArray(), r.hvp);
      const hvp = grad((x: Tensor) => gradient(x).mul(wide(r.direction)).sum());
      close(hvp(at.get(r.wrt)).toArray(), r.hvp);
      if (r.closed_form_gradient !== null) {
        close(at.value(r.closed_form_gradient, shapeOf(r.gradient)), r.gradient);
      }
      if (r.closed_form_hessian !== null) {
        close(flat(at.value(r.closed_form_hessian, [n, n])), flat(r.hessian));
      }
    },
  );
});

describe("golden, Jacobians", () => {
  const records = load<JacobianRecord>("jacobians");

  it.each(records.map((record) => [record.id, record.expr, record] as const))(
    "%s  %s",
    (_, f, r) => {
      const at = new Case(r, "float64");
      const close = (got: Nested, want: Nested) =>
        expect(distance(got, want, r.scale)).toBeLessThanOrEqual(r.rtol);
      const own = at.function(f, [r.wrt], r.value_shape);
      const x = at.get(r.wrt);
      close(own(x).toArray(), r.value);
      const J = at.jacobian(f, r.wrt);
      close(J, r.jacobian);
      const columns = byColumns(J, r.value_shape, x.shape);
      if (r.jacobian_colmajor !== undefined) close(columns, r.jacobian_colmajor);
      if (r.closed_form_colmajor !== null) {
        close(at.value(r.closed_form_colmajor, shapeOf(columns)), columns);
      }
      close(jvp(own, [x], [wide(r.jvp_direction)])[1].toArray(), r.jvp);
      close(vjp(own, x)[1](wide(r.vjp_direction))[0].toArray(), r.vjp);
    },
  );
});

function transposed(rows: readonly (readonly number[])[]): number[][] {
  return (rows[0] ?? []).map((_, j) => rows.map((row) => row[j] as number));
}

/** A Jacobian of row-major flattenings as one of column-major flattenings, as vec() makes them. */
function byColumns(
  J: readonly (readonly number[])[],
  ofValue: readonly number[],
  ofArgument: readonly number[],
): number[][] {
  const columns = order(ofArgument);
  return order(ofValue).map((i) => columns.map((j) => J[i]?.[j] as number));
}

/** Where the k-th entry by columns stands by rows. */
function order([m = 1, n = 1]: readonly number[]): number[] {
  return Array.from({ length: m * n }, (_, k) => (k % m) * n + Math.floor(k / m));
}
