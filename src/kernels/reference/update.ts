import type { NDArray, ReferenceKernel } from "./kernel.js";

/** What an optimizer's step holds together: the elements of all its inputs and outputs. */
const data = (arrays: NDArray[]) => arrays.map((x) => x.data) as [Data, Data, Data, Data];
type Data = NDArray["data"];

const momentumStep: ReferenceKernel = (
  inputs,
  outputs,
  { momentum, rate, nesterov }: { momentum: number; rate: number; nesterov?: boolean },
) => {
  const [p, g, v] = data(inputs);
  const [P, V] = data(outputs);
  for (let i = 0; i < P.length; i++) {
    const slope = g[i] as number;
    const next = momentum * (v[i] as number) + slope;
    V[i] = next;
    P[i] = (p[i] as number) - rate * (nesterov ? momentum * next + slope : next);
  }
};

const adamStep: ReferenceKernel = (
  inputs,
  outputs,
  attrs: { beta1: number; beta2: number; rate: number; epsilon: number; decay?: number },
) => {
  const [p, g, m, v] = data(inputs);
  const [P, M, V] = data(outputs);
  const { beta1, beta2, rate, epsilon, decay = 0 } = attrs;
  for (let i = 0; i < P.length; i++) {
    const slope = g[i] as number;
    const mean = beta1 * (m[i] as number) + (1 - beta1) * slope;
    const square = beta2 * (v[i] as number) + (1 - beta2) * slope * slope;
    M[i] = mean;
    V[i] = square;
    P[i] = (1 - decay) * (p[i] as number) - (rate * mean) / (Math.sqrt(square) + epsilon);
  }
};

/** The steps of optimizers. */
export const updates: Record<string, ReferenceKernel> = { momentumStep, adamStep };
