export { type Activation, silu } from "./activation.js";
export { type DenseOptions, type DenseParams, dense } from "./dense.js";
export { dropout } from "./dropout.js";
export { type EmbeddingParams, embedding } from "./embedding.js";
export { type EvaluateOptions, evaluate } from "./fit/evaluate.js";
export { fit } from "./fit/fit.js";
export type {
  Applied,
  Applying,
  BatchInfo,
  Best,
  Callback,
  Checkpoint,
  Data,
  EarlyStopping,
  EpochInfo,
  FitOptions,
  Fitted,
  History,
  Metric,
  Model,
  Scores,
  Series,
  Stopped,
  Totals,
} from "./fit/types.js";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
} from "./initializer.js";
export type { AnyLayer, FirstOptions, Layer, NoParams, ParamsOf, Pass } from "./layer.js";
export {
  bce,
  crossEntropy,
  hinge,
  huber,
  type LossOptions,
  l1,
  l2,
  mae,
  mse,
  nll,
  type PenaltyOptions,
} from "./loss.js";
export { accuracy, confusionMatrix, r2 } from "./metric.js";
export { type LayerNormParams, layerNorm } from "./norm.js";
export { type MlpOptions, mlp, sequential } from "./sequential.js";
