import type { Shape } from "../../tensor/shape.js";
import type { Info } from "./backend.js";

/**
 * Runs an op on stock tfjs kernels. Inputs have been promoted to one dtype; `results` gives the
 * shapes and dtypes of the outputs. Values made on the way are dropped by the kernel itself.
 */
export type TfKernel = (
  inputs: readonly Info[],
  attrs: never,
  results: readonly { readonly shape: Shape; readonly dtype: string }[],
) => Info[];
