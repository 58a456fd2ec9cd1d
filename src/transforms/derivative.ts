import { cast } from "../ops/compare.js";
import { print } from "../ops/notation.js";
import { reshape, t } from "../ops/reshape.js";
import { Names } from "../structure/describe.js";
import { type LinearMap, type OperatorSpec, TermMap } from "../structure/operator.js";
import { Unstructured } from "../structure/term.js";
import { Tracer } from "../structure/tracer.js";
import { pushForward } from "../tape/forward.js";
import { Tape } from "../tape/tape.js";
import { constant } from "../tensor/create.js";
import { type DType, promote } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { labelled } from "../tensor/labels.js";
import { Tensor } from "../tensor/tensor.js";
import { mapTensors, pathOf, tensorsIn, walk } from "../tensor/tree.js";
import type { Chosen } from "./arguments.js";
import type { Layout } from "./layout.js";
import { jacobianOf, type Mode } from "./sweep_many.js";
import { zerosLike } from "./vjp.js";

/** For each tensor of `R` one for each of `X`: the form of a Jacobian. */
export type Blocks<R, X> = R extends Tensor
  ? X extends Tensor
    ? Tensor
    : { -readonly [K in keyof X]: Blocks<R, X[K]> }
  : { -readonly [K in keyof R]: Blocks<R[K], X> };

/** Options that Jacobians and Hessians share. */
export interface DerivativeOptions<W, F extends Form> {
  /** Which argument to differentiate, or which ones; the first unless given. */
  readonly wrt?: W | undefined;
  readonly layout?: Layout | undefined;
  /** How many directions go through the rules at once; as many as 64 MB allow unless given. */
  readonly chunk?: number | undefined;
  /** `dense`: tensors; `operator`: a `LinearOperator`, which is not written out. */
  readonly form?: F | undefined;
  /** What the arguments are called where an operator is printed; as in `f` unless given. */
  readonly names?: readonly string[] | undefined;
}

export type Form = "dense" | "operator";

/** A function that was recorded to be differentiated as a whole. */
export interface Recording {
  /** What is printed: `Hessian`, `Jacobian`. */
  readonly what: string;
  readonly tape: Tape;
  readonly chosen: Chosen<readonly unknown[]>;
  /** The results as the tape knows them, and their tree. */
  readonly outputs: readonly Tensor[];
  readonly result: unknown;
  readonly symmetric: boolean;
  readonly layout: Layout;
  readonly mode?: Mode | undefined;
  readonly chunk?: number | undefined;
}

/** The dense derivative: a tree of blocks. */
export function denseOf(recording: Recording): unknown {
  const found = recording.mode === undefined ? termsOf(recording, null) : "told otherwise";
  const map = typeof found === "string" ? null : termMap(recording, found, null);
  return blocksOf(recording, map === null ? sweep(recording) : map.matrices());
}

/** What an operator is made of. */
export function operatorOf(
  recording: Recording,
  names: Names,
): OperatorSpec<unknown, unknown, unknown> {
  const { what, layout, tape, outputs, chosen, result } = recording;
  const found = termsOf(recording, names);
  const structured = typeof found === "string" ? null : termMap(recording, found, names);
  return {
    what,
    layout,
    map: structured ?? sweptMap(recording, found as string),
    labels: () => labelsOf(recording, names),
    x: chosen.result(tape.inputs),
    y: result,
    from: tape.inputs,
    to: outputs,
    toDense: (matrices: readonly (readonly Tensor[])[]) => blocksOf(recording, matrices),
  };
}

/** What the parts of a derivative are called. */
function labelsOf({ what, tape, result, outputs }: Recording, names: Names): string[][] {
  const by = tape.inputs.map((x) => print(names.of(x)));
  if (what === "Hessian") return by.map((a) => by.map((b) => `∂²/∂${a}∂${b}`));
  const of = new Map<Tensor, string>();
  mapTensors(result, (y, step) => {
    of.set(y, `y${under(pathOf(step))}`);
    return y;
  });
  return outputs.map((y) => by.map((x) => `∂${of.get(y)}/∂${x}`));
}

/** A path as it stands behind the name of what it leads into. */
function under(path: string): string {
  return path === "" || path.startsWith("[") ? path : `.${path}`;
}

/** The terms of each result, or why the derivative is no sum of such. */
function termsOf(
  { tape, outputs }: Recording,
  names: Names | null,
): ReturnType<Tracer["termsOf"]>[] | string {
  const tracer = new Tracer(tape.inputs, names);
  try {
    return tracer.during((tangents) =>
      pushForward(tape, outputs, tangents).map((dY) => tracer.termsOf(dY)),
    );
  } catch (error) {
    if (error instanceof Unstructured) return error.reason;
    throw error;
  }
}

function termMap(
  { tape, outputs, symmetric }: Recording,
  terms: ReturnType<Tracer["termsOf"]>[],
  names: Names | null,
): TermMap {
  return new TermMap(terms, tape.inputs, outputs, symmetric, names);
}

/** A derivative without structure: the rules are run for every direction that is asked for. */
function sweptMap(recording: Recording, reason: string): LinearMap {
  const { tape, outputs } = recording;
  return {
    tensors: [...tape.saved()],
    apply: (list) =>
      pushForward(tape, outputs, list).map((dY, i) => dY ?? zerosLike(outputs[i] as Tensor)),
    matrices: () => sweep(recording),
    solve: () => null,
    describe: () => ({
      formulas: [],
      below: [
        `no sum of Kronecker products and diagonals (it ends at ${reason});`,
        "apply and dense run the rules, solve a matrix",
      ],
    }),
  };
}

function sweep({ tape, outputs, mode, chunk, symmetric }: Recording): Tensor[][] {
  return jacobianOf(tape, outputs, { mode, chunk, symmetric });
}

/** Matrices `[Y.size, X.size]` as blocks `[...Y, ...X]`, in the tree of results of trees of arguments. */
function blocksOf(recording: Recording, matrices: readonly (readonly Tensor[])[]): unknown {
  const { tape, outputs, chosen, result, layout } = recording;
  return walk(result, recording.what, null, (y) => {
    const row = matrices[outputs.indexOf(y)] as readonly Tensor[];
    const list = row.map((matrix, j) => {
      const x = tape.inputs[j] as Tensor;
      const dtype = promote(y.dtype, x.dtype);
      const M = matrix.dtype === dtype ? matrix : cast(matrix, dtype);
      const block =
        layout === "numerator"
          ? reshape(M, [...y.shape, ...x.shape])
          : reshape(t(M), [...x.shape, ...y.shape]);
      return labelled(block, `${layout} layout`);
    });
    return chosen.result(list) as Tensor;
  });
}

/** The names of values, and the 1 that a backward pass begins with, as the names know it. */
export interface Naming {
  readonly names: Names;
  seed(dtype: DType): Tensor;
}

/**
 * Runs `body` on the arguments under a tape of its own, from which values in a formula get their
 * names.
 */
export function withNames<P extends readonly unknown[], T>(
  name: string,
  f: (...args: never) => unknown,
  args: P,
  given: readonly string[] | undefined,
  body: (args: P, naming: Naming) => T,
): T {
  if (given !== undefined && given.length !== args.length) {
    throw new UsageError(
      `${name}: names has ${given.length} entries for ${args.length} argument(s); one for ` +
        "each was wanted",
    );
  }
  const tape = new Tape();
  const paths = (): string[] => {
    const own = given ?? parametersOf(f, args.length);
    return args.flatMap((arg, i) => pathsIn(arg, own[i] as string));
  };
  const ones = [constant(1, "float32"), constant(1, "float64")];
  return tape.record([...ones, ...tensorsIn(args)], ([one32, one64, ...handles]) => {
    let at = 0;
    const traced = mapTensors(args, () => handles[at++] as Tensor);
    const seed = (dtype: DType): Tensor => (dtype === "float32" ? one32 : one64) as Tensor;
    return body(traced as P, { names: new Names(tape, paths), seed });
  });
}

/** What each tensor of an argument is called. */
function pathsIn(arg: unknown, name: string): string[] {
  if (arg instanceof Tensor) return [name];
  const paths: string[] = [];
  mapTensors(arg, (x, step) => {
    paths.push(name + under(pathOf(step)));
    return x;
  });
  return paths;
}

/** The names of a function's parameters, as its text has them. */
export function parametersOf(f: (...args: never) => unknown, count: number): string[] {
  const text = String(f);
  const found =
    /^(?:async\s+)?(?:function[^(]*)?\(([^()]*)\)/.exec(text) ??
    /^([\p{L}_$][\p{L}\p{N}_$]*)\s*=>/u.exec(text);
  const names = (found?.[1] ?? "").split(",").map((part) => part.trim());
  return Array.from({ length: count }, (_, i) => {
    const own = names[i] ?? "";
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(own) ? own : `x${i}`;
  });
}
