import type { Player } from "./player.js";
import type { Inputs, Results } from "./side.js";

/** How far apart the results of two peers may lie, relative to their size (norm by norm). */
const TOLERANCE = 1e-4;

/**
 * Runs some steps of every player and compares the results with those of the first. A result with
 * the name of an input is compared by how far it has moved from there; what a training step does
 * would else hide behind the size of the parameters.
 */
export async function requireAgreement(
  players: readonly Player[],
  inputs: Inputs,
  steps: number,
): Promise<void> {
  let first: Results | null = null;
  for (const player of players) {
    await player.time(steps);
    const results = await player.results();
    first ??= results;
    for (const name of new Set([...Object.keys(first), ...Object.keys(results)])) {
      const difference = apart(first[name], results[name], inputs[name]?.data);
      if (difference <= TOLERANCE) continue;
      throw new Error(
        `after ${steps} step(s), ${name} of ${players[0]?.name} and of ${player.name} differ by ` +
          `${difference.toExponential(1)} of its size; at most ${TOLERANCE} was wanted`,
      );
    }
  }
}

/** ‖a − b‖ / ‖b − start‖ */
function apart(a?: Float32Array, b?: Float32Array, start?: Float32Array): number {
  if (a === undefined || a.length !== b?.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    size += ((b[i] as number) - (start?.[i] ?? 0)) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}
