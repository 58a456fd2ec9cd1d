export { type Minimum, minimize, type StepInfo } from "./minimize.js";
export { adam, momentum, type Optimizer, type OptimizerState, sgd } from "./optimizer.js";
export type { LearningRate } from "./rate.js";
