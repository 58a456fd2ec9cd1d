import { runKernel } from "../kernels/kernels.js";
import { flatten } from "../kernels/memory.js";
import { type DType, getDefaultDtype, isFloat, promote } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { requireInit, Tensor } from "../tensor/tensor.js";
import { type AnyOp, byName, rulePosition } from "./op.js";

/** The interpreter at the bottom: checks shapes, settles dtypes, runs the kernel. */
export function evaluate(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Tensor[] {
  requireInit(op.name);
  const values = inputs.map(plain);
  const shapes = outputShapes(op, values, attrs);
  const work = workingDtype(op, values);
  const dtype = outputDtype(op, work, attrs);
  if (op.view) {
    const { source } = values[0] as Tensor;
    flatten(op.name, source as Storage);
    return shapes.map((shape) => new Tensor(shape, dtype, source));
  }
  return runKernel(op, values, work, shapes, dtype, attrs);
}

/** The value under handles whose interpreters have ended. */
function plain(x: Tensor): Tensor {
  let value = x;
  while (!(value.source instanceof Storage)) value = value.source.below;
  return value;
}

/** What the op's shape rule says of these inputs, or its ShapeError. */
export function outputShapes(op: AnyOp, inputs: readonly Tensor[], attrs: unknown): Shape[] {
  const named = byName(
    op,
    inputs.map((x) => x.shape),
  );
  const shapes = op.shape(named, attrs);
  return op.outputs.length === 1 ? [shapes as Shape] : [...(shapes as readonly Shape[])];
}

/** The dtype that the inputs are promoted to. */
function workingDtype(op: AnyOp, inputs: readonly Tensor[]): DType {
  let dtype: DType = "bool";
  inputs.forEach((x, i) => {
    if (!op.selects[rulePosition(op, i)]) dtype = promote(dtype, x.dtype);
  });
  if (op.dtype === "float" && !isFloat(dtype)) return getDefaultDtype();
  return op.dtype === "number" && dtype === "bool" ? "int32" : dtype;
}

function outputDtype(op: AnyOp, work: DType, attrs: unknown): DType {
  if (typeof op.dtype === "function") return op.dtype(attrs);
  return ["same", "number", "float"].includes(op.dtype) ? work : (op.dtype as DType);
}
