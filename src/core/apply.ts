import { adoptAll } from "../tensor/create.js";
import { UsageError } from "../tensor/errors.js";
import { Storage } from "../tensor/storage.js";
import { plainOf, Tensor, type TensorLike } from "../tensor/tensor.js";
import { evaluate } from "./eval.js";
import { type AnyOp, type ByName, bare, type Op, rulePosition } from "./op.js";

/**
 * Something that gives ops a meaning: a tape records them, the evaluator at the bottom runs kernels.
 * Interpreters nest: the one with the highest level that traces an input runs the op.
 */
export interface Interpreter {
  /** Its depth from 1, or 0 once it has ended and its handles are plain values again. */
  readonly level: number;
  run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[];
}

/**
 * Applies an op to tensors, numbers or nested arrays: the one door all ops pass.
 *
 * @throws ShapeError as the op's shape rule says; UsageError for inputs that are no tensors, and for
 *   what is no op.
 * @example
 * const [op] = ops.flatMap(({ op }) => (op.name === "mul" ? [op] : []));
 * op && apply(op, { A: [1, 2], B: 3 }).toArray(); // [3, 6]
 */
export function apply<In extends string, A>(
  op: Op<In, string, A>,
  inputs: ByName<In, TensorLike>,
  attrs?: A,
): Tensor {
  return run(op, tensorsOf(op, inputs), attrs)[0] as Tensor;
}

/**
 * The same for an op of several outputs, by their names.
 *
 * @throws As `apply` does.
 * @example
 * const [op] = ops.flatMap(({ op }) => (op.name === "slogdet" ? [op] : []));
 * op && applyAll(op, { X: [[2, 0], [0, -1]] }).sign?.item(); // -1
 */
export function applyAll<In extends string, Out extends string, A>(
  op: Op<In, Out, A>,
  inputs: ByName<In, TensorLike>,
  attrs?: A,
): { readonly [K in Out]: Tensor } {
  const named: Record<string, Tensor> = {};
  run(op, tensorsOf(op, inputs), attrs).forEach((y, i) => {
    named[op.outputs[i] as string] = y;
  });
  return named as never;
}

/** Has the innermost interpreter among the inputs run the op, or the evaluator if there is none. */
export function run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
  let innermost: Interpreter | null = null;
  let level = 0;
  let plain = true;
  for (const x of inputs) {
    // Handles whose interpreter has ended (level 0) are the plain values below them.
    for (let { source } = x; !(source instanceof Storage); source = source.below.source) {
      plain = false;
      if (source.owner.level === 0) continue;
      if (source.owner.level > level) {
        innermost = source.owner as Interpreter;
        level = innermost.level;
      }
      break;
    }
  }
  if (innermost !== null) return innermost.run(op, inputs, attrs);
  return evaluate(op, plain ? inputs : inputs.map(plainOf), attrs);
}

/** The named inputs in the op's order, numbers and arrays made tensors of the dtype beside them. */
function tensorsOf(op: AnyOp, inputs: Readonly<Record<string, unknown>>): Tensor[] {
  if (!op?.known || !inputs) {
    throw new UsageError("apply: an op, as defineOp gives it, and its inputs by name were wanted");
  }
  const list: unknown[] = op.variadic
    ? op.inputs.flatMap((name: string) =>
        name.startsWith("...") ? inputs[bare(name)] : [inputs[name]],
      )
    : op.inputs.map((name: string) => inputs[name]);
  if (list.every((x) => x instanceof Tensor)) return list as Tensor[];
  return adoptAll(
    op.name,
    list,
    list.map((_, i) => op.inputs[rulePosition(op, i)]),
    list.map((_, i) => op.selects[rulePosition(op, i)] as boolean),
  );
}
