import { fromData } from "../tensor/create.js";
import { allocate, type DType, isFloat } from "../tensor/dtype.js";
import { UsageError } from "../tensor/errors.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import { Storage } from "../tensor/storage.js";
import { markReady, storageOf, Tensor } from "../tensor/tensor.js";
import {
  adopt,
  discard,
  evict,
  flatten,
  LARGE,
  lift,
  place,
  tick,
  transposeOf,
  useDevice,
} from "./memory.js";
import { referenceKernels } from "./reference/index.js";
import type { ReferenceKernel } from "./reference/kernel.js";
import {
  call,
  drop,
  heapOfTf,
  type Info,
  infoOf,
  start,
  type TfDType,
  whenFull,
  whole,
} from "./tfjs/backend.js";
import type { WasmPaths } from "./tfjs/binary.js";
import { tfDevice } from "./tfjs/device.js";
import { tfKernels } from "./tfjs/index.js";
import { shareWithTf } from "./tfjs/interop.js";
import type { TfKernel } from "./tfjs/kernel.js";
import { heapDevice, view } from "./wasm/device.js";
import { useHeap } from "./wasm/heap.js";
import { picks, readsTransposes, wasmKernels } from "./wasm/index.js";
import type { WasmKernel } from "./wasm/kernel.js";
import { link } from "./wasm/native.js";

/** Who calculates an op: plain TypeScript, a stock tfjs kernel, or ours on tfjs's WASM heap. */
export type Provider = "reference" | "tfjs" | "wasm";

/** Where an op runs for a dtype, and why. */
export interface Route {
  readonly provider: Provider;
  readonly why: string;
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
/** Where elements lie while ops run: on tfjs's WASM heap, with another tfjs backend, in JS memory. */
let device: "heap" | "tfjs" | "host" = "host";

/** Calls at the same time start one after the other: tfjs gives up a start for the next. */
let last: Promise<void> = Promise.resolve();

/** Starts what a backend needs; `init` calls it. */
export function startKernels(choice: BackendName, wasmPaths?: WasmPaths): Promise<void> {
  const next = last.then(() => startNext(choice, wasmPaths));
  last = next.catch(() => {});
  return next;
}

async function startNext(choice: BackendName, wasmPaths?: WasmPaths): Promise<void> {
  if (!["wasm", "tfjs", "reference"].includes(choice)) {
    throw new UsageError(`init: "${choice}" is not a backend; use "wasm", "tfjs" or "reference"`);
  }
  if (backend !== null && backend !== choice) {
    throw new UsageError(
      `init: tracegrad runs on "${backend}" already; the backend is chosen once`,
    );
  }
  if (backend === null && choice !== "reference") await startDevice(choice, wasmPaths);
  backend = choice;
  markReady();
}

async function startDevice(choice: "wasm" | "tfjs", wasmPaths?: WasmPaths): Promise<void> {
  await start(choice === "wasm" ? "wasm" : "active", wasmPaths);
  const allocator = choice === "wasm" ? heapOfTf() : null;
  if (allocator === null) {
    useDevice(tfDevice);
    device = "tfjs";
    return;
  }
  useHeap(allocator);
  await link(allocator.memory);
  useDevice(heapDevice);
  whenFull(evict);
  shareWithTf();
  device = "heap";
}

/** Which provider runs an op whose elements are calculated in `dtype`. */
export function route(op: string, dtype: DType): Route {
  if (backend === "reference") return { provider: "reference", why: "as asked for in init" };
  if (dtype !== "float32" && dtype !== "float64") {
    return { provider: "reference", why: "indices and masks are small" };
  }
  if (device === "heap" && op in wasmKernels) {
    const why = dtype === "float64" ? "tfjs has no float64" : (avoided[op] ?? faster(op));
    return { provider: "wasm", why };
  }
  if (dtype === "float64") return { provider: "reference", why: "tfjs has no float64" };
  const reason = avoided[op];
  if (reason !== undefined) return { provider: "reference", why: reason };
  if (!(op in tfKernels) || device === "heap") {
    return { provider: "reference", why: "tfjs has no such kernel" };
  }
  return { provider: "tfjs", why: "stock kernel" };
}

function faster(op: string): string {
  return op in tfKernels ? "faster than the stock kernel" : "tfjs has no such kernel";
}

/** What the kernels need to know of an op. */
interface Operation {
  readonly name: string;
  /** By input position (the last for all that follow): whether it only selects. */
  readonly selects: readonly boolean[];
  /** The kernel that an op of the user's own brings along. */
  readonly kernel?: ReferenceKernel;
  /** It exchanges the last two axes. */
  readonly transposes?: true;
  /** Our WASM kernel for it, once looked up; null where there is none. */
  ours?: WasmKernel | null;
}

/**
 * The outputs of an op on plain values; those that do not only select are promoted to `work` first.
 */
export function runKernel(
  op: Operation,
  inputs: readonly Tensor[],
  work: DType,
  shapes: readonly Shape[],
  dtype: DType,
  attrs: unknown,
): Tensor[] {
  tick();
  if (device === "tfjs" && op.kernel === undefined && work === "float32") {
    const has = dtype === "float32" || dtype === "bool";
    const stock = has && route(op.name, work).provider === "tfjs";
    if (stock && inputs.every(fitsTf) && shapes.every((shape) => fitsTf({ shape }))) {
      return runTf(op, inputs, work, shapes, dtype, attrs);
    }
  }
  if (device !== "heap") return runReference(op, inputs, shapes, dtype, attrs);
  if (op.transposes) return [transposed(inputs[0] as Tensor, shapes[0] as Shape)];
  op.ours ??= op.kernel === undefined ? (wasmKernels[op.name] ?? null) : null;
  const kernel = op.ours;
  if (kernel === null || !suits(op, work, dtype) || readsInPlace(op.name, inputs[0] as Tensor)) {
    return runReference(op, inputs, shapes, dtype, attrs);
  }
  return runWasm(op, kernel, inputs, work, shapes, dtype, attrs);
}

/**
 * A part of what would take too much of the cache is read where it lies, in JS memory: data to train with,
 * of which each step takes a few rows, would else be copied to the heap for each of them.
 */
function readsInPlace(op: string, { source }: Tensor): boolean {
  const { bytes, placed, settled } = source as Storage;
  return bytes > LARGE && settled && !placed && picks.has(op);
}

/** Our kernels calculate with floats; the elements that choose among them may be others. */
function suits(op: Operation, work: DType, dtype: DType): boolean {
  if (work === "float32" || work === "float64") return true;
  return isFloat(dtype) && (op.name === "cast" || op.selects.every((selects) => selects));
}

/** `t` moves nothing: a product reads the matrices as they lie. */
function transposed(x: Tensor, shape: Shape): Tensor {
  const source = x.source as Storage;
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  if (rows < 2 || columns < 2) return new Tensor(shape, x.dtype, source);
  if (source.base !== null && source.rows === columns && source.columns === rows) {
    return new Tensor(shape, x.dtype, source.base);
  }
  flatten("t", source);
  return new Tensor(shape, x.dtype, transposeOf(source, rows, columns));
}

function runWasm(
  op: Operation,
  kernel: WasmKernel,
  inputs: readonly Tensor[],
  work: DType,
  shapes: readonly Shape[],
  dtype: DType,
  attrs: unknown,
): Tensor[] {
  const { name, selects } = op;
  let operands = inputs;
  const outputs = new Array<Tensor>(shapes.length);
  try {
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i] as Tensor;
      const source = x.source as Storage;
      if (source.base !== null && !readsTransposes.has(name)) flatten(name, source);
      lift(name, source);
      if (x.dtype === work || selects[Math.min(i, selects.length - 1)] || name === "cast") continue;
      if (operands === inputs) operands = [...inputs];
      (operands as Tensor[])[i] = promoted(name, x, work);
    }
    for (let i = 0; i < shapes.length; i++) outputs[i] = blank(name, shapes[i] as Shape, dtype);
    kernel(operands, outputs, attrs as never);
  } catch (error) {
    for (const y of outputs) if (y !== undefined) discard(y.source as Storage);
    throw error;
  } finally {
    if (operands !== inputs) {
      operands.forEach((x, i) => {
        if (x !== inputs[i]) discard(x.source as Storage);
      });
    }
  }
  for (const y of outputs) adopt(y.source as Storage);
  return outputs;
}

/** A tensor on the heap for a kernel to fill. */
function blank(name: string, shape: Shape, dtype: DType): Tensor {
  const storage = new Storage(dtype, sizeOf(shape), null);
  place(name, storage);
  return new Tensor(shape, dtype, storage);
}

function promoted(name: string, x: Tensor, dtype: DType): Tensor {
  flatten(name, x.source as Storage);
  const y = blank(name, x.shape, dtype);
  view(y.source as Storage).set(view(x.source as Storage));
  return y;
}

function runReference(
  op: Operation,
  inputs: readonly Tensor[],
  shapes: readonly Shape[],
  dtype: DType,
  attrs: unknown,
): Tensor[] {
  const kernel = op.kernel ?? referenceKernels[op.name];
  if (kernel === undefined) {
    throw new UsageError(`${op.name}: it has no kernel; give defineOp a \`kernel\``);
  }
  // A user's kernel may do what it likes, and gets arrays that stay; ours work on the heap itself.
  if (op.kernel !== undefined || device !== "heap") {
    const arrays = inputs.map((x) => ({ shape: x.shape, data: storageOf(x).read() }));
    const outputs = shapes.map((shape) => ({ shape, data: allocate(dtype, sizeOf(shape)) }));
    kernel(arrays, outputs, attrs as never);
    return outputs.map(({ shape, data }) => fromData(data, shape));
  }
  for (const x of inputs) {
    flatten(op.name, x.source as Storage);
    if (!storageOf(x).settled) lift(op.name, x.source as Storage);
  }
  const outputs: Tensor[] = [];
  try {
    for (const shape of shapes) outputs.push(blank(op.name, shape, dtype));
    const arrays = inputs.map((x) => ({
      shape: x.shape,
      data: storageOf(x).settled ? storageOf(x).read() : view(x.source as Storage),
    }));
    const results = outputs.map((y) => ({
      shape: y.shape,
      data: view(y.source as Storage).fill(0),
    }));
    kernel(arrays, results, attrs as never);
  } catch (error) {
    for (const y of outputs) discard(y.source as Storage);
    throw error;
  }
  for (const y of outputs) adopt(y.source as Storage);
  return outputs;
}

function runTf(
  { name, selects }: Operation,
  inputs: readonly Tensor[],
  work: DType,
  shapes: readonly Shape[],
  dtype: DType,
  attrs: unknown,
): Tensor[] {
  const casts: Info[] = [];
  try {
    const infos = inputs.map((x, i) => {
      const storage = x.source as Storage;
      lift(name, storage);
      const info = infoOf(storage, x.shape);
      if (x.dtype === work || selects[Math.min(i, selects.length - 1)]) return info;
      const cast = call("Cast", { x: info }, { dtype: work as TfDType });
      casts.push(cast);
      return cast;
    });
    const kernel = tfKernels[name] as TfKernel;
    const results = shapes.map((shape) => ({ shape, dtype }));
    return whole(() => kernel(infos, attrs as never, results)).map((info, i) => {
      const shape = shapes[i] as Shape;
      const storage = new Storage(dtype, sizeOf(shape), null);
      storage.dataId = info.dataId;
      adopt(storage);
      return new Tensor(shape, dtype, storage);
    });
  } finally {
    for (const info of casts) drop(info);
  }
}
