import { DtypeError, mapTree, type Tensor, UsageError } from "../index.js";
import { said } from "./options.js";

/** A step `s`, the change `y` of the gradient along it, and `⟨s, y⟩`; trees are taken as vectors. */
export interface Pair {
  readonly s: Tensor;
  readonly y: Tensor;
  readonly sy: number;
}

/**
 * What an optimizer remembers between steps: whose state it is, how many steps there were, and its
 * running averages. All of it is plain values and tensors: saved and loaded, it goes on with the same
 * numbers.
 */
export interface OptimizerState {
  /** The name of the optimizer. */
  readonly optimizer: string;
  readonly steps: number;
  /** For each kind of average one tensor for each parameter. */
  readonly averages: readonly (readonly Tensor[])[];
  /** The last steps, the oldest first, where the optimizer learns the curvature from them. */
  readonly pairs?: readonly Pair[];
}

/** A state belongs to its optimizer and to the parameters it was made for. */
export function requireState(
  name: string,
  averages: number,
  params: readonly Tensor[],
  state: OptimizerState,
): void {
  if (isOf(name, state) && state.averages?.length === averages && areFor(params, state)) return;
  throw foreign(name, state);
}

/** Whether a state is one of the optimizer, whatever it is for. */
export function isOf(name: string, state: OptimizerState): boolean {
  return state?.optimizer === name && Number.isInteger(state.steps) && state.steps >= 0;
}

function areFor(params: readonly Tensor[], { averages }: OptimizerState): boolean {
  for (const list of averages) {
    if (list.length !== params.length) return false;
    for (let i = 0; i < list.length; i++) {
      if (!isLike(list[i] as Tensor, params[i] as Tensor)) return false;
    }
  }
  return true;
}

function isLike({ shape, dtype }: Tensor, p: Tensor): boolean {
  if (dtype !== p.dtype) return false;
  return shape === p.shape || (shape?.length === p.rank && shape.every((n, i) => n === p.shape[i]));
}

/** That a state is not one of an optimizer for these parameters, and what it is if it says so. */
export function foreign(name: string, state: OptimizerState): UsageError {
  const own: unknown = state?.optimizer;
  const what =
    typeof own !== "string"
      ? `what came, ${said(state)}, is no state`
      : own === name
        ? `what came is a state of ${name} for others`
        : `what came is a state of ${own}`;
  return new UsageError(
    `${name}: the state is not one of ${name} for these parameters; ` +
      `start with init(params), and pass on what update returns (${what})`,
  );
}

/** Parameters that can be moved a little are float32 or float64. */
export function requireFloats(name: string, list: readonly Tensor[], params: unknown): void {
  for (let i = 0; i < list.length; i++) {
    const { dtype } = list[i] as Tensor;
    if (dtype === "float32" || dtype === "float64") continue;
    const path = pathsOf(params)[i];
    throw new DtypeError(
      `${name}: ${path ? `the parameter ${path}` : "the parameter"} is ${dtype}, and steps are ` +
        'fractions; use .cast("float32"), or keep it out of the parameters',
    );
  }
}

/** The paths of the tensors of a tree, in the order of `leaves`. */
export function pathsOf(tree: unknown): string[] {
  const paths: string[] = [];
  mapTree(tree, (leaf, path) => {
    paths.push(path);
    return leaf;
  });
  return paths;
}
