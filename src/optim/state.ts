import { said } from "../checks/said.js";
import { DtypeError, mapTree, Tensor, UsageError } from "../index.js";

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
  if (!isOf(name, state)) throw foreign(name, state);
  const why = misfit(averages, params, state.averages);
  if (why !== null) throw foreign(name, state, why);
}

/** Whether a state is one of the optimizer, whatever it is for. */
export function isOf(name: string, state: OptimizerState): boolean {
  return state?.optimizer === name && Number.isInteger(state.steps) && state.steps >= 0;
}

/** In what averages are not those of the parameters; null where they are. */
function misfit(
  count: number,
  params: readonly Tensor[],
  averages: OptimizerState["averages"],
): string | null {
  if (averages?.length !== count)
    return `it has ${averages?.length} kinds of averages, not ${count}`;
  for (let k = 0; k < count; k++) {
    const list = averages[k];
    if (list?.length !== params.length) {
      return `averages[${k}] is for ${list?.length} parameters, not ${params.length}`;
    }
    for (let i = 0; i < params.length; i++) {
      const [own, p] = [list[i], params[i]] as [Tensor, Tensor];
      if (isLike(own, p)) continue;
      const what = own instanceof Tensor ? `${own.dtype} [${own.shape.join(", ")}]` : said(own);
      return `averages[${k}][${i}] is ${what}, the parameter ${p.dtype} [${p.shape.join(", ")}]`;
    }
  }
  return null;
}

function isLike(a: Tensor, p: Tensor): boolean {
  if (a?.dtype !== p.dtype) return false;
  return a.shape === p.shape || (a.rank === p.rank && a.shape.every((n, i) => n === p.shape[i]));
}

/** That a state is not one of an optimizer for these parameters, and why, or whose it is. */
export function foreign(name: string, state: OptimizerState, why?: string): UsageError {
  const own: unknown = state?.optimizer;
  const reason =
    own !== name && typeof own === "string"
      ? `what came is a state of ${own}`
      : own !== name
        ? `what came, ${said(state)}, is no state`
        : (why ?? `steps is ${said(state.steps)}`);
  return new UsageError(
    `${name}: the state is not one of ${name} for these parameters; ` +
      `start with init(params), and pass on what update returns (${reason})`,
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
