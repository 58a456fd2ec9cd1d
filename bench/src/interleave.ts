import type { Player } from "./player.js";
import { type Summary, summary } from "./statistics.js";

/** A turn runs as many steps as fill this time, in nanoseconds, and at least one. */
const TURN = 25e6;
/** Everyone runs so long before being timed: the compiler has then seen what is hot. */
const WARM_UP = 700e6;
/** Not fewer rounds than this, however long they take. */
const ROUNDS = 9;

export interface Timing {
  /** Microseconds a step. */
  readonly step: Summary;
  /** How many times as long as the first player's its step takes: from the pairs of a round. */
  readonly ratio: Summary;
}

/**
 * Lets the players take turns, in rounds, for `seconds` seconds: what slows the machine for a while
 * slows them all. Every other round runs backwards, so that nobody always follows the same.
 */
export async function interleave(
  players: readonly Player[],
  seconds: number,
): Promise<{ readonly rounds: number; readonly timings: readonly Timing[] }> {
  const seats = [];
  for (const player of players) {
    seats.push({ player, repeats: await warmUp(player), times: [] as number[] });
  }
  const end = performance.now() + 1000 * seconds;
  let rounds = 0;
  for (; rounds < ROUNDS || performance.now() < end; rounds++) {
    for (const { player, repeats, times } of rounds % 2 === 0 ? seats : seats.toReversed()) {
      times.push((await player.time(repeats)) / repeats / 1000);
    }
  }
  const own = seats[0]?.times ?? [];
  const timings = seats.map(({ times }) => ({
    step: summary(times),
    ratio: summary(times.map((time, round) => time / (own[round] as number))),
  }));
  return { rounds, timings };
}

/** How many steps fill a turn, found while the player warms up. */
async function warmUp(player: Player): Promise<number> {
  let repeats = 1;
  for (let spent = 0; spent < WARM_UP; ) {
    const took = await player.time(repeats);
    spent += took;
    repeats = Math.max(1, Math.min(4 * repeats, Math.round((TURN / took) * repeats)));
  }
  return repeats;
}
