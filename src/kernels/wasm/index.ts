import { determinants } from "./determinant.js";
import { eigen } from "./eigen.js";
import { elementwise } from "./elementwise.js";
import { factoring } from "./factor.js";
import type { WasmKernel } from "./kernel.js";
import { leastSquares } from "./lstsq.js";
import { move } from "./move.js";
import { powers } from "./power.js";
import { product } from "./product.js";
import { factors } from "./qr.js";
import { reduce } from "./reduce.js";
import { reshape } from "./reshape.js";
import { select } from "./select.js";
import { softmax } from "./softmax.js";
import { solving } from "./solve.js";
import { singular } from "./svd.js";
import { updates } from "./update.js";

/** All kernels of our WASM module, by op name. */
export const wasmKernels: Readonly<Record<string, WasmKernel>> = {
  ...elementwise,
  ...move,
  ...product,
  ...reshape,
  ...reduce,
  ...select,
  ...softmax,
  ...updates,
  ...solving,
  ...determinants,
  ...factoring,
  ...eigen,
  ...factors,
  ...powers,
  ...leastSquares,
  ...singular,
};

/** The kernels that read no more of their first input than what they give. */
export const picks: ReadonlySet<string> = new Set(["take", "slice"]);

/** Those that read transposes as they lie. */
export const readsTransposes: ReadonlySet<string> = new Set([
  "matmul",
  "solve",
  "solveTriangular",
  "cholesky",
  "det",
  "logdet",
  "slogdet",
]);
