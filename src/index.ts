export { type InitOptions, init } from "./init.js";
export type { DType, TypedArray } from "./tensor/dtype.js";
export { getDefaultDtype, setDefaultDtype } from "./tensor/dtype.js";
export {
  DomainError,
  DtypeError,
  FormatError,
  OutOfMemoryError,
  ShapeError,
  SingularError,
  TracegradError,
  UsageError,
} from "./tensor/errors.js";
export { fromTf, toTf } from "./kernels/tfjs/interop.js";
export type { Shape } from "./tensor/shape.js";
export { type Nested, type NestedBool, Tensor, type TensorLike } from "./tensor/tensor.js";
export {
  type DTypeOption,
  arange,
  eye,
  full,
  linspace,
  ones,
  scalar,
  tensor,
  zeros,
} from "./tensor/create.js";
export { type RandomOption, random } from "./tensor/random.js";
export { leaves, leavesLike, mapTree, rebuild } from "./tensor/tree.js";
export { apply, applyAll } from "./core/apply.js";
export {
  type Action,
  type AnyOp,
  type ByName,
  type Carried,
  type Context,
  type DTypeRule,
  type Maps,
  type Notation,
  type Op,
  type OpSpec,
  type Rule,
  type Sample,
  attributes,
} from "./core/op.js";
export type { ReduceOptions } from "./ops/axes.js";
export { defineOp } from "./ops/define_op.js";
export type { Paddings } from "./ops/join.js";
export type { TensorMethods } from "./ops/methods.js";
export type { AxisOption } from "./ops/softmax.js";
export type { TriangularOptions } from "./ops/solve.js";
export { ops } from "./ops/table.js";
export { LinearOperator } from "./structure/operator.js";
export { Tape } from "./tape/tape.js";
export type { Wrt } from "./transforms/arguments.js";
export type { Blocks, Form } from "./transforms/derivative.js";
export { type GradOptions, grad, valueAndGrad } from "./transforms/grad.js";
export {
  type HessianOf,
  HessianOperator,
  type HessianOptions,
  hessian,
  hvp,
} from "./transforms/hessian.js";
export { type Iteration, iterate } from "./transforms/iterate.js";
export { type JacobianOf, type JacobianOptions, jacobian } from "./transforms/jacobian.js";
export { jvp } from "./transforms/jvp.js";
export type { Layout } from "./transforms/layout.js";
export { linearize } from "./transforms/linearize.js";
export { record, stopGradient, tidy } from "./transforms/record.js";
export { vjp } from "./transforms/vjp.js";
export { type VmapOptions, vmap } from "./transforms/vmap.js";
// The ops, by family: written by `npm run generate` from src/ops/table.ts.
export { elu, gelu, leakyRelu, relu, sigmoid, softplus } from "./ops/activation.js";
export {
  abs,
  add,
  clip,
  div,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  sign,
  sqrt,
  square,
  sub,
} from "./ops/arithmetic.js";
export {
  cast,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  notEqual,
  where,
} from "./ops/compare.js";
export { adjugate, det, logdet, slogdet } from "./ops/determinant.js";
export { diag, diagPart, trace, tril, triu } from "./ops/diagonal.js";
export { eigh } from "./ops/eigen.js";
export {
  acos,
  asin,
  atan,
  cos,
  cosh,
  erf,
  exp,
  expm1,
  log,
  log1p,
  sin,
  sinh,
  tan,
  tanh,
} from "./ops/elementwise.js";
export { cholesky } from "./ops/factor.js";
export { concat, flip, pad, stack } from "./ops/join.js";
export { lstsq, pinv } from "./ops/lstsq.js";
export { lu } from "./ops/lu.js";
export { expm, matrixPower } from "./ops/power.js";
export { dot, kron, matmul, outer } from "./ops/product.js";
export { qr } from "./ops/qr.js";
export { argmax, cumsum, max, mean, min, norm, prod, sum } from "./ops/reduce.js";
export { broadcastTo, expandDims, reshape, squeeze, t, transpose } from "./ops/reshape.js";
export { oneHot, scatterAdd, slice, split, take } from "./ops/select.js";
export { logSoftmax, logsumexp, softmax } from "./ops/softmax.js";
export { inv, solve, solveTriangular } from "./ops/solve.js";
export { svd } from "./ops/svd.js";
export { adamStep, momentumStep } from "./ops/update.js";
