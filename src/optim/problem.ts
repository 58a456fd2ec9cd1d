import { DomainError, hessian, type Tensor, UsageError, valueAndGrad } from "../index.js";
import { requireScalar } from "./start.js";

/** The Hessian of a function at one place, as `hessian(f, { form: "operator" })(x)` gives it. */
export interface Curvature<P> {
  /** Whether `solve` may know a shorter way than by the matrix. */
  readonly structured: boolean;
  /** `H V` */
  apply(V: P): P;
  /** The `V` with `(H + shift·I) V = G`. */
  solve(G: P, options?: { readonly shift?: number }): P;
  /** H for all parameters as one vector, the entries of each row by row. */
  matrix(options: { readonly order: "row" }): Tensor;
}

/** What is known of a function at one place. */
export interface Evaluation<P> {
  readonly value: Tensor;
  readonly gradient: P;
  readonly hessian?: Curvature<P> | undefined;
}

/** What an optimizer is told of the function, beside the gradient at the parameters. */
export interface Problem<P> {
  readonly f: (x: P) => Tensor;
  /** The function at the parameters. */
  readonly value: Tensor;
  /** Its Hessian there: `hessian(f, { form: "operator" })(params)`. */
  readonly hessian?: Curvature<P> | undefined;
  /**
   * Evaluates the function with all that the next step needs; `minimize` passes it. An optimizer that
   * wants the value alone uses it, too, where the next step will most likely start from there.
   */
  readonly evaluate?: ((x: P) => Evaluation<P>) | undefined;
}

/**
 * Evaluates a function with its gradient, and with its Hessian if that is wanted, in one sweep; `name` is
 * who says so where it gives no scalar.
 */
export function evaluation<P>(
  name: string,
  f: (x: P) => Tensor,
  curvature: boolean,
): (x: P) => Evaluation<P> {
  const scalar = (x: P): Tensor => requireScalar(name, f(x));
  if (curvature) {
    const H = hessian(scalar, { form: "operator" });
    return (x) => {
      const there = H(x);
      return {
        value: there.value,
        gradient: there.gradient as P,
        hessian: there as unknown as Curvature<P>,
      };
    };
  }
  const both = valueAndGrad(scalar);
  return (x) => {
    const [value, gradient] = both(x);
    return { value, gradient: gradient as P };
  };
}

/** Demands the function, and a finite value of it. */
export function requireProblem<P>(
  name: string,
  problem: Problem<P> | undefined,
): asserts problem is Problem<P> {
  if (typeof problem?.f !== "function" || problem.value === undefined) {
    throw new UsageError(
      `${name}: it evaluates the function along its way; pass { f, value } as fourth argument of ` +
        "update, with the value at the parameters, or use minimize, which does",
    );
  }
  const value = problem.value.item();
  if (Number.isFinite(value)) return;
  throw new DomainError(`${name}: the value is ${value}; a finite one was wanted to start from`);
}
