import type { TypedArray } from "../../tensor/dtype.js";
import { broadcastStrides, type Shape, sameShape, sizeOf } from "../../tensor/shape.js";
import { erf } from "./erf.js";
import type { NDArray, ReferenceKernel } from "./kernel.js";

/** The elements of `X` repeated to fill `shape`; itself where it does so already. */
export function expand(X: NDArray, shape: Shape): TypedArray {
  if (sameShape(X.shape, shape)) return X.data;
  const size = sizeOf(shape);
  const out = X.data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  if (X.data.length === 1) return out.fill(X.data[0] as number);
  const strides = broadcastStrides(X.shape, shape);
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < size; i++) {
    out[i] = X.data[at] as number;
    // Count the index up like an odometer; `at` follows by the strides.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const n = shape[axis] as number;
      const step = strides[axis] as number;
      at += step;
      if (++(index[axis] as number) < n) break;
      index[axis] = 0;
      at -= n * step;
    }
  }
  return out;
}

/** A kernel that maps each element by itself. */
function map<A>(f: (x: number, attrs: A) => number): ReferenceKernel {
  return ([X], [Y], attrs: A) => {
    const from = (X as NDArray).data;
    const to = (Y as NDArray).data;
    for (let i = 0; i < to.length; i++) to[i] = f(from[i] as number, attrs);
  };
}

/** A kernel that combines two broadcast inputs element by element. */
function zip(f: (a: number, b: number) => number): ReferenceKernel {
  return ([A, B], [Y]) => {
    const { data: to, shape } = Y as NDArray;
    const a = expand(A as NDArray, shape);
    const b = expand(B as NDArray, shape);
    for (let i = 0; i < to.length; i++) to[i] = f(a[i] as number, b[i] as number);
  };
}

const where: ReferenceKernel = (inputs, [Y]) => {
  const { data: to, shape } = Y as NDArray;
  const [condition, a, b] = inputs.map((x) => expand(x, shape)) as [
    TypedArray,
    TypedArray,
    TypedArray,
  ];
  for (let i = 0; i < to.length; i++) to[i] = (condition[i] === 0 ? b[i] : a[i]) as number;
};

const truth = (b: boolean): number => (b ? 1 : 0);

/** `1 / (1 + e⁻ˣ)`, by the form that does not overflow. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** As IEEE says: 1 to any power, and −1 to ±∞, is 1, where JavaScript gives NaN. */
function pow(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** int32 holds the nearest it can: the fraction is dropped, the range is kept to, NaN is 0. */
const castInto: ReferenceKernel = ([X], [Y]) => {
  const from = (X as NDArray).data;
  const to = (Y as NDArray).data;
  if (to instanceof Uint8Array) for (let i = 0; i < to.length; i++) to[i] = truth(from[i] !== 0);
  else if (to instanceof Int32Array) {
    const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
    for (let i = 0; i < to.length; i++) to[i] = Math.min(Math.max(from[i] as number, low), high);
  } else to.set(from);
};

/** The entrywise kernels, whichever family of ops they serve. */
export const elementwise: Record<string, ReferenceKernel> = {
  add: zip((a, b) => a + b),
  sub: zip((a, b) => a - b),
  mul: zip((a, b) => a * b),
  div: zip((a, b) => a / b),
  pow: zip(pow),
  maximum: zip(Math.max),
  minimum: zip(Math.min),
  neg: map((x) => -x),
  sqrt: map(Math.sqrt),
  square: map((x) => x * x),
  reciprocal: map((x) => 1 / x),
  abs: map(Math.abs),
  sign: map(Math.sign),
  clip: map((x, { low, high }: { low: number; high: number }) => Math.min(Math.max(x, low), high)),

  equal: zip((a, b) => truth(a === b)),
  notEqual: zip((a, b) => truth(a !== b)),
  less: zip((a, b) => truth(a < b)),
  lessEqual: zip((a, b) => truth(a <= b)),
  greater: zip((a, b) => truth(a > b)),
  greaterEqual: zip((a, b) => truth(a >= b)),
  where,
  cast: castInto,

  exp: map(Math.exp),
  expm1: map(Math.expm1),
  log: map(Math.log),
  log1p: map(Math.log1p),
  sin: map(Math.sin),
  cos: map(Math.cos),
  tan: map(Math.tan),
  asin: map(Math.asin),
  acos: map(Math.acos),
  atan: map(Math.atan),
  sinh: map(Math.sinh),
  cosh: map(Math.cosh),
  tanh: map(Math.tanh),
  erf: map(erf),

  sigmoid: map(sigmoid),
  relu: map((x) => Math.max(x, 0)), // NaN stays NaN
  leakyRelu: map((x, { slope }: { slope: number }) => (x > 0 ? x : slope * x)),
  elu: map((x) => (x > 0 ? x : Math.expm1(x))),
  gelu: map((x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))),
  softplus: map((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
};
