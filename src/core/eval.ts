import { runKernel } from "../kernels/kernels.js";
import { flatten } from "../kernels/memory.js";
import { type DType, getDefaultDtype, isFloat, promote } from "../tensor/dtype.js";
import { type Shape, sameShape } from "../tensor/shape.js";
import type { Storage } from "../tensor/storage.js";
import { requireInit, Tensor } from "../tensor/tensor.js";
import { type AnyOp, byName, rulePosition } from "./op.js";

/** The interpreter at the bottom, for plain values: checks shapes, settles dtypes, runs the kernel. */
export function evaluate(op: AnyOp, values: readonly Tensor[], attrs: unknown): Tensor[] {
  requireInit(op.name);
  const shapes = outputShapes(op, values, attrs);
  const work = workingDtype(op, values);
  const dtype = outputDtype(op, work, attrs);
  if (op.view) {
    const { source } = values[0] as Tensor;
    flatten(op.name, source as Storage);
    return [new Tensor(shapes[0] as Shape, dtype, source)];
  }
  return runKernel(op, values, work, shapes, dtype, attrs);
}

/** How many combinations of shapes an op remembers. */
const REMEMBERED = 8;

/**
 * What the op's shape rule says of these inputs, or its ShapeError. A loop comes with the same shapes
 * again: these are looked up.
 */
export function outputShapes(
  op: AnyOp,
  inputs: readonly Tensor[],
  attrs: unknown,
): readonly Shape[] {
  if (attrs === undefined)
    for (const known of op.known) if (isFor(known.inputs, inputs)) return known.outputs;
  const shapes = inputs.map((x) => x.shape);
  const found = op.shape(byName(op, shapes), attrs);
  const outputs = op.outputs.length === 1 ? [found as Shape] : (found as readonly Shape[]);
  if (attrs !== undefined) return outputs;
  if (op.known.length === REMEMBERED) op.known.pop();
  op.known.unshift({ inputs: shapes, outputs });
  return outputs;
}

function isFor(shapes: readonly Shape[], inputs: readonly Tensor[]): boolean {
  if (shapes.length !== inputs.length) return false;
  for (let i = 0; i < shapes.length; i++)
    if (!sameShape(shapes[i] as Shape, (inputs[i] as Tensor).shape)) return false;
  return true;
}

/** The dtype that the inputs are promoted to. */
export function workingDtype(op: AnyOp, inputs: readonly Tensor[]): DType {
  let dtype: DType | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const own = (inputs[i] as Tensor).dtype;
    if (own !== dtype && !op.selects[rulePosition(op, i)]) {
      dtype = dtype === null ? own : promote(dtype, own);
    }
  }
  dtype ??= "bool";
  if (op.dtype === "float" && !isFloat(dtype)) return getDefaultDtype();
  return op.dtype === "number" && dtype === "bool" ? "int32" : dtype;
}

export function outputDtype(op: AnyOp, work: DType, attrs: unknown): DType {
  const { dtype } = op;
  if (dtype === "float" || dtype === "same" || dtype === "number") return work;
  return typeof dtype === "function" ? dtype(attrs) : dtype;
}
