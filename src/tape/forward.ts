import { run } from "../core/apply.js";
import { type AnyRule, bare, rulePosition } from "../core/op.js";
import { add, mul } from "../ops/arithmetic.js";
import { broadcastTo } from "../ops/reshape.js";
import { type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { contextOf, ruleOf } from "./sweep.js";
import type { Entry, Tape } from "./tape.js";

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
  const at = (slot: { entry: number; output: number } | null): Tensor | null => {
    if (slot === null) return null;
    return (slot.entry < 0 ? tangents[slot.output] : dots[slot.entry]?.[slot.output]) ?? null;
  };
  for (const entry of tape.entries) {
    const list = entry.outputs.map((shape, output) => {
      let dY: Tensor | null = null;
      entry.from.forEach((slot, position) => {
        const dX = at(slot);
        const rule = ruleOf(entry, position, output);
        if (dX === null || "constant" in rule) return;
        const part = spread(differential(rule, entry, position, output, dX), shape);
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
  if ("d" in rule) return rule.d(entry.saved, dX, contextOf(entry, position));
  if ("slope" in rule) return mul(rule.slope(entry.saved, contextOf(entry, position)), dX);
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

/** An input that was broadcast has a tangent of its own shape; the output's is larger. */
function spread(dY: Tensor, shape: Shape): Tensor {
  return sameShape(dY.shape, shape) ? dY : broadcastTo(dY, shape);
}
