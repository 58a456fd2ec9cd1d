import type { DType } from "../../tensor/dtype.js";
import { allocate, heap, type Memory, release } from "./heap.js";

/** A function of our WASM module for each float dtype. */
export type Native<F> = Record<DType, F>;

type Raw = (...numbers: number[]) => number;

const wanted: { readonly name: string; readonly functions: Partial<Native<Raw>> }[] = [];

/**
 * Names a function of the module: `native<F>("exp")` holds `exp_f32` and `exp_f64` once `link` ran.
 */
export function native<F extends (...numbers: never[]) => unknown = Raw>(name: string): Native<F> {
  const functions: Partial<Native<Raw>> = {};
  wanted.push({ name, functions });
  return functions as Partial<Native<unknown>> as Native<F>;
}

/** What is needed of the global WebAssembly, whose types come with a browser's alone. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  instantiate(
    bytes: Uint8Array,
    imports: { readonly env: { readonly memory: Memory } },
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>;
}

const api = (): WebAssemblyApi =>
  (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** Fused multiply-add is there from Node 24 and in newer browsers: the smallest module that asks. */
export function hasRelaxedSimd(): boolean {
  // (func (param v128) (result v128) local.get 0 ×3 f32x4.relaxed_madd)
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0];
  const code = [10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11];
  return api().validate(new Uint8Array([...bytes, ...code]));
}

/** Compiles the module and ties it to the heap. */
export async function link(memory: Memory): Promise<void> {
  const relaxed = hasRelaxedSimd();
  const { binary } = await (relaxed ? import("./binary/relaxed.js") : import("./binary/simd.js"));
  const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
  const { instance } = await api().instantiate(bytes, { env: { memory } });
  const functionsOf = instance.exports as Readonly<Record<string, Raw>>;
  const globals = instance.exports as Readonly<Record<string, { readonly value: number }>>;
  const room = (name: string): number => allocate(globals[name]?.value ?? 0);
  functionsOf.setup?.(room("TABLE_BYTES"), room("PACK_BYTES"));
  for (const { name, functions } of wanted) {
    for (const [dtype, suffix] of [
      ["float32", "f32"],
      ["float64", "f64"],
    ] as const) {
      const found = functionsOf[`${name}_${suffix}`];
      if (found === undefined) throw new Error(`the WASM module has no ${name}_${suffix}`);
      functions[dtype] = found;
    }
  }
}

let space = 0;
let spaceBytes = 0;

/** Room for a kernel's intermediate numbers, aligned to 64 bytes; valid until the next call. */
export function scratch(bytes: number): number {
  if (bytes > spaceBytes) {
    if (space !== 0) release(space, spaceBytes);
    space = spaceBytes = 0;
    space = allocate(bytes);
    spaceBytes = bytes;
  }
  return space;
}

let list = 0;

/** Writes up to 256 int32 where a kernel can read them, valid until the next call: sizes, strides. */
export function integers(values: readonly number[]): number {
  list ||= allocate(1024);
  heap.int32().set(values, list >>> 2);
  return list;
}
