import type { Player } from "./player.js";
import type { Inputs, Numbers, Results } from "./side.js";

/** How far apart float32 results of two peers may lie, relative to their size (norm by norm). */
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
      const both = [first[name], results[name]] as const;
      const difference = apart(...both, inputs[name]?.data);
      const double = both.every((result) => result instanceof Float64Array);
      const tolerance = double ? player.exact : TOLERANCE;
      if (difference <= tolerance) continue;
      throw new Error(
        `after ${steps} step(s), ${name} of ${players[0]?.name} and of ${player.name} differ by ` +
          `${difference.toExponential(1)} of its size; at most ${tolerance} was wanted`,
      );
    }
  }
}

/** ‖a − b‖ / ‖b − start‖ */
function apart(a?: Numbers, b?: Numbers, start?: Numbers): number {
  if (a === undefined || a.length !== b?.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    size += ((b[i] as number) - (start?.[i] ?? 0)) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}
