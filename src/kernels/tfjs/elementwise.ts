import { call, type Info } from "./backend.js";
import { spread } from "./broadcast.js";
import type { TfKernel } from "./kernel.js";
import { truth } from "./reshape.js";

const unary =
  (kernel: string, attrs: object = {}): TfKernel =>
  ([x]) => [call(kernel, { x: x as Info }, attrs)];

const binary =
  (kernel: string): TfKernel =>
  ([a, b]) => [call(kernel, { a: a as Info, b: b as Info })];

/** The entrywise ops that are one stock kernel each. */
export const elementwise: Record<string, TfKernel> = {
  add: binary("Add"),
  sub: binary("Sub"),
  mul: binary("Multiply"),
  div: binary("RealDiv"),
  pow: spread("Pow"),
  neg: unary("Neg"),
  sqrt: unary("Sqrt"),
  square: unary("Square"),
  reciprocal: unary("Reciprocal"),
  abs: unary("Abs"),

  equal: spread("Equal"),
  notEqual: spread("NotEqual"),
  less: spread("Less"),
  lessEqual: spread("LessEqual"),
  greater: spread("Greater"),
  greaterEqual: spread("GreaterEqual"),
  cast: ([x], { dtype }) => [
    dtype === "bool" ? truth(x as Info) : call("Cast", { x: x as Info }, { dtype }),
  ],

  exp: unary("Exp"),
  expm1: unary("Expm1"),
  log: unary("Log"),
  tan: unary("Tan"),
  asin: unary("Asin"),
  acos: unary("Acos"),
  atan: unary("Atan"),
  sinh: unary("Sinh"),
  cosh: unary("Cosh"),
  tanh: unary("Tanh"),
  erf: unary("Erf"),

  sigmoid: unary("Sigmoid"),
  relu: unary("Relu"),
  leakyRelu: ([x], { slope }) => [call("LeakyRelu", { x: x as Info }, { alpha: slope })],
  elu: unary("Elu", { alpha: 1 }),
  softplus: unary("Softplus"),
};
