import { diagonal } from "./diagonal.js";
import { eigen } from "./eigen.js";
import { elementwise } from "./elementwise.js";
import { factor } from "./factor.js";
import { gaps } from "./gaps.js";
import type { ReferenceKernel } from "./kernel.js";
import { leastSquares } from "./lstsq.js";
import { power } from "./power.js";
import { product } from "./product.js";
import { reduce } from "./reduce.js";
import { reshape } from "./reshape.js";
import { select } from "./select.js";
import { solvers } from "./solve.js";
import { singular } from "./svd.js";
import { updates } from "./update.js";

/** All reference kernels, by the name of their op. */
export const referenceKernels: Readonly<Record<string, ReferenceKernel>> = {
  ...elementwise,
  ...reshape,
  ...select,
  ...reduce,
  ...diagonal,
  ...product,
  ...solvers,
  ...factor,
  ...power,
  ...eigen,
  ...singular,
  ...gaps,
  ...leastSquares,
  ...updates,
};
