import { requireNames } from "../checks/options.js";
import { said } from "../checks/said.js";
import { UsageError } from "../index.js";
import { type Activation, activationOf } from "./activation.js";
import { type DenseParams, dense } from "./dense.js";
import { dropout as dropoutLayer } from "./dropout.js";
import { type Initializer, requireInitializer } from "./initializer.js";
import {
  type AnyLayer,
  type FirstOptions,
  type Layer,
  outputOf,
  type ParamsOf,
  type Pass,
  partSeed,
  requireFirst,
  requireList,
  requireSize,
} from "./layer.js";

/**
 * Layers one after the other; functions of a tensor, such as `relu`, count as layers without
 * parameters. The parameters are the list of those of each layer.
 *
 * @throws UsageError when there is no layer, or what stands in place of one is none.
 * @example
 * const model = sequential(dense(4, 8), relu, dropout(0.1), dense(8, 1));
 * const params = model.init({ seed: 1 });
 * params[3].W.shape; // [8, 1]
 * model.apply(params, ones([2, 4])).shape; // [2, 1]
 */
export function sequential<const L extends readonly AnyLayer[]>(
  ...layers: L
): Layer<{ readonly [K in keyof L]: ParamsOf<L[K]> }> {
  type P = { readonly [K in keyof L]: ParamsOf<L[K]> };
  if (layers.length === 0) throw new UsageError("sequential: it has no layers; give one at least");
  const parts = layers.map(asLayer);
  return {
    name: `sequential(${parts.map(({ name }) => name).join(", ")})`,
    init: (first) => firstOf("sequential", parts, first) as unknown as P,
    apply: (params, x, pass) => {
      requireList("sequential", params, parts.length);
      return parts.reduce((y, part, i) => part.apply(params[i], y, passOf(pass, i)), x);
    },
  };
}

/** The first parameters of each part. */
function firstOf<P>(where: string, parts: readonly Layer<P>[], first: FirstOptions = {}): P[] {
  requireFirst(where, first);
  const { seed, dtype } = first;
  return parts.map((part, i) => part.init({ seed: partSeed(seed, i), dtype }));
}

/** How part `i` is applied, from how the whole is. */
function passOf(pass: Pass | undefined, i: number): Pass | undefined {
  if (pass?.seed === undefined) return pass;
  return { training: pass.training, seed: partSeed(pass.seed, i) };
}

/** What stands in a sequence as a layer. */
function asLayer(layer: AnyLayer, i: number): Layer<unknown> {
  if (typeof layer?.apply === "function" && "init" in layer) return layer as Layer<unknown>;
  const where = `sequential: layer ${i}`;
  if (typeof layer !== "function") {
    throw new UsageError(
      `${where} is ${said(layer)}; a layer such as dense(3, 2), or a function, was wanted`,
    );
  }
  return {
    name: layer.name || "function",
    init: () => ({}),
    apply: (_, x) => outputOf(where, layer, x),
  };
}

/** What can be chosen of {@link mlp}. */
export interface MlpOptions {
  /** Of the hidden layers; relu unless given. */
  readonly activation?: Activation | undefined;
  /** Of the last layer; none unless given, since losses take logits. */
  readonly outputActivation?: Activation | undefined;
  /** The share of each hidden layer that is left out in training; 0 unless given. */
  readonly dropout?: number | undefined;
  /** Of the weights, instead of the one that suits the activation. */
  readonly initializer?: Initializer | undefined;
}

/**
 * A multilayer perceptron: `dense` layers of the given sizes, the inputs first and the outputs last, with
 * an activation after each but the last. The parameters are the list of theirs.
 *
 * @throws UsageError when there are fewer than two sizes, or one is not a whole number of at least 1;
 *   DomainError when `dropout` lies outside [0, 1).
 * @example
 * const model = mlp([784, 128, 10]);
 * const params = model.init({ seed: 1 });
 * params.length; // 2
 * model.apply(params, zeros([5, 784])).shape; // [5, 10]
 */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): Layer<DenseParams[]> {
  if (!Array.isArray(sizes) || sizes.length < 2) {
    throw new UsageError("mlp: a list of two sizes or more was wanted, as mlp([784, 128, 10])");
  }
  sizes.forEach((size, i) => {
    requireSize(`mlp: size ${i}`, size);
  });
  requireNames("mlp", options, ["activation", "outputActivation", "dropout", "initializer"]);
  const { activation = "relu", outputActivation = "linear", dropout = 0, initializer } = options;
  for (const each of [activation, outputActivation]) activationOf("mlp", each);
  requireInitializer("mlp", initializer);
  const drop = dropout === 0 ? null : dropoutLayer(dropout);
  const last = sizes.length - 2;
  const parts = sizes.slice(1).map((outputs, i) =>
    dense(sizes[i] as number, outputs, {
      activation: i === last ? outputActivation : activation,
      initializer,
    }),
  );
  return {
    name: `mlp(${sizes.join(", ")})`,
    init: (first) => firstOf("mlp", parts, first),
    apply: (params, x, pass) => {
      requireList("mlp", params, parts.length);
      return parts.reduce((h, part, i) => {
        const y = part.apply(params[i] as DenseParams, h);
        return drop === null || i === last ? y : drop.apply({}, y, passOf(pass, i));
      }, x);
    },
  };
}
