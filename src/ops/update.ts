import { applyAll } from "../core/apply.js";
import { attributes, defineOp, type Sample } from "../core/op.js";
import { ShapeError } from "../tensor/errors.js";
import { format, type Shape, sameShape } from "../tensor/shape.js";
import type { Tensor, TensorLike } from "../tensor/tensor.js";
import { add, div, mul, sqrt, square } from "./arithmetic.js";
import { equal, where } from "./compare.js";
import { passes } from "./entrywise.js";
import { call } from "./notation.js";
import { uniform } from "./samples.js";

/** The numbers of one step of momentum. */
export interface MomentumStep {
  /** What the average keeps of itself, μ. */
  readonly momentum: number;
  /** How far the step goes, η. */
  readonly rate: number;
  /** Whether it goes along `g + μ V`, as Nesterov's does, and not along V. */
  readonly nesterov?: boolean | undefined;
}

/** The numbers of one step of Adam; what changes from step to step is worked into the last ones. */
export interface AdamStep {
  /** What the mean of the gradient keeps of itself, β₁. */
  readonly beta1: number;
  /** What the mean of its square keeps of itself, β₂. */
  readonly beta2: number;
  /** How far the step goes, η. */
  readonly rate: number;
  /** What is added to the root, ε. */
  readonly epsilon: number;
  /** What the parameters lose of themselves, δ, as `η λ` in AdamW; 0 unless given. */
  readonly decay?: number | undefined;
}

/** The rule of an input that a number of the attributes multiplies: dY = c·dX. */
function scaled<A>(factor: (attrs: A) => number) {
  const times = (_: unknown, dX: Tensor, { attrs }: { readonly attrs: A }): Tensor =>
    mul(dX, factor(attrs));
  return { d: times, adj: times };
}

/** All inputs have one shape, and so have the outputs. */
function alike(
  op: string,
  count: 2 | 3,
  shapes: Readonly<Record<"p" | "g" | "v", Shape>> & { readonly m?: Shape },
): Shape[] {
  const { p, g, m, v } = shapes;
  if (!sameShape(p, g) || (m && !sameShape(p, m)) || !sameShape(p, v)) {
    const other = Object.entries<Shape>(shapes).find(([, shape]) => !sameShape(p, shape));
    const [key, shape] = other as [string, Shape];
    throw new ShapeError(
      `${op}: p is ${format(p)} and ${key} is ${format(shape)}; ` +
        "the parameters, their gradient and its averages have one shape",
    );
  }
  return count === 2 ? [p, p] : [p, p, p];
}

/**
 * One step of gradient descent with momentum, entrywise: `V = μ v + g`, `P = p − η V`; with
 * `nesterov`, `P = p − η (g + μ V)`.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * const { P, V } = momentumStep([1, 2], [1, 0], [0, 2], { momentum: 0.5, rate: 0.1 });
 * P.toArray(); // [0.9, 1.9]
 * V.toArray(); // [1, 1]
 */
export function momentumStep(
  p: TensorLike,
  g: TensorLike,
  v: TensorLike,
  options: MomentumStep,
): { readonly P: Tensor; readonly V: Tensor } {
  return applyAll(momentumStepOp, { p, g, v }, options);
}

export const momentumStepOp = defineOp({
  name: "momentumStep",
  inputs: ["p", "g", "v"],
  outputs: ["P", "V"],
  saves: [],
  attrs: attributes<MomentumStep>(),
  shape: (shapes) => alike("momentumStep", 2, shapes),
  // dV = μ dv + dg,  dP = dp − η dV, or dp − η (dg + μ dV) = dp − η (μ² dv + (1 + μ) dg)
  rules: {
    p: { P: passes, V: { constant: "the average is of the gradient alone" } },
    g: {
      P: scaled<MomentumStep>(
        ({ rate, momentum, nesterov }) => -rate * (nesterov ? 1 + momentum : 1),
      ),
      V: passes,
    },
    v: {
      P: scaled<MomentumStep>(
        ({ rate, momentum, nesterov }) => -rate * momentum * (nesterov ? momentum : 1),
      ),
      V: scaled<MomentumStep>(({ momentum }) => momentum),
    },
  },
  maps: "alike",
  notation: ({ p, g, v }) => call("momentumStep", p, g, v),
  samples: (): Sample<"p" | "g" | "v", MomentumStep>[] => {
    const attrs = { momentum: 0.7, rate: 0.3 };
    const at = (shape: Shape) => ({ p: uniform(shape), g: uniform(shape), v: uniform(shape) });
    return [
      ...[[], [7], [2, 3], [0]].map((shape) => ({ inputs: at(shape), attrs })),
      { inputs: at([2, 3]), attrs: { ...attrs, nesterov: true } },
      {
        inputs: { ...at([2]), v: uniform([1]) },
        attrs,
        error:
          "momentumStep: p is [2] and v is [1]; " +
          "the parameters, their gradient and its averages have one shape",
      },
    ];
  },
});

/**
 * One step of Adam, entrywise: `M = β₁ m + (1 − β₁) g`, `V = β₂ v + (1 − β₂) g²`,
 * `P = (1 − δ) p − η M / (√V + ε)`. The corrections for the start at 0 belong in `rate` and
 * `epsilon`. The root's slope at 0 is taken as 0.
 *
 * @throws ShapeError when the shapes differ.
 * @example
 * const options = { beta1: 0.9, beta2: 0.999, rate: Math.sqrt(0.001), epsilon: 0 };
 * const { P, M } = adamStep([1, 2], [4, -4], [0, 0], [0, 0], options);
 * P.toArray(); // [0.9, 2.1]
 * M.toArray(); // [0.4, -0.4]
 */
export function adamStep(
  p: TensorLike,
  g: TensorLike,
  m: TensorLike,
  v: TensorLike,
  options: AdamStep,
): { readonly P: Tensor; readonly M: Tensor; readonly V: Tensor } {
  return applyAll(adamStepOp, { p, g, m, v }, options);
}

export const adamStepOp = defineOp({
  name: "adamStep",
  inputs: ["p", "g", "m", "v"],
  outputs: ["P", "M", "V"],
  saves: ["g", "M", "V"],
  attrs: attributes<AdamStep>(),
  shape: (shapes) => alike("adamStep", 3, shapes),
  // dM = β₁ dm + (1 − β₁) dg,  dV = β₂ dv + 2(1 − β₂) g dg,  and with the root R = √V, 2R dR = dV:
  // dP = (1 − δ) dp − η dM / (R + ε) + η M dR / (R + ε)² = (1 − δ) dp + P_M dM + P_V dV
  rules: {
    p: {
      P: scaled<AdamStep>(({ decay = 0 }) => 1 - decay),
      M: { constant: "the averages are of the gradient alone" },
      V: { constant: "the averages are of the gradient alone" },
    },
    g: {
      P: {
        slope: ({ g, M, V }, { attrs }) => {
          const dV = mul(g, 2 * (1 - attrs.beta2));
          return add(mul(byMean(V, attrs), 1 - attrs.beta1), mul(bySquare(M, V, attrs), dV));
        },
      },
      M: scaled<AdamStep>(({ beta1 }) => 1 - beta1),
      V: { slope: ({ g }, { attrs }) => mul(g, 2 * (1 - attrs.beta2)) },
    },
    m: {
      P: { slope: ({ V }, { attrs }) => mul(byMean(V, attrs), attrs.beta1) },
      M: scaled<AdamStep>(({ beta1 }) => beta1),
      V: { constant: "V is the average of squares" },
    },
    v: {
      P: { slope: ({ M, V }, { attrs }) => mul(bySquare(M, V, attrs), attrs.beta2) },
      M: { constant: "M is the average of gradients" },
      V: scaled<AdamStep>(({ beta2 }) => beta2),
    },
  },
  maps: "alike",
  notation: ({ p, g, m, v }) => call("adamStep", p, g, m, v),
  samples: (): Sample<"p" | "g" | "m" | "v", AdamStep>[] => {
    const attrs = { beta1: 0.7, beta2: 0.8, rate: 0.3, epsilon: 0.1 };
    const at = (shape: Shape) => ({
      p: uniform(shape),
      g: uniform(shape),
      m: uniform(shape),
      v: uniform(shape, 0.2, 2),
    });
    return [
      ...[[], [7], [2, 3], [0]].map((shape) => ({ inputs: at(shape), attrs })),
      { inputs: at([2, 3]), attrs: { ...attrs, decay: 0.4 } },
      {
        inputs: { ...at([2]), g: uniform([2, 1]) },
        attrs,
        error:
          "adamStep: p is [2] and g is [2, 1]; " +
          "the parameters, their gradient and its averages have one shape",
      },
    ];
  },
});

/** √V; where that is 0 so is its slope. */
function root(V: Tensor): Tensor {
  const zero = equal(V, 0);
  return where(zero, 0, sqrt(where(zero, 1, V)));
}

/** `∂P/∂M = −η / (R + ε)` */
function byMean(V: Tensor, { rate, epsilon }: AdamStep): Tensor {
  return div(-rate, add(root(V), epsilon));
}

/** `∂P/∂V = η M / (2R (R + ε)²)` */
function bySquare(M: Tensor, V: Tensor, { rate, epsilon }: AdamStep): Tensor {
  const zero = equal(V, 0);
  const R = root(where(zero, 1, V));
  return where(zero, 0, div(mul(M, rate / 2), mul(R, square(add(R, epsilon)))));
}
