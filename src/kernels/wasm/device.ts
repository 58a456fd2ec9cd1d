import {
  allocate as allocateHost,
  bytesOf,
  type DType,
  type TypedArray,
} from "../../tensor/dtype.js";
import type { Storage } from "../../tensor/storage.js";
import type { Device } from "../memory.js";
import { allocate, heap, release, trimHeap } from "./heap.js";

/** The elements of a storage where they lie on the heap, until that next grows. */
export function view({ at, dtype, length }: Storage): TypedArray {
  return viewAt(at, dtype, length);
}

function viewAt(at: number, dtype: DType, length: number): TypedArray {
  if (dtype === "float32") return heap.float32().subarray(at / 4, at / 4 + length);
  if (dtype === "float64") return heap.float64().subarray(at / 8, at / 8 + length);
  if (dtype === "int32") return heap.int32().subarray(at / 4, at / 4 + length);
  return heap.uint8().subarray(at, at + length);
}

/** The heap of tfjs's WASM backend, in blocks of our own. */
export const heapDevice: Device = {
  place(storage, bytes) {
    storage.at = allocate(bytes);
  },

  write(storage, data) {
    view(storage).set(data);
  },

  read(storage) {
    const { base, at, dtype, length, rows, columns } = storage;
    if (base === null) return viewAt(at, dtype, length).slice();
    const out = allocateHost(dtype, length);
    const from = base.host ?? view(base);
    for (let start = 0; start < length; start += rows * columns) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          out[start + j * rows + i] = from[start + i * columns + j] as number;
        }
      }
    }
    return out;
  },

  free(storage) {
    release(storage.at, bytesOf(storage.dtype, storage.length));
    storage.at = 0;
  },

  transpose(storage, to) {
    viewAt(to, storage.dtype, storage.length).set(heapDevice.read(storage));
  },

  shrink: trimHeap,
};
