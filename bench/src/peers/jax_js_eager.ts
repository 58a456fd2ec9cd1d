import type { Sides } from "../workloads.js";
import { hessians, start } from "./jax_js.js";

export { start };

/** jax-js without `jit`: op by op, as tracegrad runs. */
export const sides: Sides = hessians((f) => f);
