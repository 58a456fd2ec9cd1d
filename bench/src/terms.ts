/** Makes sure that the tfjs which a peer's own `require` finds runs on WASM, with SIMD, alone. */
export async function requireEqualTerms(require: NodeJS.Require): Promise<void> {
  const tf: typeof import("@tensorflow/tfjs-core") = require("@tensorflow/tfjs-core");
  const wasm: typeof import("@tensorflow/tfjs-backend-wasm") = require("@tensorflow/tfjs-backend-wasm");
  const backend = tf.getBackend();
  const threads = wasm.getThreadsCount();
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  if (backend === "wasm" && threads === 1 && simd === true) return;
  throw new Error(`tfjs runs on ${backend} with ${threads} thread(s), SIMD: ${simd}`);
}
