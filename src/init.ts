import { run } from "./core/apply.js";
import { type BackendName, startKernels } from "./kernels/kernels.js";
import type { WasmPaths } from "./kernels/tfjs/binary.js";
import { registerWithTf } from "./kernels/tfjs/interop.js";
import { installMethods } from "./ops/methods.js";
import { ops } from "./ops/table.js";
import { requireOptions } from "./tensor/options.js";

/** Where the kernels run. */
export interface InitOptions {
  /**
   * - `"wasm"` (the default): tfjs's WASM backend, found in the installed package without set-up.
   * - `"tfjs"`: the tfjs backend that the program has chosen with `tf.setBackend`.
   * - `"reference"`: plain TypeScript alone; slow, exact, and needs nothing.
   */
  readonly backend?: BackendName | undefined;
  /**
   * Where tfjs's binary is, for `"wasm"`: the folder that has `tfjs-backend-wasm-simd.wasm`, as
   * `"/assets/"`, or the file's own address, `{ "tfjs-backend-wasm-simd.wasm": url }`. Unless said,
   * Node finds it in the installed package, and a browser uses the copy that this package carries.
   */
  readonly wasmPaths?: WasmPaths | undefined;
}

/**
 * Prepares the kernels; await it once, before anything else. On the WASM backend every op is a kernel
 * of tfjs's too, by the name `tracegrad.<op>`.
 *
 * @throws UsageError for a name that is no backend, for another backend than the one already chosen,
 *   or where WebAssembly does not start, with the reason.
 * @example
 * await init();
 * tensor([1, 2]).add(1).toArray(); // [2, 3]
 *
 * // From plain tfjs:
 * import * as tf from "@tensorflow/tfjs-core";
 * const inverse = tf.engine().runKernel("tracegrad.inv", { X: tf.tensor2d([[2, 0], [0, 4]]) });
 * inverse.arraySync(); // [[0.5, 0], [0, 0.25]]
 */
export async function init(options: InitOptions = {}): Promise<void> {
  const { backend = "wasm", wasmPaths } = requireOptions("init", options, ["backend", "wasmPaths"]);
  installMethods();
  await startKernels(backend, wasmPaths);
  for (const { op } of ops) {
    const hasAttrs = op.attrs !== undefined;
    registerWithTf(op.name, op.inputs, hasAttrs, (inputs, attrs) => run(op, inputs, attrs));
  }
}
