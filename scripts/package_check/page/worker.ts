/** The same in a worker, where the bundle says at which address it has put tfjs's binary. */
// @ts-expect-error: bundlers give the address of a file by such an import
import url from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import { init, inv } from "tracegrad";

declare const postMessage: (text: string) => void;

try {
  await init({ wasmPaths: { "tfjs-backend-wasm-simd.wasm": url } });
  const Y = inv([
    [2, 0],
    [0, 4],
  ]);
  postMessage(JSON.stringify(Y.toArray()));
} catch (error) {
  postMessage(String(error));
}
