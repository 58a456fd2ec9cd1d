import * as tf from "@tensorflow/tfjs-core";
import { UsageError } from "../../tensor/errors.js";

/** The one of tfjs's binaries that is used: it has SIMD, and a heap that it shares with no threads. */
const file = "tfjs-backend-wasm-simd.wasm";

/** The folder that has tfjs's binary, or the address of the file itself. */
export type WasmPaths = string | URL | { readonly "tfjs-backend-wasm-simd.wasm": string | URL };

const instead = 'init({ backend: "reference" }) needs no WebAssembly';

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<unknown>;
}

/** Fails where the kernels cannot run, before anything is fetched. */
export async function requireWebAssembly(): Promise<void> {
  const { WebAssembly: api } = globalThis as { WebAssembly?: WebAssemblyApi };
  if (api === undefined) throw new UsageError(`init: there is no WebAssembly here; ${instead}`);
  if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) {
    throw new UsageError(
      "init: WebAssembly has no SIMD here, which the kernels are written in (Chrome 91, " +
        `Firefox 89, Safari 16.4 and Node 16.4 have it, and newer ones); ${instead}`,
    );
  }
  try {
    await api.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); // the empty module
  } catch (error) {
    throw new UsageError(
      `init: WebAssembly may not run here (${error}); a Content-Security-Policy must allow ` +
        `script-src 'wasm-unsafe-eval'; ${instead}`,
    );
  }
}

/** Where tfjs gets its binary from; null where it finds it by itself, in the installed package. */
export async function binaryUrl(wasmPaths?: WasmPaths): Promise<string | null> {
  if (wasmPaths === undefined) return tf.env().getBool("IS_NODE") ? null : ownCopy();
  const isText = (x: unknown): x is string | URL => typeof x === "string" || x instanceof URL;
  if (isText(wasmPaths)) return String(wasmPaths).replace(/[^/\\]$/, "$&/") + file;
  const url = (wasmPaths as typeof wasmPaths | null)?.[file];
  if (isText(url)) return String(url);
  throw new UsageError(
    `init: wasmPaths is ${JSON.stringify(wasmPaths)}; ` +
      `a folder, as "/assets/", or { "${file}": url } was wanted`,
  );
}

/** The copy that the package carries as text, so that a bundle needs no set-up. */
async function ownCopy(): Promise<string> {
  const { packed } = await import("../wasm/binary/tfjs.js");
  try {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const headers = { "content-type": "application/wasm" };
    return URL.createObjectURL(await new Response(stream, { headers }).blob());
  } catch (error) {
    throw new UsageError(
      `init: the package's copy of ${file} cannot be unpacked here (${error}); serve the file, ` +
        "and say where: init({ wasmPaths })",
    );
  }
}

/** What is wrong with the binary at an address, for an error; null where that cannot be seen. */
export async function faultOf(url: string | null): Promise<string | null> {
  if (url === null) return `${file} could not be read beside tfjs's code, as in a bundle`;
  if (tf.env().getBool("IS_NODE")) return `${url} could not be read`;
  try {
    const response = await fetch(url);
    if (!response.ok) return `${url} gives ${response.status} ${response.statusText}`.trim();
    const start = String.fromCharCode(...new Uint8Array(await response.arrayBuffer()).slice(0, 4));
    const type = response.headers.get("content-type") ?? "something else";
    return start === "\0asm" ? null : `${url} is no WebAssembly, but ${type}`;
  } catch (error) {
    const policy = "; a Content-Security-Policy must allow connect-src blob:";
    return `${url} could not be fetched: ${error}${url.startsWith("blob:") ? policy : ""}`;
  }
}
