import { type AnyOp, type Context, type Shape, Tensor, TracegradError } from "../index.js";
import { CheckError } from "./gradcheck.js";

/** A rule without the types of its op; what it does not have is `undefined`. */
export type AnyRule = AnyOp["rules"][number][number];
export type RuleKind = keyof AnyRule;
type RuleFunction = NonNullable<AnyRule["d"]>;

/** `rules.A.adj`, or `rules.A.w.adj` where there are several outputs. */
export function ruleName(op: AnyOp, position: number, o: number, kind: RuleKind): string {
  const input = op.inputs[position].replace("...", "");
  return `rules.${input}.${op.outputs.length > 1 ? `${op.outputs[o]}.` : ""}${kind}`;
}

/**
 * The same op, whose rules say their name where they read what is not saved, throw, or give a wrong
 * shape.
 */
export function guarded(where: string, op: AnyOp): AnyOp {
  const rules = op.rules.map((list, position) =>
    list.map((rule, o): AnyRule => {
      const ruled = (kind: Exclude<RuleKind, "constant">): RuleFunction | undefined => {
        const f = rule[kind];
        return f && guard(where, op, position, o, kind, f);
      };
      const [d, adj, linear, slope] = [ruled("d"), ruled("adj"), ruled("linear"), ruled("slope")];
      return { d, adj, linear, slope, constant: rule.constant } as AnyRule;
    }),
  );
  return { ...op, rules };
}

function guard(
  where: string,
  op: AnyOp,
  position: number,
  o: number,
  kind: RuleKind,
  f: RuleFunction,
): RuleFunction {
  const back = kind === "adj" || kind === "linear";
  const own = ruleName(op, position, o, kind);
  const rule = `${where}: ${own}`;
  return (saved, ...rest) => {
    const result: unknown = named(rule, () =>
      located(where, op, own, () => f(onlySaved(rule, op, saved), ...rest)),
    );
    const context = rest.at(-1) as Context<string, unknown>;
    const name = back ? op.inputs[position].replace("...", "") : op.outputs[o];
    const list = context.shapes[name] as Shape | readonly Shape[];
    const many = back && op.inputs[position] !== name;
    const shape = (many ? list[context.index] : list) as Shape;
    const label = many ? `${name}[${context.index}]` : name;
    if (!(result instanceof Tensor)) {
      throw new CheckError(
        `${rule} gives ${typeof result === "number" ? result : typeof result}; ` +
          `a tensor of the shape of ${label}, ${format(shape)}, was wanted`,
      );
    }
    // A result may lack repetition, or have too much of it (backward): the sweeps see to that.
    if (!broadcasts(result.shape, shape) && !(back && broadcasts(shape, result.shape))) {
      throw new CheckError(
        `${rule} gives the shape ${format(result.shape)}; ` +
          `that of ${label}, ${format(shape)}, was wanted`,
      );
    }
    return result;
  };
}

/** What `body` gives; an error in it says from where. */
export function named<T>(what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof CheckError || !(error instanceof Error)) throw error;
    throw new CheckError(`${what} threw ${error.name}: ${error.message}`, { cause: error });
  }
}

/** What `body` gives; what `defineOp` finds wrong with a part of the op becomes a CheckError. */
export function located<T>(where: string, op: AnyOp, part: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const by = `${op.name}: `;
    if (!(error instanceof TracegradError && error.message.startsWith(by + part))) throw error;
    throw new CheckError(`${where}: ${error.message.slice(by.length)}`, { cause: error });
  }
}

/** What a rule may read; anything else is an error instead of `undefined`. */
function onlySaved<T extends object>(rule: string, op: AnyOp, saved: T): T {
  return new Proxy(saved, {
    get(target, key) {
      if (typeof key === "string" && !(key in target)) {
        const own = op.inputs.find((name: string) => name.replace("...", "") === key);
        throw new CheckError(
          `${rule} reads ${key}, which is not saved; add "${own ?? key}" to saves, ` +
            `which has ${op.saves.map((name) => `"${name}"`).join(", ") || "none"}`,
        );
      }
      return Reflect.get(target, key);
    },
  });
}

function format(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Whether `small` becomes `large` by broadcasting. */
function broadcasts(small: Shape, large: Shape): boolean {
  const lead = large.length - small.length;
  return lead >= 0 && small.every((n, i) => n === 1 || n === large[lead + i]);
}
