import * as tf from "@tensorflow/tfjs-core";
import type { DType, TypedArray } from "../../tensor/dtype.js";
import { OutOfMemoryError, UsageError } from "../../tensor/errors.js";
import type { Shape } from "../../tensor/shape.js";
import type { Storage } from "../../tensor/storage.js";
import { type Allocator, type Memory, reclaim } from "../wasm/heap.js";
import { binaryUrl, faultOf, requireWebAssembly, type WasmPaths } from "./binary.js";

/** The dtypes that tfjs has; float64 never reaches it. */
export type TfDType = Exclude<DType, "float64">;

let backend: tf.KernelBackend;
let name = "";
const kernels = new Map<string, tf.KernelFunc>();

/** Makes tfjs ready: its WASM backend, or the one that the program has chosen with `tf.setBackend`. */
export async function start(choose: "wasm" | "active", wasmPaths?: WasmPaths): Promise<void> {
  if (choose === "wasm") {
    const runs = tf.getBackend() === "wasm" && tf.engine().registry.wasm !== undefined;
    if (!runs) await withoutListeners(() => startWasm(wasmPaths));
  } else if (tf.engine().registryFactory[tf.getBackend()] === undefined) {
    throw new UsageError(
      'init: backend "tfjs" runs on the tfjs backend of your choice, and none is set; ' +
        "import one and await tf.setBackend(…) before",
    );
  }
  await tf.ready();
  name = tf.getBackend();
  backend = tf.backend();
  kernels.clear();
  guard(backend);
}

interface WasmModule {
  _malloc(bytes: number): number;
  _free(at: number): void;
  readonly asm?: { readonly memory?: Memory };
}

const guarded = new WeakSet<WasmModule>();
/** Allocations from here on are counted one by one. */
const LARGE = 2 ** 20;
/** And may come to this together: the kernels' own C++ aborts where the heap's 4 GB are full. */
const LARGE_TOTAL = 3.4 * 2 ** 30;

/** Gives back what is only kept for later. */
let makeRoom = (): void => {};

export function whenFull(body: () => void): void {
  makeRoom = body;
}

/** tfjs does not look whether its allocator gave it memory, and goes on writing where it did not. */
function guard(of: tf.KernelBackend): void {
  const { wasm } = of as { wasm?: WasmModule };
  if (wasm === undefined || guarded.has(wasm)) return;
  guarded.add(wasm);
  wasm._free(wasm._malloc(8)); // the first call puts the true functions in their place
  const [malloc, free] = [wasm._malloc, wasm._free];
  const sizes = new Map<number, number>();
  let total = 0;
  wasm._malloc = (bytes) => {
    const refused = (): boolean => bytes >= LARGE && total + bytes > LARGE_TOTAL;
    if (refused()) makeRoom();
    const at = refused() ? 0 : malloc(bytes);
    if (at === 0 && bytes > 0) {
      throw new OutOfMemoryError(
        `out of memory: the backend's heap has no room for ${Math.ceil(bytes / 2 ** 20)} MB more; ` +
          "smaller batches, or tidy(() => …) around parts of the work, use less",
      );
    }
    if (bytes >= LARGE) {
      sizes.set(at >>> 0, bytes); // beyond 2 GB addresses come out negative
      total += bytes;
    }
    return at;
  };
  wasm._free = (at) => {
    if (reclaim(at >>> 0)) return;
    const bytes = sizes.get(at >>> 0);
    if (bytes !== undefined) {
      sizes.delete(at >>> 0);
      total -= bytes;
    }
    free(at);
  };
}

async function startWasm(wasmPaths?: WasmPaths): Promise<void> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm"); // registers itself
  await requireWebAssembly();
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // the heap that threads share is not for us
  const url = await binaryUrl(wasmPaths);
  if (url !== null) setBinary(setWasmPaths, url);
  let why: string | null = null;
  const started = await tf.setBackend("wasm").catch((error: unknown) => {
    why = String(error);
    return false;
  });
  if (started) return;
  why ??= await faultOf(url);
  throw new UsageError(
    `init: tfjs did not start its WASM backend (${why ?? "it does not say why"}); ` +
      "init({ wasmPaths }) says where its binary is: docs/browser.md has examples",
  );
}

function setBinary(setWasmPaths: (urls: Record<string, string>) => void, url: string): void {
  const names = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
  try {
    setWasmPaths(Object.fromEntries(names.map((name) => [name, url]))); // it wants all three
  } catch {
    throw new UsageError(
      "init: tfjs's WASM backend has failed to start before, and takes no other binary then; " +
        "start the program, or load the page, anew",
    );
  }
}

/**
 * tfjs's WASM module listens for uncaught errors in Node only to throw them again, from its own
 * file, so that a user's stack trace begins with 37 kB of its minified source. Here it may not.
 */
async function withoutListeners(body: () => Promise<void>): Promise<void> {
  const events = ["uncaughtException", "unhandledRejection"];
  const { process } = globalThis as { process?: Emitter };
  const before = events.map((event) => process?.listeners?.(event) ?? []);
  try {
    await body();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process?.listeners?.(event) ?? []) {
        const throws = /\bthrow (ex|reason)\b/.test(String(listener)); // theirs, and no one else's
        if (throws && !before[i]?.includes(listener)) process?.removeListener(event, listener);
      }
    });
  }
}

interface Emitter {
  listeners(event: string): readonly unknown[];
  removeListener(event: string, listener: unknown): void;
}

/** The heap of tfjs's WASM backend; null where another backend runs, or its memory is shared. */
export function heapOfTf(): Allocator | null {
  const { wasm } = backend as { wasm?: WasmModule };
  const memory = wasm?.asm?.memory;
  if (wasm === undefined || memory === undefined || !(memory.buffer instanceof ArrayBuffer)) {
    return null;
  }
  return { memory, malloc: (bytes) => wasm._malloc(bytes) >>> 0, free: (at) => wasm._free(at) };
}

/** Copies elements to the backend; what it knows them by. */
export function upload(dtype: DType, data: TypedArray): object {
  return backend.write(data as Float32Array, [data.length], dtype as TfDType);
}

/** A copy of elements of the backend. */
export function read(dataId: object): TypedArray {
  return backend.readSync(dataId) as TypedArray;
}

/** What tfjs's kernels take and give. */
export interface Info {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: TfDType;
}

/** Elements on the backend under a shape. */
export function infoOf({ dataId, dtype }: Storage, shape: Shape): Info {
  return { dataId: dataId as object, shape: shape as number[], dtype: dtype as TfDType };
}

/** Runs a stock kernel by its tfjs name, past tfjs's engine (which costs as much again). */
export function call(kernel: string, inputs: Record<string, Info>, attrs: object = {}): Info {
  let run = kernels.get(kernel);
  if (run === undefined) {
    const found = tf.getKernel(kernel, name);
    if (found === undefined) {
      throw new UsageError(`the tfjs backend "${name}" has no kernel ${kernel}`);
    }
    run = found.kernelFunc;
    kernels.set(kernel, run);
  }
  const info = run({ inputs: inputs as never, backend, attrs: attrs as never }) as Info;
  made?.push(info);
  return info;
}

let made: Info[] | null = null;

/** Runs `body`; if it fails, what its kernels have made so far is dropped. */
export function whole<T>(body: () => T): T {
  made = [];
  try {
    return body();
  } catch (error) {
    for (const info of made) drop(info);
    throw error;
  } finally {
    made = null;
  }
}

/** One who shared elements with tfjs no longer needs them. */
export function dropShared(dataId: object): void {
  if (backend.disposeData(dataId)) tf.engine().removeDataId(dataId, backend);
}

/** Frees a value that a kernel of several steps needed on the way. */
export function drop(info: Info): void {
  backend.disposeData(info.dataId);
}
