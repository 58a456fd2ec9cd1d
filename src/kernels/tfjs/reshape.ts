import { resolvePerm, swapLast } from "../../tensor/layout.js";
import { sameShape, sizeOf } from "../../tensor/shape.js";
import { call, drop, type Info } from "./backend.js";
import { expand, view } from "./broadcast.js";
import type { TfKernel } from "./kernel.js";

const t: TfKernel = ([X]) => {
  const x = X as Info;
  return [call("Transpose", { x }, { perm: swapLast(x.shape.length) })];
};

const transpose: TfKernel = ([X], { perm }: { perm?: readonly number[] }) => {
  const x = X as Info;
  return [call("Transpose", { x }, { perm: resolvePerm("transpose", perm, x.shape.length) })];
};

const broadcastTo: TfKernel = ([X], _, [result]) => [
  expand(X as Info, (result as { readonly shape: readonly number[] }).shape),
];

/** The stock kernel takes three equal shapes, and a condition of type bool. */
const where: TfKernel = (inputs, _, [result]) => {
  const { shape } = result as { readonly shape: readonly number[] };
  const [condition, a, b] = inputs as [Info, Info, Info];
  const made: Info[] = [];
  const own = (x: Info): Info => {
    made.push(x);
    return x;
  };
  const full = (x: Info): Info => (sameShape(x.shape, shape) ? x : own(expand(x, shape)));
  const flat = (x: Info): Info => view(x, [sizeOf(shape)]);
  const chosen =
    condition.dtype === "bool" && sameShape(condition.shape, shape)
      ? condition
      : own(truth(full(own(call("Cast", { x: condition }, { dtype: "float32" })))));
  const out = call("Select", { condition: flat(chosen), t: flat(full(a)), e: flat(full(b)) });
  for (const x of made) drop(x);
  return [view(out, shape)];
};

/** `x ≠ 0`, as bool: the stock Cast drops fractions. */
export function truth(x: Info): Info {
  const zero = call("Fill", {}, { shape: [], value: 0, dtype: x.dtype });
  const out = call("NotEqual", { a: x, b: zero });
  drop(zero);
  return out;
}

/** The ops that move elements and that stock kernels can run. */
export const reshape: Record<string, TfKernel> = { t, transpose, broadcastTo, where };
