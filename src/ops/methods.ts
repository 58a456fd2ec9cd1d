import { Tensor } from "../tensor/tensor.js";
import type * as activation from "./activation.js";
import type * as arithmetic from "./arithmetic.js";
import type * as compare from "./compare.js";
import type * as determinant from "./determinant.js";
import type * as diagonal from "./diagonal.js";
import type * as elementwise from "./elementwise.js";
import type * as factor from "./factor.js";
import type * as join from "./join.js";
import type * as product from "./product.js";
import type * as reduce from "./reduce.js";
import type * as reshape from "./reshape.js";
import { t } from "./reshape.js";
import type * as select from "./select.js";
import type * as softmax from "./softmax.js";
import type * as solve from "./solve.js";
import { families } from "./table.js";

type Ops = typeof activation &
  typeof arithmetic &
  typeof compare &
  typeof elementwise &
  typeof reduce &
  typeof reshape &
  typeof join &
  typeof select &
  typeof softmax &
  typeof diagonal &
  typeof product &
  typeof solve &
  typeof determinant &
  typeof factor;

/** By name alone: op objects end in `Op`, and two functions take lists. */
type MethodName = Exclude<keyof Ops, `${string}Op` | "concat" | "stack">;

/** A function of a tensor and more, without the tensor. */
type Method<F> = F extends (X: Tensor, ...rest: infer Rest) => infer Out
  ? (...rest: Rest) => Out
  : never;

type Methods = { [K in MethodName]: Method<Ops[K]> };

/** Every op as a method, with the types of its function. */
export interface TensorMethods extends Methods {
  /** The transpose of the last two axes: `X.T` is `t(X)`. */
  readonly T: Tensor;
}

declare module "../tensor/tensor.js" {
  interface Tensor extends TensorMethods {}
}

/** Gives every tensor the public ops as methods; `init` calls it. */
export function installMethods(): void {
  if ("T" in Tensor.prototype) return;
  for (const family of Object.values(families)) {
    for (const [name, f] of Object.entries<unknown>(family)) {
      if (typeof f !== "function" || name in Tensor.prototype) continue;
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
