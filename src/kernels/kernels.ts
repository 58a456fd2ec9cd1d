import { allocate, bytesOf, type DType } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { type Shape, sameShape, sizeOf } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { markReady, storageOf, type Tensor } from "../tensor/tensor.js";
import { adopt, onDevice, outlives, peek, reserve, unpin } from "./memory.js";
import { referenceKernels } from "./reference/index.js";
import type { NDArray, ReferenceKernel } from "./reference/kernel.js";
import {
  type Block,
  blank,
  blockOf,
  call,
  drop,
  heapOfTf,
  type Info,
  infoOf,
  start,
  type TfDType,
  whole,
} from "./tfjs/backend.js";
import { tfKernels } from "./tfjs/index.js";
import type { TfKernel } from "./tfjs/kernel.js";
import { useHeap } from "./wasm/heap.js";
import { link } from "./wasm/native.js";

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
const avoided: Readonly<Record<string, string>> = {
  argmax: "the stock ArgMax passes over NaN",
  clip: "the stock ClipByValue passes over NaN, and writes nothing where the bounds are equal",
  concat: "the stock Concat takes twice as long on narrow parts",
  cos: "the stock Cos is off by 3e-7 whatever the size of the result",
  cumsum: "the stock Cumsum adds up in one float32, which stops at 2²⁴ ones",
  flip: "the stock Reverse takes five times as long",
  log1p: "the stock Log1p is log(1 + x): of 1e-5 it is off by 1e-3, of 1e-8 it is 0",
  maximum: "the stock Maximum passes over NaN",
  minimum: "the stock Minimum passes over NaN",
  oneHot: "the stock OneHot does not check its indices",
  pad: "the stock PadV2 does not pad with NaN",
  sign: "the stock Sign is 0 up to 1.2e-7 in size, and at NaN",
  sin: "the stock Sin is off by 2.4e-7 whatever the size of the result: of -1e-7 it is -3e-7",
  slice: "the stock Slice first copies all of its input",
  take: "the stock GatherV2 takes seven times as long, and knows no negative indices",
};

/** tfjs's kernels take six axes at most, and leave the outputs of some empty sums unwritten. */
const fitsTf = ({ shape }: { readonly shape: Shape }): boolean =>
  shape.length <= 6 && !shape.includes(0);

export type BackendName = "wasm" | "tfjs" | "reference";

let backend: BackendName | null = null;

/** Starts what a backend needs; `init` calls it. */
export async function startKernels(choice: BackendName, wasmPaths?: string): Promise<void> {
  if (!["wasm", "tfjs", "reference"].includes(choice)) {
    throw new UsageError(`init: "${choice}" is not a backend; use "wasm", "tfjs" or "reference"`);
  }
  if (backend !== null && backend !== choice) {
    throw new UsageError(
      `init: tracegrad runs on "${backend}" already; the backend is chosen once`,
    );
  }
  if (choice !== "reference") await start(choice === "wasm" ? "wasm" : "active", wasmPaths);
  const allocator = choice === "wasm" ? heapOfTf() : null;
  if (allocator !== null && backend === null) {
    useHeap(allocator);
    await link(allocator.memory);
  }
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
  /** The result is worth keeping with an input that stays. */
  readonly keeps?: true;
}

/**
 * The elements of `op` of one input: those kept with it if it was there before and was wanted twice.
 * Data that every step uses is so transposed once.
 */
function remembered(op: Operation, x: Tensor, calculate: () => Storage[]): Storage[] {
  const source = storageOf(x);
  if (!outlives(source)) return calculate();
  const known =
    source.kept?.op === op && sameShape(source.kept.shape, x.shape) ? source.kept : null;
  if (known?.result) return [known.result];
  const [result] = calculate() as [Storage];
  source.kept = { op, shape: x.shape, result: known && result };
  result.stays = known !== null;
  return [result];
}

/** Fills `results` from `inputs`; those that do not select are promoted to `dtype` first. */
export function runKernel(
  op: Operation,
  inputs: readonly Tensor[],
  dtype: DType,
  results: readonly Result[],
  attrs: unknown,
): Storage[] {
  const all = [...inputs, ...results];
  const has = (wanted: DType): boolean => all.some((x) => x.dtype === wanted);
  const integer = results.some((result) => result.dtype === "int32");
  const works = has("float64") ? "float64" : integer ? "int32" : has("float32") ? "float32" : dtype;
  const provider = op.kernel ? "reference" : route(op.name, works).provider;
  const calculate = (): Storage[] =>
    provider === "tfjs" && all.every(fitsTf)
      ? runTf(op, inputs, dtype, results, attrs)
      : runReference(op, inputs, results, attrs);
  return op.keeps ? remembered(op, inputs[0] as Tensor, calculate) : calculate();
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
  const sources = inputs.map(storageOf);
  // An input that lies on the heap alone is read there, and the result left beside it; but a user's
  // kernel may do what it likes, and gets arrays that stay.
  const beside = op.kernel === undefined && sources.some((source) => source.host === null);
  const blocks: (Block | null)[] = [];
  let outputs: NDArray[] = [];
  try {
    for (const { shape, dtype } of results) {
      const bytes = bytesOf(dtype, sizeOf(shape));
      if (beside && dtype === "float32") reserve(op.name, bytes);
      blocks.push(beside && dtype === "float32" ? blank(dtype, sizeOf(shape)) : null);
    }
    outputs = results.map(({ shape, dtype }, i) => ({
      shape,
      data: blocks[i]?.view() ?? allocate(dtype, sizeOf(shape)),
    }));
    const read = op.kernel ? (source: Storage) => source.read() : peek;
    const arrays = sources.map((source, i) => ({
      shape: (inputs[i] as Tensor).shape,
      data: read(source),
    }));
    kernel(arrays, outputs, attrs as never);
  } catch (error) {
    for (const block of blocks) block?.free();
    throw error;
  }
  return outputs.map(({ data }, i) => {
    const { dtype } = results[i] as Result;
    const block = blocks[i];
    if (!block) return new Storage(dtype, data.length, data);
    return adopt(new Storage(dtype, data.length, null), block);
  });
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
    return whole(() => kernel(infos, attrs as never, results)).map((info, i) => {
      const { shape, dtype: to } = results[i] as Result;
      return adopt(new Storage(to, sizeOf(shape), null), blockOf(info));
    });
  } finally {
    for (const info of casts) drop(info);
    unpin();
  }
}
