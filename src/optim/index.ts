export { gaussNewton } from "./gauss_newton.js";
export { lbfgs } from "./lbfgs.js";
export type { LineSearchOptions } from "./line_search.js";
export { type Minimum, minimize, type StepInfo } from "./minimize.js";
export { newton } from "./newton.js";
export {
  adam,
  momentum,
  type Optimizer,
  type OptimizerState,
  type Pair,
  sgd,
} from "./optimizer.js";
export type { Curvature, Evaluation, Problem } from "./problem.js";
export type { LearningRate } from "./rate.js";
