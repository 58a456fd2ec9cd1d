import { type AnyRule, byName, type Context, rulePosition } from "../core/op.js";
import { add, mul, sub } from "../ops/arithmetic.js";
import { cast, equal, notEqual, where } from "../ops/compare.js";
import { sum } from "../ops/reduce.js";
import { reshape } from "../ops/reshape.js";
import type { DType } from "../tensor/dtype.js";
import { requireFinite } from "../tensor/finite.js";
import { type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Entry, Tape } from "./tape.js";

/**
 * The backward pass: carries the cotangents of `outputs` (Ȳ, in the sense df = ⟨Ȳ, dY⟩) through the
 * adjoint rules, last op first, and gives those of the tape's inputs, null where none arrives.
 */
export function pullBack(
  tape: Tape,
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
): (Tensor | null)[] {
  const ofInputs: (Tensor | null)[] = tape.inputs.map(() => null);
  const masked = tape.entries.some((entry) => entry.op.masks);
  const bars: (Tensor | null)[][] = tape.entries.map((entry) => entry.outputs.map(() => null));
  const arrive = (slot: { entry: number; output: number }, bar: Tensor): void => {
    const list = slot.entry < 0 ? ofInputs : (bars[slot.entry] as (Tensor | null)[]);
    const before = list[slot.output];
    list[slot.output] = before == null ? bar : add(before, bar);
  };
  outputs.forEach((y, i) => {
    const slot = tape.slotOf(y);
    const bar = cotangents[i] as Tensor;
    if (slot !== null) arrive(slot, restore(bar, y.shape, y.dtype));
  });
  for (let at = tape.entries.length - 1; at >= 0; at--) {
    const entry = tape.entries[at] as Entry;
    (bars[at] as (Tensor | null)[]).forEach((Ybar, output) => {
      if (Ybar === null) return;
      entry.from.forEach((slot, position) => {
        if (slot === null) return;
        const rule = ruleOf(entry, position, output);
        if ("constant" in rule) return;
        const Xbar = adjoint(rule, entry, position, Ybar, masked);
        if (tape.options.anomaly) requireFinite(`the adjoint of ${entry.op.name}`, [Xbar]);
        const { shape, dtype } = entry.inputs[position] as Entry["inputs"][number];
        arrive(slot, restore(Xbar, shape, dtype));
      });
    });
    bars[at] = [];
  }
  return ofInputs;
}

export function ruleOf(entry: Entry, position: number, output: number): AnyRule {
  return entry.op.rules[rulePosition(entry.op, position)]?.[output] as AnyRule;
}

function adjoint(
  rule: AnyRule,
  entry: Entry,
  position: number,
  Ybar: Tensor,
  masked: boolean,
): Tensor {
  const context = contextOf(entry, position);
  if ("adj" in rule) return rule.adj(entry.saved, Ybar, context);
  if ("linear" in rule) return rule.linear(entry.saved, Ybar, context);
  if (!("slope" in rule)) throw new Error("a constant rule has no adjoint");
  const slope = rule.slope(entry.saved, context);
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

export function contextOf(entry: Entry, position: number): Context<string, unknown> {
  const { op, attrs } = entry;
  const inputs = entry.inputs.map((x) => x.shape);
  const outputs = entry.outputs.map((y) => y.shape);
  const shapes = byName(op, inputs, outputs) as Context<string, unknown>["shapes"];
  return { attrs, shapes, index: position - rulePosition(op, position) };
}

/** Undoes broadcasting (its adjoint is a sum over the repeated axes) and promotion. */
export function restore(Xbar: Tensor, shape: Shape, dtype: DType): Tensor {
  let out = Xbar;
  if (!sameShape(out.shape, shape)) {
    const extra = out.rank - shape.length;
    const axes = out.shape.flatMap((n, i) =>
      i < extra || (shape[i - extra] === 1 && n !== 1) ? [i] : [],
    );
    if (axes.length > 0) out = sum(out, { axis: axes });
    out = reshape(out, shape);
  }
  return out.dtype === dtype ? out : cast(out, dtype);
}
