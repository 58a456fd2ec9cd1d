import * as tf from "@tensorflow/tfjs-core";
import { fromData } from "../../tensor/create.js";
import type { DType, TypedArray } from "../../tensor/dtype.js";
import { DtypeError, UsageError } from "../../tensor/errors.js";
import { type Shape, sizeOf } from "../../tensor/shape.js";
import { Storage } from "../../tensor/storage.js";
import { requireInit, storageOf, Tensor } from "../../tensor/tensor.js";
import { flatten, hold, lift, scoped, settle, tick } from "../memory.js";
import { lend } from "../wasm/heap.js";
import type { Info } from "./backend.js";

/** What is needed of tfjs's WASM backend; others keep their elements where we cannot reach them. */
interface WasmBackend extends tf.KernelBackend {
  readonly dataIdMap: {
    has(dataId: object): boolean;
    get(dataId: object): { readonly memoryOffset: number };
  };
  makeOutput(shape: readonly number[], dtype: string, memoryOffset: number): Info;
}

let wasm: WasmBackend | null = null;

/** The heap is tfjs's own: from here on values are shared with it, not copied. */
export function shareWithTf(): void {
  wasm = tf.backend() as WasmBackend;
}

/**
 * A tfjs tensor as a tensor. On tfjs's WASM backend nothing is copied: both share the elements, which
 * live until both have let go of them, so the tfjs tensor may be disposed of at any time.
 *
 * @throws DtypeError for strings and complex numbers; UsageError for what is no tfjs tensor, or one
 *   that has been disposed of.
 * @example
 * import * as tf from "@tensorflow/tfjs-core";
 * const x = tf.tensor([1, 4, 9]);
 * fromTf(x).sqrt().toArray(); // [1, 2, 3]
 */
export function fromTf(x: tf.Tensor): Tensor {
  requireInit("fromTf");
  if (!(x instanceof tf.Tensor)) {
    throw new UsageError("fromTf: x is no tfjs tensor of the tfjs that tracegrad runs on");
  }
  if (x.isDisposed) throw new UsageError("fromTf: the tfjs tensor has been disposed of");
  if (x.dtype !== "float32" && x.dtype !== "int32" && x.dtype !== "bool") {
    throw new DtypeError(`fromTf: x is ${x.dtype}; float32, int32 or bool was wanted`);
  }
  const shape = [...x.shape];
  if (!wasm?.dataIdMap.has(x.dataId)) return fromData(x.dataSync().slice() as TypedArray, shape);
  const shared = borrowed(x, shape);
  wasm.incRef(x.dataId);
  hold(shared.source as Storage);
  return shared;
}

/**
 * A tensor as a tfjs tensor, for tfjs's own ops, layers and data pipelines. On tfjs's WASM backend
 * nothing is copied. As with any tfjs tensor, its memory is yours: `dispose` it, or use `tf.tidy`.
 *
 * @throws DtypeError for float64, which tfjs does not have: `toTf(X.cast("float32"))`.
 * @example
 * const y = toTf(tensor([[1, 2], [3, 4]]));
 * y.shape; // [2, 2]
 * y.dispose();
 */
export function toTf(X: Tensor): tf.Tensor {
  const { dtype, shape } = X;
  if (dtype === "float64") {
    throw new DtypeError('toTf: X is float64, which tfjs does not have; use X.cast("float32")');
  }
  const storage = storageOf(X);
  if (wasm === null || tf.backend() !== wasm) {
    return tf.tensor(storage.read().slice(), [...shape], dtype);
  }
  tick();
  flatten("toTf", storage);
  lift("toTf", storage);
  const lent = lentTo(storage, shape) as tf.TensorInfo;
  settle();
  return tf.engine().makeTensorFromTensorInfo(lent, wasm);
}

/** Has tfjs know of elements of ours, and free them only when both it and we no longer need them. */
function lentTo(storage: Storage, shape: Shape): Info {
  const backend = wasm as WasmBackend;
  const dtype = storage.dtype as Info["dtype"];
  if (storage.dataId === null) {
    storage.dataId = backend.makeOutput([storage.length], dtype, storage.at).dataId;
    lend(storage.at, storage.bytes);
  }
  backend.incRef(storage.dataId);
  return { dataId: storage.dataId, shape: [...shape], dtype };
}

/** A tensor over elements that tfjs holds. */
function borrowed({ dataId, dtype }: { dataId: object; dtype: string }, shape: Shape): Tensor {
  const storage = new Storage(dtype as DType, sizeOf(shape), null);
  storage.at = (wasm as WasmBackend).dataIdMap.get(dataId).memoryOffset;
  storage.dataId = dataId;
  return new Tensor(shape, dtype as DType, storage);
}

/**
 * An op as tfjs's kernel `tracegrad.<name>`, whose inputs and attributes go by the op's own names.
 * Attributes that are left out are `undefined`.
 */
export function registerWithTf(
  name: string,
  inputNames: readonly string[],
  hasAttrs: boolean,
  run: (inputs: Tensor[], attrs: unknown) => Tensor[],
): void {
  const kernelName = `tracegrad.${name}`;
  if (wasm === null || tf.getKernel(kernelName, "wasm") !== undefined) return;
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => {
    const given = inputNames.flatMap((input) => {
      const bare = input.replace("...", "");
      const info = inputs?.[bare];
      if (info !== undefined) return info;
      if (bare !== input) return []; // it takes any number, none as well
      throw new UsageError(
        `${kernelName}: input ${bare} is missing; there came ${Object.keys(inputs ?? {}).join(", ")}`,
      );
    });
    const infos = scoped(
      () =>
        run(
          given.map((info) => borrowed(info, info.shape)),
          hasAttrs ? (attrs ?? {}) : undefined,
        ).map((y) => {
          if (y.dtype === "float64") throw new DtypeError(`${kernelName}: tfjs has no float64`);
          flatten(kernelName, y.source as Storage);
          return lentTo(y.source as Storage, y.shape);
        }),
      () => [],
    );
    return (infos.length === 1 ? infos[0] : infos) as tf.TensorInfo | tf.TensorInfo[];
  };
  tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc });
}
