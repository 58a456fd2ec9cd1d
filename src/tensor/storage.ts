import { bytesOf, type DType, type TypedArray } from "./dtype.js";
import { UsageError } from "./errors.js";

/** Copies elements from the backend's memory; the kernels put it here when they start. */
type Download = (storage: Storage) => TypedArray;

/**
 * The elements of a tensor. They lie in JS memory (`host`), in the backend's memory, or in both;
 * `kernels/memory.ts` decides when to move them. Tensors of other shapes can share one.
 */
export class Storage {
  static download: Download | null = null;

  host: TypedArray | null;
  /** Or JS memory has them in an array that other storages share, from `offset` on. */
  page: TypedArray | null = null;
  offset = 0;
  /** The address on the heap of the WASM backend; 0 where the elements are not there. */
  at = 0;
  /** What another tfjs backend, or tfjs itself, knows the elements by. */
  dataId: object | null = null;
  /** The elements lie there, as matrices of so many rows and columns that this is the transpose of. */
  base: Storage | null = null;
  rows = 0;
  columns = 0;
  readonly length: number;
  readonly bytes: number;

  // For the bookkeeping of kernels/memory.ts alone.
  /** The scope that ends keeps it. */
  kept = false;
  /** It may leave the backend's memory whenever room is wanted. */
  cached = false;
  /** When an op last used it, counted in ops, and when it was last passed over for leaving. */
  used = 0;
  spared = 0;
  /** The op that made it, counted in ops; 0 where none did. */
  born = 0;

  constructor(
    readonly dtype: DType,
    length: number,
    host: TypedArray | null,
  ) {
    this.length = length;
    this.bytes = bytesOf(dtype, length);
    this.host = host;
  }

  /** Whether JS memory has the elements. */
  get settled(): boolean {
    return this.host !== null || this.page !== null;
  }

  /** Whether the backend's memory has the elements. */
  get placed(): boolean {
    return this.at !== 0 || this.dataId !== null || this.base !== null;
  }

  /** The elements in JS memory; not to be written to. */
  read(): TypedArray {
    if (this.page !== null) {
      this.host = this.page.subarray(this.offset, this.offset + this.length);
      this.page = null;
    }
    if (this.host === null) {
      if (!this.placed || Storage.download === null) {
        throw new UsageError(
          "this tensor was made inside grad, minimize, tidy or another transform, and its memory " +
            "was freed when that ended; read it there with .item() or .data(), and it lives on, " +
            "or make it part of what the function returns",
        );
      }
      this.host = Storage.download(this);
    }
    return this.host;
  }
}
