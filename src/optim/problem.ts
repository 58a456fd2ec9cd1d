import { DomainError, type Tensor, UsageError } from "../index.js";

/** The second derivatives of a function at one place, as a linear operator on its parameters. */
export interface Curvature<P> {
  /** `H V` */
  apply(V: P): P;
  /** The `P` with `H P = G`. */
  solve(G: P): P;
}

/** What is known of a function at one place. */
export interface Evaluation<P> {
  readonly value: Tensor;
  readonly gradient: P;
  readonly hessian?: Curvature<P>;
}

/** What an optimizer is told of the function, beside the gradient at the parameters. */
export interface Problem<P> {
  readonly f: (x: P) => Tensor;
  /** The function at the parameters. */
  readonly value: Tensor;
  /** Its Hessian there: `hessian(f, { form: "operator" })(params)`. */
  readonly hessian?: Curvature<P>;
}

/** The problem, and the function's value as a number. */
export function requireProblem<P>(
  name: string,
  problem: Problem<P> | undefined,
): { readonly f: (x: P) => Tensor; readonly value: number } {
  if (typeof problem?.f !== "function" || problem.value === undefined) {
    throw new UsageError(
      `${name}: it evaluates the function along its way; pass { f, value } as fourth argument of ` +
        "update, with the value at the parameters, or use minimize, which does",
    );
  }
  const value = problem.value.item();
  if (Number.isFinite(value)) return { f: problem.f, value };
  throw new DomainError(`${name}: the value is ${value}; a finite one was wanted to start from`);
}
