import { bytesOf, type DType } from "../../tensor/dtype.js";
import { sizeOf } from "../../tensor/shape.js";
import { Storage } from "../../tensor/storage.js";
import { Tensor } from "../../tensor/tensor.js";
import { choose, combine, type Rows } from "./broadcast.js";
import { heap } from "./heap.js";
import { at, type WasmKernel } from "./kernel.js";
import { native, scratch } from "./native.js";

/** A kernel that maps each element by itself: `name(n, x, y)`. */
function map(name: string): WasmKernel {
  const of = native(name);
  return (inputs, outputs) => {
    const X = inputs[0] as Tensor;
    const n = sizeOf(X.shape);
    const y = at(outputs[0] as Tensor);
    if (X.dtype === "float32") of.float32(n, at(X), y);
    else of.float64(n, at(X), y);
  };
}

/** A kernel that combines two broadcast inputs, exchanged for `a > b` as `b < a`. */
function zip(name: string, exchanged = false): WasmKernel {
  const rows: Record<DType, Rows> = native(name);
  const first = exchanged ? 1 : 0;
  return (inputs, outputs) => {
    const A = inputs[first] as Tensor;
    const B = inputs[1 - first] as Tensor;
    combine(A.dtype === "float32" ? rows.float32 : rows.float64, A, B, outputs[0] as Tensor);
  };
}

const clipOf = native("clip");
const clip: WasmKernel = ([X], [Y], { low, high }: { low: number; high: number }) => {
  const x = X as Tensor;
  clipOf[x.dtype](sizeOf(x.shape), at(x), at(Y as Tensor), low, high);
};

const leakyReluOf = native("leakyRelu");
const leakyRelu: WasmKernel = ([X], [Y], { slope }: { slope: number }) => {
  const x = X as Tensor;
  leakyReluOf[x.dtype](sizeOf(x.shape), at(x), at(Y as Tensor), slope);
};

const from = {
  float32: native("fromFloat"), // to float64
  float64: native("fromFloat"), // to float32
  int32: native("fromInt32"),
  bool: native("fromBool"),
};
const into = { int32: native("toInt32"), bool: native("toBool") };

function castInto(x: Tensor, y: Tensor): void {
  const n = sizeOf(x.shape);
  if (x.dtype === y.dtype) {
    heap.uint8().copyWithin(at(y), at(x), at(x) + bytesOf(x.dtype, n));
  } else if (y.dtype === "float32" || y.dtype === "float64") {
    from[x.dtype][y.dtype](n, at(x), at(y));
  } else if (x.dtype === "float32" || x.dtype === "float64") {
    into[y.dtype][x.dtype](n, at(x), at(y));
  } else if (y.dtype === "int32") {
    const bytes = heap.uint8().subarray(at(x), at(x) + n);
    heap.int32().set(bytes, at(y) / 4);
  } else {
    const whole = heap.int32().subarray(at(x) / 4, at(x) / 4 + n);
    const bytes = heap.uint8();
    for (let i = 0; i < n; i++) bytes[at(y) + i] = whole[i] === 0 ? 0 : 1;
  }
}

const cast: WasmKernel = ([X], [Y]) => castInto(X as Tensor, Y as Tensor);

const whereOf = native("where");
const where: WasmKernel = (inputs, outputs) => {
  const Y = outputs[0] as Tensor;
  const rows = Y.dtype === "float32" ? whereOf.float32 : whereOf.float64;
  choose(rows, masked(inputs[0] as Tensor), inputs[1] as Tensor, inputs[2] as Tensor, Y);
};

/** A condition as truth values. */
function masked(condition: Tensor): Tensor {
  if (condition.dtype === "bool") return condition;
  const storage = new Storage("bool", sizeOf(condition.shape), null);
  storage.at = scratch(storage.length);
  const mask = new Tensor(condition.shape, "bool", storage);
  castInto(condition, mask);
  return mask;
}

/** The entrywise kernels, whichever family of ops they serve. */
export const elementwise: Record<string, WasmKernel> = {
  add: zip("add"),
  sub: zip("sub"),
  mul: zip("mul"),
  div: zip("div"),
  pow: zip("pow"),
  maximum: zip("maximum"),
  minimum: zip("minimum"),
  neg: map("neg"),
  sqrt: map("sqrt"),
  square: map("square"),
  reciprocal: map("reciprocal"),
  abs: map("abs"),
  sign: map("sign"),
  clip,

  equal: zip("equal"),
  notEqual: zip("notEqual"),
  less: zip("less"),
  lessEqual: zip("lessEqual"),
  greater: zip("less", true),
  greaterEqual: zip("lessEqual", true),
  where,
  cast,

  exp: map("exp"),
  expm1: map("expm1"),
  log: map("log"),
  log1p: map("log1p"),
  sin: map("sin"),
  cos: map("cos"),
  tan: map("tan"),
  asin: map("asin"),
  acos: map("acos"),
  atan: map("atan"),
  sinh: map("sinh"),
  cosh: map("cosh"),
  tanh: map("tanh"),
  erf: map("erf"),

  sigmoid: map("sigmoid"),
  relu: map("relu"),
  leakyRelu,
  elu: map("elu"),
  gelu: map("gelu"),
  softplus: map("softplus"),
};
