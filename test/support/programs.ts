import fc from "fast-check";
import * as tg from "../../src/index.js";
import { type Shape, ShapeError, SingularError, Tensor } from "../../src/index.js";
import { normal } from "./values.js";

// Random functions of one or two tensors. A recipe says which op comes next, and of what, by numbers
// that mean something for any shapes, so that every recipe, and every part of one, is a program.

export interface Program {
  readonly args: readonly Tensor[];
  /** What the arguments are called. */
  readonly names: readonly string[];
  readonly f: (...args: Tensor[]) => Tensor;
  /** The program as text. */
  toString(): string;
}

/** A value of a program, as it is at the arguments that the program comes with. */
class Value {
  constructor(
    readonly name: string,
    readonly tensor: Tensor,
    readonly made: Call,
  ) {}

  get shape(): Shape {
    return this.tensor.shape;
  }
}

/** A function of the library, or `normal`, of values, calls and what stands for itself. */
class Call {
  constructor(
    readonly name: string,
    readonly args: readonly Part[],
  ) {}
}

interface Options {
  readonly axis?: number | readonly number[];
  readonly keepDims?: boolean;
  readonly dtype?: "float64";
}

type Part = Value | Call | readonly Part[] | number | Options;

const wide = { dtype: "float64" } as const;
const functions: Readonly<Record<string, unknown>> = { ...tg, normal };

const call = (name: string, ...args: Part[]): Call => new Call(name, args);
const isList = (part: Part): part is readonly Part[] => Array.isArray(part);

/** A part's value where some values are other than those that the program comes with. */
function evaluate(part: Part, now: ReadonlyMap<Value, Tensor>): unknown {
  if (part instanceof Value) return now.get(part) ?? part.tensor;
  if (isList(part)) return part.map((one) => evaluate(one, now));
  if (!(part instanceof Call)) return part;
  const f = functions[part.name] as (...args: unknown[]) => Tensor;
  return f(...part.args.map((one) => evaluate(one, now)));
}

function show(part: Part): string {
  if (part instanceof Value) return part.name;
  if (part instanceof Call) return `${part.name}(${part.args.map(show).join(", ")})`;
  if (isList(part)) return `[${part.map(show).join(", ")}]`;
  return JSON.stringify(part)
    .replace(/"(\w+)":/g, " $1: ")
    .replace(/}$/, " }");
}

/** All values that a part needs, itself included. */
function needs(part: Part, found = new Set<Value>()): Set<Value> {
  if (part instanceof Value && !found.has(part)) {
    found.add(part);
    needs(part.made, found);
  }
  const parts = part instanceof Call ? part.args : isList(part) ? part : [];
  for (const one of parts) needs(one, found);
  return found;
}

/** What a call gives, if it can be called, and its result is small and finite. */
function attempt(made: Call): Tensor | null {
  let y: unknown;
  try {
    y = evaluate(made, new Map());
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SingularError) return null;
    throw error;
  }
  if (!(y instanceof Tensor) || y.rank > 3 || y.size > 27) return null;
  return y.data().every((value) => Math.abs(value) < 50) ? y : null;
}

/** One way to write a step. */
interface Form {
  readonly weight: number;
  /** The shapes of constants that fit beside X; where there is none, X stands alone. */
  readonly beside?: (X: Shape, pick: number) => readonly Shape[];
  /** `pick` chooses among its variants. */
  readonly write: (X: Value, Y: Value, pick: number) => Call;
}

const choose = <T>(list: readonly T[], pick: number): T => list[pick % list.length] as T;

/** The list beginning at `pick`, and then from its beginning. */
function turned<T>(list: readonly T[], pick: number): T[] {
  const at = list.length === 0 ? 0 : pick % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** What broadcasts with a shape. */
function broadcasting(shape: Shape): Shape[] {
  if (shape.length === 0) return [[], [2], [1], [2, 3], [3, 1], [1, 2]];
  const last = shape.at(-1) as number;
  if (shape.length === 1) return [shape, [], [1], [2, last], [3, 1], [1, last], [1, 1]];
  const m = shape.at(-2) as number;
  return [shape, [], [last], [m, 1], [1, last], [m, last], [1, 1], [2, m, last]];
}

/** `X·Y`, or `Y·X` where `pick` is odd. */
function multiplying(shape: Shape, pick: number): Shape[] {
  if (shape.length === 0) return [];
  const n = shape.at(pick % 2 === 0 || shape.length === 1 ? -1 : -2) as number;
  return [[n], ...[n, 1, 2, 3].map((k) => (pick % 2 === 0 ? [n, k] : [k, n]))];
}

/** Axes to reduce over, and whether to keep them. */
function reductions({ shape }: Value, pick: number): Options[] {
  const axes = shape.flatMap((_, i) => [i, i - shape.length]);
  const axis = choose([undefined, ...axes, ...(shape.length > 1 ? [[0, 1], [1]] : [])], pick);
  const chosen = { ...(axis !== undefined && { axis }), ...(pick % 2 === 1 && { keepDims: true }) };
  return Object.keys(chosen).length === 0 ? [] : [chosen];
}

/** Shapes of as many elements. */
function reshapings({ tensor: { size } }: Value): Shape[] {
  const pairs = [1, 2, 3].filter((m) => size % m === 0).map((m) => [m, size / m]);
  return [[size], [size, 1], ...pairs, ...(size === 1 ? [[]] : [])];
}

/** Shapes that X can be repeated to. */
function repetitions({ shape }: Value): Shape[] {
  const longer = [2, 3].map((k) => shape.map((n) => (n === 1 ? k : n)));
  return [...longer, [2, ...shape], [1, ...shape], [3, ...(longer[0] as Shape)]];
}

/** `X + c·I` with c so large that it is far from singular. */
function shifted(X: Value): Call {
  const n = X.shape.at(-1) ?? 1;
  const most = Math.max(0, ...Array.from(X.tensor.data(), Math.abs));
  const c = 1 + Math.ceil(2 * n * most);
  return call("add", X, call("mul", c, call("eye", n, wide)));
}

const unary = (name: string): Form => ({ weight: 1, write: (X) => call(name, X) });

const binary = (name: string, weight: number): Form => ({
  weight,
  beside: broadcasting,
  write: (X, Y, pick) => (pick % 3 === 0 ? call(name, Y, X) : call(name, X, Y)),
});

const forms: Readonly<Record<string, Form>> = {
  square: unary("square"),
  neg: unary("neg"),
  exp: unary("exp"),
  tanh: unary("tanh"),
  sin: unary("sin"),
  add: binary("add", 4),
  sub: binary("sub", 3),
  mul: binary("mul", 6),
  div: {
    weight: 1,
    beside: broadcasting,
    // By what is not near 0, where derivatives are large and few of their digits right.
    write: (X, Y) => call("div", X, call("add", 1, call("square", Y))),
  },
  number: {
    weight: 2,
    write: (X, _, pick) => call(choose(["mul", "div"], pick), X, choose([2, -1, 0.5, 1, 3], pick)),
  },
  matmul: {
    weight: 6,
    beside: multiplying,
    write: (X, Y, pick) => (pick % 2 === 0 ? call("matmul", X, Y) : call("matmul", Y, X)),
  },
  t: { weight: 4, write: (X) => call("t", X) },
  transpose: {
    weight: 1,
    write: (X, _, pick) => {
      const axes = X.shape.map((_, i) => i);
      return call("transpose", X, choose([axes.toReversed(), turned(axes, 1), axes], pick));
    },
  },
  dot: { weight: 3, beside: (X) => [X], write: (X, Y) => call("dot", X, Y) },
  inner: { weight: 3, beside: broadcasting, write: (X, Y) => call("sum", call("mul", X, Y)) },
  outer: {
    weight: 2,
    beside: (X) => [X, [1], [2], [3]],
    write: (X, Y, pick) => (pick % 2 === 0 ? call("outer", X, Y) : call("outer", Y, X)),
  },
  trace: { weight: 2, write: (X) => call("trace", X) },
  sum: { weight: 4, write: (X, _, pick) => call("sum", X, ...reductions(X, pick)) },
  mean: { weight: 2, write: (X, _, pick) => call("mean", X, ...reductions(X, pick)) },
  reshape: { weight: 3, write: (X, _, pick) => call("reshape", X, choose(reshapings(X), pick)) },
  broadcastTo: {
    weight: 2,
    write: (X, _, pick) => call("broadcastTo", X, choose(repetitions(X), pick)),
  },
  where: {
    weight: 2,
    beside: broadcasting,
    write: (X, Y, pick) => {
      const other = pick % 3 === 0 ? 2 : Y;
      const [A, B] = pick % 2 === 0 ? [X, other] : [other, X];
      return call("where", call("greater", pick % 5 < 2 ? X : Y, 0), A, B);
    },
  },
  inv: { weight: 1, write: (X) => call("inv", shifted(X)) },
  solve: {
    weight: 1,
    beside: ([n = 0], pick) => (pick % 2 === 0 ? [[n], [n, 2]] : [[n, n]]),
    write: (X, Y, pick) =>
      pick % 2 === 0 ? call("solve", shifted(X), Y) : call("solve", shifted(Y), X),
  },
  softmax: {
    weight: 1,
    write: (X, _, pick) => call("softmax", X, { axis: pick % Math.max(1, X.shape.length) }),
  },
  concat: {
    weight: 1,
    beside: (X) => [X],
    write: (X, Y, pick) => call("concat", [X, Y], { axis: pick % Math.max(1, X.shape.length) }),
  },
  stack: {
    weight: 1,
    beside: (X) => [X],
    write: (X, Y, pick) => call("stack", [X, Y], { axis: pick % (X.shape.length + 1) }),
  },
  slice: {
    weight: 1,
    write: (X, _, pick) => {
      const begin = X.shape.map((n, i) => (pick + i) % Math.max(1, n));
      const size = X.shape.map((_, i) => (pick % 4 < 2 ? -1 : 1 + (i % 2)));
      return call("slice", X, begin, size);
    },
  },
};

/** What fills a constant or an argument. */
type Kind = "normal" | "ones" | "twos" | "zeros" | "eye";

function filled(kind: Kind, shape: Shape, seed: number): Call {
  const [m, n] = shape;
  if (kind === "eye" && shape.length === 2 && m === n) return call("eye", n as number, wide);
  if (kind === "twos") return call("full", shape, 2, wide);
  if (kind === "ones" || kind === "zeros") return call(kind, shape, wide);
  return call("normal", shape, seed);
}

interface Step {
  readonly op: string;
  /** Which value comes in, from the newest on. */
  readonly X: number;
  /** Which value beside it, or what constant. */
  readonly Y: number | { readonly kind: Kind; readonly shape: number };
  readonly pick: number;
}

interface Recipe {
  readonly args: readonly { readonly kind: Kind; readonly shape: Shape }[];
  readonly steps: readonly Step[];
  readonly seed: number;
  /** How the last value becomes a scalar. */
  readonly ending: number;
}

/** At most so many ops, besides those that make the result a scalar. */
const MOST = 6;

/** The program of a recipe; null where no step can be taken. */
function build({ args: wanted, steps, seed, ending }: Recipe, isScalar: boolean): Program | null {
  const value = (name: string, made: Call): Value =>
    new Value(name, evaluate(made, new Map()) as Tensor, made);
  const args = wanted.map(({ kind, shape }, i) =>
    value(i === 0 ? "x" : "y", filled(kind, shape, seed + i)),
  );
  const constants: Value[] = [];
  const lines: Value[] = [];

  const line = (made: Call): boolean => {
    const tensor = attempt(made);
    if (tensor !== null) lines.push(new Value(`v${lines.length + 1}`, tensor, made));
    return tensor !== null;
  };

  const take = ({ op, X: from, Y, pick }: Step): void => {
    const form = forms[op];
    if (form === undefined) return;
    const { beside, write } = form;
    const known = [...lines.toReversed(), ...args];
    const X = choose(known, from);
    if (beside === undefined) {
      line(write(X, X, pick));
    } else if (typeof Y === "number") {
      turned([...known, ...constants], Y).some((one) => line(write(X, one, pick)));
    } else {
      turned(beside(X.shape, pick), Y.shape).some((shape) => {
        const at = constants.length;
        const one = value(`C${at + 1}`, filled(Y.kind, shape, seed + 10 + at));
        return line(write(X, one, pick)) && constants.push(one);
      });
    }
  };

  for (const step of steps) if (lines.length < MOST) take(step);
  const last = lines.at(-1);
  if (last === undefined) return null;
  if (isScalar && last.shape.length > 0) {
    const weighted = call("mul", last, call("normal", last.shape, seed + 2));
    const inner = turned([last, call("square", last), weighted, call("sin", last)], ending);
    if (!inner.some((one) => line(call(ending % 5 === 4 ? "mean" : "sum", one)))) return null;
  }
  const result = lines.at(-1) as Value;
  const used = needs(result);
  const body = lines.filter((one) => used.has(one));

  const shown = ({ name, made, shape }: Value): string =>
    `${name} = ${show(made)}; // [${shape.join(", ")}]`;
  const names = args.map(({ name }) => name);
  const text = [
    ...[...args, ...constants.filter((one) => used.has(one))].map(shown),
    `(${names.join(", ")}) => {`,
    ...body.map((one) => `  ${shown(one)}`),
    `  return ${result.name};`,
    "}",
  ].join("\n");

  return {
    args: args.map(({ tensor }) => tensor),
    names,
    f: (...own) => {
      const now = new Map(args.map((one, i) => [one, own[i] as Tensor]));
      for (const one of body) now.set(one, evaluate(one.made, now) as Tensor);
      return now.get(result) as Tensor;
    },
    toString: () => text,
  };
}

const size = fc.oneof(
  { weight: 18, arbitrary: fc.constantFrom(2, 3) },
  { weight: 6, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(0) },
);

const shape: fc.Arbitrary<Shape> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 5, arbitrary: fc.tuple(size) },
  { weight: 4, arbitrary: size.map((n) => [n, n]) },
  { weight: 4, arbitrary: fc.tuple(size, size) },
  { weight: 1, arbitrary: fc.tuple(size, size, size) },
);

const kind = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Kind>("normal") },
  { weight: 3, arbitrary: fc.constantFrom<Kind[]>("ones", "twos", "zeros", "eye") },
);

const step: fc.Arbitrary<Step> = fc.record({
  // The first is tried where a failing program is made smaller.
  op: fc.constantFrom(
    "nothing",
    ...Object.entries(forms).flatMap(([name, { weight }]) => Array<string>(weight).fill(name)),
  ),
  X: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
  Y: fc.oneof(fc.nat(9), fc.record({ kind, shape: fc.nat(9) })),
  pick: fc.nat(59),
});

/** Programs that give a tensor of any shape, or a scalar. */
export function programs(options: { readonly isScalar?: boolean } = {}): fc.Arbitrary<Program> {
  const arg = fc.record({ kind, shape });
  const recipe = fc.record({
    args: fc.array(arg, { minLength: 1, maxLength: 2 }),
    steps: fc.array(step, { minLength: 4, maxLength: 9 }),
    seed: fc.nat(9999),
    ending: fc.nat(19),
  });
  return recipe
    .map((one) => build(one, options.isScalar ?? false))
    .filter((program) => program !== null)
    .map((program) => ({ ...program, [fc.toStringMethod]: program.toString }));
}
