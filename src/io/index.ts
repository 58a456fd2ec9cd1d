export { writeAtomic } from "./atomic.js";
export { decodeNpy, encodeNpy, loadNpy, saveNpy } from "./npy.js";
export {
  decodeSafetensors,
  encodeSafetensors,
  loadSafetensors,
  type Safetensors,
  saveSafetensors,
} from "./safetensors.js";
export { decode, encode, load, save } from "./save.js";
