import type { ReferenceKernel } from "../kernels/reference/kernel.js";
import type { DType } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import type { Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** `"...Xs"` names an input that takes any number of tensors; elsewhere it is called `Xs`. */
type Bare<N extends string> = N extends `...${infer Rest}` ? Rest : N;
/** One `T` for each name; a list of them where the name has dots. */
export type ByName<N extends string, T> = {
  readonly [K in N as Bare<K>]: K extends `...${string}` ? readonly T[] : T;
};

/** What a rule knows besides the saved values: attributes and shapes, never numbers. */
export interface Context<Names extends string, A> {
  readonly attrs: A;
  readonly shapes: ByName<Names, Shape>;
  /** Which of the tensors of a `...` input the rule is for. */
  readonly index: number;
}

/**
 * How one output changes with one input. `S` holds the saved values.
 * - `d` and `adj`: the differential dY = d(dX), and its adjoint by the trace trick:
 *   ⟨Ȳ, d(dX)⟩ = ⟨adj(Ȳ), dX⟩.
 * - `linear`: the op is linear in this input while the others stay; its adjoint alone is given.
 * - `slope`: entrywise; both rules multiply by it.
 * - `constant`: no derivative passes here, and why.
 */
export type Rule<S, C> =
  | {
      readonly d: (saved: S, dX: Tensor, context: C) => Tensor;
      readonly adj: (saved: S, Ybar: Tensor, context: C) => Tensor;
    }
  | { readonly linear: (saved: S, Ybar: Tensor, context: C) => Tensor }
  | { readonly slope: (saved: S, context: C) => Tensor }
  | { readonly constant: string };

/** A formula in pieces, so that it can be printed in Unicode, LaTeX or code. */
export interface Notation {
  readonly kind: "name" | "call" | "infix" | "prefix" | "power" | "fence";
  /** The name, the sign, or the two fences. */
  readonly text: string;
  readonly parts: readonly Notation[];
}

/** One case that an op is checked on: inputs and attributes, and the message if it must fail. */
export interface Sample<In extends string, A> {
  readonly inputs: ByName<In, Tensor>;
  readonly attrs?: A;
  readonly error?: string;
}

/**
 * The dtype of the outputs. `same`: that of the promoted inputs; `number`: likewise, truth values
 * becoming int32; `float`: likewise, whole numbers becoming floats; a dtype: always that; a function
 * of the attributes.
 */
export type DTypeRule<A> = "same" | "number" | "float" | DType | ((attrs: A) => DType);

/** The rule of the only output, or one for each output by name. */
type OneOrEach<Out extends string, R> = R | { readonly [O in Out]: R };

/**
 * How an op runs when some of its inputs carry one more axis in front, as under `vmap`:
 * - a number: it works on so many last axes of each input (0: entrywise), and maps over those before
 *   them, which broadcast; its shape rule and kernel take inputs that have such;
 * - `alike`: it maps over the axes before, but does not broadcast them: all inputs get the axis;
 * - a function: by other ops or attributes; null where it cannot say.
 */
export type Maps<In extends string, A> =
  | number
  | "alike"
  | ((inputs: ByName<In, Tensor>, attrs: A, carried: Carried<In>) => Tensor | null);

/** How long the axis in front is, and which inputs have it. */
export interface Carried<In extends string = string> {
  readonly size: number;
  readonly has: ByName<In, boolean>;
}

/**
 * A step of a linear map of matrices, a vector being a column: one of `left·X`, `X·right`,
 * `solves⁻¹·X`, `times ∘ X` (a tensor, broadcast, or a number), the scalar `⟨pairs, X⟩`, the sum over
 * axes (which the output keeps or drops), the transpose, or the elements as they are under the
 * output's shape, repeated where that is larger.
 */
export type Action =
  | Only<"left" | "right" | "solves" | "pairs", Tensor>
  | Only<"times", Tensor | number>
  | Only<"sums", readonly number[]>
  | "transpose"
  | "shape";

type Steps = "left" | "right" | "solves" | "pairs" | "times" | "sums";
/** One property alone, of those named. */
type Only<K extends Steps, T> = {
  [P in K]: { readonly [Q in P]: T } & { readonly [Q in Exclude<Steps, P>]?: never };
}[K];

/** What `defineOp` takes. */
export interface OpSpec<In extends string, Out extends string, Saved extends In | Out, A> {
  readonly name: string;
  readonly inputs: readonly In[];
  readonly outputs: readonly Out[];
  /** The only values that a rule may read. */
  readonly saves: readonly Saved[];
  /** The attributes' type; made by {@link attributes}. Left out where there are none. */
  readonly attrs?: A;
  /** Checks the inputs' shapes and gives the output's; one for each output where there are several. */
  readonly shape: (shapes: ByName<In, Shape>, attrs: A) => Shape | readonly Shape[];
  readonly dtype?: DTypeRule<A>;
  /** Inputs that choose among elements (indices, masks): never promoted, never differentiated. */
  readonly selects?: readonly In[];
  /** It discards elements; where their slopes were not finite, no cotangent may meet these. */
  readonly masks?: true;
  /** It exchanges the last two axes: a kernel may read the input as it lies instead. */
  readonly transposes?: true;
  /** The output is the input's elements in their order, under another shape: no kernel runs. The
   * dtype is `same`. */
  readonly view?: true;
  readonly rules: {
    readonly [K in Bare<In>]: OneOrEach<
      Out,
      Rule<ByName<Extract<In | Out, Saved>, Tensor>, Context<In | Out, A>>
    >;
  };
  /** How it runs with one more axis in front; without it, once for each entry of that axis. */
  readonly maps?: Maps<In, A>;
  /**
   * What it does to an input that it is linear in, in steps, the first done first; read to find the
   * structure of derivatives. Asked for where a differential runs the op on a tangent: by a `linear`
   * rule, or in rules of this and other ops.
   */
  readonly acts?: {
    readonly [K in Bare<In>]?: (inputs: ByName<In, Tensor>, attrs: A) => readonly Action[];
  };
  readonly notation: (names: ByName<In, Notation>, attrs: A) => Notation;
  /** What the law of its differential is called in a derivation, such as `product rule`. */
  readonly law?: string;
  readonly samples: () => readonly Sample<In, A>[];
  /** How it is calculated; the library's own ops have theirs in `kernels/`, by name. */
  readonly kernel?: ReferenceKernel;
}

/** An op, ready to be applied: its spec, with what interpreters look up worked out once. */
export interface Op<In extends string = string, Out extends string = string, A = unknown>
  // biome-ignore lint/suspicious/noExplicitAny: what it saves matters to its own rules alone.
  extends Omit<OpSpec<In, Out, any, A>, "rules" | "selects" | "saves"> {
  readonly saves: readonly string[];
  readonly dtype: DTypeRule<A>;
  /** The last input takes any number of tensors. */
  readonly variadic: boolean;
  /** By input position: whether it only selects. */
  readonly selects: readonly boolean[];
  /** By input position, then output position. */
  readonly rules: readonly (readonly AnyRule[])[];
  /** What its shape rule has said before, the last first; where there are no attributes. */
  readonly known: { readonly inputs: readonly Shape[]; readonly outputs: readonly Shape[] }[];
}

// biome-ignore lint/suspicious/noExplicitAny: an op among others has lost its own types.
export type AnyOp = Op<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: and so have its rules.
type RuleFunction = (saved: any, given: any, context?: any) => Tensor;

/** A rule as the sweeps read it: what it does not have is there as `undefined`. */
export type AnyRule = Readonly<
  Record<"d" | "adj" | "linear" | "slope", RuleFunction | undefined> & { constant?: string }
>;

/** All rules have the same properties in the same order, so that engines read them fast. */
function uniform({ d, adj, linear, slope, constant }: Partial<AnyRule>): AnyRule {
  return { d, adj, linear, slope, constant } as AnyRule;
}

/**
 * Declares the type of an op's attributes.
 *
 * @example
 * const attrs = attributes<{ axes: readonly number[] }>();
 * Object.keys(attrs).length; // 0
 */
export function attributes<A>(): A {
  return {} as A;
}

/**
 * Defines an op of the library's. Those of others come by `defineOp` of `ops/define_op.ts`, which looks
 * at what no compiler has.
 *
 * @throws UsageError when a linear rule needs another input that is not saved.
 */
export function defineOp<
  const In extends string,
  const Out extends string,
  const Saved extends In | Out = never,
  A = unknown,
>(spec: OpSpec<In, Out, Saved, A>): Op<In, Out, A> {
  const rules = spec.inputs.map((name): AnyRule[] => {
    // biome-ignore lint/suspicious/noExplicitAny: one rule, or one for each output.
    const given = (spec.rules as any)[bare(name)];
    const list = spec.outputs.length === 1 ? [given] : spec.outputs.map((name) => given[name]);
    return list.map(uniform);
  });
  // A linear rule's differential runs the op on dX and all other tensors, so these must be saved.
  const unsaved = spec.inputs.filter((name) => !(spec.saves as readonly string[]).includes(name));
  spec.inputs.forEach((name, i) => {
    const missing = unsaved.find((other) => other !== name || other.startsWith("..."));
    if (missing === undefined || !rules[i]?.some((rule) => rule.linear)) return;
    throw new UsageError(
      `defineOp: ${spec.name} is declared linear in ${name}, so its differential needs ` +
        `${missing}; add "${missing}" to saves`,
    );
  });
  // All properties in one order for the same reason as in `uniform`, so no `...spec`.
  const { name, inputs, outputs, saves, attrs, shape, notation, samples, kernel } = spec;
  const { masks, transposes, view, maps, acts, law, dtype = "float" } = spec;
  const variadic = spec.inputs.at(-1)?.startsWith("...") ?? false;
  const selects = spec.inputs.map((input) => spec.selects?.includes(input) ?? false);
  // biome-ignore format: a list of names
  const op = {
    name, inputs, outputs, saves, attrs, shape, notation, samples, kernel, masks, transposes, view,
    maps, acts, law, dtype, variadic, selects, rules, known: [], ours: undefined,
  };
  return op as Partial<Op<In, Out, A>> as Op<In, Out, A>;
}

/** The position of an input's rule: every tensor of a `...` input has the last one. */
export function rulePosition(op: AnyOp, position: number): number {
  return Math.min(position, op.inputs.length - 1);
}

/** Inputs and outputs by position as an object by name; the tail under a `...` name is a list. */
export function byName<T>(
  op: AnyOp,
  inputs: readonly T[],
  outputs: readonly T[] = [],
): Record<string, T | readonly T[]> {
  const out: Record<string, T | readonly T[]> = {};
  op.inputs.forEach((name: string, i: number) => {
    if (op.variadic && i === op.inputs.length - 1) out[bare(name)] = inputs.slice(i);
    else out[name] = inputs[i] as T;
  });
  outputs.forEach((y, i) => {
    out[op.outputs[i]] = y;
  });
  return out;
}

/** The name of an input without the dots that make it take any number of tensors. */
export function bare(name: string): string {
  return name.startsWith("...") ? name.slice(3) : name;
}
