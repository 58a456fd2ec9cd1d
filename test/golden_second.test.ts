import { describe, expect, it } from "vitest";
import {
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  type Nested,
  type Tensor,
  tensor,
  vjp,
} from "../src/index.js";
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
    (_, expr, r) => {
      const at = new Case(r, "float64");
      const close = (got: Nested, want: Nested, tolerance = r.rtol) =>
        expect(distance(got, want, r.scale)).toBeLessThanOrEqual(tolerance);
      const [y, G] = at.gradient(expr, r.wrt);
      close(y, r.value);
      close(G, r.gradient);

      const f = at.function(expr, [r.wrt], []);
      const x = at.get(r.wrt);
      const n = x.size;
      const H = hessian(f)(x);
      expect(H.shape).toEqual([...x.shape, ...x.shape]);
      expect(shapeOf(r.hessian)).toEqual(r.hessian_shape);
      const rows = H.reshape([n, n]);
      close(flat(rows.toArray()), flat(r.hessian));
      const symmetry = distance(rows.toArray(), rows.T.toArray(), r.scale);
      expect(symmetry).toBeLessThanOrEqual(1e-12);

      // The sweeps, whatever structure was found, forward over reverse and reverse over reverse.
      for (const mode of ["forward", "reverse"] as const) {
        const swept = jacobian(grad(f), { mode })(x);
        close(flat(swept.toArray()), flat(r.hessian));
      }
      const operator = hessian(f, { form: "operator" })(x);
      const v = wide(r.direction);
      close(operator.value.item(), r.value);
      close(operator.gradient.toArray(), r.gradient);
      close(operator.apply(v).toArray(), r.hvp);
      close(flat(operator.dense().toArray()), flat(r.hessian));

      close((hvp(f, [x], [v])[0] as Tensor).toArray(), r.hvp);
      close(grad((x: Tensor) => jvp(f, [x], [v])[1])(x).toArray(), r.hvp);
      close(grad((x: Tensor) => grad(f)(x).mul(v).sum())(x).toArray(), r.hvp);

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
    (_, expr, r) => {
      const at = new Case(r, "float64");
      const close = (got: Nested, want: Nested) =>
        expect(distance(got, want, r.scale)).toBeLessThanOrEqual(r.rtol);
      const f = at.function(expr, [r.wrt], r.value_shape);
      const x = at.get(r.wrt);
      close(f(x).toArray(), r.value);

      for (const mode of [undefined, "forward", "reverse"] as const) {
        const J = jacobian(f, mode && { mode })(x);
        expect(J.shape).toEqual([...r.value_shape, ...x.shape]);
        close(flat(J.toArray()), flat(r.jacobian));
      }
      const J = jacobian(f, { form: "operator" })(x);
      close(J.matrix({ order: "row" }).toArray(), r.jacobian);
      const columns = J.matrix().toArray();
      // A vector's columns are its rows; where both are vectors there is one Jacobian.
      if (r.jacobian_colmajor !== undefined) close(columns, r.jacobian_colmajor);
      if (r.closed_form_colmajor !== null) {
        close(at.value(r.closed_form_colmajor, shapeOf(columns)), columns);
      }

      const [dx, Ybar] = [wide(r.jvp_direction), wide(r.vjp_direction)];
      close(jvp(f, [x], [dx])[1].toArray(), r.jvp);
      close(linearize(f, x)[1](dx).toArray(), r.jvp);
      close(J.apply(dx).toArray(), r.jvp);
      close((vjp(f, x)[1](Ybar)[0] as Tensor).toArray(), r.vjp);
    },
  );
});
