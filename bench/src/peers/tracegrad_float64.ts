import { doubled } from "../random.js";
import type { Sides } from "../workloads.js";
import { sides as own, start } from "./tracegrad.js";

export { start };

/** tracegrad itself with the numbers of float32 workloads in float64. */
export const sides: Sides = {
  hessianQuadratic100: (inputs) => own.hessianQuadratic100(doubled(inputs)),
  hessianQuadratic500: (inputs) => own.hessianQuadratic500(doubled(inputs)),
  hessianLogistic: (inputs) => own.hessianLogistic(doubled(inputs)),
  hessianFactors: (inputs) => own.hessianFactors(doubled(inputs)),
  operatorFactors: (inputs) => own.operatorFactors(doubled(inputs)),
  hvpQuadratic100: (inputs) => own.hvpQuadratic100(doubled(inputs)),
  hvpQuadratic500: (inputs) => own.hvpQuadratic500(doubled(inputs)),
  hvpLogistic: (inputs) => own.hvpLogistic(doubled(inputs)),
  hvpFactors: (inputs) => own.hvpFactors(doubled(inputs)),
  newtonFactors: (inputs) => own.newtonFactors(doubled(inputs)),
};
