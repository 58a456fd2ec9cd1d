import { bytesOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { factor as reference } from "../reference/factor.js";
import { matrices } from "../reference/kernel.js";
import { type Judgement, rounding } from "../reference/regular.js";
import { byReference } from "./decompose.js";
import { at, type WasmKernel } from "./kernel.js";
import { native, scratch } from "./native.js";

const luOf = native("lu");
const luRoom = native("luRoom");
const qrOf = native("qr");
const qrRoom = native("qrRoom");
const irregular = native("regular");

/** The address of one output among several. */
function address(outputs: readonly Tensor[], i: number): number {
  return at(outputs[i] as Tensor);
}

const lu: WasmKernel = (inputs, outputs) => {
  const X = inputs[0] as Tensor;
  const { batch, m, n } = matrices(X.shape);
  const { dtype } = X;
  const k = Math.min(m, n);
  const size = bytesOf(dtype, 1);
  const work = scratch(luRoom[dtype](m, n));
  let [x, p, l, u] = [at(X), address(outputs, 0), address(outputs, 1), address(outputs, 2)];
  for (let b = 0; b < batch; b++) {
    luOf[dtype](m, n, x, p, l, u, work);
    x += m * n * size;
    p += m * m * size;
    l += m * k * size;
    u += k * n * size;
  }
};

const qr: WasmKernel = (inputs, outputs) => {
  const X = inputs[0] as Tensor;
  const { batch, m, n } = matrices(X.shape);
  const { dtype } = X;
  const k = Math.min(m, n);
  const size = bytesOf(dtype, 1);
  const work = scratch(qrRoom[dtype](m, n));
  let [x, q, r] = [at(X), address(outputs, 0), address(outputs, 1)];
  for (let b = 0; b < batch; b++) {
    qrOf[dtype](m, n, x, q, r, work);
    x += m * n * size;
    q += m * k * size;
    r += k * n * size;
  }
};

/** The reference kernel makes the message. */
const regular: WasmKernel = (inputs, outputs, attrs: Judgement) => {
  const [T, L] = inputs as [Tensor, Tensor | undefined];
  const { batch, n } = matrices(T.shape);
  const { dtype } = T;
  const l = L === undefined ? 0 : at(L);
  const y = address(outputs, 0);
  if (irregular[dtype](batch, n, rounding(dtype, attrs), at(T), l, y)) {
    byReference(reference.regular, inputs, outputs, attrs);
  }
};

/** Further factorizations, by the name of their op. */
export const factors: Readonly<Record<string, WasmKernel>> = { lu, qr, regular };
