import type { Notation } from "../core/op.js";
import { infix, name, power, prefix } from "../ops/notation.js";
import { Tape } from "../tape/tape.js";
import { UsageError } from "../tensor/errors.js";
import { requireOptions } from "../tensor/options.js";
import { requireInit, Tensor } from "../tensor/tensor.js";
import type { Layout } from "../transforms/layout.js";
import { term } from "./algebra.js";
import { Derivation } from "./derivation.js";
import { Differentiation, type Equality } from "./differential.js";
import { differential, type Expr, forget, number } from "./expr.js";
import { coefficientOf, jacobianOf } from "./jacobian.js";
import { innerAsWritten } from "./known.js";
import type { Problem, Variable } from "./problem.js";
import { product } from "./product.js";
import { distance, sampled } from "./sample.js";
import { simplify } from "./simplify.js";
import {
  type DeriveFunctionOptions,
  type DeriveOptions,
  fromFunction,
  fromText,
} from "./source.js";
import { isUnderWay } from "./symbolic.js";

/**
 * Derives the formula of a gradient, step by step: the differential is expanded by the ops' own rules,
 * brought to `df = tr(Gᵀ·dX)` and read off (Magnus and Neudecker, Matrix Differential Calculus). Of a
 * vector or matrix it is the Jacobian, on matrices row by row; by a scalar the derivative.
 *
 * A text is in the grammar of matrixcalculus.org. A function is run on symbols: it gets tensors that have
 * shapes but no numbers. `args` gives their shapes, by names such as `"m×n"` or by numbers.
 *
 * @throws ParseError or SizeError for a text that is no formula.
 * @throws UsageError where the function reads numbers, or the derivative is no formula of matrices.
 * @example
 * String(derive("tr(A*X)", { wrt: "X" }).gradient); // "Aᵀ"
 * String(derive("x'*A*x", { wrt: "x", kinds: { A: "symmetric matrix" } }).gradient); // "2·A·x"
 * const f = (X: Tensor, w: Tensor) => X.matmul(w).square().sum();
 * String(derive(f, { args: ["m×n", "n"], wrt: "w" }).gradient); // "2·Xᵀ·X·w"
 */
export function derive(text: string, options?: DeriveOptions): Derivation;
export function derive(
  f: (...args: Tensor[]) => Tensor,
  options: DeriveFunctionOptions,
): Derivation;
export function derive(
  f: string | ((...args: Tensor[]) => Tensor),
  options: DeriveOptions | DeriveFunctionOptions = {},
): Derivation {
  requireInit("derive");
  if (!isUnderWay()) forget();
  const own = typeof f === "string" ? ["shapes"] : ["args", "names"];
  const known = ["wrt", "layout", "kinds", ...own];
  const { wrt = 0, layout } = requireOptions("derive", options, known);
  const problem =
    typeof f === "string"
      ? fromText(f, options)
      : fromFunction(f, options as DeriveFunctionOptions);
  if (layout !== undefined && layout !== "numerator" && layout !== "denominator") {
    throw new UsageError(
      `derive: layout is ${JSON.stringify(layout)}; "numerator" and "denominator" are known`,
    );
  }
  return derivation(problem, problem.position(wrt), layout);
}

/** The derivative of a problem by one of its variables. */
function derivation(
  problem: Problem,
  at: number,
  layout: Layout | undefined,
  before: { readonly title: Notation; readonly by: string } | null = null,
): Derivation {
  const { symbols } = problem;
  const by = (problem.variables[at] as Variable).name;
  const title = before === null ? name("f") : prefix("∇", name("f"));
  const f = (d: string): Notation => prefix(d, name("f"));
  const d = (text: string): Notation => prefix("∂", name(text));
  const symbol =
    before === null
      ? infix("/", f("∂"), d(by))
      : infix(
          "/",
          f("∂²"),
          before.by === by ? prefix("∂", power(name(by), 2)) : infix("·", d(before.by), d(by)),
        );
  const again = (problem: Problem, at: number, layout?: Layout): Derivation =>
    derivation(problem, at, layout, { title, by });
  return symbols.during(() => {
    const x = problem.handles[at] as Tensor;
    const tape = new Tape();
    const y = problem.traced(() =>
      tape.record([x], ([handle]) => {
        const result = problem.f(...problem.handles.with(at, handle as Tensor));
        if (result instanceof Tensor) return result;
        throw new UsageError("derive: the function must return a tensor");
      }),
    );
    if (problem.text === null && problem.axes.names.length > 0) requireSameValue(problem, y);
    const dX = differential(symbols.of(x), `d${by}`);
    const pass = new Differentiation(symbols, tape, dX);
    const start = pass.of(y);
    const steps = pass.expanded(start);
    const last = steps.at(-1)?.e ?? start;
    const common = {
      problem,
      at,
      title,
      symbol,
      again,
      value: symbols.of(y),
      written: symbols.written(y)?.n ?? null,
      shape: y.shape,
      start,
    };
    if (y.size === 1) {
      const found = pass.traced(last);
      const derivative = verified(problem, found.gradient);
      if (problem.text === null && problem.axes.names.length > 0) requireValue(problem, derivative);
      const e = derivative.kind === "zero" ? number(0) : innerAsWritten(derivative, dX);
      const collected = { law: "read off", e };
      const column = x.rank === 1 ? [1, x.size] : x.shape.toReversed();
      return new Derivation({
        ...common,
        steps: [...steps, ...found.steps, collected],
        raw: found.gradient,
        derivative,
        own: "denominator",
        layout: layout ?? "denominator",
        shapes: { denominator: x.shape, numerator: column },
        kind: before === null ? "gradient" : "Hessian",
      });
    }
    const scalar = x.size === 1;
    const raw = scalar ? coefficientOf(last, dX, pass) : jacobianOf(last, dX, pass);
    const derivative = verified(problem, raw);
    const collected: Equality[] = [];
    if (scalar) collected.push({ law: "read off", e: term(1, [[dX, 1]], derivative) });
    else if (y.rank < 2 && x.rank < 2) {
      collected.push({ law: "read off", e: asWritten(derivative, dX) });
    }
    return new Derivation({
      ...common,
      steps: [...steps, ...collected],
      raw,
      derivative,
      own: scalar ? (layout ?? "numerator") : "numerator", // nothing to transpose
      layout: layout ?? "numerator",
      shapes: {
        numerator: [...y.shape, ...x.shape],
        denominator: [...x.shape, ...y.shape],
      },
      kind: before !== null ? "Hessian" : scalar ? "derivative" : "Jacobian",
    });
  });
}

function asWritten(J: Expr, dX: Expr): Expr {
  return product([J, dX]);
}

/** A derivative whose ops hold lengths that are no products of named ones cannot be used at others. */
function requireValue(problem: Problem, e: Expr): void {
  const isDefined = (of: (values: readonly Tensor[]) => Tensor): boolean =>
    sampled(problem, (values) => {
      const truth = of(values);
      return { ...distance(truth, truth), found: true, truth };
    }) !== null;
  if (isDefined((values) => problem.evaluator(values).of(e))) return;
  if (!isDefined((values) => problem.f(...values))) return;
  throw new UsageError(
    "derive: the derivative holds lengths that depend on those of the axes in a way that is not " +
      "understood; give the lengths as numbers, such as { args: [[3, 2], [2]] }",
  );
}

/** Constants that the function makes are seen for one length of each axis: others are tried. */
function requireSameValue(problem: Problem, y: Tensor): void {
  const compare = (of: (values: readonly Tensor[]) => Tensor) => (values: readonly Tensor[]) => {
    const truth = problem.f(...values);
    const { error, finite } = distance(of(values), truth);
    return { finite, found: error, truth };
  };
  if (
    sampled(
      problem,
      compare((values) => problem.f(...values)),
    ) === null
  )
    return;
  const e = problem.symbols.of(y);
  const error = sampled(
    problem,
    compare((values) => problem.evaluate(e, y.shape, values)),
  );
  if (error !== null && error < 1e-6) return;
  throw new UsageError(
    "derive: the function makes constants that depend on the lengths of its axes in a way that its " +
      "formula does not show; give the lengths as numbers, such as { args: [[3, 2], [2]] }",
  );
}

/** The formula simplified, if its values are the same; else as it is. */
function verified(problem: Problem, raw: Expr): Expr {
  const simple = simplify(raw);
  if (simple === raw) return raw;
  const error = sampled(problem, (values) => {
    const numbers = problem.evaluator(values);
    const truth = numbers.of(raw);
    const { error, finite } = distance(numbers.of(simple), truth);
    return { finite, found: error, truth };
  });
  return error !== null && error < 1e-9 ? simple : raw;
}
