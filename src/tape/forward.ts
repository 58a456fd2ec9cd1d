import { run } from "../core/apply.js";
import { type AnyRule, bare, rulePosition } from "../core/op.js";
import { add, mul } from "../ops/arithmetic.js";
import { cast } from "../ops/compare.js";
import { broadcastTo } from "../ops/reshape.js";
import type { DType } from "../tensor/dtype.js";
import { type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { RuleContext, ruleOf } from "./sweep.js";
import type { Entry, Slot, Tape } from "./tape.js";

/**
 * The forward pass: carries tangents of the tape's inputs through the differential rules, first op
 * first, and gives those of `outputs`, null where an output does not depend on the inputs.
 */
export function pushForward(
  tape: Tape,
  outputs: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
): (Tensor | null)[] {
  const dots: (Tensor | null)[][] = [];
  const at = (slot: Slot | null): Tensor | null => {
    if (slot === null) return null;
    if (slot.entry >= 0) return dots[slot.entry]?.[slot.output] ?? null;
    const [dX, x] = [tangents[slot.output], tape.inputs[slot.output] as Tensor];
    return dX ? spread(dX, x.shape, x.dtype) : null;
  };
  for (const entry of tape.entries) {
    const list = entry.outputs.map(({ shape, dtype }, output) => {
      let dY: Tensor | null = null;
      entry.from.forEach((slot, position) => {
        const dX = at(slot);
        const rule = ruleOf(entry, position, output);
        if (dX === null || rule.constant !== undefined) return;
        const part = spread(differential(rule, entry, position, output, dX), shape, dtype);
        dY = dY === null ? part : add(dY, part);
      });
      return dY;
    });
    dots.push(list);
  }
  return outputs.map((y) => at(tape.slotOf(y)));
}

function differential(
  rule: AnyRule,
  entry: Entry,
  position: number,
  output: number,
  dX: Tensor,
): Tensor {
  if (rule.d !== undefined) return rule.d(entry.saved, dX, new RuleContext(entry, position));
  if (rule.slope !== undefined) {
    return mul(rule.slope(entry.saved, new RuleContext(entry, position)), dX);
  }
  // Linear in X: dY is the op itself, with dX in the place of X.
  const inputs = entry.inputs.map((_, i) => (i === position ? dX : other(entry, i)));
  return run(entry.op, inputs, entry.attrs)[output] as Tensor;
}

function other(entry: Entry, position: number): Tensor {
  const at = rulePosition(entry.op, position);
  const name = entry.op.inputs[at] as string;
  const value = entry.saved[bare(name)];
  return (name.startsWith("...") ? (value as readonly Tensor[])[position - at] : value) as Tensor;
}

/** An input that was broadcast or promoted has a tangent of its own shape and dtype. */
function spread(dY: Tensor, shape: Shape, dtype: DType): Tensor {
  const wide = sameShape(dY.shape, shape) ? dY : broadcastTo(dY, shape);
  return wide.dtype === dtype ? wide : cast(wide, dtype);
}
