import { elementwise } from "./elementwise.js";
import type { ReferenceKernel } from "./kernel.js";
import { product } from "./product.js";
import { reduce } from "./reduce.js";
import { reshape } from "./reshape.js";

/** All reference kernels, by the name of their op. */
export const referenceKernels: Readonly<Record<string, ReferenceKernel>> = {
  ...elementwise,
  ...reshape,
  ...reduce,
  ...product,
};
