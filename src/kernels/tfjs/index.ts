import { elementwise } from "./elementwise.js";
import type { TfKernel } from "./kernel.js";
import { product } from "./product.js";
import { reduce } from "./reduce.js";
import { reshape } from "./reshape.js";

/** The ops that stock tfjs kernels can run, by name; all others run on the reference kernels. */
export const tfKernels: Readonly<Record<string, TfKernel>> = {
  ...elementwise,
  ...product,
  ...reshape,
  ...reduce,
};
