import { rounded } from "../random.js";
import type { Sides } from "../workloads.js";
import { sides as own, start } from "./tracegrad.js";

export { start };

/** tracegrad itself with the numbers of float64 workloads rounded to float32. */
export const sides: Sides = {
  gemmDouble64: (inputs) => own.gemmDouble64(rounded(inputs)),
  gemmDouble256: (inputs) => own.gemmDouble256(rounded(inputs)),
  gemmDouble1024: (inputs) => own.gemmDouble1024(rounded(inputs)),
};
