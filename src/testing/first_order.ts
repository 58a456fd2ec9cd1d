import type { Tensor } from "../index.js";
import type { Case, Input } from "./case.js";
import { entry } from "./compare.js";
import { CheckError } from "./gradcheck.js";
import { ruleName } from "./guard.js";
import { type Deviations, judge, type Names } from "./judge.js";
import { unwritten } from "./kernel.js";

/** The bounds of the check table. */
const bounds = { linear: 1e-12, differences: 1e-7, pairing: 1e-12 };

/** Every rule by itself: each output by each input, the others held. */
export function checkFirstOrder(c: Case): Deviations {
  const most = { linear: 0, differences: 0, pairing: 0 };
  c.free.forEach((input, i) => {
    for (const o of c.floats) {
      const { dtype, shape } = c.outputs[o] as Tensor;
      if (dtype !== "float64") {
        throw new CheckError(
          `${c.where}: ${c.op.outputs[o]} is ${dtype} although ${input.name} is float64; rules are ` +
            'checked in float64, so let the dtype follow the inputs ("float" or "same")',
        );
      }
      const f = (x: Tensor): Tensor => c.run(new Map([[input, x]]))[o] as Tensor;
      const part = { where: c.where, f, x: input.x, of: c.op.outputs[o], by: input.name };
      const unwrittenAt = (m: number): string =>
        unwritten(c, o)[m] ? `; the kernel does not write ${entry(part.of, shape, m)}` : "";
      const found = judge(part, namesOf(c, input, o), bounds, c.seed + 17 * i, unwrittenAt);
      most.linear = Math.max(most.linear, found.linear);
      most.differences = Math.max(most.differences, found.differences);
      most.pairing = Math.max(most.pairing, found.pairing);
    }
  });
  return most;
}

/** What the rules of output `o` by an input are called. */
export function namesOf(c: Case, input: Input, o: number): Names {
  const { d, linear, slope } = c.rule(input, o);
  const one = linear ? "linear" : slope ? "slope" : "constant";
  const [forward, backward] = d ? (["d", "adj"] as const) : ([one, one] as const);
  return {
    forward: ruleName(c.op, input.position, o, forward),
    backward: ruleName(c.op, input.position, o, backward),
    linear: linear !== undefined,
  };
}
