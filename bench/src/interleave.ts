import type { Player } from "./player.js";
import { type Summary, summary } from "./statistics.js";

/** A turn runs as many steps as fill this time, in nanoseconds, and at least one. */
const TURN = 25e6;
/** Everyone runs so long before being timed: the compiler has then seen what is hot. */
const WARM_UP = 1500e6;
/** Not fewer rounds than this, however long they take. */
const ROUNDS = 9;
/** A peer that needs longer than this for one step plays a third of the rounds. */
const SLOW = 1e9;

export interface Timing {
  /** Microseconds a step. */
  readonly step: Summary;
  /** How many times as long as the first player's its step takes: from the pairs of a round. */
  readonly ratio: Summary;
  readonly rounds: number;
}

interface Seat {
  readonly player: Player;
  /** Steps in a turn. */
  readonly repeats: number;
  /** Sits out all rounds but each third, where this is 3. */
  readonly every: number;
  /** Microseconds a step, by turn, and how many times the first player's. */
  readonly times: number[];
  readonly ratios: number[];
}

/**
 * Lets the players take turns, in rounds, for `seconds` seconds: what slows the machine for a while
 * slows them all. Every other round runs backwards, so that nobody always follows the same.
 */
export async function interleave(
  players: readonly Player[],
  seconds: number,
): Promise<readonly Timing[]> {
  const seats: Seat[] = [];
  for (const player of players) {
    const { repeats, step } = await warmUp(player);
    const every = seats.length > 0 && step > SLOW ? 3 : 1;
    seats.push({ player, repeats, every, times: [], ratios: [] });
  }
  const own = seats[0]?.times ?? [];
  const end = performance.now() + 1000 * seconds;
  for (let round = 0; round < ROUNDS || performance.now() < end; round++) {
    const playing = seats.filter(({ every }) => round % every === 0);
    for (const { player, repeats, times } of round % 2 === 0 ? playing : playing.toReversed()) {
      times.push((await player.time(repeats)) / repeats / 1000);
    }
    const first = own[round] as number;
    for (const { times, ratios } of playing) ratios.push((times.at(-1) as number) / first);
  }
  return seats.map(({ times, ratios }) => ({
    step: summary(times),
    ratio: summary(ratios),
    rounds: times.length,
  }));
}

/** How many steps fill a turn, found while the player warms up, and nanoseconds a step. */
async function warmUp(player: Player): Promise<{ repeats: number; step: number }> {
  let repeats = 1;
  let step = 0;
  for (let spent = 0; spent < WARM_UP; ) {
    const took = await player.time(repeats);
    spent += took;
    step = took / repeats;
    repeats = Math.max(1, Math.min(4 * repeats, Math.round(TURN / step)));
  }
  return { repeats, step };
}
