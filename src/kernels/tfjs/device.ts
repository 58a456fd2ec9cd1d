import type { Device } from "../memory.js";
import { drop, infoOf, read, upload } from "./backend.js";

/** The memory of whichever tfjs backend is active; only its own kernels make room there. */
export const tfDevice: Device = {
  place() {},

  write(storage, data) {
    storage.dataId = upload(storage.dtype, data);
  },

  read: (storage) => read(storage.dataId as object),

  look: (storage) => storage.read(),

  uniform(storage) {
    const data = storage.read();
    return data.every((value: number) => value === data[0]);
  },

  settle(storage) {
    storage.host = read(storage.dataId as object);
  },

  free(storage) {
    drop(infoOf(storage, [storage.length]));
    storage.dataId = null;
  },

  transpose() {
    throw new Error("no transpose is put off here");
  },

  shrink() {},
};
