import type { Tensor } from "tracegrad";

export const loss = (X: Tensor, w: Tensor, b: Tensor, y: Tensor): Tensor =>
  X.matmul(w).sub(b).sub(y).square().sum();
