import { OutOfMemoryError } from "../../tensor/errors.js";

/*
 * Blocks of tfjs's heap by size class. Small blocks are cut from slabs, large ones come from tfjs's
 * allocator one by one; freed blocks wait in the list of their class for the next of their size.
 */

/** A WebAssembly.Memory. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

/** What tfjs's WASM module offers. */
export interface Allocator {
  readonly memory: Memory;
  /** The address of so many bytes, aligned to 8; throws OutOfMemoryError. */
  malloc(bytes: number): number;
  free(at: number): void;
}

let source: Allocator;

export function useHeap(allocator: Allocator): void {
  source = allocator;
  views = null;
}

/** Views of the heap, which move when it grows: not to be kept. */
export const heap = {
  uint8: (): Uint8Array => fresh().uint8,
  int32: (): Int32Array => fresh().int32,
  float32: (): Float32Array => fresh().float32,
  float64: (): Float64Array => fresh().float64,
};

function viewsOf(buffer: ArrayBuffer) {
  return {
    buffer,
    uint8: new Uint8Array(buffer),
    int32: new Int32Array(buffer),
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
  };
}

let views: ReturnType<typeof viewsOf> | null = null;

/** A heap that has grown leaves views of length 0 behind. */
function fresh(): ReturnType<typeof viewsOf> {
  if (views === null || views.uint8.length === 0) views = viewsOf(source.memory.buffer);
  return views;
}

const ALIGNMENT = 64;
const SLAB = 2 ** 20;
/** Blocks up to this size are cut from slabs. */
const SMALL = 2 ** 16;

/** Free blocks by class. */
const lists: number[][] = Array.from({ length: 160 }, () => []);
/** Where a slab starts, where malloc put it, and where what has been cut from it ends. */
interface Slab {
  readonly start: number;
  readonly origin: number;
  end: number;
}

/** By address. */
let slabs: Slab[] = [];
/** The one that blocks are cut from. */
let open: Slab | null = null;
/** Where malloc put the large blocks that start, aligned, elsewhere. */
const origins = new Map<number, number>();

/** Four classes to a doubling, so that a block is never more than a quarter too large. */
function classOf(bytes: number): number {
  if (bytes <= ALIGNMENT) return 0;
  const exponent = 31 - Math.clz32(bytes - 1); // 2^exponent < bytes ≤ 2^(exponent + 1)
  return (exponent - 6) * 4 + 1 + (((bytes - 1) >>> (exponent - 2)) & 3);
}

/** The size of a class's blocks, a multiple of 64 from class 8 on and of 16 before. */
function sizeOfClass(index: number): number {
  if (index === 0) return ALIGNMENT;
  const exponent = 6 + ((index - 1) >> 2);
  return 2 ** exponent + (((index - 1) & 3) + 1) * 2 ** (exponent - 2);
}

/** No address lies beyond. */
const END = 2 ** 32;

/** A block of at least so many bytes, aligned to 64 (small ones to 16). */
export function allocate(bytes: number): number {
  if (bytes > END) throw new OutOfMemoryError(`out of memory: ${bytes} bytes are beyond the heap`);
  const index = classOf(bytes);
  const free = lists[index] as number[];
  return free.pop() ?? cut(sizeOfClass(index));
}

function cut(size: number): number {
  if (size > SMALL) {
    const origin = source.malloc(size + ALIGNMENT);
    const at = Math.ceil(origin / ALIGNMENT) * ALIGNMENT;
    origins.set(at, origin);
    return at;
  }
  if (open === null || open.end + size > open.start + SLAB) {
    const origin = source.malloc(SLAB + ALIGNMENT);
    const start = Math.ceil(origin / ALIGNMENT) * ALIGNMENT;
    open = { start, origin, end: start };
    slabs.push(open);
    slabs.sort((a, b) => a.start - b.start);
  }
  open.end += size;
  return open.end - size;
}

/** Gives a block of {@link allocate} back, for the next of its size. */
export function release(at: number, bytes: number): void {
  (lists[classOf(bytes)] as number[]).push(at);
}

/** Blocks that tfjs knows of, by address: its own `free` gives them back to us. */
const lent = new Map<number, number>();

export function lend(at: number, bytes: number): void {
  lent.set(at, bytes);
}

/** Takes back a block that was lent, if it was. */
export function reclaim(at: number): boolean {
  const bytes = lent.get(at);
  if (bytes === undefined) return false;
  lent.delete(at);
  release(at, bytes);
  return true;
}

/** Gives the blocks that nobody uses back to tfjs's allocator, and slabs with no others. */
export function trimHeap(): void {
  const large = classOf(SMALL) + 1;
  for (let index = large; index < lists.length; index++) {
    for (const at of (lists[index] as number[]).splice(0)) {
      source.free(origins.get(at) as number);
      origins.delete(at);
    }
  }
  const unused = new Map<Slab, number>();
  for (let index = 0; index < large; index++) {
    for (const at of lists[index] as number[]) {
      const slab = slabOf(at);
      unused.set(slab, (unused.get(slab) ?? 0) + sizeOfClass(index));
    }
  }
  const empty = new Set(slabs.filter((slab) => (unused.get(slab) ?? 0) === slab.end - slab.start));
  for (let index = 0; index < large; index++) {
    lists[index] = (lists[index] as number[]).filter((at) => !empty.has(slabOf(at)));
  }
  slabs = slabs.filter((slab) => !empty.has(slab));
  for (const slab of empty) source.free(slab.origin);
  if (open !== null && empty.has(open)) open = null;
}

/** The slab that a block was cut from. */
function slabOf(at: number): Slab {
  let low = 0;
  for (let high = slabs.length; high - low > 1; ) {
    const middle = (low + high) >> 1;
    if ((slabs[middle] as Slab).start <= at) low = middle;
    else high = middle;
  }
  return slabs[low] as Slab;
}

/** Bytes that wait for use. */
export function pooledBytes(): number {
  return lists.reduce((sum, list, index) => sum + list.length * sizeOfClass(index), 0);
}
