import { allocate as allocateHost, type DType, type TypedArray } from "../../tensor/dtype.js";
import type { Storage } from "../../tensor/storage.js";
import type { Device } from "../memory.js";
import { dropShared } from "../tfjs/backend.js";
import { allocate, heap, release, trimHeap } from "./heap.js";
import { native } from "./native.js";
import { transposeInto } from "./reshape.js";

/** The elements of a storage where they lie on the heap, until that next grows. */
export function view({ at, dtype, length }: Storage): TypedArray {
  return viewAt(at, dtype, length);
}

function viewAt(at: number, dtype: DType, length: number): TypedArray {
  const all = arrayOf(dtype);
  const first = at / all.BYTES_PER_ELEMENT;
  return all.subarray(first, first + length);
}

function arrayOf(dtype: DType): TypedArray {
  if (dtype === "float32") return heap.float32();
  if (dtype === "float64") return heap.float64();
  return dtype === "int32" ? heap.int32() : heap.uint8();
}

/** A copy of the elements; the buffer's own slice does not clear what it then writes. */
function copyOf({ at, dtype, bytes }: Storage): TypedArray {
  const { buffer } = heap.uint8();
  const own = buffer.slice(at, at + bytes) as ArrayBuffer;
  if (dtype === "float32") return new Float32Array(own);
  if (dtype === "float64") return new Float64Array(own);
  return dtype === "int32" ? new Int32Array(own) : new Uint8Array(own);
}

const uniform = native<(at: number, length: number) => number>("uniform");

/** Up to so many elements are copied to a page together with others of about their number. */
const PAGED = 1024;
/** As many share a page. It is there as long as one of them is. */
const PAGE_SLOTS = 64;

interface Page {
  data: TypedArray;
  next: number;
}

/** A page in the making for each dtype and logarithm of the number of elements. */
const pages = new Map<DType, Page[]>();

/**
 * Copies a few elements to JS memory. An array of its own would cost V8 a microsecond and more, and
 * a training step leaves some twenty such values behind.
 */
function settleOnPage(storage: Storage): void {
  const { at, dtype, length } = storage;
  let list = pages.get(dtype);
  if (list === undefined) {
    list = [];
    pages.set(dtype, list);
  }
  const level = 32 - Math.clz32(length);
  let page = list[level];
  if (page === undefined || page.next + length > page.data.length) {
    page = { data: allocateHost(dtype, 2 ** level * PAGE_SLOTS), next: 0 };
    list[level] = page;
  }
  const from = arrayOf(dtype);
  const first = at / from.BYTES_PER_ELEMENT;
  const { data, next } = page;
  // A few are copied sooner than the call of a copy is prepared.
  if (length > 48) data.set(from.subarray(first, first + length), next);
  else for (let i = 0; i < length; i++) data[next + i] = from[first + i] as number;
  storage.page = data;
  storage.offset = next;
  page.next += length;
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
    const { base, dtype, length, rows, columns } = storage;
    if (base === null) return length > PAGED ? copyOf(storage) : view(storage).slice();
    const out = allocateHost(dtype, length);
    const from = base.settled ? base.read() : view(base);
    for (let start = 0; start < length; start += rows * columns) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          out[start + j * rows + i] = from[start + i * columns + j] as number;
        }
      }
    }
    return out;
  },

  look: view,

  uniform(storage) {
    const { at, dtype, length } = storage;
    if (dtype === "float32" || dtype === "float64") return uniform[dtype](at, length) === 1;
    const data = view(storage);
    return data.every((value: number) => value === data[0]);
  },

  settle(storage) {
    if (storage.base === null && storage.length <= PAGED) settleOnPage(storage);
    else storage.host = heapDevice.read(storage);
  },

  free(storage) {
    if (storage.dataId === null) release(storage.at, storage.bytes);
    else dropShared(storage.dataId);
    storage.at = 0;
    storage.dataId = null;
  },

  transpose(storage, to) {
    const { at, dtype, length, rows, columns } = storage;
    if (dtype === "bool") viewAt(to, dtype, length).set(heapDevice.read(storage));
    else transposeInto(dtype, at, to, length / (rows * columns), rows, columns);
  },

  shrink: trimHeap,
};
