import type { TypedArray } from "../tensor/dtype.js";
import { OutOfMemoryError } from "../tensor/errors.js";
import { Storage } from "../tensor/storage.js";
import type { Tensor } from "../tensor/tensor.js";
import { storageOf } from "../tensor/tensor.js";
import { type Block, upload } from "./tfjs/backend.js";

/*
 * Memory is nobody's argument. Four rules move elements between JS memory, which V8 collects by
 * itself, and the backend's heap, which nobody collects:
 *
 * 1. What an op makes on the heap belongs to the innermost open scope, and is freed when it ends.
 * 2. What outlives the outermost scope is copied to JS memory; its block on the heap stays behind
 *    as a cache, least recently used out.
 * 3. An op outside every scope is a scope of its own.
 * 4. A scope that ends while a tape of an outer transform records passes all it has outwards.
 */

/** How many bytes of the heap may hold cached copies of values that JS memory has anyway. */
const CACHE_BYTES = 256 * 2 ** 20;
/** And in how many blocks: each costs the garbage collector some time, however small it is. */
const CACHE_BLOCKS = 1024;
/**
 * The part of both that is made use of: in a small cache, blocks that are used again are still near
 * the processor. It doubles when a value is wanted whose copy had to go.
 */
let share = 1 / 16;
/** tfjs's heap ends at 4 GB and its malloc does not say so; the rest is for its own use. */
const HEAP_BYTES = 3.75 * 2 ** 30;

interface Scope {
  readonly parent: Scope | null;
  /** Storages with higher numbers were made since this scope opened. */
  readonly after: number;
  readonly owned: Storage[];
}

let current: Scope | null = null;
let used = 0;
let cached = 0;
/** In order of use, the least recent first. */
const cache = new Set<Block>();
/** Blocks that the op now under way reads; they stay. */
let pinned: Block[] = [];

/** How many tapes record. They may have saved any value, so scopes that end meanwhile free none. */
let recording = 0;

/** Runs `body`, which records on a tape, and tells it how many tapes record now. */
export function whileRecording<T>(body: (depth: number) => T): T {
  recording++;
  try {
    return body(recording);
  } finally {
    recording--;
  }
}

/** Runs `body` in a scope: what `keep` names of its result lives on, the rest is freed. */
export function scoped<T>(body: () => T, keep: (result: T) => Iterable<Tensor>): T {
  const scope: Scope = { parent: current, after: Storage.newest(), owned: [] };
  current = scope;
  let kept = new Set<Storage>();
  try {
    const result = body();
    kept = new Set(Array.from(keep(result), storageOf));
    return result;
  } finally {
    current = scope.parent;
    for (const storage of scope.owned) {
      leave(storage, recording > 0 || storage.stays || kept.has(storage));
    }
  }
}

function leave(storage: Storage, kept: boolean): void {
  const block = storage.device as Block;
  if (kept && current !== null) current.owned.push(storage);
  else if (kept) settle(storage, block);
  else {
    release(block);
    storage.device = storage.host === null ? block : null; // a copy in JS memory lives on
  }
}

/** Rule 2. */
function settle(storage: Storage, block: Block): void {
  storage.read();
  cached += block.bytes;
  cache.add(block);
  trim(share * CACHE_BYTES);
}

function release(block: Block): void {
  if (cache.delete(block)) cached -= block.bytes;
  used -= block.bytes;
  block.free();
}

/** Frees cached blocks until they hold no more than `limit` bytes and are not too many. */
function trim(limit: number): void {
  for (const block of cache) {
    if (cached <= limit && cache.size <= share * CACHE_BLOCKS) return;
    if (!pinned.includes(block)) release(block);
  }
}

/** Makes sure that `bytes` more fit on the heap, or says that they do not. */
export function reserve(what: string, bytes: number): void {
  if (used + bytes <= HEAP_BYTES) return;
  trim(HEAP_BYTES - (used - cached) - bytes);
  if (used + bytes <= HEAP_BYTES) return;
  const mb = (n: number): string => `${Math.ceil(n / 2 ** 20)} MB`;
  throw new OutOfMemoryError(
    `${what}: out of memory; ${mb(bytes)} more are needed and ${mb(used)} of the heap's ` +
      `${mb(HEAP_BYTES)} are in use. Smaller batches, or tidy(() => …) around parts whose ` +
      "intermediate values are not needed later, use less",
  );
}

/** Whether a value was there before the transform under way, and so may be there at the next too. */
export function outlives(storage: Storage): boolean {
  let scope = current;
  while (scope?.parent) scope = scope.parent;
  return scope === null || storage.number <= scope.after;
}

/** A storage over a block that an op has just filled (rules 1 and 3). */
export function adopt(storage: Storage, block: Block): Storage {
  storage.device = block;
  used += block.bytes;
  if (current !== null) current.owned.push(storage);
  else settle(storage, block);
  return storage;
}

/** The elements on the heap, copied there if need be; they stay until {@link unpin}. */
export function onDevice(what: string, storage: Storage): Block {
  let block = storage.device as Block | null;
  if (block?.live) {
    if (cache.delete(block)) cache.add(block);
  } else {
    if (block !== null) share = Math.min(1, 2 * share);
    const host: TypedArray = storage.read();
    reserve(what, host.byteLength);
    block = upload(storage.dtype, host);
    used += block.bytes;
    storage.device = block;
    let owner = current;
    while (owner !== null && storage.number <= owner.after) owner = owner.parent;
    if (owner !== null) owner.owned.push(storage);
    else {
      cached += block.bytes;
      cache.add(block);
    }
  }
  pinned.push(block);
  return block;
}

/**
 * The elements to be read at once: where JS memory does not have them, in place on the heap, which
 * must not grow meanwhile.
 */
export function peek(storage: Storage): TypedArray {
  const here = storage.host === null && storage.device?.live;
  return (here ? (storage.device as Block).view() : null) ?? storage.read();
}

/** The op is done with its inputs. */
export function unpin(): void {
  if (pinned.length > 0) pinned = [];
  trim(share * CACHE_BYTES);
}

/**
 * Bytes of the backend's heap in use: in all, and of these as a cache, in how many blocks. For tests
 * and diagnosis.
 */
export function memory(): { used: number; cached: number; blocks: number } {
  return { used, cached, blocks: cache.size };
}
