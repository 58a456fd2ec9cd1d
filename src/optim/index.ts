export { type AdamOptions, adagrad, adam, adamw, rmsprop } from "./adaptive.js";
export { clipNorm, clipValue } from "./clip.js";
export { type MomentumOptions, momentum, nesterov, sgd } from "./descent.js";
export { gaussNewton } from "./gauss_newton.js";
export { lbfgs } from "./lbfgs.js";
export type { LineSearchOptions } from "./line_search.js";
export { type Minimum, minimize, type StepInfo } from "./minimize.js";
export { newton } from "./newton.js";
export type { Optimizer } from "./optimizer.js";
export type { Curvature, Evaluation, Problem } from "./problem.js";
export type { LearningRate } from "./rate.js";
export {
  cosineDecay,
  exponentialDecay,
  linearDecay,
  type Schedule,
  stepDecay,
  warmup,
} from "./schedule.js";
export type { OptimizerState, Pair } from "./state.js";
