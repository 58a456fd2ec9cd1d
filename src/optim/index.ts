export { type Minimum, type StepInfo, minimize } from "./minimize.js";
export { type Optimizer, type OptimizerState, adam, momentum, sgd } from "./optimizer.js";
export type { LearningRate } from "./rate.js";
