import { bytesOf } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { matrices } from "../reference/kernel.js";
import { power as reference } from "../reference/power.js";
import { batchIndex } from "../reference/product.js";
import { byReference } from "./decompose.js";
import { at, type WasmKernel } from "./kernel.js";
import { integers, native, scratch } from "./native.js";

const powerOf = native("matrixPower");
const powerRoom = native("matrixPowerRoom");
const exponential = native("expm");
const expmRoom = native("expmRoom");

const matrixPower: WasmKernel = (inputs, outputs, attrs: { readonly k: number }) => {
  const X = inputs[0] as Tensor;
  const { dtype } = X;
  const { batch, n } = matrices(X.shape);
  const step = bytesOf(dtype, n * n);
  const work = scratch(powerRoom[dtype](n));
  const y = at(outputs[0] as Tensor);
  for (let b = 0, x = at(X); b < batch; b++, x += step) {
    if (powerOf[dtype](n, attrs.k, x, y + b * step, work)) {
      return byReference(reference.matrixPower, inputs, outputs, attrs);
    }
  }
};

const expm: WasmKernel = (inputs, outputs) => {
  const X = inputs[0] as Tensor;
  const Y = outputs[0] as Tensor;
  const { dtype } = X;
  const { batch, n } = matrices(Y.shape);
  const step = bytesOf(dtype, n * n);
  const k = inputs.length - 1;
  const work = scratch(expmRoom[dtype](n, k));
  if (k === 0) {
    for (let b = 0; b < batch; b++) {
      exponential[dtype](n, 0, at(X) + b * step, 0, at(Y) + b * step, work);
    }
    return;
  }
  const lead = Y.shape.slice(0, -2);
  const indices = inputs.map((x) => batchIndex(x.shape, lead));
  for (let b = 0; b < batch; b++) {
    const [x, ...directions] = inputs.map((H, h) => at(H) + step * (indices[h]?.[b] as number));
    exponential[dtype](n, k, x as number, integers(directions), at(Y) + b * step, work);
  }
};

/** The powers and the exponential, by the name of their op. */
export const powers: Readonly<Record<string, WasmKernel>> = { matrixPower, expm };
