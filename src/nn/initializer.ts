import { requireNames } from "../checks/options.js";
import { bracketed, said } from "../checks/said.js";
import { DomainError, type RandomOption, random, type Tensor, UsageError } from "../index.js";
import { requireTensor, sameShape } from "./layer.js";

/** What the first values of a weight of `inputs` rows and `outputs` columns are drawn from. */
export type Initializer = (inputs: number, outputs: number, options: RandomOption) => Tensor;

/** In a list of their own: one that also held a fraction would make every later look at a shape slow. */
type Sizes = readonly [inputs: number, outputs: number];

const known = ["seed", "dtype"];

function uniformOf(name: string, variance: number, shape: Sizes, options: RandomOption): Tensor {
  requireNames(name, options, known);
  const limit = Math.sqrt(3 * variance); // a uniform on ±a has variance a²/3
  return random.uniform(shape, { ...options, low: -limit, high: limit });
}

function normalOf(name: string, variance: number, shape: Sizes, options: RandomOption): Tensor {
  requireNames(name, options, known);
  return random.normal(shape, { ...options, std: Math.sqrt(variance) });
}

/**
 * Uniform with variance `2 / (inputs + outputs)`, for activations that are linear about 0, such as tanh
 * (Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
 * 2010, equation 16).
 *
 * @example
 * glorotUniform(3, 3, { seed: 1 }).abs().max().item() <= 1; // true
 */
export function glorotUniform(inputs: number, outputs: number, options: RandomOption = {}): Tensor {
  return uniformOf("glorotUniform", 2 / (inputs + outputs), [inputs, outputs], options);
}

/**
 * Normal with variance `2 / (inputs + outputs)` (Glorot and Bengio 2010, equation 12).
 *
 * @example
 * glorotNormal(4, 2, { seed: 1 }).shape; // [4, 2]
 */
export function glorotNormal(inputs: number, outputs: number, options: RandomOption = {}): Tensor {
  return normalOf("glorotNormal", 2 / (inputs + outputs), [inputs, outputs], options);
}

/**
 * Uniform with variance `2 / inputs`, for relu and its relatives, which keep half of the signal
 * (He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015, equation 10).
 *
 * @example
 * heUniform(6, 2, { seed: 1 }).abs().max().item() <= 1; // true
 */
export function heUniform(inputs: number, outputs: number, options: RandomOption = {}): Tensor {
  return uniformOf("heUniform", 2 / inputs, [inputs, outputs], options);
}

/**
 * Normal with variance `2 / inputs` (He et al. 2015, equation 10).
 *
 * @example
 * heNormal(4, 2, { seed: 1, dtype: "float64" }).dtype; // "float64"
 */
export function heNormal(inputs: number, outputs: number, options: RandomOption = {}): Tensor {
  return normalOf("heNormal", 2 / inputs, [inputs, outputs], options);
}

/** An initializer, if there is one. */
export function requireInitializer(where: string, initializer: unknown): void {
  if (initializer === undefined || typeof initializer === "function") return;
  throw new UsageError(
    `${where}: initializer is ${said(initializer)}; a function such as heNormal was wanted`,
  );
}

/** The weight that an initializer gave, which must have the shape asked for. */
export function weightOf(
  where: string,
  initializer: Initializer,
  inputs: number,
  outputs: number,
  options: RandomOption,
): Tensor {
  const W: unknown = initializer(inputs, outputs, options);
  requireTensor(`${where}: what the initializer gave`, W);
  if (sameShape(W.shape, [inputs, outputs])) return W;
  throw new DomainError(
    `${where}: the initializer gave ${bracketed(W.shape)} for a weight of [${inputs}, ${outputs}]`,
  );
}
