import type { TypedArray } from "../tensor/dtype.js";
import { OutOfMemoryError } from "../tensor/errors.js";
import { Storage } from "../tensor/storage.js";
import { storageOf, type Tensor } from "../tensor/tensor.js";

/*
 * Memory is nobody's argument. Four rules move elements between JS memory, which V8 collects by
 * itself, and the backend's memory, which nobody collects:
 *
 * 1. What an op makes belongs to the innermost open scope, and is freed when that ends.
 * 2. What outlives the outermost scope stays where it is, as do copies of what JS memory has: both
 *    are cached. When the cache is full, the oldest that was not used since leaves, and is copied to
 *    JS memory if it is not there.
 * 3. An op outside every scope is a scope of its own.
 * 4. A scope that ends while a tape of an outer transform records passes all it has outwards.
 */

/** Where elements lie while ops run. */
export interface Device {
  /** Room for the elements, not yet written. */
  place(storage: Storage, bytes: number): void;
  write(storage: Storage, data: TypedArray): void;
  /** A copy of the elements in JS memory. */
  read(storage: Storage): TypedArray;
  /** The elements where they lie, until the next op. */
  look(storage: Storage): TypedArray;
  /** Whether all elements are the same number. */
  uniform(storage: Storage): boolean;
  /** Leaves a copy of the elements in JS memory. */
  settle(storage: Storage): void;
  free(storage: Storage): void;
  /** Writes the elements of a transpose, which lie in its base, in their own order. */
  transpose(storage: Storage, to: number): void;
  /** Gives back room that is kept for later. */
  shrink(): void;
}

let device: Device;

export function useDevice(chosen: Device): void {
  device = chosen;
  Storage.download = (storage) => device.read(storage);
}

/** How many bytes the cache may hold. */
const CACHE_BYTES = 256 * 2 ** 20;
/** What is larger leaves little room in it for others. */
export const LARGE = CACHE_BYTES / 4;
/** And in how many pieces. */
const CACHE_COUNT = 1024;
/**
 * The part of both that is made use of: in a small cache, blocks that are used again are still near
 * the processor. It doubles when a value is wanted that had to leave.
 */
let share = 1 / 16;

interface Scope {
  readonly parent: Scope | null;
  readonly owned: Storage[];
}

let current: Scope | null = null;
let used = 0;
let cached = 0;
let cachedCount = 0;
/** In the order of leaving; some have left meanwhile. */
let queue: (Storage | undefined)[] = [];
let head = 0;
/** Ops run so far. */
let now = 1;

/** How many tapes record. They may have saved any value, so scopes that end meanwhile free none. */
let recording = 0;

/** How many interpreters run ops now, one within the other: tapes among others. */
let depth = 0;

/** Runs `body`, in which one more interpreter runs ops, and tells it how many do. */
export function whileTracing<T>(body: (depth: number) => T): T {
  depth++;
  try {
    return body(depth);
  } finally {
    depth--;
  }
}

/** The same where it records on a tape. */
export function whileRecording<T>(body: (depth: number) => T): T {
  recording++;
  try {
    return whileTracing(body);
  } finally {
    recording--;
  }
}

/** Runs `body` in a scope: what `keep` names of its result lives on, the rest is freed. */
export function scoped<T>(body: () => T, keep: (result: T) => readonly Tensor[]): T {
  const scope: Scope = { parent: current, owned: [] };
  current = scope;
  const kept: Storage[] = [];
  try {
    const result = body();
    for (const x of keep(result)) {
      const storage = storageOf(x);
      flatten("keep", storage); // what it is the transpose of may be freed now
      storage.kept = true;
      kept.push(storage);
    }
    return result;
  } finally {
    current = scope.parent;
    const all = recording > 0;
    for (const storage of scope.owned) {
      if (!all && !storage.kept) drop(storage);
      else if (current !== null) current.owned.push(storage);
      else cache(storage);
    }
    for (const storage of kept) storage.kept = false;
    trim();
  }
}

function drop(storage: Storage): void {
  if (storage.cached) uncache(storage);
  if (storage.base !== null) {
    storage.base = null;
    storage.at = 0;
  } else if (storage.placed) {
    used -= storage.bytes;
    device.free(storage);
  }
}

/** Rule 2. */
function cache(storage: Storage): void {
  if (storage.cached || storage.base !== null || !storage.placed) return;
  storage.cached = true;
  storage.spared = now;
  cached += storage.bytes;
  cachedCount++;
  queue.push(storage);
}

function uncache(storage: Storage): void {
  storage.cached = false;
  cached -= storage.bytes;
  cachedCount--;
}

/**
 * Has the oldest leave until the cache holds no more than `part` of what it may. What was used since
 * it was last passed over is passed over once more.
 */
function trim(part = share): void {
  let chances = cachedCount;
  while (cached > part * CACHE_BYTES || cachedCount > part * CACHE_COUNT) {
    if (head === queue.length) break;
    const storage = queue[head];
    queue[head++] = undefined; // what has left can be collected
    if (!storage?.cached) continue;
    if (storage.used > storage.spared && chances-- > 0) {
      storage.spared = now;
      queue.push(storage);
      continue;
    }
    if (!storage.settled) device.settle(storage);
    drop(storage);
  }
  if (queue.length > 1024 && queue.length > 4 * cachedCount) {
    queue = queue.filter((storage) => storage?.cached);
    head = 0;
  }
}

/** An op begins. */
export function tick(): void {
  now++;
}

/** Room on the device for the elements of `storage`, for the op `what` to fill. */
export function place(what: string, storage: Storage): void {
  const { bytes } = storage;
  try {
    device.place(storage, bytes);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    evict();
    try {
      device.place(storage, bytes);
    } catch (again) {
      throw again instanceof OutOfMemoryError ? outOfMemory(what, bytes) : again;
    }
  }
  used += bytes;
}

/** Empties the cache, but for what the op under way reads. */
export function evict(): void {
  for (const storage of queue.splice(head)) {
    if (!storage?.cached) continue;
    if (storage.used === now) queue.push(storage);
    else {
      if (!storage.settled) device.settle(storage);
      drop(storage);
    }
  }
  device.shrink();
}

function outOfMemory(what: string, bytes: number): OutOfMemoryError {
  const mb = (n: number): string => `${Math.ceil(n / 2 ** 20)} MB`;
  return new OutOfMemoryError(
    `${what}: out of memory; ${mb(bytes)} more are needed and ${mb(used)} of the backend's memory ` +
      "are in use. Smaller batches, or tidy(() => …) around parts whose intermediate values are " +
      "not needed later, use less",
  );
}

/** A value that an op has just filled is now kept for whom it belongs to (rules 1 and 3). */
export function adopt(storage: Storage): void {
  storage.born = now;
  if (current !== null) current.owned.push(storage);
  else {
    cache(storage);
    trim();
  }
}

/** Elements that came from elsewhere to the backend's memory are in use. */
export function hold(storage: Storage): void {
  used += storage.bytes;
  adopt(storage);
}

/** The ops so far: what is made from here on was born later. */
export function moment(): number {
  return now;
}

/** Whether a tape records, which may have saved any value. */
export function isRecording(): boolean {
  return recording > 0;
}

/** Nobody will ask for these any more, unless they are among `others`. */
export function release(tensors: readonly Tensor[], others: readonly Tensor[]): void {
  if (recording > 0 || tensors.length === 0) return; // rule 4
  const stay = others.map(storageOf);
  for (const storage of stay) storage.kept = true;
  for (const x of tensors) {
    const storage = storageOf(x);
    if (!storage.kept) drop(storage);
  }
  for (const storage of stay) storage.kept = false;
}

/** Outside every scope, keeps the cache within its bounds after what is no op. */
export function settle(): void {
  if (current === null) trim();
}

/** What an op was to fill before it failed, or needed on the way, is given back. */
export function discard(storage: Storage): void {
  drop(storage);
  settle();
}

/** Brings the elements to the device, if need be, for the op `what` to read. */
export function lift(what: string, storage: Storage): void {
  storage.used = now;
  if (storage.base !== null) {
    lift(what, storage.base);
    storage.at = storage.base.at;
  } else if (!storage.placed) {
    const host = storage.read();
    if (storage.spared > 0) share = Math.min(1, 2 * share); // it was cached before
    place(what, storage);
    device.write(storage, host);
    cache(storage);
  }
}

/** The elements, not to be kept: those of a transpose in the order of its base. */
export function look(storage: Storage): TypedArray {
  if (storage.settled || !storage.placed) return storage.read();
  return storage.base === null ? device.look(storage) : look(storage.base);
}

/** The number that all elements are, or null. */
export function uniformOf(storage: Storage): number | null {
  if (storage.length === 0) return null;
  if (storage.base !== null && !storage.settled) return uniformOf(storage.base);
  const data = look(storage);
  const first = data[0] as number;
  const last = data[data.length - 1];
  if (first !== last || first !== data[1 % data.length]) return null;
  const same = storage.placed
    ? device.uniform(storage)
    : data.every((value: number) => value === first);
  return same ? first : null;
}

/** The transpose of matrices, which stay where they are until a kernel needs it otherwise. */
export function transposeOf(base: Storage, rows: number, columns: number): Storage {
  const storage = new Storage(base.dtype, base.length, null);
  storage.base = base;
  storage.rows = rows;
  storage.columns = columns;
  storage.born = now;
  if (current !== null) current.owned.push(storage);
  return storage;
}

/** Gives a transpose elements of its own, for the op `what` to read. */
export function flatten(what: string, storage: Storage): void {
  const { base } = storage;
  if (base === null) return;
  if (!storage.settled) {
    lift(what, storage);
    const moved = new Storage(storage.dtype, storage.length, null);
    place(what, moved);
    device.transpose(storage, moved.at);
    storage.at = moved.at;
    storage.base = null;
    cache(storage);
  } else {
    storage.at = 0;
    storage.base = null;
  }
}

/**
 * Bytes of the backend's memory in use: in all, and of these as a cache, in how many pieces. For
 * tests and diagnosis.
 */
export function memory(): { used: number; cached: number; blocks: number } {
  return { used, cached, blocks: cachedCount };
}
