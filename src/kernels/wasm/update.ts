import { sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { at, type WasmKernel } from "./kernel.js";
import { native } from "./native.js";

type Some = readonly [Tensor, Tensor, Tensor, Tensor];

const stepMomentum = native("momentumStep");
const stepAdam = native("adamStep");

const momentumStep: WasmKernel = (
  inputs,
  outputs,
  attrs: {
    readonly momentum: number;
    readonly rate: number;
    readonly nesterov?: boolean | undefined;
  },
) => {
  const [p, g, v] = inputs as Some;
  const [P, V] = outputs as Some;
  const { momentum, rate, nesterov } = attrs;
  const n = sizeOf(p.shape);
  const step = stepMomentum[p.dtype];
  step(at(p), at(g), at(v), at(P), at(V), n, momentum, rate, nesterov ? 1 : 0);
};

const adamStep: WasmKernel = (
  inputs,
  outputs,
  attrs: {
    readonly beta1: number;
    readonly beta2: number;
    readonly rate: number;
    readonly epsilon: number;
    readonly decay?: number | undefined;
  },
) => {
  const [p, g, m, v] = inputs as Some;
  const [P, M, V] = outputs as Some;
  const { beta1, beta2, rate, epsilon, decay = 0 } = attrs;
  const n = sizeOf(p.shape);
  const step = stepAdam[p.dtype];
  step(at(p), at(g), at(m), at(v), at(P), at(M), at(V), n, beta1, beta2, rate, epsilon, decay);
};

/** The steps of optimizers. */
export const updates: Record<string, WasmKernel> = { momentumStep, adamStep };
