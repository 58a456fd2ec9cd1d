import { requireNames, requireSeed } from "../checks/options.js";
import { bracketed, said } from "../checks/said.js";
import { type DType, DtypeError, ShapeError, Tensor, UsageError } from "../index.js";

/** How a layer is applied: in training, some do otherwise, and draw from the stream of a seed. */
export interface Pass {
  readonly training?: boolean | undefined;
  /** Another one for each step; the common stream of `random` without. */
  readonly seed?: number | undefined;
}

/** From which stream the first parameters are drawn, and their dtype. */
export interface FirstOptions {
  /** The common stream of `random` without. */
  readonly seed?: number | undefined;
  /** The default dtype unless given. */
  readonly dtype?: DType | undefined;
}

/**
 * A function with parameters. It holds none: `init` makes them, a plain tree of tensors, and `apply`
 * takes them, so that `grad` sees them, and `tracegrad/io` saves them, as any other tree.
 */
export interface Layer<P> {
  readonly name: string;
  /** The first parameters. */
  init(options?: FirstOptions): P;
  /** The output for an input `x`, whose first axis counts the rows of a batch. */
  apply(params: P, x: Tensor, pass?: Pass): Tensor;
}

/** The parameters of what has none. */
export type NoParams = { readonly [key: string]: never };

/** A layer, or a function without parameters, such as `relu`. */
// biome-ignore lint/suspicious/noExplicitAny: layers of any parameters, which ParamsOf finds again.
export type AnyLayer = Layer<any> | ((x: Tensor) => Tensor);

/** The parameters of a layer. */
export type ParamsOf<L> = L extends Layer<infer P> ? P : NoParams;

/** The seed of part `i` of what has a seed: a stream of its own (the mixer of splitmix32). */
export function partSeed(seed: number | undefined, i: number): number | undefined {
  if (seed === undefined) return undefined;
  let z = (Math.imul(seed, 0x9e3779b1) + Math.imul(i + 1, 0x85ebca6b)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** A size of a layer: a whole number, 1 or more. */
export function requireSize(where: string, size: unknown): asserts size is number {
  if (typeof size === "number" && Number.isInteger(size) && size >= 1) return;
  throw new UsageError(`${where} is ${said(size)}; a whole number, 1 or more, was wanted`);
}

/** What is said of a layer's first parameters: a seed, and a dtype that can be learnt in. */
export function requireFirst(where: string, options: FirstOptions | undefined): void {
  requireNames(`${where}, init`, options, ["seed", "dtype"]);
  const { seed, dtype } = options ?? {};
  if (seed !== undefined) requireSeed(`${where}, init`, seed);
  if (dtype === undefined || dtype === "float32" || dtype === "float64") return;
  throw new DtypeError(`${where}, init: dtype is ${said(dtype)}; float32 or float64 was wanted`);
}

/** What comes where a tensor must. */
export function requireTensor(where: string, value: unknown): asserts value is Tensor {
  if (value instanceof Tensor) return;
  const listed = Array.isArray(value) || typeof value === "number";
  const remedy = listed ? "; make one by tensor(…)" : "";
  throw new UsageError(`${where} is ${said(value)}, no tensor${remedy}`);
}

/** The input of a layer, whose last axis must have the size the layer was made for. */
export function requireInput(where: string, x: unknown, size?: number): asserts x is Tensor {
  if (!(x instanceof Tensor)) requireTensor(`${where}: x`, x);
  if (size === undefined || (x.rank > 0 && x.shape.at(-1) === size)) return;
  throw new ShapeError(
    `${where}: x is ${bracketed(x.shape)}; ${size} as the size of its last axis was wanted`,
  );
}

/** What a function without parameters makes of a tensor: a tensor, too. */
export function outputOf(where: string, f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const y: unknown = f(x);
  if (y instanceof Tensor) return y;
  throw new UsageError(`${where}: ${f.name || "the function"} gave ${said(y)}, no tensor`);
}

/** The parameter of a layer under its name, which must have the layer's shape. */
export function requireParam(
  where: string,
  params: unknown,
  name: string,
  shape: readonly number[],
): Tensor {
  const value = (params as Record<string, unknown> | null | undefined)?.[name];
  if (!(value instanceof Tensor)) {
    throw new UsageError(`${where}: the parameters have no tensor ${name}; ${paramsFrom(params)}`);
  }
  if (sameShape(value.shape, shape)) return value;
  throw new ShapeError(
    `${where}: the parameter ${name} is ${bracketed(value.shape)}; ` +
      `${bracketed(shape)} was wanted`,
  );
}

/** Where parameters are, for messages: init() gives them, and what `fit` gives has them. */
function paramsFrom(value: unknown): string {
  const has = typeof value === "object" && value !== null && "params" in value;
  return has ? "pass its .params" : "apply(params, x) takes what init() gave";
}

/** The parameters of several layers: a list of as many. */
export function requireList(
  where: string,
  params: unknown,
  count: number,
): asserts params is readonly unknown[] {
  if (Array.isArray(params) && params.length === count) return;
  throw new UsageError(
    `${where}: the parameters of ${count} ${count === 1 ? "layer" : "layers"} were wanted, as a ` +
      `list; ${paramsFrom(params)}`,
  );
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
