import type { WasmKernel } from "./kernel.js";

/** All kernels of our WASM module, by op name. */
export const wasmKernels: Readonly<Record<string, WasmKernel>> = {};
