import { type AnyRule, type ByName, bare, type Context, type Notation } from "../core/op.js";
import type { ReferenceKernel } from "../kernels/reference/kernel.js";
import { isFloat, type TypedArray } from "../tensor/dtype.js";
import { DtypeError, ShapeError, UsageError } from "../tensor/errors.js";
import { broadcast, format, type Shape, sameShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { describe } from "../tensor/tree.js";
import { power } from "./notation.js";

type Kind = "d" | "adj" | "linear" | "slope";
type RuleFunction = NonNullable<AnyRule[Kind]>;
type Shapes = ByName<string, Shape>;
type NotationRule = (names: ByName<string, Notation>, attrs: unknown) => unknown;
type ShapeRule = (shapes: Shapes, attrs: unknown) => unknown;

/** A spec that has lost its types. */
interface Loose {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly saves: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
  readonly shape: ShapeRule;
  readonly notation: NotationRule;
  readonly kernel?: ReferenceKernel;
}

/**
 * The same spec, whose functions are looked at whenever they have run. Of the library's rules the sweeps
 * take cotangents that are smaller than their values, and repeat them; of those of others they get the
 * shape that is wanted, or an error that names the rule.
 */
export function watched<S extends object>(spec: S): S {
  const own = spec as unknown as Loose;
  const rules = Object.fromEntries(
    own.inputs.map((input, position) => [bare(input), rulesOf(own, position)]),
  );
  const seen = { ...spec, rules, shape: watchShape(own), notation: watchNotation(own) };
  const { kernel } = own;
  return kernel === undefined ? seen : { ...seen, kernel: watchKernel(own, kernel) };
}

/** The rule of an input, or those of all outputs by it. */
function rulesOf(op: Loose, position: number): unknown {
  const input = bare(op.inputs[position] as string);
  const given = op.rules[input];
  const rule = (output: string, name: string, given: unknown): Partial<AnyRule> => {
    const parts = Object.entries(given as Partial<AnyRule>).map(([kind, part]) => {
      if (typeof part !== "function") return [kind, part];
      const where = { op, position, output, kind: kind as Kind, name: `${name}.${kind}` };
      return [kind, watchPart(where, part)];
    });
    return Object.fromEntries(parts);
  };
  const name = `${op.name}: rules.${input}`;
  if (op.outputs.length === 1) return rule(op.outputs[0] as string, name, given);
  const each = given as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    op.outputs.map((output) => [output, rule(output, `${name}.${output}`, each[output])]),
  );
}

/** Which function of which rule it is. */
interface Part {
  readonly op: Loose;
  readonly position: number;
  readonly output: string;
  readonly kind: Kind;
  /** As messages begin: `cube: rules.X.adj`. */
  readonly name: string;
}

function watchPart(part: Part, rule: RuleFunction): RuleFunction {
  const { saves } = part.op;
  // A slope is given its context alone.
  return (saved, given, context = given) => {
    const result = calling(
      part.name,
      () => rule(saved, given, context),
      () => `by saves it may read ${saves.join(", ") || "nothing"}`,
    );
    checkResult(part, result, context);
    return result;
  };
}

/** What a rule gives is a float tensor in the shape of what it is for, but for broadcasting. */
function checkResult(part: Part, result: unknown, context: Context<string, unknown>): void {
  const { op, position, output, kind, name } = part;
  const { shapes, index } = context;
  const input = op.inputs[position] as string;
  const many = input !== bare(input);
  const X = (many ? shapes[bare(input)]?.[index] : shapes[input]) as Shape;
  const Y = shapes[output] as Shape;
  const back = kind === "adj" || kind === "linear";
  const [label, wanted] = back ? [many ? `${bare(input)}[${index}]` : input, X] : [output, Y];
  if (!(result instanceof Tensor)) throw noTensor(name, result, label, wanted);
  const { shape, dtype } = result;
  let fits: boolean;
  if (kind === "slope") {
    if (!broadcastsTo(X, Y)) {
      throw new ShapeError(
        `${name} is the rule of an entrywise op, but ${bare(input)} is ${format(X)} and ${output} ` +
          `${format(Y)}; { d, adj } or { linear } was wanted`,
      );
    }
    fits = broadcastsTo(shape, Y);
  } else {
    if (!isFloat(dtype)) throw new DtypeError(`${name} gives ${dtype}; a float tensor was wanted`);
    const [small, large] = back ? [X, shape] : [shape, Y];
    fits = sameShape(shape, wanted) || repeats(small, large, X, othersThan(part, index, shapes));
  }
  if (fits) return;
  throw new ShapeError(
    `${name} gives the shape ${format(shape)}; that of ${label}, ${format(wanted)}, was wanted`,
  );
}

/** What `body` gives; an error of the language in it says from where. */
function calling<T>(name: string, body: () => T, remedy: () => string): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const message = `${name} threw ${error.name}: ${error.message}; ${remedy()}`;
    throw new UsageError(message, { cause: error });
  }
}

function noTensor(name: string, result: unknown, label: string, wanted: Shape): UsageError {
  const what = typeof result === "number" ? String(result) : describe(result);
  const hint = result === undefined ? "; is a `return` missing?" : "";
  return new UsageError(
    `${name} gives ${what}; a tensor of the shape of ${label}, ${format(wanted)}, was wanted${hint}`,
  );
}

/**
 * Whether `small` becomes `large` by what the sweeps undo for every rule, the broadcasting of an input
 * of shape X: along axes that X has not, and another input has, be it at another place, as a vector
 * beside matrices has those of a batch.
 */
function repeats(small: Shape, large: Shape, X: Shape, others: readonly Shape[]): boolean {
  const fromRight = (shape: Shape, i: number) => shape[shape.length - large.length + i];
  return (
    broadcastsTo(small, large) &&
    large.every(
      (n, i) =>
        fromRight(small, i) === n ||
        ((fromRight(X, i) ?? 1) === 1 && others.some((other) => other.includes(n))),
    )
  );
}

function broadcastsTo(small: Shape, large: Shape): boolean {
  const common = broadcast(small, large);
  return common !== null && sameShape(common, large);
}

/** The shapes of the other inputs. */
function othersThan({ op, position }: Part, index: number, shapes: Shapes): Shape[] {
  return op.inputs.flatMap((name, i): Shape[] => {
    const own = shapes[bare(name)] as Shape | readonly Shape[];
    if (name === bare(name)) return i === position ? [] : [own as Shape];
    return (own as readonly Shape[]).filter((_, k) => i !== position || k !== index);
  });
}

/** The shape rule gives one shape for each output. */
function watchShape({ name, outputs, shape }: Loose): ShapeRule {
  const one = outputs.length === 1;
  return (shapes, attrs) => {
    const given = shape(shapes, attrs);
    const list = one ? [given] : given;
    if (Array.isArray(list) && list.length === outputs.length && list.every(isShape)) return given;
    const what = Array.isArray(given) ? listed(given) : describe(given);
    const wanted = one ? "a shape" : `a shape for each of ${outputs.join(", ")}`;
    throw new UsageError(`${name}: the shape rule gives ${what}; ${wanted} was wanted`);
  };
}

function listed(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(listed).join(", ")}]` : String(value);
}

function isShape(value: unknown): boolean {
  return Array.isArray(value) && value.every((n) => Number.isInteger(n) && n >= 0);
}

const kinds = ["name", "call", "infix", "prefix", "power", "fence"];

/** The notation is one, and its powers, which may have their exponents as texts, have them as parts. */
function watchNotation({ name, notation }: Loose): NotationRule {
  return (names, attrs) => {
    const inputs: readonly unknown[] = Object.values(names).flat();
    const whole = (given: unknown): Notation => {
      const n = given as Notation;
      if (inputs.includes(n)) return n;
      if (!kinds.includes(n?.kind) || typeof n.text !== "string" || !Array.isArray(n.parts)) {
        throw new UsageError(
          `${name}: the notation holds ${describe(given)}; { kind, text, parts } was wanted`,
        );
      }
      const parts = n.parts.map(whole);
      if (n.kind === "power" && parts.length === 1) return power(parts[0] as Notation, n.text);
      return parts.every((part, i) => part === n.parts[i]) ? n : { ...n, parts };
    };
    return whole(notation(names, attrs));
  };
}

/** The kernel writes into the arrays of its outputs, and gives nothing back. */
function watchKernel({ name, outputs: names }: Loose, kernel: ReferenceKernel): ReferenceKernel {
  return (inputs, outputs, attrs) => {
    const arrays = outputs.map(({ data }) => data);
    const list = (): string =>
      outputs.map(({ shape }, o) => `${names[o]} is ${format(shape)}`).join(" and ");
    const given: unknown = calling(
      `${name}: the kernel`,
      () => kernel(inputs, outputs, attrs),
      () => `${list()} by the shape rule`,
    );
    arrays.forEach((data, o) => {
      if (outputs[o]?.data === data) return;
      throw new UsageError(
        `${name}: the kernel puts another array in the place of the data of ${names[o]}; it is to ` +
          `write its ${data.length} elements, as in ${names[o]}.data.set(…)`,
      );
    });
    if (given === undefined) return;
    if (given instanceof Promise) {
      throw new UsageError(`${name}: the kernel gives a Promise; it is to write before it returns`);
    }
    if (isLost(given, arrays)) {
      throw new UsageError(
        `${name}: the kernel gives ${describe(given)} and writes nothing; ${list()}, and is to be ` +
          `written, as in ${names[0]}.data.set(…)`,
      );
    }
  };
}

/** Whether a kernel gave numbers, or a tensor, that an output would hold, and all of these hold 0. */
function isLost(given: unknown, arrays: readonly TypedArray[]): boolean {
  if (!arrays.every((data) => data.every((value) => value === 0))) return false;
  if (given instanceof Tensor) return true;
  const values = ArrayBuffer.isView(given) ? [...(given as TypedArray)] : [given].flat(8);
  const numbers = values.filter((value) => typeof value === "number");
  // What an assignment gives has not been rounded: an exponential that is 0 in float32 is none here.
  const rounded = arrays[0]?.slice(0, 0).constructor as Float64ArrayConstructor | undefined;
  return rounded?.from(numbers).some((value) => value !== 0) === true;
}
