import { type AnyRule, byName, type Context, rulePosition } from "../core/op.js";
import { add, mul, sub } from "../ops/arithmetic.js";
import { cast, equal, notEqual, where } from "../ops/compare.js";
import { sum } from "../ops/reduce.js";
import { broadcastTo, reshape } from "../ops/reshape.js";
import type { DType } from "../tensor/dtype.js";
import { requireFinite } from "../tensor/finite.js";
import { broadcast, type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Entry, Slot, Tape } from "./tape.js";

/**
 * The backward pass: carries the cotangents of `outputs` (Ȳ, in the sense df = ⟨Ȳ, dY⟩) through the
 * adjoint rules, last op first, and gives those of the tape's inputs, null where none arrives.
 *
 * On the way a cotangent may be smaller than its value, and stand for itself repeated, as that of a
 * sum does: the rules that need it whole get it so.
 */
export function pullBack(
  tape: Tape,
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
): (Tensor | null)[] {
  const { entries } = tape;
  const ofInputs: (Tensor | null)[] = tape.inputs.map(() => null);
  const masked = entries.some((entry) => entry.op.masks);
  const bars: (Tensor | null)[][] = [];
  const arrive = ({ entry, output }: Slot, bar: Tensor): void => {
    let list = ofInputs;
    if (entry >= 0) {
      bars[entry] ??= new Array((entries[entry] as Entry).outputs.length);
      list = bars[entry];
    }
    const before = list[output];
    list[output] = before == null ? bar : add(before, bar);
  };
  outputs.forEach((y, i) => {
    const slot = tape.slotOf(y);
    if (slot !== null) arrive(slot, restore(cotangents[i] as Tensor, y.shape, y.dtype));
  });
  for (let at = entries.length - 1; at >= 0; at--) {
    const list = bars[at];
    if (list === undefined) continue;
    const entry = entries[at] as Entry;
    const { saved } = entry;
    for (let output = 0; output < list.length; output++) {
      const Ybar = list[output];
      if (Ybar == null) continue;
      const { shape: whole } = entry.outputs[output] as Tensor;
      for (let position = 0; position < entry.from.length; position++) {
        const slot = entry.from[position];
        const rule = ruleOf(entry, position, output);
        if (slot == null || rule.constant !== undefined) continue;
        const { shape, dtype } = entry.inputs[position] as Tensor;
        // Only a slope between equal shapes may see a cotangent that is not repeated yet.
        const full = rule.slope && sameShape(shape, whole) ? Ybar : spread(Ybar, whole);
        const Xbar = adjoint(rule, saved, full, new RuleContext(entry, position), masked);
        if (tape.options.anomaly) requireFinite(`the adjoint of ${entry.op.name}`, [Xbar]);
        arrive(slot, restore(Xbar, shape, dtype));
      }
    }
    bars[at] = [];
  }
  return ofInputs.map((bar, i) => bar && spread(bar, (tape.inputs[i] as Tensor).shape));
}

/** A tangent or cotangent of what was broadcast or promoted, in the shape and dtype of that. */
export function spread(x: Tensor, shape: Shape, dtype = x.dtype): Tensor {
  const wide = sameShape(x.shape, shape) ? x : broadcastTo(x, shape);
  return wide.dtype === dtype ? wide : cast(wide, dtype);
}

export function ruleOf(entry: Entry, position: number, output: number): AnyRule {
  return entry.op.rules[rulePosition(entry.op, position)]?.[output] as AnyRule;
}

/** The cotangent that a rule makes for its input. */
export function adjoint(
  rule: AnyRule,
  saved: Entry["saved"],
  Ybar: Tensor,
  context: RuleContext,
  masked: boolean,
): Tensor {
  const { adj = rule.linear, slope: slopeOf } = rule;
  if (adj !== undefined) return adj(saved, Ybar, context);
  if (slopeOf === undefined) throw new Error("a constant rule has no adjoint");
  const slope = slopeOf(saved, context);
  return mul(Ybar, masked ? tame(slope, Ybar) : slope);
}

/**
 * Behind a `where` the cotangent of a discarded element is 0, and 0 times a slope that is not finite
 * would be NaN: there the slope counts as 0. Elsewhere it stays as it is, for higher orders too.
 */
function tame(slope: Tensor, Ybar: Tensor): Tensor {
  const wild = notEqual(sub(slope, slope), 0); // ∞ − ∞ and NaN − NaN are NaN
  return where(wild, where(equal(Ybar, 0), 0, slope), slope);
}

/** What a rule knows besides the saved values; most rules do not ask. */
export class RuleContext implements Context<string, unknown> {
  readonly index: number;

  constructor(
    private readonly entry: Entry,
    position: number,
  ) {
    this.index = position - rulePosition(entry.op, position);
  }

  get attrs(): unknown {
    return this.entry.attrs;
  }

  get shapes(): Context<string, unknown>["shapes"] {
    const { op, inputs, outputs } = this.entry;
    const shapes = (list: readonly Tensor[]): Shape[] => list.map((x) => x.shape);
    return byName(op, shapes(inputs), shapes(outputs)) as Context<string, unknown>["shapes"];
  }
}

/**
 * Undoes broadcasting (its adjoint is a sum over the repeated axes) and promotion. What is smaller than
 * the shape stays so.
 */
export function restore(Xbar: Tensor, shape: Shape, dtype: DType): Tensor {
  let out = Xbar;
  const common = sameShape(out.shape, shape) ? shape : broadcast(out.shape, shape);
  if (common === null || !sameShape(common, shape)) {
    const extra = out.rank - shape.length;
    const axes: number[] = [];
    out.shape.forEach((n, i) => {
      if (i < extra || (shape[i - extra] === 1 && n !== 1)) axes.push(i);
    });
    if (axes.length > 0) out = sum(out, { axis: axes });
    if (!sameShape(out.shape, shape)) out = reshape(out, shape);
  }
  return out.dtype === dtype ? out : cast(out, dtype);
}
