import { describe, expect, it } from "vitest";
import { type AnyOp, ops, stopGradient, type Tensor } from "../src/index.js";
import { checkOp } from "../src/testing/index.js";
import { said } from "./support/own_ops.js";

type AnyRule = AnyOp["rules"][number][number];
type Kind = "d" | "adj" | "linear" | "slope";

/** Ways to make a rule wrong: what its result becomes. */
const ways: Readonly<Record<string, (result: Tensor) => Tensor>> = {
  doubled: (result) => result.mul(2),
  "a constant to the next derivative": (result) => stopGradient(result),
};

/** Their slopes are piecewise constant, so that the second way leaves them right. */
const flat = ["abs", "clip", "leakyRelu", "maximum", "minimum", "relu"];

/** The op with one rule replaced. */
function withRule(op: AnyOp, position: number, output: number, rule: Partial<AnyRule>): AnyOp {
  const rules = op.rules.map((list, i) =>
    list.map((own, o) => (i === position && o === output ? (rule as AnyRule) : own)),
  );
  return { ...op, rules };
}

/** Every rule of the op, made wrong in every way, with the name that `checkOp` should give. */
function wrongs(op: AnyOp): { way: string; name: string; op: AnyOp }[] {
  return op.rules.flatMap((list, position) =>
    list.flatMap((rule, o) => {
      const output = op.outputs.length > 1 ? `${op.outputs[o]}.` : "";
      const name = `rules.${op.inputs[position].replace("...", "")}.${output}`;
      const kinds = (["d", "adj", "linear", "slope"] as Kind[]).filter((kind) => rule[kind]);
      const changed = kinds.flatMap((kind) =>
        Object.entries(ways)
          .filter(([way]) => way === "doubled" || !flat.includes(op.name))
          .map(([way, change]) => {
            const wrong = (...args: [unknown, unknown]): Tensor =>
              change((rule[kind] as (...args: unknown[]) => Tensor)(...args));
            const replaced = withRule(op, position, o, { ...rule, [kind]: wrong });
            return { way, name: name + kind, op: replaced };
          }),
      );
      if (rule.constant !== undefined) return changed;
      const constant = withRule(op, position, o, { constant: "for the test" });
      return [...changed, { way: "left out", name: `${name}constant`, op: constant }];
    }),
  );
}

describe("checkOp finds every rule of the library that is made wrong, and names it", () => {
  const all = ops.flatMap(({ op }) => wrongs(op));

  it("has hundreds to find", () => {
    expect(all.length).toBeGreaterThan(300);
  });

  it.each(ops.map(({ op }) => [op.name, op] as const))("%s", (_, op) => {
    for (const { way, name, op: wrong } of wrongs(op)) {
      const message = said(() => checkOp(wrong));
      expect(message, `${name} ${way}`).toMatch(`: ${name} gives ∂`);
    }
  });
});
