import type { Clock, Question } from "./player.js";
import type { Peer, Side } from "./side.js";

// The process of one peer, named on the command line: it answers the questions of its player.

const peer: Peer = await import(`./peers/${process.argv[2]}.js`);
let side: Side | null = null;

process.on("message", async (question: Question) => {
  try {
    process.send?.({ answer: await answer(question) });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.on("disconnect", () => process.exit());

async function answer(question: Question): Promise<unknown> {
  switch (question.ask) {
    case "start":
      await peer.start();
      return Object.keys(peer.sides);
    case "open":
      side?.close?.();
      side = peer.sides[question.workload]?.(question.inputs as never) ?? null;
      return null;
    case "time":
      return time(question.repeats, question.clock);
    case "results":
      return side?.results();
  }
}

/** Nanoseconds of all repeats. */
async function time(repeats: number, clock: Clock): Promise<number> {
  const { step } = side as Side;
  const used = process.cpuUsage();
  const start = process.hrtime.bigint();
  for (let i = 0; i < repeats; i++) {
    const under = step();
    if (under !== undefined) await under;
  }
  if (clock === "wall") return Number(process.hrtime.bigint() - start);
  const { user, system } = process.cpuUsage(used);
  return 1000 * Math.max(1, user + system);
}
