import { said } from "../checks/said.js";
import {
  elu,
  gelu,
  leakyRelu,
  relu,
  sigmoid,
  softmax,
  softplus,
  type Tensor,
  tanh,
  UsageError,
} from "../index.js";
import { glorotUniform, heUniform, type Initializer } from "./initializer.js";
import { outputOf } from "./layer.js";

/**
 * `x · σ(x)`, entrywise (Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2018; also called
 * swish).
 *
 * @example
 * silu(tensor([0, 1])).toArray(); // [0, 0.731…]
 */
export function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid());
}

/** The activations that have a name, and whether they keep about half of a signal, as relu does. */
const named = {
  relu: { f: (x) => relu(x), half: true },
  leakyRelu: { f: (x) => leakyRelu(x), half: true },
  elu: { f: (x) => elu(x), half: true },
  gelu: { f: (x) => gelu(x), half: true },
  silu: { f: silu, half: true },
  softplus: { f: (x) => softplus(x), half: true },
  sigmoid: { f: (x) => sigmoid(x), half: false },
  tanh: { f: (x) => tanh(x), half: false },
  softmax: { f: (x) => softmax(x, { axis: -1 }), half: false },
  linear: { f: (x) => x, half: false },
} satisfies Record<string, { readonly f: (x: Tensor) => Tensor; readonly half: boolean }>;

/** The name of an activation, or any function of a tensor. */
export type Activation = keyof typeof named | ((x: Tensor) => Tensor);

/** The function of an activation, and the initializer that suits it. */
export function activationOf(
  where: string,
  activation: Activation,
): { readonly f: (x: Tensor) => Tensor; readonly initializer: Initializer } {
  if (typeof activation === "function") {
    return { f: (x) => outputOf(where, activation, x), initializer: heUniform };
  }
  if (Object.hasOwn(named, activation)) {
    const { f, half } = named[activation];
    return { f, initializer: half ? heUniform : glorotUniform };
  }
  throw new UsageError(
    `${where}: there is no activation ${said(activation)}; there are ` +
      `${Object.keys(named).join(", ")}, and any function of a tensor`,
  );
}
