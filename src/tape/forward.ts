import { run } from "../core/apply.js";
import type { AnyRule } from "../core/op.js";
import { add, mul } from "../ops/arithmetic.js";
import type { Tensor } from "../tensor/tensor.js";
import { RuleContext, ruleOf, spread } from "./sweep.js";
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
  const wanted = wantedOf(tape, outputs);
  tape.entries.forEach((entry, i) => {
    const list = entry.outputs.map(({ shape, dtype }, output) => {
      if (!wanted[i]?.[output]) return null;
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
  });
  return outputs.map((y) => at(tape.slotOf(y)));
}

/**
 * Which outputs of which entries lead to `outputs`. The others may have no derivative, as the vectors
 * of coinciding eigenvalues, and are passed over as the backward pass does.
 */
function wantedOf(tape: Tape, outputs: readonly Tensor[]): boolean[][] {
  const wanted = tape.entries.map((): boolean[] => []);
  const want = (slot: Slot | null): void => {
    if (slot !== null && slot.entry >= 0) (wanted[slot.entry] as boolean[])[slot.output] = true;
  };
  for (const y of outputs) want(tape.slotOf(y));
  for (let i = wanted.length - 1; i >= 0; i--) {
    if (wanted[i]?.includes(true)) tape.entries[i]?.from.forEach(want);
  }
  return wanted;
}

/** What the rule of an input says of the tangent of an output. */
export function differential(
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
  const inputs = entry.inputs.map((x, i) => (i === position ? dX : x));
  return run(entry.op, inputs, entry.attrs)[output] as Tensor;
}
