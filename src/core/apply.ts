import { constant, tensor } from "../tensor/create.js";
import { getDefaultDtype, promote } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import {
  type Handle,
  type Nested,
  requireInit,
  Tensor,
  type TensorLike,
} from "../tensor/tensor.js";
import { describe } from "../tensor/tree.js";
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

/** A tensor that an interpreter traces. */
export interface Traced extends Tensor {
  readonly source: Handle & { readonly owner: Interpreter };
}

/**
 * Applies an op to tensors, numbers or nested arrays: the one door all ops pass.
 *
 * @throws ShapeError as the op's shape rule says; UsageError for inputs that are no tensors.
 * @example
 * const { op } = ops.find(({ op }) => op.name === "mul");
 * apply(op, { A: [1, 2], B: 3 }).toArray(); // [3, 6]
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
 * const { op } = ops.find(({ op }) => op.name === "slogdet");
 * applyAll(op, { X: [[2, 0], [0, -1]] }).sign.item(); // -1
 */
export function applyAll<In extends string, Out extends string, A>(
  op: Op<In, Out, A>,
  inputs: ByName<In, TensorLike>,
  attrs?: A,
): { readonly [K in Out]: Tensor } {
  const outputs = run(op, tensorsOf(op, inputs), attrs);
  return Object.fromEntries(op.outputs.map((name, i) => [name, outputs[i]])) as never;
}

/** Dispatches on the innermost interpreter among the inputs. */
export function run(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
  let interpreter: Interpreter | null = null;
  for (const x of inputs) {
    const found = tracerOf(x);
    if (found !== null && found.level > (interpreter?.level ?? 0)) interpreter = found;
  }
  return interpreter === null ? evaluate(op, inputs, attrs) : interpreter.run(op, inputs, attrs);
}

/** The innermost interpreter that still traces `x`. */
function tracerOf(x: Tensor): Interpreter | null {
  let source = x.source;
  while ("owner" in source) {
    if (source.owner.level > 0) return source.owner as Interpreter;
    source = source.below.source;
  }
  return null;
}

/** `x` as the interpreter `owner` knows it, free of handles whose interpreter has ended. */
export function handleIn(owner: Interpreter, x: Tensor): Tensor {
  let at = x;
  while ("owner" in at.source && at.source.owner !== owner && at.source.owner.level === 0) {
    at = at.source.below;
  }
  return at;
}

/** The named inputs in the op's order, numbers and arrays made tensors of the dtype beside them. */
function tensorsOf(op: AnyOp, inputs: Readonly<Record<string, unknown>>): Tensor[] {
  const list: unknown[] = [];
  let plain = false;
  for (const name of op.inputs) {
    if (name.startsWith("...")) list.push(...(inputs[bare(name)] as unknown[]));
    else list.push(inputs[name]);
  }
  for (const x of list) if (!(x instanceof Tensor)) plain = true;
  return plain ? list.map((x, i) => adopt(op, list, x, i)) : (list as Tensor[]);
}

function adopt(op: AnyOp, list: readonly unknown[], x: unknown, i: number): Tensor {
  if (x instanceof Tensor) return x;
  requireInit(op.name);
  const name = op.inputs[rulePosition(op, i)];
  if (typeof x !== "number" && !Array.isArray(x)) {
    throw new UsageError(
      `${op.name}: ${name} is ${describe(x)}; a tensor, a number or nested arrays were wanted`,
    );
  }
  const values = x as Nested;
  if (op.selects[rulePosition(op, i)]) return tensor(values, { dtype: "int32" });
  const beside = list.filter(
    (y, j): y is Tensor => y instanceof Tensor && !op.selects[rulePosition(op, j)],
  );
  let dtype = beside.length === 0 ? getDefaultDtype() : beside.map((y) => y.dtype).reduce(promote);
  if (dtype === "bool") dtype = "int32";
  if (dtype === "int32" && !isWhole(values)) dtype = getDefaultDtype();
  return typeof x === "number" ? constant(x, dtype) : tensor(values, { dtype });
}

function isWhole(values: Nested): boolean {
  return typeof values === "number" ? Number.isInteger(values) : values.every(isWhole);
}
