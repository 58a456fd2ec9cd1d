import type { BatchInfo, Callback, EpochInfo } from "./types.js";

/** The functions that are told of batches, and of epochs. */
export function listenersOf<P, M extends string>(callbacks: readonly Callback<P, M>[]) {
  const onBatch: ((info: BatchInfo<P, M>) => unknown)[] = [];
  const onEpoch: ((info: EpochInfo<P, M>) => unknown)[] = [];
  for (const callback of callbacks) {
    const own = typeof callback === "function" ? { onEpoch: callback } : callback;
    if (own.onBatch !== undefined) onBatch.push(own.onBatch.bind(own));
    if (own.onEpoch !== undefined) onEpoch.push(own.onEpoch.bind(own));
  }
  return { onBatch, onEpoch };
}

/** Tells each of them, one after the other; whether none ends the training. */
export async function heard<I>(
  listeners: readonly ((info: I) => unknown)[],
  info: I,
): Promise<boolean> {
  let goOn = true;
  for (const listener of listeners) {
    if ((await listener(info)) === false) goOn = false;
  }
  return goOn;
}
