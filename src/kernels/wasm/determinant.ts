import { bytesOf, type TypedArray } from "../../tensor/dtype.js";
import type { Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { timesPowerOf2 } from "../reference/lu.js";
import { solvers } from "../reference/solve.js";
import { block, byReference, DETERMINANT, decompose } from "./decompose.js";
import { view } from "./device.js";
import { heap } from "./heap.js";
import { at, type WasmKernel } from "./kernel.js";
import { native } from "./native.js";

const adjoint = native("adjugate");

/** A determinant is mantissa · 2^exponent. */
let mantissa = 1;
let exponent = 0;

/** Decomposes matrix `b` of `X` and notes its determinant; not 0 if that is in doubt. */
function determine(X: Tensor, n: number, b: number, kept: number): number {
  const doubt = decompose[X.dtype](n, at(X) + b * bytesOf(X.dtype, n * n), kept) as number;
  const numbers = heap.float64();
  mantissa = numbers[(kept + DETERMINANT) / 8] as number;
  exponent = numbers[(kept + DETERMINANT) / 8 + 1] as number;
  return doubt;
}

/** The logarithm of the determinant's size. */
function logarithm(): number {
  const size = Math.abs(mantissa);
  // Near 1 the two parts must not cancel.
  return size > Math.SQRT2
    ? Math.log(size / 2) + (exponent + 1) * Math.LN2
    : Math.log(size) + exponent * Math.LN2;
}

function put(y: Tensor, b: number, value: number): void {
  const double = y.dtype === "float64";
  const all = double ? heap.float64() : heap.float32();
  all[at(y) / (double ? 8 : 4) + b] = value;
}

const det: WasmKernel = ([X], [Y]) => {
  const { batch, n } = matrices((X as Tensor).shape);
  const kept = block(n);
  for (let b = 0; b < batch; b++) {
    determine(X as Tensor, n, b, kept);
    const exact = mantissa === 0 || !Number.isFinite(mantissa);
    put(Y as Tensor, b, exact ? mantissa : timesPowerOf2(mantissa, exponent));
  }
};

const slogdet: WasmKernel = ([X], outputs) => {
  const [sign, logabsdet] = outputs as [Tensor, Tensor];
  const { batch, n } = matrices((X as Tensor).shape);
  const kept = block(n);
  for (let b = 0; b < batch; b++) {
    determine(X as Tensor, n, b, kept);
    put(sign, b, Math.sign(mantissa));
    put(logabsdet, b, logarithm());
  }
};

const logdet: WasmKernel = (inputs, outputs) => {
  const [X] = inputs as [Tensor];
  const [y] = outputs as [Tensor];
  const { batch, n } = matrices(X.shape);
  const kept = block(n);
  for (let b = 0; b < batch; b++) {
    const doubt = determine(X, n, b, kept);
    if (doubt || mantissa < 0) return byReference(solvers.logdet, inputs, outputs);
    put(y, b, logarithm());
  }
};

/** Where n ≤ 3: the cofactors themselves, exact where their products are. */
function cofactors(x: TypedArray, n: number, from: number, y: TypedArray): void {
  const entry = (i: number, j: number): number => x[from + (i % n) * n + (j % n)] as number;
  const cofactor = (i: number, j: number): number => {
    if (n === 1) return 1;
    if (n === 2) return (i === j ? 1 : -1) * entry(i + 1, j + 1);
    const main = entry(i + 1, j + 1) * entry(i + 2, j + 2);
    return main - entry(i + 1, j + 2) * entry(i + 2, j + 1);
  };
  // Adding 0 makes 0 of −0.
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) y[from + i * n + j] = cofactor(j, i) + 0;
  }
}

/**
 * det(X)·X⁻¹, where X is well away from a singular matrix: then neither factor has lost digits. The
 * reference knows the other cases, and the derivatives along `Hs`.
 */
const adjugate: WasmKernel = (inputs, outputs) => {
  const [X, ...Hs] = inputs as [Tensor, ...Tensor[]];
  const [Y] = outputs as [Tensor];
  const { batch, n } = matrices(X.shape);
  if (Hs.length > 0) return byReference(solvers.adjugate, inputs, outputs);
  const kept = block(n);
  const step = bytesOf(X.dtype, n * n);
  for (let b = 0; b < batch; b++) {
    if (n <= 3) {
      cofactors(view(X.source as Storage), n, b * n * n, view(Y.source as Storage));
      continue;
    }
    const doubt = adjoint[X.dtype](n, at(X) + b * step, at(Y) + b * step, kept);
    if (doubt) return byReference(solvers.adjugate, inputs, outputs);
  }
};

/** The determinants, by the name of their op. */
export const determinants: Readonly<Record<string, WasmKernel>> = {
  adjugate,
  det,
  logdet,
  slogdet,
};
