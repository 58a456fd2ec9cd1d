import { bare } from "../core/op.js";
import { UsageError } from "../tensor/errors.js";
import { describe } from "../tensor/tree.js";
import { meant } from "../tensor/words.js";

/** What one field of a spec must be: how that is said, and whether a value is it. */
interface Field {
  readonly wanted: string;
  readonly optional?: boolean;
  is(value: unknown): boolean;
}

const isFunction = (value: unknown): boolean => typeof value === "function";
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isName = (value: unknown): boolean => typeof value === "string" && value !== "";
const areNames = (value: unknown): boolean => Array.isArray(value) && value.every(isName);

const flag: Field = {
  optional: true,
  wanted: "true",
  is: (value) => typeof value === "boolean",
};

/** The fields of a spec, in their order. */
const fields: Readonly<Record<string, Field>> = {
  name: { wanted: "a text", is: isName },
  inputs: { wanted: 'a list of names, such as ["X"],', is: areNames },
  outputs: {
    wanted: 'a list of names, such as ["Y"],',
    is: (value) => areNames(value) && (value as unknown[]).length > 0,
  },
  saves: { wanted: "a list of the inputs and outputs that its rules read", is: areNames },
  attrs: { optional: true, wanted: "what attributes() gives", is: () => true },
  shape: { wanted: "a function that gives the output's shape from the inputs'", is: isFunction },
  dtype: {
    optional: true,
    wanted: '"float", "same", "number", a dtype, or a function of the attributes',
    is: (value) => isFunction(value) || dtypes.includes(value as string),
  },
  selects: { optional: true, wanted: "a list of inputs", is: areNames },
  masks: flag,
  transposes: flag,
  view: flag,
  rules: { wanted: "an object with a rule for each input", is: isObject },
  maps: {
    optional: true,
    wanted: 'a number of last axes, "alike", or a function',
    is: (value) => value === "alike" || isFunction(value) || isCount(value),
  },
  acts: {
    optional: true,
    wanted: "an object with a function for an input",
    is: (value) => isObject(value) && Object.values(value).every(isFunction),
  },
  notation: { wanted: "a function that gives how it is written from its inputs", is: isFunction },
  law: { optional: true, wanted: "a text", is: isName },
  samples: { wanted: "a function that gives a list of { inputs }", is: isFunction },
  kernel: {
    optional: true,
    wanted: "a function that writes the elements of the outputs",
    is: isFunction,
  },
};

const dtypes = ["float", "same", "number", "float32", "float64", "int32", "bool"];

/** A spec whose fields are there, and have their types. */
interface Sound {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly saves: readonly string[];
  readonly selects?: readonly string[];
  readonly dtype?: unknown;
  readonly view?: boolean;
  readonly acts?: object;
  readonly rules: Readonly<Record<string, unknown>>;
}

/** Refuses a spec that no compiler has looked at, or that went past it by a cast. */
export function checkSpec(spec: unknown): void {
  if (!isObject(spec)) throw refused(`the spec is ${describe(spec)}; an object was wanted`);
  const op = isName(spec.name) ? (spec.name as string) : "the op";
  for (const key in spec) {
    if (key in fields || spec[key] === undefined) continue;
    const list = Object.keys(fields).join(", ");
    throw refused(
      `${op} has a field ${key}; ${meant(key, Object.keys(fields))}the fields are ${list}`,
    );
  }
  for (const [key, { wanted, optional, is }] of Object.entries(fields)) {
    const value = spec[key];
    if (value === undefined ? optional : is(value)) continue;
    const found = value === undefined ? ` has no ${key}` : `: ${key} is ${describe(value)}`;
    throw refused(`${op}${found}; ${wanted} was wanted`);
  }
  const sound = spec as unknown as Sound;
  checkNames(sound);
  checkRules(sound);
  const single = sound.inputs.length === 1 && sound.outputs.length === 1;
  if (sound.view && !(single && sound.dtype === "same")) {
    throw refused(`${op} is a view: one input, one output, dtype "same"`);
  }
}

/** Names stand for one thing each, and those of other fields are among them. */
function checkNames({ name: op, inputs, outputs, saves, selects = [], acts = {} }: Sound): void {
  const all = [...inputs, ...outputs].map(bare);
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined) {
    throw refused(`${op} has two inputs or outputs called ${twice}; each has a name of its own`);
  }
  const dotted = [...inputs.slice(0, -1), ...outputs].find((name) => name.startsWith("..."));
  if (dotted !== undefined) {
    throw refused(`${op} has "${dotted}"; the last input alone takes any number of tensors`);
  }
  const among = (field: string, given: readonly string[], names: readonly string[]): void => {
    const other = given.find((name) => !names.includes(name));
    if (other === undefined) return;
    throw refused(`${op} ${field} "${other}"; ${meant(other, names)}there are ${names.join(", ")}`);
  };
  among("saves", saves, [...inputs, ...outputs]);
  among("selects by", selects, inputs);
  among("acts on", Object.keys(acts), inputs.map(bare));
}

const KINDS = "{ d, adj }, { linear }, { slope } or { constant }";

/** Every input has a rule, of one kind; or one for each output where there are several. */
function checkRules({ name: op, inputs, outputs, rules }: Sound): void {
  const names = inputs.map(bare);
  const other = Object.keys(rules).find((name) => !names.includes(name));
  if (other !== undefined) {
    throw refused(`${op} has a rule for ${other}; its inputs are ${names.join(", ")}`);
  }
  for (const name of names) {
    const given = rules[name];
    if (given === undefined)
      throw refused(`${op} has no rule for its input ${name}; ${KINDS} was wanted`);
    if (outputs.length === 1) {
      checkRule(`${op}: rules.${name}`, given);
      continue;
    }
    const each = `rules.${name} has one rule for each of ${outputs.join(", ")}`;
    if (!isObject(given)) throw refused(`${op}: rules.${name} is ${describe(given)}; ${each}`);
    const extra = Object.keys(given).find((key) => !outputs.includes(key));
    if (extra !== undefined) throw refused(`${op}: rules.${name} has ${extra}; ${each}`);
    for (const output of outputs) {
      if (given[output] === undefined)
        throw refused(`${op}: rules.${name} has no ${output}; ${each}`);
      checkRule(`${op}: rules.${name}.${output}`, given[output]);
    }
  }
}

/** One rule is of one kind, with functions, or the reason of a constant. */
function checkRule(rule: string, given: unknown): void {
  if (!isObject(given)) throw refused(`${rule} is ${describe(given)}; ${KINDS} was wanted`);
  const parts = Object.keys(given).filter((key) => given[key] !== undefined);
  const kind = parts.toSorted().join();
  if (!["adj,d", "linear", "slope", "constant"].includes(kind)) {
    throw refused(`${rule} has ${parts.join(", ") || "nothing"}; ${KINDS} was wanted`);
  }
  for (const part of parts) {
    const [fits, wanted] =
      part === "constant"
        ? [typeof given.constant === "string", "the reason why no derivative passes, a text,"]
        : [isFunction(given[part]), "a function that gives a tensor"];
    if (!fits) throw refused(`${rule}.${part} is ${describe(given[part])}; ${wanted} was wanted`);
  }
}

function refused(message: string): UsageError {
  return new UsageError(`defineOp: ${message}`);
}
