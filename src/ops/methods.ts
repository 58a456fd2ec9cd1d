import { Tensor } from "../tensor/tensor.js";
import { t } from "./reshape.js";
import { families } from "./table.js";

/** All families in one: a function that takes each of them takes their intersection. */
type All<Family> = (Family extends unknown ? (family: Family) => void : never) extends (
  all: infer Every,
) => void
  ? Every
  : never;

type Ops = All<(typeof families)[keyof typeof families]>;

/** By name alone: op objects end in `Op`, and two functions take lists. */
type MethodName = Exclude<keyof Ops, `${string}Op` | "concat" | "stack">;

/** A function of a tensor and more, without the tensor. */
type Method<F> = F extends (X: Tensor, ...rest: infer Rest) => infer Out
  ? (...rest: Rest) => Out
  : never;

/** Mapped key by key, so that each method keeps its function's documentation. */
type MethodsOf<Functions> = { [K in keyof Functions]: Method<Functions[K]> };

type Methods = MethodsOf<Pick<Ops, MethodName>>;

/** Every op as a method, with the types of its function. */
export interface TensorMethods extends Methods {
  /** The transpose of the last two axes: `X.T` is `t(X)`. */
  readonly T: Tensor;
}

declare module "../tensor/tensor.js" {
  interface Tensor extends TensorMethods {}
}

/** What takes a list of tensors is no method of one. */
const lists = ["concat", "stack"];

/** Gives every tensor the public ops as methods; `init` calls it. */
export function installMethods(): void {
  if ("T" in Tensor.prototype) return;
  for (const family of Object.values(families)) {
    for (const [name, f] of Object.entries<unknown>(family)) {
      if (typeof f !== "function" || name in Tensor.prototype || lists.includes(name)) continue;
      Object.defineProperty(Tensor.prototype, name, {
        value(this: Tensor, ...rest: unknown[]): unknown {
          return f(this, ...rest);
        },
      });
    }
  }
  Object.defineProperty(Tensor.prototype, "T", {
    get(this: Tensor): Tensor {
      return t(this);
    },
  });
}
