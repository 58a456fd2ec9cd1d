import { allocate, bytesOf, type DType } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { markReady, storageOf, type Tensor } from "../tensor/tensor.js";
import { adopt, onDevice, reserve, unpin } from "./memory.js";
import { referenceKernels } from "./reference/index.js";
import type { ReferenceKernel } from "./reference/kernel.js";
import { blockOf, call, drop, type Info, infoOf, start, type TfDType } from "./tfjs/backend.js";
import { tfKernels } from "./tfjs/index.js";
import type { TfKernel } from "./tfjs/kernel.js";

/** Who calculates an op: plain TypeScript, or a stock tfjs kernel. */
export type Provider = "reference" | "tfjs";

/** Where an op runs for a dtype, and why. */
export interface Route {
  readonly provider: Provider;
  readonly why: string;
}

/** What a kernel is to fill. */
export interface Result {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Stock kernels that are there but not used, each for a reason that was measured. */
const avoided: Readonly<Record<string, string>> = {};

export type BackendName = "wasm" | "tfjs" | "reference";

let backend: BackendName | null = null;

/** Starts what a backend needs; `init` calls it. */
export async function startKernels(choice: BackendName): Promise<void> {
  if (!["wasm", "tfjs", "reference"].includes(choice)) {
    throw new UsageError(`init: "${choice}" is not a backend; use "wasm", "tfjs" or "reference"`);
  }
  if (choice !== "reference") await start(choice === "wasm" ? "wasm" : "active");
  backend = choice;
  markReady();
}

/** Which provider runs an op whose elements are calculated in `dtype`. */
export function route(op: string, dtype: DType): Route {
  if (backend === "reference") return { provider: "reference", why: "as asked for in init" };
  if (dtype === "float64") return { provider: "reference", why: "tfjs has no float64" };
  if (dtype !== "float32") return { provider: "reference", why: "indices and masks are small" };
  const reason = avoided[op];
  if (reason !== undefined) return { provider: "reference", why: reason };
  if (!(op in tfKernels)) return { provider: "reference", why: "tfjs has no such kernel" };
  return { provider: "tfjs", why: "stock kernel" };
}

/** What the kernels need to know of an op. */
interface Operation {
  readonly name: string;
  /** By input position (the last for all that follow): whether it only selects. */
  readonly selects: readonly boolean[];
  /** The kernel that an op of the user's own brings along. */
  readonly kernel?: ReferenceKernel;
}

/** Fills `results` from `inputs`; those that do not select are promoted to `dtype` first. */
export function runKernel(
  op: Operation,
  inputs: readonly Tensor[],
  dtype: DType,
  results: readonly Result[],
  attrs: unknown,
): Storage[] {
  const works = results.some((result) => result.dtype === "float32") ? "float32" : dtype;
  const wide = [...inputs, ...results].some((x) => x.dtype === "float64");
  const provider = op.kernel ? "reference" : route(op.name, wide ? "float64" : works).provider;
  return provider === "tfjs"
    ? runTf(op, inputs, dtype, results, attrs)
    : runReference(op, inputs, results, attrs);
}

function runReference(
  op: Operation,
  inputs: readonly Tensor[],
  results: readonly Result[],
  attrs: unknown,
): Storage[] {
  const kernel = op.kernel ?? referenceKernels[op.name];
  if (kernel === undefined) {
    throw new UsageError(`${op.name}: it has no kernel; give defineOp a \`kernel\``);
  }
  const outputs = results.map(({ shape, dtype }) => ({
    shape,
    data: allocate(dtype, sizeOf(shape)),
  }));
  kernel(
    inputs.map((x) => ({ shape: x.shape, data: storageOf(x).read() })),
    outputs,
    attrs,
  );
  return outputs.map(({ data }, i) => new Storage((results[i] as Result).dtype, data.length, data));
}

function runTf(
  { name, selects }: Operation,
  inputs: readonly Tensor[],
  dtype: DType,
  results: readonly Result[],
  attrs: unknown,
): Storage[] {
  let bytes = 0;
  for (const { shape, dtype: to } of results) bytes += bytesOf(to, sizeOf(shape));
  reserve(name, bytes);
  const casts: Info[] = [];
  try {
    const infos = inputs.map((x, i) => {
      const info = infoOf(onDevice(name, storageOf(x)), x.shape, x.dtype);
      if (x.dtype === dtype || selects[Math.min(i, selects.length - 1)]) return info;
      const cast = call("Cast", { x: info }, { dtype: dtype as TfDType });
      casts.push(cast);
      return cast;
    });
    const kernel = tfKernels[name] as TfKernel;
    return kernel(infos, attrs, results).map((info, i) => {
      const { shape, dtype: to } = results[i] as Result;
      return adopt(new Storage(to, sizeOf(shape), null), blockOf(info));
    });
  } finally {
    for (const info of casts) drop(info);
    unpin();
  }
}
