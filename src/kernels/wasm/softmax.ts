import type { WasmKernel } from "./kernel.js";
import { overAxes } from "./reduce.js";

/** The kernels about sums of exponentials. */
export const softmax: Record<string, WasmKernel> = {
  logsumexp: overAxes("logsumexp"),
  softmax: overAxes("softmax"),
  logSoftmax: overAxes("logSoftmax"),
};
