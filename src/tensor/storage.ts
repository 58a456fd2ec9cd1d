import type { DType, TypedArray } from "./dtype.js";
import { UsageError } from "./errors.js";
import type { Shape } from "./shape.js";

/** A block of the backend's heap. `live` turns false when the block has been given back. */
export interface DeviceBuffer {
  readonly bytes: number;
  readonly live: boolean;
  read(): TypedArray;
}

let made = 0;

/**
 * The elements of a tensor. They lie in JS memory (`host`), in the backend's heap (`device`), or
 * in both; `kernels/memory.ts` decides when to move them. Tensors of other shapes can share one.
 */
export class Storage {
  host: TypedArray | null;
  device: DeviceBuffer | null = null;
  /** The address of the elements on the heap of the WASM backend; 0 where they are not there. */
  at = 0;
  /** The elements at `at` lie with the last two axes exchanged. */
  transposed = false;
  readonly length: number;
  /** Storages are numbered as they are made: a scope owns those made since it opened. */
  readonly number = ++made;
  /** Whether it outlives its scope without being part of a result. */
  stays = false;
  /** What was worked out from these elements and is kept with them, once it is wanted again. */
  kept: { readonly op: object; readonly shape: Shape; readonly result: Storage | null } | null =
    null;

  constructor(
    readonly dtype: DType,
    length: number,
    host: TypedArray | null,
  ) {
    this.length = length;
    this.host = host;
  }

  /** The elements in JS memory; not to be written to. */
  read(): TypedArray {
    if (this.host === null) {
      if (this.device === null || !this.device.live) {
        throw new UsageError(
          "this tensor was made inside grad, minimize, tidy or another transform, and its memory " +
            "was freed when that ended; read it there with .item() or .data(), and it lives on, " +
            "or make it part of what the function returns",
        );
      }
      this.host = this.device.read();
    }
    return this.host;
  }

  /** The number that the newest storage carries. */
  static newest(): number {
    return made;
  }
}
