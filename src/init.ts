import { type BackendName, startKernels } from "./kernels/kernels.js";
import { installMethods } from "./ops/methods.js";

/** Where the kernels run. */
export interface InitOptions {
  /**
   * - `"wasm"` (the default): tfjs's WASM backend, found in the installed package without set-up.
   * - `"tfjs"`: the tfjs backend that the program has chosen with `tf.setBackend`.
   * - `"reference"`: plain TypeScript alone; slow, exact, and needs nothing.
   */
  readonly backend?: BackendName;
  /** For bundled programs: the folder from which tfjs's `.wasm` files are served. */
  readonly wasmPaths?: string;
}

/**
 * Prepares the kernels; await it once, before anything else. What a backend lacks (float64, linear
 * algebra) runs on the reference kernels.
 *
 * @throws UsageError for a name that is no backend, for another backend than the one already chosen,
 *   or where WebAssembly does not start.
 * @example
 * await init();
 * tensor([1, 2]).add(1).toArray(); // [2, 3]
 */
export async function init(options: InitOptions = {}): Promise<void> {
  installMethods();
  await startKernels(options.backend ?? "wasm", options.wasmPaths);
}
